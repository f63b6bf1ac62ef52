//! Entries of abandoned blocks that the mempool had no room for: their blocks are
//! remembered, and offered again when there is.

use super::{Chain, MAX_SIDE_BLOCKS};
use crate::primitives::Hash;

/// The most abandoned blocks that are remembered: as many as are kept off the chain.
/// Beyond it the first ones are forgotten.
pub const MAX_OWED: usize = MAX_SIDE_BLOCKS;

impl Chain {
    /// How many abandoned blocks are remembered.
    pub fn owed_len(&self) -> usize {
        self.owed.len()
    }

    /// Remembers an abandoned block.
    pub(super) fn owe(&mut self, hash: Hash) {
        if !self.owed.contains(&hash) {
            if self.owed.len() >= MAX_OWED {
                self.owed.pop_front();
            }
            self.owed.push_back(hash);
        }
    }

    /// The block whose entries are to be offered to the mempool next, if there is room
    /// for them. It may have to be read from the store first.
    pub fn next_owed(&mut self) -> Option<Hash> {
        // What is in the chain again, or was dropped or lost, is owed no more.
        while let Some(hash) = self.owed.front().copied() {
            if self.tree.has_body(&hash) && !self.is_main(&hash) {
                return self.mempool.has_room_for_block().then_some(hash);
            }
            self.owed.pop_front();
        }
        None
    }

    /// Puts the entries of such a block, which is in memory, back into the mempool; gives
    /// the ids of those that were neither there nor in the chain.
    pub fn return_owed(&mut self, hash: &Hash) -> Vec<Hash> {
        let Some(body) = self.bodies.get(hash) else { return Vec::new() };
        self.owed.retain(|owed| owed != hash);
        let entries: Vec<_> = body.block.entries().collect();
        let mut returned = Vec::new();
        for entry in entries.into_iter().rev() {
            let absent = self.ledger.height_of(&entry.id()).is_none();
            if absent && self.mempool.put_back(entry.clone()).is_ok() {
                returned.push(entry.id());
            }
        }
        returned.reverse();
        returned
    }
}
