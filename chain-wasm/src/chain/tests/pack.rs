//! Packs, their summaries, and a chain that starts from those.

use super::forge::{Forge, NOW, adopt, open_spec, work_spec};
use crate::chain::block::{Block, HEADER_SIZE, MAX_BLOCK, VERSION};
use crate::chain::pack::{
    MAX_SUMMARY, PackFault, PackLimits, Summary, find_block, hash_of, join, split,
};
use crate::chain::spec::Spec;
use crate::chain::transaction::{Body, Content, Transaction};
use crate::chain::verify::BlockFault;
use crate::chain::{Chain, Trust};
use crate::codec::CodecError;
use crate::primitives::{Hash, Keypair, PublicKey, UnixMillis};

/// A chain with data and transfers in it.
fn busy(spec: Spec, length: usize) -> (Chain, Vec<Block>) {
    let mut forge = Forge::new(spec.clone());
    let mut chain = Chain::new(spec);
    let mut blocks: Vec<Block> = Vec::new();
    for n in 0..length {
        let parent = chain.tip();
        let mut entries = vec![forge.entry(3); n % 3];
        entries.dedup();
        if n > 2 {
            entries.push(forge.transfer(1, 2, 20));
            entries.push(forge.transfer(2, 3, 10));
        }
        let block = forge.block(parent, 1 + u8::try_from(n % 2).unwrap(), entries);
        adopt(&mut chain, std::slice::from_ref(&block));
        assert_eq!(chain.tip(), block.header.hash());
        blocks.push(block);
    }
    (chain, blocks)
}

fn pack(blocks: &[Block]) -> Vec<u8> {
    let encoded: Vec<Vec<u8>> = blocks.iter().map(Block::encode).collect();
    join(encoded.iter().map(Vec::as_slice))
}

/// Starts from summaries of so many blocks each; all are read as they are stored.
fn started(spec: Spec, blocks: &[Block], each: usize) -> Result<Chain, PackFault> {
    let mut chain = Chain::new(spec);
    for run in blocks.chunks(each) {
        chain.restore_pack(&Summary::decode(&Summary::of(run).encode())?)?;
    }
    Ok(chain)
}

#[test]
fn a_chain_from_summaries_is_the_chain() {
    for spec in [open_spec(), work_spec()] {
        let (chain, mut blocks) = busy(spec.clone(), 40);
        for each in [1, 7, 40] {
            let mut again = started(spec.clone(), &blocks, each).unwrap();
            assert_eq!(again.tip(), chain.tip());
            assert_eq!(again.tip_rank(), chain.tip_rank());
            assert_eq!(again.ledger(), chain.ledger());
            assert!(blocks.iter().all(|block| again.tree().has_body(&block.header.hash())));
            // It goes on, and can go back, as the other does.
            let mut forge = Forge::new(spec.clone());
            for block in &blocks {
                forge.learn(&block.header);
            }
            let next = forge.block(again.tip(), 4, Vec::new());
            assert_eq!(adopt(&mut again, &[next]).len(), 1);
            assert_eq!(again.height(), 41);
        }
        // A block that is stored twice, in a pack and by itself, does no harm.
        let mut again = started(spec, &blocks, 10).unwrap();
        let double = blocks.remove(3).encode();
        again.insert_blocks(vec![double], Trust::Store, NOW);
        assert_eq!(again.tip(), chain.tip());
    }
}

#[test]
fn a_summary_is_a_function_of_its_pack() {
    let (_, blocks) = busy(work_spec(), 20);
    let pack = pack(&blocks[4..]);
    assert_eq!(Summary::of_pack(5, &pack), Ok(Summary::of(&blocks[4..])));
    let record = Summary::of(&blocks[4..]).encode();
    assert_eq!(Summary::decode(&record), Ok(Summary::of(&blocks[4..])));
    assert_eq!(Summary::of(&blocks[4..]).first(), 5);
}

#[test]
fn no_damage_to_a_summary_goes_unseen() {
    let (_, blocks) = busy(work_spec(), 5);
    let record = Summary::of(&blocks).encode();
    for at in 0..record.len() {
        let mut damaged = record.clone();
        damaged[at] ^= 4;
        assert_eq!(Summary::decode(&damaged), Err(PackFault::Checksum), "byte {at}");
        assert!(Summary::decode(&record[..at]).is_err());
    }
    // With a checksum that fits, what does not fit together is still refused.
    for body in [&b"\x84\x40\x80\x40\x40"[..], b"\x84\x41x\x80\x40\x40", b"", b"\xff"] {
        let record = [Hash::of(body).as_bytes(), body].concat();
        assert!(Summary::decode(&record).is_err());
    }
}

/// A key that nobody has, another one for each number.
fn nobody(n: u32) -> PublicKey {
    let mut key = [0xAA; 32];
    key[..4].copy_from_slice(&n.to_be_bytes());
    PublicKey::from_bytes(key)
}

#[test]
fn a_record_beyond_the_limit_is_refused_and_one_within_it_is_read() {
    let (_, blocks) = busy(work_spec(), 1);
    let mut summary = Summary::of(&blocks);
    // Each adds a key and a number, 48 bytes: a little too much together.
    let too_many = u32::try_from(MAX_SUMMARY / 48).unwrap();
    summary.changes = (0..too_many).map(|n| (nobody(n), 1)).collect();
    let mut record = summary.encode();
    // All but the checksum counts.
    while record[32..].len() > MAX_SUMMARY {
        let fault = CodecError::TooLarge { got: record[32..].len(), limit: MAX_SUMMARY };
        assert_eq!(Summary::decode(&record).err(), Some(PackFault::Codec(fault)));
        summary.changes.pop_last();
        record = summary.encode();
    }
    assert!((1..10).contains(&(too_many as usize - summary.changes.len())));
    assert!(Summary::decode(&record).is_ok_and(|read| read == summary));
}

#[test]
fn no_pack_has_a_summary_beyond_the_limit() {
    // What costs a summary the most for each byte of a block: the smallest transfers, each
    // from another key to another one, or else nothing but a reward to a key of its own.
    let spec = open_spec();
    let mut forge = Forge::new(spec);
    let transfers = (0..1_000_u32).map(|n| {
        let mut seed = [0; 32];
        seed[..4].copy_from_slice(&n.to_be_bytes());
        let author = Keypair::from_seed(seed);
        let body = Body::Transfer { to: nobody(n), amount: 1 };
        let (chain, timestamp, salt) = (forge.id, UnixMillis(0), [0; 16]);
        let content = Content { chain, author: author.public(), timestamp, salt, body };
        Transaction::sign(content, &author)
    });
    let transfers = transfers.collect();
    let first = forge.block(forge.id, 1, transfers);
    let second = forge.block(first.header.hash(), 2, Vec::new());
    for block in [first, second] {
        assert!(Summary::of([&block]).encode().len() < block.encode().len() + 64);
    }
    // So no summary is much longer than its pack, which is one block or has its own limit.
    assert!(MAX_BLOCK.max(PackLimits::default().bytes) < MAX_SUMMARY / 2);
}

#[test]
fn damage_to_one_block_of_a_pack_costs_no_other() {
    let (_, blocks) = busy(work_spec(), 12);
    let whole = pack(&blocks);
    let hashes: Vec<Hash> = blocks.iter().map(|block| block.header.hash()).collect();
    let good = |pack: &[u8]| -> Vec<usize> {
        let is_good = |(n, bytes): (usize, &[u8])| {
            let block = Block::decode(bytes).ok()?;
            let same =
                block.header.hash() == hashes[n] && block.merkle_root() == block.header.merkle_root;
            same.then_some(n)
        };
        split(1, pack).enumerate().filter_map(is_good).collect()
    };
    assert_eq!(good(&whole), (0..12).collect::<Vec<_>>());
    let begins: usize = blocks[..6].iter().map(|block| block.encode().len()).sum();
    let length = blocks[6].encode().len();
    for at in begins..begins + length {
        for bit in 0..8 {
            let mut damaged = whole.clone();
            damaged[at] ^= 1 << bit;
            let expected: Vec<usize> = (0..12).filter(|n| *n != 6).collect();
            assert_eq!(good(&damaged), expected, "byte {} of the block, bit {bit}", at - begins);
            // It is another block then, to which the next one does not join.
            match Summary::of_pack(1, &damaged) {
                Ok(other) => assert_ne!(other.blocks[6].header.hash(), hashes[6]),
                Err(fault) => assert!(matches!(fault, PackFault::Block(_)), "{fault}"),
            }
        }
    }
    for cut in 0..whole.len() {
        assert!(good(&whole[..cut]).len() < 12);
        assert!(Summary::of_pack(1, &whole[..cut]).map_or(true, |s| s.blocks.len() < 12));
    }
}

#[test]
fn finds_a_block_by_its_height() {
    let (_, blocks) = busy(work_spec(), 12);
    let pack = pack(&blocks[3..9]);
    for block in &blocks[3..9] {
        let found = find_block(4, &pack, block.header.height).unwrap();
        assert_eq!(found, block.encode());
        assert_eq!(hash_of(found), Some(block.header.hash()));
    }
    for outside in [0, 3, 10, u32::MAX] {
        assert_eq!(find_block(4, &pack, outside), None);
    }
    assert_eq!(find_block(u32::MAX, &pack, u32::MAX), None);
    assert_eq!(hash_of(&[0; 2 + HEADER_SIZE]), None);
}

#[test]
fn a_block_cannot_hide_the_next_one() {
    // An entry that looks like the beginning of the block above its own.
    let spec = open_spec();
    let mut forge = Forge::new(spec.clone());
    let first = forge.block(forge.id, 1, Vec::new());
    let bytes = [&[0x82, 0x58, 117, VERSION][..], &3_u32.to_be_bytes(), &[1; 40]].concat();
    let body = Body::Data { media_type: "a/b".to_owned(), bytes };
    let entry = super::forge::signed(forge.id, 1, 1, body);
    let second = forge.block(first.header.hash(), 1, vec![entry]);
    let third = forge.block(second.header.hash(), 1, Vec::new());
    let blocks = [first, second, third];
    let pack = pack(&blocks);
    let found: Vec<_> = split(1, &pack).map(|bytes| Block::decode(bytes).unwrap()).collect();
    assert_eq!(found, blocks);
}

#[test]
fn a_summary_that_does_not_fit_the_chain_changes_nothing() {
    let (whole, blocks) = busy(work_spec(), 30);
    let mut chain = started(work_spec(), &blocks[..10], 5).unwrap();
    let before = (chain.tip(), chain.ledger().clone(), chain.tree().len());
    let right = Summary::of(&blocks[10..20]);
    let mut wrong = Vec::new();
    // Not the next one, or of another chain.
    wrong.push((Summary::of(&blocks[11..20]), PackFault::Gap(11)));
    wrong.push((Summary::of(&blocks[..10]), PackFault::Gap(11)));
    wrong.push((Summary::default(), PackFault::Gap(11)));
    let (_, other) = busy(open_spec(), 20);
    wrong.push((Summary::of(&other[10..]), PackFault::Gap(11)));
    // A block left out.
    let mut summary = right.clone();
    summary.blocks.remove(4);
    summary.changes.clear();
    summary.changes.insert(super::forge::public(1), 9 * 50);
    wrong.push((summary, PackFault::Header(BlockFault::PreviousHash)));
    // Entries twice: within it, and in the chain.
    let mut summary = right.clone();
    let id = summary.blocks[2].entries[0];
    summary.blocks[3].entries.push(id);
    wrong.push((summary, PackFault::Duplicate));
    let mut summary = right.clone();
    summary.blocks[3].entries.push(Summary::of(&blocks[..10]).blocks[5].entries[0]);
    wrong.push((summary, PackFault::Duplicate));
    // Coins made, and coins that nobody has.
    let mut summary = right.clone();
    *summary.changes.entry(super::forge::public(1)).or_default() += 1;
    wrong.push((summary, PackFault::Balance));
    let mut summary = right.clone();
    *summary.changes.entry(super::forge::public(1)).or_default() += 1_000_000;
    *summary.changes.entry(super::forge::public(2)).or_default() -= 1_000_000;
    wrong.push((summary, PackFault::Balance));
    for (summary, fault) in wrong {
        assert_eq!(chain.restore_pack(&summary), Err(fault));
        assert_eq!((chain.tip(), chain.ledger().clone(), chain.tree().len()), before);
    }
    assert_eq!(chain.restore_pack(&right), Ok(()));
    assert_eq!(chain.restore_pack(&Summary::of(&blocks[20..])), Ok(()));
    assert_eq!(chain.ledger(), whole.ledger());
}
