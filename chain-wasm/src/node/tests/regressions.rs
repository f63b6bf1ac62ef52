//! One test for each mistake that was found, by what the node must do instead.

use super::{Bench, EPOCH, peer};
use crate::api::StorageReason;
use crate::chain::Chain;
use crate::chain::spec::{Consensus, Spec};
use crate::chain::transaction::{Body, Content, Transaction};
use crate::chain::verify::MAX_AHEAD;
use crate::node::{Change, Input, NodeCommand, Output};
use crate::primitives::{Difficulty, Hash, Keypair, UnixMillis};
use crate::wire::{Message, Status};

#[test]
fn regression_a_block_that_cannot_be_read_does_not_stop_the_chain() {
    let mut bench = Bench::new(Spec::open("unreadable").unwrap());
    for n in 0..5 {
        bench.add(&format!("entry {n}"));
        bench.run(200);
    }
    assert_eq!(bench.node.chain.height(), 5);
    let hash = bench.node.chain.hash_at(2).unwrap();
    assert!(!bench.node.chain.body_loaded(&hash, None));
    bench.add("after");
    bench.run(200);
    assert_eq!(bench.node.chain.height(), 6);
    bench.run(300_000);
    assert_eq!(bench.node.chain.height(), 6);
}

#[test]
fn regression_nothing_is_sealed_that_comes_too_early() {
    let spec = Consensus::Work { floor: Difficulty::from_hashes(1), target: 1_000 };
    let mut bench = Bench::new(Spec::new("early", spec, 50).unwrap());
    bench.input(Input::LinkDown);
    // The clock is an hour fast, and then put right.
    bench.skew = 3_600_000;
    for n in 0..12 {
        bench.add(&format!("entry {n}"));
        for job in
            bench.taken(|output| if let Output::Seal(job) = output { Some(job) } else { None })
        {
            let nonce = (0..u32::MAX).find(|nonce: &u32| {
                let mut header = job.header;
                header[113..].copy_from_slice(&nonce.to_be_bytes());
                job.difficulty.is_met_by(&crate::primitives::Hash::of(&header))
            });
            bench.input(Input::Sealed { job: job.job, nonce: nonce.unwrap() });
        }
        bench.run(1_000);
    }
    assert_eq!(bench.node.chain.height(), 12);
    bench.skew = 0;
    bench.taken(Some);
    bench.add("from now");
    bench.run(60_000);
    let seals = |output| matches!(output, Output::Seal(_)).then_some(());
    assert_eq!(bench.taken(seals), []);
    bench.run(3_600_000 - MAX_AHEAD);
    assert!(!bench.taken(seals).is_empty());
}

#[test]
fn regression_a_block_whose_batch_failed_is_not_lost() {
    let mut bench = Bench::new(Spec::open("failed").unwrap());
    bench.stores = false;
    bench.input(Input::LinkDown);
    bench.join(peer(1));
    let waiting = entry(&bench, 1);
    bench.node.chain.insert_transaction(waiting).unwrap();
    bench.run(5_000);
    assert_eq!(bench.node.chain.height(), 1);
    let tip = bench.node.chain.tip();
    bench.node.chain.forget_bodies();
    // The page asks for it; the batch fails before it is read.
    let command = NodeCommand::GetBlocks { from: None, count: 1 };
    bench.taken(Some);
    bench.input(Input::Command { request: 1, command });
    let loads = bench.taken(|output| match output {
        Output::Load { load, .. } => Some(load),
        _ => None,
    });
    bench.input(Input::StorageFailed { store: 0, reason: StorageReason::Full });
    bench.input(Input::Loaded { load: loads[0], blocks: vec![None] });
    assert!(bench.node.chain.tree().has_body(&tip));
}

#[test]
fn regression_progress_goes_on_when_the_branch_that_is_fetched_grows() {
    let chain = chain_of(10);
    let mut bench = Bench::new(Spec::open("growing").unwrap());
    let headers = |from: u32, to: u32| {
        let headers = (from..=to).map(|height| chain.hash_at(height).unwrap());
        headers.map(|hash| chain.tree().header(&hash).unwrap())
    };
    bench.join(peer(1));
    for header in headers(1, 4) {
        bench.node.chain.insert_header(&header, UnixMillis(u64::MAX)).unwrap();
    }
    bench.input(Input::Wakeup);
    assert_eq!(bench.node.sync.wanted(), (4, 4));
    let block = chain.body(&chain.hash_at(1).unwrap()).unwrap().bytes.clone();
    bench.frame(peer(1), &Message::Block { block });
    assert_eq!(bench.node.sync.wanted(), (3, 4));
    for header in headers(5, 10) {
        bench.node.chain.insert_header(&header, UnixMillis(u64::MAX)).unwrap();
    }
    bench.input(Input::Wakeup);
    assert_eq!(bench.node.sync.wanted(), (9, 10));
}

#[test]
fn regression_many_own_entries_are_announced_together_and_not_in_a_flood() {
    let spec = Consensus::Work { floor: Difficulty::from_hashes(1 << 20), target: 1_000 };
    let mut bench = Bench::new(Spec::new("flood", spec, 0).unwrap());
    bench.input(Input::LinkDown);
    for n in 0..900 {
        bench.add(&format!("entry {n}"));
    }
    bench.taken(Some);
    let peers = vec![(peer(1), Status::new(peer(1), bench.node.chain.id(), 0, 0).encode())];
    bench.input(Input::LinkUp { peers, relay_time: UnixMillis(EPOCH) });
    let broadcast = |output| match output {
        Output::Broadcast(bytes) => match Message::decode(&bytes).unwrap() {
            Message::Transactions { transactions } => Some(transactions.len()),
            _ => None,
        },
        _ => None,
    };
    assert_eq!(bench.taken(broadcast), [256]);
    bench.run(2_000);
    assert_eq!(bench.taken(broadcast), [256, 256, 132]);
    assert!(bench.run(60_000) < 200, "timers fire when there is something to do");
}

fn chain_of(blocks: u32) -> Chain {
    let mut bench = Bench::new(Spec::open("growing").unwrap());
    for n in 0..blocks {
        bench.add(&format!("entry {n}"));
        bench.run(200);
    }
    assert_eq!(bench.node.chain.height(), blocks);
    bench.node.chain.clone()
}

fn entry(bench: &Bench, n: u32) -> Transaction {
    let author = Keypair::from_seed([9; 32]);
    let mut salt = [0; 16];
    salt[..4].copy_from_slice(&n.to_be_bytes());
    let body = Body::Data { media_type: "text/plain".to_owned(), bytes: vec![1] };
    let chain = bench.node.chain.id();
    let timestamp = UnixMillis(EPOCH);
    let content = Content { chain, author: author.public(), timestamp, salt, body };
    Transaction::sign(content, &author)
}

#[test]
fn regression_entries_that_find_no_room_are_not_asked_for_over_and_over() {
    let spec = Consensus::Work { floor: Difficulty::from_hashes(1 << 20), target: 1_000 };
    let mut bench = Bench::new(Spec::new("no room", spec, 0).unwrap());
    let mut status = Status::new(peer(1), bench.node.chain.id(), 0, 0);
    status.mempool_count = 1_001;
    status.mempool_digest = [1; 16];
    bench.input(Input::PeerJoined { peer: peer(1), status: status.encode() });
    let entries: Vec<Transaction> = (0..1_001).map(|n| entry(&bench, n)).collect();
    for some in entries[..1_000].chunks(200) {
        let transactions = some.iter().map(|entry| entry.encode().into()).collect();
        bench.frame(peer(1), &Message::Transactions { transactions });
    }
    assert_eq!(bench.node.chain.mempool().len(), 1_000, "the most of one author");
    let mut asked = 0;
    for _ in 0..120 {
        bench.run(500);
        for question in bench.taken(|output| match output {
            Output::Send { bytes, .. } => Some(Message::decode(&bytes).unwrap()),
            _ => None,
        }) {
            match question {
                Message::GetMempool { request } => {
                    let ids = entries.iter().map(Transaction::id).collect();
                    bench.frame(peer(1), &Message::Mempool { request, ids });
                }
                Message::GetTransactions { request, ids } => {
                    asked += 1;
                    let given = entries.iter().filter(|entry| ids.contains(&entry.id()));
                    let transactions = given.map(|entry| entry.encode().into()).collect();
                    bench.frame(peer(1), &Message::SentTransactions { request, transactions });
                }
                _ => {}
            }
        }
    }
    assert_eq!(asked, 1, "nothing has changed since");
}

#[test]
fn regression_entries_that_a_branch_returns_are_stored_before_its_blocks() {
    let mut bench = Bench::new(Spec::open("order").unwrap());
    bench.taken(Some);
    let hash = Hash::of(b"a block");
    bench.node.storing.push(Change::PutBlock { hash, bytes: vec![1] });
    bench.node.storing.push(Change::PutTransaction { id: hash, bytes: vec![2] });
    bench.input(Input::Wakeup);
    let stored = bench.taken(|output| match output {
        Output::Store { changes, .. } => Some(changes),
        _ => None,
    });
    let changes = stored.concat();
    let [Change::PutTransaction { .. }, Change::PutBlock { .. }] = changes.as_slice() else {
        panic!("{changes:?}")
    };
}
