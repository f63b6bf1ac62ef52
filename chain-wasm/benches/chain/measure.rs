//! The chain without the node: validation, headers, reorganisations.

use std::time::Instant;

use chain_wasm::chain::block::{Block, Header};
use chain_wasm::chain::tree::Tree;
use chain_wasm::chain::validate::Validator;
use chain_wasm::chain::{Advance, BlockVerdict, Chain, Trust};
use chain_wasm::node::limits::VALIDATE_STEP;

use super::Options;
use super::blocks::{Maker, NOW, headers as make_headers, spec};
use super::report::{Report, float, median};

/// Blocks that a peer gives in one answer.
const ANSWER: usize = 128;

/// The full check of a chain, and how quickly blocks from a peer become part of one.
pub(crate) fn validate(report: &mut Report) {
    Report::note("validate: is_chain_valid from the bytes; take in: from a peer, 128 at a time");
    for (entries, count) in [(1, 4_000), (10, 800), (100, 100)] {
        let blocks = Maker::new().blocks(count, entries);
        let bytes: usize = blocks.iter().map(Vec::len).sum();
        let full = median((0..5).map(|_| full_check(&blocks)).collect());
        let taken = median((0..5).map(|_| take_in(&blocks)).collect());
        let plural = if entries == 1 { "entry" } else { "entries" };
        for (name, seconds) in [("validate", full), ("take in", taken)] {
            report.row(
                format!("{name} {entries} {plural} a block"),
                &[
                    ("blocks/s", float(count) / seconds),
                    ("signatures/s", float(count * entries) / seconds),
                    ("MB/s", float(bytes) / seconds / 1e6),
                ],
            );
        }
    }
}

fn full_check(blocks: &[Vec<u8>]) -> f64 {
    let began = Instant::now();
    let mut validator = Validator::new(spec());
    for step in blocks.chunks(VALIDATE_STEP) {
        validator.push_all(step.iter().map(|bytes| (&bytes[..], None))).unwrap();
    }
    assert_eq!(usize::try_from(validator.report().blocks), Ok(blocks.len() + 1));
    began.elapsed().as_secs_f64()
}

fn take_in(blocks: &[Vec<u8>]) -> f64 {
    let given: Vec<Vec<Vec<u8>>> = blocks.chunks(ANSWER).map(<[_]>::to_vec).collect();
    let began = Instant::now();
    let mut chain = Chain::new(spec());
    for answer in given {
        give(&mut chain, answer);
    }
    assert_eq!(usize::try_from(chain.height()), Ok(blocks.len()));
    began.elapsed().as_secs_f64()
}

fn give(chain: &mut Chain, blocks: Vec<Vec<u8>>) {
    let verdicts = chain.insert_blocks(blocks, Trust::Peer, NOW);
    assert!(verdicts.iter().all(|(_, verdict)| *verdict == BlockVerdict::Inserted));
    advance(chain);
}

fn advance(chain: &mut Chain) {
    while let Advance::Moved(_) = chain.advance() {}
}

/// How quickly headers are taken in, and what they take.
pub(crate) fn headers(report: &mut Report, options: &Options) {
    for length in options.lengths() {
        let headers = make_headers(*length);
        let mut allocated = 0;
        let mut run = || {
            let encoded: Vec<_> = headers.iter().map(Header::encode).collect();
            let began = Instant::now();
            let mut tree = Tree::new(spec());
            for header in &encoded {
                tree.insert(&Header::decode(header).unwrap()).unwrap();
            }
            assert_eq!(tree.len(), length + 1);
            allocated = tree.allocated();
            began.elapsed().as_secs_f64()
        };
        let seconds = median((0..5).map(|_| run()).collect());
        report.row(
            format!("{length} headers"),
            &[
                ("headers/s", float(*length) / seconds),
                ("bytes a header", float(allocated) / float(*length)),
            ],
        );
    }
}

/// A branch of so many blocks is replaced by one that is longer by one.
pub(crate) fn reorg(report: &mut Report) {
    for depth in [1, 10, 1_000] {
        let mut maker = Maker::new();
        let shared = maker.blocks(1_000, 1);
        let fork = maker.tip;
        let old = maker.blocks(depth, 1);
        maker.tip = fork;
        let new = maker.blocks(depth + 1, 1);
        let tip = maker.tip;
        let mut times = Vec::new();
        for _ in 0..5 {
            let mut chain = Chain::new(spec());
            give(&mut chain, shared.clone());
            give(&mut chain, old.clone());
            let began = Instant::now();
            // Its headers are there before its blocks, as in a sync.
            for bytes in &new {
                let header = Block::decode(bytes).unwrap().header;
                chain.insert_header(&header, NOW).unwrap();
            }
            for answer in new.chunks(ANSWER) {
                give(&mut chain, answer.to_vec());
            }
            times.push(began.elapsed().as_secs_f64());
            assert_eq!(chain.tip(), tip);
        }
        let seconds = median(times);
        let per_block = seconds * 1e6 / float(depth + 1);
        report.row(
            format!("reorg of {depth} blocks"),
            &[("ms", seconds * 1e3), ("us a new block", per_block)],
        );
    }
}
