//! Experiments: what is refused where, what each change of a block breaks, and how far a
//! secret branch goes.

use super::{Bench, peer};
use crate::api::{
    ApiError, Event, LabCommand, LabPace, LabRule, LabView, MAX_LAB_ANSWERS, MAX_SECRET_BLOCKS,
    MAX_SECRET_DEPTH, Outcome, PeerFault, Repair, TamperField, TamperView, Tampering,
};
use crate::chain::seal::search;
use crate::chain::spec::{Consensus, Purpose, Spec, Terms};
use crate::node::limits::SLOW_INTERVAL;
use crate::node::{Change, Input, NodeCommand, Output, SealJob};
use crate::primitives::{Difficulty, Hash, UnixMillis};
use crate::wire::{MAX_VERDICT, Message, Status};

fn records_room() -> Spec {
    let floor = Difficulty::from_hashes(4);
    Spec::new("lab", Consensus::Work { floor, target: 1_000 }, 50).unwrap()
}

fn lab_room() -> Spec {
    records_room().with_terms(Terms { purpose: Purpose::Lab, ..Terms::default() })
}

fn change(field: TamperField, value: &str) -> Tampering {
    Tampering { field, entry: 0, value: value.to_owned() }
}

impl Bench {
    fn ask(&mut self, command: LabCommand) -> Result<Outcome, ApiError> {
        let command = NodeCommand::Lab(command);
        self.input(Input::Command { request: 7, command });
        self.lab_answer()
    }

    fn lab_answer(&mut self) -> Result<Outcome, ApiError> {
        let outputs = &mut self.outputs;
        let at =
            outputs.iter().position(|output| matches!(output, Output::Reply { request: 7, .. }));
        match outputs.remove(at.expect("an answer")) {
            Output::Reply { outcome, .. } => outcome,
            other => panic!("{other:?}"),
        }
    }

    fn look(&mut self, command: LabCommand) -> LabView {
        match self.ask(command) {
            Ok(Outcome::Lab(view)) => *view,
            other => panic!("{other:?}"),
        }
    }

    fn tampered(&mut self, command: LabCommand) -> TamperView {
        match self.ask(command) {
            Ok(Outcome::Tampered(view)) => *view,
            other => panic!("{other:?}"),
        }
    }

    fn next_job(&mut self) -> Option<SealJob> {
        let last = |output: &Output| match output {
            Output::Seal(job) => Some(Some(job.clone())),
            Output::StopSealing => Some(None),
            _ => None,
        };
        self.outputs.iter().filter_map(last).next_back().flatten()
    }

    fn find_nonce(&mut self) {
        let job = self.next_job().expect("a job");
        let nonce = search(&job.header, job.difficulty, 0, 1 << 32).unwrap();
        self.outputs.clear();
        self.input(Input::Sealed { job: job.job, nonce });
    }

    /// A chain of blocks with an entry each.
    fn grow(&mut self, blocks: u32) {
        for n in 0..blocks {
            self.now += 1_000;
            self.add(&format!("entry {n}"));
            self.find_nonce();
        }
        self.outputs.clear();
    }

    fn block(&self, height: u32) -> Hash {
        self.node.chain.hash_at(height).unwrap()
    }

    /// A peer at this node's own tip.
    fn join_here(&mut self, n: u32) {
        let rank = self.node.chain.tip_rank();
        let status = Status::new(peer(n), rank.hash.0, self.node.chain.height(), rank.work);
        self.input(Input::PeerJoined { peer: peer(n), status: status.encode() });
    }
}

fn commands(block: Hash) -> Vec<LabCommand> {
    vec![
        LabCommand::Look,
        LabCommand::Tamper { block, change: change(TamperField::Nonce, "") },
        LabCommand::Repair(Repair::MerkleRoot),
        LabCommand::Repair(Repair::Work),
        LabCommand::SendTampered,
        LabCommand::Overwrite,
        LabCommand::BeginSecret { back: 0 },
        LabCommand::Release,
        LabCommand::DropSecret,
        LabCommand::SetPace(LabPace::Fast),
        LabCommand::Reset,
    ]
}

#[test]
fn in_a_room_for_records_every_experiment_is_refused_and_nothing_is_done() {
    let mut bench = Bench::new(records_room());
    bench.grow(2);
    bench.join_here(1);
    bench.outputs.clear();
    let before = bench.node.view();
    for command in commands(bench.block(1)) {
        assert_eq!(bench.ask(command.clone()), Err(ApiError::NotLab), "{command:?}");
    }
    assert!(bench.outputs.is_empty(), "{:?}", bench.outputs);
    assert_eq!(bench.node.view(), before);
    // Nor is there a word for them: whoever uses it is ignored, as before there was one.
    let verdict = Message::Verdict { block: Hash::ZERO, verdict: "work".to_owned() };
    for (n, message) in [(1, verdict), (2, Message::LabReset)] {
        bench.join_here(n);
        bench.frame(peer(n), &message);
        assert_eq!(bench.node.peers.fault(&peer(n)), Some(PeerFault::UnreadableMessage));
        // And does not come back by it.
        bench.frame(peer(n), &Message::LabReset);
        assert_eq!(bench.node.peers.fault(&peer(n)), Some(PeerFault::UnreadableMessage));
    }
}

#[test]
fn each_field_breaks_the_check_that_it_is_under_and_the_chain_stays() {
    use TamperField as F;
    let cases: [(F, &str, &str, &[LabRule]); 14] = [
        (F::EntryText, "", "merkle-root", &[LabRule::MerkleRoot, LabRule::Signatures]),
        (F::EntryAuthor, "", "merkle-root", &[LabRule::MerkleRoot, LabRule::Signatures]),
        (F::EntrySignature, "", "merkle-root", &[LabRule::MerkleRoot, LabRule::Signatures]),
        (F::EntryRemoved, "", "merkle-root", &[LabRule::MerkleRoot]),
        (
            F::EntryOrder,
            "",
            "merkle-root",
            &[LabRule::MerkleRoot, LabRule::Reward, LabRule::Signatures],
        ),
        (F::Reward, "", "merkle-root", &[LabRule::MerkleRoot, LabRule::Reward]),
        (F::Version, "", "version", &[LabRule::Version]),
        (F::Height, "", "height", &[LabRule::Height, LabRule::Reward]),
        (F::Previous, "", "previous-hash", &[LabRule::Previous]),
        (F::MerkleRoot, "", "merkle-root", &[LabRule::MerkleRoot]),
        (F::HistoryRoot, "", "history-root", &[LabRule::HistoryRoot]),
        (F::Time, "", "timestamp", &[LabRule::Time, LabRule::Reward]),
        (F::Difficulty, "5000", "difficulty", &[LabRule::Difficulty]),
        (F::Nonce, "", "work", &[]),
    ];
    assert_eq!(cases.map(|case| case.0), F::ALL);
    let mut bench = Bench::new(lab_room());
    bench.grow(4);
    let (block, tip) = (bench.block(2), bench.node.chain.tip());
    for (field, value, verdict, broken) in cases {
        let view = bench.tampered(LabCommand::Tamper { block, change: change(field, value) });
        assert_ne!(view.before, view.after);
        for rule in broken {
            assert!(!view.holds(*rule), "{field:?}: {rule:?} holds");
        }
        // A header that was changed has another hash, which may meet so low a difficulty.
        let in_header = view.hash != view.original;
        let met = view.holds(LabRule::Work);
        assert!(met || in_header);
        assert_eq!(view.holds(LabRule::Next), !in_header);
        let told = view.verdict.as_deref();
        assert!(
            told == Some(verdict) || !met && told == Some("work") || met && verdict == "work",
            "{field:?}: {told:?}"
        );
        let others = view.checks.iter().filter(|check| {
            !broken.contains(&check.rule) && ![LabRule::Work, LabRule::Next].contains(&check.rule)
        });
        for check in others {
            assert!(check.holds, "{field:?}: {check:?}");
        }
    }
    assert_eq!(bench.node.chain.tip(), tip);
    assert_eq!(bench.node.chain.body(&block).unwrap().block.header.hash(), block);
}

#[test]
fn what_a_field_cannot_be_is_refused() {
    use TamperField as F;
    let mut bench = Bench::new(lab_room());
    bench.grow(1);
    let block = bench.block(1);
    for (field, value) in [
        (F::Version, "256"),
        (F::Height, "4294967296"),
        (F::Nonce, "x"),
        (F::Time, "-1"),
        (F::Height, "1"),
        (F::EntryText, "entry 0"),
        (F::EntryText, &"x".repeat(crate::api::MAX_ENTRY + 1)),
    ] {
        let command = LabCommand::Tamper { block, change: change(field, value) };
        assert_eq!(bench.ask(command), Err(ApiError::InvalidTampering), "{field:?}");
    }
    let second = Tampering { field: F::EntryText, entry: 1, value: String::new() };
    let genesis = bench.block(0);
    for (block, change) in
        [(block, second), (genesis, change(F::Nonce, "")), (Hash::ZERO, change(F::Nonce, ""))]
    {
        assert_eq!(bench.ask(LabCommand::Tamper { block, change }), Err(ApiError::NotFound));
    }
    for command in [
        LabCommand::Repair(Repair::MerkleRoot),
        LabCommand::Repair(Repair::Work),
        LabCommand::SendTampered,
        LabCommand::Overwrite,
        LabCommand::Release,
    ] {
        assert_eq!(bench.ask(command), Err(ApiError::NotFound));
    }
}

#[test]
fn repaired_step_by_step_a_block_is_valid_and_the_next_one_does_not_fit_it() {
    let mut bench = Bench::new(lab_room());
    bench.grow(3);
    let block = bench.block(2);
    let removed = change(TamperField::EntryRemoved, "");
    let view = bench.tampered(LabCommand::Tamper { block, change: removed });
    assert_eq!(view.verdict.as_deref(), Some("merkle-root"));
    assert!(view.holds(LabRule::Next), "the header is as it was");
    let view = bench.tampered(LabCommand::Repair(Repair::MerkleRoot));
    assert!(view.holds(LabRule::MerkleRoot) && !view.holds(LabRule::Next));
    bench.input(Input::Command {
        request: 7,
        command: NodeCommand::Lab(LabCommand::Repair(Repair::Work)),
    });
    if bench.next_job().is_some() {
        bench.find_nonce();
    }
    let Ok(Outcome::Tampered(view)) = bench.lab_answer() else { panic!("a changed copy") };
    assert_eq!(view.verdict, None);
    assert!(!view.holds(LabRule::Next));
    // A signature cannot be repaired.
    let text = change(TamperField::EntryText, "another text");
    bench.tampered(LabCommand::Tamper { block, change: text });
    let view = bench.tampered(LabCommand::Repair(Repair::MerkleRoot));
    assert!(view.holds(LabRule::MerkleRoot) && !view.holds(LabRule::Signatures));
}

#[test]
fn a_changed_copy_is_announced_and_each_peer_answers_once() {
    let mut bench = Bench::new(lab_room());
    bench.grow(2);
    let block = bench.block(1);
    bench.tampered(LabCommand::Tamper { block, change: change(TamperField::Version, "") });
    bench.input(Input::LinkDown);
    assert_eq!(bench.ask(LabCommand::SendTampered), Err(ApiError::Offline));
    bench.input(Input::LinkUp { peers: Vec::new(), relay_time: UnixMillis(super::EPOCH) });
    let peers = u32::try_from(MAX_LAB_ANSWERS).unwrap() + 1;
    for n in 1..=peers {
        bench.join_here(n);
    }
    bench.outputs.clear();
    let sent = bench.look(LabCommand::SendTampered).sent.expect("it was sent");
    assert_eq!(sent.peers, peers);
    let blocks = bench.taken(|output| match output {
        Output::Broadcast(bytes) => match Message::decode(&bytes) {
            Ok(Message::Block { block }) => Some(block),
            _ => None,
        },
        _ => None,
    });
    let announced = crate::chain::block::Block::decode(&blocks[0]).unwrap();
    assert_eq!(announced.header.hash(), sent.block);
    let verdict = "x".repeat(MAX_VERDICT);
    for n in (1..=peers).chain(1..=3) {
        bench.frame(peer(n), &Message::Verdict { block: sent.block, verdict: verdict.clone() });
        bench.frame(peer(n), &Message::Verdict { block, verdict: "of another".to_owned() });
    }
    let told = bench.taken(|output| match output {
        Output::Event(Event::Lab(view)) => Some(view),
        _ => None,
    });
    let answers = &told.last().expect("it is told").sent.as_ref().unwrap().answers;
    assert_eq!(answers.len(), MAX_LAB_ANSWERS);
    assert!(answers.iter().all(|answer| answer.verdict == verdict && answer.author.is_some()));
}

#[test]
fn a_secret_branch_is_told_to_nobody_until_it_is_released() {
    let mut bench = Bench::new(lab_room());
    bench.grow(3);
    bench.join_here(1);
    bench.outputs.clear();
    let tip = bench.node.chain.tip();
    let view = bench.look(LabCommand::BeginSecret { back: 2 });
    assert_eq!(view.secret.expect("it began").fork_height, 1);
    assert_eq!(bench.ask(LabCommand::BeginSecret { back: 0 }), Err(ApiError::Busy));
    assert_eq!(bench.ask(LabCommand::Release), Err(ApiError::NotFound));
    for _ in 0..4 {
        bench.find_nonce();
        bench.run(1_000);
    }
    let told = |bench: &Bench| {
        let to_others =
            |output: &&Output| matches!(output, Output::Broadcast(_) | Output::Send { .. });
        bench.outputs.iter().filter(to_others).count()
    };
    assert_eq!(told(&bench), 0);
    assert_eq!(bench.node.chain.tip(), tip);
    let secret = bench.look(LabCommand::Look).secret.expect("it goes on");
    assert_eq!((secret.blocks.len(), secret.chain_blocks, secret.wins), (4, 2, true));
    bench.outputs.clear();
    let released = bench.look(LabCommand::Release).released.expect("it was released");
    assert!(released.won);
    assert_eq!((released.blocks, released.replaced), (4, 2));
    assert!(told(&bench) >= 4);
    assert_eq!(bench.node.chain.height(), 5);
    assert_eq!(bench.node.chain.tip(), *secret.blocks.last().unwrap());
    // The entries of the blocks that it replaced wait again.
    assert_eq!(bench.node.chain.mempool().len(), 2);
}

#[test]
fn a_secret_branch_has_so_many_blocks_and_begins_no_lower_than_it_may() {
    let mut bench = Bench::new(lab_room());
    bench.grow(MAX_SECRET_DEPTH + 2);
    let view = bench.look(LabCommand::BeginSecret { back: u32::MAX });
    assert_eq!(view.secret.expect("it began").fork_height, 2);
    for _ in 0..MAX_SECRET_BLOCKS {
        bench.find_nonce();
        bench.run(1_000);
    }
    bench.run(10_000);
    assert_eq!(bench.next_job(), None);
    let secret = bench.look(LabCommand::Look).secret.expect("it is kept");
    assert!(secret.full);
    assert_eq!(secret.blocks.len(), MAX_SECRET_BLOCKS);
    // The tab goes on as any other.
    bench.add("meanwhile");
    bench.find_nonce();
    assert!(bench.node.chain.mempool().is_empty());
    assert_eq!(bench.look(LabCommand::DropSecret).secret, None);
}

#[test]
fn a_slow_tab_rests_after_each_block_and_a_reset_ends_that() {
    let mut bench = Bench::new(lab_room());
    assert_eq!(bench.look(LabCommand::SetPace(LabPace::Slow)).pace, LabPace::Slow);
    bench.find_nonce();
    bench.add("in a hurry");
    bench.run(SLOW_INTERVAL - 1);
    assert_eq!(bench.next_job(), None);
    bench.run(1);
    bench.find_nonce();
    assert!(bench.node.chain.mempool().is_empty());
    bench.look(LabCommand::SetPace(LabPace::Fast));
    let before = bench.node.chain.height();
    for _ in 0..5 {
        bench.find_nonce();
        bench.run(100);
    }
    assert_eq!(bench.node.chain.height(), before + 5);
    bench.look(LabCommand::BeginSecret { back: 0 });
    assert_eq!(bench.look(LabCommand::Reset), LabView::default());
    bench.run(60_000);
    assert_eq!(bench.next_job(), None);
}

#[test]
fn a_copy_is_written_over_the_record_only_if_somebody_else_has_the_block() {
    let mut bench = Bench::new(lab_room());
    bench.grow(2);
    let block = bench.block(1);
    bench.tampered(LabCommand::Tamper { block, change: change(TamperField::EntryText, "") });
    assert_eq!(bench.ask(LabCommand::Overwrite), Err(ApiError::OnlyCopy));
    bench.join(peer(1));
    assert_eq!(bench.ask(LabCommand::Overwrite), Err(ApiError::OnlyCopy));
    bench.join_here(2);
    bench.outputs.clear();
    assert_eq!(bench.ask(LabCommand::Overwrite), Ok(Outcome::Done));
    let put = bench.taken(|output| match output {
        Output::Store { changes, .. } => changes.into_iter().find_map(|change| match change {
            Change::PutBlock { hash, bytes } if hash == block => Some(bytes),
            _ => None,
        }),
        _ => None,
    });
    assert_ne!(put, vec![bench.node.chain.body(&block).unwrap().bytes.clone()]);
}

#[test]
fn without_work_there_is_nothing_to_mine() {
    let spec =
        Spec::open("lab").unwrap().with_terms(Terms { purpose: Purpose::Lab, ..Terms::default() });
    let mut bench = Bench::new(spec);
    bench.add("sealed at once");
    for command in [LabCommand::BeginSecret { back: 0 }, LabCommand::SetPace(LabPace::Slow)] {
        assert_eq!(bench.ask(command), Err(ApiError::NeedsWork));
    }
    let block = bench.block(1);
    bench.tampered(LabCommand::Tamper { block, change: change(TamperField::EntryText, "") });
    assert_eq!(bench.ask(LabCommand::Repair(Repair::Work)), Err(ApiError::NeedsWork));
}

#[test]
fn a_reset_without_a_link_is_told_once_there_is_one() {
    let mut bench = Bench::new(lab_room());
    bench.input(Input::LinkDown);
    bench.look(LabCommand::Reset);
    let told = |bench: &mut Bench| {
        let reset = Message::LabReset.encode();
        bench.taken(|output| (output == Output::Broadcast(reset.clone())).then_some(())).len()
    };
    assert_eq!(told(&mut bench), 0);
    for expected in [1, 0] {
        bench.input(Input::LinkUp { peers: Vec::new(), relay_time: UnixMillis(super::EPOCH) });
        assert_eq!(told(&mut bench), expected);
    }
}
