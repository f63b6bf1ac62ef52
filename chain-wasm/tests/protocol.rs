//! PROTOCOL.md is true: its vectors, limits and codes are read out of the document
//! and compared with what the code does.
// A test may.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing)]

#[path = "protocol/document.rs"]
mod document;
#[path = "protocol/vectors.rs"]
mod vectors;

use std::collections::BTreeMap;

use chain_wasm::chain::transaction::{MAX_DATA, MAX_MEDIA_TYPE, MAX_TRANSACTION, TransactionFault};
use chain_wasm::chain::verify::{BlockFault, MAX_AHEAD, MEDIAN_BLOCKS};
use chain_wasm::chain::{
    MAX_DOUBLE_SEALS, MAX_SIDE_BLOCKS, block, mempool, merkle, proof, spec, tree, work,
};
use chain_wasm::private;
use chain_wasm::relay::{self, Refusal};
use chain_wasm::wire;

/// Compares what the document says with what the code gives, both ways.
fn compare(kind: &str, ours: &[(String, String)]) {
    let theirs = document::fenced(kind);
    let ours: BTreeMap<&str, &str> =
        ours.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let mut wrong = Vec::new();
    for (name, value) in &ours {
        match theirs.get(*name) {
            Some(theirs) if theirs == value => {}
            Some(theirs) => wrong.push(format!("{name} is\n  {theirs}\nbut should be\n  {value}")),
            None => wrong.push(format!("missing: {name} =\n  {value}")),
        }
    }
    for name in theirs.keys().filter(|name| !ours.contains_key(name.as_str())) {
        wrong.push(format!("unknown: {name}"));
    }
    assert!(wrong.is_empty(), "PROTOCOL.md, blocks of {kind}:\n{}", wrong.join("\n"));
}

#[test]
fn the_vectors_of_the_document_are_what_the_code_gives() {
    let ours = vectors::all();
    assert!(ours.len() >= 8);
    compare("vectors", &ours);
}

#[test]
fn the_limits_of_the_document_are_those_of_the_code() {
    let ours = [
        ("MAX_ROOM_NAME", spec::MAX_NAME),
        ("MAX_TARGET", spec::MAX_TARGET as usize),
        ("MAX_MEMBERS", spec::MAX_MEMBERS),
        ("MAX_SPEC", spec::MAX_SPEC),
        ("MAX_DATA", MAX_DATA),
        ("MAX_MEDIA_TYPE", MAX_MEDIA_TYPE),
        ("MAX_TRANSACTION", MAX_TRANSACTION),
        ("HEADER_SIZE", block::HEADER_SIZE),
        ("SEALED_HEADER_SIZE", block::SEALED_HEADER_SIZE),
        ("MAX_BLOCK", block::MAX_BLOCK),
        ("MAX_TRANSACTIONS", block::MAX_TRANSACTIONS),
        ("MEDIAN_BLOCKS", MEDIAN_BLOCKS),
        ("MAX_AHEAD", usize::try_from(MAX_AHEAD).unwrap()),
        ("WINDOW", work::WINDOW),
        ("MEMPOOL_COUNT", mempool::MAX_COUNT),
        ("MEMPOOL_BYTES", mempool::MAX_BYTES),
        ("MEMPOOL_COUNT_PER_AUTHOR", mempool::MAX_COUNT_PER_AUTHOR),
        ("MEMPOOL_BYTES_PER_AUTHOR", mempool::MAX_BYTES_PER_AUTHOR),
        ("MEMPOOL_HELD_COUNT", mempool::MAX_HELD_COUNT),
        ("MEMPOOL_HELD_BYTES", mempool::MAX_HELD_BYTES),
        ("TREE_HEADERS", tree::MAX_HEADERS),
        ("SIDE_BLOCKS", MAX_SIDE_BLOCKS),
        ("DOUBLE_SEALS", MAX_DOUBLE_SEALS),
        ("MAX_FRAME", relay::MAX_FRAME),
        ("MAX_PAYLOAD", relay::MAX_PAYLOAD),
        ("MAX_STATUS", relay::MAX_STATUS),
        ("MAX_NICKNAME", wire::MAX_NICKNAME),
        ("MAX_MESSAGE", wire::MAX_MESSAGE),
        ("MAX_RESPONSE", wire::MAX_RESPONSE),
        ("MAX_LOCATOR", wire::MAX_LOCATOR),
        ("MAX_HEADERS", wire::MAX_HEADERS),
        ("MAX_HASHES", wire::MAX_HASHES),
        ("MAX_MEMPOOL_IDS", wire::MAX_MEMPOOL_IDS),
        ("MAX_OVERHEAD", private::MAX_OVERHEAD),
        ("MAX_VERDICT", wire::MAX_VERDICT),
        ("MAX_PATH", merkle::MAX_PATH),
        ("MAX_PROOF", proof::MAX_PROOF),
        ("MAX_PROOF_JSON", proof::MAX_JSON),
    ];
    let ours = ours.map(|(name, value)| (name.to_owned(), value.to_string()));
    compare("limits", &ours);
}

#[test]
fn the_close_codes_of_the_document_are_those_of_the_code() {
    let ours = Refusal::ALL.map(|reason| (reason.close_code().to_string(), format!("{reason:?}")));
    compare("close-codes", &ours);
}

#[test]
fn each_fault_has_its_code_in_the_document() {
    let transaction = |fault| BlockFault::Transaction { index: 1, fault };
    let faults = [
        BlockFault::Encoding(block::BlockError::TooManyTransactions(0)),
        BlockFault::Version(0),
        BlockFault::Height { expected: 1, got: 2 },
        BlockFault::PreviousHash,
        BlockFault::Hash,
        BlockFault::HistoryRoot,
        BlockFault::Timestamp,
        BlockFault::Difficulty,
        BlockFault::Work,
        BlockFault::Sealer(0),
        BlockFault::Patience,
        BlockFault::Seal,
        BlockFault::MerkleRoot,
        BlockFault::Size(0),
        BlockFault::Coinbase,
        BlockFault::Reward,
        transaction(TransactionFault::Writer),
        transaction(TransactionFault::Chain),
        transaction(TransactionFault::Signature),
        transaction(TransactionFault::DataSize),
        transaction(TransactionFault::MediaType),
        transaction(TransactionFault::Amount),
        transaction(TransactionFault::Coinbase),
        BlockFault::Duplicate { index: 1 },
        BlockFault::Overdraft { index: 1 },
    ];
    let codes: std::collections::BTreeSet<&str> = faults.iter().map(BlockFault::code).collect();
    assert_eq!(codes.len(), faults.len());
    let rules = document::rules();
    assert_eq!(codes, rules.iter().map(String::as_str).collect());
}
