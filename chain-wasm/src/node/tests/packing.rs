//! Blocks that are held back for their packs.

use std::sync::Arc;

use super::*;
use crate::chain::Body;
use crate::chain::block::Block;
use crate::chain::pack::PackLimits;
use crate::node::Change;
use crate::node::limits::{MAX_PACKING, MAX_UNSTORED, UNSTORED};
use crate::primitives::Hash;

/// A node that knows of some headers, and a block far below the best of them.
fn behind() -> (Bench, Block) {
    let mut bench = Bench::new(Spec::open("packing").unwrap());
    bench.node = bench.node.with_packs(PackLimits { blocks: 2, bytes: 1_000, depth: 2 });
    let mut first = None;
    for _ in 0..4 {
        let best = bench.node.chain.tree().best_header().hash.0;
        let mut tree = bench.node.chain.tree().clone();
        let context = tree.context(best).unwrap();
        let spec = bench.node.chain.spec().clone();
        let header = context.template(&spec, Hash::ZERO, UnixMillis(EPOCH));
        bench.node.chain.insert_header(&header, UnixMillis(EPOCH)).unwrap();
        first.get_or_insert(Block { header, transactions: Vec::new() });
    }
    (bench, first.unwrap())
}

fn hold(bench: &mut Bench, block: &Block, n: u8, size: usize) -> bool {
    let body = Arc::new(Body { block: block.clone(), bytes: vec![n; size] });
    bench.node.hold_back(Hash::of(&[n]), &body)
}

fn stored(bench: &mut Bench) -> usize {
    let batches = bench.taken(|output| match output {
        Output::Store { changes, .. } => Some(changes),
        _ => None,
    });
    let puts = |change: &&Change| matches!(change, Change::PutBlock { .. });
    batches.iter().flatten().filter(puts).count()
}

#[test]
fn no_more_is_held_back_than_the_bound() {
    let (mut bench, block) = behind();
    let half = MAX_UNSTORED / 2;
    assert!(hold(&mut bench, &block, 1, half));
    assert!(hold(&mut bench, &block, 1, half), "the same one takes no more room");
    assert!(hold(&mut bench, &block, 2, half));
    assert!(!hold(&mut bench, &block, 3, 1));
    bench.node.delete_blocks(vec![Hash::of(&[1])]);
    assert!(hold(&mut bench, &block, 3, 1));
}

#[test]
fn what_lingers_is_stored_by_itself() {
    let (mut bench, block) = behind();
    assert!(hold(&mut bench, &block, 1, 100));
    assert_eq!(bench.node.unstored_block(&Hash::of(&[1])), Some(vec![1; 100]));
    bench.run(UNSTORED);
    assert_eq!(stored(&mut bench), 1);
    bench.run(UNSTORED * 3);
    assert_eq!(stored(&mut bench), 0, "once");
}

#[test]
fn a_batch_that_drops_a_transaction_stores_what_is_held_back() {
    let (mut bench, block) = behind();
    assert!(hold(&mut bench, &block, 1, 100));
    bench.taken(Some);
    bench.node.storing.push(Change::DeleteTransaction { id: Hash::ZERO });
    bench.input(Input::Wakeup);
    let batches = bench.taken(|output| match output {
        Output::Store { changes, .. } => Some(changes),
        _ => None,
    });
    // The block first: a store that is not as good as its word keeps a batch's beginning.
    let [batch] = batches.as_slice() else { panic!("{batches:?}") };
    let [Change::PutBlock { .. }, Change::DeleteTransaction { .. }] = batch.as_slice() else {
        panic!("{batch:?}")
    };
}

#[test]
fn nothing_is_held_back_near_the_tip_or_in_memory() {
    let (mut bench, mut block) = behind();
    block.header.height = 3;
    assert!(!hold(&mut bench, &block, 1, 100));
    block.header.height = 1;
    let reason = crate::api::StorageReason::Full;
    assert!(hold(&mut bench, &block, 1, 100));
    bench.stores = false;
    bench.add("an entry");
    bench.input(Input::StorageFailed { store: 0, reason });
    assert_eq!(stored(&mut bench), 1, "it goes to memory with all else");
    assert!(!hold(&mut bench, &block, 2, 100));
}

/// Whether the node asked somebody for blocks since this was last asked.
fn asks(bench: &mut Bench) -> bool {
    let sent = bench.taken(|output| match output {
        Output::Send { bytes, .. } => Message::decode(&bytes).ok(),
        _ => None,
    });
    sent.iter().any(|message| matches!(message, Message::GetBlocks { .. }))
}

#[test]
fn no_more_blocks_are_asked_for_while_packs_wait_for_the_store() {
    let (mut bench, block) = behind();
    bench.stores = false;
    assert!(hold(&mut bench, &block, 1, MAX_UNSTORED / 2));
    bench.add("on its way to the store");
    let best = bench.node.chain.tree().best_header();
    let status = Status::new(peer(1), best.hash.0, 4, best.work).encode();
    bench.input(Input::PeerJoined { peer: peer(1), status });
    assert!(!asks(&mut bench));
    bench.input(Input::Stored { store: 0 });
    assert!(asks(&mut bench));
}

#[test]
fn what_lingers_is_not_stored_by_itself_while_packs_wait_for_the_store() {
    let (mut bench, block) = behind();
    bench.stores = false;
    let bytes = vec![0; MAX_PACKING];
    bench.node.storing.push(Change::PutBlock { hash: Hash::ZERO, bytes });
    bench.input(Input::Wakeup);
    assert_eq!(stored(&mut bench), 1);
    assert!(hold(&mut bench, &block, 1, 100));
    bench.run(UNSTORED * 3);
    assert_eq!(stored(&mut bench), 0);
    bench.input(Input::Stored { store: 0 });
    bench.run(UNSTORED * 2);
    assert_eq!(stored(&mut bench), 1);
}
