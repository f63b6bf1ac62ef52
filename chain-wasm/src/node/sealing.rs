//! Sealing on demand: no waiting entry, no work. The user may choose otherwise
//! ([`MiningMode`]).
//!
//! An entry's author seals first; others join after a random wait if it still waits,
//! so that a crowd does not fork on every entry. Who lost a block against another's
//! waits a random time, longer each time, before sealing again.

mod authority;

use super::limits::{
    BACKOFF, BACKOFF_DOUBLINGS, JOB_REFRESH, JOIN_DELAY, JOIN_PER_PEER, OPEN_INTERVAL,
};
use super::timers::Timer;
use super::{JobId, Node, Output, SealJob};
use crate::api::{MiningMode, SealingView};
use crate::chain::block::Block;
use crate::chain::spec::Consensus;
use crate::chain::verify::MAX_AHEAD;
use crate::chain::{BlockVerdict, TipMove, Trust};
use crate::primitives::{Hash, Instant};

#[derive(Debug, Clone)]
struct Job {
    id: JobId,
    block: Block,
    /// The mempool it was made from.
    digest: [u8; 16],
    made: Instant,
}

/// What is being sealed, and when to.
#[derive(Debug, Clone, Default)]
pub(super) struct Sealing {
    next: JobId,
    job: Option<Job>,
    mode: MiningMode,
    not_before: Instant,
    /// As `not_before`, for blocks without entries.
    empty_not_before: Instant,
    /// Whether the next job only waits for its time, in [`MiningMode::Always`].
    pausing: bool,
    /// When to join in sealing others' entries; set while only such wait.
    join_at: Option<Instant>,
    contention: u32,
    /// In an `authority` room: since when an entry has waited for a block on the tip.
    wait: Option<authority::Wait>,
}

impl Sealing {
    pub(super) const fn is_active(&self) -> bool {
        self.job.is_some() || self.pausing
    }

    /// A number for a new job.
    pub(super) const fn next_id(&mut self) -> JobId {
        self.next += 1;
        self.next - 1
    }

    pub(super) const fn view(&self) -> SealingView {
        SealingView { active: self.is_active(), mode: self.mode }
    }
}

impl Node {
    /// Starts, renews or stops sealing, as the state calls for.
    pub(super) fn plan_sealing(&mut self) {
        if self.plan_lab() {
            return;
        }
        if self.chain.spec().authority().is_some() {
            return self.plan_turn();
        }
        let tip = self.chain.tip();
        if self.sealing.job.as_ref().is_some_and(|job| job.block.header.previous_hash != tip) {
            // What follows may replace the job at once; if not, it must not go on.
            self.stop_sealing();
        }
        let start = self.sealing_start();
        self.sealing.pausing = self.mines_always() && start.is_some();
        let Some(start) = start else {
            self.timers.clear(Timer::Seal);
            return self.stop_sealing();
        };
        if start > self.mono {
            self.timers.set(Timer::Seal, start);
            return;
        }
        if let Some(job) = &self.sealing.job {
            if job.digest == self.chain.mempool().digest() {
                return;
            }
            let renew = job.made.after(JOB_REFRESH);
            if renew > self.mono {
                self.timers.set(Timer::Seal, renew);
                return;
            }
        }
        self.begin_job();
    }

    /// When sealing may begin; `None` if there is nothing to seal or the tip may be
    /// about to move.
    fn sealing_start(&mut self) -> Option<Instant> {
        let best_known = self.chain.tree().best_complete() <= self.chain.tip_rank();
        let always = self.mines_always();
        let nothing_waits = self.chain.mempool().is_empty();
        let nothing_to_do = !always && (nothing_waits || self.sealing.mode == MiningMode::Never);
        if nothing_to_do || self.is_syncing() || !best_known {
            self.sealing.join_at = None;
            return None;
        }
        if always || self.chain.mempool().own_waiting().0 > 0 {
            self.sealing.join_at = None;
            let not_before = self.sealing.not_before;
            let empty = if nothing_waits { self.sealing.empty_not_before } else { not_before };
            return Some(not_before.max(empty));
        }
        let join_at = self.sealing.join_at.unwrap_or_else(|| {
            let peers = u64::try_from(self.peers.len()).unwrap_or(0);
            let wait = self.random_below(JOIN_DELAY + peers * JOIN_PER_PEER);
            self.mono.after(JOIN_DELAY + wait)
        });
        self.sealing.join_at = Some(join_at);
        Some(join_at.max(self.sealing.not_before))
    }

    /// Whether to seal while nothing waits, and at once what does.
    fn mines_always(&self) -> bool {
        let always = self.sealing.mode == MiningMode::Always || self.lab.mines_always();
        always && *self.chain.spec().consensus() != Consensus::Open
    }

    pub(super) fn set_mining(&mut self, mode: MiningMode) {
        if self.sealing.mode != mode {
            self.sealing.mode = mode;
            // `plan_sealing`, which follows, starts or stops it.
            self.status_changed();
        }
    }

    fn begin_job(&mut self) {
        let (author, wall) = (self.wallet.public(), self.wall);
        let mut block = self.chain.template(author, wall);
        if block.is_none() && self.mines_always() {
            block = self.chain.empty_template(author, wall);
        }
        let Some(block) = block else { return self.stop_sealing() };
        // Above blocks from the future the next one is of the future too: nobody would take
        // it yet, not even this node.
        let early = block.header.timestamp.0.saturating_sub(self.wall.after(MAX_AHEAD).0);
        if early > 0 {
            self.timers.set(Timer::Seal, self.mono.after(early));
            return self.stop_sealing();
        }
        if *self.chain.spec().consensus() == Consensus::Open {
            self.sealing.not_before = self.mono.after(OPEN_INTERVAL);
            self.seal(&block);
            // More entries may wait than fit in a block.
            self.timers.set(Timer::Seal, self.sealing.not_before);
            return;
        }
        let id = self.sealing.next_id();
        let (header, difficulty) = (block.header.encode(), block.header.difficulty);
        if self.sealing.job.is_none() {
            self.status_changed();
        }
        let digest = self.chain.mempool().digest();
        self.sealing.job = Some(Job { id, block, digest, made: self.mono });
        self.outputs.push_back(Output::Seal(SealJob { job: id, header, difficulty }));
    }

    /// Another pace was chosen: what the one before called for does not count any more.
    pub(super) fn rest_again(&mut self) {
        self.sealing.not_before = self.mono;
        self.sealing.empty_not_before = self.mono;
    }

    pub(super) fn stop_sealing(&mut self) {
        if self.sealing.job.take().is_some() {
            self.outputs.push_back(Output::StopSealing);
            self.status_changed();
        }
    }

    pub(super) fn sealed(&mut self, job: JobId, nonce: u32) {
        if self.lab_searched(job, Some(nonce)) {
            return;
        }
        let Some(found) = self.sealing.job.take_if(|current| current.id == job) else { return };
        self.status_changed();
        let rest = self.mono.after(self.lab.interval());
        self.sealing.empty_not_before = rest;
        if self.lab.is_slow() {
            self.sealing.not_before = rest;
        }
        let mut block = found.block;
        block.header.nonce = nonce;
        self.seal(&block);
    }

    pub(super) fn seal_exhausted(&mut self, job: JobId) {
        if self.lab_searched(job, None) {
            return;
        }
        // A new job has a new timestamp, and with it new hashes to try.
        self.sealing.job.take_if(|current| current.id == job);
    }

    /// Takes in a block of this node's own making, and announces it if it holds.
    fn seal(&mut self, block: &Block) {
        let bytes = block.encode();
        // Its entries' signatures were checked when they came.
        let verdicts = self.chain.insert_blocks(vec![bytes.clone()], Trust::Store, self.wall);
        for (hash, verdict) in verdicts {
            if verdict == BlockVerdict::Inserted {
                self.store_block(hash);
                self.advance();
                self.announce_block(bytes.clone());
            }
        }
    }

    /// The tip moved: others' entries are given time again, and who lost blocks of its
    /// own stands back for a while.
    pub(super) fn sealing_after(&mut self, tip_move: &TipMove) {
        self.sealing.join_at = None;
        if tip_move.abandoned.iter().any(|hash| self.is_own_block(hash)) {
            let doublings = self.sealing.contention.min(BACKOFF_DOUBLINGS);
            self.sealing.contention += 1;
            let wait = BACKOFF / 2 + self.random_below(BACKOFF << doublings);
            self.sealing.not_before = self.mono.after(wait);
        } else {
            self.sealing.contention = self.sealing.contention.saturating_sub(1);
        }
    }

    fn is_own_block(&self, hash: &Hash) -> bool {
        let miner = self.chain.body(hash).and_then(|body| body.block.miner());
        miner.is_some_and(|miner| self.is_own(&miner))
    }
}
