//! The blocks that the ledger is made of, by height.

use super::tree::{Slot, Tree};
use crate::primitives::Hash;

/// The chain from the genesis block to the tip: 4 bytes a block, for the rest is in the
/// tree.
#[derive(Debug, Clone)]
pub(super) struct MainChain {
    slots: Vec<Slot>,
    /// The hashes above those: of blocks that were taken out of the tree, since a rule was
    /// found broken, but are to be undone yet.
    detached: Vec<Hash>,
}

impl MainChain {
    /// The genesis block alone.
    pub(super) fn new(tree: &Tree, genesis: &Hash) -> Self {
        let slots = tree.slot(genesis).map(|(slot, _)| slot).into_iter().collect();
        Self { slots, detached: Vec::new() }
    }

    /// How many blocks there are, the genesis block included.
    pub(super) const fn len(&self) -> usize {
        self.slots.len() + self.detached.len()
    }

    /// Bytes that are allocated.
    #[cfg(test)]
    pub(super) const fn allocated(&self) -> usize {
        self.slots.capacity() * size_of::<Slot>() + self.detached.capacity() * size_of::<Hash>()
    }

    /// The hash of the block at a height.
    pub(super) fn hash_at(&self, tree: &Tree, height: usize) -> Option<Hash> {
        match self.slots.get(height) {
            Some(slot) => tree.hash_in(*slot),
            None => self.detached.get(height - self.slots.len()).copied(),
        }
    }

    /// The hashes from a height on.
    pub(super) fn hashes_from(&self, tree: &Tree, height: usize) -> Vec<Hash> {
        (height..self.len()).filter_map(|height| self.hash_at(tree, height)).collect()
    }

    /// Whether a block of the tree is part of the chain.
    pub(super) fn contains(&self, tree: &Tree, hash: &Hash) -> bool {
        tree.slot(hash).is_some_and(|(slot, height)| {
            usize::try_from(height).is_ok_and(|height| self.slots.get(height) == Some(&slot))
        })
    }

    /// Keeps the lowest `len` blocks.
    pub(super) fn truncate(&mut self, len: usize) {
        self.detached.truncate(len.saturating_sub(self.slots.len()));
        self.slots.truncate(len);
    }

    /// Puts a block of the tree on top.
    pub(super) fn push(&mut self, tree: &Tree, hash: Hash) {
        match tree.slot(&hash).filter(|_| self.detached.is_empty()) {
            Some((slot, _)) => self.slots.push(slot),
            None => self.detached.push(hash),
        }
    }

    /// A block and all above it are about to be taken out of the tree.
    pub(super) fn detach(&mut self, tree: &Tree, hash: &Hash) {
        if !self.contains(tree, hash) {
            return;
        }
        let from = tree.height(hash).and_then(|height| usize::try_from(height).ok());
        let Some(from) = from else { return };
        self.detached = self.hashes_from(tree, from);
        self.slots.truncate(from);
    }
}
