//! What is measured.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use clap::ValueEnum;
use futures_util::StreamExt;
use futures_util::stream;
use serde::Serialize;
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};

use crate::Options;
use crate::client::Client;
use crate::hostile;
use crate::server::{Kind, Server};
use crate::strangers::{self, Strangers};

/// Frames that receivers may be behind the sender.
const WINDOW: u32 = 2_000;

/// Frames a second of the steady run, and their bytes.
const PACE: u32 = 200;
const PACE_BYTES: usize = 4_096;

/// Connections that are made at a time.
const AT_A_TIME: usize = 64;

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Burst {
    /// Seconds of CPU time of a million deliveries.
    pub(crate) cpu: f64,
    /// Deliveries a second.
    pub(crate) rate: f64,
}

/// The run in the middle, by CPU time.
pub(crate) fn median(mut runs: Vec<Burst>) -> Burst {
    runs.sort_by(|a, b| a.cpu.total_cmp(&b.cpu));
    runs[runs.len() / 2]
}

/// One sends to many as quickly as they all read.
pub(crate) async fn burst(server: &Server, options: &Options) -> Burst {
    let frames = options.frames;
    let mut sender = Client::join(server, 0, 0).await;
    let mut readers = JoinSet::new();
    let mut counts = Vec::new();
    for n in 0..options.receivers {
        let mut receiver = Client::join(server, 0, u32::try_from(n + 1).unwrap()).await;
        let count = Arc::new(AtomicU32::new(0));
        counts.push(Arc::clone(&count));
        readers.spawn(async move {
            for _ in 0..frames {
                receiver.delivery(|_| ()).await;
                count.fetch_add(1, Ordering::Relaxed);
            }
        });
    }
    let (cpu, start) = (server.cpu(), Instant::now());
    let payload = vec![7; options.size];
    for sent in 0..frames {
        sender.feed(&payload).await;
        if sent % 100 == 99 {
            sender.flush().await;
            let read = || counts.iter().map(|count| count.load(Ordering::Relaxed)).min().unwrap();
            while sent.saturating_sub(read()) > WINDOW {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        }
    }
    sender.flush().await;
    while let Some(read) = readers.join_next().await {
        read.unwrap();
    }
    let deliveries = f64::from(frames) * options.receivers as f64;
    Burst {
        cpu: (server.cpu() - cpu) / deliveries * 1e6,
        rate: deliveries / start.elapsed().as_secs_f64(),
    }
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Pace {
    /// Half of all deliveries took no longer, in milliseconds.
    pub(crate) p50: f64,
    /// 99 of 100.
    pub(crate) p99: f64,
}

/// One of the receivers does not read.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Slow;

/// One sends to nineteen at a steady pace.
pub(crate) async fn pace(server: &Server, options: &Options, slow: Option<Slow>) -> Pace {
    let room = if slow.is_some() { 2 } else { 1 };
    pace_in(server, options, slow, room).await
}

async fn pace_in(server: &Server, options: &Options, slow: Option<Slow>, room: u32) -> Pace {
    let frames = options.seconds * PACE;
    let start = Instant::now();
    let mut sender = Client::join(server, room, 0).await;
    let mut readers = JoinSet::new();
    for n in 1..20 {
        let mut receiver = Client::join(server, room, n).await;
        readers.spawn(async move {
            let mut took = Vec::new();
            for _ in 0..frames {
                let sent = receiver
                    .delivery(|payload| u64::from_be_bytes(payload[..8].try_into().unwrap()));
                let sent = Duration::from_nanos(sent.await);
                took.push(start.elapsed().saturating_sub(sent).as_secs_f64() * 1e3);
            }
            took
        });
    }
    let _not_read = match slow {
        Some(Slow) => Some(Client::join(server, room, 20).await),
        None => None,
    };
    let mut ticks = interval(Duration::from_secs(1) / PACE);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    let mut payload = vec![7; PACE_BYTES];
    for _ in 0..frames {
        ticks.tick().await;
        let now = u64::try_from(start.elapsed().as_nanos()).unwrap();
        payload[..8].copy_from_slice(&now.to_be_bytes());
        sender.feed(&payload).await;
        sender.flush().await;
    }
    let mut all = Vec::new();
    while let Some(took) = readers.join_next().await {
        all.extend(took.unwrap());
    }
    all.sort_by(f64::total_cmp);
    Pace { p50: all[all.len() / 2], p99: all[all.len() * 99 / 100] }
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Idle {
    /// Of the server's memory for each connection, in units of 1,000 bytes.
    pub(crate) kilobytes: f64,
    /// Connections a second, registered.
    pub(crate) rate: f64,
}

/// Many connect, fifty to a room, and say nothing.
pub(crate) async fn idle(server: &Server, count: usize) -> Idle {
    // What the first connections set aside is not theirs.
    let first = Client::join(server, u32::MAX, u32::MAX).await;
    let (memory, start) = (server.memory(), Instant::now());
    let joining = (0..u32::try_from(count).unwrap()).map(|n| Client::join(server, n / 50, n));
    let clients: Vec<Client> = stream::iter(joining).buffer_unordered(AT_A_TIME).collect().await;
    let rate = count as f64 / start.elapsed().as_secs_f64();
    // Let it settle: what was queued is written when nothing comes any more.
    let mut quiet = clients;
    for client in &mut quiet {
        while timeout(Duration::from_millis(1), client.socket.next()).await.is_ok() {}
    }
    let kilobytes = (server.memory() - memory) / count as f64 / 1e3;
    drop((first, quiet));
    Idle { kilobytes, rate }
}

#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Churn {
    pub(crate) joins: usize,
    pub(crate) leaves: usize,
    /// Frames that all peers together got for each change.
    pub(crate) frames: f64,
    /// The relay's CPU time for each join with its leave, in milliseconds.
    pub(crate) cpu_ms: f64,
}

/// Peers of a full room leave and others join.
pub(crate) async fn churn(server: &Server, peers: usize) -> Churn {
    const CHANGES: usize = 200;
    let names = 0..u32::try_from(peers).unwrap();
    let joining = names.map(|n| Client::join(server, 0, n));
    let clients: Vec<Client> = stream::iter(joining).buffered(AT_A_TIME).collect().await;
    let counted = Arc::new(AtomicU32::new(0));
    let mut readers = JoinSet::new();
    let mut leaving = Vec::new();
    for mut client in clients {
        let counted = Arc::clone(&counted);
        let task = readers.spawn(async move {
            while let Some(Ok(_)) = client.socket.next().await {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        leaving.push(task);
    }
    settle(&counted).await;
    let (before, cpu) = (counted.load(Ordering::Relaxed), server.cpu());
    for n in 0..CHANGES {
        let mut client = Client::join(server, 0, u32::try_from(peers + n).unwrap()).await;
        let counted = Arc::clone(&counted);
        let task = readers.spawn(async move {
            while let Some(Ok(_)) = client.socket.next().await {
                counted.fetch_add(1, Ordering::Relaxed);
            }
        });
        leaving.push(task);
        leaving.remove(0).abort();
    }
    settle(&counted).await;
    let told = counted.load(Ordering::Relaxed) - before;
    Churn {
        joins: CHANGES,
        leaves: CHANGES,
        frames: f64::from(told) / (2 * CHANGES) as f64,
        cpu_ms: (server.cpu() - cpu) * 1e3 / CHANGES as f64,
    }
}

/// Waits until nothing comes any more.
async fn settle(counted: &AtomicU32) {
    let mut last = u32::MAX;
    while counted.load(Ordering::Relaxed) != last {
        last = counted.load(Ordering::Relaxed);
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
}

/// The same pace in a relay that is left alone and in one under attack, in turn, for each kind
/// of harm alone and then for all together.
pub(crate) async fn hostile(options: &Options) -> serde_json::Value {
    let all = hostile::Kind::value_variants();
    let kinds = if options.harm.is_empty() { all } else { &options.harm };
    println!(
        "\n{:<14} {:>10} {:>10} {:>6} {:>10} {:>10} {:>10}",
        "strangers", "quiet p99", "p99, ms", "ratio", "p50, ms", "grown, MB", "CPU, s"
    );
    let mut rows = serde_json::Map::new();
    for kind in kinds {
        let name = strangers::name(*kind);
        rows.insert(name.clone(), attack(options, &name, &[*kind]).await);
    }
    if kinds.len() > 1 {
        rows.insert("all".into(), attack(options, "all", kinds).await);
    }
    println!("memory may grow by {:.0} MB", hostile::MEMORY / 1e6);
    rows.into()
}

async fn attack(options: &Options, name: &str, kinds: &[hostile::Kind]) -> serde_json::Value {
    const ROOM: u32 = 3;
    let (mut quiets, mut attacks, mut harms) = (Vec::new(), Vec::new(), Vec::new());
    let (mut grown, mut cpu) = (0.0_f64, Vec::new());
    for _ in 0..options.runs.max(1) {
        let server = Server::start_with(Kind::Relay, &hostile::LIMITS).await;
        quiets.push(pace_in(&server, options, None, ROOM).await);
        let (memory, before) = (server.memory(), server.cpu());
        let strangers = Strangers::begin(&server, ROOM, kinds);
        let mut most = memory;
        let mut looks = interval(Duration::from_millis(50));
        let measuring = pace_in(&server, options, None, ROOM);
        tokio::pin!(measuring);
        attacks.push(loop {
            tokio::select! {
                attacked = &mut measuring => break attacked,
                _ = looks.tick() => most = most.max(server.memory()),
            }
        });
        harms.push(strangers.stop().await);
        grown = grown.max(most - memory);
        cpu.push(server.cpu() - before);
    }
    let middle = |mut paces: Vec<Pace>| {
        paces.sort_by(|a, b| a.p99.total_cmp(&b.p99));
        paces[paces.len() / 2]
    };
    let (quiet, attacked) = (middle(quiets.clone()), middle(attacks.clone()));
    cpu.sort_by(f64::total_cmp);
    println!(
        "{name:<14} {:>10.2} {:>10.2} {:>6.2} {:>10.2} {:>10.1} {:>10.2}",
        quiet.p99,
        attacked.p99,
        attacked.p99 / quiet.p99,
        attacked.p50,
        grown / 1e6,
        cpu[cpu.len() / 2],
    );
    println!("  {}", harms[harms.len() / 2]);
    serde_json::json!({ "quiet": quiets, "attacked": attacks, "memory": grown, "harm": harms })
}
