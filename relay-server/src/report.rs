//! What goes on, in the log: a line a minute, and a line for each connection refused.

use std::sync::Arc;
use std::time::Duration;

use chain_wasm::relay::Refusal;
use governor::clock::MonotonicClock;
use governor::middleware::NoOpMiddleware;
use governor::state::{InMemoryState, NotKeyed};
use governor::{Quota, RateLimiter};
use nonzero::REFUSALS_PER_SECOND;
use tokio::time::{Instant, MissedTickBehavior, interval_at};

use crate::app::App;
use crate::metrics::Metrics;

/// How often the relay says how it is doing.
const EVERY: Duration = Duration::from_mins(1);

mod nonzero {
    use std::num::NonZeroU32;

    /// Refusals that are logged in a second. Beyond them they are only counted: a flood
    /// must not fill the disk.
    pub(super) const REFUSALS_PER_SECOND: NonZeroU32 = NonZeroU32::MIN.saturating_add(9);
}

type Limiter =
    RateLimiter<NotKeyed, InMemoryState, MonotonicClock, NoOpMiddleware<std::time::Instant>>;

/// Counts refusals, and logs each once unless there are too many.
#[derive(Debug)]
pub struct Refusals {
    limiter: Limiter,
    metrics: Arc<Metrics>,
}

impl Refusals {
    /// None yet.
    pub fn new(metrics: Arc<Metrics>) -> Self {
        let quota = Quota::per_second(REFUSALS_PER_SECOND);
        Self { limiter: RateLimiter::direct_with_clock(quota, MonotonicClock), metrics }
    }

    /// The relay closes a connection from an address.
    pub fn note(&self, reason: Refusal, registered: bool, address: std::net::IpAddr) {
        self.metrics.refused(reason, registered);
        if reason != Refusal::Stopping && self.limiter.check().is_ok() {
            tracing::info!(%reason, %address, registered, "closing a connection");
        }
    }
}

/// Logs a line a minute, for as long as it is polled.
pub async fn tell(app: App) {
    let mut ticks = interval_at(Instant::now() + EVERY, EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut before = Totals::of(&app.context.metrics);
    loop {
        ticks.tick().await;
        let totals = Totals::of(&app.context.metrics);
        let now = app.snapshot();
        tracing::info!(
            connections = now.connections,
            rooms = now.rooms,
            peers = now.peers,
            remote_peers = now.remote_peers,
            queued_bytes = now.queued,
            received = totals.received - before.received,
            delivered = totals.delivered - before.delivered,
            refused = totals.refused - before.refused,
            "the last minute"
        );
        before = totals;
    }
}

#[derive(Debug, Clone, Copy)]
struct Totals {
    received: u64,
    delivered: u64,
    refused: u64,
}

impl Totals {
    fn of(metrics: &Metrics) -> Self {
        Self {
            received: metrics.received.get(),
            delivered: metrics.delivered.get(),
            refused: Refusal::ALL.into_iter().map(|reason| metrics.refusals(reason)).sum(),
        }
    }
}
