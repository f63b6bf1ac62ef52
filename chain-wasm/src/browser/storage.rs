//! What outlives the tab: blocks, waiting transactions and the wallet.
//!
//! [`Storage`] carries out the node's batches in their order, each in one
//! transaction: all of it or nothing, and success is told only once the browser says
//! that it is complete. It stands on [`Records`], of which there are two kinds: the
//! browser's [`Database`] and [`Memory`].
//!
//! **When the database fails** the batch at hand fails with the reason and nothing is
//! written to the database again: it keeps a valid state of some moment, from which
//! a later start goes on. Later batches go to memory and succeed there. Reading looks
//! in memory first and then in the database, for as long as that can still be read
//! (it can when the quota is full; it cannot when it was deleted).
//!
//! **Packs.** Blocks deep in the chain are kept some hundreds to a record, each such
//! [`pack`](crate::chain::pack) with a summary beside it, and a start reads the summaries
//! alone. What is damaged costs nothing but the work to mend it: a summary is made again
//! from its pack; a block that a pack has lost is found missing by its hash once it is
//! read, fetched again from a peer, and kept by itself; a pack of which nothing is left
//! has those above it taken apart, and they wait until what lies below them has come
//! again. The layout is in `schema.rs`.
//!
//! **One writer.** Opening a store writes a random owner into it, and each
//! transaction checks that it is still there. Should two tabs ever hold one slot, the
//! older finds another owner, stops writing and says [`StorageReason::Lost`].

mod database;
mod memory;
mod schema;

use futures_channel::mpsc;
use futures_util::StreamExt;

pub(super) use database::{Database, Opened};
use memory::Memory;

use crate::api::StorageReason;
use crate::node::{BlockRef, Change, Input, LoadId, Packed, Restored, StoreId};

/// Why the store did not do what it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum StoreError {
    /// There is no database, or the browser does not let this page use it.
    #[error("the browser gives no database: {0}")]
    Refused(String),
    /// A newer version of Tabchain wrote it.
    #[error("the store was written by a newer version")]
    Newer,
    /// The quota or the disk is full.
    #[error("no room for more: {0}")]
    Full(String),
    /// It was closed, deleted or taken over.
    #[error("the database is gone: {0}")]
    Lost(String),
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// What the page is told.
    pub(super) const fn reason(&self) -> StorageReason {
        match self {
            Self::Refused(_) => StorageReason::Refused,
            Self::Full(_) => StorageReason::Full,
            Self::Lost(_) => StorageReason::Lost,
            Self::Newer | Self::Failed(_) => StorageReason::Failed,
        }
    }
}

/// Something that keeps records.
pub(super) trait Records {
    /// Everything there is that a node starts from, packs put on an empty chain. Packs whose summaries
    /// are damaged get new ones; those that are of no use are taken apart.
    async fn restore(&self, packed: Packed) -> Result<Restored, StoreError>;
    /// Makes a batch of changes, in order: all of them or none.
    async fn apply(&self, changes: &[Change]) -> Result<(), StoreError>;
    /// Blocks, in the order asked for.
    async fn blocks(&self, wanted: &[BlockRef]) -> Result<Vec<Option<Vec<u8>>>, StoreError>;
}

/// What the node wants of its store.
#[derive(Debug)]
pub(super) enum StorageJob {
    /// Make a batch of changes.
    Store(StoreId, Vec<Change>),
    /// Read blocks.
    Load(LoadId, Vec<BlockRef>),
}

/// A store that goes on in memory when its database fails.
pub(super) struct Storage<D> {
    /// `None` where there never was one.
    database: Option<D>,
    /// Once this is here it takes all that is written.
    memory: Option<Memory>,
    log: fn(&str),
}

impl<D: Records> Storage<D> {
    /// A store that lasts. What fails is said to `log`.
    pub(super) const fn durable(database: D, log: fn(&str)) -> Self {
        Self { database: Some(database), memory: None, log }
    }

    /// A store that ends with the tab.
    pub(super) fn volatile(log: fn(&str)) -> Self {
        Self { database: None, memory: Some(Memory::default()), log }
    }

    /// Carries out jobs one after the other, in order, and tells what came of each,
    /// until nobody is left to give any. The node limits how many wait: it stores
    /// in batches and loads what it is asked for.
    pub(super) async fn run(
        mut self,
        mut jobs: mpsc::UnboundedReceiver<StorageJob>,
        tell: impl Fn(Input),
    ) {
        while let Some(job) = jobs.next().await {
            tell(self.carry_out(job).await);
        }
    }

    async fn carry_out(&mut self, job: StorageJob) -> Input {
        match job {
            StorageJob::Store(store, changes) => match self.store(&changes).await {
                Ok(()) => Input::Stored { store },
                Err(error) => {
                    (self.log)(&format!("{error}; going on in memory"));
                    Input::StorageFailed { store, reason: error.reason() }
                }
            },
            StorageJob::Load(load, wanted) => {
                Input::Loaded { load, blocks: self.load(&wanted).await }
            }
        }
    }

    async fn store(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        match (&self.memory, &self.database) {
            (Some(memory), _) => memory.apply(changes).await,
            (None, Some(database)) => {
                let stored = database.apply(changes).await;
                if stored.is_err() {
                    self.memory = Some(Memory::default());
                }
                stored
            }
            (None, None) => Ok(()),
        }
    }

    async fn load(&self, wanted: &[BlockRef]) -> Vec<Option<Vec<u8>>> {
        let mut blocks = vec![None; wanted.len()];
        if let Some(database) = &self.database {
            match database.blocks(wanted).await {
                Ok(found) => blocks = found,
                Err(error) => (self.log)(&format!("blocks were not read: {error}")),
            }
        }
        if let Some(memory) = &self.memory {
            for (block, wanted) in blocks.iter_mut().zip(wanted) {
                memory.overlay(wanted, block);
            }
        }
        blocks
    }
}

#[cfg(test)]
mod tests;
