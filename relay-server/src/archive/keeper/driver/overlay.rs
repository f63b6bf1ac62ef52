//! What could not be stored any more. A stopped room takes in nothing, so this stays as small
//! as what was on its way when it stopped.

use std::collections::BTreeMap;

use chain_wasm::node::{BlockRef, Change};
use chain_wasm::primitives::Hash;

/// Blocks in memory, over those on the disk.
#[derive(Debug, Default)]
pub(super) struct Overlay {
    blocks: BTreeMap<Hash, Vec<u8>>,
}

impl Overlay {
    pub(super) fn apply(&mut self, changes: &[Change]) {
        for change in changes {
            match change {
                Change::PutBlock { hash, bytes } => {
                    self.blocks.insert(*hash, bytes.clone());
                }
                Change::DeleteBlock { hash } => {
                    self.blocks.remove(hash);
                }
                // Blocks are not packed in memory, and what is on the disk stays.
                Change::PutPack { .. }
                | Change::Unpack { .. }
                | Change::PutTransaction { .. }
                | Change::DeleteTransaction { .. }
                | Change::PutWallet { .. } => {}
            }
        }
    }

    /// Lays blocks over those that were read.
    pub(super) fn lay(&self, wanted: &[BlockRef], blocks: &mut [Option<Vec<u8>>]) {
        for (block, wanted) in blocks.iter_mut().zip(wanted) {
            if let Some(newer) = self.blocks.get(&wanted.hash) {
                *block = Some(newer.clone());
            }
        }
    }
}
