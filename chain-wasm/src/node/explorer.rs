//! Single blocks, entries and headers, for whoever looks into them.

use super::Node;
use super::events::count;
use super::serving::Read;
use crate::api::{
    self, ApiError, BlockAt, BlockDetails, EntryDetails, HeaderCheck, Outcome, RequestId,
};
use crate::chain::merkle;
use crate::chain::transaction::Transaction;
use crate::primitives::{Hash, verify_batch};

impl Node {
    pub(super) fn get_block(&mut self, request: RequestId, at: BlockAt, skip: u32) {
        let hash = match at {
            BlockAt::Height(height) => self.chain.hash_at(height),
            BlockAt::Hash(hash) => Some(hash).filter(|hash| self.chain.is_main(hash)),
        };
        let Some(hash) = hash else { return self.reply(request, Err(ApiError::NotFound)) };
        let missing = Some(hash).filter(|hash| self.chain.body(hash).is_none());
        let read = Read::Block { request, hash, skip };
        self.read_for_page(request, missing.into_iter().collect(), read);
    }

    pub(super) fn answer_page_block(&mut self, request: RequestId, hash: &Hash, skip: u32) {
        let outcome = self.block_details(hash, skip).map(|block| Outcome::Block(Box::new(block)));
        self.reply(request, outcome.ok_or(ApiError::NotFound));
    }

    fn block_details(&self, hash: &Hash, skip: u32) -> Option<BlockDetails> {
        // It may have left the chain while it was read.
        let body = self.chain.body(hash).filter(|_| self.chain.is_main(hash))?;
        let transactions = &body.block.transactions;
        let levels = merkle::levels(transactions.iter().map(Transaction::encode));
        let fits = |level: &Vec<Hash>| level.len() <= api::MAX_MERKLE_LEVEL;
        Some(BlockDetails {
            block: self.block_view(*hash, &body, usize::try_from(skip).unwrap_or(usize::MAX)),
            skipped: skip,
            leaves: count(transactions.len()),
            merkle: levels.into_iter().take_while(fits).collect(),
        })
    }

    pub(super) fn get_entry_details(&mut self, request: RequestId, id: Hash) {
        let missing = self.missing_for(&id);
        self.read_for_page(request, missing, Read::EntryDetails { request, id });
    }

    pub(super) fn answer_page_details(&mut self, request: RequestId, id: &Hash) {
        let outcome = self.entry_details(id).map(|entry| Outcome::EntryDetails(Box::new(entry)));
        self.reply(request, outcome.ok_or(ApiError::NotFound));
    }

    fn entry_details(&self, id: &Hash) -> Option<EntryDetails> {
        let entry = self.entry_view(id, true)?;
        if let Some(waiting) = self.chain.mempool().get(id) {
            let size = count(waiting.transaction.encode().len());
            return Some(EntryDetails { entry, size, place: None });
        }
        let block = self.chain.hash_at(self.chain.ledger().height_of(id)?)?;
        let body = self.chain.body(&block)?;
        let transactions = &body.block.transactions;
        let at = transactions.iter().position(|transaction| transaction.id() == *id)?;
        let size = count(transactions.get(at)?.encode().len());
        Some(EntryDetails { entry, size, place: Some((count(at), count(transactions.len()))) })
    }

    pub(super) fn check_header(&mut self, request: RequestId, block: Hash) {
        let header = Some(block).filter(|block| self.chain.is_main(block));
        let header = header.and_then(|block| self.chain.tree().header(&block));
        let outcome = header.map(|header| {
            let bytes = header.encode().to_vec();
            let computed = Hash::of(&bytes);
            let Some(authority) = self.chain.spec().authority() else {
                let meets = header.difficulty.is_met_by(&computed);
                return Outcome::Header(HeaderCheck { bytes, computed, meets, sealer: None });
            };
            let sealer = authority.sealer(&header).copied();
            let item = authority.seal_item(&header, &computed);
            let meets = item.is_some_and(|item| verify_batch(&[item]).is_ok());
            Outcome::Header(HeaderCheck { bytes, computed, meets, sealer })
        });
        self.reply(request, outcome.ok_or(ApiError::NotFound));
    }
}
