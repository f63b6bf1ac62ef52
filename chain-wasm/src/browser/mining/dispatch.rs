//! Which nonces of a job go to which searcher: a miner, or the node's own worker.

use std::collections::BTreeMap;
use std::ops::Range;

use crate::node::{JobId, SealJob};

/// How many nonces a searcher gets at a time: about a second of work.
const PART: u64 = 1 << 24;
/// How many nonces there are.
const ALL: u64 = 1 << 32;

/// Names a searcher; never used twice.
pub(super) type SearcherId = u32;

/// The job at hand and who searches which of its nonces.
///
/// Holds one part for each searcher, and as many returned ones as searchers failed.
#[derive(Default)]
pub(super) struct Dispatch {
    job: Option<SealJob>,
    next: u64,
    searching: BTreeMap<SearcherId, Range<u64>>,
    /// Parts that were given out and not searched.
    returned: Vec<Range<u64>>,
}

impl Dispatch {
    /// Begins a job, its nonces below `from` tried already.
    pub(super) fn begin(&mut self, job: SealJob, from: u64) {
        *self = Self { job: Some(job), next: from, ..Self::default() };
    }

    /// Ends whatever job there is.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether this is the job at hand.
    pub(super) fn is_current(&self, job: JobId) -> bool {
        self.job.as_ref().is_some_and(|current| current.job == job)
    }

    /// Whether there is a job.
    pub(super) const fn is_active(&self) -> bool {
        self.job.is_some()
    }

    /// Whether a searcher has a part.
    pub(super) fn is_searching(&self, searcher: SearcherId) -> bool {
        self.searching.contains_key(&searcher)
    }

    /// The next part for a searcher that has none, or is through with it.
    pub(super) fn take(&mut self, searcher: SearcherId) -> Option<(&SealJob, Range<u64>)> {
        let job = self.job.as_ref()?;
        self.searching.remove(&searcher);
        let part = self.returned.pop().unwrap_or_else(|| {
            let start = self.next;
            self.next = start.saturating_add(PART).min(ALL);
            start..self.next
        });
        if part.is_empty() {
            return None;
        }
        self.searching.insert(searcher, part.clone());
        Some((job, part))
    }

    /// A searcher is gone; it had tried its part up to `tried`, or nobody knows how
    /// far. Others get the rest.
    pub(super) fn give_back(&mut self, searcher: SearcherId, tried: Option<u64>) {
        if let Some(part) = self.searching.remove(&searcher) {
            let rest = tried.unwrap_or(part.start).max(part.start)..part.end;
            if !rest.is_empty() {
                self.returned.push(rest);
            }
        }
    }

    /// Whether every nonce has been tried.
    pub(super) fn is_exhausted(&self) -> bool {
        let all_given = self.next == ALL && self.returned.is_empty();
        self.job.is_some() && all_given && self.searching.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::Difficulty;

    fn job(id: JobId) -> SealJob {
        SealJob { job: id, header: [0; 117], difficulty: Difficulty::MIN }
    }

    fn part(dispatch: &mut Dispatch, searcher: SearcherId) -> Option<Range<u64>> {
        dispatch.take(searcher).map(|(_, part)| part)
    }

    #[test]
    fn gives_every_nonce_to_one_searcher_once() {
        let mut dispatch = Dispatch::default();
        assert!(dispatch.take(0).is_none());
        dispatch.begin(job(1), 1_000);
        let mut covered = 1_000;
        for turn in 0.. {
            let Some(part) = part(&mut dispatch, turn % 3) else { break };
            assert_eq!(part.start, covered);
            assert!(part.end > part.start);
            covered = part.end;
        }
        assert_eq!(covered, 1 << 32);
        // Two of the three have not said yet that they found nothing.
        assert!(!dispatch.is_exhausted());
        for searcher in 0..3 {
            assert!(dispatch.take(searcher).is_none());
        }
        assert!(dispatch.is_exhausted());
    }

    #[test]
    fn what_a_failed_searcher_had_goes_to_another() {
        let mut dispatch = Dispatch::default();
        dispatch.begin(job(1), (1 << 32) - PART - 10);
        let first = part(&mut dispatch, 1).unwrap();
        let second = part(&mut dispatch, 2).unwrap();
        assert_eq!(second, (1 << 32) - 10..1 << 32);
        assert!(part(&mut dispatch, 2).is_none());
        // Of the first nobody knows how far it came.
        dispatch.give_back(1, None);
        assert!(!dispatch.is_exhausted());
        assert_eq!(part(&mut dispatch, 2), Some(first.clone()));
        // This one says so.
        dispatch.give_back(2, Some(first.end - 5));
        assert_eq!(part(&mut dispatch, 3), Some(first.end - 5..first.end));
        assert!(part(&mut dispatch, 3).is_none());
        assert!(dispatch.is_exhausted());
        // Who has nothing gives nothing back.
        dispatch.give_back(1, None);
        dispatch.give_back(9, None);
        assert!(dispatch.is_exhausted());
    }

    #[test]
    fn a_new_job_is_a_new_start() {
        let mut dispatch = Dispatch::default();
        dispatch.begin(job(1), 0);
        assert_eq!(part(&mut dispatch, 0), Some(0..PART));
        dispatch.begin(job(2), 0);
        assert!(dispatch.is_current(2) && !dispatch.is_current(1));
        assert_eq!(part(&mut dispatch, 1), Some(0..PART));
        dispatch.clear();
        assert!(!dispatch.is_active() && !dispatch.is_exhausted());
        assert!(dispatch.take(0).is_none());
    }
}
