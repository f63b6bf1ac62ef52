//! The other peers of the room: what they say of themselves, and how they behaved.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;

use super::limits::{
    COOLING, DOUBT, DOUBT_DOUBLINGS, FIRST_WINDOW, LACKS, LACKS_DOUBLINGS, MAX_FAULTY, MAX_PEERS,
    MAX_WINDOW, VAIN_ANSWERS,
};
use super::round_trips::RoundTrips;
use crate::api::PeerFault;
use crate::chain::tree::Rank;
use crate::primitives::{Hash, Instant, PeerId};
use crate::wire::{RequestId, Status};

/// A peer that is in the room now.
#[derive(Debug, Clone)]
pub(super) struct Peer {
    /// What it says of itself.
    pub(super) status: Option<Status>,
    /// Requests for blocks that it has not answered.
    pub(super) requests: usize,
    /// Its requests that wait for the store.
    pub(super) serving: usize,
    /// Blocks to ask of it at a time.
    pub(super) window: usize,
    /// It is not asked before this.
    pub(super) cooling_until: Instant,
    /// Answers that did not come in time, in a row.
    pub(super) strikes: u32,
    /// It is not asked for headers before the time, unless its tip changes: its claim
    /// of that tip came to nothing.
    pub(super) doubted: Option<(Hash, Instant)>,
    /// Answers for headers in a row that held nothing new.
    pub(super) vain: u32,
    /// Branches that it claimed and whose blocks nobody gave, since it last gave a block.
    pub(super) withheld: u32,
    /// The question for headers that it was asked last, if it has not answered; the
    /// answer is of use even if it comes late.
    pub(super) headers_asked: Option<RequestId>,
    /// Likewise the question about its mempool.
    pub(super) mempool_asked: Option<RequestId>,
    /// How long that is waited for.
    pub(super) mempool_until: Instant,
    /// What its mempool was, by its status, when it was asked for it.
    pub(super) mempool_digest: [u8; 16],
    /// How many transactions were in it that this node lacked.
    pub(super) mempool_lacks: usize,
    /// The last comparison of mempools, if it brought nothing new.
    pub(super) compared: Option<Compared>,
    /// It gave nothing of the branch that ends so, and is not asked before the time: it
    /// does not have it, or was too busy to read it.
    pub(super) lacks: Option<Lacks>,
    /// How long it takes to answer.
    pub(super) round_trips: RoundTrips,
    /// When it was asked last only to see that.
    pub(super) measured_at: Instant,
}

/// A comparison of mempools that brought nothing new. It would not do so again before one
/// of the mempools or this node's tip is another one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Compared {
    /// The peer's mempool, by its status.
    pub(super) theirs: [u8; 16],
    /// This node's.
    pub(super) own: [u8; 16],
    /// This node's tip.
    pub(super) tip: Hash,
}

/// A branch of which a peer gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Lacks {
    /// Its last block.
    target: Hash,
    /// The peer is not asked for it before this.
    pub(super) until: Instant,
    times: u32,
}

impl Peer {
    fn new(status: Option<Status>) -> Self {
        Self {
            status,
            requests: 0,
            serving: 0,
            window: FIRST_WINDOW,
            cooling_until: Instant(0),
            strikes: 0,
            doubted: None,
            vain: 0,
            withheld: 0,
            headers_asked: None,
            mempool_asked: None,
            mempool_until: Instant(0),
            mempool_digest: [0; 16],
            mempool_lacks: 0,
            compared: None,
            lacks: None,
            round_trips: RoundTrips::default(),
            measured_at: Instant(0),
        }
    }

    /// What it says of its chain.
    pub(super) fn claim(&self) -> Option<Rank> {
        self.status.as_ref().map(|status| Rank::new(status.work(), status.tip))
    }

    /// Whether it is worth asking for blocks of a branch.
    pub(super) fn may_have(&self, target: Option<Hash>, now: Instant) -> bool {
        !self.lacks.is_some_and(|lacks| target == Some(lacks.target) && lacks.until > now)
    }

    /// It gave nothing of a branch. Gives until when it is not asked for that again.
    pub(super) fn gave_nothing(&mut self, target: Hash, now: Instant) -> Instant {
        let before = self.lacks.filter(|lacks| lacks.target == target);
        let times = before.map_or(0, |lacks| lacks.times + 1).min(LACKS_DOUBLINGS);
        let until = now.after(LACKS << times);
        self.lacks = Some(Lacks { target, until, times });
        until
    }

    /// Whether it is worth asking for headers about its tip, or a branch that ends in it.
    pub(super) fn may_be_asked(&self, tip: &Hash, now: Instant) -> bool {
        let doubted = self.doubted.is_some_and(|(doubted, until)| {
            until > now && (doubted == *tip || self.vain > VAIN_ANSWERS)
        });
        !doubted && self.cooling_until <= now
    }

    /// How often asking it came to nothing of late.
    pub(super) const fn failures(&self) -> u32 {
        self.vain.saturating_add(self.withheld).saturating_add(self.strikes)
    }

    /// Its claim of its tip came to nothing for now.
    pub(super) fn doubt(&mut self, now: Instant) -> Option<Instant> {
        let claim = self.claim()?;
        let doublings = self.vain.saturating_sub(VAIN_ANSWERS).min(DOUBT_DOUBLINGS);
        let until = now.after(DOUBT << doublings);
        self.doubted = Some((claim.hash.0, until));
        Some(until)
    }

    /// It answered.
    pub(super) fn answered(&mut self, in_full: bool) {
        self.strikes = 0;
        if in_full {
            self.window = (self.window * 2).min(MAX_WINDOW);
        }
    }

    /// It did not answer in time.
    pub(super) fn timed_out(&mut self, now: Instant) {
        self.window = (self.window / 2).max(1);
        self.cooling_until = now.after(COOLING << self.strikes.min(5));
        self.strikes += 1;
    }
}

/// The peers of the room. Those that did what no honest peer does are ignored, also
/// when they come back under the same name.
#[derive(Debug, Clone, Default)]
pub(super) struct Peers {
    present: BTreeMap<PeerId, Peer>,
    /// What those that are present claim, so that who claims more is found at once.
    claims: BTreeSet<(Rank, PeerId)>,
    faulty: BTreeMap<PeerId, PeerFault>,
}

impl Peers {
    /// All of them, faulty ones too.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&PeerId, &Peer)> {
        self.present.iter()
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.present.len()
    }

    /// How many are remembered as faulty.
    pub(super) fn faulty_len(&self) -> usize {
        self.faulty.len()
    }

    /// Those that are listened to.
    pub(super) fn honest(&self) -> impl Iterator<Item = (&PeerId, &Peer)> {
        self.present.iter().filter(|(id, _)| !self.faulty.contains_key(id))
    }

    /// A peer that is listened to.
    pub(super) fn get(&self, id: &PeerId) -> Option<&Peer> {
        if self.faulty.contains_key(id) { None } else { self.present.get(id) }
    }

    /// A peer that is listened to.
    pub(super) fn get_mut(&mut self, id: &PeerId) -> Option<&mut Peer> {
        if self.faulty.contains_key(id) { None } else { self.present.get_mut(id) }
    }

    /// What a peer did.
    pub(super) fn fault(&self, id: &PeerId) -> Option<PeerFault> {
        self.faulty.get(id).copied()
    }

    /// A peer joined, or its status changed.
    pub(super) fn set_status(&mut self, id: PeerId, status: Option<Status>) {
        let full = self.present.len() >= MAX_PEERS;
        let peer = match self.present.entry(id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(_) if full => return,
            Entry::Vacant(new) => new.insert(Peer::new(None)),
        };
        let before = peer.claim();
        peer.status = status;
        let claim = peer.claim();
        if before != claim {
            peer.lacks = None;
            self.claims.extend(claim.map(|claim| (claim, id)));
            if let Some(before) = before {
                self.claims.remove(&(before, id));
            }
        }
    }

    /// A peer left.
    pub(super) fn remove(&mut self, id: &PeerId) {
        if let Some(claim) = self.present.remove(id).and_then(|peer| peer.claim()) {
            self.claims.remove(&(claim, *id));
        }
    }

    /// Nobody is there any more.
    pub(super) fn clear(&mut self) {
        self.present.clear();
        self.claims.clear();
    }

    /// Those that are listened to and claim more than `rank`, the greatest claim first.
    pub(super) fn claiming_more(&self, rank: Rank) -> impl Iterator<Item = (Rank, PeerId, &Peer)> {
        let above = (rank, PeerId::from_bytes([u8::MAX; 32]));
        let above = self.claims.range((Bound::Excluded(above), Bound::Unbounded)).rev();
        above.filter_map(|(claim, id)| Some((*claim, *id, self.get(id)?)))
    }

    /// Listens to a peer again; `false` if it was listened to.
    pub(super) fn forgive(&mut self, id: &PeerId) -> bool {
        self.faulty.remove(id).is_some()
    }

    /// Notes that a peer did what no honest peer does; `false` if that was known.
    pub(super) fn set_fault(&mut self, id: PeerId, fault: PeerFault) -> bool {
        if self.faulty.contains_key(&id) {
            return false;
        }
        if self.faulty.len() >= MAX_FAULTY {
            // Forget one that is gone before one that is here.
            let gone = self.faulty.keys().find(|id| !self.present.contains_key(id)).copied();
            if let Some(oldest) = gone.or_else(|| self.faulty.keys().next().copied()) {
                self.faulty.remove(&oldest);
            }
        }
        self.faulty.insert(id, fault);
        true
    }
}
