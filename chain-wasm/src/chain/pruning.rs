//! Taking blocks out: invalid ones, branches that nobody gives, and side branches
//! beyond their bound.

use std::collections::BTreeSet;

use super::Chain;
use super::tree::Rank;
use super::verify::BlockFault;
use crate::primitives::Hash;

/// The most blocks off the chain and off the best branch of headers that are kept.
pub const MAX_SIDE_BLOCKS: usize = 1_024;

impl Chain {
    /// Takes out a block that breaks a rule, and all that build on it.
    pub(super) fn reject(&mut self, hash: &Hash, fault: &BlockFault) -> Vec<Hash> {
        self.main.detach(&self.tree, hash);
        let removed = self.tree.reject(hash, fault);
        for hash in &removed {
            self.bodies.remove(hash);
        }
        removed
    }

    /// Forgets headers whose bodies nobody gives: `hash` and all that build on it.
    /// Does nothing to blocks of the chain.
    pub fn forget_branch(&mut self, hash: &Hash) -> Vec<Hash> {
        if self.is_main(hash) {
            return Vec::new();
        }
        let removed = self.tree.remove(hash);
        for hash in &removed {
            self.bodies.remove(hash);
        }
        removed
    }

    /// When more than [`MAX_SIDE_BLOCKS`] blocks are neither in the chain nor on the
    /// best branch of headers, drops those branches of them that have the least
    /// work, down to three quarters. Gives what was dropped.
    pub fn prune(&mut self) -> Vec<Hash> {
        let mut dropped = Vec::new();
        if self.tree.len() <= self.main.len() + MAX_SIDE_BLOCKS {
            return dropped;
        }
        let best = self.tree.best_header().hash.0;
        let ahead: BTreeSet<Hash> = self
            .tree
            .ancestors(best)
            .map(|(hash, _)| hash)
            .take_while(|hash| !self.is_main(hash))
            .collect();
        let mut leaves: Vec<Rank> = self
            .tree
            .leaves()
            .filter(|leaf| !ahead.contains(&leaf.hash.0) && !self.is_main(&leaf.hash.0))
            .collect();
        let expected = self.main.len() + ahead.len();
        if self.tree.len() <= expected + MAX_SIDE_BLOCKS {
            return dropped;
        }
        leaves.sort_unstable_by(|a, b| b.cmp(a));
        while self.tree.len() > expected + MAX_SIDE_BLOCKS / 4 * 3
            && let Some(leaf) = leaves.pop()
        {
            let parent = self.tree.header(&leaf.hash.0).map(|header| header.previous_hash);
            dropped.extend(self.tree.remove(&leaf.hash.0));
            // Its predecessor, with less work still, may be the end of a branch now.
            leaves.extend(
                parent
                    .filter(|parent| {
                        self.tree.is_leaf(parent)
                            && !ahead.contains(parent)
                            && !self.is_main(parent)
                    })
                    .and_then(|parent| self.tree.rank(&parent)),
            );
        }
        for hash in &dropped {
            self.bodies.remove(hash);
        }
        dropped
    }
}
