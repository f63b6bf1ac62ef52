//! Each part of a valid chain is tampered with in turn, and the full check names
//! what is wrong. The article's own check compares a hash with itself.

use super::forge::{Forge, START, adopt, data, keypair, public, seal, transfer, work_spec};
use crate::chain::Chain;
use crate::chain::block::Block;
use crate::chain::transaction::{Body, Content, Transaction, TransactionFault};
use crate::chain::validate::{Report, Validator};
use crate::chain::verify::BlockFault;
use crate::primitives::{Difficulty, Hash, Signature, UnixMillis};

/// Which block is tampered with: neither the first nor the last.
const TARGET: usize = 2;

/// Five blocks with data and transfers in each.
fn chain() -> Vec<Block> {
    let mut forge = Forge::new(work_spec());
    let id = forge.id;
    let mut blocks: Vec<Block> = Vec::new();
    for n in 0..5_u64 {
        let parent = blocks.last().map_or(id, |block| block.header.hash());
        let entries = vec![
            data(id, 2, 10 * n, 20),
            transfer(id, 1, 10 * n + 1, 2, 10),
            data(id, 3, 10 * n + 2, 30),
        ];
        blocks.push(forge.block(parent, 1, entries));
    }
    blocks
}

/// A block as it is stored: its encoding, under its hash.
type Record = (Hash, Vec<u8>);

fn records(blocks: &[Block]) -> Vec<Record> {
    blocks.iter().map(|block| (block.header.hash(), block.encode())).collect()
}

/// Where the check ends, and why.
fn check(records: &[Record]) -> Result<Report, (usize, &'static str)> {
    let mut validator = Validator::new(work_spec());
    for (index, (hash, bytes)) in records.iter().enumerate() {
        validator.push(bytes, Some(hash)).map_err(|fault| (index, fault.code()))?;
    }
    Ok(validator.report())
}

/// A change of one thing.
type Change<'a, T> = &'a dyn Fn(&mut T);

/// How far a forger goes to cover up the change.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effort {
    /// Only the field is changed; the record keeps its key.
    Field,
    /// The nonce is sought again too.
    Mined,
    /// The Merkle root is made to fit, the nonce is sought, and the record is filed
    /// under its new hash: the block itself looks right.
    Covered,
}

/// The verdict on the chain after a change of one block.
fn tampered(effort: Effort, change: Change<Block>) -> (usize, &'static str) {
    let mut blocks = chain();
    let mut all = records(&blocks);
    let block = &mut blocks[TARGET];
    change(block);
    if effort == Effort::Covered {
        block.header.merkle_root = block.merkle_root();
    }
    if effort != Effort::Field {
        seal(&mut block.header);
    }
    all[TARGET].1 = block.encode();
    if effort == Effort::Covered {
        all[TARGET].0 = block.header.hash();
    }
    check(&all).expect_err("it passed")
}

/// The transaction with other content, still under the old signature.
fn with(entry: &Transaction, change: impl Fn(&mut Content)) -> Transaction {
    let mut content = entry.content().clone();
    change(&mut content);
    resigned(&Transaction::sign(content, &keypair(1)), entry.signature())
}

fn resigned(entry: &Transaction, signature: Signature) -> Transaction {
    let mut bytes = entry.encode();
    let at = bytes.len() - 64;
    bytes[at..].copy_from_slice(signature.as_bytes());
    Transaction::decode(&bytes).unwrap()
}

#[test]
fn an_untouched_chain_passes_with_the_right_counts() {
    let blocks = chain();
    let report = Report { blocks: 6, transactions: 20, signatures: 15, hashes: 20, supply: 250 };
    assert_eq!(check(&records(&blocks)), Ok(report));
    let mut node = Chain::new(work_spec());
    adopt(&mut node, &blocks);
    assert_eq!(node.ledger().balance(&public(1)), 5 * 50 - 5 * 10);
    assert_eq!(node.ledger().balance(&public(2)), 5 * 10);
}

#[test]
fn each_header_field_of_each_block_is_named() {
    let blocks = chain();
    let other = Hash::of(b"other");
    let changes: [(&str, Change<Block>); 7] = [
        ("version", &|block| block.header.version = 2),
        ("height", &|block| block.header.height += 1),
        ("previous-hash", &move |block| block.header.previous_hash = other),
        ("merkle-root", &move |block| block.header.merkle_root = other),
        ("history-root", &move |block| block.header.history_root = other),
        ("timestamp", &|block| block.header.timestamp = UnixMillis(0)),
        ("difficulty", &|block| block.header.difficulty = Difficulty::from_hashes(5)),
    ];
    for target in 0..blocks.len() {
        for (code, change) in &changes {
            let mut block = blocks[target].clone();
            change(&mut block);
            seal(&mut block.header);
            let mut all = records(&blocks);
            // Kept under its own new hash: the field itself must be noticed.
            all[target] = (block.header.hash(), block.encode());
            assert_eq!(check(&all), Err((target, *code)));
            // Under the old one it is noticed too.
            all[target].0 = blocks[target].header.hash();
            assert!(matches!(check(&all), Err((at, _)) if at == target), "{code}");
        }
    }
}

#[test]
fn a_changed_nonce_or_time_is_known_by_the_hash() {
    let mut nonces = 0;
    for target in 0..5 {
        for change in 1..20 {
            let mut blocks = chain();
            let mut all = records(&blocks);
            let header = &mut blocks[target].header;
            header.nonce += change;
            // By luck it may meet the difficulty; its hash is another all the same.
            let expected = if header.difficulty.is_met_by(&header.hash()) {
                nonces += 1;
                "hash"
            } else {
                "work"
            };
            all[target].1 = blocks[target].encode();
            assert_eq!(check(&all), Err((target, expected)));
        }
    }
    assert!(nonces > 0);
    // A later time that breaks no rule, mined again.
    let later = |block: &mut Block| block.header.timestamp = UnixMillis(START + 30_000);
    assert_eq!(tampered(Effort::Mined, &later), (TARGET, "hash"));
}

#[test]
fn each_field_of_each_transaction_is_named() {
    let other = Hash::of(b"other");
    for index in 1..4 {
        let change = |how: &'static dyn Fn(&mut Content)| {
            move |block: &mut Block| {
                block.transactions[index] = with(&block.transactions[index], how);
            }
        };
        let chain = move |block: &mut Block| {
            block.transactions[index] =
                with(&block.transactions[index], |content| content.chain = other);
        };
        let author = change(&|content| content.author = public(5));
        let time = change(&|content| content.timestamp.0 += 1);
        let salt = change(&|content| content.salt[15] ^= 1);
        let body = change(&|content| match &mut content.body {
            Body::Data { bytes, .. } => bytes[0] ^= 1,
            Body::Transfer { amount, .. } => *amount += 1,
            Body::Coinbase { .. } => unreachable!("not an entry"),
        });
        let second = change(&|content| match &mut content.body {
            Body::Data { media_type, .. } => media_type.push('x'),
            Body::Transfer { to, .. } => *to = public(9),
            Body::Coinbase { .. } => unreachable!("not an entry"),
        });
        let kind = change(&|content| {
            content.body = Body::Data { media_type: "a/b".into(), bytes: vec![7] };
        });
        let signature = move |block: &mut Block| {
            let mut bytes = *block.transactions[index].signature().as_bytes();
            bytes[40] ^= 1;
            let signature = Signature::from_bytes(bytes);
            block.transactions[index] = resigned(&block.transactions[index], signature);
        };
        let signed: [Change<Block>; 7] = [&author, &time, &salt, &body, &second, &kind, &signature];
        for change in signed {
            // As it stands, the hash of the transaction no longer fits the root; with
            // the root and the nonce made to fit, the signature does not.
            assert_eq!(tampered(Effort::Field, change), (TARGET, "merkle-root"));
            assert_eq!(tampered(Effort::Mined, change), (TARGET, "merkle-root"));
            assert_eq!(tampered(Effort::Covered, change), (TARGET, "transaction-signature"));
        }
        assert_eq!(tampered(Effort::Field, &chain), (TARGET, "merkle-root"));
        assert_eq!(tampered(Effort::Covered, &chain), (TARGET, "transaction-chain"));
    }
}

#[test]
fn each_field_of_the_coinbase_is_named() {
    let coinbase = |to: u8, reward: u64, height: u32, later: u64| {
        move |block: &mut Block| {
            let chain = block.transactions[0].content().chain;
            let time = block.header.timestamp.after(later);
            block.transactions[0] = Transaction::coinbase(chain, public(to), reward, height, time);
        }
    };
    let right = u32::try_from(TARGET + 1).unwrap();
    let salt = |block: &mut Block| {
        block.transactions[0] = with(&block.transactions[0], |content| content.salt[0] = 1);
    };
    let signature = |block: &mut Block| {
        let signature = Signature::from_bytes([1; 64]);
        block.transactions[0] = resigned(&block.transactions[0], signature);
    };
    let author = |block: &mut Block| {
        block.transactions[0] = with(&block.transactions[0], |content| content.author = public(7));
    };
    let wrong: [Change<Block>; 6] = [
        &coinbase(1, 51, right, 0),
        &coinbase(1, 50, right + 1, 0),
        &coinbase(1, 50, right, 1),
        &salt,
        &signature,
        &author,
    ];
    for change in wrong {
        assert_eq!(tampered(Effort::Field, change), (TARGET, "merkle-root"));
        assert_eq!(tampered(Effort::Covered, change), (TARGET, "coinbase"));
    }
    // A reward for another is a coinbase that may be; the next block shows it. (The
    // miner of this chain spends all its rewards at once, but has enough here.)
    let thief = coinbase(9, 50, right, 0);
    assert_eq!(tampered(Effort::Field, &thief), (TARGET, "merkle-root"));
    assert_eq!(tampered(Effort::Covered, &thief), (TARGET + 1, "previous-hash"));
}

#[test]
fn the_list_of_transactions_can_be_neither_cut_nor_added_to_nor_reordered() {
    let id = Forge::new(work_spec()).id;
    let cases: [(&str, Change<Vec<Transaction>>); 9] = [
        ("", &|list| list.swap(1, 2)),
        ("", &|list| drop(list.pop())),
        ("", &|list| drop(list.remove(1))),
        ("", &move |list| list.push(data(id, 5, 999, 9))),
        ("coinbase", &|list| list.swap(0, 1)),
        ("coinbase", &|list| drop(list.remove(0))),
        ("coinbase", &Vec::clear),
        ("transaction-duplicate", &|list| list.push(list[1].clone())),
        ("transaction-coinbase", &|list| list.push(list[0].clone())),
    ];
    for (covered, change) in cases {
        let change = |block: &mut Block| change(&mut block.transactions);
        assert_eq!(tampered(Effort::Field, &change), (TARGET, "merkle-root"));
        let expected = if covered.is_empty() {
            // The block as it is now breaks no rule; the next one does not name it.
            (TARGET + 1, "previous-hash")
        } else {
            (TARGET, covered)
        };
        assert_eq!(tampered(Effort::Covered, &change), expected);
    }
}

#[test]
fn an_entry_of_an_earlier_block_or_beyond_the_balance_is_named() {
    let id = Forge::new(work_spec()).id;
    let earlier = chain()[0].transactions[1].clone();
    let again = move |block: &mut Block| block.transactions.push(earlier.clone());
    assert_eq!(tampered(Effort::Covered, &again), (TARGET, "transaction-duplicate"));
    let spend = move |block: &mut Block| block.transactions.push(transfer(id, 1, 999, 5, 10_000));
    assert_eq!(tampered(Effort::Covered, &spend), (TARGET, "transaction-overdraft"));
}

#[test]
fn swapped_missing_and_repeated_blocks_are_named() {
    let all = records(&chain());
    let verdict = |change: &dyn Fn(&mut Vec<Record>)| {
        let mut all = all.clone();
        change(&mut all);
        check(&all)
    };
    assert_eq!(verdict(&|all| all.swap(1, 2)), Err((1, "previous-hash")));
    assert_eq!(verdict(&|all| drop(all.remove(0))), Err((0, "previous-hash")));
    assert_eq!(verdict(&|all| drop(all.remove(3))), Err((3, "previous-hash")));
    assert_eq!(verdict(&|all| all[3] = all[2].clone()), Err((3, "previous-hash")));
    // Only the keys are swapped.
    assert_eq!(
        verdict(&|all| {
            let key = all[1].0;
            all[1].0 = all[2].0;
            all[2].0 = key;
        }),
        Err((1, "hash"))
    );
    assert_eq!(verdict(&|all| all[4].0 = Hash::ZERO), Err((4, "hash")));
    // A block of another branch, valid in itself.
    let mut forge = Forge::new(work_spec());
    let id = forge.id;
    let rival = records(&forge.branch(id, 7, 3));
    assert_eq!(verdict(&|all| all[0] = rival[0].clone()), Err((1, "previous-hash")));
    assert_eq!(verdict(&|all| all[2] = rival[2].clone()), Err((2, "previous-hash")));
    // Another room's chain.
    let mut other = Forge::new(super::forge::open_spec());
    let id = other.id;
    let foreign = records(&other.branch(id, 1, 1));
    assert_eq!(verdict(&|all| all[0] = foreign[0].clone()), Err((0, "previous-hash")));
    assert_eq!(verdict(&|all| all[2].1.truncate(200)), Err((2, "encoding")));
    assert_eq!(verdict(&|all| all[2].1.clear()), Err((2, "encoding")));
    // The end may be missing: what is there is valid.
    assert!(verdict(&|all| all.truncate(3)).is_ok());
}

/// Signatures are checked in one batch: still the lowest block that breaks a rule is named,
/// and what is counted is what was below it.
#[test]
fn a_batch_names_the_lowest_block_and_counts_what_is_below_it() {
    let push = |blocks: &[Vec<u8>]| {
        let mut validator = Validator::new(work_spec());
        let verdict = validator.push_all(blocks.iter().map(|bytes| (&bytes[..], None)));
        (verdict, validator.report())
    };
    let blocks = chain();
    let bytes: Vec<Vec<u8>> = blocks.iter().map(Block::encode).collect();
    assert_eq!(push(&bytes).0, Ok(()));
    for wrong in 0..bytes.len() {
        let below = push(&bytes[..wrong]).1;
        for index in 1..4 {
            // One signature is wrong in a chain where all else is right.
            let mut forge = Forge::new(work_spec());
            let mut forged: Vec<Block> = Vec::new();
            for (height, block) in blocks.iter().enumerate() {
                let parent = forged.last().map_or(forge.id, |block| block.header.hash());
                let mut entries: Vec<Transaction> = block.entries().cloned().collect();
                if height == wrong {
                    let entry = &mut entries[index - 1];
                    let mut signature = *entry.signature().as_bytes();
                    signature[40] ^= 1;
                    *entry = resigned(entry, Signature::from_bytes(signature));
                }
                forged.push(forge.block(parent, 1, entries));
            }
            let mut forged: Vec<Vec<u8>> = forged.iter().map(Block::encode).collect();
            let fault = BlockFault::Transaction { index, fault: TransactionFault::Signature };
            assert_eq!(push(&forged), (Err((wrong, fault.clone())), below));
            // Another rule that is broken above changes nothing.
            forged.truncate(wrong + 1);
            forged.push(vec![0]);
            assert_eq!(push(&forged), (Err((wrong, fault)), below));
        }
        let mut cut = bytes[..wrong].to_vec();
        cut.push(vec![0]);
        let (verdict, report) = push(&cut);
        assert_eq!((verdict.map_err(|(index, _)| index), report), (Err(wrong), below));
    }
}
