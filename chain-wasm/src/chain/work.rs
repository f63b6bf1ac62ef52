//! Difficulty: what the next block must meet.

use super::block::Header;
use super::spec::{Consensus, Spec};
use crate::primitives::{Difficulty, UnixMillis};

/// What of a header the difficulties after it are drawn from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// When it was made.
    pub timestamp: UnixMillis,
    /// What it met.
    pub difficulty: Difficulty,
}

impl From<&Header> for Pace {
    fn from(header: &Header) -> Self {
        Self { timestamp: header.timestamp, difficulty: header.difficulty }
    }
}

/// How many solve times the next difficulty is drawn from.
pub const WINDOW: usize = 30;

/// A solve time counts as at most this many targets, so that a quiet hour cannot
/// wreck the difficulty.
const CLAMP: u64 = 6;

/// The difficulty rises by one part in so many at most, and one hash, with each block: in
/// thirty blocks thirtyfold, as when a class joins whoever was there first.
const MAX_RISE: u128 = 8;

/// The difficulty of the block after `recent`: up to [`WINDOW`]` + 1` headers',
/// oldest first, the last of them the predecessor's.
///
/// LWMA, the linearly weighted moving average of zawy12
/// (<https://github.com/zawy12/difficulty-algorithms/issues/3>): the mean
/// difficulty of the window, times the target, over the weighted mean of the solve
/// times, where the newest counts most. A timestamp that is not above all before it
/// counts as 1 ms above them, so that alternating clocks cannot make time pass twice;
/// each solve time counts as six targets at most; the result is never below the
/// spec's floor. Where there are fewer than [`WINDOW`] solve times, the missing ones,
/// which come first, count as one target each at the floor: or else whoever makes the
/// first few blocks within milliseconds could raise the difficulty a thousandfold with
/// each of them, beyond what the room's tabs can meet. For the like reason it rises by an
/// eighth and one hash at most from one block to the next: while a single block from the
/// future, as far as [`MAX_AHEAD`](super::verify::MAX_AHEAD) lets it be, is above the
/// clocks of all others, their blocks can only follow it by a millisecond each.
pub fn next_difficulty(spec: &Spec, recent: &[Pace]) -> Difficulty {
    let Consensus::Work { floor, target } = *spec.consensus() else { return Difficulty::MIN };
    let target = u64::from(target).max(1);
    let start = recent.len().saturating_sub(WINDOW + 1);
    let recent = recent.get(start..).unwrap_or_default();
    let Some((first, rest)) = recent.split_first() else { return floor };
    // What a young chain lacks counts as blocks on target, at the floor.
    let mut count = u128::try_from(WINDOW.saturating_sub(rest.len())).unwrap_or(0);
    let mut sum = count * floor.hashes();
    let mut weighted = count * (count + 1) / 2 * u128::from(target);
    let mut latest = first.timestamp.0;
    for header in rest {
        count += 1;
        let time = header.timestamp.0.max(latest.saturating_add(1));
        weighted += count * u128::from((time - latest).clamp(1, CLAMP * target));
        latest = time;
        sum += header.difficulty.hashes();
    }
    // (sum / count) * target / (weighted / (count * (count + 1) / 2)). No overflow:
    // the sum is below 30 * 2^96, the target at most an hour, the count at most 30.
    let next = sum * u128::from(target) * (count + 1) / (2 * weighted);
    let last = rest.last().unwrap_or(first).difficulty.hashes();
    let most = last + last / MAX_RISE + 1;
    floor.max(Difficulty::from_hashes(next.min(most)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn spec() -> Spec {
        let floor = Difficulty::from_hashes(1_000);
        Spec::new("t", Consensus::Work { floor, target: 1_000 }, 50).unwrap()
    }

    fn headers(hashes: u128, times: impl IntoIterator<Item = u64>) -> Vec<Pace> {
        let difficulty = Difficulty::from_hashes(hashes);
        let times = times.into_iter().map(UnixMillis);
        times.map(|timestamp| Pace { timestamp, difficulty }).collect()
    }

    #[test]
    fn stays_when_blocks_come_on_target() {
        let next = next_difficulty(&spec(), &headers(50_000, (0..31).map(|n| n * 1_000)));
        assert_eq!(next.hashes(), 50_000);
    }

    #[test]
    fn regression_the_first_blocks_of_a_room_do_not_make_it_unusable() {
        let mut chain = headers(1_000, [0]);
        for n in 1..=10 {
            let difficulty = next_difficulty(&spec(), &chain);
            assert!(difficulty.hashes() < 3_000, "{}", difficulty.hashes());
            chain.push(Pace { timestamp: UnixMillis(n), difficulty });
        }
        assert!(next_difficulty(&spec(), &chain).hashes() > 2_000);
    }

    #[test]
    fn regression_a_block_from_the_future_does_not_make_a_room_unusable() {
        // Seed 1541 of 50 nodes. All others follow at once, each by a millisecond.
        let mut chain = headers(1_000, [0, 120_000]);
        for n in 1..=40 {
            let difficulty = next_difficulty(&spec(), &chain);
            chain.push(Pace { timestamp: UnixMillis(120_000 + n), difficulty });
        }
        let after = next_difficulty(&spec(), &chain).hashes();
        assert!(after < 1_000 * 120, "{after}");
        // It falls again as soon as blocks take what they take.
        for n in 1..=10 {
            let difficulty = next_difficulty(&spec(), &chain);
            chain.push(Pace { timestamp: UnixMillis(120_000 + n * 6_000), difficulty });
        }
        let later = next_difficulty(&spec(), &chain).hashes();
        assert!(later < after / 2, "{later} after {after}");
    }

    #[test]
    fn doubles_when_blocks_come_twice_as_fast_by_an_eighth_a_block() {
        let mut fast = headers(50_000, (0..31).map(|n| n * 500));
        let most = 50_000 + 50_000 / MAX_RISE + 1;
        assert_eq!(next_difficulty(&spec(), &fast).hashes(), most);
        fast.last_mut().unwrap().difficulty = Difficulty::from_hashes(90_000);
        let next = next_difficulty(&spec(), &fast).hashes();
        assert!((100_000..=101_251).contains(&next), "{next}");
    }

    #[test]
    fn falls_to_the_floor_but_not_below_when_the_room_is_quiet() {
        let hours = headers(1_200, (0..31).map(|n| n * 3_600_000));
        assert_eq!(next_difficulty(&spec(), &hours).hashes(), 1_000);
        // One idle day among busy seconds moves it by a fraction only.
        let mut times: Vec<u64> = (0..31).map(|n| n * 1_000).collect();
        for time in &mut times[16..] {
            *time += 86_400_000;
        }
        let next = next_difficulty(&spec(), &headers(50_000, times)).hashes();
        assert!((38_000..50_000).contains(&next), "{next}");
    }

    #[test]
    fn regression_alternating_clocks_do_not_make_time_pass_twice() {
        // Blocks a second apart, every other one by a clock that is 4 seconds behind.
        let times = (0..31).map(|n| 100_000 + n * 1_000 - (n % 2) * 4_000);
        let next = next_difficulty(&spec(), &headers(50_000, times)).hashes();
        assert!((45_000..80_000).contains(&next), "{next}");
    }

    #[test]
    fn survives_clocks_that_go_backwards_and_extremes() {
        let next = next_difficulty(&spec(), &headers(50_000, (0..31).rev()));
        assert_eq!(next.hashes(), 56_251);
        let top = headers(u128::MAX, (0..31).rev());
        assert_eq!(next_difficulty(&spec(), &top), Difficulty::MAX);
        assert_eq!(next_difficulty(&spec(), &[]), spec().floor());
        assert_eq!(next_difficulty(&Spec::open("t").unwrap(), &top), Difficulty::MIN);
        // The greatest of everything: no overflow.
        let slow =
            Consensus::Work { floor: Difficulty::MIN, target: super::super::spec::MAX_TARGET };
        let slow = Spec::new("t", slow, 50).unwrap();
        assert_eq!(next_difficulty(&slow, &top), Difficulty::MAX);
        let days = headers(u128::MAX, (0..31).map(|n| n * 86_400_000));
        assert!(next_difficulty(&slow, &days) < Difficulty::MAX);
    }

    #[test]
    fn only_the_last_thirty_solve_times_count() {
        let times: Vec<u64> = (0..50).map(|n| n * 700).collect();
        let mut all = headers(50_000, times);
        let next = next_difficulty(&spec(), &all);
        for header in &mut all[..19] {
            header.difficulty = Difficulty::MAX;
        }
        all[0].timestamp = UnixMillis(u64::MAX);
        assert_eq!(next_difficulty(&spec(), &all), next);
        assert_eq!(next_difficulty(&spec(), &all[19..]), next);
    }

    proptest! {
        #[test]
        fn is_never_below_the_floor_whatever_comes_before(
            floor in 1_u128..(1 << 96),
            target in 1..=crate::chain::spec::MAX_TARGET,
            before in prop::collection::vec((1_u128..(1 << 96), any::<u64>()), 0..40),
        ) {
            let floor = Difficulty::from_hashes(floor);
            let spec = Spec::new("t", Consensus::Work { floor, target }, 50).unwrap();
            let before: Vec<Pace> =
                before.into_iter().flat_map(|(hashes, time)| headers(hashes, [time])).collect();
            let next = next_difficulty(&spec, &before);
            prop_assert!(next >= floor);
            prop_assert_eq!(Difficulty::from_bits(next.to_bits()), Ok(next));
        }

        /// Six targets is all that a pause counts for.
        #[test]
        fn one_pause_at_most_cuts_it_to_a_third(at in 1_usize..31, pause in 0_u64..86_400_000) {
            let mut times: Vec<u64> = (0..31).map(|n| n * 1_000).collect();
            for time in &mut times[at..] {
                *time += pause;
            }
            let next = next_difficulty(&spec(), &headers(60_000, times)).hashes();
            prop_assert!((20_000..=60_000).contains(&next), "{}", next);
        }
    }
}
