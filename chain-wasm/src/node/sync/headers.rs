//! Headers: of whom to ask them, and what to make of them.

use std::cmp::Reverse;
use std::collections::VecDeque;

use minicbor::bytes::ByteVec;

use super::HeaderRequest;
use crate::api::PeerFault;
use crate::chain::block::{Block, Header};
use crate::chain::tree::Rank;
use crate::chain::{BlockVerdict, Trust};
use crate::node::Node;
use crate::node::limits::{MAX_ORPHANS, REQUEST_TIMEOUT, VAIN_ANSWERS};
use crate::node::timers::{Deadline, Timer};
use crate::primitives::{Hash, PeerId};
use crate::wire::{MAX_HEADERS, MAX_LOCATOR, Message, RequestId};

impl Node {
    /// Who is to be asked for headers: of the honest peers whose claim is more than the best
    /// header shows and not in doubt, the one that failed the least of late; of those, the
    /// one that claims the most. Whoever claims most would else be asked again and again,
    /// and come to nothing each time, while others have more than this node.
    ///
    /// Every other time that it came to nothing it is any of those that failed the least,
    /// whatever they claim: or liars who come back under ever new names, of which none has
    /// failed yet, would always be the ones to be asked.
    pub(super) fn peer_with_more(&mut self) -> Option<PeerId> {
        if self.sync.vain_headers % 2 == 1 {
            return self.any_peer_with_more();
        }
        let mut chosen: Option<(Reverse<u32>, Rank, [u8; 32], PeerId)> = None;
        for (claim, id, peer) in self.peers.claiming_more(self.chain.tree().best_header()) {
            if chosen.is_some_and(|(failures, greatest, ..)| failures.0 == 0 && greatest > claim) {
                break;
            }
            if peer.may_be_asked(&claim.hash.0, self.mono)
                && !self.chain.tree().contains(&claim.hash.0)
            {
                // Of several with the same claim, another one for each node that asks.
                let merit = (Reverse(peer.failures()), claim, self.distance(&id), id);
                chosen = chosen.max(Some(merit));
            }
        }
        chosen.map(|(.., id)| id)
    }

    fn any_peer_with_more(&mut self) -> Option<PeerId> {
        let claiming = self.peers.claiming_more(self.chain.tree().best_header());
        let mut least = u32::MAX;
        let mut willing = Vec::new();
        for (claim, id, peer) in claiming {
            let hash = claim.hash.0;
            if peer.may_be_asked(&hash, self.mono) && !self.chain.tree().contains(&hash) {
                if peer.failures() < least {
                    least = peer.failures();
                    willing.clear();
                }
                if peer.failures() == least {
                    willing.push(id);
                }
            }
        }
        if willing.is_empty() {
            return None;
        }
        let random = u64::from_be_bytes(self.random_bytes());
        let at = random % u64::try_from(willing.len()).unwrap_or(u64::MAX);
        willing.get(usize::try_from(at).unwrap_or(0)).copied()
    }

    pub(super) fn ask_headers(&mut self, peer: PeerId, from: Hash) {
        let request = self.sync.next_request();
        let until = self.mono.after(REQUEST_TIMEOUT);
        self.sync.headers = Some(HeaderRequest { peer, until: Deadline::new(until) });
        if let Some(peer) = self.peers.get_mut(&peer) {
            peer.headers_asked = Some(request);
            if peer.strikes == 0 && peer.vain == 0 {
                self.sync.active_at = self.mono;
            }
        }
        let height = self.chain.tree().height(&from).unwrap_or(0);
        let claimed = self.peers.get(&peer).and_then(|peer| peer.status.as_ref());
        self.sync.header_progress = (height, claimed.map_or(height, |status| status.height));
        let locator = self.locator(from);
        self.send(peer, &Message::GetHeaders { request, locator });
        self.timers.set_by(Timer::Requests, until);
    }

    /// Hashes of the branch that ends in `from`: the last ten, then ever sparser ones,
    /// the genesis hash last.
    fn locator(&self, from: Hash) -> Vec<Hash> {
        let tree = self.chain.tree();
        let mut locator = Vec::new();
        let mut step = 1_u32;
        let mut last = from;
        let mut height = tree.height(&from).unwrap_or(0);
        while height > 0
            && locator.len() + 1 < MAX_LOCATOR
            && let Some(hash) = tree.ancestor(&last, height)
        {
            locator.push(hash);
            last = hash;
            if locator.len() >= 10 {
                step = step.saturating_mul(2);
            }
            height = height.saturating_sub(step);
        }
        locator.push(self.chain.id());
        locator
    }

    pub(in crate::node) fn headers(
        &mut self,
        from: PeerId,
        request: RequestId,
        headers: &[ByteVec],
    ) {
        match self.peers.get_mut(&from) {
            Some(peer) if peer.headers_asked == Some(request) => peer.headers_asked = None,
            _ => return,
        }
        if self.sync.headers.is_some_and(|pending| pending.peer == from) {
            self.sync.headers = None;
        }
        let mut last = None;
        let mut complete = true;
        let mut news = false;
        let Ok(headers) =
            headers.iter().map(|bytes| Header::decode(bytes)).collect::<Result<_, _>>()
        else {
            return self.fault(from, PeerFault::InvalidHeader);
        };
        let headers: Vec<Header> = headers;
        let hashes: Vec<Hash> = headers.iter().map(Header::hash).collect();
        if !self.chain.wrong_seals(hashes.iter().zip(&headers)).is_empty() {
            return self.fault(from, PeerFault::InvalidHeader);
        }
        for (hash, header) in hashes.into_iter().zip(&headers) {
            match self.chain.insert_header_as(hash, header, self.wall) {
                Ok(verdict @ (BlockVerdict::Inserted | BlockVerdict::Known)) => {
                    last = Some(hash);
                    news |= verdict == BlockVerdict::Inserted;
                    self.adopt_kept(hash);
                }
                Ok(_) => {
                    // It does not connect, comes too early, or there is no room.
                    complete = false;
                    break;
                }
                Err(fault) => {
                    return self.fault_by(from, PeerFault::InvalidHeader, Some(fault.code()));
                }
            }
        }
        let answered = self.peers.get_mut(&from).map(|peer| {
            peer.answered(false);
            peer.vain = if news { 0 } else { peer.vain.saturating_add(1) };
            peer.claim()
        });
        let vain = self.sync.vain_headers.wrapping_add(1);
        self.sync.vain_headers = if news { 0 } else { vain };
        let claim = answered.flatten().map(|claim| claim.hash.0);
        let shown = claim.is_some_and(|tip| self.chain.tree().contains(&tip));
        if let Some(last) = last.filter(|_| complete && !shown && headers.len() == MAX_HEADERS) {
            // If it is late, another peer may have been asked meanwhile.
            if self.sync.headers.is_none() {
                self.ask_headers(from, last);
            }
        } else if !shown {
            self.doubt(from);
        }
    }

    /// A peer's claim of its tip came to nothing for now.
    pub(super) fn doubt(&mut self, peer: PeerId) {
        if let Some(until) = self.peers.get_mut(&peer).and_then(|peer| peer.doubt(self.mono)) {
            self.timers.set_by(Timer::Requests, until);
        }
    }

    /// A block whose predecessor is not known: its sender has more to tell.
    pub(in crate::node) fn orphan(&mut self, from: PeerId, hash: Hash, bytes: Vec<u8>) {
        let Ok(block) = Block::decode(&bytes) else { return };
        if self.sync.orphans.len() >= MAX_ORPHANS {
            self.sync.orphans.drop_oldest();
        }
        self.sync.orphans.put(hash, block.header.previous_hash, bytes, Some(from));
        let willing = self
            .peers
            .get(&from)
            .is_some_and(|peer| peer.vain <= VAIN_ANSWERS && peer.may_be_asked(&hash, self.mono));
        if self.sync.headers.is_none() && self.linked && willing {
            let best = self.chain.tree().best_header().hash.0;
            self.ask_headers(from, best);
        }
    }

    /// Takes in what is kept and can be connected now that a header or a block is in the
    /// tree: itself, what builds on it, what builds on that.
    pub(super) fn adopt_kept(&mut self, hash: Hash) {
        let mut next = VecDeque::from([hash]);
        while let Some(hash) = next.pop_front() {
            let orphan = self.sync.orphans.take(&hash).map(|kept| (kept, Trust::Peer));
            let cut_off = self.sync.cut_off.take(&hash).map(|kept| (kept, Trust::Store));
            for (kept, trust) in [cut_off, orphan].into_iter().flatten() {
                let verdicts = self.chain.insert_blocks(vec![kept.bytes], trust, self.wall);
                for (hash, verdict) in verdicts {
                    match (verdict, kept.from) {
                        (BlockVerdict::Inserted, from) => self.block_arrived(hash, from),
                        (BlockVerdict::Invalid(fault), Some(from)) => {
                            let rule = Some(fault.code());
                            self.fault_by(from, PeerFault::InvalidBlock, rule);
                        }
                        _ => {}
                    }
                }
            }
            next.extend(self.sync.orphans.children(&hash));
            next.extend(self.sync.cut_off.children(&hash));
        }
    }
}
