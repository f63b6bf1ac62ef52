//! The store, with chains that are made by hand.

use chain_wasm::api::StorageReason;
use chain_wasm::chain::pack::Summary;
use chain_wasm::chain::spec::{Consensus, MAX_MEMBERS, MAX_SPEC, Writers};
use chain_wasm::primitives::Keypair;
use tempfile::TempDir;

use super::*;
use crate::archive::samples;

const KEY: [u64; 2] = [1, 2];

/// A room, its blocks from height 1 on, and where its store is.
struct Bench {
    spec: Spec,
    blocks: Vec<Vec<u8>>,
    folder: TempDir,
    budget: Arc<Budget>,
}

impl Bench {
    fn new(count: u64) -> Self {
        let spec = Spec::open("t").unwrap();
        let blocks = samples::blocks(&spec, count);
        let folder = tempfile::tempdir().unwrap();
        Self { spec, blocks, folder, budget: Arc::new(Budget::new(u64::MAX)) }
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("chain.redb")
    }

    fn open(&self) -> Store {
        Store::open(&self.path(), &self.spec, Arc::clone(&self.budget)).unwrap()
    }

    fn hash(&self, height: usize) -> Hash {
        pack::hash_of(&self.blocks[height - 1]).unwrap()
    }

    fn at(&self, height: usize) -> BlockRef {
        BlockRef { hash: self.hash(height), height: u32::try_from(height).unwrap() }
    }

    fn put(&self, height: usize) -> Change {
        Change::PutBlock { hash: self.hash(height), bytes: self.blocks[height - 1].clone() }
    }

    /// Blocks from height 1 on as one pack.
    fn put_pack(&self, count: usize) -> Change {
        let bytes = pack::join(self.blocks.iter().take(count).map(Vec::as_slice));
        let summary = Summary::of_pack(1, &bytes).unwrap().encode();
        let hashes = (1..=count).map(|height| self.hash(height)).collect();
        Change::PutPack { first: 1, bytes, summary, hashes }
    }

    /// Changes a record behind the store's back.
    fn tamper<K: redb::Key + 'static>(
        &self,
        table: TableDefinition<'static, K, &'static [u8]>,
        key: &K::SelfType<'_>,
        at: usize,
    ) {
        let database = open(&self.path(), &self.budget).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(table).unwrap();
            let mut bytes = table.remove(key).unwrap().unwrap().value().to_vec();
            bytes[at] ^= 1;
            table.insert(key, bytes.as_slice()).unwrap();
        }
        transaction.commit().unwrap();
    }
}

/// The height to which what a store has leads.
fn height(found: Found) -> u32 {
    let packed = found.restored.packed.unwrap().chain().height();
    packed + u32::try_from(found.restored.blocks.len()).unwrap()
}

#[test]
fn what_was_stored_is_there_when_it_is_opened_again() {
    let bench = Bench::new(4);
    let mut store = bench.open();
    let changes: Vec<_> = (1..=4).map(|height| bench.put(height)).collect();
    store.apply(&changes).unwrap();
    store.apply(&[bench.put_pack(3)]).unwrap();
    drop(store);
    let mut store = bench.open();
    let wanted = [bench.at(4), bench.at(2), BlockRef { hash: Hash::ZERO, height: 2 }];
    let blocks = store.blocks(&wanted).unwrap();
    assert_eq!(blocks, [Some(bench.blocks[3].clone()), Some(bench.blocks[1].clone()), None]);
    let found = store.restore(&bench.spec, KEY).unwrap();
    assert_eq!(found.damage, []);
    assert_eq!(found.restored.blocks, [bench.blocks[3].clone()]);
    assert_eq!(height(found), 4);
    store.apply(&[Change::Unpack { first: 1 }]).unwrap();
    let found = store.restore(&bench.spec, KEY).unwrap();
    assert_eq!((found.restored.blocks.len(), height(found)), (4, 4));
}

#[test]
fn a_batch_is_all_or_nothing() {
    let bench = Bench::new(1);
    let mut store = bench.open();
    let wallet = Change::PutWallet { seed: Keypair::from_seed([1; 32]).seed(), former: Vec::new() };
    assert!(matches!(store.apply(&[bench.put(1), wallet]), Err(StoreError::Wallet)));
    assert_eq!(store.blocks(&[bench.at(1)]).unwrap(), [None]);
    store.apply(&[bench.put(1)]).unwrap();
    assert!(store.blocks(&[bench.at(1)]).unwrap()[0].is_some());
}

#[test]
fn a_block_that_is_damaged_in_its_pack_is_found_and_the_others_are_kept() {
    let bench = Bench::new(3);
    bench.open().apply(&[bench.put_pack(3)]).unwrap();
    let second = bench.blocks[0].len() + bench.blocks[1].len() - 10;
    bench.tamper(PACKS, &1, second);
    let mut store = bench.open();
    let found = store.restore(&bench.spec, KEY).unwrap();
    assert!(matches!(found.damage[..], [Damage::Pack(1, _), Damage::Block(_)]), "{found:?}");
    assert_eq!(found.restored.packed.unwrap().chain().height(), 0);
    assert!(found.restored.blocks.contains(&bench.blocks[0]));
    assert!(found.restored.blocks.contains(&bench.blocks[2]));
}

#[test]
fn a_damaged_summary_is_made_again() {
    let bench = Bench::new(3);
    bench.open().apply(&[bench.put_pack(3)]).unwrap();
    bench.tamper(SUMMARIES, &1, 50);
    let found = bench.open().restore(&bench.spec, KEY).unwrap();
    assert_eq!(found.damage, [Damage::Summary(1)]);
    assert_eq!(height(found), 3);
    assert_eq!(bench.open().restore(&bench.spec, KEY).unwrap().damage, []);
}

#[test]
fn a_damaged_record_of_a_block_or_transaction_is_found() {
    let bench = Bench::new(2);
    let id = Hash::of(b"no transaction");
    let nonsense = Change::PutTransaction { id, bytes: b"nonsense".to_vec() };
    bench.open().apply(&[bench.put(1), bench.put(2), nonsense]).unwrap();
    let (inside, head) = (bench.blocks[0].len() - 10, 0);
    bench.tamper(BLOCKS, bench.hash(1).as_bytes(), inside);
    bench.tamper(BLOCKS, bench.hash(2).as_bytes(), head);
    let found = bench.open().restore(&bench.spec, KEY).unwrap();
    let mut damage =
        [Damage::Block(bench.hash(1)), Damage::Block(bench.hash(2)), Damage::Transaction(id)];
    damage[..2].sort_by_key(ToString::to_string);
    assert_eq!(found.damage, damage);
    // What can be read of the first may hold whole entries.
    assert_eq!(found.restored.blocks.len(), 1);
}

#[test]
fn a_full_archive_takes_nothing_more_and_is_read_as_before() {
    let mut bench = Bench::new(2);
    bench.budget = Arc::new(Budget::new(4 * 1024 * 1024));
    let mut store = bench.open();
    store.apply(&[bench.put(1)]).unwrap();
    let mut n = 0_u32;
    let full = loop {
        let id = Hash::of(&n.to_be_bytes());
        n += 1;
        match store.apply(&[Change::PutTransaction { id, bytes: vec![7; 32 * 1024] }]) {
            Ok(()) => assert!(n < 200, "it grows for ever"),
            Err(error) => break error,
        }
    };
    assert!(matches!(full, StoreError::Full(_)), "{full:?}");
    assert_eq!(full.reason(), StorageReason::Full);
    assert!(n > 20, "full after {n}");
    assert!(bench.budget.used() <= bench.budget.most());
    assert!(store.blocks(&[bench.at(1)]).unwrap()[0].is_some());
    drop(store);
    assert!(bench.open().blocks(&[bench.at(1)]).unwrap()[0].is_some());
}

#[test]
fn a_store_is_one_rooms_and_one_process_has_it() {
    let bench = Bench::new(0);
    let store = bench.open();
    let again = Store::open(&bench.path(), &bench.spec, Arc::clone(&bench.budget));
    assert!(matches!(again, Err(StoreError::InUse)), "{again:?}");
    drop(store);
    let other = Spec::open("u").unwrap();
    let other = Store::open(&bench.path(), &other, Arc::clone(&bench.budget));
    assert!(matches!(other, Err(StoreError::OtherRoom)), "{other:?}");
    let (_, spec) = Store::open_known(&bench.path(), Arc::clone(&bench.budget)).unwrap();
    assert_eq!(spec, bench.spec);
}

#[test]
fn the_longest_spec_is_kept() {
    let members = (0..u8::try_from(MAX_MEMBERS).unwrap())
        .map(|n| chain_wasm::primitives::PublicKey::from_bytes([n; 32]))
        .collect();
    let consensus = Consensus::Authority { members, patience: 1, writers: Writers::Anyone };
    let spec = Spec::new(&"x".repeat(64), consensus, u32::MAX).unwrap();
    assert!(codec::encode(&spec).len() <= MAX_SPEC);
    let bench = Bench { spec, ..Bench::new(0) };
    drop(bench.open());
    bench.open();
}

#[test]
fn relays_are_noted_down() {
    let bench = Bench::new(0);
    let relays = ["ws://a.example/ws".to_owned(), "wss://b.example/ws".to_owned()];
    assert_eq!(bench.open().relays().unwrap(), Vec::<String>::new());
    bench.open().put_relays(&relays).unwrap();
    assert_eq!(bench.open().relays().unwrap(), relays);
}
