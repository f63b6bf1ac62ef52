//! The store as a driver has it: batches in order, all or nothing.

use std::collections::{BTreeMap, VecDeque};

use chain_wasm::chain::block::Block;
use chain_wasm::chain::pack;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::node::{BlockRef, Change, Packed, Restored, StoreId};
use chain_wasm::primitives::Hash;

#[derive(Debug, Clone, Default)]
struct Records {
    blocks: BTreeMap<Hash, Vec<u8>>,
    transactions: BTreeMap<Hash, Vec<u8>>,
    /// By the heights of their first blocks, each with its summary.
    packs: BTreeMap<u32, (Vec<u8>, Vec<u8>)>,
}

/// What is stored, and what is on its way.
#[derive(Debug, Clone, Default)]
pub(crate) struct Disk {
    records: Records,
    /// Since a batch failed, records are kept in memory: this is what lasts.
    lasting: Option<Records>,
    batches: VecDeque<(StoreId, Vec<Change>)>,
}

impl Disk {
    pub(crate) fn give(&mut self, store: StoreId, changes: Vec<Change>) {
        self.batches.push_back((store, changes));
    }

    /// Ends the oldest batch; gives which.
    pub(crate) fn end_batch(&mut self, fails: bool) -> Option<StoreId> {
        let (store, changes) = self.batches.pop_front()?;
        if fails {
            self.lasting.get_or_insert_with(|| self.records.clone());
        } else {
            for change in changes {
                self.records.apply(change);
            }
        }
        Some(store)
    }

    pub(crate) fn load(&self, block: &BlockRef) -> Option<Vec<u8>> {
        let single = self.records.blocks.get(&block.hash).cloned();
        single.or_else(|| {
            let (first, (pack, _)) = self.records.packs.range(..=block.height).next_back()?;
            let found = pack::find_block(*first, pack, block.height)?;
            (pack::hash_of(found) == Some(block.hash)).then(|| found.to_vec())
        })
    }

    /// Holds these records, under the names that they give themselves.
    pub(crate) fn fill(&mut self, restored: &Restored) {
        for bytes in &restored.blocks {
            let hash = Block::decode(bytes).map(|block| block.header.hash());
            self.records.blocks.insert(hash.unwrap_or(Hash::of(bytes)), bytes.clone());
        }
        for bytes in &restored.transactions {
            let id = Transaction::decode(bytes).map(|transaction| transaction.id());
            self.records.transactions.insert(id.unwrap_or(Hash::of(bytes)), bytes.clone());
        }
    }

    /// Whether something is on its way.
    pub(crate) fn is_busy(&self) -> bool {
        !self.batches.is_empty()
    }

    /// Whether all that was stored lasts.
    pub(crate) fn lasts(&self) -> bool {
        self.lasting.is_none()
    }

    /// What a tab finds that starts now; what was on its way is lost.
    pub(crate) fn restart(&mut self, spec: &Spec) -> Restored {
        self.batches.clear();
        if let Some(lasting) = self.lasting.take() {
            self.records = lasting;
        }
        let mut packed = Packed::new(spec.clone(), [0; 2]);
        let firsts: Vec<u32> = self.records.packs.keys().copied().collect();
        for first in firsts {
            let summary = self.records.packs.get(&first).map(|(_, summary)| summary);
            if summary.is_none_or(|summary| packed.push(first, summary).is_err()) {
                self.records.apply(Change::Unpack { first });
            }
        }
        Restored {
            packed: Some(packed),
            blocks: self.records.blocks.values().cloned().collect(),
            transactions: self.records.transactions.values().cloned().collect(),
            former: Vec::new(),
        }
    }
}

impl Records {
    fn apply(&mut self, change: Change) {
        match change {
            Change::PutBlock { hash, bytes } => {
                self.blocks.insert(hash, bytes);
            }
            Change::DeleteBlock { hash } => {
                self.blocks.remove(&hash);
            }
            Change::PutPack { first, bytes, summary, hashes } => {
                self.packs.insert(first, (bytes, summary));
                for hash in hashes {
                    self.blocks.remove(&hash);
                }
            }
            Change::Unpack { first } => {
                let (pack, _) = self.packs.remove(&first).unwrap_or_default();
                for block in pack::split(first, &pack) {
                    if let Some(hash) = pack::hash_of(block) {
                        self.blocks.entry(hash).or_insert_with(|| block.to_vec());
                    }
                }
            }
            Change::PutTransaction { id, bytes } => {
                self.transactions.insert(id, bytes);
            }
            Change::DeleteTransaction { id } => {
                self.transactions.remove(&id);
            }
            // No key is imported here.
            Change::PutWallet { .. } => {}
        }
    }
}
