//! Which nonces of a job go to which miner.

use std::collections::BTreeSet;

use crate::node::{JobId, SealJob};

/// How many nonces a miner gets at a time: seconds of work.
const PART: u64 = 1 << 24;
/// How many nonces there are.
const ALL: u64 = 1 << 32;

/// The job at hand and the nonces that nobody has been given yet.
#[derive(Default)]
pub(super) struct Dispatch {
    job: Option<SealJob>,
    next: u64,
    /// Miners that search a part.
    busy: BTreeSet<usize>,
}

impl Dispatch {
    /// Begins a job, its nonces below `from` tried already.
    pub(super) fn begin(&mut self, job: SealJob, from: u64) {
        *self = Self { job: Some(job), next: from, busy: BTreeSet::new() };
    }

    /// Ends the job, if `job` is the one at hand; tells whether it was.
    pub(super) fn end(&mut self, job: JobId) -> bool {
        let current = self.is_current(job);
        if current {
            self.clear();
        }
        current
    }

    /// Ends whatever job there is.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Whether this is the job at hand.
    pub(super) fn is_current(&self, job: JobId) -> bool {
        self.job.as_ref().is_some_and(|current| current.job == job)
    }

    /// The job at hand.
    pub(super) const fn job(&self) -> Option<&SealJob> {
        self.job.as_ref()
    }

    /// The next part, for a miner that has none: first nonce and the one after the
    /// last.
    pub(super) fn take(&mut self, miner: usize) -> Option<(&SealJob, (u64, u64))> {
        let job = self.job.as_ref()?;
        self.busy.remove(&miner);
        let start = self.next;
        self.next = start.saturating_add(PART).min(ALL);
        if start == self.next {
            return None;
        }
        self.busy.insert(miner);
        Some((job, (start, self.next)))
    }

    /// Whether every nonce has been tried.
    pub(super) fn is_exhausted(&self) -> bool {
        self.job.is_some() && self.next == ALL && self.busy.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::primitives::Difficulty;

    fn job(id: JobId) -> SealJob {
        SealJob { job: id, header: [0; 117], difficulty: Difficulty::MIN }
    }

    #[test]
    fn gives_every_nonce_to_one_miner_once() {
        let mut dispatch = Dispatch::default();
        assert!(dispatch.take(0).is_none());
        dispatch.begin(job(1), 1_000);
        let mut covered = 1_000;
        for turn in 0.. {
            let miner = turn % 3;
            let Some((_, (start, end))) = dispatch.take(miner) else { break };
            assert_eq!(start, covered);
            assert!(end > start);
            covered = end;
        }
        assert_eq!(covered, 1 << 32);
        // Two of the three have not said yet that they found nothing.
        assert!(!dispatch.is_exhausted());
        for miner in 0..3 {
            assert!(dispatch.take(miner).is_none());
        }
        assert!(dispatch.is_exhausted());
    }

    #[test]
    fn ends_only_the_job_at_hand() {
        let mut dispatch = Dispatch::default();
        dispatch.begin(job(1), 0);
        dispatch.begin(job(2), 0);
        assert!(!dispatch.end(1));
        assert!(dispatch.is_current(2));
        assert!(dispatch.end(2));
        assert!(!dispatch.end(2));
        assert!(!dispatch.is_exhausted());
    }
}
