//! The store over databases that fail; `IndexedDB` itself needs a browser.

use std::cell::Cell;

use futures_util::FutureExt;

use super::*;
use crate::chain::block::Block;
use crate::chain::pack::{self, Summary};
use crate::chain::spec::Spec;
use crate::chain::transaction::Transaction;
use crate::chain::{Chain, Trust};
use crate::primitives::{Hash, Keypair, UnixMillis};

/// A database that can be made to fail.
#[derive(Default)]
struct Faulty {
    memory: Memory,
    writing: Cell<Option<StorageReason>>,
    reading: Cell<bool>,
}

impl Records for Faulty {
    async fn restore(&self, packed: Packed) -> Result<Restored, StoreError> {
        self.memory.restore(packed).await
    }

    async fn apply(&self, changes: &[Change]) -> Result<(), StoreError> {
        match self.writing.get() {
            Some(StorageReason::Full) => Err(StoreError::Full(String::new())),
            Some(_) => Err(StoreError::Lost(String::new())),
            None => self.memory.apply(changes).await,
        }
    }

    async fn blocks(&self, wanted: &[BlockRef]) -> Result<Vec<Option<Vec<u8>>>, StoreError> {
        if self.reading.get() {
            return Err(StoreError::Lost(String::new()));
        }
        self.memory.blocks(wanted).await
    }
}

fn quiet(_: &str) {}

fn spec() -> Spec {
    Spec::open("store").expect("a name")
}

fn restore(records: &impl Records) -> Restored {
    records
        .restore(Packed::new(spec(), [1, 2]))
        .now_or_never()
        .expect("no waiting")
        .expect("restored")
}

fn hash(n: u8) -> Hash {
    Hash::of(&[n])
}

fn put(n: u8) -> Change {
    Change::PutBlock { hash: hash(n), bytes: vec![n] }
}

fn now<D: Records>(storage: &mut Storage<D>, job: StorageJob) -> Input {
    storage.carry_out(job).now_or_never().expect("no waiting")
}

fn store<D: Records>(storage: &mut Storage<D>, id: StoreId, changes: Vec<Change>) -> Input {
    now(storage, StorageJob::Store(id, changes))
}

fn load<D: Records>(storage: &mut Storage<D>, wanted: &[u8]) -> Vec<Option<Vec<u8>>> {
    let wanted = wanted.iter().map(|n| BlockRef { hash: hash(*n), height: 0 }).collect();
    match now(storage, StorageJob::Load(7, wanted)) {
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
    let restored = restore(&memory);
    assert_eq!((restored.blocks, restored.transactions), (vec![vec![2]], vec![vec![3]]));
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
    let kept = restore(storage.database.as_ref().expect("one"));
    assert_eq!(kept.blocks.len(), 2);
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

/// Blocks of a chain from height 1 on, as a pack holds them: all that a store knows of
/// them is the height and the header's hash.
fn chain(length: u32) -> Vec<(BlockRef, Vec<u8>)> {
    let mut chain = Chain::new(spec());
    let mut blocks = Vec::new();
    for height in 1..=length {
        let header = chain.next_context().expect("a tip").template(&spec(), Hash::ZERO, NOW);
        let miner = Keypair::from_seed([1; 32]).public();
        let coinbase =
            Transaction::coinbase(chain.id(), miner, 50, header.height, header.timestamp);
        let mut block = Block { header, transactions: vec![coinbase] };
        block.header.merkle_root = block.merkle_root();
        let bytes = block.encode();
        chain.insert_blocks(vec![bytes.clone()], Trust::Peer, NOW);
        chain.advance();
        blocks.push((BlockRef { hash: block.header.hash(), height }, bytes));
    }
    assert_eq!(chain.height(), length);
    blocks
}

const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

fn put_all(blocks: &[(BlockRef, Vec<u8>)]) -> Vec<Change> {
    let put = |(at, bytes): &(BlockRef, Vec<u8>)| Change::PutBlock {
        hash: at.hash,
        bytes: bytes.clone(),
    };
    blocks.iter().map(put).collect()
}

fn put_pack(blocks: &[(BlockRef, Vec<u8>)]) -> Change {
    let first = blocks[0].0.height;
    let bytes = pack::join(blocks.iter().map(|(_, bytes)| bytes.as_slice()));
    let summary = Summary::of_pack(first, &bytes).expect("a pack").encode();
    let hashes = blocks.iter().map(|(at, _)| at.hash).collect();
    Change::PutPack { first, bytes, summary, hashes }
}

fn read<D: Records>(storage: &mut Storage<D>, blocks: &[(BlockRef, Vec<u8>)]) -> Vec<bool> {
    let wanted = blocks.iter().map(|(at, _)| *at).collect();
    let Input::Loaded { blocks: found, .. } = now(storage, StorageJob::Load(1, wanted)) else {
        panic!("no answer")
    };
    found.iter().zip(blocks).map(|(found, (_, bytes))| found.as_ref() == Some(bytes)).collect()
}

/// What a store of either kind must do with packs.
fn keeps_packs<D: Records>(storage: &mut Storage<D>) {
    let blocks = chain(12);
    store(storage, 1, put_all(&blocks[..8]));
    // Some were stored one by one before, some were not.
    store(storage, 2, vec![put_pack(&blocks[..5]), put_pack(&blocks[5..10])]);
    store(storage, 3, put_all(&blocks[10..]));
    assert_eq!(read(storage, &blocks), [true; 12]);
    // Another block of a packed height is not taken for that one.
    let other = BlockRef { hash: hash(1), height: 3 };
    assert_eq!(read(storage, &[(other, blocks[2].1.clone())]), [false]);
    // One with a record of its own is read from that.
    let healed = Change::PutBlock { hash: blocks[2].0.hash, bytes: vec![7] };
    store(storage, 4, vec![healed]);
    assert_eq!(read(storage, &[(blocks[2].0, vec![7])]), [true]);
    // Taken apart, all are still there, that one as it was.
    store(storage, 5, vec![Change::Unpack { first: 6 }, Change::Unpack { first: 1 }]);
    assert_eq!(read(storage, &blocks[3..]), [true; 9]);
    assert_eq!(read(storage, &[(blocks[2].0, vec![7])]), [true]);
    // There is none such any more: nothing happens.
    store(storage, 6, vec![Change::Unpack { first: 1 }, Change::Unpack { first: 9 }]);
    store(storage, 7, vec![put_pack(&blocks[3..9])]);
    assert_eq!(read(storage, &blocks[3..]), [true; 9]);
}

#[test]
fn keeps_packs_in_either_kind() {
    keeps_packs(&mut Storage::durable(Faulty::default(), quiet));
    keeps_packs(&mut Storage::<Faulty>::volatile(quiet));
}

#[test]
fn restores_packs_and_the_blocks_beside_them() {
    let blocks = chain(12);
    let memory = Memory::default();
    let mut changes = put_all(&blocks);
    changes.extend([put_pack(&blocks[..4]), put_pack(&blocks[4..8])]);
    memory.apply(&changes).now_or_never().expect("no waiting").expect("kept");
    let restored = restore(&memory);
    assert_eq!(restored.packed.expect("packs").chain().tip(), blocks[7].0.hash);
    assert_eq!(restored.blocks.len(), 4);
}

#[test]
fn reads_packs_of_a_full_database_though_the_chain_has_left_them() {
    let blocks = chain(9);
    let mut storage = Storage::durable(Faulty::default(), quiet);
    store(&mut storage, 1, vec![put_pack(&blocks[..4])]);
    storage.database.as_ref().expect("one").writing.set(Some(StorageReason::Full));
    store(&mut storage, 2, vec![put(1)]);
    // A pack that was on its way when the database got full.
    store(&mut storage, 3, vec![put_pack(&blocks[4..8])]);
    store(&mut storage, 4, put_all(&blocks[8..]));
    assert_eq!(read(&mut storage, &blocks), [true; 9]);
    store(&mut storage, 5, vec![Change::Unpack { first: 5 }, Change::Unpack { first: 1 }]);
    assert_eq!(read(&mut storage, &blocks), [true; 9]);
}
