//! Figures of a real tab: a page in Chromium, its node in a worker, its store in
//! `IndexedDB`, the relay of the release profile between it and its peers.
//!
//! `cargo bench -p relay-server --bench tab` runs all parts, prints tables and writes
//! `target/tab-benchmark.json`. A part only, or other sizes:
//!
//! ```sh
//! cargo bench -p relay-server --bench tab -- sync --blocks 10000
//! cargo bench -p relay-server --bench tab -- submit --tabs 2
//! ```
//!
//! What is measured and how is said in the module of each part.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(missing_docs, reason = "what is shared with the tests is documented there")]

mod baselines;
mod chains;
mod mining;
mod report;
mod submit;

/// The driver of the tests.
#[path = "../../tests/browser"]
#[allow(dead_code, unused_imports, reason = "the tests use the rest")]
mod driver {
    pub(crate) mod browser;
    pub(crate) mod forge;
    pub(crate) mod native_peer;
    pub(crate) mod patience;
    pub(crate) mod relay;
    pub(crate) mod seeder;
    pub(crate) mod stranger;
    pub(crate) mod tab;
}

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use driver::{browser, forge, native_peer, patience, relay, seeder, stranger, tab};

/// After this long a measurement has failed, not become slow.
pub(crate) const PATIENCE: Duration = Duration::from_mins(15);

/// Asks until something is there; fails with what was seen last.
pub(crate) async fn until<T, F>(what: &str, ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    patience::until_in(PATIENCE, what, ask).await
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// A chain into a new tab; then new blocks on top, warm starts, the full check
    Sync,
    /// The full check of blocks with 10 and 100 signed entries each
    Validate,
    /// Hashes a second
    Mining,
    /// From the form's submit to a block, with several tabs at once
    Submit,
    /// naivechain's way in the same Chromium, and the article's Python chain
    Baselines,
}

/// Measures a real tab.
#[derive(Debug, Parser)]
struct Options {
    /// What to measure; everything if nothing is named
    parts: Vec<Part>,

    /// Lengths of the chains
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 10_000, 100_000])]
    blocks: Vec<u32>,

    /// How many tabs submit at once
    #[arg(long, value_delimiter = ',', default_values_t = [2, 10, 30])]
    tabs: Vec<usize>,

    /// Where the figures are written to
    #[arg(long, default_value = concat!(env!("CARGO_MANIFEST_DIR"), "/../target/tab-benchmark.json"))]
    json: PathBuf,

    /// What cargo tells every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

#[tokio::main]
async fn main() {
    let options = Options::parse();
    let wanted = |part| options.parts.is_empty() || options.parts.contains(&part);
    let mut report = report::Report::new().await;
    if wanted(Part::Sync) {
        for blocks in &options.blocks {
            chains::measure(&mut report, *blocks, 1).await;
        }
    }
    if wanted(Part::Validate) {
        for (blocks, entries) in [(5_000, 10), (1_000, 100)] {
            chains::measure(&mut report, blocks, entries).await;
        }
    }
    if wanted(Part::Mining) {
        mining::measure(&mut report).await;
    }
    if wanted(Part::Submit) {
        for tabs in &options.tabs {
            submit::measure(&mut report, *tabs).await;
        }
    }
    if wanted(Part::Baselines) {
        for blocks in &options.blocks {
            baselines::naivechain(&mut report, *blocks).await;
            baselines::article(&mut report, *blocks).await;
        }
    }
    report.write(&options.json);
}
