//! Packing: blocks deep in the chain go into packs, during a long sync without being
//! stored one by one before.
//!
//! Blocks far below the best header are held back from the store until their pack is
//! full, but not for long, and never beyond a batch that drops a transaction: one of
//! them may hold it. If the tab ends before, they are fetched again.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::limits::{MAX_PACKING, MAX_UNSTORED, PACK_READ, UNSTORED};
use super::serving::Read;
use super::timers::Timer;
use super::{Change, Node};
use crate::chain::Body;
use crate::chain::pack::{self, PackLimits, Summary};
use crate::primitives::Hash;

/// Which blocks are packed, and what is on the way to be.
#[derive(Debug, Default)]
pub(super) struct Packing {
    limits: PackLimits,
    /// Where packs begin, without a gap between them.
    firsts: Vec<u32>,
    /// The height of the last packed block.
    packed: u32,
    /// Blocks of the chain above it: the next pack, as far as it has come.
    gathered: Vec<(Hash, Arc<Body>)>,
    /// Their bytes.
    size: usize,
    /// Blocks that are not stored yet.
    unstored: BTreeMap<Hash, Arc<Body>>,
    /// Their bytes.
    unstored_size: usize,
    /// How far packs went when those were last looked at.
    packed_before: u32,
}

impl Packing {
    pub(super) fn new(firsts: Vec<u32>, packed: u32) -> Self {
        Self { firsts, packed, ..Self::default() }
    }

    pub(super) const fn set_limits(&mut self, limits: PackLimits) {
        self.limits = limits;
    }

    /// A block need not be stored any more.
    pub(super) fn release(&mut self, hash: &Hash) -> Option<Arc<Body>> {
        let body = self.unstored.remove(hash)?;
        self.unstored_size -= body.bytes.len();
        Some(body)
    }

    /// The height of the next block to be packed.
    fn next(&self) -> u32 {
        self.packed.saturating_add(1).saturating_add(super::events::count(self.gathered.len()))
    }

    fn is_full_with(&self, size: usize) -> bool {
        let count = self.gathered.len();
        count >= self.limits.blocks.max(1) || (count > 0 && self.size + size > self.limits.bytes)
    }

    /// Ends the pack that is gathered.
    fn end(&mut self) -> Change {
        let gathered = std::mem::take(&mut self.gathered);
        self.size = 0;
        let first = self.packed.saturating_add(1);
        self.firsts.push(first);
        self.packed = self.packed.saturating_add(super::events::count(gathered.len()));
        let bytes = pack::join(gathered.iter().map(|(_, body)| body.bytes.as_slice()));
        let summary = Summary::of(gathered.iter().map(|(_, body)| &body.block)).encode();
        let hashes: Vec<Hash> = gathered.into_iter().map(|(hash, _)| hash).collect();
        for hash in &hashes {
            self.release(hash);
        }
        Change::PutPack { first, bytes, summary, hashes }
    }
}

impl Node {
    /// Packs what has become deep enough.
    pub(super) fn plan_packing(&mut self) {
        while self.storing.lasts() && self.storing.queued() < MAX_PACKING {
            let next = self.packing.next();
            let deep = next.saturating_add(self.packing.limits.depth) <= self.chain.height();
            let Some(hash) = self.chain.hash_at(next).filter(|_| deep) else { return };
            let held = self.packing.unstored.get(&hash).cloned();
            let Some(body) = held.or_else(|| self.chain.body(&hash)) else {
                return self.read_for_packing(next);
            };
            if self.packing.is_full_with(body.bytes.len()) {
                let change = self.packing.end();
                self.storing.push(change);
            }
            self.packing.size += body.bytes.len();
            self.packing.gathered.push((hash, body));
        }
    }

    /// Reads blocks back that are to be packed next. One that is lost is waited for.
    fn read_for_packing(&mut self, from: u32) {
        if self.reads.count(|read| *read == Read::Packing) > 0 {
            return;
        }
        let last = self.chain.height().saturating_sub(self.packing.limits.depth);
        let missing: Vec<Hash> = (from..=last)
            .take(PACK_READ)
            .filter_map(|height| self.chain.hash_at(height))
            .take_while(|hash| self.chain.tree().has_body(hash))
            .filter(|hash| self.chain.body(hash).is_none())
            .collect();
        if !missing.is_empty() {
            self.read(Read::Packing, missing);
        }
    }

    /// The chain has left all blocks above a height: none of them stays packed.
    pub(super) fn unpack_above(&mut self, height: u32) {
        while self.packing.packed > height {
            let Some(first) = self.packing.firsts.pop() else { break };
            self.packing.packed = first.saturating_sub(1);
            self.packing.gathered.clear();
            self.storing.push(Change::Unpack { first });
        }
        let kept =
            usize::try_from(height.saturating_sub(self.packing.packed)).unwrap_or(usize::MAX);
        self.packing.gathered.truncate(kept);
        self.packing.size = self.packing.gathered.iter().map(|(_, body)| body.bytes.len()).sum();
    }

    /// Whether a block that would be stored is held back for its pack.
    pub(super) fn hold_back(&mut self, hash: Hash, body: &Arc<Body>) -> bool {
        let height = body.block.header.height;
        let best = self.chain.tree().best_header().hash.0;
        let best = self.chain.tree().height(&best).unwrap_or(0);
        let size = body.bytes.len();
        let held = self.storing.lasts()
            && height > self.packing.packed
            && height.saturating_add(self.packing.limits.depth) <= best
            && self.packing.unstored_size + size <= MAX_UNSTORED;
        if held && self.packing.unstored.insert(hash, Arc::clone(body)).is_none() {
            self.packing.unstored_size += size;
            self.timers.set_by(Timer::Unstored, self.mono.after(UNSTORED));
        }
        held
    }

    /// Whether blocks are held back for packs that the store cannot take yet. Would more
    /// come, they would be stored one by one, and keep it from catching up.
    pub(super) fn packs_lag(&self) -> bool {
        self.packing.unstored_size >= MAX_UNSTORED / 2 && self.storing.queued() > 0
    }

    /// Stores blocks that were held back, one by one.
    pub(super) fn store_unstored(&mut self) {
        self.packing.unstored_size = 0;
        for (hash, body) in std::mem::take(&mut self.packing.unstored) {
            self.storing.push(Change::PutBlock { hash, bytes: body.bytes.clone() });
        }
    }

    /// Stores blocks that were held back, unless packs have got full meanwhile.
    pub(super) fn store_lingering(&mut self) {
        let waits_for_store = self.storing.queued() >= MAX_PACKING;
        if self.packing.packed == self.packing.packed_before && !waits_for_store {
            self.store_unstored();
        } else if !self.packing.unstored.is_empty() {
            self.timers.set_by(Timer::Unstored, self.mono.after(UNSTORED));
        }
        self.packing.packed_before = self.packing.packed;
    }

    /// A block that is in memory until it is stored.
    pub(super) fn unstored_block(&self, hash: &Hash) -> Option<Vec<u8>> {
        let held = self.packing.unstored.get(hash).map(|body| body.bytes.clone());
        held.or_else(|| self.storing.block(hash))
    }
}
