//! Records in memory.

use std::cell::RefCell;
use std::collections::BTreeMap;

use super::{Records, StoreError};
use crate::node::{Change, Restored};
use crate::primitives::Hash;

/// Keeps records as long as the tab lives. It grows with the chain: that is what the
/// page warns of when it says that nothing is stored.
#[derive(Debug, Default)]
pub(in crate::browser) struct Memory {
    /// `None`: deleted, also from a database beneath.
    blocks: RefCell<BTreeMap<Hash, Option<Vec<u8>>>>,
    transactions: RefCell<BTreeMap<Hash, Vec<u8>>>,
}

impl Memory {
    /// Lays what is known here of a block over what a database said of it.
    pub(super) fn overlay(&self, hash: &Hash, block: &mut Option<Vec<u8>>) {
        if let Some(known) = self.blocks.borrow().get(hash) {
            block.clone_from(known);
        }
    }
}

impl Records for Memory {
    async fn restore(&self) -> Result<Restored, StoreError> {
        Ok(Restored {
            blocks: self.blocks.borrow().values().flatten().cloned().collect(),
            transactions: self.transactions.borrow().values().cloned().collect(),
        })
    }

    async fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        let mut blocks = self.blocks.borrow_mut();
        let mut transactions = self.transactions.borrow_mut();
        for change in changes {
            match change {
                Change::PutBlock { hash, bytes, .. } => {
                    blocks.insert(*hash, Some(bytes.clone()));
                }
                Change::DeleteBlock { hash } => {
                    blocks.insert(*hash, None);
                }
                Change::PutTransaction { id, bytes } => {
                    transactions.insert(*id, bytes.clone());
                }
                Change::DeleteTransaction { id } => {
                    transactions.remove(id);
                }
            }
        }
        Ok(())
    }

    async fn blocks(&self, hashes: &[Hash]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let blocks = self.blocks.borrow();
        Ok(hashes.iter().map(|hash| blocks.get(hash).cloned().flatten()).collect())
    }
}
