//! Every timer of the node, in one table.

use std::collections::BTreeMap;

use crate::primitives::Instant;

/// What a timer is for. Each runs at most once at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Timer {
    /// A status may be sent again.
    Status,
    /// The page may be told again.
    Events,
    /// A request to a peer runs out, or a peer has cooled down.
    Requests,
    /// A waiting entry is due to be announced again.
    Announce,
    /// The mempool is to be compared with a peer's.
    Compare,
    /// Sealing may begin.
    Seal,
    /// A block that came too early may be looked at again.
    Early,
    /// Blocks that are not stored yet may have waited for their pack too long.
    Unstored,
}

/// When each timer fires.
#[derive(Debug, Clone, Default)]
pub(super) struct Timers(BTreeMap<Timer, Instant>);

impl Timers {
    /// Fires at `at`, whatever was set before.
    pub(super) fn set(&mut self, timer: Timer, at: Instant) {
        self.0.insert(timer, at);
    }

    /// Fires at `at`, or earlier if that was set before.
    pub(super) fn set_by(&mut self, timer: Timer, at: Instant) {
        let due = self.0.entry(timer).or_insert(at);
        *due = at.min(*due);
    }

    /// Does not fire.
    pub(super) fn clear(&mut self, timer: Timer) {
        self.0.remove(&timer);
    }

    /// When the next one fires.
    pub(super) fn next(&self) -> Option<Instant> {
        self.0.values().min().copied()
    }

    /// Those that are due; they are cleared.
    pub(super) fn take_due(&mut self, now: Instant) -> Vec<Timer> {
        let due: Vec<Timer> =
            self.0.iter().filter(|(_, at)| **at <= now).map(|(timer, _)| *timer).collect();
        for timer in &due {
            self.0.remove(timer);
        }
        due
    }
}
