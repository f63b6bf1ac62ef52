//! Records in `IndexedDB`.

mod restore;

use std::cell::{Cell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::future::IntoFuture;
use std::rc::Rc;

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use gloo_timers::future::TimeoutFuture;
use idb::{DatabaseEvent, Factory, Transaction, TransactionMode};
use js_sys::{Array, ArrayBuffer, Function, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DomException, IdbDatabase, IdbTransaction};

use super::schema::{self, BLOCKS, FORMER, META, OWNER, PACKS, SUMMARIES, TRANSACTIONS, WALLET};
use super::{Records, StoreError};
use crate::browser::scope;
use crate::chain::pack;
use crate::node::{BlockRef, Change, Packed, Restored};
use crate::primitives::{ChainId, Hash, PublicKey};

/// How long opening may take, in milliseconds. Some browsers never answer when their
/// storage is broken; a tab without a store is better than none.
const OPENING: u32 = 10_000;

/// An open database.
pub(in crate::browser) struct Database {
    raw: IdbDatabase,
    owner: [u8; 16],
    /// Set once the browser closed it, or asked for it to be closed.
    lost: Rc<Cell<bool>>,
    /// Where packs begin.
    packs: RefCell<BTreeSet<u32>>,
    /// Blocks that have records of their own: those near the tip and beside the chain, and
    /// those that were found damaged in their pack.
    singles: RefCell<BTreeSet<Hash>>,
    /// Holds the event handlers.
    _handle: idb::Database,
}

/// A database as it was opened.
pub(in crate::browser) struct Opened {
    /// The database.
    pub(in crate::browser) database: Database,
    /// The wallet's seed: the stored one, or the one given, which is stored now.
    pub(in crate::browser) wallet: [u8; 32],
}

impl Database {
    /// Opens the store of a slot; makes it, with `wallet` as its wallet's seed, if
    /// there is none. `owner` is who writes from now on, and must be random.
    ///
    /// # Errors
    /// [`StoreError::Newer`] if a newer version wrote it, [`StoreError::Refused`] or
    /// another if there is none to be had.
    pub(in crate::browser) async fn open(
        chain: &ChainId,
        slot: u32,
        wallet: [u8; 32],
        owner: [u8; 16],
    ) -> Result<Opened, StoreError> {
        let opening = Box::pin(Self::open_unhurried(chain, slot, wallet, owner));
        match select(opening, TimeoutFuture::new(OPENING)).await {
            Either::Left((opened, _)) => opened,
            Either::Right(_) => Err(StoreError::Refused("it does not answer".to_owned())),
        }
    }

    async fn open_unhurried(
        chain: &ChainId,
        slot: u32,
        wallet: [u8; 32],
        owner: [u8; 16],
    ) -> Result<Opened, StoreError> {
        let refused = |error: idb::Error| match classify(&error) {
            StoreError::Newer => StoreError::Newer,
            StoreError::Full(why) => StoreError::Full(why),
            _ => StoreError::Refused(error.to_string()),
        };
        let factory = Factory::new().map_err(refused)?;
        let name = schema::name(chain, slot);
        let mut request = factory.open(&name, Some(schema::VERSION)).map_err(refused)?;
        request.on_upgrade_needed(|event| {
            let upgraded = event.old_version().and_then(|from| {
                let database = event.database()?;
                schema::upgrade(&database, from)
            });
            // The stores are then missing, which the first transaction finds out.
            if let Err(error) = upgraded {
                scope::log(&format!("the store was not upgraded: {error}"));
            }
        });
        let raw: IdbDatabase = request.await.map_err(refused)?.into();
        let database = Self::new(raw, owner);
        let wallet = database.take_over(wallet).await?;
        Ok(Opened { database, wallet })
    }

    /// Empties the store of a slot. Its wallet and the keys that were its wallet's stay.
    ///
    /// # Errors
    /// [`StoreError`]
    pub(in crate::browser) async fn empty(chain: &ChainId, slot: u32) -> Result<(), StoreError> {
        // There is a wallet, so this one is not stored; if not, it is as good as any.
        let refused = |error: getrandom::Error| StoreError::Refused(error.to_string());
        let (mut wallet, mut owner) = ([0; 32], [0; 16]);
        getrandom::fill(&mut wallet).map_err(refused)?;
        getrandom::fill(&mut owner).map_err(refused)?;
        let Opened { database, .. } = Self::open(chain, slot, wallet, owner).await?;
        let emptied = [BLOCKS, PACKS, SUMMARIES, TRANSACTIONS];
        let change = database.change(&emptied)?;
        for name in emptied {
            change.store(name)?.clear().map_err(|error| database.error(&error))?;
        }
        change.complete().await?;
        database.raw.close();
        Ok(())
    }

    fn new(raw: IdbDatabase, owner: [u8; 16]) -> Self {
        let lost = Rc::new(Cell::new(false));
        let mut handle = idb::Database::from(raw.clone());
        handle.on_close({
            let lost = Rc::clone(&lost);
            move |_| lost.set(true)
        });
        // Somebody wants to delete or upgrade it, and can't until it is closed.
        handle.on_version_change({
            let (lost, raw) = (Rc::clone(&lost), raw.clone());
            move |_| {
                lost.set(true);
                raw.close();
            }
        });
        Self {
            raw,
            owner,
            lost,
            packs: RefCell::default(),
            singles: RefCell::default(),
            _handle: handle,
        }
    }

    /// Makes this tab the one that writes, and gives the wallet's seed.
    async fn take_over(&self, new_wallet: [u8; 32]) -> Result<[u8; 32], StoreError> {
        let change = self.change(&[META])?;
        let meta = change.store(META)?;
        let stored = meta.get(JsValue::from(WALLET)).map_err(|e| self.error(&e))?;
        let stored = stored.await.map_err(|e| self.error(&e))?;
        let wallet = match stored.as_ref().and_then(bytes).map(<[u8; 32]>::try_from) {
            Some(Ok(seed)) => seed,
            unusable => {
                if unusable.is_some() || stored.is_some() {
                    scope::log("the stored wallet was unreadable: this tab has a new one");
                }
                let seed = Uint8Array::from(new_wallet.as_slice());
                meta.put(&seed, Some(&WALLET.into())).map_err(|e| self.error(&e))?;
                new_wallet
            }
        };
        let owner = Uint8Array::from(self.owner.as_slice());
        meta.put(&owner, Some(&OWNER.into())).map_err(|e| self.error(&e))?;
        change.complete().await.map_err(|error| self.lost_or(error))?;
        Ok(wallet)
    }

    /// Opens a transaction that writes, flushed to the disk before it counts as
    /// complete (`strict`): browsers default to less, and a power cut would take
    /// back an entry that the user was told is stored. Browsers that do not know the
    /// option ignore it.
    fn change(&self, stores: &[&str]) -> Result<ChangeTransaction, StoreError> {
        let names: Array = stores.iter().map(|name| JsValue::from_str(name)).collect();
        let open = || -> Result<IdbTransaction, JsValue> {
            let options = Object::new();
            Reflect::set(&options, &"durability".into(), &"strict".into())?;
            let open: Function = Reflect::get(&self.raw, &"transaction".into())?.dyn_into()?;
            open.call3(&self.raw, &names, &"readwrite".into(), &options)?.dyn_into()
        };
        let raw = open().map_err(|e| self.error(&idb::Error::TransactionOpenFailed(e)))?;
        Ok(ChangeTransaction::new(raw.into()))
    }

    async fn write(&self, changes: &[Change]) -> Result<(), StoreError> {
        let change = self.change(&[BLOCKS, PACKS, SUMMARIES, TRANSACTIONS, META])?;
        let meta = change.store(META)?;
        let owner = meta.get(JsValue::from(OWNER)).map_err(|e| self.error(&e))?;
        let owner = owner.await.map_err(|e| self.error(&e))?;
        if owner.as_ref().and_then(bytes).as_deref() != Some(self.owner.as_slice()) {
            self.lost.set(true);
            return Err(StoreError::Lost("another tab writes to it".to_owned()));
        }
        let stores = Stores {
            blocks: change.store(BLOCKS)?,
            packs: change.store(PACKS)?,
            summaries: change.store(SUMMARIES)?,
            transactions: change.store(TRANSACTIONS)?,
            meta,
        };
        let unpacks = changes.iter().any(|one| matches!(one, Change::Unpack { .. }));
        let put: BTreeSet<Hash> = changes.iter().filter_map(put_single).collect();
        let may_be_single =
            |hash: &Hash| unpacks || put.contains(hash) || self.singles.borrow().contains(hash);
        for one in changes {
            stores.make(one, may_be_single).await.map_err(|error| self.error(&error))?;
        }
        // Asked within the transaction: once it is complete nothing may fail any more.
        let singles = if unpacks { Some(self.hashes(&stores.blocks).await?) } else { None };
        change.complete().await?;
        self.note(changes);
        if let Some(singles) = singles {
            *self.singles.borrow_mut() = singles;
        }
        Ok(())
    }

    /// Notes what has a record of its own now, and where packs begin.
    fn note(&self, changes: &[Change]) {
        let (mut packs, mut blocks) = (self.packs.borrow_mut(), self.singles.borrow_mut());
        for one in changes {
            match one {
                Change::PutBlock { hash, .. } => drop(blocks.insert(*hash)),
                Change::DeleteBlock { hash } => drop(blocks.remove(hash)),
                Change::PutPack { first, hashes, .. } => {
                    packs.insert(*first);
                    for hash in hashes {
                        blocks.remove(hash);
                    }
                }
                Change::Unpack { first } => drop(packs.remove(first)),
                Change::PutTransaction { .. }
                | Change::DeleteTransaction { .. }
                | Change::PutWallet { .. } => {}
            }
        }
    }

    /// The keys of a store that are hashes.
    async fn hashes(&self, store: &idb::ObjectStore) -> Result<BTreeSet<Hash>, StoreError> {
        let keys = store.get_all_keys(None, None).map_err(|e| self.error(&e))?;
        let keys = keys.await.map_err(|e| self.error(&e))?;
        let hashes = keys.iter().filter_map(|key| {
            let key = key.dyn_ref::<ArrayBuffer>()?;
            Some(Hash::from_bytes(Uint8Array::new(key).to_vec().try_into().ok()?))
        });
        Ok(hashes.collect())
    }

    /// What a store has under these keys.
    async fn get(
        &self,
        name: &str,
        keys: Vec<JsValue>,
    ) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let store = self.read(name)?;
        let mut requests = Vec::with_capacity(keys.len());
        for key in keys {
            // Each must listen before any is waited for.
            requests.push(store.get(key).map_err(|e| self.error(&e))?.into_future());
        }
        let mut values = Vec::with_capacity(requests.len());
        for request in requests {
            let found = request.await.map_err(|e| self.error(&e))?;
            values.push(found.as_ref().and_then(bytes));
        }
        Ok(values)
    }

    /// The pack that a height is in, if any is.
    fn pack_at(&self, height: u32) -> Option<u32> {
        self.packs.borrow().range(..=height).next_back().copied()
    }

    fn read(&self, name: &str) -> Result<idb::ObjectStore, StoreError> {
        let stores = JsValue::from_str(name);
        let raw = self.raw.transaction_with_str_sequence_and_mode(
            &Array::of1(&stores),
            TransactionMode::ReadOnly.into(),
        );
        raw.map_err(idb::Error::TransactionOpenFailed)
            .and_then(|raw| Transaction::from(raw).object_store(name))
            .map_err(|error| self.error(&error))
    }

    fn error(&self, error: &idb::Error) -> StoreError {
        self.lost_or(classify(error))
    }

    fn lost_or(&self, error: StoreError) -> StoreError {
        match error {
            StoreError::Failed(why) if self.lost.get() => StoreError::Lost(why),
            other => other,
        }
    }
}

impl Records for Database {
    async fn restore(&self, packed: Packed) -> Result<Restored, StoreError> {
        self.read_all(packed).await
    }

    async fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        self.write(changes).await.map_err(|error| self.lost_or(error))
    }

    async fn blocks(&self, wanted: &[BlockRef]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        let single = |wanted: &&BlockRef| self.singles.borrow().contains(&wanted.hash);
        let keys = wanted.iter().filter(single).map(|wanted| key(&wanted.hash)).collect();
        let mut singles = self.get(BLOCKS, keys).await?.into_iter();
        let packed = wanted.iter().filter(|wanted| !single(wanted));
        let firsts: BTreeSet<u32> =
            packed.filter_map(|wanted| self.pack_at(wanted.height)).collect();
        let keys = firsts.iter().map(|first| JsValue::from(*first)).collect();
        let packs = self.get(PACKS, keys).await?;
        let packs: BTreeMap<u32, Vec<&[u8]>> = firsts
            .into_iter()
            .zip(&packs)
            .filter_map(|(first, pack)| Some((first, pack::split(first, pack.as_ref()?).collect())))
            .collect();
        let found = wanted.iter().map(|wanted| {
            if single(&wanted) {
                return singles.next().flatten();
            }
            let first = self.pack_at(wanted.height)?;
            let index = usize::try_from(wanted.height.checked_sub(first)?).ok()?;
            let block = packs.get(&first)?.get(index)?;
            (pack::hash_of(block) == Some(wanted.hash)).then(|| block.to_vec())
        });
        Ok(found.collect())
    }
}

const fn put_single(change: &Change) -> Option<Hash> {
    match change {
        Change::PutBlock { hash, .. } => Some(*hash),
        _ => None,
    }
}

/// The object stores within a transaction that writes.
struct Stores {
    blocks: idb::ObjectStore,
    packs: idb::ObjectStore,
    summaries: idb::ObjectStore,
    transactions: idb::ObjectStore,
    meta: idb::ObjectStore,
}

impl Stores {
    async fn make(
        &self,
        change: &Change,
        may_be_single: impl Fn(&Hash) -> bool,
    ) -> Result<(), idb::Error> {
        match change {
            Change::PutBlock { hash, bytes } => put(&self.blocks, &key(hash), bytes),
            Change::DeleteBlock { hash } => self.blocks.delete(key(hash)).map(drop),
            Change::PutPack { first, bytes, summary, hashes } => {
                put(&self.packs, &(*first).into(), bytes)?;
                put(&self.summaries, &(*first).into(), summary)?;
                let mut singles = hashes.iter().filter(|hash| may_be_single(hash));
                singles.try_for_each(|hash| self.blocks.delete(key(hash)).map(drop))
            }
            Change::Unpack { first } => self.unpack(*first).await,
            Change::PutTransaction { id, bytes } => put(&self.transactions, &key(id), bytes),
            Change::DeleteTransaction { id } => self.transactions.delete(key(id)).map(drop),
            Change::PutWallet { seed, former } => {
                let former: Vec<u8> =
                    former.iter().flat_map(PublicKey::as_bytes).copied().collect();
                put(&self.meta, &FORMER.into(), &former)?;
                put(&self.meta, &WALLET.into(), &seed.0)
            }
        }
    }

    async fn unpack(&self, first: u32) -> Result<(), idb::Error> {
        let pack = self.packs.get(JsValue::from(first))?.await?;
        let pack = pack.as_ref().and_then(bytes).unwrap_or_default();
        let mut asked = Vec::new();
        for block in pack::split(first, &pack) {
            if let Some(hash) = pack::hash_of(block) {
                // Each must listen before any is waited for.
                asked.push((hash, block, self.blocks.get_key(key(&hash))?.into_future()));
            }
        }
        for (hash, block, single) in asked {
            if single.await?.is_none() {
                put(&self.blocks, &key(&hash), block)?;
            }
        }
        self.summaries.delete(JsValue::from(first))?;
        self.packs.delete(JsValue::from(first)).map(drop)
    }
}

/// A transaction that writes. Dropped before [`complete`](Self::complete), it is
/// taken back.
struct ChangeTransaction {
    transaction: Option<Transaction>,
    outcome: oneshot::Receiver<bool>,
}

impl ChangeTransaction {
    fn new(mut transaction: Transaction) -> Self {
        let (sender, outcome) = oneshot::channel();
        let sender = Rc::new(Cell::new(Some(sender)));
        let tell = |sender: Rc<Cell<Option<oneshot::Sender<bool>>>>, complete| {
            move |_| {
                if let Some(sender) = sender.take() {
                    // Nobody waits for a transaction that was taken back.
                    let _ = sender.send(complete);
                }
            }
        };
        transaction.on_complete(tell(Rc::clone(&sender), true));
        transaction.on_abort(tell(sender, false));
        Self { transaction: Some(transaction), outcome }
    }

    fn store(&self, name: &str) -> Result<idb::ObjectStore, StoreError> {
        let gone = || StoreError::Failed("the transaction is over".to_owned());
        let transaction = self.transaction.as_ref().ok_or_else(gone)?;
        transaction.object_store(name).map_err(|error| classify(&error))
    }

    /// Waits until the browser says that all of it is stored.
    async fn complete(mut self) -> Result<(), StoreError> {
        let complete = (&mut self.outcome).await == Ok(true);
        let transaction = self.transaction.take();
        if complete {
            return Ok(());
        }
        let error = transaction.and_then(|transaction| transaction.error());
        Err(error.map_or_else(
            || StoreError::Failed("the transaction was aborted".to_owned()),
            |error| classify_exception(&error),
        ))
    }
}

impl Drop for ChangeTransaction {
    fn drop(&mut self) {
        if let Some(mut transaction) = self.transaction.take() {
            // The browser may call the handlers once more.
            transaction.forget_callbacks();
            // It fails only where the transaction is over already.
            let _ = transaction.abort();
        }
    }
}

fn key(hash: &Hash) -> JsValue {
    Uint8Array::from(hash.as_bytes().as_slice()).into()
}

fn put(store: &idb::ObjectStore, key: &JsValue, bytes: &[u8]) -> Result<(), idb::Error> {
    store.put(&Uint8Array::from(bytes), Some(key)).map(drop)
}

fn bytes(value: &JsValue) -> Option<Vec<u8>> {
    value.dyn_ref::<Uint8Array>().map(Uint8Array::to_vec)
}

fn classify(error: &idb::Error) -> StoreError {
    use idb::Error as E;
    let exception = match error {
        E::DomException(exception) => Some(exception),
        E::TransactionOpenFailed(value)
        | E::ObjectStoreNotFound(value)
        | E::IndexedDbOpenFailed(value)
        | E::IndexedDbNotFound(value)
        | E::AddFailed(value)
        | E::UpdateFailed(value)
        | E::DeleteFailed(value)
        | E::GetFailed(value)
        | E::GetAllFailed(value)
        | E::GetAllKeysFailed(value) => value.dyn_ref::<DomException>(),
        _ => None,
    };
    exception.map_or_else(|| StoreError::Failed(error.to_string()), classify_exception)
}

/// Names of exceptions: the Indexed Database API 3.0, section 2.10.
fn classify_exception(exception: &DomException) -> StoreError {
    let why = format!("{}: {}", exception.name(), exception.message());
    match exception.name().as_str() {
        "QuotaExceededError" => StoreError::Full(why),
        "InvalidStateError" | "NotFoundError" => StoreError::Lost(why),
        "VersionError" => StoreError::Newer,
        "SecurityError" => StoreError::Refused(why),
        _ => StoreError::Failed(why),
    }
}
