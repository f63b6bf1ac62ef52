//! Who makes blocks for nothing and abandons them again: the mempool stays within its
//! bound, and yet nothing is lost.

use std::collections::BTreeSet;

use chain_wasm::chain::mempool::{MAX_BYTES, MAX_HELD_BYTES};
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, MAX_DATA, MAX_TRANSACTION, Transaction};
use chain_wasm::chain::{Chain, genesis_hash};
use chain_wasm::node::Input;
use chain_wasm::primitives::{Hash, Keypair, UnixMillis};
use chain_wasm::wire::Message;

use super::stranger::{
    blocks_of, extend, node_chain, open_chain, sealed_block, status_of, stranger, tell,
};
use super::world::World;

const ROOM: &str = "reorganiser";

/// As many entries of the greatest size as fit in a block.
const IN_A_BLOCK: u8 = 15;

/// Blocks full of such entries, more than the mempool takes back; and the entries.
fn full_blocks() -> (Vec<Vec<u8>>, BTreeSet<Hash>) {
    let mut chain = Chain::new(Spec::open(ROOM).unwrap());
    let author = Keypair::from_seed([77; 32]);
    let (mut blocks, mut ids) = (Vec::new(), BTreeSet::new());
    let mut bytes = 0;
    while bytes < MAX_HELD_BYTES + MAX_BYTES {
        for n in 0..IN_A_BLOCK {
            let height = u64::from(chain.height());
            let body = Body::Data { media_type: "x/y".to_owned(), bytes: vec![n; MAX_DATA] };
            let content = Content {
                chain: genesis_hash(chain.spec()),
                author: author.public(),
                timestamp: UnixMillis(height),
                salt: [n; 16],
                body,
            };
            let entry = Transaction::sign(content, &author);
            ids.insert(entry.id());
            chain.insert_transaction(entry).unwrap();
        }
        let block = sealed_block(&mut chain, 77);
        extend(&mut chain, &block);
        blocks.push(block.encode());
        bytes += usize::from(IN_A_BLOCK) * MAX_DATA;
    }
    (blocks, ids)
}

fn waiting_bytes(world: &World) -> usize {
    node_chain(world, 0).mempool().bytes()
}

#[test]
fn blocks_that_are_made_and_abandoned_for_nothing_neither_flood_the_mempool_nor_lose_an_entry() {
    let (full, ids) = full_blocks();
    let longer = open_chain(ROOM, 3, u32::try_from(full.len()).unwrap() + 1);
    let mut world = World::new(1, Spec::open(ROOM).unwrap(), 5);
    world.strangers.insert(stranger(), Vec::new());
    let nothing = Chain::new(Spec::open(ROOM).unwrap());
    world.input(0, Input::PeerJoined { peer: stranger(), status: status_of(&nothing) });
    for block in &full {
        tell(&mut world, 0, &Message::Block { block: block.clone() });
    }
    world.run(5_000);
    assert_eq!(node_chain(&world, 0).ledger().entry_count(), ids.len());
    for block in blocks_of(&longer) {
        tell(&mut world, 0, &Message::Block { block });
    }
    let mut most = 0;
    world.run_until(10_000, "reorganised", |world| node_chain(world, 0).is_main(&longer.tip()));
    world.add_entry(0, "mine");
    // Others' entries are sealed at leisure: a block every two seconds or so.
    for _ in 0..1_200 {
        most = most.max(waiting_bytes(&world));
        world.run(500);
    }
    assert!(most > MAX_HELD_BYTES - MAX_TRANSACTION, "{most}: the bound is not reached");
    assert!(most <= MAX_HELD_BYTES + MAX_TRANSACTION, "{most}");
    let ledger = node_chain(&world, 0).ledger();
    let lost = ids.iter().filter(|id| ledger.height_of(id).is_none()).count();
    assert_eq!(lost, 0, "all are in the chain again");
    world.settle_and_check(10_000);
    assert_eq!(world.accepted.len(), 1);
    world.check_nobody_blamed();
}
