//! The tree of headers: forks, work, and which blocks are whole.
//!
//! Every header in it follows every rule that a header alone can break. A block is
//! *complete* when its body and those of all its ancestors are at hand. Which
//! complete block is the tip is for [`Chain`](super::Chain) to say, once it has
//! applied the bodies.
//!
//! A header takes less than 200 bytes, all included, in an `authority` room less than 264,
//! since its seal is kept. Nothing that is done for each
//! new header or block looks at all of them.

mod arena;
mod history;
mod rejected;
mod restore;

use std::cmp::Reverse;
use std::collections::{BTreeSet, VecDeque};

use super::block::Header;
use super::genesis::genesis;
use super::merkle::Frontier;
use super::spec::Spec;
use super::verify::{BlockFault, HeaderContext};
use super::work::{Pace, WINDOW};
use crate::primitives::{Hash, Signature};
pub(super) use arena::Slot;
use arena::{Arena, Record};
use history::History;
use rejected::Rejected;

/// The most headers the tree holds. Each costs its maker the chain's least work;
/// the limit bounds memory where that is next to nothing.
pub const MAX_HEADERS: usize = 2_000_000;

/// How a branch compares: more work first, then the smaller hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rank {
    /// Sum of the expected number of hashes from the genesis block on.
    pub work: u128,
    /// Its last block.
    pub hash: Reverse<Hash>,
}

impl Rank {
    /// The branch that ends in `hash` with `work` in all.
    pub const fn new(work: u128, hash: Hash) -> Self {
        Self { work, hash: Reverse(hash) }
    }
}

/// What became of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeaderVerdict {
    /// New, and in the tree now.
    Inserted,
    /// In the tree already.
    Known,
    /// Its predecessor is not in the tree.
    Orphan,
    /// The tree is full.
    Full,
}

/// The tree of headers.
#[derive(Debug, Clone)]
pub struct Tree {
    spec: Spec,
    arena: Arena,
    genesis: Rank,
    /// Headers on which no other builds: the ends of branches. A header has more work than
    /// its predecessor, so the greatest of all is among them.
    leaves: BTreeSet<Rank>,
    /// Complete blocks on which no complete one builds; the greatest is the one to be at.
    complete: BTreeSet<Rank>,
    /// Blocks whose bodies were at hand once and are lost.
    lost: BTreeSet<Hash>,
    history: History,
    rejected: Rejected,
    /// [`MAX_HEADERS`].
    limit: usize,
}

impl Tree {
    /// The tree of a room, with its genesis block.
    pub fn new(spec: Spec) -> Self {
        Self::keyed(spec, [0; 2])
    }

    /// A tree whose index is laid out by a key: a random one keeps others from choosing
    /// hashes that are slow to find. Changes nothing else.
    pub fn keyed(spec: Spec, key: [u64; 2]) -> Self {
        let header = genesis(&spec).header;
        let hash = header.hash();
        let mut arena = Arena::new(&header, key, spec.authority().is_some());
        let mut record = Record::new(&header, hash, 0, Slot::NONE);
        (record.has_body, record.complete) = (true, true);
        let slot = arena.insert(record, None);
        let mut frontier = Frontier::default();
        frontier.push(hash.as_bytes());
        let mut history = History::default();
        history.put(slot, 0, frontier);
        let genesis = Rank::new(0, hash);
        Self {
            spec,
            arena,
            genesis,
            leaves: BTreeSet::from([genesis]),
            complete: BTreeSet::from([genesis]),
            lost: BTreeSet::new(),
            history,
            rejected: Rejected::default(),
            limit: MAX_HEADERS,
        }
    }

    /// A tree that is full sooner.
    #[cfg(test)]
    pub(super) fn limited(spec: Spec, limit: usize) -> Self {
        Self { limit, ..Self::new(spec) }
    }

    /// How many headers there are.
    pub fn len(&self) -> usize {
        self.arena.len()
    }

    /// A tree is never empty.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Bytes that the headers and all that is kept for finding them take.
    pub fn allocated(&self) -> usize {
        // A map's nodes are two thirds full or more, on average.
        let ranks = (self.leaves.len() + self.complete.len()) * size_of::<Rank>() * 3 / 2;
        self.arena.allocated() + self.history.allocated() + ranks
    }

    /// A block's header.
    pub fn header(&self, hash: &Hash) -> Option<Header> {
        self.arena.header(self.arena.find(hash)?)
    }

    /// Whether a block's header is in the tree.
    pub fn contains(&self, hash: &Hash) -> bool {
        self.arena.find(hash).is_some()
    }

    /// A block's height.
    pub fn height(&self, hash: &Hash) -> Option<u32> {
        self.arena.by_hash(hash).map(|record| record.height)
    }

    /// A block's rank.
    pub fn rank(&self, hash: &Hash) -> Option<Rank> {
        self.arena.by_hash(hash).map(Record::rank)
    }

    /// Whether a block's body is at hand.
    pub fn has_body(&self, hash: &Hash) -> bool {
        self.arena.by_hash(hash).is_some_and(|record| record.has_body)
    }

    /// Whether a block's body and those of all its ancestors are at hand.
    pub fn is_complete(&self, hash: &Hash) -> bool {
        self.arena.by_hash(hash).is_some_and(|record| record.complete)
    }

    /// Whether a block's body was at hand once and is lost.
    pub(super) fn is_lost(&self, hash: &Hash) -> bool {
        self.lost.contains(hash)
    }

    /// Blocks whose bodies were at hand once and are lost: to be fetched again.
    pub fn lost(&self) -> impl Iterator<Item = Hash> {
        self.lost.iter().copied()
    }

    /// The header with the most work, whether its body is at hand or not.
    pub fn best_header(&self) -> Rank {
        self.leaves.last().copied().unwrap_or(self.genesis)
    }

    /// The complete block with the most work.
    pub fn best_complete(&self) -> Rank {
        self.complete.last().copied().unwrap_or(self.genesis)
    }

    /// Why a block was rejected earlier.
    pub fn rejection(&self, hash: &Hash) -> Option<&BlockFault> {
        self.rejected.get(hash)
    }

    /// A block's ancestors with their heights, itself first, genesis last.
    pub fn ancestors(&self, hash: Hash) -> impl Iterator<Item = (Hash, u32)> {
        let slot = self.arena.find(&hash).unwrap_or(Slot::NONE);
        self.arena.ancestors(slot).map(|(_, record)| (record.hash, record.height))
    }

    /// A block's ancestor at a height, which may be its own; takes a step for every 256
    /// blocks between them, and some hundreds more.
    pub fn ancestor(&self, hash: &Hash, height: u32) -> Option<Hash> {
        let slot = self.arena.find(hash)?;
        self.arena.ancestor_at(slot, height).map(|record| record.hash)
    }

    /// Where a block's header is, until it is taken out.
    pub(super) fn slot(&self, hash: &Hash) -> Option<(Slot, u32)> {
        let slot = self.arena.find(hash)?;
        self.arena.get(slot).map(|record| (slot, record.height))
    }

    /// The hash of the header at a place.
    pub(super) fn hash_in(&self, slot: Slot) -> Option<Hash> {
        self.arena.get(slot).map(|record| record.hash)
    }

    /// What a child of `parent` is judged against.
    pub fn context(&mut self, parent: Hash) -> Option<HeaderContext> {
        let slot = self.arena.find(&parent)?;
        let frontier = self.history.frontier(&self.arena, slot)?;
        self.context_at(slot, &frontier)
    }

    fn context_at(&self, parent: Slot, frontier: &Frontier) -> Option<HeaderContext> {
        let above = self.arena.get(parent)?;
        let recent = self.arena.ancestors(parent).take(WINDOW + 1);
        let mut recent: Vec<Pace> = recent.map(|(_, record)| record.pace()).collect();
        recent.reverse();
        Some(HeaderContext {
            parent: above.hash,
            height: above.height.saturating_add(1),
            recent,
            history_root: frontier.root(),
        })
    }

    /// Takes a header in.
    ///
    /// # Errors
    /// The first rule that it breaks, or that was found broken earlier.
    pub fn insert(&mut self, header: &Header) -> Result<HeaderVerdict, BlockFault> {
        self.insert_as(header.hash(), header)
    }

    /// Takes a header in whose hash is known.
    ///
    /// # Errors
    /// As [`Self::insert`].
    pub(super) fn insert_as(
        &mut self,
        hash: Hash,
        header: &Header,
    ) -> Result<HeaderVerdict, BlockFault> {
        if self.contains(&hash) {
            return Ok(HeaderVerdict::Known);
        }
        if let Some(fault) = self.rejection(&hash) {
            return Err(fault.clone());
        }
        let Some(parent) = self.arena.find(&header.previous_hash) else {
            let Some(fault) = self.rejection(&header.previous_hash).cloned() else {
                return Ok(HeaderVerdict::Orphan);
            };
            self.rejected.remember(hash, fault.clone());
            return Err(fault);
        };
        if self.len() >= self.limit {
            return Ok(HeaderVerdict::Full);
        }
        let Some(mut frontier) = self.history.frontier(&self.arena, parent) else {
            return Ok(HeaderVerdict::Orphan);
        };
        let Some(context) = self.context_at(parent, &frontier) else {
            return Ok(HeaderVerdict::Orphan);
        };
        context.check(&self.spec, header, &hash)?;
        let Some(above) = self.arena.get(parent) else { return Ok(HeaderVerdict::Orphan) };
        if above.is_leaf() {
            self.leaves.remove(&above.rank());
        }
        let work = above.work().saturating_add(header.difficulty.hashes());
        let slot = self.arena.insert(Record::new(header, hash, work, parent), header.seal);
        self.leaves.insert(Rank::new(work, hash));
        frontier.push(hash.as_bytes());
        self.history.put(slot, header.height, frontier);
        Ok(HeaderVerdict::Inserted)
    }

    /// Notes that a block's body is at hand; gives the blocks that are complete by
    /// it, parents first.
    pub fn body_arrived(&mut self, hash: &Hash) -> Vec<Hash> {
        let mut completed = Vec::new();
        let Some(slot) = self.arena.find(hash) else { return completed };
        let Some(record) = self.arena.get_mut(slot) else { return completed };
        record.has_body = true;
        let parent = record.parent;
        self.lost.remove(hash);
        if !self.arena.get(parent).is_some_and(|above| above.complete) {
            return completed;
        }
        let mut queue = VecDeque::from([slot]);
        while let Some(next) = queue.pop_front() {
            let Some(record) = self.arena.get_mut(next) else { continue };
            if !record.has_body || record.complete {
                continue;
            }
            record.complete = true;
            let (rank, parent) = (record.rank(), record.parent);
            if let Some(above) = self.arena.get(parent) {
                self.complete.remove(&above.rank());
            }
            self.complete.insert(rank);
            queue.extend(self.arena.children(next).map(|(slot, _)| slot));
            completed.push(rank.hash.0);
        }
        completed
    }

    /// Notes that a block's body is lost: it and its descendants are not complete
    /// until it has arrived again.
    pub fn body_lost(&mut self, hash: &Hash) {
        let Some(slot) = self.arena.find(hash) else { return };
        match self.arena.get_mut(slot) {
            // The genesis block's is empty: it cannot be lost.
            Some(record) if record.height > 0 => record.has_body = false,
            _ => return,
        }
        self.lost.insert(*hash);
        for descendant in self.descendants(slot) {
            if let Some(record) = self.arena.get_mut(descendant).filter(|record| record.complete) {
                record.complete = false;
                self.complete.remove(&record.rank());
            }
        }
        if let Some(parent) = self.arena.get(slot).map(|record| record.parent) {
            self.ends_at(parent);
        }
    }

    /// Notes that the body of a block of the chain cannot be read any more. Its entries are
    /// in the ledger: the chain can go on without it, until it is to be undone.
    pub(super) fn body_unreadable(&mut self, hash: &Hash) {
        let Some(slot) = self.arena.find(hash) else { return };
        if let Some(record) = self.arena.get_mut(slot).filter(|record| record.height > 0) {
            record.has_body = false;
            self.lost.insert(*hash);
        }
    }

    /// Takes a block and its descendants out for good, since it breaks a rule.
    /// Gives what was taken out.
    pub fn reject(&mut self, hash: &Hash, fault: &BlockFault) -> Vec<Hash> {
        let removed = self.remove(hash);
        // The block itself last, so that it is remembered longest.
        for hash in removed.iter().rev() {
            self.rejected.remember(*hash, fault.clone());
        }
        removed
    }

    /// Takes a block and its descendants out, without judging them. Gives what was
    /// taken out. The genesis block stays.
    pub fn remove(&mut self, hash: &Hash) -> Vec<Hash> {
        let Some((slot, 1..)) = self.slot(hash) else { return Vec::new() };
        let parent = self.arena.get(slot).map_or(Slot::NONE, |record| record.parent);
        let slots = self.descendants(slot);
        self.arena.unlink(slot);
        let mut removed = Vec::with_capacity(slots.len());
        for slot in &slots {
            let Some(record) = self.arena.get(*slot) else { continue };
            let rank = record.rank();
            self.lost.remove(&rank.hash.0);
            self.leaves.remove(&rank);
            self.complete.remove(&rank);
            removed.push(rank.hash.0);
            self.arena.free(*slot);
        }
        self.history.forget(&self.arena, &slots);
        self.ends_at(parent);
        removed
    }

    /// A block lost a child: a branch may end here now.
    fn ends_at(&mut self, slot: Slot) {
        let Some(record) = self.arena.get(slot) else { return };
        if record.is_leaf() {
            self.leaves.insert(record.rank());
        }
        if record.complete && !self.arena.children(slot).any(|(_, child)| child.complete) {
            self.complete.insert(record.rank());
        }
    }

    /// Whether no block builds on a block.
    pub(super) fn is_leaf(&self, hash: &Hash) -> bool {
        self.arena.by_hash(hash).is_some_and(Record::is_leaf)
    }

    /// The rule that a header breaks that is not in the tree, if it is one that can be told:
    /// its predecessor is here, or was rejected.
    pub(super) fn fault_of(&mut self, hash: &Hash, header: &Header) -> Option<BlockFault> {
        let earlier = self.rejection(hash).or_else(|| self.rejection(&header.previous_hash));
        if earlier.is_some() {
            return earlier.cloned();
        }
        let context = self.context(header.previous_hash)?;
        context.check(&self.spec, header, hash).err()
    }

    /// The seal that a header of an `authority` room has.
    pub(super) fn seal(&self, hash: &Hash) -> Option<Signature> {
        self.arena.seal(self.arena.find(hash)?)
    }

    /// The blocks that build on one, with their nonces.
    pub(super) fn children(&self, hash: &Hash) -> impl Iterator<Item = (Hash, u32)> {
        let slot = self.arena.find(hash).unwrap_or(Slot::NONE);
        self.arena.children(slot).map(|(_, record)| (record.hash, record.nonce()))
    }

    /// Of the `most` ends of branches with the most work those that reach a height.
    pub(super) fn best_leaves(&self, height: u32, most: usize) -> impl Iterator<Item = Hash> {
        let leaves = self.leaves.iter().rev().take(most).map(|leaf| leaf.hash.0);
        leaves.filter(move |leaf| self.height(leaf) >= Some(height))
    }

    /// Blocks on which no other builds: the ends of branches, the least first.
    pub fn leaves(&self) -> impl Iterator<Item = Rank> {
        self.leaves.iter().copied()
    }

    /// A block and all its descendants, parents first.
    fn descendants(&self, slot: Slot) -> Vec<Slot> {
        let mut found = vec![slot];
        let mut next = 0;
        while let Some(slot) = found.get(next).copied() {
            found.extend(self.arena.children(slot).map(|(slot, _)| slot));
            next += 1;
        }
        found
    }
}
