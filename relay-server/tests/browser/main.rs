//! The page in real Chromium, several tabs and profiles, against the real relay binary.
//!
//! Each test has browsers of its own and waits for its turn, for machines have few cores.
//! `CHROMIUM` names another browser than `/usr/bin/chromium`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic)]

mod browser;
mod failures;
mod measure;
mod native_peer;
mod network;
mod relay;
mod screenshots;
mod stranger;
mod tab;

use std::time::Duration;

/// After this long a test has failed, not become slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// One test at a time: hold this until the end.
pub(crate) async fn turn() -> tokio::sync::MutexGuard<'static, ()> {
    static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
    TURN.lock().await
}

/// Asks until something is there; fails with what was seen last.
pub(crate) async fn until<T, F>(what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let end = tokio::time::Instant::now() + PATIENCE;
    loop {
        match ask().await {
            Ok(found) => return found,
            Err(seen) if tokio::time::Instant::now() >= end => {
                panic!("not in time: {what}: {seen}")
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}
