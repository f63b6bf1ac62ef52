//! Synchronisation: headers first, then blocks, from several peers at once.
//!
//! Peers' statuses say who claims more work. One peer at a time is asked for headers,
//! which are checked as they come: only they show work, a claim never does. What the
//! best branch of headers lacks in blocks is then asked for in windows, of several
//! peers, each block of one peer at a time, of the next one when an answer does not
//! come. What to ask is computed from the state ([`Node::plan_sync`]), never remembered.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use minicbor::bytes::{ByteArray, ByteVec};

use super::limits::{
    DOUBT, MAX_BLOCKS_IN_FLIGHT, MAX_ORPHANS, MAX_PROVIDERS, MAX_REQUESTS_PER_PEER, MAX_STORING,
    REQUEST_TIMEOUT, STALLED,
};
use super::timers::Timer;
use super::{Node, peers::Peer};
use crate::api::{PeerFault, SyncView};
use crate::chain::block::{HEADER_SIZE, Header};
use crate::chain::tree::Rank;
use crate::chain::{BlockVerdict, Trust};
use crate::primitives::{Hash, Instant, PeerId};
use crate::wire::{MAX_HEADERS, MAX_LOCATOR, Message, RequestId};

#[derive(Debug, Clone, Copy)]
struct HeaderRequest {
    peer: PeerId,
    request: RequestId,
    until: Instant,
}

#[derive(Debug, Clone)]
struct BlockRequest {
    peer: PeerId,
    hashes: Vec<Hash>,
    until: Instant,
}

/// Blocks that are called for.
#[derive(Debug, Clone, Default)]
struct Wanted {
    /// The branch they belong to.
    target: Option<Hash>,
    by_height: BTreeMap<u32, Hash>,
    total: u32,
}

/// What is under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Sync {
    next: RequestId,
    headers: Option<HeaderRequest>,
    /// The height that the headers have reached, and that the peer claims.
    header_progress: (u32, u32),
    requests: BTreeMap<RequestId, BlockRequest>,
    in_flight: BTreeSet<Hash>,
    wanted: Wanted,
    /// When a block last came, or a new target was set.
    progress_at: Instant,
    rate: Rate,
    orphans: BTreeMap<Hash, Vec<u8>>,
    /// Stored blocks above a damaged record; bounded by the store.
    cut_off: BTreeMap<Hash, Vec<u8>>,
    providers: VecDeque<(Hash, PeerId)>,
}

/// Blocks a second, over a second or more.
#[derive(Debug, Clone, Copy, Default)]
struct Rate {
    since: Instant,
    blocks: u32,
    per_second: u32,
}

impl Rate {
    fn count(&mut self, blocks: usize, now: Instant) {
        self.blocks = self.blocks.saturating_add(super::events::count(blocks));
        let passed = now.since(self.since);
        if passed >= 1_000 {
            let rate = u64::from(self.blocks) * 1_000 / passed;
            let per_second = u32::try_from(rate).unwrap_or(u32::MAX);
            *self = Self { since: now, blocks: 0, per_second };
        }
    }
}

impl Sync {
    /// A number for a new question.
    pub(super) fn next_request(&mut self) -> RequestId {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    /// Whom a block came from.
    pub(super) fn provider(&self, hash: &Hash) -> Option<PeerId> {
        self.providers.iter().find(|(block, _)| block == hash).map(|(_, peer)| *peer)
    }

    pub(super) fn keep_cut_off(&mut self, hash: Hash, bytes: Vec<u8>) {
        self.cut_off.insert(hash, bytes);
    }

    fn provided(&mut self, hash: Hash, peer: PeerId) {
        if self.providers.len() >= MAX_PROVIDERS {
            self.providers.pop_front();
        }
        self.providers.push_back((hash, peer));
    }
}

impl Node {
    /// Asks for what is missing.
    pub(super) fn plan_sync(&mut self) {
        self.refresh_wanted();
        if !self.linked {
            return;
        }
        if self.sync.headers.is_none()
            && let Some(peer) = self.peer_with_more()
        {
            let from = self.chain.tree().best_header().hash.0;
            self.ask_headers(peer, from);
        }
        while let Some((peer, hashes)) = self.next_block_request() {
            let request = self.sync.next_request();
            self.sync.in_flight.extend(&hashes);
            if let Some(peer) = self.peers.get_mut(&peer) {
                peer.requests += 1;
            }
            self.send(peer, &Message::GetBlocks { request, hashes: hashes.clone() });
            let until = self.mono.after(REQUEST_TIMEOUT);
            self.sync.requests.insert(request, BlockRequest { peer, hashes, until });
            self.timers.set_by(Timer::Requests, until);
        }
        self.give_up_if_stalled();
    }

    /// Whether blocks or headers are on their way that may change the tip.
    pub(super) fn is_syncing(&self) -> bool {
        self.sync.headers.is_some() || !self.sync.in_flight.is_empty()
    }

    pub(super) fn sync_view(&self) -> SyncView {
        let left = super::events::count(self.sync.wanted.by_height.len());
        if left > 0 {
            let total = self.sync.wanted.total.max(left);
            SyncView::Blocks { done: total - left, total, rate: self.sync.rate.per_second }
        } else if self.sync.headers.is_some() {
            let (height, target) = self.sync.header_progress;
            SyncView::Headers { height, target }
        } else {
            SyncView::Idle
        }
    }

    /// The honest peer that claims the most work, if that is more than the best header
    /// shows and its claim is not in doubt.
    fn peer_with_more(&self) -> Option<PeerId> {
        let best = self.chain.tree().best_header();
        let promising = |peer: &Peer| -> Option<Rank> {
            let claim = peer.claim().filter(|claim| *claim > best)?;
            let doubted =
                peer.doubted.is_some_and(|(tip, until)| tip == claim.hash.0 && until > self.mono);
            let usable = !doubted
                && peer.cooling_until <= self.mono
                && self.chain.tree().header(&claim.hash.0).is_none();
            usable.then_some(claim)
        };
        let candidates = self.peers.honest().filter_map(|(id, peer)| Some((promising(peer)?, *id)));
        candidates.max().map(|(_, id)| id)
    }

    fn ask_headers(&mut self, peer: PeerId, from: Hash) {
        let request = self.sync.next_request();
        let until = self.mono.after(REQUEST_TIMEOUT);
        self.sync.headers = Some(HeaderRequest { peer, request, until });
        let height = self.chain.tree().header(&from).map_or(0, |header| header.height);
        let claimed = self.peers.get(&peer).and_then(|peer| peer.status.as_ref());
        self.sync.header_progress = (height, claimed.map_or(height, |status| status.height));
        let locator = self.locator(from);
        self.send(peer, &Message::GetHeaders { request, locator });
        self.timers.set_by(Timer::Requests, until);
    }

    /// Hashes of the branch that ends in `from`: the last ten, then ever sparser ones,
    /// the genesis hash last.
    fn locator(&self, from: Hash) -> Vec<Hash> {
        let mut locator = Vec::new();
        let mut step = 1;
        let mut skip = 0;
        for (hash, header) in self.chain.tree().ancestors(from) {
            if locator.len() + 1 >= MAX_LOCATOR {
                break;
            }
            if header.height == 0 || skip > 0 {
                skip -= 1;
                continue;
            }
            locator.push(hash);
            if locator.len() >= 10 {
                step *= 2;
            }
            skip = step - 1;
        }
        locator.push(self.chain.id());
        locator
    }

    pub(super) fn headers(
        &mut self,
        from: PeerId,
        request: RequestId,
        headers: &[ByteArray<HEADER_SIZE>],
    ) {
        let asked = |pending: &HeaderRequest| pending.peer == from && pending.request == request;
        if !self.sync.headers.as_ref().is_some_and(asked) {
            return;
        }
        self.sync.headers = None;
        let mut last = None;
        let mut complete = true;
        for bytes in headers {
            let Ok(header) = Header::decode(&bytes[..]) else {
                return self.fault(from, PeerFault::InvalidHeader);
            };
            let hash = header.hash();
            match self.chain.insert_header(header, self.wall) {
                Ok(BlockVerdict::Inserted | BlockVerdict::Known) => {
                    last = Some(hash);
                    self.adopt_kept(hash, from);
                }
                Ok(_) => {
                    // It does not connect, comes too early, or there is no room.
                    complete = false;
                    break;
                }
                Err(_) => return self.fault(from, PeerFault::InvalidHeader),
            }
        }
        let answered = self.peers.get_mut(&from).map(|peer| {
            peer.answered(false);
            peer.claim()
        });
        let claim = answered.flatten().map(|claim| claim.hash.0);
        let shown = claim.is_some_and(|tip| self.chain.tree().header(&tip).is_some());
        match last {
            Some(last) if complete && !shown && headers.len() == MAX_HEADERS => {
                self.ask_headers(from, last);
            }
            _ if !shown => self.doubt(from),
            _ => {}
        }
    }

    /// A peer's claim of its tip came to nothing for now.
    fn doubt(&mut self, peer: PeerId) {
        let until = self.mono.after(DOUBT);
        if let Some(peer) = self.peers.get_mut(&peer)
            && let Some(claim) = peer.claim()
        {
            peer.doubted = Some((claim.hash.0, until));
            self.timers.set_by(Timer::Requests, until);
        }
    }

    /// Computes anew which blocks the best branch of headers lacks, if it is another
    /// one than before.
    fn refresh_wanted(&mut self) {
        let best = self.chain.tree().best_header();
        let target = (best > self.chain.tip_rank()).then_some(best.hash.0);
        if self.sync.wanted.target != target {
            self.sync.wanted.target = target;
            self.sync.progress_at = self.mono;
            let tree = self.chain.tree();
            self.sync.wanted.by_height = target
                .into_iter()
                .flat_map(|target| tree.ancestors(target))
                .take_while(|(hash, _)| !self.chain.is_main(hash))
                .filter(|(hash, _)| !tree.has_body(hash))
                .map(|(hash, header)| (header.height, hash))
                .collect();
            let done = self.sync.wanted.total.saturating_sub(self.sync.wanted.total);
            self.sync.wanted.total = done + super::events::count(self.sync.wanted.by_height.len());
        }
        for hash in self.chain.tree().lost() {
            if let Some(header) = self.chain.tree().header(&hash) {
                self.sync.wanted.by_height.entry(header.height).or_insert(hash);
            }
        }
    }

    /// Which blocks to ask of whom next.
    fn next_block_request(&self) -> Option<(PeerId, Vec<Hash>)> {
        let full = self.sync.in_flight.len() >= MAX_BLOCKS_IN_FLIGHT
            || self.storing.bytes() >= MAX_STORING;
        if full {
            return None;
        }
        let ahead = MAX_BLOCKS_IN_FLIGHT * 2;
        let open = self.sync.wanted.by_height.iter().take(ahead);
        let mut open = open.filter(|(_, hash)| !self.sync.in_flight.contains(*hash)).peekable();
        let (first, _) = open.peek()?;
        let target = self.sync.wanted.target;
        let able = |peer: &Peer| {
            peer.requests < MAX_REQUESTS_PER_PEER
                && peer.cooling_until <= self.mono
                && (target.is_none() || peer.lacks != target)
                && peer.status.as_ref().is_some_and(|status| status.height >= **first)
        };
        // The least busy; of those, the one that gave no reason for doubt.
        let (_, peer) = self
            .peers
            .honest()
            .filter(|(_, peer)| able(peer))
            .map(|(id, peer)| ((peer.requests, peer.strikes, std::cmp::Reverse(peer.window)), *id))
            .min()?;
        let window = self.peers.get(&peer)?.window;
        let height = self.peers.get(&peer)?.status.as_ref()?.height;
        let hashes = open.take_while(|(at, _)| **at <= height).take(window).map(|(_, h)| *h);
        Some((peer, hashes.collect()))
    }

    pub(super) fn blocks(&mut self, from: PeerId, request: RequestId, blocks: Vec<ByteVec>) {
        match self.sync.requests.get(&request) {
            Some(pending) if pending.peer == from => {}
            // Too late: somebody else has been asked meanwhile.
            _ => return,
        }
        let Some(pending) = self.end_block_request(request) else { return };
        let given = blocks.len();
        let blocks: Vec<Vec<u8>> = blocks.into_iter().map(Into::into).collect();
        let verdicts = self.chain.insert_blocks(blocks, Trust::Peer, self.wall);
        let mut useful = 0;
        for (hash, verdict) in verdicts {
            if !pending.hashes.contains(&hash) {
                return self.fault(from, PeerFault::Unasked);
            }
            match verdict {
                BlockVerdict::Inserted => {
                    useful += 1;
                    self.block_inserted(hash, from);
                }
                BlockVerdict::Known => useful += 1,
                BlockVerdict::Invalid(_) => return self.fault(from, PeerFault::InvalidBlock),
                BlockVerdict::Orphan | BlockVerdict::Ahead | BlockVerdict::Full => {}
            }
        }
        let target = self.sync.wanted.target;
        if let Some(peer) = self.peers.get_mut(&from) {
            peer.answered(given == pending.hashes.len());
            if useful == 0 {
                // It does not have this branch (any more), or its store failed.
                peer.lacks = target;
                if target.is_none() {
                    peer.timed_out(self.mono);
                }
                self.timers.set_by(Timer::Requests, self.mono.after(REQUEST_TIMEOUT));
            }
        }
        self.sync.rate.count(useful, self.mono);
    }

    /// A block from a peer is in the tree and in memory.
    pub(super) fn block_inserted(&mut self, hash: Hash, from: PeerId) {
        self.sync.progress_at = self.mono;
        self.store_block(hash);
        self.sync.provided(hash, from);
        if let Some(header) = self.chain.tree().header(&hash)
            && self.sync.wanted.by_height.get(&header.height) == Some(&hash)
        {
            self.sync.wanted.by_height.remove(&header.height);
        }
        self.adopt_children(hash, from);
    }

    /// A block whose predecessor is not known: its sender has more to tell.
    pub(super) fn orphan(&mut self, from: PeerId, hash: Hash, bytes: Vec<u8>) {
        if self.sync.orphans.len() >= MAX_ORPHANS {
            self.sync.orphans.pop_first();
        }
        self.sync.orphans.insert(hash, bytes);
        if self.sync.headers.is_none() && self.linked {
            let best = self.chain.tree().best_header().hash.0;
            self.ask_headers(from, best);
        }
    }

    /// A header came in whose block was kept because it could not be connected.
    fn adopt_kept(&mut self, hash: Hash, from: PeerId) {
        let (kept, trust) = match self.sync.cut_off.remove(&hash) {
            Some(bytes) => (Some(bytes), Trust::Store),
            None => (self.sync.orphans.remove(&hash), Trust::Peer),
        };
        let Some(bytes) = kept else { return };
        for (hash, verdict) in self.chain.insert_blocks(vec![bytes], trust, self.wall) {
            if verdict == BlockVerdict::Inserted {
                self.block_inserted(hash, from);
            }
        }
    }

    /// Kept blocks that build on a block that came in.
    fn adopt_children(&mut self, parent: Hash, from: PeerId) {
        let builds_on_parent = |bytes: &[u8]| {
            crate::chain::block::Block::decode(bytes)
                .is_ok_and(|block| block.header.previous_hash == parent)
        };
        let kept = self.sync.orphans.iter().chain(&self.sync.cut_off);
        let children: Vec<Hash> =
            kept.filter(|(_, bytes)| builds_on_parent(bytes)).map(|(hash, _)| *hash).collect();
        for child in children {
            self.adopt_kept(child, from);
        }
    }

    /// Ends the requests that ran out: the next peer is asked.
    pub(super) fn expire_requests(&mut self) {
        let now = self.mono;
        if let Some(pending) = self.sync.headers.filter(|pending| pending.until <= now) {
            self.sync.headers = None;
            if let Some(peer) = self.peers.get_mut(&pending.peer) {
                peer.timed_out(now);
            }
        }
        let requests = self.sync.requests.iter();
        let late: Vec<RequestId> =
            requests.filter(|(_, pending)| pending.until <= now).map(|(id, _)| *id).collect();
        for request in late {
            if let Some(pending) = self.end_block_request(request)
                && let Some(peer) = self.peers.get_mut(&pending.peer)
            {
                peer.timed_out(now);
            }
        }
        let cooling = self.peers.honest().map(|(_, peer)| peer.cooling_until);
        let doubts =
            self.peers.honest().filter_map(|(_, peer)| peer.doubted.map(|(_, until)| until));
        let pending = self.sync.requests.values().map(|pending| pending.until);
        let headers = self.sync.headers.iter().map(|pending| pending.until);
        let all = cooling.chain(doubts).chain(pending).chain(headers);
        if let Some(next) = all.filter(|at| *at > now).min() {
            self.timers.set_by(Timer::Requests, next);
        }
    }

    fn end_block_request(&mut self, request: RequestId) -> Option<BlockRequest> {
        let pending = self.sync.requests.remove(&request)?;
        for hash in &pending.hashes {
            self.sync.in_flight.remove(hash);
        }
        if let Some(peer) = self.peers.get_mut(&pending.peer) {
            peer.requests = peer.requests.saturating_sub(1);
        }
        Some(pending)
    }

    /// A peer has left or is not listened to any more.
    pub(super) fn drop_requests_to(&mut self, peer: &PeerId) {
        if self.sync.headers.is_some_and(|pending| pending.peer == *peer) {
            self.sync.headers = None;
        }
        self.gossip.drop_comparison(Some(peer));
        let requests = self.sync.requests.iter();
        let of_peer: Vec<RequestId> =
            requests.filter(|(_, pending)| pending.peer == *peer).map(|(id, _)| *id).collect();
        for request in of_peer {
            self.end_block_request(request);
        }
    }

    /// The link is down: no answer will come.
    pub(super) fn drop_requests(&mut self) {
        self.sync.headers = None;
        self.sync.requests.clear();
        self.sync.in_flight.clear();
        self.gossip.drop_comparison(None);
    }

    /// Forgets a branch of headers whose blocks nobody gives, and doubts who claims it.
    fn give_up_if_stalled(&mut self) {
        let Some(target) = self.sync.wanted.target else { return };
        let stalled_at = self.sync.progress_at.after(STALLED);
        if self.sync.wanted.by_height.is_empty() {
            return;
        }
        if self.mono < stalled_at {
            self.timers.set_by(Timer::Requests, stalled_at);
            return;
        }
        let first = self.sync.wanted.by_height.values().find(|hash| !self.chain.is_main(hash));
        let Some(first) = first.copied() else { return };
        let claiming: Vec<PeerId> = self
            .peers
            .honest()
            .filter(|(_, peer)| peer.claim().is_some_and(|claim| claim.hash.0 == target))
            .map(|(id, _)| *id)
            .collect();
        for peer in claiming {
            self.doubt(peer);
        }
        let removed = self.chain.forget_branch(&first);
        self.delete_blocks(removed);
        self.sync.wanted = Wanted::default();
        self.sync.progress_at = self.mono;
    }
}
