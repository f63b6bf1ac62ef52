//! Synchronisation: headers first, then blocks, from several peers at once.
//!
//! Peers' statuses say who claims more work. One peer at a time is asked for headers,
//! which are checked as they come: only they show work, a claim never does. What the
//! best branch of headers lacks in blocks is then asked for in windows, of several
//! peers, each block of one peer at a time, of the next one when an answer does not
//! come. What to ask is computed from the state ([`Node::plan_sync`]), never remembered.
//!
//! An answer's signatures are checked in one batch, in the node's own thread. Workers that
//! check them were weighed and left out: in wasm a batch is half of what it takes to take a
//! block in, and a node takes in 12,000 to 14,000 blocks a second of one entry each (by
//! `node --cpu-prof` on the release build, once the engine has compiled it), more than twice
//! what is called for. One more worker could save at most that half; on two cores, of which
//! the page, the store and the relay's frames want the other, it saves less, and costs a copy
//! of every block and another instance of the module in each tab.

mod blocks;
mod headers;
mod kept;

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::Node;
use super::limits::{
    ANSWER_EXPECTED, MAX_BLOCKS_IN_FLIGHT, MAX_CUT_OFF, MAX_LATE, MAX_ORPHANS, MAX_PROVIDERS,
    MAX_WINDOW, REQUEST_TIMEOUT,
};
use super::timers::{Deadline, Timer};
use crate::api::SyncView;
use crate::primitives::{Hash, Instant, PeerId};
use crate::wire::{Message, RequestId};
use kept::Kept;

#[derive(Debug, Clone, Copy)]
struct HeaderRequest {
    peer: PeerId,
    until: Deadline,
}

#[derive(Debug, Clone)]
struct BlockRequest {
    peer: PeerId,
    hashes: Vec<Hash>,
    until: Deadline,
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
    /// Questions for headers in a row that brought no new one.
    vain_headers: u32,
    /// The height that the headers have reached, and that the peer claims.
    header_progress: (u32, u32),
    requests: BTreeMap<RequestId, BlockRequest>,
    /// Requests that ran out, oldest first: an answer is of use even if it comes late.
    late: VecDeque<(RequestId, BlockRequest)>,
    in_flight: BTreeSet<Hash>,
    wanted: Wanted,
    /// When the branch whose blocks are called for is given up, unless one comes: counted
    /// from the last one, or from when the branch was chosen.
    stalled: Deadline,
    /// When headers or blocks last came, or a peer that always answered was asked.
    active_at: Instant,
    rate: Rate,
    orphans: Kept,
    /// Stored blocks above a damaged record.
    cut_off: Kept,
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
    /// Questions are numbered from `first` on: a random number, so that an answer to this
    /// tab before it was started again is not taken for another one.
    pub(super) fn new(first: RequestId) -> Self {
        Self { next: first, ..Self::default() }
    }

    /// A number for a new question.
    pub(super) fn next_request(&mut self) -> RequestId {
        self.next = self.next.wrapping_add(1);
        self.next
    }

    /// Whom a block came from.
    pub(super) fn provider(&self, hash: &Hash) -> Option<PeerId> {
        self.providers.iter().find(|(block, _)| block == hash).map(|(_, peer)| *peer)
    }

    /// Keeps a stored block that lacks its predecessor, lowest ones first. Those beyond the
    /// bound stay in the store, and are fetched like any others.
    pub(super) fn keep_cut_off(&mut self, hash: Hash, previous: Hash, bytes: Vec<u8>) {
        if self.cut_off.bytes() + bytes.len() > MAX_CUT_OFF {
            return;
        }
        self.cut_off.put(hash, previous, bytes, None);
    }

    /// How full its containers are: name, use, limit.
    pub(super) fn gauges(&self) -> [(&'static str, usize, usize); 5] {
        [
            ("orphans", self.orphans.len(), MAX_ORPHANS),
            // A request may exceed it by less than its window.
            ("blocks in flight", self.in_flight.len(), MAX_BLOCKS_IN_FLIGHT + MAX_WINDOW),
            ("late requests", self.late.len(), MAX_LATE),
            ("providers", self.providers.len(), MAX_PROVIDERS),
            ("blocks above a damaged record, bytes", self.cut_off.bytes(), MAX_CUT_OFF),
        ]
    }

    /// Blocks that are called for: how many are not here yet, and of how many.
    #[cfg(test)]
    pub(super) fn wanted(&self) -> (usize, u32) {
        (self.wanted.by_height.len(), self.wanted.total)
    }

    /// Requests whose answers are late.
    #[cfg(test)]
    pub(super) fn late(&self) -> usize {
        self.late.len()
    }

    #[cfg(test)]
    pub(super) fn orphans(&self) -> usize {
        self.orphans.len()
    }

    pub(super) fn provided(&mut self, hash: Hash, peer: PeerId) {
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
        if self.give_up_if_stalled() {
            self.refresh_wanted();
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
            let pending = BlockRequest { peer, hashes, until: Deadline::new(until) };
            self.sync.requests.insert(request, pending);
            self.timers.set_by(Timer::Requests, until);
        }
        if self.is_syncing() {
            self.timers.set_by(Timer::Requests, self.sync.active_at.after(ANSWER_EXPECTED));
        }
    }

    /// An order of the peers that is another one for each node, so that not all ask the
    /// same.
    fn distance(&self, peer: &PeerId) -> [u8; 32] {
        let mut distance = *peer.as_bytes();
        for (byte, own) in distance.iter_mut().zip(self.peer.as_bytes()) {
            *byte ^= own;
        }
        distance
    }

    /// Whether headers are on their way, be they late: but a peer that never answers is not
    /// waited for.
    pub(super) fn awaits_headers(&self) -> bool {
        let mut peers = self.peers.honest();
        self.sync.headers.is_some()
            || peers.any(|(_, peer)| peer.headers_asked.is_some() && peer.strikes <= 3)
    }

    /// Whether blocks or headers are on their way that are likely to move the tip: what
    /// a silent peer only claims does not count for long.
    pub(super) fn is_syncing(&self) -> bool {
        let under_way = self.sync.headers.is_some() || !self.sync.in_flight.is_empty();
        under_way && self.mono < self.sync.active_at.after(ANSWER_EXPECTED)
    }

    /// How the synchronisation stands.
    pub fn sync_view(&self) -> SyncView {
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

    /// Ends the requests that ran out: the next peer is asked.
    pub(super) fn expire_requests(&mut self) {
        let now = self.mono;
        if let Some(pending) = self.sync.headers.take_if(|pending| pending.until.has_passed(now))
            && let Some(peer) = self.peers.get_mut(&pending.peer)
        {
            peer.timed_out(now);
            self.sync.vain_headers = self.sync.vain_headers.wrapping_add(1);
        }
        let mut late: Vec<RequestId> = Vec::new();
        for (id, pending) in &mut self.sync.requests {
            if pending.until.has_passed(now) {
                late.push(*id);
            }
        }
        for request in late {
            let Some(pending) = self.end_block_request(request) else { continue };
            if let Some(peer) = self.peers.get_mut(&pending.peer) {
                peer.timed_out(now);
            }
            if self.sync.late.len() >= MAX_LATE {
                self.sync.late.pop_front();
            }
            self.sync.late.push_back((request, pending));
        }
        let cooling = self.peers.honest().map(|(_, peer)| peer.cooling_until);
        let doubts =
            self.peers.honest().filter_map(|(_, peer)| peer.doubted.map(|(_, until)| until));
        let pending = self.sync.requests.values().map(|pending| pending.until.at());
        let headers = self.sync.headers.iter().map(|pending| pending.until.at());
        let lacks = self.peers.honest().filter_map(|(_, peer)| peer.lacks.map(|lacks| lacks.until));
        let all = cooling.chain(doubts).chain(lacks).chain(pending).chain(headers);
        if let Some(next) = all.filter(|at| *at > now).min() {
            self.timers.set_by(Timer::Requests, next);
        }
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
        self.sync.late.retain(|(_, late)| late.peer != *peer);
    }

    /// The link is down: no answer will come.
    pub(super) fn drop_requests(&mut self) {
        self.sync.headers = None;
        self.sync.requests.clear();
        self.sync.late.clear();
        self.sync.in_flight.clear();
        self.gossip.drop_comparison(None);
    }
}
