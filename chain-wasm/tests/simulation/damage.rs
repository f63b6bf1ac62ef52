//! What is lost for good: damaged stores and tabs that never come back; and which
//! promises end with them.

use std::collections::BTreeSet;

use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::primitives::Hash;

use super::statistics::Fault;
use super::stranger::{blocks_of, chain_of};
use super::trace::Detail;
use super::world::World;

impl World {
    /// A tab ends and never comes back, nor does its store.
    pub fn leave_for_ever(&mut self, tab: usize) {
        self.crash(tab);
        self.tabs[tab].gone = true;
        self.tabs[tab].promised.clear();
        self.statistics.injected(Fault::GoneForEver);
        self.trace.log(Detail::Steps, self.now, tab, || "is gone for ever".to_owned());
        self.excuse_lost();
    }

    /// Some records of a closed tab are damaged, missing, or another chain's.
    pub fn damage(&mut self, tab: usize) {
        assert!(self.tabs[tab].node.is_none());
        for _ in 0..=self.random(4) {
            let hashes: Vec<Hash> = self.tabs[tab].store.blocks.keys().copied().collect();
            let ids: Vec<Hash> = self.tabs[tab].store.transactions.keys().copied().collect();
            let kind = self.random(8);
            match kind {
                0..=2 if !hashes.is_empty() => {
                    let hash = hashes[self.random_index(hashes.len())];
                    let length = self.tabs[tab].store.blocks[&hash].len();
                    let (at, bit) = (self.random_index(length), self.random(8));
                    self.tabs[tab].store.blocks.get_mut(&hash).unwrap()[at] ^= 1 << bit;
                    self.tabs[tab].damaged.insert(hash);
                    self.statistics.injected(Fault::DamagedRecord);
                }
                3..=4 if !hashes.is_empty() => {
                    let hash = hashes[self.random_index(hashes.len())];
                    self.tabs[tab].store.blocks.remove(&hash);
                    self.tabs[tab].damaged.insert(hash);
                    self.statistics.injected(Fault::MissingRecord);
                }
                5 if !ids.is_empty() => {
                    let id = ids[self.random_index(ids.len())];
                    let length = self.tabs[tab].store.transactions[&id].len();
                    let (at, bit) = (self.random_index(length), self.random(8));
                    self.tabs[tab].store.transactions.get_mut(&id).unwrap()[at] ^= 1 << bit;
                    self.tabs[tab].damaged.insert(id);
                    self.statistics.injected(Fault::DamagedRecord);
                }
                _ => self.put_foreign(tab),
            }
        }
        self.trace.log(Detail::Steps, self.now, tab, || "has a damaged store".to_owned());
        self.excuse_lost();
        let whole = self.durable(tab);
        self.tabs[tab].promised.retain(|id| whole.contains(id));
    }

    /// Puts records of another chain, and some that are none, into a store.
    fn put_foreign(&mut self, tab: usize) {
        let other = chain_of(Spec::open("elsewhere").unwrap(), 77, 2);
        for bytes in blocks_of(&other) {
            self.tabs[tab].store.blocks.insert(Hash::of(&bytes), bytes);
        }
        let junk = self.random(u64::MAX).to_be_bytes();
        self.tabs[tab].store.blocks.insert(Hash::of(&junk), junk.to_vec());
        self.tabs[tab].store.transactions.insert(Hash::of(&junk), junk.to_vec());
        self.statistics.injected(Fault::ForeignRecord);
    }

    /// The entries that a tab's store holds whole, in blocks or waiting.
    fn durable(&self, tab: usize) -> BTreeSet<Hash> {
        let state = &self.tabs[tab];
        let mut ids: BTreeSet<Hash> = state
            .store
            .transactions
            .keys()
            .filter(|id| !state.damaged.contains(*id))
            .copied()
            .collect();
        for (hash, bytes) in &state.store.blocks {
            if !state.damaged.contains(hash)
                && let Ok(block) = Block::decode(bytes)
            {
                ids.extend(block.entries().map(Transaction::id));
            }
        }
        ids
    }

    /// Entries that no honest tab holds any more are nobody's promise: who accepted them
    /// has lost them before it could give them to another.
    fn excuse_lost(&mut self) {
        let mut held = BTreeSet::new();
        for tab in 0..self.tabs.len() {
            if !self.tabs[tab].gone {
                held.extend(self.durable(tab));
                held.extend(&self.tabs[tab].volatile);
            }
        }
        let before = self.accepted.len();
        self.accepted.retain(|id| held.contains(id));
        self.statistics.excused += (before - self.accepted.len()) as u64;
    }
}
