//! Blocks from peers: one verdict each, and no harm from the bad ones.

use super::forge::{Forge, NOW, adopt, data, give, hashes, keypair, open_spec, settle, work_spec};
use crate::chain::block::{Block, BlockError, MAX_BLOCK};
use crate::chain::transaction::{Transaction, TransactionFault};
use crate::chain::verify::BlockFault;
use crate::chain::{BlockVerdict, Chain, Trust};
use crate::codec::CodecError;
use crate::primitives::Hash;

fn forged(forge: &mut Forge) -> Transaction {
    Transaction::sign(forge.entry(1).content().clone(), &keypair(9))
}

fn signature_fault(index: usize) -> BlockVerdict {
    BlockVerdict::Invalid(BlockFault::Transaction { index, fault: TransactionFault::Signature })
}

#[test]
fn one_wrong_signature_among_many_names_its_block_and_what_builds_on_it() {
    let mut forge = Forge::new(work_spec());
    let mut blocks: Vec<Block> = Vec::new();
    for n in 0..12 {
        let parent = blocks.last().map_or(forge.id, |block| block.header.hash());
        let mut entries: Vec<_> = (0..5).map(|_| forge.entry(n)).collect();
        if n == 7 {
            entries[2] = forged(&mut forge);
        }
        blocks.push(forge.block(parent, 1, entries));
    }
    let side = forge.branch(blocks[3].header.hash(), 2, 2);
    let mut chain = Chain::new(work_spec());
    let verdicts = give(&mut chain, &[blocks.clone(), side.clone()].concat());
    for (index, verdict) in verdicts.iter().enumerate() {
        let invalid = (7..12).contains(&index);
        let expected = if invalid { signature_fault(3) } else { BlockVerdict::Inserted };
        assert_eq!(*verdict, expected, "{index}");
    }
    settle(&mut chain);
    assert_eq!(chain.tip(), blocks[6].header.hash());
    assert_eq!(chain.tree().len(), 1 + 7 + 2);
    // The same again, after it was found out: refused without another check.
    assert_eq!(give(&mut chain, &blocks[7..9]), [signature_fault(3), signature_fault(3)]);
}

#[test]
fn the_store_is_trusted_with_signatures_only() {
    let mut forge = Forge::new(work_spec());
    let entries = vec![forged(&mut forge)];
    let block = forge.block(forge.id, 1, entries);
    let mut chain = Chain::new(work_spec());
    let verdicts = chain.insert_blocks(vec![block.encode()], Trust::Store, NOW);
    assert_eq!(verdicts, [(block.header.hash(), BlockVerdict::Inserted)]);
    let mut damaged = block.clone();
    damaged.transactions.pop();
    let mut chain = Chain::new(work_spec());
    let verdicts = chain.insert_blocks(vec![damaged.encode()], Trust::Store, NOW);
    assert_eq!(verdicts[0].1, BlockVerdict::Invalid(BlockFault::MerkleRoot));
}

#[test]
fn another_body_for_a_good_header_does_not_taint_it() {
    let mut forge = Forge::new(work_spec());
    let entries = vec![forge.entry(1), forge.entry(2)];
    let block = forge.block(forge.id, 1, entries);
    let mut other = block.clone();
    other.transactions.swap(1, 2);
    let mut chain = Chain::new(work_spec());
    let verdicts = give(&mut chain, &[other, block.clone(), block.clone()]);
    let wrong = BlockVerdict::Invalid(BlockFault::MerkleRoot);
    assert_eq!(verdicts, [wrong, BlockVerdict::Inserted, BlockVerdict::Known]);
    settle(&mut chain);
    assert_eq!(chain.tip(), block.header.hash());
}

#[test]
fn a_body_that_breaks_a_rule_takes_its_header_out() {
    let mut forge = Forge::new(work_spec());
    let foreign = data(Hash::of(b"another chain"), 1, 1, 5);
    let bad = forge.block(forge.id, 1, vec![foreign]);
    let above = forge.branch(bad.header.hash(), 1, 2);
    let mut chain = Chain::new(work_spec());
    for block in [&bad, &above[0], &above[1]] {
        chain.insert_header(&block.header, NOW).unwrap();
    }
    // The later block comes first, in the same call.
    let verdicts = give(&mut chain, &[above[0].clone(), bad]);
    let fault = BlockFault::Transaction { index: 1, fault: TransactionFault::Chain };
    assert_eq!(verdicts, vec![BlockVerdict::Invalid(fault); 2]);
    assert_eq!(chain.tree().len(), 1);
    assert_eq!(chain.tree().best_header().hash.0, chain.id());
}

#[test]
fn regression_more_descendants_than_are_remembered_are_refused_all_the_same() {
    let mut forge = Forge::new(open_spec());
    let entries = vec![forged(&mut forge)];
    let bad = forge.block(forge.id, 1, entries);
    let above = forge.branch(bad.header.hash(), 1, 1_300);
    let mut chain = Chain::new(open_spec());
    chain.insert_header(&bad.header, NOW).unwrap();
    for block in &above {
        chain.insert_header(&block.header, NOW).unwrap();
    }
    let verdicts = give(&mut chain, &[&[bad][..], &above[1_290..], &above[..5]].concat());
    assert_eq!(verdicts, vec![signature_fault(1); 16]);
    assert_eq!(chain.tree().len(), 1);
}

#[test]
fn bytes_that_are_no_block_are_named_and_harm_nothing() {
    let mut forge = Forge::new(open_spec());
    let block = forge.branch(forge.id, 1, 1)[0].clone();
    let mut chain = Chain::new(open_spec());
    let mut long = block.encode();
    long.resize(MAX_BLOCK + 1, 0);
    let inputs = vec![Vec::new(), b"garbage".to_vec(), long, block.encode()];
    let verdicts = chain.insert_blocks(inputs.clone(), Trust::Peer, NOW);
    for (input, (hash, verdict)) in inputs[..3].iter().zip(&verdicts) {
        assert_eq!(*hash, Hash::of(input));
        assert!(matches!(verdict, BlockVerdict::Invalid(BlockFault::Encoding(_))), "{verdict:?}");
    }
    let too_large =
        BlockError::Codec(CodecError::TooLarge { got: MAX_BLOCK + 1, limit: MAX_BLOCK });
    assert_eq!(verdicts[2].1, BlockVerdict::Invalid(BlockFault::Encoding(too_large)));
    assert_eq!(verdicts[3], (block.header.hash(), BlockVerdict::Inserted));
}

#[test]
fn blocks_before_their_predecessors_come_in_once_those_are_known() {
    let mut forge = Forge::new(open_spec());
    let branch = forge.branch(forge.id, 1, 4);
    let mut chain = Chain::new(open_spec());
    for block in &branch {
        chain.insert_header(&block.header, NOW).unwrap();
    }
    for block in branch.iter().rev() {
        assert_eq!(chain.height(), 0);
        adopt(&mut chain, std::slice::from_ref(block));
    }
    assert_eq!(chain.main.hashes_from(&chain.tree, 1), hashes(&branch));
}

#[test]
fn the_genesis_block_is_known_and_another_rooms_is_not() {
    let mut chain = Chain::new(open_spec());
    let own = crate::chain::genesis(&open_spec());
    let other = crate::chain::genesis(&work_spec());
    let verdicts = give(&mut chain, &[own, other]);
    assert_eq!(verdicts, [BlockVerdict::Known, BlockVerdict::Orphan]);
}
