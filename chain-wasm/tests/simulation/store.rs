//! A model of one tab's store: jobs are done in order, some time after they were given;
//! a batch is durable once it is done, and a crash loses what is not.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use chain_wasm::api::StorageReason;
use chain_wasm::chain::pack;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::{BlockRef, Change, Input, LoadId, Packed, Restored, StoreId};
use chain_wasm::primitives::{Hash, PublicKey, Seed};

enum Job {
    Store(StoreId, Vec<Change>),
    Load(LoadId, Vec<BlockRef>),
}

/// What is kept over a disk that takes no more.
#[derive(Default)]
struct Memory {
    /// `None`: deleted.
    blocks: BTreeMap<Hash, Option<Vec<u8>>>,
    packs: BTreeMap<u32, Vec<u8>>,
    transactions: BTreeMap<Hash, Option<Vec<u8>>>,
}

#[derive(Default)]
pub struct Store {
    /// Blocks with records of their own.
    pub blocks: BTreeMap<Hash, Vec<u8>>,
    /// Packs by the heights of their first blocks.
    pub packs: BTreeMap<u32, Vec<u8>>,
    /// Their summaries.
    pub summaries: BTreeMap<u32, Vec<u8>>,
    pub transactions: BTreeMap<Hash, Vec<u8>>,
    /// The key that was imported last, if any was.
    pub wallet: Option<Seed>,
    /// The keys before it.
    former: Vec<PublicKey>,
    /// Takes all that is written once a batch has failed.
    memory: Option<Memory>,
    jobs: VecDeque<Job>,
    /// Batches that were done so far.
    pub done: u64,
    /// If set, the disk is full after so many.
    pub full_after: Option<u64>,
}

impl Store {
    pub fn give(&mut self, store: StoreId, changes: Vec<Change>) {
        self.jobs.push_back(Job::Store(store, changes));
    }

    pub fn ask(&mut self, load: LoadId, blocks: Vec<BlockRef>) {
        self.jobs.push_back(Job::Load(load, blocks));
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
        let disk_full = disk_full || self.full_after.is_some_and(|after| self.done >= after);
        match self.jobs.pop_front()? {
            Job::Load(load, blocks) => {
                let blocks = blocks.iter().map(|block| self.load_at(block)).collect();
                Some(Input::Loaded { load, blocks })
            }
            Job::Store(store, _) if disk_full && self.memory.is_none() => {
                self.memory = Some(Memory::default());
                Some(Input::StorageFailed { store, reason: StorageReason::Full })
            }
            Job::Store(store, changes) => {
                self.done += 1;
                for change in changes {
                    self.change(change);
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
                self.change(change);
            }
        }
    }

    fn change(&mut self, change: Change) {
        match &mut self.memory {
            Some(memory) => memory.apply(change),
            None => self.apply(change),
        }
    }

    fn apply(&mut self, change: Change) {
        match change {
            Change::PutBlock { hash, bytes } => {
                self.blocks.insert(hash, bytes);
            }
            Change::DeleteBlock { hash } => {
                self.blocks.remove(&hash);
            }
            Change::PutPack { first, bytes, summary, hashes } => {
                self.packs.insert(first, bytes);
                self.summaries.insert(first, summary);
                for hash in hashes {
                    self.blocks.remove(&hash);
                }
            }
            Change::Unpack { first } => {
                self.summaries.remove(&first);
                let pack = self.packs.remove(&first).unwrap_or_default();
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
            Change::PutWallet { seed, former } => {
                self.wallet = Some(seed);
                self.former = former;
            }
        }
    }

    /// A block of a known height as it is stored by now.
    pub fn load_at(&self, block: &BlockRef) -> Option<Vec<u8>> {
        let BlockRef { hash, height } = *block;
        let over = self.memory.as_ref().and_then(|memory| memory.blocks.get(&hash));
        let single = over.cloned().unwrap_or_else(|| self.blocks.get(&hash).cloned());
        let memory = self.memory.iter().map(|memory| &memory.packs);
        single
            .or_else(|| memory.chain([&self.packs]).find_map(|packs| in_pack(packs, hash, height)))
    }

    /// All blocks that the disk holds by now.
    pub fn all_blocks(&self) -> impl Iterator<Item = Vec<u8>> {
        let packed = self.packs.iter().flat_map(|(first, bytes)| pack::split(*first, bytes));
        self.blocks.values().cloned().chain(packed.map(<[u8]>::to_vec))
    }

    /// A block as it is stored by now.
    pub fn load(&self, hash: &Hash) -> Option<Vec<u8>> {
        let memory = self.memory.iter().map(|memory| &memory.packs);
        let packs = memory.chain([&self.packs]).flatten();
        let mut packed = packs.flat_map(|(first, pack)| pack::split(*first, pack));
        let without_packs = self.load_at(&BlockRef { hash: *hash, height: 0 });
        without_packs.or_else(|| {
            packed.find(|block| pack::hash_of(block) == Some(*hash)).map(<[u8]>::to_vec)
        })
    }

    /// Whether a waiting transaction is stored by now.
    pub fn has_transaction(&self, id: &Hash) -> bool {
        let over = self.memory.as_ref().and_then(|memory| memory.transactions.get(id));
        over.map_or_else(|| self.transactions.contains_key(id), Option::is_some)
    }

    /// Ends the tab; gives what the next one starts from. Packs whose summaries are of
    /// no use are repaired on the way, or taken apart.
    pub fn crash(&mut self, spec: &Spec) -> Restored {
        self.jobs.clear();
        self.memory = None;
        let firsts: BTreeSet<u32> =
            self.packs.keys().chain(self.summaries.keys()).copied().collect();
        let mut packed = Packed::new(spec.clone(), [0; 2]);
        for first in firsts {
            if self.summaries.get(&first).is_some_and(|record| packed.push(first, record).is_ok()) {
                continue;
            }
            match self.packs.get(&first).map(|pack| packed.rebuild(first, pack)) {
                Some(Ok(summary)) => {
                    self.summaries.insert(first, summary);
                }
                _ => self.apply(Change::Unpack { first }),
            }
        }
        Restored {
            packed: Some(packed),
            blocks: self.blocks.values().cloned().collect(),
            transactions: self.transactions.values().cloned().collect(),
            former: self.former.clone(),
        }
    }
}

impl Memory {
    fn apply(&mut self, change: Change) {
        match change {
            Change::PutBlock { hash, bytes } => {
                self.blocks.insert(hash, Some(bytes));
            }
            Change::DeleteBlock { hash } => {
                self.blocks.insert(hash, None);
            }
            Change::PutPack { first, bytes, hashes, .. } => {
                self.packs.insert(first, bytes);
                self.blocks.extend(hashes.into_iter().map(|hash| (hash, None)));
            }
            // One on the disk stays there, to be read from.
            Change::Unpack { first } => {
                let pack = self.packs.remove(&first).unwrap_or_default();
                for block in pack::split(first, &pack) {
                    if let Some(hash) = pack::hash_of(block) {
                        self.blocks.insert(hash, Some(block.to_vec()));
                    }
                }
            }
            Change::PutTransaction { id, bytes } => {
                self.transactions.insert(id, Some(bytes));
            }
            Change::DeleteTransaction { id } => {
                self.transactions.insert(id, None);
            }
            // The node has it as long as the tab lives.
            Change::PutWallet { .. } => {}
        }
    }
}

fn in_pack(packs: &BTreeMap<u32, Vec<u8>>, hash: Hash, height: u32) -> Option<Vec<u8>> {
    let (first, pack) = packs.range(..=height).next_back()?;
    let block = pack::find_block(*first, pack, height)?;
    (pack::hash_of(block) == Some(hash)).then(|| block.to_vec())
}
