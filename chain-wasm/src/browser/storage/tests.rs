//! The store over databases that fail; `IndexedDB` itself needs a browser.

use std::cell::Cell;

use futures_util::FutureExt;

use super::*;

/// A database that can be made to fail.
#[derive(Default)]
struct Faulty {
    memory: Memory,
    writing: Cell<Option<StorageReason>>,
    reading: Cell<bool>,
}

impl Records for Faulty {
    async fn restore(&self) -> Result<Restored, StoreError> {
        self.memory.restore().await
    }

    async fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        match self.writing.get() {
            Some(StorageReason::Full) => Err(StoreError::Full(String::new())),
            Some(_) => Err(StoreError::Lost(String::new())),
            None => self.memory.apply(changes).await,
        }
    }

    async fn blocks(&self, hashes: &[Hash]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if self.reading.get() {
            return Err(StoreError::Lost(String::new()));
        }
        self.memory.blocks(hashes).await
    }
}

fn quiet(_: &str) {}

fn hash(n: u8) -> Hash {
    Hash::of(&[n])
}

fn put(n: u8) -> Change {
    Change::PutBlock { hash: hash(n), height: n.into(), bytes: vec![n] }
}

fn now<D: Records>(storage: &mut Storage<D>, job: StorageJob) -> Input {
    storage.carry_out(job).now_or_never().expect("no waiting")
}

fn store<D: Records>(storage: &mut Storage<D>, id: StoreId, changes: Vec<Change>) -> Input {
    now(storage, StorageJob::Store(id, changes))
}

fn load<D: Records>(storage: &mut Storage<D>, wanted: &[u8]) -> Vec<Option<Vec<u8>>> {
    let hashes = wanted.iter().map(|n| hash(*n)).collect();
    match now(storage, StorageJob::Load(7, hashes)) {
        Input::Loaded { load: 7, blocks } => blocks,
        other => panic!("{other:?}"),
    }
}

/// What a store of either kind must do.
fn keeps_records<D: Records>(storage: &mut Storage<D>) {
    assert_eq!(store(storage, 1, vec![put(1), put(2)]), Input::Stored { store: 1 });
    let delete = Change::DeleteBlock { hash: hash(1) };
    assert_eq!(store(storage, 2, vec![put(3), delete]), Input::Stored { store: 2 });
    // In the order asked for, and nothing for what is not there.
    assert_eq!(load(storage, &[3, 1, 2, 9]), [Some(vec![3]), None, Some(vec![2]), None]);
}

#[test]
fn keeps_records_in_either_kind() {
    keeps_records(&mut Storage::durable(Faulty::default(), quiet));
    keeps_records(&mut Storage::<Faulty>::volatile(quiet));
}

#[test]
fn restores_what_was_kept_and_not_deleted() {
    let memory = Memory::default();
    let changes = [
        put(1),
        put(2),
        Change::DeleteBlock { hash: hash(1) },
        Change::PutTransaction { id: hash(3), bytes: vec![3] },
        Change::PutTransaction { id: hash(4), bytes: vec![4] },
        Change::DeleteTransaction { id: hash(4) },
    ];
    memory.apply(&changes).now_or_never().expect("no waiting").expect("kept");
    let restored = memory.restore().now_or_never().expect("no waiting").expect("restored");
    assert_eq!(restored, Restored { blocks: vec![vec![2]], transactions: vec![vec![3]] });
}

#[test]
fn goes_on_in_memory_over_a_full_database() {
    let mut storage = Storage::durable(Faulty::default(), quiet);
    store(&mut storage, 1, vec![put(1), put(2)]);
    storage.database.as_ref().expect("one").writing.set(Some(StorageReason::Full));
    assert_eq!(
        store(&mut storage, 2, vec![put(3)]),
        Input::StorageFailed { store: 2, reason: StorageReason::Full }
    );
    // The failed batch is kept nowhere; those after it are, and what was stored
    // before can still be read unless it was deleted since.
    let delete = Change::DeleteBlock { hash: hash(2) };
    assert_eq!(store(&mut storage, 3, vec![put(4), delete]), Input::Stored { store: 3 });
    assert_eq!(load(&mut storage, &[1, 2, 3, 4]), [Some(vec![1]), None, None, Some(vec![4])]);
    // The database is not written to again, even if it could be.
    storage.database.as_ref().expect("one").writing.set(None);
    store(&mut storage, 4, vec![put(5)]);
    let kept = storage.database.as_ref().expect("one").memory.restore();
    let kept = kept.now_or_never().expect("no waiting").expect("restored").blocks;
    assert_eq!(kept.len(), 2);
}

#[test]
fn answers_loads_after_the_database_is_gone() {
    let mut storage = Storage::durable(Faulty::default(), quiet);
    store(&mut storage, 1, vec![put(1)]);
    let database = storage.database.as_ref().expect("one");
    database.writing.set(Some(StorageReason::Lost));
    database.reading.set(true);
    assert_eq!(
        store(&mut storage, 2, vec![put(2)]),
        Input::StorageFailed { store: 2, reason: StorageReason::Lost }
    );
    store(&mut storage, 3, vec![put(3)]);
    assert_eq!(load(&mut storage, &[1, 3]), [None, Some(vec![3])]);
}
