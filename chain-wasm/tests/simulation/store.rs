//! A model of one tab's store: batches become durable some time after they were given,
//! in order; a crash loses what was not.

use std::collections::{BTreeMap, VecDeque};

use chain_wasm::node::{Change, Restored, StoreId};
use chain_wasm::primitives::Hash;

#[derive(Default)]
pub struct Store {
    pub blocks: BTreeMap<Hash, Vec<u8>>,
    pub transactions: BTreeMap<Hash, Vec<u8>>,
    waiting: VecDeque<(StoreId, Vec<Change>)>,
}

impl Store {
    pub fn give(&mut self, store: StoreId, changes: Vec<Change>) {
        self.waiting.push_back((store, changes));
    }

    /// Makes the next batch durable.
    pub fn complete_one(&mut self) -> Option<StoreId> {
        let (store, changes) = self.waiting.pop_front()?;
        for change in changes {
            match change {
                Change::PutBlock { hash, bytes, .. } => drop(self.blocks.insert(hash, bytes)),
                Change::DeleteBlock { hash } => drop(self.blocks.remove(&hash)),
                Change::PutTransaction { id, bytes } => {
                    drop(self.transactions.insert(id, bytes));
                }
                Change::DeleteTransaction { id } => drop(self.transactions.remove(&id)),
            }
        }
        Some(store)
    }

    /// Refuses the next batch.
    pub fn fail_one(&mut self) -> Option<StoreId> {
        self.waiting.pop_front().map(|(store, _)| store)
    }

    /// What is read sees all that was given before.
    pub fn load(&self, hash: &Hash) -> Option<Vec<u8>> {
        let given = self.waiting.iter().rev().flat_map(|(_, changes)| changes.iter().rev());
        for change in given {
            match change {
                Change::PutBlock { hash: of, bytes, .. } if of == hash => {
                    return Some(bytes.clone());
                }
                Change::DeleteBlock { hash: of } if of == hash => return None,
                _ => {}
            }
        }
        self.blocks.get(hash).cloned()
    }

    pub fn crash(&mut self) -> Restored {
        self.waiting.clear();
        Restored {
            blocks: self.blocks.values().cloned().collect(),
            transactions: self.transactions.values().cloned().collect(),
        }
    }
}
