//! Honest tabs among strangers who do what they can, at ten times the limits.

#[path = "../../benches/relay/hostile.rs"]
mod harm;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chain_wasm::relay::RelayFrame;

use clap::ValueEnum;
use harm::{Harm, Kind};

use super::process::{self, memory};
use super::support::{Tab, decode, in_time, peer, room};

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn honest_tabs_get_everything_and_memory_stays_bounded() {
    let (child, address) =
        process::start(&[&["--drain=1s"], harm::LIMITS.as_slice()].concat()).await;
    let pid = child.id().unwrap();
    let mut tabs = Vec::new();
    for n in 1..=5 {
        tabs.push(Tab::join_at(address, n, room(50), b"").await);
    }
    let quiet = memory(pid);
    let done = Arc::new(harm::Harm::default());
    let doing = harm::begin(address, room(50), Kind::value_variants(), 1, &done);
    // Each kind of harm is done in the meantime, and some of it is over.
    let enough = |count: &AtomicU64| count.load(Ordering::Relaxed) >= 12;
    let mut sent = 0_u32;
    let mut most = quiet;
    let mut sender = tabs.remove(0);
    let all_done = || {
        let Harm { half_open, garbage, oversized, registrations, rooms, flood, slow } = &*done;
        [half_open, garbage, oversized, registrations, rooms, flood, slow].into_iter().all(enough)
    };
    while !all_done() || sent < 100 {
        sender.broadcast(&sent.to_be_bytes()).await;
        for tab in &mut tabs {
            loop {
                let bytes = tab.frame().await;
                if let RelayFrame::Deliver { from, payload } = decode(&bytes) {
                    assert_eq!((from, payload), (peer(1), sent.to_be_bytes().as_slice()));
                    break;
                }
            }
        }
        sent += 1;
        most = most.max(memory(pid));
        // At a third of what it may send; what comes to it must be read as well.
        let pause = tokio::time::sleep(Duration::from_millis(10));
        tokio::pin!(pause);
        loop {
            tokio::select! {
                () = &mut pause => break,
                _ = sender.frame() => {}
            }
        }
    }
    println!("{sent} frames to each of four beside {done:?}; {most} bytes, {quiet} before");
    drop(doing);
    assert!(most - quiet < harm::MEMORY, "{quiet} bytes became {most}");
    // It goes on as before.
    in_time(async { while Tab::connect(address).await.frame_or_close().await.is_err() {} }).await;
}
