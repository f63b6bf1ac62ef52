//! When a node seals, by what its user chose.

use super::{Bench, peer};
use crate::api::{EntryState, Event, MiningMode, SealingView};
use crate::chain::spec::{Consensus, Spec};
use crate::chain::transaction::{Body, Content, Transaction};
use crate::node::limits::{EMPTY_INTERVAL, JOIN_DELAY};
use crate::node::{Input, NodeCommand, Output, SealJob};
use crate::primitives::{Difficulty, Keypair, UnixMillis};
use crate::wire::Message;

fn work_room() -> Spec {
    let floor = Difficulty::from_hashes(4);
    Spec::new("mining", Consensus::Work { floor, target: 1_000 }, 50).unwrap()
}

impl Bench {
    fn mine(&mut self, mode: MiningMode) {
        self.input(Input::Command { request: 1, command: NodeCommand::SetMining { mode } });
    }

    /// The last job that was begun, unless it was ended.
    fn job(&mut self) -> Option<SealJob> {
        let last = |output| match output {
            Output::Seal(job) => Some(Some(job)),
            Output::StopSealing => Some(None),
            _ => None,
        };
        self.taken(last).pop().flatten()
    }

    /// Finds the job's nonce; gives how many entries its block has.
    fn seal(&mut self, job: &SealJob) -> usize {
        let nonce = crate::chain::seal::search(&job.header, job.difficulty, 0, 1 << 32).unwrap();
        let height = self.node.chain.height();
        self.input(Input::Sealed { job: job.job, nonce });
        assert_eq!(self.node.chain.height(), height + 1);
        let hash = self.node.chain.hash_at(height + 1).unwrap();
        self.node.chain.body(&hash).unwrap().block.entries().count()
    }

    fn foreign_entry(&mut self) {
        let author = Keypair::from_seed([9; 32]);
        let content = Content {
            chain: self.node.chain.id(),
            author: author.public(),
            timestamp: UnixMillis(super::EPOCH),
            salt: [3; 16],
            body: Body::Data { media_type: "text/plain".to_owned(), bytes: vec![1] },
        };
        let transactions = vec![Transaction::sign(content, &author).encode().into()];
        self.frame(peer(1), &Message::Transactions { transactions });
        assert_eq!(self.node.chain.mempool().len(), 1);
    }
}

#[test]
fn on_demand_nothing_is_sealed_while_nothing_waits() {
    let mut bench = Bench::new(work_room());
    bench.run(60_000);
    assert_eq!(bench.job(), None);
    bench.add("mine");
    let job = bench.job().expect("its own entry is sealed at once");
    assert_eq!(bench.seal(&job), 1);
    bench.run(60_000);
    assert_eq!(bench.job(), None);
}

#[test]
fn never_seals_neither_own_nor_foreign_entries_and_still_announces_them() {
    let mut bench = Bench::new(work_room());
    bench.mine(MiningMode::Never);
    bench.join(peer(1));
    bench.add("others seal this");
    let outputs = std::mem::take(&mut bench.outputs);
    assert!(outputs.iter().any(|output| matches!(output, Output::Broadcast(_))));
    bench.run(600_000);
    assert_eq!(bench.job(), None);
    let view = bench.node.view();
    assert_eq!(view.sealing, SealingView { active: false, mode: MiningMode::Never });
    assert_eq!(view.pending.entries[0].state, EntryState::Announced);

    // Another choice, and what waits is sealed.
    bench.mine(MiningMode::OnDemand);
    let job = bench.job().expect("a job");
    assert_eq!(bench.seal(&job), 1);
}

#[test]
fn never_ends_the_job_at_hand() {
    let mut bench = Bench::new(work_room());
    bench.add("mine");
    let job = bench.job().expect("a job");
    bench.mine(MiningMode::Never);
    let outputs = std::mem::take(&mut bench.outputs);
    assert!(outputs.contains(&Output::StopSealing));
    // A nonce that comes too late is not used.
    bench.input(Input::Sealed { job: job.job, nonce: 0 });
    assert_eq!(bench.node.chain.height(), 0);
}

#[test]
fn never_holds_in_an_open_room_too() {
    let mut bench = Bench::new(Spec::open("mining").unwrap());
    bench.mine(MiningMode::Never);
    bench.add("others seal this");
    bench.run(60_000);
    assert_eq!(bench.node.chain.height(), 0);
    bench.mine(MiningMode::OnDemand);
    assert_eq!(bench.node.chain.height(), 1);
}

#[test]
fn always_seals_blocks_without_entries_with_a_pause_between_them() {
    let mut bench = Bench::new(work_room());
    bench.mine(MiningMode::Always);
    for _ in 0..5 {
        let job = bench.job().expect("a job");
        assert_eq!(bench.seal(&job), 0);
        assert_eq!(bench.job(), None);
        assert!(bench.node.view().sealing.active, "the pause is no end");
        bench.run(EMPTY_INTERVAL);
    }
    assert!(bench.job().is_some());
    bench.mine(MiningMode::OnDemand);
    let outputs = std::mem::take(&mut bench.outputs);
    assert!(outputs.contains(&Output::StopSealing));
    bench.run(60_000);
    assert_eq!(bench.job(), None);
    assert_eq!(bench.node.chain.height(), 5);
    assert!(!bench.node.view().sealing.active);
}

#[test]
fn always_seals_an_entry_without_waiting_whoever_wrote_it() {
    let mut on_demand = Bench::new(work_room());
    on_demand.join(peer(1));
    on_demand.foreign_entry();
    on_demand.run(JOIN_DELAY - 1);
    assert_eq!(on_demand.job(), None);

    let mut always = Bench::new(work_room());
    always.join(peer(1));
    always.mine(MiningMode::Always);
    let job = always.job().expect("a job without entries");
    always.foreign_entry();
    // A job is made anew for entries that come while it runs, not at each.
    always.run(super::super::limits::JOB_REFRESH);
    let renewed = always.job().expect("a job with the entry");
    assert_ne!(job.job, renewed.job);
    assert_eq!(always.seal(&renewed), 1);
}

#[test]
fn always_is_on_demand_in_an_open_room() {
    let mut bench = Bench::new(Spec::open("mining").unwrap());
    bench.mine(MiningMode::Always);
    bench.run(60_000);
    assert_eq!(bench.node.chain.height(), 0);
    bench.add("mine");
    assert_eq!(bench.node.chain.height(), 1);
    bench.run(60_000);
    assert_eq!(bench.node.chain.height(), 1);
}

#[test]
fn the_page_is_told_of_the_choice() {
    let mut bench = Bench::new(work_room());
    bench.mine(MiningMode::Always);
    bench.run(1_000);
    let told = bench.taken(|output| match output {
        Output::Event(Event::Sealing(view)) => Some(view),
        _ => None,
    });
    assert_eq!(told.last(), Some(&SealingView { active: true, mode: MiningMode::Always }));
}
