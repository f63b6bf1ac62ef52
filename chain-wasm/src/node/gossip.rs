//! Announcing: new entries and blocks, each once by its maker; own entries again
//! until they are in a block; and comparing mempools, which finds what got lost.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;

use super::limits::{
    ANNOUNCE_FIRST, ANNOUNCE_MAX, ANNOUNCE_OTHERS, ANNOUNCE_PACE, COMPARE_INTERVAL,
    COMPARE_PATIENCE, COMPARE_SOON, MAX_EARLY, MAX_STORING, REQUEST_TIMEOUT,
};
use super::peers::Compared;
use super::timers::Timer;
use super::{Node, Output};
use crate::api::PeerFault;
use crate::chain::transaction::Transaction;
use crate::chain::verify::MAX_AHEAD;
use crate::chain::{BlockVerdict, TransactionRefusal, Trust};
use crate::primitives::{Hash, Instant, PeerId, UnixMillis};
use crate::wire::{MAX_HASHES, MAX_RESPONSE, Message, RequestId};

/// An entry that is to be announced.
#[derive(Debug, Clone, Copy)]
struct Announcement {
    due: Instant,
    /// The wait until the one after that; `None` for another author's entry, which
    /// is announced once.
    next: Option<u64>,
}

/// What is under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Gossip {
    /// By entry. Own waiting entries, and those that a reorganisation returned: all
    /// of them in the mempool.
    announcements: BTreeMap<Hash, Announcement>,
    /// Own entries that have been announced since they began to wait.
    announced: std::collections::BTreeSet<Hash>,
    /// With whom, and until when an answer is waited for.
    comparing: Option<(PeerId, Instant)>,
    early: Vec<(UnixMillis, PeerId, Vec<u8>)>,
}

impl Gossip {
    /// An entry does not wait any more.
    pub(super) fn forget(&mut self, id: &Hash) {
        self.announcements.remove(id);
        self.announced.remove(id);
    }

    /// Blocks that are too far ahead of the clock.
    pub(super) fn early_len(&self) -> usize {
        self.early.len()
    }

    pub(super) fn is_announced(&self, id: &Hash) -> bool {
        self.announced.contains(id)
    }

    pub(super) fn drop_comparison(&mut self, of: Option<&PeerId>) {
        if of.is_none_or(|of| self.comparing.is_some_and(|(peer, ..)| peer == *of)) {
            self.comparing = None;
        }
    }
}

impl Node {
    /// An own entry was accepted: announce it, and again later.
    pub(super) fn announce_own(&mut self, id: Hash) {
        self.announce(&[id]);
        let announcement =
            Announcement { due: self.mono.after(ANNOUNCE_FIRST), next: Some(ANNOUNCE_FIRST * 2) };
        self.gossip.announcements.insert(id, announcement);
        self.timers.set_by(Timer::Announce, announcement.due);
    }

    /// Announces all own waiting entries: after the link came up.
    pub(super) fn announce_all_own(&mut self) {
        let own: Vec<Hash> = self
            .chain
            .mempool()
            .iter()
            .filter(|waiting| self.is_own(&waiting.transaction.author()))
            .map(|waiting| waiting.transaction.id())
            .collect();
        for id in own {
            self.announce_soon(id);
        }
    }

    /// Announces an own entry with others that are due, and again later.
    pub(super) fn announce_soon(&mut self, id: Hash) {
        let announcement = Announcement { due: self.mono, next: Some(ANNOUNCE_FIRST) };
        self.gossip.announcements.insert(id, announcement);
        self.timers.set_by(Timer::Announce, self.mono);
    }

    /// A reorganisation returned an entry. Every node of the losing branch sees the
    /// same, so others' entries are announced after a random wait, by who is first.
    pub(super) fn entry_returned(&mut self, id: Hash) {
        let mine = self
            .chain
            .mempool()
            .get(&id)
            .is_some_and(|waiting| self.is_own(&waiting.transaction.author()));
        if mine {
            self.announce_soon(id);
        } else {
            let due = self.mono.after(self.random_below(ANNOUNCE_OTHERS));
            self.gossip.announcements.insert(id, Announcement { due, next: None });
            self.timers.set_by(Timer::Announce, due);
        }
    }

    /// Announces entries that are due, as many as fit in one message: the others soon, so
    /// that many do not flood whoever has a slow link.
    pub(super) fn announce_due(&mut self) {
        let now = self.mono;
        let mut size = 0;
        let due: Vec<Hash> = self
            .gossip
            .announcements
            .iter()
            .filter(|(_, announcement)| announcement.due <= now)
            .map(|(id, _)| *id)
            .take_while(|id| {
                size += self.chain.mempool().get(id).map_or(0, |waiting| waiting.size);
                size <= MAX_RESPONSE
            })
            .take(MAX_HASHES)
            .collect();
        for id in &due {
            let next = self.gossip.announcements.get(id).and_then(|announcement| announcement.next);
            match next {
                Some(wait) if self.chain.mempool().get(id).is_some() => {
                    let next = Some((wait * 2).min(ANNOUNCE_MAX));
                    let announcement = Announcement { due: now.after(wait), next };
                    self.gossip.announcements.insert(*id, announcement);
                }
                _ => {
                    self.gossip.announcements.remove(id);
                }
            }
        }
        self.announce(&due);
        if let Some(next) = self.gossip.announcements.values().map(|a| a.due).min() {
            let soon = now.after(ANNOUNCE_PACE);
            self.timers.set_by(Timer::Announce, if next <= now { soon } else { next });
        }
    }

    fn announce(&mut self, ids: &[Hash]) {
        if !self.linked {
            return;
        }
        for transactions in self.packets(ids) {
            let message = Message::Transactions { transactions };
            self.outputs.push_back(Output::Broadcast(message.encode()));
        }
        self.gossip.announced.extend(ids);
        self.events.pending = true;
    }

    /// The waiting transactions of these ids, in lists that fit in a message each.
    pub(super) fn packets(&self, ids: &[Hash]) -> Vec<Vec<ByteVec>> {
        let mut packets = Vec::new();
        let mut packet: Vec<ByteVec> = Vec::new();
        let mut size = 0;
        for waiting in ids.iter().filter_map(|id| self.chain.mempool().get(id)) {
            let full = size + waiting.size > MAX_RESPONSE || packet.len() >= MAX_HASHES;
            if full && !packet.is_empty() {
                packets.push(std::mem::take(&mut packet));
                size = 0;
            }
            size += waiting.size;
            packet.push(waiting.transaction.encode().into());
        }
        if !packet.is_empty() {
            packets.push(packet);
        }
        packets
    }

    /// Transactions came from a peer. Gives how many of them are new and were taken.
    pub(super) fn transactions(&mut self, from: PeerId, transactions: &[ByteVec]) -> usize {
        let mut taken = 0;
        for bytes in transactions {
            let Ok(transaction) = Transaction::decode(bytes) else {
                self.fault(from, PeerFault::InvalidTransaction);
                break;
            };
            let id = transaction.id();
            match self.chain.insert_transaction(transaction) {
                Ok(()) => {
                    taken += 1;
                    self.store_transaction(id);
                    self.events.pending = true;
                    self.status_changed();
                }
                Err(TransactionRefusal::Invalid(_)) => {
                    self.fault(from, PeerFault::InvalidTransaction);
                    break;
                }
                // Known, or no room for now: then it is asked for again by comparing.
                Err(TransactionRefusal::Mempool(_)) => {}
            }
            // Somebody has announced it: need not be repeated.
            if self.gossip.announcements.get(&id).is_some_and(|a| a.next.is_none()) {
                self.gossip.announcements.remove(&id);
            }
        }
        taken
    }

    /// A block was announced by who sealed it.
    pub(super) fn block_announced(&mut self, from: PeerId, bytes: Vec<u8>) {
        if self.storing.queued() >= MAX_STORING {
            // The store cannot keep up. Its sender's status tells of the block again.
            return;
        }
        let kept = bytes.clone();
        for (hash, verdict) in self.chain.insert_blocks(vec![bytes], Trust::Peer, self.wall) {
            match &verdict {
                BlockVerdict::Inserted => {
                    self.block_inserted(hash, from);
                    self.advance();
                    for id in self.chain.rescue(&hash) {
                        self.store_transaction(id);
                        self.events.pending = true;
                    }
                }
                BlockVerdict::Orphan => self.orphan(from, hash, kept.clone()),
                BlockVerdict::Ahead => self.block_early(from, kept.clone()),
                BlockVerdict::Invalid(fault) => {
                    self.fault_by(from, PeerFault::InvalidBlock, Some(fault.code()));
                }
                BlockVerdict::Known | BlockVerdict::Full => {}
            }
            self.tell_verdict(from, hash, &verdict);
        }
    }

    /// Announces a block that this node sealed.
    pub(super) fn announce_block(&mut self, block: Vec<u8>) {
        if self.linked {
            self.outputs.push_back(Output::Broadcast(Message::Block { block }.encode()));
        }
    }

    /// A block that is too far ahead of the clock waits.
    fn block_early(&mut self, from: PeerId, bytes: Vec<u8>) {
        let Ok(block) = crate::chain::block::Block::decode(&bytes) else { return };
        let at = UnixMillis(block.header.timestamp.0.saturating_sub(MAX_AHEAD));
        if self.gossip.early.len() < MAX_EARLY {
            let wait = at.0.saturating_sub(self.wall.0);
            self.gossip.early.push((at, from, bytes));
            self.timers.set_by(Timer::Early, self.mono.after(wait.max(1)));
        }
    }

    pub(super) fn retry_early(&mut self) {
        let (due, wait): (Vec<_>, Vec<_>) = std::mem::take(&mut self.gossip.early)
            .into_iter()
            .partition(|(at, ..)| *at <= self.wall);
        self.gossip.early = wait;
        for (_, from, bytes) in due {
            self.block_announced(from, bytes);
        }
        if let Some(next) = self.gossip.early.iter().map(|(at, ..)| at.0).min() {
            let wait = next.saturating_sub(self.wall.0).max(1);
            self.timers.set_by(Timer::Early, self.mono.after(wait));
        }
    }

    /// A peer's mempool differs: compare soon, at a time of its own for each node.
    pub(super) fn compare_soon(&mut self) {
        let wait = COMPARE_SOON + self.random_below(COMPARE_SOON);
        self.timers.set_by(Timer::Compare, self.mono.after(wait));
    }

    /// Asks one peer with another mempool for its ids.
    pub(super) fn compare_mempool(&mut self) {
        let wait = COMPARE_INTERVAL + self.random_below(COMPARE_INTERVAL);
        self.timers.set_by(Timer::Compare, self.mono.after(wait));
        let under_way = self.gossip.comparing.is_some_and(|(_, until)| until > self.mono);
        if !self.linked || under_way {
            return;
        }
        let (own, tip) = (self.chain.mempool().digest(), self.chain.tip());
        let differing: Vec<PeerId> = self
            .peers
            .honest()
            .filter(|(_, peer)| peer.mempool_asked.is_none() || peer.mempool_until <= self.mono)
            .filter(|(_, peer)| {
                peer.status.as_ref().is_some_and(|status| {
                    let theirs = status.mempool_digest;
                    status.mempool_count > 0
                        && theirs != own
                        && peer.compared != Some(Compared { theirs, own, tip })
                })
            })
            .map(|(id, _)| *id)
            .collect();
        let bound = u64::try_from(differing.len()).unwrap_or(0);
        let pick = usize::try_from(self.random_below(bound)).unwrap_or(0);
        if let Some(peer) = differing.get(pick).copied() {
            let request = self.sync.next_request();
            self.compare_with(peer, request);
            if let Some(peer) = self.peers.get_mut(&peer)
                && let Some(status) = &peer.status
            {
                peer.mempool_digest = status.mempool_digest;
            }
            self.send(peer, &Message::GetMempool { request });
        }
    }

    fn compare_with(&mut self, peer: PeerId, request: RequestId) {
        self.gossip.comparing = Some((peer, self.mono.after(REQUEST_TIMEOUT)));
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.mempool_asked = Some(request);
            peer.mempool_until = self.mono.after(COMPARE_PATIENCE);
        }
    }

    /// Whether a peer answers what it was asked last, though it may be late.
    fn is_comparing(&mut self, from: PeerId, request: RequestId) -> bool {
        match self.peers.get_mut(&from) {
            Some(peer) if peer.mempool_asked == Some(request) => {
                peer.mempool_asked = None;
                self.gossip.drop_comparison(Some(&from));
                true
            }
            _ => false,
        }
    }

    pub(super) fn mempool_ids(&mut self, from: PeerId, request: RequestId, ids: &[Hash]) {
        if !self.is_comparing(from, request) {
            return;
        }
        let mut missing: Vec<Hash> = ids
            .iter()
            .filter(|id| self.chain.mempool().get(id).is_none())
            .filter(|id| self.chain.ledger().height_of(id).is_none())
            .copied()
            .collect();
        let missing_in_all = missing.len();
        if missing_in_all > MAX_HASHES {
            // Any of them, so that those that are refused do not hide the others.
            let at = self.random_below(u64::try_from(missing.len()).unwrap_or(1));
            missing.rotate_left(usize::try_from(at).unwrap_or(0));
            missing.truncate(MAX_HASHES);
        }
        if missing.is_empty() {
            self.compared_in_vain(from);
        } else {
            let request = self.sync.next_request();
            self.compare_with(from, request);
            if let Some(peer) = self.peers.get_mut(&from) {
                peer.mempool_lacks = missing_in_all;
            }
            self.send(from, &Message::GetTransactions { request, ids: missing });
        }
    }

    /// A comparison brought nothing new: it is not repeated before something changed.
    fn compared_in_vain(&mut self, with: PeerId) {
        let (own, tip) = (self.chain.mempool().digest(), self.chain.tip());
        if let Some(peer) = self.peers.get_mut(&with) {
            peer.compared = Some(Compared { theirs: peer.mempool_digest, own, tip });
        }
    }

    pub(super) fn transactions_sent(
        &mut self,
        from: PeerId,
        request: RequestId,
        transactions: &[ByteVec],
    ) {
        if self.is_comparing(from, request) {
            // There may be more. If none had room, it is looked again as often as usual.
            let all = self.peers.get(&from).map(|peer| peer.mempool_lacks);
            if self.transactions(from, transactions) > 0 {
                self.compare_soon();
            } else if all == Some(transactions.len()) {
                self.compared_in_vain(from);
            }
        }
    }
}
