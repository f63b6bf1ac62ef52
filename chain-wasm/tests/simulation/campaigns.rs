//! Campaigns of fixed seeds. `SEED=n NODES=m` runs that one only, `TRACE=1` tells what
//! happens in it. Any number of them: `cargo run --release --example simulate`.

use super::campaign;
use super::statistics::Statistics;
use super::trace::Detail;

fn number(name: &str) -> Option<u64> {
    let value = std::env::var(name).ok()?;
    Some(value.parse().unwrap_or_else(|_| panic!("{name} is a number")))
}

/// Runs seeds, each with another number of nodes.
fn run(seeds: std::ops::Range<u64>, nodes: impl Fn(u64) -> u64) {
    let detail = if number("TRACE").is_some() { Detail::Steps } else { Detail::Off };
    let seeds = number("SEED").map_or(seeds, |seed| seed..seed + 1);
    let mut sum = Statistics::default();
    for seed in seeds {
        let nodes = number("NODES").unwrap_or_else(|| nodes(seed));
        println!("SEED={seed} NODES={nodes}");
        sum.add(&campaign::run(seed, usize::try_from(nodes).unwrap(), detail));
    }
    println!("{sum:#?}");
}

#[test]
fn few_nodes_keep_their_promises_under_any_fault() {
    run(1..201, |seed| 3 + seed % 8);
}

#[test]
fn a_dozen_nodes_keep_their_promises_under_any_fault() {
    run(1_001..1_101, |seed| 11 + seed % 10);
}

#[test]
fn fifty_nodes_keep_their_promises_under_any_fault() {
    run(1..31, |_| 50);
}

#[test]
fn the_same_seed_gives_the_same_campaign() {
    let run = || {
        let statistics = campaign::run(7, 12, Detail::Off);
        (statistics.happenings, statistics.directed, statistics.faults, statistics.fills)
    };
    assert_eq!(run(), run());
}
