//! Another key in the wallet's place: nothing that was accepted is lost by it.

use super::{Bench, EPOCH, peer};
use crate::api::{ApiError, EntryState, MiningMode, Outcome, StorageReason};
use crate::chain::spec::{Consensus, Spec};
use crate::node::limits::MAX_FORMER_KEYS;
use crate::node::{Change, Config, Input, Node, NodeCommand, Now, Output, Restored, StorageMode};
use crate::primitives::{Difficulty, Instant, Keypair, PublicKey, Seed, UnixMillis};
use crate::wire::Message;

fn public(n: u8) -> PublicKey {
    Keypair::from_seed([n; 32]).public()
}

impl Bench {
    fn command(&mut self, command: NodeCommand) {
        self.input(Input::Command { request: 9, command });
    }

    fn import(&mut self, n: u8) {
        self.command(NodeCommand::ImportKey { seed: Seed([n; 32]) });
    }

    fn answers(&mut self) -> Vec<Result<Outcome, ApiError>> {
        self.taken(|output| match output {
            Output::Reply { request: 9, outcome } => Some(outcome),
            _ => None,
        })
    }

    /// The stores that have not been answered.
    fn stores_asked(&mut self) -> Vec<(u64, Vec<Change>)> {
        self.taken(|output| match output {
            Output::Store { store, changes } => Some((store, changes)),
            _ => None,
        })
    }
}

fn bench() -> Bench {
    let mut bench = Bench::new(Spec::open("wallet").unwrap());
    bench.command(NodeCommand::SetMining { mode: MiningMode::Never });
    bench.taken(Some);
    bench
}

#[test]
fn the_wallet_changes_once_it_is_stored() {
    let mut bench = bench();
    bench.stores = false;
    bench.import(2);
    assert_eq!(bench.node.wallet().public(), public(1));
    let stores = bench.stores_asked();
    let [(store, changes)] = stores.as_slice() else { panic!("{stores:?}") };
    let put = Change::PutWallet { seed: Seed([2; 32]), former: vec![public(1)] };
    assert_eq!(changes.as_slice(), [put]);
    bench.import(3);
    assert_eq!(bench.answers(), [Err(ApiError::Busy)]);
    bench.input(Input::Stored { store: *store });
    let answers = bench.answers();
    let [Ok(Outcome::Node(view))] = answers.as_slice() else { panic!("{answers:?}") };
    assert_eq!(view.wallet.author, public(2));
    assert_eq!(bench.node.wallet().public(), public(2));
}

#[test]
fn a_wallet_that_is_not_stored_is_not_taken() {
    let mut bench = bench();
    bench.stores = false;
    bench.import(2);
    let store = bench.stores_asked()[0].0;
    bench.input(Input::StorageFailed { store, reason: StorageReason::Full });
    assert_eq!(bench.answers(), [Err(ApiError::StorageFailed(StorageReason::Full))]);
    assert_eq!(bench.node.wallet().public(), public(1));
    bench.add("by the first key");
    let changes = bench.stores_asked().into_iter().flat_map(|(_, changes)| changes);
    assert!(changes.into_iter().all(|change| !matches!(change, Change::PutWallet { .. })));
}

#[test]
fn what_the_key_before_signed_waits_on_and_is_announced_on() {
    let mut bench = bench();
    bench.add("by the first key");
    bench.stores = false;
    bench.add("on its way to the store");
    bench.import(2);
    for (store, _) in bench.stores_asked() {
        bench.input(Input::Stored { store });
    }
    bench.stores = true;
    bench.add("by the second key");
    let pending = bench.node.view().pending;
    assert_eq!(pending.count, 3);
    assert!(pending.entries.iter().all(|entry| entry.mine));
    let authors: Vec<PublicKey> = pending.entries.iter().map(|entry| entry.author).collect();
    assert_eq!(authors, [public(1), public(1), public(2)]);
    // Whoever comes is told of all three.
    bench.input(Input::LinkDown);
    bench.taken(Some);
    bench.input(Input::LinkUp { peers: Vec::new(), relay_time: UnixMillis(EPOCH) });
    bench.join(peer(1));
    bench.run(1_000);
    let sent = bench.taken(|output| match output {
        Output::Broadcast(bytes) => Message::decode(&bytes).ok(),
        _ => None,
    });
    let announced = sent.iter().map(|message| match message {
        Message::Transactions { transactions } => transactions.len(),
        _ => 0,
    });
    assert_eq!(announced.sum::<usize>(), 3);
    let states = bench.node.view().pending.entries.into_iter().map(|entry| entry.state);
    assert!(states.into_iter().all(|state| state == EntryState::Announced));
}

#[test]
fn entries_of_a_former_key_are_own_ones_after_a_restart() {
    let mut bench = bench();
    bench.add("by the first key");
    bench.import(2);
    let stored = bench.taken(|output| match output {
        Output::Store { changes, .. } => Some(changes),
        _ => None,
    });
    let (mut transactions, mut keys) = (Vec::new(), None);
    for change in stored.into_iter().flatten() {
        match change {
            Change::PutTransaction { bytes, .. } => transactions.push(bytes),
            Change::PutWallet { seed, former } => keys = Some((seed, former)),
            Change::DeleteTransaction { .. } => panic!("an entry is dropped"),
            _ => {}
        }
    }
    let (seed, former) = keys.expect("a wallet");
    let config = Config {
        spec: Spec::open("wallet").unwrap(),
        secret: None,
        wallet: Keypair::from_seed(seed.0),
        peer: peer(0),
        seed: [7; 32],
        storage: StorageMode::Durable,
    };
    let now = Now { mono: Instant(0), wall: UnixMillis(EPOCH) };
    let restored = Restored { transactions, former, ..Restored::default() };
    let view = Node::new(config, restored, now).view();
    // It is sealed at once, as an own one, not after a wait, as others' are.
    let [block, _] = view.blocks.as_slice() else { panic!("{view:?}") };
    assert_eq!(block.miner, Some(public(2)));
    assert_eq!((block.entries[0].author, block.entries[0].mine), (public(1), true));
}

#[test]
fn what_the_imported_key_signed_elsewhere_becomes_this_tabs_to_keep() {
    let mut other = bench();
    other.import(2);
    other.add("by the second key, elsewhere");
    let transaction = other.node.chain().mempool().iter().next().unwrap().transaction.encode();
    let mut bench = bench();
    bench.join(peer(1));
    let transactions = vec![transaction.into()];
    bench.frame(peer(1), &Message::Transactions { transactions });
    assert!(!bench.node.view().pending.entries[0].mine);
    bench.taken(Some);
    bench.import(2);
    let changes = bench.stores_asked().into_iter().flat_map(|(_, changes)| changes);
    let mut changes = changes.into_iter();
    assert!(changes.any(|change| matches!(change, Change::PutTransaction { .. })));
    assert!(bench.node.view().pending.entries[0].mine);
}

#[test]
fn the_next_block_pays_the_new_wallet() {
    let floor = Difficulty::from_hashes(1);
    let spec = Spec::new("wallet", Consensus::Work { floor, target: 1_000 }, 50).unwrap();
    let mut bench = Bench::new(spec);
    bench.add("by the first key");
    bench.import(2);
    bench.run(1_000);
    let jobs = bench.taken(|output| match output {
        Output::Seal(job) => Some(job),
        _ => None,
    });
    let job = jobs.last().expect("a job");
    let nonce = crate::chain::seal::search(&job.header, job.difficulty, 0, 1 << 32).unwrap();
    bench.input(Input::Sealed { job: job.job, nonce });
    assert_eq!(bench.node.view().wallet.balance, 50);
    assert_eq!(bench.node.chain().ledger().balance(&public(1)), 0);
}

#[test]
fn a_key_that_comes_back_is_no_former_one_and_there_are_only_so_many() {
    let mut bench = bench();
    bench.import(1);
    assert!(matches!(bench.answers().as_slice(), [Ok(Outcome::Node(_))]));
    assert!(bench.stores_asked().is_empty());
    bench.import(2);
    bench.import(1);
    assert_eq!(bench.node.former, [public(2)]);
    let last = u8::try_from(MAX_FORMER_KEYS).unwrap() + 1;
    for n in 2..=last {
        bench.import(n);
    }
    assert_eq!(bench.node.former.len(), MAX_FORMER_KEYS);
    bench.taken(Some);
    bench.import(last + 1);
    assert_eq!(bench.answers(), [Err(ApiError::TooManyKeys)]);
    assert_eq!(bench.node.wallet().public(), public(last));
    // One of those before may always come back.
    bench.import(1);
    assert_eq!(bench.node.wallet().public(), public(1));
}
