//! Balances, and which transactions are in the chain: applied and undone exactly,
//! block by block.

use std::collections::BTreeMap;

use super::block::Block;
use super::pack::Summary;
use super::transaction::{Body, Transaction};
use super::verify::BlockFault;
use crate::primitives::{Hash, PublicKey};

/// What the blocks up to some tip add up to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ledger {
    balances: BTreeMap<PublicKey, u64>,
    /// Entries in the chain, with the height of their block. Grows with the chain,
    /// 36 bytes an entry, and with nothing else.
    entries: BTreeMap<Hash, u32>,
}

impl Ledger {
    /// Coins of a key.
    pub fn balance(&self, key: &PublicKey) -> u64 {
        self.balances.get(key).copied().unwrap_or(0)
    }

    /// The sum of all balances.
    pub fn supply(&self) -> u64 {
        self.balances.values().sum()
    }

    /// All balances above zero.
    pub fn balances(&self) -> impl Iterator<Item = (&PublicKey, u64)> {
        self.balances.iter().map(|(key, coins)| (key, *coins))
    }

    /// The height of the block that holds an entry.
    pub fn height_of(&self, id: &Hash) -> Option<u32> {
        self.entries.get(id).copied()
    }

    /// The keys of balances above zero between two, both included, in their order.
    pub fn keys_between(
        &self,
        low: PublicKey,
        high: PublicKey,
    ) -> impl Iterator<Item = PublicKey> + '_ {
        self.balances.range(low..=high).map(|(key, _)| *key)
    }

    /// The entries whose ids are between two, both included, in their order, with the
    /// heights of their blocks.
    pub fn entries_between(&self, low: Hash, high: Hash) -> impl Iterator<Item = (Hash, u32)> + '_ {
        self.entries.range(low..=high).map(|(id, height)| (*id, *height))
    }

    /// How many entries the chain holds.
    pub fn entry_count(&self) -> usize {
        self.entries.len()
    }

    /// Applies a block that [`check_body`](super::verify::check_body) has passed.
    /// After an error nothing has changed.
    ///
    /// # Errors
    /// [`BlockFault::Duplicate`] or [`BlockFault::Overdraft`].
    pub fn apply(&mut self, block: &Block) -> Result<(), BlockFault> {
        for (index, transaction) in block.transactions.iter().enumerate() {
            if let Err(fault) = self.apply_one(index, block.header.height, transaction) {
                for done in block.transactions.iter().take(index).rev() {
                    self.undo_one(done);
                }
                return Err(fault);
            }
        }
        Ok(())
    }

    /// Undoes the block that was applied last.
    pub fn undo(&mut self, block: &Block) {
        for transaction in block.transactions.iter().rev() {
            self.undo_one(transaction);
        }
    }

    /// Whether every balance can change by this: none falls below zero.
    pub(super) fn can_change(&self, changes: &BTreeMap<PublicKey, i128>) -> bool {
        changes.iter().all(|(key, by)| self.changed(key, *by).is_some())
    }

    /// Applies what a summary says of its blocks, once [`Self::can_change`] has passed
    /// it.
    pub(super) fn change(&mut self, summary: &Summary) {
        for (key, by) in &summary.changes {
            match self.changed(key, *by) {
                None | Some(0) => self.balances.remove(key),
                Some(coins) => self.balances.insert(*key, coins),
            };
        }
        for block in &summary.blocks {
            self.entries.extend(block.entries.iter().map(|id| (*id, block.header.height)));
        }
    }

    fn changed(&self, key: &PublicKey, by: i128) -> Option<u64> {
        u64::try_from(i128::from(self.balance(key)).checked_add(by)?).ok()
    }

    fn apply_one(
        &mut self,
        index: usize,
        height: u32,
        transaction: &Transaction,
    ) -> Result<(), BlockFault> {
        if let Body::Coinbase { to, reward, .. } = *transaction.body() {
            self.credit(to, reward);
            return Ok(());
        }
        if self.entries.contains_key(&transaction.id()) {
            return Err(BlockFault::Duplicate { index });
        }
        if let Body::Transfer { to, amount } = *transaction.body() {
            if !self.debit(transaction.author(), amount) {
                return Err(BlockFault::Overdraft { index });
            }
            self.credit(to, amount);
        }
        self.entries.insert(transaction.id(), height);
        Ok(())
    }

    fn undo_one(&mut self, transaction: &Transaction) {
        match *transaction.body() {
            Body::Coinbase { to, reward, .. } => {
                self.debit(to, reward);
                return;
            }
            Body::Transfer { to, amount } => {
                self.debit(to, amount);
                self.credit(transaction.author(), amount);
            }
            Body::Data { .. } => {}
        }
        self.entries.remove(&transaction.id());
    }

    fn credit(&mut self, key: PublicKey, amount: u64) {
        if amount > 0 {
            // The supply is reward x height, both below 2^32: it cannot overflow.
            let balance = self.balances.entry(key).or_insert(0);
            *balance = balance.saturating_add(amount);
        }
    }

    /// Takes coins; does nothing and says `false` if there are not as many.
    fn debit(&mut self, key: PublicKey, amount: u64) -> bool {
        if amount == 0 {
            return true;
        }
        let Some(left) = self.balance(&key).checked_sub(amount) else { return false };
        if left == 0 {
            self.balances.remove(&key);
        } else {
            self.balances.insert(key, left);
        }
        true
    }
}
