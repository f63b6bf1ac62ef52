//! How much one connection may send: frames and bytes, each by the generic cell rate
//! algorithm (ITU-T I.371), by `governor`.
//!
//! Who sends more is not thrown out at once: it is read more slowly, so that it has to wait
//! and nobody else does. An honest tab may come to that while it gives a long chain to
//! a newcomer. Only who does not let up is closed.

use std::num::NonZeroU32;

use chain_wasm::relay::Refusal;
use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{InsufficientCapacity, Quota, RateLimiter};
use tokio::time::{Duration, Instant, sleep};

use crate::limits::{BURST, Limits};

type Meter =
    RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// What one connection has sent of late.
#[derive(Debug)]
pub struct Rate {
    clock: MonotonicClock,
    frames: Meter,
    bytes: Meter,
    /// Since when each frame had to wait.
    slowed_since: Option<Instant>,
    patience: Duration,
}

impl Rate {
    /// Nothing was sent yet.
    pub fn new(limits: &Limits) -> Self {
        Self {
            clock: MonotonicClock,
            frames: meter(limits.frames_per_second),
            bytes: meter(limits.bytes_per_second),
            slowed_since: None,
            patience: limits.rate_patience,
        }
    }

    /// Waits until a frame of so many bytes may be read on.
    ///
    /// # Errors
    /// [`Refusal::RateLimited`] if each frame has had to wait for longer than the limits'
    /// patience.
    pub async fn admit(&mut self, bytes: usize) -> Result<(), Refusal> {
        let bytes = NonZeroU32::new(u32::try_from(bytes).unwrap_or(u32::MAX));
        let waited = self.wait_for(Which::Frames, NonZeroU32::MIN).await
            | self.wait_for(Which::Bytes, bytes.unwrap_or(NonZeroU32::MIN)).await;
        if !waited {
            self.slowed_since = None;
            return Ok(());
        }
        let since = *self.slowed_since.get_or_insert_with(Instant::now);
        if since.elapsed() > self.patience { Err(Refusal::RateLimited) } else { Ok(()) }
    }

    /// Whether it had to wait.
    async fn wait_for(&self, which: Which, count: NonZeroU32) -> bool {
        let meter = match which {
            Which::Frames => &self.frames,
            Which::Bytes => &self.bytes,
        };
        let mut waited = false;
        loop {
            match meter.check_n(count) {
                // No frame is larger than a burst: the limits are checked for it.
                Ok(Ok(())) | Err(InsufficientCapacity(_)) => return waited,
                Ok(Err(until)) => {
                    waited = true;
                    sleep(until.wait_time_from(self.clock.now())).await;
                }
            }
        }
    }
}

#[derive(Debug, Clone, Copy)]
enum Which {
    Frames,
    Bytes,
}

fn meter(per_second: u32) -> Meter {
    let per_second = NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN);
    let burst = per_second.saturating_mul(NonZeroU32::MIN.saturating_add(BURST - 1));
    RateLimiter::direct_with_clock(Quota::per_second(per_second).allow_burst(burst), MonotonicClock)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn limits() -> Limits {
        Limits {
            frames_per_second: 100,
            rate_patience: Duration::from_millis(200),
            ..Limits::default()
        }
    }

    #[tokio::test]
    async fn a_burst_passes_and_more_has_to_wait() {
        let mut rate = Rate::new(&limits());
        for _ in 0..100 * BURST {
            assert_eq!(rate.admit(10).await, Ok(()));
        }
        assert_eq!(rate.slowed_since, None);
        assert_eq!(rate.admit(10).await, Ok(()));
        assert!(rate.slowed_since.is_some());
    }

    #[tokio::test]
    async fn bytes_count_as_well_as_frames() {
        let mut rate = Rate::new(&Limits { bytes_per_second: 1 << 20, ..limits() });
        for _ in 0..BURST {
            assert_eq!(rate.admit(1 << 20).await, Ok(()));
        }
        assert_eq!(rate.slowed_since, None);
        assert_eq!(rate.admit(1 << 16).await, Ok(()));
        assert!(rate.slowed_since.is_some());
    }

    #[tokio::test]
    async fn who_does_not_let_up_is_closed() {
        let mut rate = Rate::new(&limits());
        let mut sent = 0;
        while rate.admit(10).await.is_ok() {
            sent += 1;
            assert!(sent < 10_000, "it goes on for ever");
        }
        assert!(sent > 100 * BURST, "not before its patience is over");
    }
}
