//! Starting from what the store held. Whatever of it cannot be used is fetched
//! again from peers; nothing in it can keep the node from starting.
//!
//! What is packed was put together before ([`Packed`](super::Packed)); here come the
//! blocks with records of their own, on top of that and beside it.

use super::Node;
use crate::chain::block::Block;
use crate::chain::transaction::Transaction;
use crate::chain::{BlockVerdict, Trust};
use crate::node::Change;
use crate::primitives::{Hash, UnixMillis};

impl Node {
    pub(super) fn restore(&mut self, blocks: Vec<Vec<u8>>, transactions: Vec<Vec<u8>>) {
        let mut blocks: Vec<(u32, Vec<u8>)> = blocks
            .into_iter()
            .filter_map(|bytes| Some((Block::decode(&bytes).ok()?.header.height, bytes)))
            .collect();
        blocks.sort_by_key(|(height, _)| *height);
        let blocks = blocks.into_iter().map(|(_, bytes)| bytes);
        // Whatever the clock says now: they were not too early when they were stored.
        let any_time = UnixMillis(u64::MAX);
        let mut cut_off = Vec::new();
        let mut inserted = Vec::new();
        let mut own = Vec::new();
        let mut damaged = Vec::new();
        for bytes in blocks {
            let kept = bytes.clone();
            for (hash, verdict) in self.chain.insert_blocks(vec![bytes], Trust::Store, any_time) {
                match &verdict {
                    BlockVerdict::Inserted => inserted.push(hash),
                    BlockVerdict::Orphan => cut_off.push((hash, kept.clone())),
                    // Its entries may be whole.
                    BlockVerdict::Invalid(_) => damaged.push(kept.clone()),
                    BlockVerdict::Known | BlockVerdict::Ahead | BlockVerdict::Full => {}
                }
                self.advance();
                if verdict == BlockVerdict::Inserted && !self.chain.is_main(&hash) {
                    own.extend(self.own_data(&kept));
                }
            }
        }
        // Own entries of blocks that are not part of the chain wait again, however many:
        // that they do may not have been stored any more.
        for entry in own {
            self.restore_transaction(entry);
        }
        for bytes in transactions {
            if let Ok(transaction) = Transaction::decode(&bytes)
                && self.chain.check_entry(&transaction).is_ok()
            {
                let id = transaction.id();
                self.restore_transaction(transaction);
                if self.chain.mempool().get(&id).is_none() {
                    // It is in the chain, or there is no room any more: its author keeps it.
                    self.storing.push(Change::DeleteTransaction { id });
                }
            }
        }
        let mut above_damage = Vec::new();
        for hash in inserted {
            for id in self.chain.rescue(&hash) {
                self.store_transaction(id);
            }
            if !self.chain.tree().is_complete(&hash) {
                above_damage.extend(self.chain.body(&hash));
            }
        }
        // Blocks above a damaged record: they come in once it has been fetched again.
        // Should it never be, their entries wait for a block anew: of others' as many as
        // there is room for, since the blocks stay in the store.
        for block in above_damage {
            self.restore_entries(&block.block);
        }
        // Whether a damaged block was part of the chain cannot be told: should no peer have
        // it, this is all that is left of its entries, transfers too.
        for block in damaged.iter().filter_map(|bytes| Block::decode(bytes).ok()) {
            self.restore_entries(&block);
        }
        for (hash, bytes) in cut_off {
            if let Ok(block) = Block::decode(&bytes) {
                self.restore_entries(&block);
                self.sync.keep_cut_off(hash, block.header.previous_hash, bytes);
            }
        }
        self.events.pending = true;
    }

    /// A block's entries of this node's authors. Not transfers: one that was refused, since
    /// its coins were spent elsewhere, would come back.
    fn own_data(&self, block: &[u8]) -> Vec<Transaction> {
        let is_own = |entry: &&Transaction| {
            self.is_own(&entry.author())
                && entry.spends() == 0
                && self.chain.check_entry(entry).is_ok()
        };
        let block = Block::decode(block);
        block.map(|block| block.entries().filter(is_own).cloned().collect()).unwrap_or_default()
    }

    fn restore_entries(&mut self, block: &Block) {
        for entry in block.entries() {
            if self.chain.check_entry(entry).is_ok() {
                self.restore_transaction(entry.clone());
            }
        }
    }

    pub(super) fn restore_transaction(&mut self, transaction: Transaction) {
        let id: Hash = transaction.id();
        if self.chain.restore_transaction(transaction).is_ok() {
            self.store_transaction(id);
        }
    }
}
