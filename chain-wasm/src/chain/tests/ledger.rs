//! Apply then undo is the identity; a block that does not fit changes nothing.

use proptest::prelude::*;

use super::forge::{open_spec, public, transfer};
use crate::chain::block::Block;
use crate::chain::ledger::Ledger;
use crate::chain::transaction::Transaction;
use crate::chain::tree::Tree;
use crate::chain::{genesis_hash, tests::forge};
use crate::primitives::{ChainId, UnixMillis};

/// An entry of a few authors: data, or a transfer that may or may not be payable,
/// to oneself too. Small salts make duplicates.
fn entry() -> impl Strategy<Value = Transaction> {
    let id = genesis_hash(&open_spec());
    prop_oneof![
        1 => (0_u8..4, 0_u64..40).prop_map(move |(author, salt)| forge::data(id, author, salt, 3)),
        3 => (0_u8..4, 100_u64..140, 0_u8..4, 1_u64..60)
            .prop_map(move |(author, salt, to, amount)| transfer(id, author, salt, to, amount)),
    ]
}

fn blocks() -> impl Strategy<Value = Vec<(u8, Vec<Transaction>)>> {
    prop::collection::vec((0_u8..4, prop::collection::vec(entry(), 0..5)), 1..12)
}

/// A block of these transactions; the ledger looks at nothing else.
fn block(id: ChainId, height: u32, miner: u8, entries: Vec<Transaction>) -> Block {
    let mut header = Tree::new(open_spec()).header(&id).unwrap().clone();
    header.height = height;
    let coinbase = Transaction::coinbase(id, public(miner), 50, height, UnixMillis(1));
    Block { header, transactions: std::iter::once(coinbase).chain(entries).collect() }
}

proptest! {
    #[test]
    fn apply_then_undo_is_the_identity_and_a_failure_changes_nothing(blocks in blocks()) {
        let id = genesis_hash(&open_spec());
        let mut ledger = Ledger::default();
        let mut applied: Vec<(Ledger, Block)> = Vec::new();
        for (miner, entries) in blocks {
            let height = u32::try_from(applied.len() + 1).unwrap();
            let block = block(id, height, miner, entries);
            let before = ledger.clone();
            if ledger.apply(&block).is_ok() {
                // Once more: it does not fit, for its entries are there.
                if block.transactions.len() > 1 {
                    let after = ledger.clone();
                    prop_assert!(ledger.apply(&block).is_err());
                    prop_assert_eq!(&ledger, &after);
                }
                applied.push((before, block));
            } else {
                prop_assert_eq!(&ledger, &before);
            }
            prop_assert_eq!(ledger.supply(), 50 * applied.len() as u64);
            prop_assert!(ledger.balances().all(|(_, coins)| coins > 0));
        }
        let entries: usize = applied.iter().map(|(_, block)| block.entries().count()).sum();
        prop_assert_eq!(ledger.entry_count(), entries);
        for (before, block) in applied.iter().rev() {
            for entry in block.entries() {
                prop_assert_eq!(ledger.height_of(&entry.id()), Some(block.header.height));
            }
            ledger.undo(block);
            prop_assert_eq!(&ledger, before);
        }
        prop_assert_eq!(ledger, Ledger::default());
    }
}

#[test]
fn coins_move_in_the_order_of_the_transactions() {
    let id = genesis_hash(&open_spec());
    let pass_on = |order: [usize; 2]| {
        let pay = [transfer(id, 1, 1, 2, 50), transfer(id, 2, 2, 3, 50)];
        let entries = order.map(|n| pay[n].clone()).to_vec();
        Ledger::default().apply(&block(id, 1, 1, entries)).map_err(|fault| fault.code())
    };
    assert_eq!(pass_on([0, 1]), Ok(()));
    assert_eq!(pass_on([1, 0]), Err("transaction-overdraft"));
}
