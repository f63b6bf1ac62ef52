//! The page in real Chromium, several tabs and profiles, against the real relay binary.
//!
//! Each test has browsers of its own and waits for its turn, for machines have few cores.
//! `CHROMIUM` names another browser than `/usr/bin/chromium`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod accessibility;
mod browser;
mod cluster;
mod crowd;
mod explorer;
mod failures;
mod faults;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod forge;
mod interaction;
mod lab;
mod ledger;
mod measure;
mod members;
mod native_peer;
mod network;
mod network_page;
mod own_key;
mod paper;
mod patience;
mod proofs;
mod proxy;
mod relay;
mod rooms;
mod screenshots;
#[allow(dead_code, reason = "the benchmark uses the rest")]
mod seeder;
mod storage;
mod stranger;
mod tab;
mod thirty_tabs;

use patience::{PATIENCE, until};

/// One test at a time: hold this until the end.
pub(crate) async fn turn() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}
