//! Figures of the relay, over real sockets, beside a server of sixty lines in the same run.
//!
//! `cargo bench -p relay-server --bench relay` runs all parts, prints tables and writes
//! `target/relay-benchmark.json`. A part only, or other sizes:
//!
//! ```sh
//! cargo bench -p relay-server --bench relay -- burst --receivers 100 --frames 20000
//! cargo bench -p relay-server --bench relay -- idle --connections 1000,5000,10000
//! ```
//!
//! The server is a process of its own, so that its CPU time and memory are its own; both are
//! read from `/proc` (Linux only). Load and server share the machine's cores.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]
#![allow(clippy::cast_precision_loss, clippy::print_stdout, missing_docs, reason = "a benchmark")]

mod baseline;
mod client;
mod hostile;
mod parts;
mod server;
mod strangers;

use std::path::PathBuf;

use clap::{Parser, ValueEnum};
use serde_json::json;
use server::{Kind, Server};

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// One sends as much as can be read: CPU time of a million deliveries
    Burst,
    /// One sends at a steady pace: how long a delivery takes
    Pace,
    /// How many connections a second, and what an idle one costs
    Idle,
    /// One of twenty receivers stops reading
    Slow,
    /// A large room with joins and leaves every second
    Churn,
    /// Strangers do what they can at ten times the limits
    Hostile,
}

/// Measures the relay.
#[derive(Debug, Clone, Parser)]
pub(crate) struct Options {
    /// What to measure; everything if nothing is named
    parts: Vec<Part>,
    /// Receivers of each frame
    #[arg(long, default_value_t = 100)]
    receivers: usize,
    /// Frames of a burst
    #[arg(long, default_value_t = 20_000)]
    frames: u32,
    /// Bytes of a frame's payload
    #[arg(long, default_value_t = 256)]
    size: usize,
    /// Idle connections
    #[arg(long, value_delimiter = ',', default_values_t = [1_000, 5_000, 10_000])]
    connections: Vec<usize>,
    /// How long the steady and the slow run take, in seconds
    #[arg(long, default_value_t = 10)]
    seconds: u32,
    /// Runs of each burst; the median is told
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// What strangers do; everything if nothing is named
    #[arg(long, value_delimiter = ',')]
    harm: Vec<hostile::Kind>,
    /// What `cargo bench` adds
    #[arg(long, hide = true)]
    bench: bool,
}

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    if std::env::var_os(server::BASELINE).is_some() {
        return runtime.block_on(baseline::serve());
    }
    if let Ok(at) = std::env::var(strangers::HARM) {
        return runtime.block_on(strangers::run(&at));
    }
    let options = Options::parse();
    let report = runtime.block_on(measure(&options));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/relay-benchmark.json");
    std::fs::write(&path, serde_json::to_vec_pretty(&report).unwrap()).unwrap();
    println!("\nwritten to target/relay-benchmark.json");
}

async fn measure(options: &Options) -> serde_json::Value {
    let wants = |part| options.parts.is_empty() || options.parts.contains(&part);
    let mut report = serde_json::Map::new();
    println!("{:<34} {:>14} {:>14} {:>8}", "", "relay", "baseline", "ratio");
    if wants(Part::Burst) {
        let (mut relay, mut base) = (Vec::new(), Vec::new());
        for _ in 0..options.runs.max(1) {
            relay.push(parts::burst(&Server::start(Kind::Relay).await, options).await);
            base.push(parts::burst(&Server::start(Kind::Baseline).await, options).await);
        }
        let (relay, base) = (parts::median(relay), parts::median(base));
        row("CPU s per million deliveries", relay.cpu, base.cpu);
        row("deliveries/s", relay.rate, base.rate);
        report.insert("burst".into(), json!({ "relay": relay, "baseline": base }));
    }
    if wants(Part::Pace) {
        let relay = parts::pace(&Server::start(Kind::Relay).await, options, None).await;
        let base = parts::pace(&Server::start(Kind::Baseline).await, options, None).await;
        row("delivery p50, ms", relay.p50, base.p50);
        row("delivery p99, ms", relay.p99, base.p99);
        report.insert("pace".into(), json!({ "relay": relay, "baseline": base }));
    }
    if wants(Part::Idle) {
        let mut rows = Vec::new();
        for count in &options.connections {
            let relay = parts::idle(&Server::start(Kind::Relay).await, *count).await;
            let base = parts::idle(&Server::start(Kind::Baseline).await, *count).await;
            row(&format!("KB an idle connection, {count}"), relay.kilobytes, base.kilobytes);
            row(&format!("connections/s, {count}"), relay.rate, base.rate);
            rows.push(json!({ "connections": count, "relay": relay, "baseline": base }));
        }
        report.insert("idle".into(), rows.into());
    }
    if wants(Part::Slow) {
        let server = Server::start(Kind::Relay).await;
        let quiet = parts::pace(&server, options, None).await;
        let before = server.memory();
        let slow = parts::pace(&server, options, Some(parts::Slow)).await;
        println!("\none of the receivers does not read (4 KiB, 200/s):");
        println!("  p99 of the others {:.2} ms, {:.2} ms without it", slow.p99, quiet.p99);
        println!("  memory {:.1} MB, {:.1} MB before", server.memory() / 1e6, before / 1e6);
        report.insert("slow".into(), json!({ "quiet": quiet, "slow": slow }));
    }
    if wants(Part::Churn) {
        println!("\na room with joins and leaves, frames to its peers:");
        println!(
            "{:>8} {:>10} {:>10} {:>16} {:>14}",
            "peers", "joins", "leaves", "frames a change", "CPU ms a join"
        );
        let mut rows = Vec::new();
        for peers in [125, 250, 500] {
            let churn = parts::churn(&Server::start(Kind::Relay).await, peers).await;
            println!(
                "{peers:>8} {:>10} {:>10} {:>16.1} {:>14.2}",
                churn.joins, churn.leaves, churn.frames, churn.cpu_ms
            );
            rows.push(json!({ "peers": peers, "churn": churn }));
        }
        report.insert("churn".into(), rows.into());
    }
    if wants(Part::Hostile) {
        report.insert("hostile".into(), parts::hostile(options).await);
    }
    report.into()
}

fn row(what: &str, relay: f64, base: f64) {
    println!("{what:<34} {relay:>14.2} {base:>14.2} {:>8.2}", relay / base);
}
