//! What is lost for good: damaged stores and tabs that never come back; and which
//! promises end with them.

use std::collections::{BTreeMap, BTreeSet};

use chain_wasm::chain::block::Block;
use chain_wasm::chain::pack;
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
            match self.random(10) {
                0..=4 => self.damage_block(tab),
                5 => self.damage_transaction(tab),
                6..=8 => self.damage_pack(tab),
                _ => self.put_foreign(tab),
            }
        }
        self.trace.log(Detail::Steps, self.now, tab, || "has a damaged store".to_owned());
        self.excuse_lost();
        let whole = self.durable(tab);
        self.tabs[tab].promised.retain(|id| whole.contains(id));
    }

    fn damage_block(&mut self, tab: usize) {
        let Some(hash) = self.any_of(&self.tabs[tab].store.blocks.clone()) else { return };
        self.tabs[tab].damaged.insert(hash);
        if self.random(3) == 0 {
            self.tabs[tab].store.blocks.remove(&hash);
            return self.statistics.injected(Fault::MissingRecord);
        }
        let length = self.tabs[tab].store.blocks[&hash].len();
        let (at, bit) = (self.random_index(length), self.random(8));
        self.tabs[tab].store.blocks.get_mut(&hash).unwrap()[at] ^= 1 << bit;
        self.statistics.injected(Fault::DamagedRecord);
    }

    fn damage_transaction(&mut self, tab: usize) {
        let Some(id) = self.any_of(&self.tabs[tab].store.transactions.clone()) else { return };
        self.tabs[tab].damaged.insert(id);
        let length = self.tabs[tab].store.transactions[&id].len();
        let (at, bit) = (self.random_index(length), self.random(8));
        self.tabs[tab].store.transactions.get_mut(&id).unwrap()[at] ^= 1 << bit;
        self.statistics.injected(Fault::DamagedRecord);
    }

    /// Damages a pack, or its summary, which alone costs nothing.
    fn damage_pack(&mut self, tab: usize) {
        let Some(first) = self.any_of(&self.tabs[tab].store.packs.clone()) else { return };
        let (of_summary, missing) = (self.random(2) == 0, self.random(3) == 0);
        let (at, bit) = (self.random(1 << 40), self.random(8));
        let state = &mut self.tabs[tab];
        if !of_summary {
            let blocks = pack::split(first, &state.store.packs[&first]);
            state.damaged.extend(blocks.filter_map(pack::hash_of));
        }
        let records = if of_summary { &mut state.store.summaries } else { &mut state.store.packs };
        match records.get_mut(&first) {
            Some(record) if !missing && !record.is_empty() => {
                let at = usize::try_from(at).unwrap() % record.len();
                record[at] ^= 1 << bit;
                self.statistics.injected(Fault::DamagedRecord);
            }
            _ => {
                records.remove(&first);
                self.statistics.injected(Fault::MissingRecord);
            }
        }
    }

    /// A random key.
    fn any_of<K: Copy, V>(&mut self, records: &BTreeMap<K, V>) -> Option<K> {
        let keys: Vec<K> = records.keys().copied().collect();
        (!keys.is_empty()).then(|| keys[self.random_index(keys.len())])
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
    pub(super) fn durable(&self, tab: usize) -> BTreeSet<Hash> {
        let state = &self.tabs[tab];
        let mut ids: BTreeSet<Hash> = state
            .store
            .transactions
            .keys()
            .filter(|id| !state.damaged.contains(*id))
            .copied()
            .collect();
        let singles = state.store.blocks.values().map(Vec::as_slice);
        let packed = state.store.packs.iter().flat_map(|(first, bytes)| pack::split(*first, bytes));
        for bytes in singles.chain(packed) {
            if let Ok(block) = Block::decode(bytes)
                && !state.damaged.contains(&block.header.hash())
                && block.merkle_root() == block.header.merkle_root
            {
                // That a transfer waits, only the record of it says: in a block beside the
                // chain it may as well be one that was refused.
                let told = |entry: &&Transaction| {
                    entry.spends() == 0 || !state.damaged.contains(&entry.id())
                };
                ids.extend(block.entries().filter(told).map(Transaction::id));
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
