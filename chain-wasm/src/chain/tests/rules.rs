//! Each rule of blocks is broken once, and named.

use proptest::prelude::*;

use super::forge::{
    Forge, START, block_in, data, keypair, open_spec, public, seal, signed, transfer, work_spec,
};
use crate::chain::block::{Block, Header, MAX_BLOCK};
use crate::chain::ledger::Ledger;
use crate::chain::transaction::{Body, MAX_DATA, MAX_MEDIA_TYPE, Transaction, TransactionFault};
use crate::chain::tree::Tree;
use crate::chain::verify::{
    BlockFault, HeaderContext, MEDIAN_BLOCKS, check_body, check_signatures,
};
use crate::primitives::{Difficulty, Hash, Signature, UnixMillis};

/// The context above 15 blocks, and a valid block in it.
fn place() -> (HeaderContext, Block) {
    let mut forge = Forge::new(work_spec());
    let branch = forge.branch(forge.id, 1, 15);
    let mut tree = Tree::new(work_spec());
    for block in &branch {
        tree.insert(&block.header).unwrap();
    }
    let context = tree.context(branch[14].header.hash()).unwrap();
    let entries = vec![data(forge.id, 1, 1, 5), transfer(forge.id, 1, 2, 3, 7)];
    let block = block_in(&work_spec(), &context, 2, START + 100_000, entries);
    (context, block)
}

/// The verdict on the header after a change, sealed again.
fn changed(change: impl Fn(&HeaderContext, &mut Header)) -> Result<(), BlockFault> {
    let (context, block) = place();
    let mut header = block.header;
    change(&context, &mut header);
    seal(&mut header);
    context.check(&work_spec(), &header, &header.hash())
}

#[test]
fn a_header_that_follows_every_rule_passes() {
    assert_eq!(changed(|_, _| {}), Ok(()));
}

#[test]
fn another_version_is_refused() {
    assert_eq!(changed(|_, header| header.version = 2), Err(BlockFault::Version(2)));
    assert_eq!(changed(|_, header| header.version = 0), Err(BlockFault::Version(0)));
}

#[test]
fn another_predecessor_is_refused() {
    let verdict = changed(|_, header| header.previous_hash = Hash::of(b"other"));
    assert_eq!(verdict, Err(BlockFault::PreviousHash));
}

#[test]
fn a_height_that_is_not_the_next_is_refused() {
    for got in [0, 15, 17, u32::MAX] {
        let verdict = changed(|_, header| header.height = got);
        assert_eq!(verdict, Err(BlockFault::Height { expected: 16, got }));
    }
}

#[test]
fn another_history_is_refused() {
    let verdict = changed(|_, header| header.history_root = Hash::of(b"other"));
    assert_eq!(verdict, Err(BlockFault::HistoryRoot));
}

#[test]
fn a_timestamp_must_be_above_the_median_of_eleven() {
    let at = changed(|context, header| header.timestamp = context.median_time());
    assert_eq!(at, Err(BlockFault::Timestamp));
    let zero = changed(|_, header| header.timestamp = UnixMillis(0));
    assert_eq!(zero, Err(BlockFault::Timestamp));
    let above = changed(|context, header| header.timestamp = context.median_time().after(1));
    assert_eq!(above, Ok(()));
    // Fifteen blocks five seconds apart: the median of the last eleven is the tenth's.
    let (context, _) = place();
    assert_eq!(MEDIAN_BLOCKS, 11);
    assert_eq!(context.median_time(), context.recent[context.recent.len() - 6].timestamp);
}

#[test]
fn a_difficulty_other_than_the_rule_gives_is_refused_higher_too() {
    for hashes in [1, 3, 1_000] {
        let verdict = changed(|_, header| header.difficulty = Difficulty::from_hashes(hashes));
        assert_eq!(verdict, Err(BlockFault::Difficulty), "{hashes}");
    }
}

#[test]
fn a_hash_that_does_not_meet_the_difficulty_is_refused() {
    let (context, block) = place();
    let mut header = block.header;
    while header.difficulty.is_met_by(&header.hash()) {
        header.nonce += 1;
    }
    assert_eq!(context.check(&work_spec(), &header, &header.hash()), Err(BlockFault::Work));
}

/// The verdict on the body after a change, with the Merkle root made to fit.
fn body(change: impl Fn(&mut Vec<Transaction>)) -> Result<(), BlockFault> {
    let (_, mut block) = place();
    change(&mut block.transactions);
    block.header.merkle_root = block.merkle_root();
    let id = Forge::new(work_spec()).id;
    let size = block.encode().len();
    check_signatures(&check_body(&work_spec(), &id, &block, size)?)
}

fn fault(index: usize, fault: TransactionFault) -> Result<(), BlockFault> {
    Err(BlockFault::Transaction { index, fault })
}

#[test]
fn a_body_that_follows_every_rule_passes() {
    assert_eq!(body(|_| {}), Ok(()));
}

#[test]
fn another_body_than_the_root_covers_is_refused() {
    let (_, mut block) = place();
    block.transactions.pop();
    let id = Forge::new(work_spec()).id;
    let verdict = check_body(&work_spec(), &id, &block, 1_000).map(|_| ());
    assert_eq!(verdict, Err(BlockFault::MerkleRoot));
}

#[test]
fn a_block_over_its_size_is_refused() {
    let (_, block) = place();
    let id = Forge::new(work_spec()).id;
    let verdict = check_body(&work_spec(), &id, &block, MAX_BLOCK + 1).map(|_| ());
    assert_eq!(verdict, Err(BlockFault::Size(MAX_BLOCK + 1)));
    assert!(check_body(&work_spec(), &id, &block, MAX_BLOCK).is_ok());
}

#[test]
fn the_coinbase_is_exactly_what_the_rules_call_for() {
    let id = Forge::new(work_spec()).id;
    let (_, block) = place();
    let (height, time) = (block.header.height, block.header.timestamp);
    let good = Transaction::coinbase(id, public(2), 50, height, time);
    assert_eq!(block.transactions[0], good);
    let later = time.after(1);
    let bad = [
        Transaction::coinbase(id, public(2), 51, height, time),
        Transaction::coinbase(id, public(2), 0, height, time),
        Transaction::coinbase(id, public(2), 50, height + 1, time),
        Transaction::coinbase(id, public(2), 50, height, later),
        Transaction::coinbase(Hash::of(b"other"), public(2), 50, height, time),
        // Signed, salted, or of another author than it pays.
        Transaction::sign(good.content().clone(), &keypair(2)),
        signed(id, 2, 1, good.body().clone()),
        data(id, 2, 1, 5),
    ];
    for coinbase in bad {
        let verdict = body(|transactions| transactions[0] = coinbase.clone());
        assert_eq!(verdict, Err(BlockFault::Coinbase));
    }
    let verdict = body(|transactions| drop(transactions.remove(0)));
    assert_eq!(verdict, Err(BlockFault::Coinbase));
    assert_eq!(body(Vec::clear), Err(BlockFault::Coinbase));
}

#[test]
fn each_rule_of_transactions_is_named_with_the_transaction() {
    let id = Forge::new(work_spec()).id;
    let put = |entry: Transaction| body(|transactions| transactions[2] = entry.clone());
    assert_eq!(put(data(Hash::of(b"x"), 1, 9, 5)), fault(2, TransactionFault::Chain));
    assert_eq!(put(data(id, 1, 9, 0)), fault(2, TransactionFault::DataSize));
    assert_eq!(put(data(id, 1, 9, MAX_DATA)), Ok(()));
    assert_eq!(put(data(id, 1, 9, MAX_DATA + 1)), fault(2, TransactionFault::DataSize));
    assert_eq!(put(transfer(id, 1, 9, 2, 0)), fault(2, TransactionFault::Amount));
    for media_type in ["", "text/\nplain", "té", &"x".repeat(MAX_MEDIA_TYPE + 1)] {
        let body = Body::Data { media_type: media_type.to_owned(), bytes: vec![1] };
        assert_eq!(put(signed(id, 1, 9, body)), fault(2, TransactionFault::MediaType));
    }
    let body_of = Body::Data { media_type: "x".repeat(MAX_MEDIA_TYPE), bytes: vec![1] };
    assert_eq!(put(signed(id, 1, 9, body_of)), Ok(()));
    let second = body(|transactions| transactions.push(transactions[0].clone()));
    assert_eq!(second, fault(3, TransactionFault::Coinbase));
    // Signed by another than its author says.
    let forged = Transaction::sign(data(id, 1, 9, 5).content().clone(), &keypair(2));
    assert_eq!(put(forged), fault(2, TransactionFault::Signature));
    // A key that is no point of the curve.
    let mut content = data(id, 1, 9, 5).content().clone();
    content.author = crate::primitives::PublicKey::from_bytes([2; 32]);
    assert_eq!(put(Transaction::sign(content, &keypair(1))), fault(2, TransactionFault::Signature));
}

#[test]
fn an_entry_twice_in_a_block_or_in_the_chain_is_refused() {
    let id = Forge::new(work_spec()).id;
    let (context, block) = place();
    let entry = data(id, 1, 9, 5);
    let twice =
        block_in(&work_spec(), &context, 1, START + 100_000, vec![entry.clone(), entry.clone()]);
    assert_eq!(Ledger::default().apply(&twice), Err(BlockFault::Duplicate { index: 2 }));
    // Another signature on the same content is the same entry.
    let other = Transaction::sign(entry.content().clone(), &keypair(3));
    assert_ne!(other.encode(), entry.encode());
    let once = block_in(&work_spec(), &context, 1, START + 100_000, vec![entry]);
    let again = block_in(&work_spec(), &context, 1, START + 100_000, vec![other]);
    let mut ledger = Ledger::default();
    assert_eq!(ledger.apply(&once), Ok(()));
    assert_eq!(ledger.apply(&again), Err(BlockFault::Duplicate { index: 1 }));
    // Author 1 has the reward of `once` now, so the transfer of 7 can be paid.
    assert_eq!(ledger.apply(&block), Ok(()));
}

#[test]
fn a_transfer_over_the_balance_is_refused() {
    let id = Forge::new(work_spec()).id;
    let (context, _) = place();
    let pay = |amount| vec![transfer(id, 1, 1, 2, 30), transfer(id, 1, 2, 2, amount)];
    // The reward of the block itself can be spent in it, and no more.
    let all = block_in(&work_spec(), &context, 1, START + 100_000, pay(20));
    let more = block_in(&work_spec(), &context, 1, START + 100_000, pay(21));
    let most = block_in(&work_spec(), &context, 1, START + 100_000, pay(u64::MAX));
    assert_eq!(Ledger::default().apply(&more), Err(BlockFault::Overdraft { index: 2 }));
    assert_eq!(Ledger::default().apply(&most), Err(BlockFault::Overdraft { index: 2 }));
    let mut ledger = Ledger::default();
    assert_eq!(ledger.apply(&all), Ok(()));
    assert_eq!((ledger.balance(&public(1)), ledger.balance(&public(2))), (0, 50));
}

#[test]
fn an_open_room_takes_any_hash() {
    let spec = open_spec();
    let context = Tree::new(spec.clone()).context(Forge::new(spec.clone()).id).unwrap();
    let block = block_in(&spec, &context, 1, START, Vec::new());
    assert_eq!(block.header.difficulty, Difficulty::MIN);
    let top = Hash::from_bytes([0xff; 32]);
    assert_eq!(context.check(&spec, &block.header, &top), Ok(()));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// The one rule for single and batch (ZIP-215): whatever the bytes, `check` and
    /// `check_signatures` agree.
    #[test]
    fn single_and_batch_agree_on_any_signature(bytes: [u8; 32], flip in 0_usize..512, garbage: bool) {
        let id = Forge::new(work_spec()).id;
        let entry = data(id, 1, 9, 5);
        let mut signature = *entry.signature().as_bytes();
        if garbage {
            signature[..32].copy_from_slice(&bytes);
        } else {
            signature[flip / 8] ^= 1 << (flip % 8);
        }
        let mut encoded = entry.encode();
        let at = encoded.len() - 64;
        encoded[at..].copy_from_slice(&signature);
        let entry = Transaction::decode(&encoded).unwrap();
        prop_assert_eq!(entry.signature(), Signature::from_bytes(signature));
        let single = entry.check(&id);
        let batch = check_signatures(&[data(id, 2, 1, 5).signature_item(), entry.signature_item()]);
        prop_assert_eq!(single, Err(TransactionFault::Signature));
        prop_assert_eq!(batch, fault(2, TransactionFault::Signature));
    }
}
