//! Starting from summaries of packs, without the blocks.

use std::collections::BTreeSet;

use super::Chain;
use super::pack::{PackFault, Summary};

impl Chain {
    /// Goes on by a pack's blocks, given its summary: as if they had been inserted and
    /// adopted one by one. They are then at hand in the store, not in memory.
    ///
    /// For starting only: the chain's tip must be its best block.
    ///
    /// # Errors
    /// [`PackFault`]; nothing has changed.
    pub fn restore_pack(&mut self, summary: &Summary) -> Result<(), PackFault> {
        let next = self.height().saturating_add(1);
        let joins = summary.blocks.first().is_some_and(|block| {
            block.header.height == next && block.header.previous_hash == self.tip()
        });
        if !joins {
            return Err(PackFault::Gap(next));
        }
        let mut ids = BTreeSet::new();
        for id in summary.blocks.iter().flat_map(|block| &block.entries) {
            if self.ledger.height_of(id).is_some() || !ids.insert(id) {
                return Err(PackFault::Duplicate);
            }
        }
        let count = u64::try_from(summary.blocks.len()).unwrap_or(u64::MAX);
        let reward = i128::from(self.spec.reward()) * i128::from(count);
        let sum = summary.changes.values().try_fold(0_i128, |sum, by| sum.checked_add(*by));
        if sum != Some(reward) || !self.ledger.can_change(&summary.changes) {
            return Err(PackFault::Balance);
        }
        let headers: Vec<_> = summary.blocks.iter().map(|block| &block.header).collect();
        for hash in self.tree.restore(&headers)? {
            self.main.push(&self.tree, hash);
        }
        self.ledger.change(summary);
        Ok(())
    }
}
