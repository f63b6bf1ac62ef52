//! Records in memory.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use super::{Records, StoreError};
use crate::chain::pack;
use crate::node::{BlockRef, Change, Packed, Restored};
use crate::primitives::Hash;

/// Keeps records as long as the tab lives. It grows with the chain: that is what the
/// page warns of when it says that nothing is stored.
#[derive(Debug, Default)]
pub(in crate::browser) struct Memory(RefCell<Kept>);

#[derive(Debug, Default)]
struct Kept {
    /// `None`: deleted, also from a database beneath.
    blocks: BTreeMap<Hash, Option<Vec<u8>>>,
    packs: BTreeMap<u32, Vec<u8>>,
    summaries: BTreeMap<u32, Vec<u8>>,
    transactions: BTreeMap<Hash, Vec<u8>>,
}

impl Memory {
    /// Lays what is known here of a block over what a database said of it.
    pub(super) fn overlay(&self, wanted: &BlockRef, block: &mut Option<Vec<u8>>) {
        let kept = self.0.borrow();
        let packed = || kept.in_pack(wanted);
        match kept.blocks.get(&wanted.hash) {
            Some(known) => *block = known.clone().or_else(packed),
            None => *block = packed().or_else(|| block.take()),
        }
    }
}

impl Kept {
    fn apply(&mut self, change: &Change) {
        match change {
            Change::PutBlock { hash, bytes } => {
                self.blocks.insert(*hash, Some(bytes.clone()));
            }
            Change::DeleteBlock { hash } => {
                self.blocks.insert(*hash, None);
            }
            Change::PutPack { first, bytes, summary, hashes } => {
                self.packs.insert(*first, bytes.clone());
                self.summaries.insert(*first, summary.clone());
                self.blocks.extend(hashes.iter().map(|hash| (*hash, None)));
            }
            Change::Unpack { first } => self.unpack(*first),
            Change::PutTransaction { id, bytes } => {
                self.transactions.insert(*id, bytes.clone());
            }
            Change::DeleteTransaction { id } => {
                self.transactions.remove(id);
            }
            // The node has it, and nobody starts from here.
            Change::PutWallet { .. } => {}
        }
    }

    /// One in a database beneath stays there, to be read from.
    fn unpack(&mut self, first: u32) {
        self.summaries.remove(&first);
        let Some(pack) = self.packs.remove(&first) else { return };
        for block in pack::split(first, &pack) {
            if let Some(hash) = pack::hash_of(block) {
                self.blocks.entry(hash).or_default().get_or_insert_with(|| block.to_vec());
            }
        }
    }

    fn in_pack(&self, wanted: &BlockRef) -> Option<Vec<u8>> {
        let (first, pack) = self.packs.range(..=wanted.height).next_back()?;
        let block = pack::find_block(*first, pack, wanted.height)?;
        (pack::hash_of(block) == Some(wanted.hash)).then(|| block.to_vec())
    }
}

impl Records for Memory {
    async fn restore(&self, mut packed: Packed) -> Result<Restored, StoreError> {
        let mut kept = self.0.borrow_mut();
        let firsts: BTreeSet<u32> =
            kept.packs.keys().chain(kept.summaries.keys()).copied().collect();
        for first in firsts {
            if kept.summaries.get(&first).is_some_and(|record| packed.push(first, record).is_ok()) {
                continue;
            }
            match kept.packs.get(&first).map(|pack| packed.rebuild(first, pack)) {
                Some(Ok(summary)) => {
                    kept.summaries.insert(first, summary);
                }
                Some(Err(_)) | None => kept.unpack(first),
            }
        }
        Ok(Restored {
            packed: Some(packed),
            blocks: kept.blocks.values().flatten().cloned().collect(),
            transactions: kept.transactions.values().cloned().collect(),
            former: Vec::new(),
        })
    }

    async fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut kept = self.0.borrow_mut();
        for change in changes {
            kept.apply(change);
        }
        Ok(())
    }

    async fn blocks(&self, wanted: &[BlockRef]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let read = |wanted| {
            let mut block = None;
            self.overlay(wanted, &mut block);
            block
        };
        Ok(wanted.iter().map(read).collect())
    }
}
