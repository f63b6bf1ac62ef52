//! What is in the store after anything that may happen to it.

use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::Body;
use chain_wasm::node::Input;
use chain_wasm::primitives::Keypair;
use chain_wasm::wire::{Message, Status};

use crate::forgery::signed;
use crate::stranger::{
    blocks_of, chain_of, entry, extend, next_block, node_chain, open_chain, restored, sealed_block,
    stranger, sync_from_stranger, tell,
};
use crate::world::World;

#[test]
fn regression_thousands_of_blocks_above_a_damaged_one_come_back_at_once() {
    let chain = open_chain("damage", 2, 3_000);
    let mut blocks = blocks_of(&chain);
    blocks.remove(0);
    let heal = move || {
        let mut world = World::new(1, Spec::open("damage").unwrap(), 1);
        world.crash(0);
        world.start_with(0, restored(blocks));
        world.join(0, 0);
        assert_eq!(node_chain(&world, 0).height(), 0);
        sync_from_stranger(&mut world, 0, &chain);
        assert_eq!(node_chain(&world, 0).tip(), chain.tip());
    };
    // A browser gives a worker no more stack than this.
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(heal);
    thread.unwrap().join().unwrap();
}

#[test]
fn regression_what_failed_to_be_stored_does_not_undo_what_was_stored_after_it() {
    let mut world = World::new(1, World::work_spec(), 1);
    world.tabs[0].seals = false;
    world.strangers.insert(stranger(), Vec::new());
    let genesis = node_chain(&world, 0).id();
    let status = Status::new(stranger(), genesis, 0, 0).encode();
    world.input(0, Input::PeerJoined { peer: stranger(), status });
    world.add_entry(0, "to be kept");
    world.run(1_000);
    let id = *world.accepted.first().unwrap();
    world.tabs[0].disk_full = true;
    // A block takes the entry in, and two others put it back: two batches, of which the
    // first one fails.
    let block = sealed_block(&mut node_chain(&world, 0).clone(), 8);
    tell(&mut world, 0, &Message::Block { block: block.encode() });
    assert!(node_chain(&world, 0).ledger().height_of(&id).is_some());
    for block in blocks_of(&chain_of(World::work_spec(), 9, 2)) {
        tell(&mut world, 0, &Message::Block { block });
    }
    assert!(node_chain(&world, 0).mempool().get(&id).is_some());
    world.run(1_000);
    assert!(world.tabs[0].store.is_volatile());
    assert!(world.tabs[0].store.has_transaction(&id));
}

/// The seed of tab 0's wallet.
const AUTHOR: u8 = 1;

#[test]
fn regression_own_entries_of_a_lost_branch_wait_again_however_many() {
    // As after a crash just when another branch had won: what was returned is not stored
    // yet, and it is more than an author may add at a time.
    let mut mine = open_chain("many", AUTHOR, 1);
    for block in 0..2 {
        for n in 0..600 {
            let entry = entry(&mine, AUTHOR, &format!("entry {n} of block {block}"));
            mine.insert_transaction(entry).unwrap();
        }
        let block = sealed_block(&mut mine, AUTHOR);
        extend(&mut mine, &block);
    }
    // Theirs is the better one at each height, by its small hashes.
    let mut theirs = open_chain("many", 2, 0);
    for _ in 0..4 {
        let mut block = next_block(&theirs, 2);
        while block.header.hash().as_bytes()[0] != 0 {
            block.header.nonce += 1;
        }
        extend(&mut theirs, &block);
    }
    let mut world = World::new(1, Spec::open("many").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored([blocks_of(&theirs), blocks_of(&mine)].concat()));
    assert!(node_chain(&world, 0).is_main(&theirs.tip()));
    world.join(0, 0);
    world.settle_and_check(60_000);
    assert_eq!(node_chain(&world, 0).ledger().entry_count(), 1_201 + 4);
}

#[test]
fn regression_own_entries_of_a_damaged_block_wait_again() {
    let chain = open_chain("damaged", AUTHOR, 3);
    let mut blocks = blocks_of(&chain);
    // The Merkle root: two bytes of array, two of the header's length, then the header.
    blocks[2][3 + 1 + 4 + 32] ^= 1;
    let mut world = World::new(1, Spec::open("damaged").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored(blocks));
    world.join(0, 0);
    world.settle_and_check(60_000);
    assert_eq!(node_chain(&world, 0).ledger().entry_count(), 3);
}

#[test]
fn regression_transfers_above_a_damaged_block_wait_again() {
    // Seed 9 of 4 nodes: own data did, transfers did not.
    let mut chain = open_chain("transfers", AUTHOR, 2);
    let author = Keypair::from_seed([AUTHOR; 32]);
    // It takes coins of the block that is damaged.
    let body = Body::Transfer { to: stranger(), amount: 60 };
    chain.insert_transaction(signed(chain.id(), &author, 0, body)).unwrap();
    let block = sealed_block(&mut chain, AUTHOR);
    extend(&mut chain, &block);
    let id = block.entries().next().unwrap().id();
    let mut blocks = blocks_of(&chain);
    // The header of the second one is whole.
    let last = blocks[1].len() - 1;
    blocks[1][last] ^= 1;
    let mut world = World::new(1, Spec::open("transfers").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored(blocks));
    assert!(node_chain(&world, 0).mempool().get(&id).is_some());
}

#[test]
fn regression_transfers_of_a_damaged_block_wait_again() {
    // Seeds 174, 1406 and 1410 of 5 nodes: own data did, transfers did not.
    let mut chain = open_chain("damaged", AUTHOR, 2);
    let author = Keypair::from_seed([AUTHOR; 32]);
    let own = signed(chain.id(), &author, 0, Body::Transfer { to: stranger(), amount: 60 });
    let foreign = entry(&chain, 2, "of another");
    let ids = [own.id(), foreign.id()];
    chain.insert_transaction(own).unwrap();
    chain.insert_transaction(foreign).unwrap();
    let block = sealed_block(&mut chain, AUTHOR);
    extend(&mut chain, &block);
    let mut blocks = blocks_of(&chain);
    // The Merkle root.
    blocks[2][3 + 1 + 4 + 32] ^= 1;
    let mut world = World::new(1, Spec::open("damaged").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored(blocks));
    world.join(0, 0);
    world.settle_and_check(60_000);
    for id in ids {
        assert!(node_chain(&world, 0).ledger().height_of(&id).is_some());
    }
}
