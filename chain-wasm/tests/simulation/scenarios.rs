//! Honest nodes under faults of network, store and clock.

use chain_wasm::api::{ApiError, Event, Find, Outcome, StorageReason, StorageView, TipChange};
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::{Input, NodeCommand, Restored};
use chain_wasm::primitives::Seed;

use super::world::World;

fn seeds() -> Vec<u64> {
    match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().expect("SEED is a number")],
        Err(_) => (1..=25).collect(),
    }
}

#[test]
fn an_entry_reaches_every_node_and_is_confirmed() {
    let mut world = World::new(4, World::work_spec(), 1);
    world.add_entry(2, "hello");
    world.settle_and_check(20_000);
    assert_eq!(world.accepted.len(), 1);
    assert_eq!(world.tabs[0].node.as_ref().unwrap().chain().height(), 1);
    world.check_nobody_blamed();
}

#[test]
fn a_node_alone_and_without_a_relay_seals_its_own_entries() {
    let mut world = World::new(1, World::work_spec(), 1);
    world.cut(0);
    world.add_entry(0, "alone");
    world.run_until(30_000, "sealed", |world| {
        world.tabs[0].node.as_ref().unwrap().chain().height() == 1
    });
}

#[test]
fn only_the_author_seals_while_it_can() {
    let mut world = World::new(10, World::work_spec(), 3);
    for n in 0..10 {
        world.add_entry(n, "one at a time");
        world.settle_and_check(20_000);
        world.run(20_000);
    }
    let chain = world.tabs[0].node.as_ref().unwrap().chain();
    assert_eq!(chain.height(), 10);
    let authors = (1..=10)
        .map(|height| chain.body(&chain.hash_at(height).unwrap()).unwrap().block.miner().unwrap());
    assert_eq!(authors.collect::<std::collections::BTreeSet<_>>().len(), 10);
}

#[test]
fn others_seal_an_entry_whose_author_cannot() {
    let mut world = World::new(3, World::work_spec(), 4);
    world.tabs[0].seals = false;
    world.add_entry(0, "help");
    world.settle_and_check(60_000);
}

#[test]
fn two_sides_of_a_cut_keep_every_entry_of_both() {
    for seed in seeds() {
        let mut world = World::new(4, World::work_spec(), seed);
        world.join(2, 1);
        world.join(3, 1);
        for n in 0..12 {
            world.add_entry(n % 4, &format!("entry {n}"));
            world.run(700);
        }
        world.join(2, 0);
        world.join(3, 0);
        world.settle_and_check(120_000);
        assert_eq!(world.accepted.len(), 12);
        let reorganised = world.tabs.iter().flat_map(|tab| &tab.events).any(|event| {
            matches!(event, Event::Chain { change: TipChange::Reorganised { .. }, .. })
        });
        assert!(reorganised, "seed {seed}");
        world.check_nobody_blamed();
    }
}

#[test]
fn two_nodes_adding_flat_out_lose_nothing() {
    for spec in [World::work_spec(), Spec::open("flat out").unwrap()] {
        for seed in seeds() {
            let mut world = World::new(2, spec.clone(), seed);
            world.latency = (50, 60);
            for n in 0..200 {
                world.add_entry(n % 2, &format!("entry {n}"));
                world.run(25);
            }
            world.settle_and_check(240_000);
            assert_eq!(world.accepted.len(), 200);
            world.check_nobody_blamed();
        }
    }
}

#[test]
fn a_newcomer_gets_the_whole_chain_from_several_peers() {
    let mut world = World::new(3, Spec::open("long").unwrap(), 5);
    for n in 0..300 {
        world.add_entry(0, &format!("entry {n}"));
        world.run(120);
    }
    world.settle_and_check(60_000);
    let height = world.tabs[0].node.as_ref().unwrap().chain().height();
    assert!(height >= 250, "{height}");
    let before: Vec<u64> = world.tabs.iter().map(|tab| tab.sent).collect();
    world.add_tab();
    world.settle_and_check(20_000);
    let gave = (0..3).filter(|n| world.tabs[*n].sent > before[*n]).count();
    assert!(gave >= 2, "blocks came from {gave} peers");
    let told = world.tabs[3].events.iter().any(|event| matches!(event, Event::Sync(_)));
    assert!(told, "progress is shown");
}

#[test]
fn a_fork_costs_the_forks_length() {
    let mut world = World::new(2, Spec::open("fork").unwrap(), 6);
    for n in 0..200 {
        world.add_entry(0, &format!("entry {n}"));
        world.run(120);
    }
    world.settle_and_check(60_000);
    world.cut(1);
    for n in 0..3 {
        world.add_entry(0, &format!("left {n}"));
        world.add_entry(1, &format!("right {n}"));
        world.run(120);
    }
    let before: u64 = world.tabs.iter().map(|tab| tab.sent).sum();
    world.join(1, 0);
    world.settle_and_check(60_000);
    let cost = world.tabs.iter().map(|tab| tab.sent).sum::<u64>() - before;
    assert!(cost < 40, "{cost} messages for a fork of 3 blocks");
}

#[test]
fn a_lossy_network_loses_no_entry() {
    for seed in seeds() {
        let mut world = World::new(4, World::work_spec(), seed);
        world.loss = 300;
        for n in 0..20 {
            world.add_entry(n % 4, &format!("entry {n}"));
            world.run(400);
        }
        world.run(10_000);
        world.loss = 100;
        world.settle_and_check(600_000);
        assert_eq!(world.accepted.len(), 20);
        world.check_nobody_blamed();
    }
}

#[test]
fn crashes_lose_no_accepted_entry() {
    for seed in seeds() {
        let mut world = World::new(3, World::work_spec(), seed);
        for n in 0..40 {
            let tab = usize::try_from(world.random(3)).unwrap();
            world.add_entry(tab, &format!("entry {n}"));
            let pause = world.random(300);
            world.run(pause);
            if world.random(4) == 0 {
                let tab = usize::try_from(world.random(3)).unwrap();
                world.restart(tab);
            }
        }
        world.settle_and_check(240_000);
        world.check_nobody_blamed();
    }
}

#[test]
fn everybody_closed_and_started_again_has_the_same_chain_without_a_relay() {
    let mut world = World::new(3, World::work_spec(), 8);
    for n in 0..10 {
        world.add_entry(n % 3, &format!("entry {n}"));
        world.run(500);
    }
    world.settle_and_check(60_000);
    // Time for the last batches to become durable.
    world.run(1_000);
    let tip = world.tabs[0].node.as_ref().unwrap().chain().tip();
    for n in 0..3 {
        world.crash(n);
    }
    for n in 0..3 {
        let restored = world.tabs[n].store.crash(&world.spec);
        world.start_with(n, restored);
        assert_eq!(world.tabs[n].node.as_ref().unwrap().chain().tip(), tip);
    }
    world.check_chains();
}

#[test]
fn damaged_and_missing_records_are_fetched_again() {
    for seed in seeds() {
        let mut world = World::new(2, World::work_spec(), seed);
        for n in 0..15 {
            world.add_entry(n % 2, &format!("entry {n}"));
            world.run(1_500);
        }
        world.settle_and_check(60_000);
        let height = world.tabs[1].node.as_ref().unwrap().chain().height();
        world.crash(1);
        let mut restored: Restored = world.tabs[1].store.crash(&world.spec);
        let at = usize::try_from(world.random(restored.blocks.len() as u64)).unwrap();
        let byte = usize::try_from(world.random(restored.blocks[at].len() as u64)).unwrap();
        restored.blocks[at][byte] ^= 0x10;
        let gone = usize::try_from(world.random(restored.blocks.len() as u64)).unwrap();
        restored.blocks.remove(gone);
        restored.blocks.push(b"not a block".to_vec());
        world.start_with(1, restored);
        assert!(world.tabs[1].node.as_ref().unwrap().chain().height() < height);
        world.join(1, 0);
        world.settle_and_check(60_000);
        world.check_nobody_blamed();
    }
}

#[test]
fn a_full_disk_refuses_the_entry_and_says_so_and_the_node_goes_on() {
    let mut world = World::new(2, World::work_spec(), 9);
    world.add_entry(0, "before");
    world.settle_and_check(30_000);
    world.tabs[0].disk_full = true;
    world.tabs[0].replies.clear();
    world.add_entry(0, "refused");
    world.run(500);
    assert_eq!(
        world.tabs[0].replies,
        [Err(ApiError::StorageFailed(StorageReason::Full))],
        "nothing is accepted silently"
    );
    assert!(
        world.tabs[0]
            .events
            .contains(&Event::Storage(StorageView::Memory { reason: StorageReason::Full }))
    );
    // The driver keeps records in memory from now on.
    world.tabs[0].disk_full = false;
    world.add_entry(1, "from another");
    world.add_entry(0, "in memory");
    world.settle_and_check(30_000);
    assert_eq!(world.accepted.len(), 3);
}

#[test]
fn clocks_off_by_minutes_agree_through_the_relays_time() {
    for seed in seeds() {
        let mut world = World::new(4, World::work_spec(), seed);
        for (tab, skew) in [(0, -600_000), (1, 600_000), (2, 86_400_000)] {
            world.tabs[tab].clock_skew = skew;
            world.restart(tab);
        }
        for n in 0..12 {
            world.add_entry(n % 4, &format!("entry {n}"));
            world.run(300);
        }
        world.settle_and_check(120_000);
        world.check_nobody_blamed();
    }
}

#[test]
fn a_fast_clock_without_a_relay_only_delays() {
    let mut world = World::new(2, World::work_spec(), 10);
    world.cut(1);
    world.tabs[1].clock_skew = 300_000;
    world.add_entry(1, "from the future");
    world.run_until(60_000, "sealed", |world| {
        world.tabs[1].node.as_ref().unwrap().chain().height() == 1
    });
    world.add_entry(0, "from now");
    world.run(2_000);
    world.join(1, 0);
    world.settle_and_check(900_000);
    world.check_nobody_blamed();
}

#[test]
fn transfers_move_coins_and_double_spending_is_told() {
    let mut world = World::new(2, World::work_spec(), 11);
    world.add_entry(0, "earn");
    world.settle_and_check(60_000);
    let to = chain_wasm::primitives::Keypair::from_seed([77; 32]).public();
    // One wallet in two places: a copy of tab 0 that is cut off spends the same coins.
    world.command(0, NodeCommand::Transfer { to, amount: 51 });
    assert_eq!(
        world.tabs[0].replies.last(),
        Some(&Err(ApiError::InsufficientBalance { balance: 50 }))
    );
    world.command(0, NodeCommand::Transfer { to, amount: 30 });
    world.command(0, NodeCommand::Transfer { to, amount: 30 });
    assert_eq!(
        world.tabs[0].replies.last(),
        Some(&Err(ApiError::InsufficientBalance { balance: 20 }))
    );
    world.settle_and_check(60_000);
    let chain = world.tabs[1].node.as_ref().unwrap().chain();
    assert_eq!(chain.ledger().balance(&to), 30);
}

#[test]
fn a_search_reads_packed_blocks_and_those_with_records_of_their_own() {
    let mut world = World::new(1, World::work_spec(), 13);
    for n in 0..30 {
        world.add_entry(0, &format!("entry {n}."));
        world.settle_and_check(60_000);
    }
    // Nothing of it is in memory after this.
    world.restart(0);
    world.run(1_000);
    let store = &world.tabs[0].store;
    assert!(!store.packs.is_empty() && !store.blocks.is_empty());
    world.tabs[0].replies.clear();
    world.tabs[0].events.clear();
    let find = Find::Text { text: "ENTRY".to_owned(), name: None };
    world.command(0, NodeCommand::Search { search: 5, find, from: None });
    world.run(5_000);
    let Some(Ok(Outcome::Search(view))) = world.tabs[0].replies.last() else { panic!("no answer") };
    let told = world.tabs[0].events.iter().filter_map(|event| match event {
        Event::Search { search: 5, hits, .. } => Some(hits.len()),
        _ => None,
    });
    assert_eq!(told.sum::<usize>() + view.hits.len(), 30);
    assert_eq!(view.next, None);
}

#[test]
fn a_validation_reads_the_store_and_names_the_damage() {
    let mut world = World::new(1, World::work_spec(), 12);
    for n in 0..5 {
        world.add_entry(0, &format!("entry {n}"));
        world.settle_and_check(60_000);
    }
    world.tabs[0].replies.clear();
    world.command(0, NodeCommand::Validate);
    world.run(1_000);
    let Some(Ok(Outcome::Validation(report))) = world.tabs[0].replies.last() else {
        panic!("no report")
    };
    assert_eq!((report.blocks, report.signatures, report.fault.clone()), (6, 5, None));
    let hash = world.tabs[0].node.as_ref().unwrap().chain().hash_at(3).unwrap();
    let record = world.tabs[0].store.blocks.get_mut(&hash).unwrap();
    let at = record.len() - 70;
    record[at] ^= 1;
    world.command(0, NodeCommand::Validate);
    world.run(1_000);
    let Some(Ok(Outcome::Validation(report))) = world.tabs[0].replies.last() else {
        panic!("no report")
    };
    assert_eq!(report.fault, Some((3, "merkle-root".to_owned())));
    // And nothing else is confused by it.
    world.input(0, Input::Wakeup);
    world.add_entry(0, "after");
    world.settle_and_check(60_000);
}

#[test]
fn a_full_mempool_refuses_with_a_reason_and_takes_the_rest_later() {
    let mut world = World::new(2, World::work_spec(), 14);
    world.tabs[0].seals = false;
    world.tabs[1].seals = false;
    let refused = |world: &World| {
        let replies = world.tabs[0].replies.iter();
        replies.filter(|reply| **reply == Err(ApiError::MempoolFull)).count()
    };
    for n in 0..1_100 {
        world.add_entry(0, &format!("entry {n}"));
        world.run(1);
    }
    world.run(5_000);
    let waiting = world.tabs[0].node.as_ref().unwrap().chain().mempool().len();
    assert_eq!(waiting, world.accepted.len(), "what was accepted waits");
    assert_eq!(waiting + refused(&world), 1_100);
    assert!(refused(&world) > 50, "{}", refused(&world));
    for tab in 0..2 {
        world.tabs[tab].seals = true;
        world.restart(tab);
    }
    world.settle_and_check(120_000);
    for n in 0..refused(&world) {
        world.add_entry(0, &format!("again {n}"));
        world.run(1);
    }
    world.settle_and_check(120_000);
    assert_eq!(world.accepted.len(), 1_100);
    world.check_nobody_blamed();
}

#[test]
fn the_same_seed_gives_the_same_run() {
    let run = || {
        let mut world = World::new(3, World::work_spec(), 13);
        world.loss = 50;
        for n in 0..10 {
            world.add_entry(n % 3, &format!("entry {n}"));
            world.run(300);
        }
        world.settle_and_check(240_000);
        let tabs = world.tabs.iter();
        tabs.map(|tab| (tab.sent, format!("{:?}", tab.events))).collect::<Vec<_>>()
    };
    assert_eq!(run(), run());
}

#[test]
fn a_key_that_is_replaced_leaves_nothing_behind_that_waits() {
    for seed in seeds() {
        let mut world = World::new(3, World::work_spec(), seed);
        world.cut(1);
        for n in 0..6_u8 {
            world.add_entry(1, &format!("by key {n}"));
            world.command(1, NodeCommand::ImportKey { seed: Seed([100 + n; 32]) });
            let wait = world.random(60);
            world.run(wait);
            if world.random(3) == 0 {
                world.crash(1);
                world.start(1);
            }
        }
        world.join(1, 0);
        world.settle_and_check(60_000);
        world.check_nobody_blamed();
    }
}
