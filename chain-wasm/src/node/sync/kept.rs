//! Blocks that wait for their predecessor.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::primitives::{Hash, PeerId};

/// A block that waits for its predecessor.
#[derive(Debug, Clone)]
pub(super) struct KeptBlock {
    /// Its encoding.
    pub(super) bytes: Vec<u8>,
    /// Who sent it; nobody, if it was in the store.
    pub(super) from: Option<PeerId>,
    previous: Hash,
}

/// Blocks that wait for their predecessors, found by either.
#[derive(Debug, Clone, Default)]
pub(super) struct Kept {
    blocks: BTreeMap<Hash, KeptBlock>,
    /// Predecessor, then block.
    links: BTreeSet<(Hash, Hash)>,
    /// Oldest first.
    order: VecDeque<Hash>,
    /// The encodings' length in all.
    bytes: usize,
}

impl Kept {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.blocks.len()
    }

    /// How many bytes they have.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// Keeps a block, unless it is kept already.
    pub(super) fn put(&mut self, hash: Hash, previous: Hash, bytes: Vec<u8>, from: Option<PeerId>) {
        if self.links.insert((previous, hash)) {
            self.order.push_back(hash);
            self.bytes += bytes.len();
            self.blocks.insert(hash, KeptBlock { bytes, from, previous });
        }
    }

    /// Takes a block out.
    pub(super) fn take(&mut self, hash: &Hash) -> Option<KeptBlock> {
        let kept = self.blocks.remove(hash)?;
        self.links.remove(&(kept.previous, *hash));
        self.bytes -= kept.bytes.len();
        // A row of blocks is taken in the order in which it was kept: found at once.
        if let Some(at) = self.order.iter().position(|other| other == hash) {
            self.order.remove(at);
        }
        Some(kept)
    }

    /// Drops the one that has waited longest.
    pub(super) fn drop_oldest(&mut self) {
        if let Some(oldest) = self.order.front().copied() {
            self.take(&oldest);
        }
    }

    /// Those that build on a block.
    pub(super) fn children(&self, parent: &Hash) -> impl Iterator<Item = Hash> {
        let least = (*parent, Hash::ZERO);
        let parent = *parent;
        let from = self.links.range(least..);
        from.take_while(move |(previous, _)| *previous == parent).map(|(_, hash)| *hash)
    }
}
