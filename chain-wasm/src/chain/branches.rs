//! The branches beside the chain, for whoever wants to see them.

use std::collections::BTreeSet;

use super::Chain;
use super::tree::Rank;
use crate::primitives::Hash;

/// Blocks that are not part of the chain, each building on the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Branch {
    /// The height of the highest block that it shares with the chain.
    pub fork_height: u32,
    /// Its blocks, lowest first. Two branches that part beside the chain both have those
    /// that they share.
    pub blocks: Vec<Hash>,
    /// Work of all its blocks from the genesis on, and the last one's hash.
    pub tip: Rank,
}

impl Chain {
    /// The branches that leave the chain at most `depth` blocks below the tip: of those
    /// with the most work at most `most`, the greatest first.
    pub fn branches(&self, depth: u32, most: usize) -> Vec<Branch> {
        let lowest = self.height().saturating_sub(depth);
        let leaves: BTreeSet<Rank> =
            self.tree.leaves().filter(|leaf| !self.is_main(&leaf.hash.0)).collect();
        let branches = leaves.into_iter().rev().filter_map(|tip| self.branch(tip, lowest));
        branches.take(most).collect()
    }

    /// The branch that ends in a leaf, unless it leaves the chain below a height.
    fn branch(&self, tip: Rank, lowest: u32) -> Option<Branch> {
        let mut blocks = Vec::new();
        for (hash, height) in self.tree.ancestors(tip.hash.0) {
            if self.is_main(&hash) {
                blocks.reverse();
                return (height >= lowest).then_some(Branch { fork_height: height, blocks, tip });
            }
            if height <= lowest {
                return None;
            }
            blocks.push(hash);
        }
        None
    }
}
