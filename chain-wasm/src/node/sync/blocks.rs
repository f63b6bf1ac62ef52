//! Blocks: which are called for, of whom to ask them, and when to give up.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use minicbor::bytes::ByteVec;

use super::{BlockRequest, Wanted};
use crate::api::PeerFault;
use crate::chain::tree::Rank;
use crate::chain::{BlockVerdict, Trust};
use crate::node::Node;
use crate::node::events::count;
use crate::node::limits::{
    ANSWER_BYTES, MAX_BLOCKS_IN_FLIGHT, MAX_REQUESTS_PER_PEER, MAX_STORING, MAX_WINDOW, STALLED,
};
use crate::node::peers::Peer;
use crate::node::timers::{Deadline, Timer};
use crate::primitives::{Hash, PeerId};
use crate::wire::RequestId;

/// How far below a peer's tip it is looked up whether the peer has a block.
const NEAR: usize = 64;

impl Node {
    /// Computes which blocks the best branch of headers lacks, if it is another one than
    /// before: anew, or only for what it is longer by.
    pub(super) fn refresh_wanted(&mut self) {
        let best = self.chain.tree().best_header();
        let target = (best > self.chain.tip_rank()).then_some(best.hash.0);
        let wanted = &mut self.sync.wanted;
        if wanted.target != target {
            if wanted.by_height.is_empty() {
                // Only a wait for blocks can be too long.
                self.sync.stalled = Deadline::new(self.mono.after(STALLED));
            }
            let before = wanted.target;
            let tree = self.chain.tree();
            let mut grows = false;
            let lacking: Vec<(u32, Hash)> = target
                .into_iter()
                .flat_map(|target| tree.ancestors(target))
                .take_while(|(hash, _)| {
                    grows |= Some(*hash) == before;
                    !grows && !self.chain.is_main(hash)
                })
                .filter(|(hash, _)| !tree.has_body(hash))
                .map(|(hash, height)| (height, hash))
                .collect();
            if !grows {
                *wanted = Wanted::default();
            }
            wanted.target = target;
            wanted.total = wanted.total.saturating_add(count(lacking.len()));
            wanted.by_height.extend(lacking);
        }
        for hash in self.chain.tree().lost() {
            if let Some(height) = self.chain.tree().height(&hash) {
                self.sync.wanted.by_height.entry(height).or_insert(hash);
            }
        }
    }

    /// Blocks were taken out: they are not called for any more.
    pub(in crate::node) fn unwant(&mut self, removed: &[Hash]) {
        if !removed.is_empty() && !self.sync.wanted.by_height.is_empty() {
            let removed: BTreeSet<&Hash> = removed.iter().collect();
            self.sync.wanted.by_height.retain(|_, hash| !removed.contains(hash));
        }
    }

    /// Which blocks to ask of whom next.
    pub(super) fn next_block_request(&self) -> Option<(PeerId, Vec<Hash>)> {
        let room = MAX_BLOCKS_IN_FLIGHT.saturating_sub(self.sync.in_flight.len());
        if room == 0 || self.storing.queued() >= MAX_STORING || self.packs_lag() {
            return None;
        }
        let ahead = MAX_BLOCKS_IN_FLIGHT * 2;
        let open = self.sync.wanted.by_height.iter().take(ahead);
        let mut open = open.filter(|(_, hash)| !self.sync.in_flight.contains(*hash)).peekable();
        let (first, first_hash) = open.peek()?;
        let target = self.sync.wanted.target;
        let able = |peer: &Peer| {
            peer.requests < MAX_REQUESTS_PER_PEER
                && peer.cooling_until <= self.mono
                && peer.may_have(target, self.mono)
                && peer.status.as_ref().is_some_and(|status| status.height >= **first)
                && peer.claim().is_some_and(|claim| self.may_be_below(**first_hash, **first, claim))
        };
        // The least busy; of those, one whose claim headers show; of those, one that gave no
        // reason for doubt; of those, another one for each node that asks.
        let (.., peer) = self
            .peers
            .honest()
            .filter(|(_, peer)| able(peer))
            .map(|(id, peer)| {
                let claim = peer.claim().map(|claim| claim.hash.0);
                let unshown = !claim.is_some_and(|tip| self.chain.tree().contains(&tip));
                let merit = (peer.requests, unshown, peer.failures(), Reverse(peer.window));
                (merit, self.distance(id), *id)
            })
            .min()?;
        let window = self.peers.get(&peer)?.window.min(room);
        let height = self.peers.get(&peer)?.status.as_ref()?.height;
        let hashes = open.take_while(|(at, _)| **at <= height).take(window).map(|(_, h)| *h);
        Some((peer, hashes.collect()))
    }

    /// Whether a block may be in the chain that a peer claims: as far as the headers at hand
    /// tell. Else each node would ask all others for a branch that only a liar has.
    fn may_be_below(&self, block: Hash, height: u32, claim: Rank) -> bool {
        let tip = claim.hash.0;
        if self.chain.is_main(&tip) {
            return self.chain.is_main(&block);
        }
        let tree = self.chain.tree();
        if !tree.contains(&tip) && self.sync.wanted.target.is_some() && !self.chain.is_main(&block)
        {
            // All headers of the branch that is called for are here: a tip that is not among
            // them is above its last one, or of another branch.
            return claim > tree.best_header();
        }
        let mut above = tree.ancestors(tip).take(NEAR);
        above.find(|(_, at)| *at <= height).is_none_or(|(hash, _)| hash == block)
    }

    pub(in crate::node) fn blocks(
        &mut self,
        from: PeerId,
        request: RequestId,
        blocks: Vec<ByteVec>,
    ) {
        let Some(pending) = self.take_block_request(from, request) else { return };
        let given = blocks.len();
        let blocks: Vec<Vec<u8>> = blocks.into_iter().map(Into::into).collect();
        let size: usize = blocks.iter().map(Vec::len).sum();
        let verdicts = self.chain.insert_blocks(blocks, Trust::Peer, self.wall);
        let asked: BTreeSet<&Hash> = pending.hashes.iter().collect();
        let mut useful = 0;
        let mut fault = None;
        // All of them, whatever the peer did: what is in the tree must be stored.
        for (hash, verdict) in verdicts {
            if !asked.contains(&hash) {
                fault = fault.or(Some((PeerFault::Unasked, None)));
            }
            match verdict {
                // Also of a faulty answer: the block is in the tree, so it must be stored.
                BlockVerdict::Inserted => {
                    useful += 1;
                    self.block_inserted(hash, from);
                }
                BlockVerdict::Known => useful += 1,
                BlockVerdict::Invalid(broken) => {
                    fault = fault.or(Some((PeerFault::InvalidBlock, Some(broken.code()))));
                }
                BlockVerdict::Orphan | BlockVerdict::Ahead | BlockVerdict::Full => {}
            }
        }
        if let Some((fault, rule)) = fault {
            return self.fault_by(from, fault, rule);
        }
        let target = self.sync.wanted.target;
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.answered(given == pending.hashes.len());
            if useful > 0 && given < pending.hashes.len() {
                // No more of such a size fit in an answer: others may give the rest.
                peer.window = peer.window.min(given);
            }
            // So many of the size of these as are checked while the page waits for nothing.
            let fitting = ANSWER_BYTES.saturating_mul(given).checked_div(size);
            peer.window = peer.window.min(fitting.unwrap_or(MAX_WINDOW)).max(1);
            if useful > 0 {
                peer.withheld = 0;
            } else {
                // It does not have this branch (any more), its store failed, or too many
                // others ask.
                let until = if let Some(target) = target {
                    peer.gave_nothing(target, self.mono)
                } else {
                    peer.timed_out(self.mono);
                    peer.cooling_until
                };
                self.timers.set_by(Timer::Requests, until);
            }
        }
        self.sync.rate.count(useful, self.mono);
    }

    /// A block from a peer is in the tree and in memory; others may wait for it.
    pub(in crate::node) fn block_inserted(&mut self, hash: Hash, from: PeerId) {
        self.block_arrived(hash, Some(from));
        self.adopt_kept(hash);
    }

    /// A block is in the tree and in memory, from a peer or from the store.
    pub(super) fn block_arrived(&mut self, hash: Hash, from: Option<PeerId>) {
        self.sync.stalled = Deadline::new(self.mono.after(STALLED));
        self.sync.active_at = self.mono;
        if let Some(from) = from {
            self.store_block(hash);
            self.sync.provided(hash, from);
        }
        if let Some(height) = self.chain.tree().height(&hash)
            && self.sync.wanted.by_height.get(&height) == Some(&hash)
        {
            self.sync.wanted.by_height.remove(&height);
        }
    }

    /// The request that an answer belongs to, though it may have run out.
    fn take_block_request(&mut self, from: PeerId, request: RequestId) -> Option<BlockRequest> {
        if self.sync.requests.get(&request).is_some_and(|pending| pending.peer == from) {
            return self.end_block_request(request);
        }
        let mut late = self.sync.late.iter();
        let at = late.position(|(id, late)| *id == request && late.peer == from)?;
        self.sync.late.remove(at).map(|(_, late)| late)
    }

    pub(super) fn end_block_request(&mut self, request: RequestId) -> Option<BlockRequest> {
        let pending = self.sync.requests.remove(&request)?;
        for hash in &pending.hashes {
            self.sync.in_flight.remove(hash);
        }
        if let Some(peer) = self.peers.get_mut(&pending.peer) {
            peer.requests = peer.requests.saturating_sub(1);
        }
        Some(pending)
    }

    /// Forgets a branch of headers whose blocks nobody gives, and doubts who claims it;
    /// `false` if there is none.
    pub(super) fn give_up_if_stalled(&mut self) -> bool {
        let Some(target) = self.sync.wanted.target else { return false };
        if self.sync.wanted.by_height.is_empty() {
            return false;
        }
        if !self.sync.stalled.has_passed(self.mono) {
            self.timers.set_by(Timer::Requests, self.sync.stalled.at());
            return false;
        }
        let first = self.sync.wanted.by_height.values().find(|hash| !self.chain.is_main(hash));
        let Some(first) = first.copied() else { return false };
        let claiming: Vec<PeerId> = self
            .peers
            .honest()
            .filter(|(_, peer)| peer.claim().is_some_and(|claim| claim.hash.0 == target))
            .map(|(id, _)| *id)
            .collect();
        for id in claiming {
            if let Some(peer) = self.peers.get_mut(&id) {
                peer.withheld = peer.withheld.saturating_add(1);
            }
            self.doubt(id);
        }
        let removed = self.chain.forget_branch(&first);
        self.delete_blocks(removed);
        self.sync.wanted = Wanted::default();
        self.sync.stalled = Deadline::new(self.mono.after(STALLED));
        true
    }
}
