//! Waiting for conditions.

use std::time::Duration;

/// After this long something has failed, not become slow.
pub(crate) const PATIENCE: Duration = Duration::from_secs(90);

/// Asks until something is there; fails with what was seen last.
pub(crate) async fn until<T, F>(what: &str, ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    until_in(PATIENCE, what, ask).await
}

/// As [`until`], for what may take another time.
pub(crate) async fn until_in<T, F>(patience: Duration, what: &str, mut ask: impl FnMut() -> F) -> T
where
    F: Future<Output = Result<T, String>>,
{
    let end = tokio::time::Instant::now() + patience;
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
