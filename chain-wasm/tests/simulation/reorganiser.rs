//! Who makes blocks for nothing and abandons them again: the mempool stays within its
//! bound, and yet nothing is lost.

use std::collections::BTreeSet;

use chain_wasm::chain::Chain;
use chain_wasm::chain::mempool::{MAX_BYTES, MAX_HELD_BYTES};
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, MAX_DATA, MAX_TRANSACTION, Transaction};
use chain_wasm::node::Input;
use chain_wasm::primitives::{Hash, Keypair, UnixMillis};
use chain_wasm::wire::Message;

use super::stranger::{extend, next_block, node_chain, sealed_block, status_of, stranger, tell};
use super::world::World;

const ROOM: &str = "reorganiser";

/// As many entries of the greatest size as fit in a block.
const IN_A_BLOCK: u8 = 15;

/// Blocks in which such entries come, at a time: all fit in memory.
const BLOCKS: u32 = 70;

/// Puts blocks full of such entries on a chain; gives them, and notes the entries.
fn full_blocks(chain: &mut Chain, ids: &mut BTreeSet<Hash>) -> Vec<Vec<u8>> {
    let author = Keypair::from_seed([77; 32]);
    let mut blocks = Vec::new();
    for _ in 0..BLOCKS {
        for n in 0..IN_A_BLOCK {
            let body = Body::Data { media_type: "x/y".to_owned(), bytes: vec![n; MAX_DATA] };
            let content = Content {
                chain: chain.id(),
                author: author.public(),
                timestamp: UnixMillis(chain.height().into()),
                salt: [n; 16],
                body,
            };
            let entry = Transaction::sign(content, &author);
            ids.insert(entry.id());
            chain.insert_transaction(entry).unwrap();
        }
        let block = sealed_block(chain, 77);
        extend(chain, &block);
        blocks.push(block.encode());
    }
    blocks
}

fn waiting_bytes(world: &World) -> usize {
    node_chain(world, 0).mempool().bytes()
}

#[test]
fn blocks_that_are_made_and_abandoned_for_nothing_neither_flood_the_mempool_nor_lose_an_entry() {
    let mut ids = BTreeSet::new();
    let mut world = World::new(1, Spec::open(ROOM).unwrap(), 5);
    world.strangers.insert(stranger(), Vec::new());
    let mut base = Chain::new(Spec::open(ROOM).unwrap());
    world.input(0, Input::PeerJoined { peer: stranger(), status: status_of(&base) });
    let mut most = 0;
    while ids.len() * MAX_DATA < MAX_HELD_BYTES + MAX_BYTES {
        // The store has taken what came back: nothing that is announced is left for later.
        world.run(3_000);
        for block in full_blocks(&mut base.clone(), &mut ids) {
            tell(&mut world, 0, &Message::Block { block });
            // No faster than the store.
            world.run(20);
        }
        let ledger = node_chain(&world, 0).ledger();
        let chained = ids.iter().filter(|id| ledger.height_of(id).is_some()).count();
        assert!(chained >= usize::from(IN_A_BLOCK) * BLOCKS as usize, "{chained}");
        for _ in 0..=BLOCKS {
            let block = next_block(&base, 3);
            extend(&mut base, &block);
            tell(&mut world, 0, &Message::Block { block: block.encode() });
        }
        let tip = base.tip();
        world.run_until(10_000, "reorganised", |world| node_chain(world, 0).is_main(&tip));
        most = most.max(waiting_bytes(&world));
    }
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
