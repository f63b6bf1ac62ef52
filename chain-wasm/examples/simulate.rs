//! Runs the simulator's campaigns: many nodes under every kind of fault, each run from
//! one seed.
//!
//! `cargo run --release --example simulate -- --seeds 10000 --nodes 50` runs 10,000 seeds
//! on all cores and sums them up; the exit code is 1 if anything did not hold.
//! `-- --seed N --nodes 50 --trace` runs one seed again and tells what happened in it.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub,
    reason = "the simulator is the tests'"
)]

#[path = "../tests/simulation/campaign.rs"]
mod campaign;
#[path = "../tests/simulation/checks.rs"]
mod checks;
#[path = "../tests/simulation/damage.rs"]
mod damage;
#[path = "../tests/simulation/forgery.rs"]
mod forgery;
#[path = "../tests/simulation/happening.rs"]
mod happening;
#[path = "../tests/simulation/invariants.rs"]
mod invariants;
#[path = "../tests/simulation/liar.rs"]
mod liar;
#[path = "../tests/simulation/mishaps.rs"]
mod mishaps;
#[path = "../tests/simulation/network.rs"]
mod network;
#[path = "../tests/simulation/outputs.rs"]
mod outputs;
#[path = "../tests/simulation/statistics.rs"]
mod statistics;
#[path = "../tests/simulation/store.rs"]
mod store;
#[path = "../tests/simulation/stranger.rs"]
mod stranger;
#[path = "../tests/simulation/tab.rs"]
mod tab;
#[path = "../tests/simulation/trace.rs"]
mod trace;
#[path = "../tests/simulation/world.rs"]
mod world;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::{IsTerminal as _, Write as _};
use std::num::NonZero;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};

use statistics::Statistics;
use trace::Detail;

/// Nodes under every kind of fault, each run from one seed: finds lost entries, nodes that
/// do not agree, broken rules, unbounded growth and floods of messages.
#[derive(Parser)]
struct Arguments {
    /// How many seeds to run
    #[arg(long, default_value_t = 100, conflicts_with = "seed")]
    seeds: u64,
    /// The first of them
    #[arg(long, default_value_t = 1, conflicts_with = "seed")]
    first: u64,
    /// Run this seed only
    #[arg(long)]
    seed: Option<u64>,
    /// Nodes in each run
    #[arg(long, default_value_t = 50, value_parser = clap::value_parser!(u32).range(2..=10_000))]
    nodes: u32,
    /// Tell what happens in a run, in so much detail (for one seed)
    #[arg(long, num_args = 0..=1, default_missing_value = "steps", requires = "seed")]
    trace: Option<Level>,
    /// Threads; all cores if absent
    #[arg(long)]
    threads: Option<NonZero<usize>>,
}

#[derive(Clone, Copy, ValueEnum)]
enum Level {
    /// Faults, commands, moves of tips, refusals
    Steps,
    /// Messages that are sent, too
    Messages,
    /// Each input of each node, too
    Inputs,
}

thread_local! {
    /// What the last panic of this thread said.
    static PANIC: RefCell<String> = const { RefCell::new(String::new()) };
}

/// What all threads work on.
struct Shared {
    next: AtomicU64,
    end: u64,
    done: AtomicU64,
    nodes: usize,
    sum: Mutex<Sum>,
}

#[derive(Default)]
struct Sum {
    statistics: Statistics,
    violations: BTreeMap<u64, String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let nodes = usize::try_from(arguments.nodes).expect("fits");
    std::panic::set_hook(Box::new(|panic| {
        let at = panic.location().map(ToString::to_string).unwrap_or_default();
        let said = panic.payload_as_str().unwrap_or("no message");
        PANIC.set(format!("{said} ({at})"));
    }));
    if let (Some(seed), Some(level)) = (arguments.seed, arguments.trace) {
        let detail = match level {
            Level::Steps => Detail::Steps,
            Level::Messages => Detail::Messages,
            Level::Inputs => Detail::Inputs,
        };
        return match run(seed, nodes, detail) {
            Ok(_) => {
                println!("seed {seed}: all holds");
                ExitCode::SUCCESS
            }
            Err(violation) => {
                println!("seed {seed}: {violation}");
                ExitCode::FAILURE
            }
        };
    }
    let (first, seeds) =
        arguments.seed.map_or((arguments.first, arguments.seeds), |seed| (seed, 1));
    let shared = Shared {
        next: AtomicU64::new(first),
        end: first + seeds,
        done: AtomicU64::new(0),
        nodes,
        sum: Mutex::default(),
    };
    let cores = thread::available_parallelism().map_or(1, NonZero::get);
    let threads = arguments.threads.map_or(cores, NonZero::get);
    #[expect(clippy::disallowed_methods, reason = "it is for showing")]
    let began = Instant::now();
    thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| work(&shared));
        }
        watch(&shared, first, began);
    });
    let sum = shared.sum.into_inner().expect("no thread died");
    print!("{}", summary(&sum, nodes, began.elapsed()));
    if sum.violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Runs seeds until none is left.
fn work(shared: &Shared) {
    loop {
        let seed = shared.next.fetch_add(1, Ordering::Relaxed);
        if seed >= shared.end {
            break;
        }
        let outcome = run(seed, shared.nodes, Detail::Off);
        let mut sum = shared.sum.lock().expect("no thread died");
        match outcome {
            Ok(statistics) => sum.statistics.add(&statistics),
            Err(violation) => {
                eprintln!("seed {seed}: {violation}");
                sum.violations.insert(seed, violation);
            }
        }
        drop(sum);
        shared.done.fetch_add(1, Ordering::Relaxed);
    }
}

/// Runs one seed; a panic is a violation.
fn run(seed: u64, nodes: usize, detail: Detail) -> Result<Statistics, String> {
    catch_unwind(AssertUnwindSafe(|| campaign::run(seed, nodes, detail))).map_err(|_| PANIC.take())
}

/// Shows how far it is until all seeds are done.
fn watch(shared: &Shared, first: u64, began: Instant) {
    let seeds = shared.end - first;
    let terminal = std::io::stderr().is_terminal();
    let mut told = 0.0;
    loop {
        let done = shared.done.load(Ordering::Relaxed);
        let violations = shared.sum.lock().expect("no thread died").violations.len();
        let seconds = began.elapsed().as_secs_f64();
        #[expect(clippy::cast_precision_loss, reason = "it is for showing")]
        let (rate, left) = (done as f64 / seconds, (seeds - done) as f64);
        let left = Duration::try_from_secs_f64(left / rate).map_or("?".to_owned(), clock);
        let line =
            format!("{done} of {seeds} seeds, {rate:.1}/s, {violations} violations, {left} left");
        // One line that changes, or one every ten seconds.
        if terminal {
            eprint!("\r\x1b[K{line}");
            let _ = std::io::stderr().flush();
        } else if done >= seeds || seconds >= told {
            eprintln!("{line}");
            told = seconds + 10.0;
        }
        if done >= seeds {
            if terminal {
                eprintln!();
            }
            break;
        }
        thread::sleep(Duration::from_millis(100));
    }
}

fn clock(time: Duration) -> String {
    let seconds = time.as_secs();
    format!("{}:{:02}:{:02}", seconds / 3_600, seconds / 60 % 60, seconds % 60)
}

fn summary(sum: &Sum, nodes: usize, took: Duration) -> String {
    let statistics = &sum.statistics;
    let mut text = String::new();
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "{name:<34}{value:>14}");
    };
    let runs = statistics.runs + sum.violations.len() as u64;
    line("seeds", runs.to_string());
    line("nodes in each", nodes.to_string());
    line("took", clock(took));
    line("virtual time", clock(Duration::from_millis(statistics.virtual_millis)));
    line("entries accepted", statistics.accepted.to_string());
    line("  lost with their only holder", statistics.excused.to_string());
    line("entries in the final chains", statistics.confirmed.to_string());
    line("blocks in the final chains", statistics.blocks.to_string());
    line("reorganisations", statistics.reorganisations.to_string());
    line("inputs and other happenings", statistics.happenings.to_string());
    line("broadcasts", statistics.broadcasts.to_string());
    line("directed messages", statistics.directed.to_string());
    line("statuses", statistics.statuses.to_string());
    #[expect(clippy::cast_precision_loss, reason = "it is for showing")]
    let mean = statistics.per_block_sum / statistics.per_block_nodes.max(1) as f64;
    let (most, seed) = statistics.per_block_most;
    line("messages a block and node, mean", format!("{mean:.2}"));
    line(&format!("  most (seed {seed})"), format!("{most:.2}"));
    let _ = writeln!(text, "\nfaults");
    for (fault, times) in &statistics.faults {
        let _ = writeln!(text, "  {:<32}{times:>14}", format!("{fault:?}"));
    }
    let _ = writeln!(text, "\nlargest fill of each bounded container");
    for fill in &statistics.fills {
        let _ = writeln!(text, "  {:<32}{:>14} of {}", fill.name, fill.used, fill.limit);
    }
    let _ = writeln!(text, "\n{} violations", sum.violations.len());
    for (seed, violation) in &sum.violations {
        let _ = writeln!(
            text,
            "seed {seed}: {violation}\n  cargo run --release --example simulate -- \
             --seed {seed} --nodes {nodes} --trace"
        );
    }
    text
}
