//! The tree of headers: forks, work, and which blocks are whole.
//!
//! Every header in it follows every rule that a header alone can break. A block is
//! *complete* when its body and those of all its ancestors are at hand. Which
//! complete block is the tip is for [`Chain`](super::Chain) to say, once it has
//! applied the bodies.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::block::Header;
use super::genesis::genesis;
use super::merkle::Frontier;
use super::spec::Spec;
use super::verify::{BlockFault, HeaderContext};
use super::work::WINDOW;
use crate::primitives::Hash;

/// The most headers the tree holds. Each costs its maker the chain's least work;
/// the limit bounds memory where that is next to nothing.
pub const MAX_HEADERS: usize = 2_000_000;

/// How many frontiers near recent headers are kept, so that checking a history root
/// need not begin at the last checkpoint.
const CACHED_FRONTIERS: usize = 16;

/// Each header at a multiple of this height keeps its frontier.
const CHECKPOINT: u32 = 256;

/// How many hashes of invalid blocks are remembered.
const MAX_REJECTED: usize = 1_024;

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

#[derive(Debug, Clone)]
struct Entry {
    header: Header,
    work: u128,
    children: Vec<Hash>,
    has_body: bool,
    complete: bool,
    checkpoint: Option<Box<Frontier>>,
}

/// The tree of headers.
#[derive(Debug, Clone)]
pub struct Tree {
    spec: Spec,
    entries: BTreeMap<Hash, Entry>,
    /// Complete blocks; the greatest is the one to be at.
    complete: BTreeSet<Rank>,
    /// Blocks whose bodies were at hand once and are lost.
    lost: BTreeSet<Hash>,
    best_header: Rank,
    frontiers: VecDeque<(Hash, Frontier)>,
    rejected: VecDeque<(Hash, BlockFault)>,
    /// [`MAX_HEADERS`].
    limit: usize,
}

impl Tree {
    /// The tree of a room, with its genesis block.
    pub fn new(spec: Spec) -> Self {
        let header = genesis(&spec).header;
        let hash = header.hash();
        let mut frontier = Frontier::default();
        frontier.push(hash.as_bytes());
        let rank = Rank::new(0, hash);
        let entry = Entry {
            header,
            work: 0,
            children: Vec::new(),
            has_body: true,
            complete: true,
            checkpoint: Some(Box::new(frontier)),
        };
        Self {
            spec,
            entries: BTreeMap::from([(hash, entry)]),
            complete: BTreeSet::from([rank]),
            lost: BTreeSet::new(),
            best_header: rank,
            frontiers: VecDeque::new(),
            rejected: VecDeque::new(),
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
        self.entries.len()
    }

    /// A tree is never empty.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// A block's header.
    pub fn header(&self, hash: &Hash) -> Option<&Header> {
        self.entries.get(hash).map(|entry| &entry.header)
    }

    /// A block's rank.
    pub fn rank(&self, hash: &Hash) -> Option<Rank> {
        self.entries.get(hash).map(|entry| Rank::new(entry.work, *hash))
    }

    /// Whether a block's body is at hand.
    pub fn has_body(&self, hash: &Hash) -> bool {
        self.entries.get(hash).is_some_and(|entry| entry.has_body)
    }

    /// Blocks whose bodies were at hand once and are lost: to be fetched again.
    pub fn lost(&self) -> impl Iterator<Item = Hash> {
        self.lost.iter().copied()
    }

    /// The header with the most work, whether its body is at hand or not.
    pub const fn best_header(&self) -> Rank {
        self.best_header
    }

    /// The complete block with the most work.
    pub fn best_complete(&self) -> Rank {
        self.complete.last().copied().unwrap_or(self.best_header)
    }

    /// Why a block was rejected earlier.
    pub fn rejection(&self, hash: &Hash) -> Option<&BlockFault> {
        self.rejected.iter().find(|(rejected, _)| rejected == hash).map(|(_, fault)| fault)
    }

    /// A block's ancestors, itself first, genesis last.
    pub fn ancestors(&self, hash: Hash) -> impl Iterator<Item = (Hash, &Header)> {
        let mut next = Some(hash);
        std::iter::from_fn(move || {
            let hash = next?;
            let header = self.header(&hash)?;
            next = (header.height > 0).then_some(header.previous_hash);
            Some((hash, header))
        })
    }

    /// What a child of `parent` is judged against.
    pub fn context(&mut self, parent: Hash) -> Option<HeaderContext> {
        let mut recent: Vec<Header> =
            self.ancestors(parent).take(WINDOW + 1).map(|(_, header)| header.clone()).collect();
        recent.reverse();
        let history_root = self.frontier(parent)?.root();
        Some(HeaderContext { parent, recent, history_root })
    }

    /// Takes a header in.
    ///
    /// # Errors
    /// The first rule that it breaks, or that was found broken earlier.
    pub fn insert(&mut self, header: Header) -> Result<HeaderVerdict, BlockFault> {
        let hash = header.hash();
        if self.entries.contains_key(&hash) {
            return Ok(HeaderVerdict::Known);
        }
        if let Some(fault) = self.rejection(&hash) {
            return Err(fault.clone());
        }
        let parent = header.previous_hash;
        if let Some(fault) = self.rejection(&parent).cloned() {
            self.remember_rejected(hash, fault.clone());
            return Err(fault);
        }
        let Some(context) = self.context(parent) else { return Ok(HeaderVerdict::Orphan) };
        if self.entries.len() >= self.limit {
            return Ok(HeaderVerdict::Full);
        }
        context.check(&self.spec, &header, &hash)?;
        let mut frontier = self.frontier(parent).unwrap_or_default();
        frontier.push(hash.as_bytes());
        let checkpoint =
            header.height.is_multiple_of(CHECKPOINT).then(|| Box::new(frontier.clone()));
        self.cache_frontier(hash, frontier);
        let Some(above) = self.entries.get_mut(&parent) else { return Ok(HeaderVerdict::Orphan) };
        above.children.push(hash);
        let work = above.work.saturating_add(header.difficulty.hashes());
        let entry = Entry {
            header,
            work,
            children: Vec::new(),
            has_body: false,
            complete: false,
            checkpoint,
        };
        self.entries.insert(hash, entry);
        self.best_header = self.best_header.max(Rank::new(work, hash));
        Ok(HeaderVerdict::Inserted)
    }

    /// Notes that a block's body is at hand; gives the blocks that are complete by
    /// it, parents first.
    pub fn body_arrived(&mut self, hash: &Hash) -> Vec<Hash> {
        let Some(entry) = self.entries.get_mut(hash) else { return Vec::new() };
        entry.has_body = true;
        self.lost.remove(hash);
        let parent = entry.header.previous_hash;
        let mut completed = Vec::new();
        if !self.entries.get(&parent).is_some_and(|entry| entry.complete) {
            return completed;
        }
        let mut queue = VecDeque::from([*hash]);
        while let Some(next) = queue.pop_front() {
            let Some(entry) = self.entries.get_mut(&next) else { continue };
            if entry.has_body && !entry.complete {
                entry.complete = true;
                self.complete.insert(Rank::new(entry.work, next));
                queue.extend(&entry.children);
                completed.push(next);
            }
        }
        completed
    }

    /// Notes that a block's body is lost: it and its descendants are not complete
    /// until it has arrived again.
    pub fn body_lost(&mut self, hash: &Hash) {
        match self.entries.get_mut(hash) {
            // The genesis block's is empty: it cannot be lost.
            Some(entry) if entry.header.height > 0 => entry.has_body = false,
            _ => return,
        }
        self.lost.insert(*hash);
        for descendant in self.descendants(*hash) {
            if let Some(entry) = self.entries.get_mut(&descendant) {
                entry.complete = false;
                self.complete.remove(&Rank::new(entry.work, descendant));
            }
        }
    }

    /// Notes that the body of a block of the chain cannot be read any more. Its entries are
    /// in the ledger: the chain can go on without it, until it is to be undone.
    pub(super) fn body_unreadable(&mut self, hash: &Hash) {
        if let Some(entry) = self.entries.get_mut(hash).filter(|entry| entry.header.height > 0) {
            entry.has_body = false;
            self.lost.insert(*hash);
        }
    }

    /// Takes a block and its descendants out for good, since it breaks a rule.
    /// Gives what was taken out.
    pub fn reject(&mut self, hash: &Hash, fault: &BlockFault) -> Vec<Hash> {
        let removed = self.remove(hash);
        // The block itself last, so that it is remembered longest.
        for hash in removed.iter().rev() {
            self.remember_rejected(*hash, fault.clone());
        }
        removed
    }

    /// Takes a block and its descendants out, without judging them. Gives what was
    /// taken out.
    pub fn remove(&mut self, hash: &Hash) -> Vec<Hash> {
        let removed = self.descendants(*hash);
        if let Some(parent) = self.header(hash).map(|header| header.previous_hash)
            && let Some(entry) = self.entries.get_mut(&parent)
        {
            entry.children.retain(|child| child != hash);
        }
        for hash in &removed {
            self.lost.remove(hash);
            if let Some(entry) = self.entries.remove(hash) {
                self.complete.remove(&Rank::new(entry.work, *hash));
            }
        }
        self.frontiers.retain(|(hash, _)| self.entries.contains_key(hash));
        if !self.entries.contains_key(&self.best_header.hash.0) {
            let ranks = self.entries.iter().map(|(hash, entry)| Rank::new(entry.work, *hash));
            self.best_header = ranks.max().unwrap_or(self.best_header);
        }
        removed
    }

    /// Whether no block builds on a block.
    pub(super) fn is_leaf(&self, hash: &Hash) -> bool {
        self.entries.get(hash).is_some_and(|entry| entry.children.is_empty())
    }

    /// Blocks on which no other builds: the ends of branches.
    pub fn leaves(&self) -> impl Iterator<Item = Rank> {
        let leaves = self.entries.iter().filter(|(_, entry)| entry.children.is_empty());
        leaves.map(|(hash, entry)| Rank::new(entry.work, *hash))
    }

    /// A block and all its descendants, parents first.
    fn descendants(&self, hash: Hash) -> Vec<Hash> {
        let mut found = Vec::new();
        let mut queue = VecDeque::from([hash]);
        while let Some(next) = queue.pop_front() {
            if let Some(entry) = self.entries.get(&next) {
                queue.extend(&entry.children);
                found.push(next);
            }
        }
        found
    }

    fn remember_rejected(&mut self, hash: Hash, fault: BlockFault) {
        if self.rejection(&hash).is_none() {
            if self.rejected.len() >= MAX_REJECTED {
                self.rejected.pop_front();
            }
            self.rejected.push_back((hash, fault));
        }
    }

    /// The frontier over the hashes of all blocks up to `hash`, from the cache or
    /// the nearest checkpoint below.
    fn frontier(&mut self, hash: Hash) -> Option<Frontier> {
        let mut above = Vec::new();
        let mut found = None;
        for (ancestor, _) in self.ancestors(hash) {
            let cached = self.frontiers.iter().find(|(cached, _)| *cached == ancestor);
            let checkpoint = || self.entries.get(&ancestor)?.checkpoint.as_deref();
            found = cached.map(|(_, frontier)| frontier).or_else(checkpoint).cloned();
            if found.is_some() {
                break;
            }
            above.push(ancestor);
        }
        let mut frontier = found?;
        for ancestor in above.iter().rev() {
            frontier.push(ancestor.as_bytes());
        }
        if !above.is_empty() {
            self.cache_frontier(hash, frontier.clone());
        }
        Some(frontier)
    }

    fn cache_frontier(&mut self, hash: Hash, frontier: Frontier) {
        if self.frontiers.len() >= CACHED_FRONTIERS {
            self.frontiers.pop_front();
        }
        self.frontiers.push_back((hash, frontier));
    }
}
