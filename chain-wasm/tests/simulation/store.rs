//! A model of one tab's store: jobs are done in order, some time after they were given;
//! a batch is durable once it is done, and a crash loses what is not.

use std::collections::{BTreeMap, VecDeque};

use chain_wasm::api::StorageReason;
use chain_wasm::node::{Change, Input, LoadId, Restored, StoreId};
use chain_wasm::primitives::Hash;

enum Job {
    Store(StoreId, Vec<Change>),
    Load(LoadId, Vec<Hash>),
}

/// Records, on disk or over it in memory.
#[derive(Default)]
struct Memory {
    /// `None`: deleted.
    blocks: BTreeMap<Hash, Option<Vec<u8>>>,
    transactions: BTreeMap<Hash, Option<Vec<u8>>>,
}

#[derive(Default)]
pub struct Store {
    pub blocks: BTreeMap<Hash, Vec<u8>>,
    pub transactions: BTreeMap<Hash, Vec<u8>>,
    /// Takes all that is written once a batch has failed.
    memory: Option<Memory>,
    jobs: VecDeque<Job>,
    /// Batches that were done so far.
    pub done: u64,
}

impl Store {
    pub fn give(&mut self, store: StoreId, changes: Vec<Change>) {
        self.jobs.push_back(Job::Store(store, changes));
    }

    pub fn ask(&mut self, load: LoadId, hashes: Vec<Hash>) {
        self.jobs.push_back(Job::Load(load, hashes));
    }

    /// Whether what is stored ends with the tab.
    pub fn is_volatile(&self) -> bool {
        self.memory.is_some()
    }

    /// Whether the next job is a batch.
    pub fn next_is_batch(&self) -> bool {
        matches!(self.jobs.front(), Some(Job::Store(..)))
    }

    /// Does the next job; gives what to tell the node.
    pub fn do_next(&mut self, disk_full: bool) -> Option<Input> {
        match self.jobs.pop_front()? {
            Job::Load(load, hashes) => {
                let blocks = hashes.iter().map(|hash| self.load(hash)).collect();
                Some(Input::Loaded { load, blocks })
            }
            Job::Store(store, _) if disk_full && self.memory.is_none() => {
                self.memory = Some(Memory::default());
                Some(Input::StorageFailed { store, reason: StorageReason::Full })
            }
            Job::Store(store, changes) => {
                self.done += 1;
                for change in changes {
                    self.apply(change);
                }
                Some(Input::Stored { store })
            }
        }
    }

    /// Does the first so many of a hundred of the next batch's changes, as a store does
    /// that is not as good as its word.
    pub fn tear(&mut self, percent: usize) {
        if let Some(Job::Store(_, changes)) = self.jobs.pop_front() {
            let part = changes.len() * percent / 100;
            for change in changes.into_iter().take(part) {
                self.apply(change);
            }
        }
    }

    fn apply(&mut self, change: Change) {
        match (&mut self.memory, change) {
            (None, Change::PutBlock { hash, bytes, .. }) => {
                self.blocks.insert(hash, bytes);
            }
            (None, Change::DeleteBlock { hash }) => {
                self.blocks.remove(&hash);
            }
            (None, Change::PutTransaction { id, bytes }) => {
                self.transactions.insert(id, bytes);
            }
            (None, Change::DeleteTransaction { id }) => {
                self.transactions.remove(&id);
            }
            (Some(memory), Change::PutBlock { hash, bytes, .. }) => {
                memory.blocks.insert(hash, Some(bytes));
            }
            (Some(memory), Change::DeleteBlock { hash }) => {
                memory.blocks.insert(hash, None);
            }
            (Some(memory), Change::PutTransaction { id, bytes }) => {
                memory.transactions.insert(id, Some(bytes));
            }
            (Some(memory), Change::DeleteTransaction { id }) => {
                memory.transactions.insert(id, None);
            }
        }
    }

    /// A block as it is stored by now.
    pub fn load(&self, hash: &Hash) -> Option<Vec<u8>> {
        let over = self.memory.as_ref().and_then(|memory| memory.blocks.get(hash));
        over.cloned().unwrap_or_else(|| self.blocks.get(hash).cloned())
    }

    /// Whether a waiting transaction is stored by now.
    pub fn has_transaction(&self, id: &Hash) -> bool {
        let over = self.memory.as_ref().and_then(|memory| memory.transactions.get(id));
        over.map_or_else(|| self.transactions.contains_key(id), Option::is_some)
    }

    pub fn crash(&mut self) -> Restored {
        self.jobs.clear();
        self.memory = None;
        Restored {
            blocks: self.blocks.values().cloned().collect(),
            transactions: self.transactions.values().cloned().collect(),
        }
    }
}
