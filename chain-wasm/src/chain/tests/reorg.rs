//! What a reorganisation does to entries: none is lost, none counts twice.

use super::forge::{Forge, adopt, give, hashes, keypair, open_spec, public, settle};
use crate::chain::block::Block;
use crate::chain::transaction::Transaction;
use crate::chain::{Chain, TipMove};
use crate::primitives::Hash;

fn ids(entries: &[Transaction]) -> Vec<Hash> {
    entries.iter().map(Transaction::id).collect()
}

fn waiting(chain: &Chain) -> Vec<Hash> {
    chain.mempool().iter().map(|waiting| waiting.transaction.id()).collect()
}

/// Blocks on `parent`, one for each list of entries.
fn branch(forge: &mut Forge, parent: Hash, miner: u8, entries: &[&[Transaction]]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    for list in entries {
        let parent = blocks.last().map_or(parent, |block| block.header.hash());
        blocks.push(forge.block(parent, miner, list.to_vec()));
    }
    blocks
}

#[test]
fn entries_of_abandoned_blocks_wait_again_in_order_ahead_of_the_others() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let e: Vec<_> = (0..8).map(|n| forge.entry(n % 3)).collect();
    let old = branch(&mut forge, id, 1, &[&e[0..2], &e[2..5]]);
    let new = branch(&mut forge, id, 2, &[&[], &e[3..4], &e[6..7]]);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &old);
    for entry in &e[5..8] {
        chain.insert_transaction(entry.clone()).unwrap();
    }
    let moves = adopt(&mut chain, &new);
    let expected = TipMove {
        fork_height: 0,
        abandoned: hashes(&old),
        adopted: hashes(&new),
        confirmed: vec![e[6].id()],
        returned: ids(&[&e[0..3], &e[4..5]].concat()),
        kept: 1,
        refused: Vec::new(),
    };
    assert_eq!(moves, [expected]);
    assert_eq!(waiting(&chain), ids(&[&e[0..3], &e[4..6], &e[7..8]].concat()));
    // Returned ones are marked until they are in a block again.
    let marked: Vec<bool> = chain.mempool().iter().map(|w| w.returned).collect();
    assert_eq!(marked, [true, true, true, true, false, false]);
    // And the next block takes them in that order.
    let block = chain.template(public(1), super::forge::NOW).unwrap();
    assert_eq!(block.entries().map(Transaction::id).collect::<Vec<_>>(), waiting(&chain));
}

#[test]
fn an_entry_under_another_signature_is_the_same_entry() {
    let mut forge = Forge::new(open_spec());
    let entry = forge.entry(1);
    // ZIP-215 allows more than one valid signature; here any other will do, since
    // the store is not checked for signatures again.
    let again = Transaction::sign(entry.content().clone(), &keypair(2));
    let old = branch(&mut forge, open_id(), 1, &[std::slice::from_ref(&entry)]);
    let new = branch(&mut forge, open_id(), 2, &[&[again], &[]]);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &old);
    let bytes = new.iter().map(Block::encode).collect();
    chain.insert_blocks(bytes, crate::chain::Trust::Store, super::forge::NOW);
    let moves = settle(&mut chain);
    assert_eq!((moves[0].kept, moves[0].returned.len()), (1, 0));
    assert!(chain.mempool().is_empty());
}

fn open_id() -> Hash {
    crate::chain::genesis_hash(&open_spec())
}

#[test]
fn only_the_blocks_above_the_fork_are_replaced() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let e: Vec<_> = (0..4).map(|_| forge.entry(1)).collect();
    let shared = branch(&mut forge, id, 1, &[&e[0..1], &e[1..2]]);
    let tip = shared[1].header.hash();
    let old = branch(&mut forge, tip, 1, &[&e[2..3]]);
    let new = branch(&mut forge, tip, 2, &[&e[3..4], &[]]);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &[&shared[..], &old].concat());
    let moves = adopt(&mut chain, &new);
    assert_eq!((moves[0].fork_height, &moves[0].abandoned), (2, &hashes(&old)));
    assert_eq!(waiting(&chain), [e[2].id()]);
    assert_eq!(chain.ledger().height_of(&e[1].id()), Some(2));
    assert_eq!(chain.ledger().height_of(&e[3].id()), Some(3));
}

#[test]
fn a_transfer_whose_money_is_spent_is_refused_and_the_winner_named() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let base = branch(&mut forge, id, 1, &[&[]]);
    let tip = base[0].header.hash();
    let (lost, won) = (forge.transfer(1, 2, 40), forge.transfer(1, 3, 30));
    let data = forge.entry(1);
    let old = branch(&mut forge, tip, 2, &[&[lost.clone(), data.clone()]]);
    let new = branch(&mut forge, tip, 3, &[std::slice::from_ref(&won), &[]]);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &[&base[..], &old].concat());
    assert_eq!(chain.ledger().balance(&public(2)), 40 + 50);
    let moves = adopt(&mut chain, &new);
    assert_eq!(moves[0].refused, [(lost.id(), won.id())]);
    // Its author's data is not refused with it.
    assert_eq!(moves[0].returned, [data.id()]);
    assert_eq!(waiting(&chain), [data.id()]);
    assert_eq!(chain.ledger().balance(&public(1)), 20);
    assert_eq!(chain.ledger().balance(&public(2)), 0);
    // Should the first branch win after all, the refused transfer is in the chain
    // again, and now the other one is refused.
    let more = branch(&mut forge, old[0].header.hash(), 2, &[&[], &[]]);
    let moves = adopt(&mut chain, &more);
    assert_eq!(moves[0].refused, [(won.id(), lost.id())]);
    assert_eq!(moves[0].confirmed, [data.id()]);
    assert!(chain.mempool().is_empty());
}

#[test]
fn a_transfer_that_only_lost_its_funds_waits_for_them() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    // Author 1 is paid by a block that is abandoned.
    let pay = forge.transfer(1, 2, 40);
    let old = branch(&mut forge, id, 1, &[&[], std::slice::from_ref(&pay)]);
    let new = branch(&mut forge, id, 3, &[&[], &[], &[]]);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &old);
    let moves = adopt(&mut chain, &new);
    assert!(moves[0].refused.is_empty());
    assert_eq!(moves[0].returned, [pay.id()]);
    assert_eq!(chain.template(public(1), super::forge::NOW), None);
    // Once it has coins again, it is in the next block.
    let reward = branch(&mut forge, new[2].header.hash(), 1, &[&[]]);
    adopt(&mut chain, &reward);
    let block = chain.template(public(3), super::forge::NOW).unwrap();
    assert_eq!(block.entries().map(Transaction::id).collect::<Vec<_>>(), [pay.id()]);
}

#[test]
fn there_and_back_again_loses_nothing() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let e: Vec<_> = (0..6).map(|n| forge.entry(n)).collect();
    let a = branch(&mut forge, id, 1, &[&e[0..1]]);
    let b = branch(&mut forge, id, 2, &[&e[1..2], &e[2..3]]);
    let a2 = branch(&mut forge, a[0].header.hash(), 1, &[&e[3..4], &[], &e[1..2]]);
    let b2 = branch(&mut forge, b[1].header.hash(), 2, &[&[], &e[4..6], &[]]);
    let mut chain = Chain::new(open_spec());
    let mut known: Vec<Hash> = Vec::new();
    for (blocks, new) in [(&a, 0..1), (&b, 1..3), (&a2, 3..4), (&b2, 4..6)] {
        adopt(&mut chain, blocks);
        known.extend(ids(&e[new]));
        for id in &known {
            let confirmed = chain.ledger().height_of(id).is_some();
            assert_ne!(confirmed, chain.mempool().get(id).is_some());
        }
    }
    assert_eq!(chain.tip(), b2[2].header.hash());
    assert_eq!(waiting(&chain), ids(&[&e[0..1], &e[3..4]].concat()));
}

#[test]
fn entries_of_a_losing_block_are_rescued() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let e: Vec<_> = (0..3).map(|_| forge.entry(1)).collect();
    let unpaid = forge.transfer(9, 1, 5);
    let main = branch(&mut forge, id, 1, &[&e[0..1], &[]]);
    let side = branch(&mut forge, id, 2, &[&[&e[0..3], &[unpaid]].concat()]);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &main);
    give(&mut chain, &side);
    assert_eq!(settle(&mut chain), []);
    assert_eq!(chain.rescue(&side[0].header.hash()), ids(&e[1..3]));
    assert_eq!(chain.rescue(&side[0].header.hash()), []);
    assert_eq!(chain.rescue(&main[0].header.hash()), []);
    assert_eq!(chain.rescue(&Hash::of(b"unknown")), []);
    assert_eq!(waiting(&chain), ids(&e[1..3]));
}

#[test]
fn entries_of_a_block_far_below_the_tip_are_not_rescued() {
    let mut forge = Forge::new(open_spec());
    let entry = forge.entry(1);
    let side = branch(&mut forge, open_id(), 2, &[&[entry]]);
    let main = forge.branch(open_id(), 1, 1_001);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &main);
    give(&mut chain, &side);
    assert_eq!(chain.rescue(&side[0].header.hash()), []);
}

/// As when blocks of a store that was tampered with turn out invalid as they are read.
#[test]
fn a_block_of_the_chain_itself_may_be_rejected_and_is_undone() {
    let mut forge = Forge::new(open_spec());
    let main = forge.branch(forge.id, 1, 6);
    let side = forge.branch(main[1].header.hash(), 2, 2);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &main);
    let whole = chain.main.hashes_from(&chain.tree, 0);
    let fault = crate::chain::verify::BlockFault::Coinbase;
    assert_eq!(chain.reject(&main[2].header.hash(), &fault), hashes(&main[2..]));
    // The ledger is still that of all blocks.
    assert_eq!(chain.main.hashes_from(&chain.tree, 0), whole);
    assert_eq!((chain.height(), chain.tip()), (6, main[5].header.hash()));
    assert!(!chain.is_main(&main[2].header.hash()) && chain.is_main(&main[1].header.hash()));
    let moves = settle(&mut chain);
    // Their bodies are gone with them: it begins again from the genesis block.
    assert_eq!(moves[0].abandoned, hashes(&main));
    assert_eq!((chain.height(), chain.tip()), (2, main[1].header.hash()));
    assert_eq!(chain.ledger().supply(), 100);
    // The places of what was taken out are used again: the chain is not confused by it.
    adopt(&mut chain, &side);
    assert_eq!(chain.main.hashes_from(&chain.tree, 3), hashes(&side));
}
