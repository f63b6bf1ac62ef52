//! History roots: the Merkle root over the hashes of all blocks up to one.

use std::collections::{BTreeMap, VecDeque};

use super::arena::{Arena, Slot};
use crate::chain::merkle::Frontier;
use crate::primitives::Hash;

/// How many frontiers near recent headers are kept, so that checking a history root
/// need not begin at the last checkpoint.
const CACHED: usize = 16;

/// Each header at a multiple of this height keeps its frontier.
const CHECKPOINT: u32 = 256;

/// The frontiers of some headers, from which those of all others follow.
#[derive(Debug, Clone, Default)]
pub(super) struct History {
    recent: VecDeque<(Slot, Frontier)>,
    checkpoints: BTreeMap<Slot, Frontier>,
}

impl History {
    /// The frontier over the hashes of all blocks up to one, from the cache or the nearest
    /// checkpoint below.
    pub(super) fn frontier(&mut self, arena: &Arena, slot: Slot) -> Option<Frontier> {
        let mut above: Vec<Hash> = Vec::new();
        let mut found = None;
        for (at, record) in arena.ancestors(slot) {
            let cached = self.recent.iter().rev().find(|(cached, _)| *cached == at);
            let checkpoint = || {
                let kept = record.height.is_multiple_of(CHECKPOINT);
                kept.then(|| self.checkpoints.get(&at)).flatten()
            };
            found = cached.map(|(_, frontier)| frontier).or_else(checkpoint).cloned();
            if found.is_some() {
                break;
            }
            above.push(record.hash);
        }
        let mut frontier = found?;
        for hash in above.iter().rev() {
            frontier.push(hash.as_bytes());
        }
        if !above.is_empty() {
            self.cache(slot, frontier.clone());
        }
        Some(frontier)
    }

    /// Takes note of the frontier up to a new header.
    pub(super) fn put(&mut self, slot: Slot, height: u32, frontier: Frontier) {
        if height.is_multiple_of(CHECKPOINT) {
            self.checkpoints.insert(slot, frontier.clone());
        }
        self.cache(slot, frontier);
    }

    /// Takes note of the frontier up to a header on which others build at once, and so
    /// only if it is one of those that keep theirs.
    pub(super) fn keep(&mut self, slot: Slot, height: u32, frontier: &Frontier) {
        if height.is_multiple_of(CHECKPOINT) {
            self.checkpoints.insert(slot, frontier.clone());
        }
    }

    fn cache(&mut self, slot: Slot, frontier: Frontier) {
        if self.recent.len() >= CACHED {
            self.recent.pop_front();
        }
        self.recent.push_back((slot, frontier));
    }

    /// Forgets headers that were removed, before others take their places.
    pub(super) fn forget(&mut self, arena: &Arena, removed: &[Slot]) {
        self.recent.retain(|(slot, _)| arena.get(*slot).is_some());
        for slot in removed {
            self.checkpoints.remove(slot);
        }
    }

    /// Bytes that are allocated, about.
    pub(super) fn allocated(&self) -> usize {
        let all = self.checkpoints.values().chain(self.recent.iter().map(|(_, frontier)| frontier));
        // A map's nodes are two thirds full or more, on average.
        all.map(|frontier| frontier.allocated() + size_of::<(Slot, Frontier)>() * 3 / 2).sum()
    }
}
