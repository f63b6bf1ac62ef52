//! Faults one after the other, and all at once.

use chain_wasm::chain::spec::Spec;
use chain_wasm::node::NodeCommand;

use super::world::World;

#[test]
fn duplicated_and_reordered_frames_do_no_harm() {
    for seed in 1..=15 {
        let mut world = World::new(4, World::work_spec(), seed);
        world.reorders = true;
        world.duplication = 300;
        world.latency = (2, 400);
        for n in 0..20 {
            world.add_entry(n % 4, &format!("entry {n}"));
            world.run(250);
        }
        world.settle_and_check(120_000);
        assert_eq!(world.accepted.len(), 20);
        world.check_nobody_blamed();
    }
}

#[test]
fn a_relay_that_starts_again_costs_nothing() {
    for seed in 1..=10 {
        let mut world = World::new(5, World::work_spec(), seed);
        for n in 0..30 {
            world.add_entry(n % 5, &format!("entry {n}"));
            world.run(200);
            if n % 8 == 7 {
                world.restart_relay(0);
            }
        }
        world.settle_and_check(120_000);
        assert_eq!(world.accepted.len(), 30);
        world.check_nobody_blamed();
    }
}

#[test]
fn a_tab_that_wakes_once_a_minute_gives_and_gets_everything() {
    for seed in 1..=5 {
        let mut world = World::new(2, World::work_spec(), seed);
        world.cut(1);
        for n in 0..6 {
            world.add_entry(0, &format!("left {n}"));
            world.add_entry(1, &format!("right {n}"));
            world.run(1_500);
        }
        // It holds more than the other one, and answers a minute late.
        for n in 0..30 {
            world.add_entry(1, &format!("more {n}"));
            world.run(500);
        }
        world.tabs[1].throttle = Some(60_000);
        world.join(1, 0);
        world.settle_and_check(1_800_000);
        assert_eq!(world.accepted.len(), 42);
        world.check_nobody_blamed();
    }
}

/// A short run, in which tab 0 ends with its `crash_after`th batch.
fn short_run(seed: u64, crash_after: Option<u64>) -> World {
    let mut world = World::new(3, World::work_spec(), seed);
    world.tabs[0].crash_after = crash_after;
    for n in 0..3 {
        world.add_entry(n, "together");
        world.run(300);
    }
    world.cut(0);
    for n in 0..5 {
        world.add_entry(0, &format!("left {n}"));
        world.add_entry(1, &format!("right {n}"));
        world.add_entry(2, &format!("right {n}"));
        world.run(400);
    }
    world.join(0, 0);
    world.run(200);
    world.add_entry(0, "together again");
    world.settle_and_check(120_000);
    world.check_nobody_blamed();
    world
}

#[test]
fn a_crash_after_any_batch_loses_nothing() {
    for seed in 1..=3 {
        let batches = short_run(seed, None).tabs[0].store.done;
        assert!(batches > 15, "{batches}");
        for batch in 1..=batches {
            short_run(seed, Some(batch));
        }
    }
}

#[test]
fn a_full_disk_at_any_batch_loses_nothing() {
    for after in 0..40 {
        let mut world = World::new(3, World::work_spec(), after);
        for n in 0..12 {
            if n == 4 {
                world.cut(0);
            }
            if n == 10 {
                world.join(0, 0);
            }
            world.add_entry(n % 3, &format!("entry {n}"));
            world.add_entry(0, &format!("own {n}"));
            if world.tabs[0].store.done >= after {
                world.tabs[0].disk_full = true;
            }
            world.run(400);
        }
        world.settle_and_check(120_000);
        world.check_nobody_blamed();
    }
}

/// One random fault, or the end of one.
fn random_fault(world: &mut World) {
    let tabs = world.tabs.len() as u64;
    let tab = usize::try_from(world.random(tabs)).unwrap();
    match world.random(12) {
        0 => world.cut(tab),
        1 => world.join(tab, 1),
        2 | 3 => world.join(tab, 0),
        4 => world.crash(tab),
        5 => world.restart(tab),
        6 => world.loss = world.random(300),
        7 => world.duplication = world.random(300),
        8 => {
            let skew = i64::try_from(world.random(600_000)).unwrap() - 300_000;
            world.tabs[tab].clock_skew = skew;
        }
        9 => world.tabs[tab].disk_full = !world.tabs[tab].disk_full,
        10 => world.tabs[tab].seals = !world.tabs[tab].seals,
        _ => world.restart_relay(0),
    }
}

#[test]
fn all_faults_at_once_lose_nothing_and_blame_nobody() {
    let seeds = match std::env::var("SEED") {
        Ok(seed) => vec![seed.parse().expect("SEED is a number")],
        Err(_) => (1..=40).collect(),
    };
    for seed in seeds {
        println!("seed {seed}");
        let spec = if seed % 4 == 0 { Spec::open("soak").unwrap() } else { World::work_spec() };
        let mut world = World::new(5, spec, seed);
        for n in 0..60 {
            let tab = usize::try_from(world.random(5)).unwrap();
            if world.tabs[tab].node.is_some() {
                world.add_entry(tab, &format!("entry {n}"));
            }
            if world.random(10) == 0 && world.tabs[tab].node.is_some() {
                let to = world.peer((tab + 1) % 5);
                world.command(tab, NodeCommand::Transfer { to, amount: 7 });
            }
            let pause = world.random(1_500);
            world.run(pause);
            if world.random(3) == 0 {
                random_fault(&mut world);
            }
        }
        world.loss = 0;
        world.duplication = 0;
        for tab in 0..5 {
            world.tabs[tab].disk_full = false;
            world.tabs[tab].seals = true;
            world.tabs[tab].clock_skew = 0;
            if world.tabs[tab].node.is_none() {
                world.restart(tab);
            }
            world.join(tab, 0);
        }
        world.settle_and_check(900_000);
        world.check_nobody_blamed();
    }
}

#[test]
fn thirty_people_lose_nothing_and_cause_no_storm() {
    let mut world = World::new(30, World::work_spec(), 3);
    let mut entries = 0_u64;
    while world.now < 60_000 {
        let tab = usize::try_from(world.random(30)).unwrap();
        world.add_entry(tab, &format!("entry {entries}"));
        entries += 1;
        let pause = world.random(1_600);
        world.run(pause);
    }
    world.settle_and_check(120_000);
    world.check_nobody_blamed();
    assert_eq!(world.accepted.len() as u64, entries);
    let sent: u64 = world.tabs.iter().map(|tab| tab.sent).sum();
    let blocks = u64::from(world.tabs[0].node.as_ref().unwrap().chain().height());
    // Each entry and each block is announced once; forks, comparisons and what is
    // announced again come to no more than a message or so for each node and block.
    let bound = 2 * (entries + blocks) + blocks * 30;
    assert!(sent <= bound, "{sent} messages for {entries} entries in {blocks} blocks");
}

#[test]
fn a_quiet_room_is_quiet() {
    let mut world = World::new(6, World::work_spec(), 4);
    for n in 0..6 {
        world.add_entry(n, "hello");
    }
    world.settle_and_check(60_000);
    world.run(30_000);
    let before: Vec<(u64, u64)> = world.tabs.iter().map(|tab| (tab.sent, tab.wakeups)).collect();
    world.run(600_000);
    for (tab, (sent, wakeups)) in world.tabs.iter().zip(before) {
        assert_eq!(tab.sent, sent, "nothing to say");
        assert!(tab.wakeups - wakeups <= 70, "{} wakeups in 10 minutes", tab.wakeups - wakeups);
    }
}
