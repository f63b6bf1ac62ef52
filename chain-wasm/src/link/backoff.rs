//! How long to wait before the next try.

use rand_chacha::ChaCha20Rng;
use rand_core::{Rng, SeedableRng};

/// The first delay at most, in milliseconds; doubled with each further try.
const FIRST: u64 = 250;
/// The longest delay, in milliseconds.
const LONGEST: u64 = 15_000;
/// As [`FIRST`], when the relay refused and would do so again at once.
const FIRST_LONG: u64 = 5_000;
/// As [`LONGEST`], for the same.
const LONGEST_LONG: u64 = 60_000;
/// The longest that a relay may ask a tab to stay away, in milliseconds.
const LONGEST_ASKED: u64 = 300_000;
/// A connection that lasted this long, in milliseconds, makes the next try the first
/// one again. A relay that accepts and drops is thus not hammered.
const STABLE: u64 = 10_000;

/// Exponential backoff. Each delay is drawn between half of its bound and the whole,
/// so that the tabs of a relay that stopped do not come back all at once.
pub(super) struct Backoff {
    attempt: u32,
    rng: ChaCha20Rng,
}

impl Backoff {
    pub(super) fn new(seed: [u8; 32]) -> Self {
        Self { attempt: 0, rng: ChaCha20Rng::from_seed(seed) }
    }

    /// How many tries were made since the last stable connection.
    pub(super) const fn attempt(&self) -> u32 {
        self.attempt
    }

    /// Counts a try.
    pub(super) const fn count(&mut self) {
        self.attempt = self.attempt.saturating_add(1);
    }

    /// The next try is the first again.
    pub(super) const fn reset(&mut self) {
        self.attempt = 0;
    }

    /// A connection ended that had lasted for so many milliseconds.
    pub(super) const fn connected_for(&mut self, millis: u64) {
        if millis >= STABLE {
            self.reset();
        }
    }

    /// The delay after a passing trouble, in milliseconds.
    pub(super) fn short(&mut self) -> u64 {
        self.delay(FIRST, LONGEST)
    }

    /// The delay after a refusal that a new connection would meet again.
    pub(super) fn long(&mut self) -> u64 {
        self.delay(FIRST_LONG, LONGEST_LONG)
    }

    /// The delay when the relay said how long to stay away: not less, and up to half
    /// as much again.
    pub(super) fn after(&mut self, asked: u32) -> u64 {
        let asked = u64::from(asked).min(LONGEST_ASKED);
        asked + self.up_to((asked / 2).max(FIRST))
    }

    /// Random bytes.
    pub(super) fn random_bytes(&mut self) -> [u8; 32] {
        let mut bytes = [0; 32];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }

    fn delay(&mut self, first: u64, longest: u64) -> u64 {
        let doublings = self.attempt.saturating_sub(1).min(16);
        let bound = (first << doublings).min(longest);
        bound / 2 + self.up_to(bound - bound / 2)
    }

    /// A number from 0 to `bound`, both included.
    fn up_to(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % (bound + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubles_within_bounds_and_starts_again_after_a_stable_connection() {
        let mut backoff = Backoff::new([1; 32]);
        for bound in [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000] {
            backoff.count();
            let delay = backoff.short();
            assert!((bound / 2..=bound).contains(&delay), "{delay} for {bound}");
        }
        backoff.connected_for(STABLE - 1);
        assert_eq!(backoff.attempt(), 8);
        backoff.connected_for(STABLE);
        assert_eq!(backoff.attempt(), 0);
    }

    #[test]
    fn spreads_the_tabs_of_one_relay() {
        let delays: std::collections::BTreeSet<_> =
            (0..100).map(|seed| Backoff::new([seed; 32]).after(2_000)).collect();
        assert!(delays.len() > 80, "{delays:?}");
        assert!(delays.iter().all(|delay| (2_000..=3_000).contains(delay)), "{delays:?}");
    }

    #[test]
    fn a_relay_cannot_send_a_tab_away_for_ever() {
        assert!(Backoff::new([1; 32]).after(u32::MAX) <= LONGEST_ASKED * 3 / 2);
    }
}
