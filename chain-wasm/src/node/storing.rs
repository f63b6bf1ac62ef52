//! Storing: batches in order, and entries that are accepted once they are stored.

use std::collections::{BTreeMap, BTreeSet};

use super::{Change, Node, Output, StorageMode, StoreId};
use crate::api::{ApiError, Event, Outcome, RequestId, StorageReason, StorageView};
use crate::chain::pack;
use crate::chain::transaction::Transaction;
use crate::primitives::{Hash, PublicKey, Seed};

/// A batch on its way to the store.
#[derive(Debug, Clone, Default)]
struct Batch {
    changes: Vec<Change>,
    accepting: Vec<(RequestId, Transaction)>,
    /// The wallet that the node has once the batch is stored.
    wallet: Option<(RequestId, Seed)>,
    /// A block that this node has sealed in an `authority` room, which is taken in once the
    /// batch is stored.
    sealed: Option<Vec<u8>>,
    size: usize,
}

/// What is on its way to the store.
#[derive(Debug, Clone)]
pub(super) struct Storing {
    mode: StorageMode,
    next: StoreId,
    gathering: Batch,
    under_way: BTreeMap<StoreId, Batch>,
    /// The sum of their sizes.
    bytes: usize,
}

impl Storing {
    pub(super) fn new(mode: StorageMode) -> Self {
        Self { mode, next: 0, gathering: Batch::default(), under_way: BTreeMap::new(), bytes: 0 }
    }

    /// How the page is told of the store.
    pub(super) const fn view(&self) -> StorageView {
        match self.mode {
            StorageMode::Durable => StorageView::Durable,
            StorageMode::Memory(reason) => StorageView::Memory { reason },
        }
    }

    fn end(&mut self, store: StoreId) -> Option<Batch> {
        let batch = self.under_way.remove(&store)?;
        self.bytes -= batch.size;
        Some(batch)
    }

    /// Whether what is stored lasts.
    pub(super) fn lasts(&self) -> bool {
        self.mode == StorageMode::Durable
    }

    /// Bytes on their way, or about to be.
    pub(super) const fn queued(&self) -> usize {
        self.bytes + self.gathering.size
    }

    /// A block on its way.
    pub(super) fn block(&self, hash: &Hash) -> Option<Vec<u8>> {
        let batches = self.under_way.values().chain([&self.gathering]).rev();
        let mut changes = batches.flat_map(|batch| batch.changes.iter().rev());
        changes.find_map(|change| match change {
            Change::PutBlock { hash: put, bytes } => (put == hash).then(|| Some(bytes.clone())),
            Change::DeleteBlock { hash: deleted } => (deleted == hash).then_some(None),
            Change::PutPack { first, bytes, .. } => {
                let mut blocks = pack::split(*first, bytes);
                let block = blocks.find(|block| pack::hash_of(block) == Some(*hash));
                block.map(|block| Some(block.to_vec()))
            }
            _ => None,
        })?
    }

    /// Entries that wait to be accepted.
    pub(super) fn accepting(&self) -> impl Iterator<Item = &Transaction> {
        let under_way = self.under_way.values().flat_map(|batch| &batch.accepting);
        under_way.chain(&self.gathering.accepting).map(|(_, transaction)| transaction)
    }

    /// Whether another wallet is on its way.
    pub(super) fn replaces_wallet(&self) -> bool {
        self.under_way.values().chain([&self.gathering]).any(|batch| batch.wallet.is_some())
    }

    /// Stores another wallet, of which the node learns by the batch's end.
    pub(super) fn put_wallet(&mut self, request: RequestId, seed: Seed, former: Vec<PublicKey>) {
        self.push(Change::PutWallet { seed, former });
        self.gathering.wallet = Some((request, seed));
    }

    /// Whether a sealed block is on its way.
    pub(super) fn seals(&self) -> bool {
        self.under_way.values().chain([&self.gathering]).any(|batch| batch.sealed.is_some())
    }

    /// Stores a sealed block, which the node takes in by the batch's end.
    pub(super) fn put_seal(&mut self, hash: Hash, bytes: Vec<u8>) {
        self.push(Change::PutBlock { hash, bytes: bytes.clone() });
        self.gathering.sealed = Some(bytes);
    }

    /// The records that batches after one are about. What those say of them is newer.
    fn keys_after(&self, store: StoreId) -> BTreeSet<Key> {
        let after = self.under_way.range(store..).map(|(_, batch)| batch);
        after.chain([&self.gathering]).flat_map(|batch| &batch.changes).map(key).collect()
    }

    pub(super) fn push(&mut self, change: Change) {
        self.gathering.size += match &change {
            Change::PutBlock { bytes, .. } | Change::PutTransaction { bytes, .. } => bytes.len(),
            Change::PutPack { bytes, summary, .. } => bytes.len() + summary.len(),
            Change::DeleteBlock { .. }
            | Change::DeleteTransaction { .. }
            | Change::Unpack { .. }
            | Change::PutWallet { .. } => 0,
        };
        self.gathering.changes.push(change);
    }

    /// Whether the batch that is gathered drops a transaction.
    fn drops_transactions(&self) -> bool {
        let mut changes = self.gathering.changes.iter();
        changes.any(|change| matches!(change, Change::DeleteTransaction { .. }))
    }
}

/// Which record a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    Block(Hash),
    Transaction(Hash),
    Pack(u32),
    Wallet,
}

const fn key(change: &Change) -> Key {
    match change {
        Change::PutBlock { hash, .. } | Change::DeleteBlock { hash } => Key::Block(*hash),
        Change::PutTransaction { id, .. } | Change::DeleteTransaction { id } => {
            Key::Transaction(*id)
        }
        Change::PutPack { first, .. } | Change::Unpack { first } => Key::Pack(*first),
        Change::PutWallet { .. } => Key::Wallet,
    }
}

/// What is to be done in memory of a batch that failed: blocks are not packed there.
fn unpacked(change: Change) -> Vec<Change> {
    let Change::PutPack { first, bytes, .. } = change else { return vec![change] };
    let blocks = pack::split(first, &bytes);
    blocks
        .filter_map(|block| {
            Some(Change::PutBlock { hash: pack::hash_of(block)?, bytes: block.to_vec() })
        })
        .collect()
}

impl Node {
    /// Stores a block that is in memory, at once or in its pack.
    pub(super) fn store_block(&mut self, hash: Hash) {
        if let Some(body) = self.chain.body(&hash)
            && !self.hold_back(hash, &body)
        {
            self.storing.push(Change::PutBlock { hash, bytes: body.bytes.clone() });
        }
    }

    pub(super) fn delete_blocks(&mut self, hashes: Vec<Hash>) {
        self.unwant(&hashes);
        for hash in hashes {
            self.packing.release(&hash);
            self.storing.push(Change::DeleteBlock { hash });
        }
    }

    /// Stores a transaction that is in the mempool.
    pub(super) fn store_transaction(&mut self, id: Hash) {
        if let Some(waiting) = self.chain.mempool().get(&id) {
            let bytes = waiting.transaction.encode();
            self.storing.push(Change::PutTransaction { id, bytes });
        }
    }

    /// Stores an own entry; it is accepted, and the request answered, once that is
    /// done.
    pub(super) fn accept_when_stored(&mut self, request: RequestId, transaction: Transaction) {
        let change = Change::PutTransaction { id: transaction.id(), bytes: transaction.encode() };
        self.storing.push(change);
        self.storing.gathering.accepting.push((request, transaction));
    }

    pub(super) fn flush_changes(&mut self) {
        if self.storing.drops_transactions() {
            // The blocks that they are in may be among those held back. They come first: no
            // part of a batch may leave the store without both.
            let later = std::mem::take(&mut self.storing.gathering.changes);
            self.store_unstored();
            self.storing.gathering.changes.extend(later);
        }
        if self.storing.gathering.changes.is_empty() {
            return;
        }
        let batch = std::mem::take(&mut self.storing.gathering);
        let store = self.storing.next;
        self.storing.next += 1;
        self.outputs.push_back(Output::Store { store, changes: batch.changes.clone() });
        self.storing.bytes += batch.size;
        self.storing.under_way.insert(store, batch);
    }

    pub(super) fn stored(&mut self, store: StoreId) {
        let Some(batch) = self.storing.end(store) else { return };
        for (request, transaction) in batch.accepting {
            let id = transaction.id();
            // It was judged when it came; only a block may have brought it since.
            if self.chain.ledger().height_of(&id).is_some() {
                self.storing.push(Change::DeleteTransaction { id });
            } else {
                self.chain.admit(transaction);
                self.announce_own(id);
            }
            self.events.pending = true;
            self.status_changed();
            let outcome = self.entry_view(&id, true).ok_or(ApiError::NotFound);
            if let Ok(entry) = &outcome {
                self.event(Event::Entry(entry.clone()));
            }
            self.reply(request, outcome.map(Outcome::Entry));
        }
        if let Some((request, seed)) = batch.wallet {
            self.replace_wallet(request, seed);
        }
        if let Some(block) = batch.sealed {
            self.seal_stored(&block);
        }
    }

    /// The store took nothing of a batch: what the user was about to be told is
    /// accepted is refused, all else goes on in memory.
    pub(super) fn storage_failed(&mut self, store: StoreId, reason: StorageReason) {
        let Some(batch) = self.storing.end(store) else { return };
        let refused: Vec<Hash> = batch.accepting.iter().map(|(_, entry)| entry.id()).collect();
        for (request, _) in batch.accepting {
            self.reply(request, Err(ApiError::StorageFailed(reason)));
        }
        if let Some((request, _)) = batch.wallet {
            self.reply(request, Err(ApiError::StorageFailed(reason)));
        }
        let later = self.storing.keys_after(store);
        for change in batch.changes.into_iter().flat_map(unpacked) {
            let skip = match &change {
                Change::PutTransaction { id, .. } => refused.contains(id),
                Change::PutWallet { .. } => true,
                _ => false,
            };
            if !skip && !later.contains(&key(&change)) {
                self.storing.push(change);
            }
        }
        if self.storing.mode == StorageMode::Durable {
            self.storing.mode = StorageMode::Memory(reason);
            self.store_unstored();
            self.event(Event::Storage(self.storing.view()));
        }
        if let Some(block) = batch.sealed {
            self.seal_stored(&block);
        }
    }

    pub(super) fn reply(&mut self, request: RequestId, outcome: Result<Outcome, ApiError>) {
        self.outputs.push_back(Output::Reply { request, outcome });
    }
}
