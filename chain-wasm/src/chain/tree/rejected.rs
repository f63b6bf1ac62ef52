//! What was found invalid is remembered for a while.

use std::collections::{BTreeMap, VecDeque};

use crate::chain::verify::BlockFault;
use crate::primitives::Hash;

/// How many hashes of invalid blocks are remembered.
const MAX_REJECTED: usize = 1_024;

/// Invalid blocks, and why they are.
#[derive(Debug, Clone, Default)]
pub(super) struct Rejected {
    faults: BTreeMap<Hash, BlockFault>,
    /// Oldest first.
    order: VecDeque<Hash>,
}

impl Rejected {
    pub(super) fn get(&self, hash: &Hash) -> Option<&BlockFault> {
        self.faults.get(hash)
    }

    pub(super) fn remember(&mut self, hash: Hash, fault: BlockFault) {
        if self.faults.contains_key(&hash) {
            return;
        }
        if self.order.len() >= MAX_REJECTED
            && let Some(oldest) = self.order.pop_front()
        {
            self.faults.remove(&oldest);
        }
        self.order.push_back(hash);
        self.faults.insert(hash, fault);
    }
}
