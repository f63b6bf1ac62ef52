//! Experiments of a room that is for them, played by one tab against honest ones: what the
//! others say, and that nothing that was accepted is lost by any of it.

use chain_wasm::api::{
    Event, LabCommand, LabView, Outcome, PeerFault, Repair, TamperField, TamperView, Tampering,
    TipChange,
};
use chain_wasm::chain::spec::{Purpose, Spec, Terms};
use chain_wasm::node::NodeCommand;

use super::stranger::node_chain;
use super::world::World;

fn lab_spec() -> Spec {
    World::work_spec().with_terms(Terms { purpose: Purpose::Lab, ..Terms::default() })
}

/// Tabs with a chain of some blocks.
fn laboratory(tabs: usize, seed: u64) -> World {
    let mut world = World::new(tabs, lab_spec(), seed);
    for n in 0..5 {
        world.add_entry(n % tabs, &format!("entry {n}"));
        world.settle_and_check(60_000);
    }
    world
}

impl World {
    fn lab(&mut self, tab: usize, command: LabCommand) {
        self.command(tab, NodeCommand::Lab(command));
    }

    fn lab_view(&mut self, tab: usize) -> LabView {
        self.lab(tab, LabCommand::Look);
        match self.tabs[tab].replies.pop() {
            Some(Ok(Outcome::Lab(view))) => *view,
            other => panic!("{other:?}"),
        }
    }

    fn tamper(&mut self, tab: usize, height: u32, field: TamperField, value: &str) -> TamperView {
        let block = node_chain(self, tab).hash_at(height).unwrap();
        let change = Tampering { field, entry: 0, value: value.to_owned() };
        self.lab(tab, LabCommand::Tamper { block, change });
        match self.tabs[tab].replies.pop() {
            Some(Ok(Outcome::Tampered(view))) => *view,
            other => panic!("{other:?}"),
        }
    }

    fn repair(&mut self, tab: usize, repair: Repair) -> TamperView {
        let before = self.tabs[tab].replies.len();
        self.lab(tab, LabCommand::Repair(repair));
        self.run_until(600_000, "repaired", |world| world.tabs[tab].replies.len() > before);
        match self.tabs[tab].replies.pop() {
            Some(Ok(Outcome::Tampered(view))) => *view,
            other => panic!("{other:?}"),
        }
    }

    /// Sends the changed copy; gives what the others say of it.
    fn send_tampered(&mut self, tab: usize) -> Vec<String> {
        self.lab(tab, LabCommand::SendTampered);
        self.run(5_000);
        let sent = self.lab_view(tab).sent.expect("it was sent");
        sent.answers.into_iter().map(|answer| answer.verdict).collect()
    }

    fn faults_of(&self, tab: usize) -> usize {
        let peer = self.peer(tab);
        let faults = self.tabs.iter().flat_map(|other| &other.events).filter(|event| {
            matches!(event, Event::Fault { peer: of, fault: PeerFault::InvalidBlock, .. } if *of == peer)
        });
        faults.count()
    }
}

#[test]
fn each_kind_of_changed_block_is_refused_by_all_for_the_rule_that_it_breaks() {
    let mut world = laboratory(4, 1);
    world.experimenters.insert(1);
    let mut refused = std::collections::BTreeMap::new();
    for (n, field) in TamperField::ALL.into_iter().enumerate() {
        let value = if field == TamperField::Difficulty { "5000" } else { "" };
        let mut view = world.tamper(1, 3, field, value);
        if view.hash == view.original {
            // As long as the header is the same, nobody looks at the rest.
            assert_eq!(world.send_tampered(1), ["known", "known", "known"]);
            view = world.repair(1, Repair::MerkleRoot);
        }
        if view.verdict.as_deref() == Some("work") {
            assert_eq!(world.send_tampered(1), ["work", "work", "work"]);
            world.lab(1, LabCommand::Reset);
            world.tamper(1, 3, field, value);
            if field.is_of_entry() || matches!(field, TamperField::EntryOrder | TamperField::Reward)
            {
                world.repair(1, Repair::MerkleRoot);
            }
            view = world.repair(1, Repair::Work);
        }
        let tips: Vec<_> = (0..4).map(|tab| node_chain(&world, tab).tip()).collect();
        if let Some(verdict) = view.verdict {
            let before = world.faults_of(1);
            let answers = world.send_tampered(1);
            let orphan = field == TamperField::Previous;
            let expected = if orphan { "orphan" } else { verdict.as_str() };
            assert_eq!(answers, [expected; 3], "{field:?}");
            let blamed = if orphan { 0 } else { 3 };
            assert_eq!(world.faults_of(1), before + blamed, "{field:?}");
            refused.insert(field, verdict);
        }
        assert_eq!((0..4).map(|tab| node_chain(&world, tab).tip()).collect::<Vec<_>>(), tips);
        // After a reset they listen again.
        world.lab(1, LabCommand::Reset);
        world.add_entry(1, &format!("after {n}"));
        world.settle_and_check(120_000);
    }
    // Without an entry, or with another nonce, it is a block like any other.
    for (field, rule) in [
        (TamperField::EntryText, "transaction-signature"),
        (TamperField::EntryAuthor, "transaction-signature"),
        (TamperField::EntrySignature, "transaction-signature"),
        (TamperField::EntryOrder, "coinbase"),
        (TamperField::Reward, "coinbase"),
        (TamperField::Version, "version"),
        (TamperField::Height, "height"),
        (TamperField::Previous, "previous-hash"),
        (TamperField::MerkleRoot, "merkle-root"),
        (TamperField::HistoryRoot, "history-root"),
        (TamperField::Time, "timestamp"),
        (TamperField::Difficulty, "difficulty"),
    ] {
        assert_eq!(refused.get(&field).map(String::as_str), Some(rule), "{field:?}");
    }
}

#[test]
fn without_a_reset_the_others_go_on_ignoring_who_sent_it() {
    let mut world = laboratory(3, 2);
    world.experimenters.insert(0);
    world.tamper(0, 2, TamperField::Version, "");
    assert_eq!(world.send_tampered(0), ["version", "version"]);
    assert_eq!(world.send_tampered(0), [""; 0], "nobody listens any more");
    let height = node_chain(&world, 1).height();
    world.add_entry(0, "unheard");
    world.run(60_000);
    assert_eq!(node_chain(&world, 1).height(), height);
    world.lab(0, LabCommand::Reset);
    world.settle_and_check(120_000);
}

#[test]
fn a_block_that_was_repaired_in_full_is_kept_beside_the_chain_for_it_has_less_work() {
    let mut world = laboratory(3, 3);
    let tip = node_chain(&world, 0).tip();
    world.tamper(0, 2, TamperField::EntryRemoved, "");
    world.repair(0, Repair::MerkleRoot);
    assert_eq!(world.repair(0, Repair::Work).verdict, None);
    assert_eq!(world.send_tampered(0), ["taken", "taken"]);
    assert_eq!(node_chain(&world, 1).tip(), tip);
    world.settle_and_check(60_000);
    world.check_nobody_blamed();
}

#[test]
fn a_secret_branch_that_is_released_replaces_the_chain_and_every_entry_comes_back() {
    for seed in 1..=10 {
        let mut world = laboratory(3, seed);
        world.lab(0, LabCommand::BeginSecret { back: 3 });
        let heights: Vec<u32> = (0..3).map(|tab| node_chain(&world, tab).height()).collect();
        world.run_until(600_000, "it is longer", |world| {
            world.tabs[0].events.iter().rev().any(|event| {
                matches!(event, Event::Lab(view) if view.secret.as_ref().is_some_and(|secret| secret.wins))
            })
        });
        world.add_entry(1, "meanwhile");
        world.run(20_000);
        for (tab, height) in heights.iter().enumerate() {
            assert!(node_chain(&world, tab).height() <= height + 1, "nobody knows of it");
        }
        world.run_until(600_000, "it is longer still", |world| {
            world.tabs[0].events.iter().rev().find_map(|event| match event {
                Event::Lab(view) => view.secret.as_ref().map(|secret| secret.wins),
                _ => None,
            }) == Some(true)
        });
        world.lab(0, LabCommand::Release);
        let released = world.lab_view(0).released.unwrap();
        assert!(released.won, "seed {seed}: {released:?}");
        world.settle_and_check(120_000);
        assert_eq!(world.accepted.len(), 6);
        for tab in 1..3 {
            let reorganised = world.tabs[tab].events.iter().any(|event| {
                matches!(event, Event::Chain { change: TipChange::Reorganised { .. }, .. })
            });
            assert!(reorganised, "seed {seed}");
        }
        world.check_nobody_blamed();
    }
}

#[test]
fn a_secret_branch_that_is_released_too_early_changes_nothing() {
    let mut world = laboratory(3, 5);
    let tip = node_chain(&world, 1).tip();
    world.lab(0, LabCommand::BeginSecret { back: 4 });
    world.run_until(600_000, "it has a block", |world| {
        world.tabs[0].events.iter().any(|event| {
            matches!(event, Event::Lab(view) if view.secret.as_ref().is_some_and(|s| !s.blocks.is_empty()))
        })
    });
    world.lab(0, LabCommand::Release);
    world.run(10_000);
    assert!(!world.lab_view(0).released.unwrap().won);
    for tab in 0..3 {
        assert_eq!(node_chain(&world, tab).tip(), tip);
    }
    world.settle_and_check(60_000);
    world.check_nobody_blamed();
}

#[test]
fn a_tab_that_was_cut_off_heals_and_keeps_every_entry() {
    for seed in 1..=10 {
        let mut world = laboratory(3, seed);
        world.cut(0);
        for n in 0..3 {
            world.add_entry(0, &format!("cut off {n}"));
            world.add_entry(1, &format!("together {n}"));
            world.run(8_000);
        }
        world.join(0, 0);
        world.settle_and_check(120_000);
        assert_eq!(world.accepted.len(), 11);
        world.check_nobody_blamed();
    }
}

#[test]
fn a_record_that_was_written_over_is_found_out_and_mended() {
    let mut world = laboratory(3, 7);
    world.run(60_000);
    world.tamper(0, 2, TamperField::EntryText, "another text");
    world.lab(0, LabCommand::Overwrite);
    assert_eq!(world.tabs[0].replies.pop(), Some(Ok(Outcome::Done)));
    world.run(1_000);
    let check = |world: &mut World| {
        let before = world.tabs[0].replies.len();
        world.command(0, NodeCommand::Validate);
        world.run_until(60_000, "checked", |world| world.tabs[0].replies.len() > before);
        match world.tabs[0].replies.pop() {
            Some(Ok(Outcome::Validation(report))) => report.fault,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(check(&mut world), Some((2, "merkle-root".to_owned())));
    world.run(60_000);
    assert_eq!(check(&mut world), None);
    world.settle_and_check(60_000);
    world.check_nobody_blamed();
}
