//! Every timer of the node, in one table.

use std::collections::BTreeMap;

use super::limits::NOTICED_LATE;
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

/// A time by which something must have come from a peer.
///
/// A hidden tab may run once a minute only. When it then finds the time passed, what it
/// waits for may lie there unread: it is read first, and judged when the tab runs next.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Deadline {
    at: Instant,
    extended: bool,
}

impl Deadline {
    pub(super) const fn new(at: Instant) -> Self {
        Self { at, extended: false }
    }

    /// When to look again.
    pub(super) const fn at(self) -> Instant {
        self.at
    }

    /// Whether it has passed. Found so late that this node cannot have run meanwhile, it is
    /// put off, once.
    pub(super) fn has_passed(&mut self, now: Instant) -> bool {
        if now >= self.at && !self.extended && now.since(self.at) > NOTICED_LATE {
            *self = Self { at: now.after(NOTICED_LATE), extended: true };
        }
        now >= self.at
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deadline_that_is_noticed_late_is_put_off_once() {
        let mut seen_in_time = Deadline::new(Instant(10_000));
        assert!(!seen_in_time.has_passed(Instant(9_999)));
        assert!(seen_in_time.has_passed(Instant(10_000)));
        let mut seen_late = Deadline::new(Instant(10_000));
        assert!(!seen_late.has_passed(Instant(60_000)));
        assert_eq!(seen_late.at(), Instant(60_000 + NOTICED_LATE));
        assert!(!seen_late.has_passed(Instant(60_000)));
        assert!(seen_late.has_passed(Instant(120_000)), "but not for ever");
    }
}
