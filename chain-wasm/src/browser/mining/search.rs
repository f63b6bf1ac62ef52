//! One job's search, in slices short enough for a worker to stay responsive.

use crate::chain::seal;
use crate::node::{JobId, SealJob};

/// The least and the most nonces of a slice.
const SMALLEST: u64 = 1 << 10;
const LARGEST: u64 = 1 << 20;
/// The first slice of a search, about a millisecond's work in wasm.
const FIRST: u64 = 1 << 14;

/// What a slice led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Progress {
    /// Nothing yet.
    Searching,
    /// This nonce meets the difficulty.
    Found(u32),
    /// There is no such nonce in the whole range.
    Exhausted,
}

/// A search through a range of nonces.
pub(super) struct Search {
    job: SealJob,
    next: u64,
    end: u64,
    slice: u64,
}

impl Search {
    /// A search from `start` up to, not including, `end` (2^32 at most).
    pub(super) fn new(job: SealJob, start: u64, end: u64) -> Self {
        Self { job, next: start, end: end.min(1 << 32), slice: FIRST }
    }

    /// The job.
    pub(super) const fn job(&self) -> JobId {
        self.job.job
    }

    /// The job.
    pub(super) fn into_job(self) -> SealJob {
        self.job
    }

    /// The first nonce that has not been tried.
    pub(super) const fn next(&self) -> u64 {
        self.next
    }

    /// Searches one slice, and makes the next one fit `goal` milliseconds by how
    /// long this one took, as `clock` says.
    pub(super) fn step(&mut self, goal: f64, clock: impl Fn() -> f64) -> Progress {
        let Ok(start) = u32::try_from(self.next) else { return Progress::Exhausted };
        let count = self.slice.min(self.end.saturating_sub(self.next));
        if count == 0 {
            return Progress::Exhausted;
        }
        let before = clock();
        let found = seal::search(&self.job.header, self.job.difficulty, start, count);
        self.adapt(goal, clock() - before);
        self.next = found.map_or(self.next + count, |nonce| u64::from(nonce) + 1);
        match found {
            Some(nonce) => Progress::Found(nonce),
            None if self.next >= self.end => Progress::Exhausted,
            None => Progress::Searching,
        }
    }

    /// A browser's clock may be as coarse as 100 ms: a slice at most doubles or
    /// halves, so that one odd reading does little.
    fn adapt(&mut self, goal: f64, took: f64) {
        if took < goal * 0.75 {
            self.slice = (self.slice * 2).min(LARGEST);
        } else if took > goal * 1.5 {
            self.slice = (self.slice / 2).max(SMALLEST);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;
    use crate::primitives::{Difficulty, Hash};

    fn job(difficulty: Difficulty) -> SealJob {
        SealJob { job: 3, header: [5; 117], difficulty }
    }

    #[test]
    fn finds_the_first_nonce_whatever_the_slices() {
        let difficulty = Difficulty::from_hashes(20_000);
        let expected = seal::search(&[5; 117], difficulty, 0, 1 << 32);
        let mut search = Search::new(job(difficulty), 0, 1 << 32);
        let found = loop {
            match search.step(20.0, || 0.0) {
                Progress::Searching => {}
                Progress::Found(nonce) => break Some(nonce),
                Progress::Exhausted => break None,
            }
        };
        assert_eq!(found, expected);
        let mut header = [5; 117];
        header[113..].copy_from_slice(&found.expect("a nonce").to_be_bytes());
        assert!(difficulty.is_met_by(&Hash::of(&header)));
    }

    #[test]
    fn ends_with_its_range() {
        let mut search = Search::new(job(Difficulty::MAX), (1 << 32) - FIRST - 5, u64::MAX);
        assert_eq!(search.step(20.0, || 0.0), Progress::Searching);
        assert_eq!(search.step(20.0, || 0.0), Progress::Exhausted);
        assert_eq!(search.step(20.0, || 0.0), Progress::Exhausted);
        assert_eq!(search.next(), 1 << 32);
    }

    #[test]
    fn slices_follow_the_clock_within_bounds() {
        let time = Cell::new(0.0);
        let clock = |took: f64| {
            let time = &time;
            move || {
                time.set(time.get() + took);
                time.get()
            }
        };
        let mut search = Search::new(job(Difficulty::MAX), 0, 1 << 32);
        for _ in 0..3 {
            search.step(20.0, clock(1.0));
        }
        assert_eq!(search.slice, FIRST * 8);
        search.step(20.0, clock(20.0));
        assert_eq!(search.slice, FIRST * 8);
        for _ in 0..10 {
            search.step(20.0, clock(1_000.0));
        }
        assert_eq!(search.slice, SMALLEST);
    }
}
