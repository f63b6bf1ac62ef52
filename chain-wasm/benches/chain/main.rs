//! How quick the chain and the node are, natively:
//!
//! ```sh
//! cargo bench -p chain-wasm
//! ```
//!
//! prints a table, with baselines that were measured in the same run, and writes the
//! figures to `target/bench/chain.json`. Options after `--`: `--quick` leaves out all that
//! needs 100,000 blocks; any other word runs the parts whose names hold it (`validate`,
//! `headers`, `reorg`, `sync`, `new-block`, `start`).
//!
//! Each figure is the median of several runs, each with fresh nodes; a run of many blocks
//! is made once. Two nodes are in one thread: a sync's time is that of both, one after the
//! other, without any network between them; the receiver's own share is given too. Blocks
//! hold a coinbase and entries of 100 bytes, each signed by one of 16 authors.
//!
//! The harness is this file's own: `criterion` and `divan` have no place for bytes, ratios
//! and growth, and a sync of 100,000 blocks is not to be run a hundred times.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a benchmark may stop at once")]
#![allow(clippy::indexing_slicing, reason = "a benchmark may stop at once")]

mod baselines;
mod blocks;
mod measure;
mod network;
mod report;

use report::Report;

/// What is to be run.
#[derive(Debug, Clone, Default)]
struct Options {
    quick: bool,
    only: Vec<String>,
}

impl Options {
    fn read() -> Self {
        let mut options = Self::default();
        for word in std::env::args().skip(1) {
            match word.as_str() {
                "--quick" => options.quick = true,
                // What cargo passes.
                "--bench" => {}
                _ => options.only.push(word),
            }
        }
        options
    }

    fn wants(&self, part: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|word| part.contains(word.as_str()))
    }

    /// Lengths of chains.
    fn lengths(&self) -> &'static [usize] {
        if self.quick { &[1_000, 10_000] } else { &[1_000, 10_000, 100_000] }
    }
}

fn main() {
    let options = Options::read();
    let mut report = Report::default();
    if options.wants("validate") {
        measure::validate(&mut report);
        baselines::validate(&mut report);
    }
    if options.wants("headers") {
        measure::headers(&mut report, &options);
    }
    if options.wants("reorg") {
        measure::reorg(&mut report);
    }
    for length in options.lengths() {
        if ["sync", "new-block", "start"].iter().any(|part| options.wants(part)) {
            network::lengths(&mut report, *length, &options);
        }
        if options.wants("new-block") {
            baselines::new_block(&mut report, *length);
        }
    }
    report.finish();
}
