//! The page in real Chromium, several tabs and profiles, against the real relay binary.
//!
//! Run one at a time (`--test-threads=1`): each test has browsers of its own, and the
//! machine has few cores. `CHROMIUM` names another browser than `chromium`.
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
