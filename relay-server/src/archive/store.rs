//! A room's records in a database of its own.
//!
//! **Durability.** A batch is one transaction, committed with `Durability::Immediate`: all of
//! it is on the disk, flushed, before the node hears that it is stored, and so before anything
//! in it is announced or answered. After a crash the database is as the last commit left it.
//!
//! **Damage.** Opening checks the checksum of every page; reading all that a node starts from
//! ([`Store::restore`]) checks every block against its header's Merkle root and every header
//! against its successor's hash. What does not fit is given to the node, which fetches it again.
//!
//! **Bound.** The file grows only as far as the [`Budget`] of all rooms goes. It doubles as it
//! grows, so that an archive may be full when a little more than half of its bound is used.

mod budget;
mod error;
mod restore;

use std::fmt::{self, Debug, Formatter};
use std::fs::OpenOptions;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chain_wasm::chain::pack;
use chain_wasm::chain::spec::{MAX_SPEC, Spec};
use chain_wasm::codec;
use chain_wasm::node::{BlockRef, Change};
use chain_wasm::primitives::Hash;
use redb::backends::FileBackend;
use redb::{
    Builder, Database, Durability, ReadableDatabase, ReadableTable, Table, TableDefinition,
    WriteTransaction,
};

use budget::BoundedFile;
pub use budget::Budget;
pub use error::StoreError;
pub use restore::{Damage, Found};

type Records<K> = TableDefinition<'static, K, &'static [u8]>;

const BLOCKS: Records<[u8; 32]> = Records::new("blocks");
const PACKS: Records<u32> = Records::new("packs");
const SUMMARIES: Records<u32> = Records::new("summaries");
const TRANSACTIONS: Records<[u8; 32]> = Records::new("transactions");
const META: Records<&str> = Records::new("meta");

/// Keys of [`META`].
const VERSION: &str = "version";
const SPEC: &str = "spec";
const RELAYS: &str = "relays";

/// The layout's version.
const LAYOUT: [u8; 1] = [1];

/// How much of a database is held in memory, in bytes.
const CACHE: usize = 16 * 1024 * 1024;

/// Adds a block, of a height and a hash; says whether it was not there yet.
pub type AddBlock<'a> = dyn FnMut(u32, &Hash, &[u8]) -> Result<bool, StoreError> + 'a;

/// The records of one room.
pub struct Store {
    /// `None` only while it is opened again.
    database: Option<Database>,
    path: PathBuf,
    budget: Arc<Budget>,
}

impl Debug for Store {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Store {
    /// Opens the store of a room; makes it if there is none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn open(path: &Path, spec: &Spec, budget: Arc<Budget>) -> Result<Self, StoreError> {
        let database = open(path, &budget)?;
        let store = Self { database: Some(database), path: path.to_owned(), budget };
        match store.version()? {
            None => store.begin(spec)?,
            Some(version) if version == LAYOUT => {}
            Some(_) => return Err(StoreError::Newer),
        }
        if store.spec()?.as_ref() == Some(spec) { Ok(store) } else { Err(StoreError::OtherRoom) }
    }

    /// Opens a store that is there, of whichever room it is.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn open_known(path: &Path, budget: Arc<Budget>) -> Result<(Self, Spec), StoreError> {
        let database = open(path, &budget)?;
        let store = Self { database: Some(database), path: path.to_owned(), budget };
        match store.version()? {
            Some(version) if version == LAYOUT => {}
            Some(_) => return Err(StoreError::Newer),
            None => return Err(StoreError::Damaged("it holds no room".to_owned())),
        }
        let unreadable = || StoreError::Damaged("its room's spec cannot be read".to_owned());
        let spec = store.spec()?.ok_or_else(unreadable)?;
        Ok((store, spec))
    }

    /// Makes a batch of changes, in order: all of them, flushed to the disk, or none.
    ///
    /// # Errors
    /// [`StoreError`]; the database is as it was, and can be read.
    pub fn apply(&mut self, changes: &[Change]) -> Result<(), StoreError> {
        self.write::<StoreError>(|tables| changes.iter().try_for_each(|change| tables.make(change)))
    }

    /// Adds blocks that come one by one, each with its height and hash: all of them, or none if
    /// `fill` fails. What `fill` is given says whether the block was not there yet.
    ///
    /// # Errors
    /// Those of `fill`, [`StoreError`] among them.
    pub fn add<E: From<StoreError>>(
        &mut self,
        fill: impl FnOnce(&mut AddBlock<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.write(|tables| {
            fill(&mut |height, hash, block| {
                let new = !tables.has(height, hash)?;
                if new {
                    tables.blocks.insert(hash.as_bytes(), block)?;
                }
                Ok(new)
            })
        })
    }

    /// Blocks, in the order asked for; `None` for one that is not there.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn blocks(&self, wanted: &[BlockRef]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let reading = self.database()?.begin_read()?;
        let (singles, packs) = (reading.open_table(BLOCKS)?, reading.open_table(PACKS)?);
        let mut found = Vec::with_capacity(wanted.len());
        for block in wanted {
            if let Some(single) = singles.get(block.hash.as_bytes())? {
                found.push(Some(single.value().to_vec()));
                continue;
            }
            let pack = packs.range(..=block.height)?.next_back().transpose()?;
            found.push(pack.and_then(|(first, pack)| {
                let bytes = pack::find_block(first.value(), pack.value(), block.height)?;
                (pack::hash_of(bytes) == Some(block.hash)).then(|| bytes.to_vec())
            }));
        }
        Ok(found)
    }

    /// The relays that the room is kept at beside this archive's own, one a line.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn relays(&self) -> Result<Vec<String>, StoreError> {
        let text = self.meta(RELAYS)?.unwrap_or_default();
        let text = String::from_utf8(text).unwrap_or_default();
        Ok(text.lines().map(str::to_owned).collect())
    }

    /// Notes the relays.
    ///
    /// # Errors
    /// [`StoreError`]
    pub fn put_relays(&mut self, relays: &[String]) -> Result<(), StoreError> {
        let text = relays.join("\n");
        self.write::<StoreError>(|tables| {
            tables.meta.insert(RELAYS, text.as_bytes())?;
            Ok(())
        })
    }

    fn database(&self) -> Result<&Database, StoreError> {
        self.database.as_ref().ok_or_else(|| StoreError::Failed("it is closed".to_owned()))
    }

    fn version(&self) -> Result<Option<Vec<u8>>, StoreError> {
        self.meta(VERSION)
    }

    fn spec(&self) -> Result<Option<Spec>, StoreError> {
        let spec = self.meta(SPEC)?;
        Ok(spec.and_then(|bytes| codec::decode(&bytes, MAX_SPEC).ok()))
    }

    fn meta(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let reading = self.database()?.begin_read()?;
        let meta = match reading.open_table(META) {
            Err(redb::TableError::TableDoesNotExist(_)) => return Ok(None),
            meta => meta?,
        };
        Ok(meta.get(key)?.map(|value| value.value().to_vec()))
    }

    fn begin(&self, spec: &Spec) -> Result<(), StoreError> {
        transact::<StoreError>(self.database()?, |tables| {
            tables.meta.insert(VERSION, LAYOUT.as_slice())?;
            tables.meta.insert(SPEC, codec::encode(spec).as_slice())?;
            Ok(())
        })
    }

    /// Writes, in one transaction. A database that has failed to write takes nothing more
    /// until it is opened again, so it is.
    fn write<E: From<StoreError>>(
        &mut self,
        change: impl FnOnce(&mut Tables<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let written = transact(self.database()?, change);
        if written.is_err() {
            tracing::debug!(path = %self.path.display(), "opening a store again");
            self.database = None;
            self.database = Some(open(&self.path, &self.budget)?);
        }
        written
    }
}

fn open(path: &Path, budget: &Arc<Budget>) -> Result<Database, StoreError> {
    let mut options = OpenOptions::new();
    options.read(true).write(true).create(true).truncate(false);
    let file = FileBackend::new(options.open(path)?)?;
    let file = BoundedFile::new(file, Arc::clone(budget))?;
    let mut builder = Builder::new();
    builder.set_cache_size(CACHE).set_check_integrity_on_open(true);
    Ok(builder.create_with_backend(file)?)
}

fn transact<E: From<StoreError>>(
    database: &Database,
    change: impl FnOnce(&mut Tables<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let transaction = begin(database)?;
    {
        let mut tables = Tables::open(&transaction)?;
        change(&mut tables)?;
    }
    Ok(transaction.commit().map_err(StoreError::from)?)
}

fn begin(database: &Database) -> Result<WriteTransaction, StoreError> {
    let mut transaction = database.begin_write()?;
    transaction.set_durability(Durability::Immediate)?;
    Ok(transaction)
}

/// The tables within a transaction that writes.
struct Tables<'t> {
    blocks: Table<'t, [u8; 32], &'static [u8]>,
    packs: Table<'t, u32, &'static [u8]>,
    summaries: Table<'t, u32, &'static [u8]>,
    transactions: Table<'t, [u8; 32], &'static [u8]>,
    meta: Table<'t, &'static str, &'static [u8]>,
}

impl<'t> Tables<'t> {
    fn open(transaction: &'t WriteTransaction) -> Result<Self, StoreError> {
        Ok(Self {
            blocks: transaction.open_table(BLOCKS)?,
            packs: transaction.open_table(PACKS)?,
            summaries: transaction.open_table(SUMMARIES)?,
            transactions: transaction.open_table(TRANSACTIONS)?,
            meta: transaction.open_table(META)?,
        })
    }

    fn make(&mut self, change: &Change) -> Result<(), StoreError> {
        match change {
            Change::PutBlock { hash, bytes } => {
                self.blocks.insert(hash.as_bytes(), bytes.as_slice())?;
            }
            Change::DeleteBlock { hash } => {
                self.blocks.remove(hash.as_bytes())?;
            }
            Change::PutPack { first, bytes, summary, hashes } => {
                self.packs.insert(first, bytes.as_slice())?;
                self.summaries.insert(first, summary.as_slice())?;
                for hash in hashes {
                    self.blocks.remove(hash.as_bytes())?;
                }
            }
            Change::Unpack { first } => self.unpack(*first)?,
            Change::PutTransaction { id, bytes } => {
                self.transactions.insert(id.as_bytes(), bytes.as_slice())?;
            }
            Change::DeleteTransaction { id } => {
                self.transactions.remove(id.as_bytes())?;
            }
            Change::PutWallet { .. } => return Err(StoreError::Wallet),
        }
        Ok(())
    }

    /// Gives each block of a pack a record of its own, unless it has one.
    fn unpack(&mut self, first: u32) -> Result<(), StoreError> {
        let pack = self.packs.remove(first)?.map(|pack| pack.value().to_vec());
        self.summaries.remove(first)?;
        for block in pack::split(first, pack.as_deref().unwrap_or_default()) {
            if let Some(hash) = pack::hash_of(block)
                && !self.has_single(&hash)?
            {
                self.blocks.insert(hash.as_bytes(), block)?;
            }
        }
        Ok(())
    }

    /// Whether a block is there, by itself or in its pack.
    fn has(&self, height: u32, hash: &Hash) -> Result<bool, StoreError> {
        if self.has_single(hash)? {
            return Ok(true);
        }
        let pack = self.packs.range(..=height)?.next_back().transpose()?;
        Ok(pack.is_some_and(|(first, pack)| {
            let block = pack::find_block(first.value(), pack.value(), height);
            block.and_then(pack::hash_of) == Some(*hash)
        }))
    }

    fn has_single(&self, hash: &Hash) -> Result<bool, StoreError> {
        Ok(self.blocks.get(hash.as_bytes())?.is_some())
    }
}

#[cfg(test)]
mod tests;
