//! What the page is told of branches beside the chain.

use chain_wasm::api::{
    BRANCH_DEPTH, BranchView, Event, MAX_BRANCH_BLOCKS, MAX_BRANCHES, MAX_RETURNED_TOLD,
    MiningMode, TipChange,
};
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::NodeCommand;

use super::stranger::{node_chain, open_chain, sync_from_stranger};
use super::world::World;

/// The branches that a tab told of last.
fn told(world: &World, tab: usize) -> Vec<BranchView> {
    let events = world.tabs[tab].events.iter().rev();
    let mut branches = events.filter_map(|event| match event {
        Event::Branches(branches) => Some(branches.clone()),
        _ => None,
    });
    branches.next().unwrap_or_default()
}

#[test]
fn a_fork_is_told_with_its_blocks_and_their_work() {
    let mut world = World::new(2, World::work_spec(), 4);
    world.add_entry(0, "together");
    world.run(20_000);
    assert!(told(&world, 0).is_empty());
    let fork = node_chain(&world, 0).height();
    world.cut(1);
    for n in 0..3 {
        world.add_entry(0, &format!("left {n}"));
        world.add_entry(1, &format!("right {n}"));
        world.run(10_000);
    }
    let tips = [0, 1].map(|tab| node_chain(&world, tab).tip());
    world.join(1, 0);
    world.settle_and_check(120_000);
    // One of both had to leave its own branch.
    let loser = (0..2).find(|tab| !node_chain(&world, *tab).is_main(&tips[*tab])).unwrap();
    world.run(10_000);
    let branches = told(&world, loser);
    let [branch] = &branches[..] else { panic!("{branches:?}") };
    assert_eq!(branch.fork_height, fork);
    assert_eq!(branch.blocks.last().unwrap().hash, tips[loser]);
    assert_eq!(branch.blocks.len(), branch.length as usize);
    assert!(branch.work > 0.0 && branch.chain_work >= branch.work);
    assert!(branch.blocks.iter().all(|block| block.entries.is_some() && block.miner.is_some()));
    let reorganised = world.tabs[loser].events.iter().find_map(|event| match event {
        Event::Chain { change: TipChange::Reorganised { returned, .. }, .. } => Some(returned),
        _ => None,
    });
    let returned = reorganised.expect("it was told");
    assert_eq!(returned.entries.len(), returned.waiting as usize);
}

#[test]
fn so_many_branches_blocks_and_entries_are_told_of_and_no_more() {
    let mut world = World::new(1, Spec::open("branches").unwrap(), 1);
    // What waits again would be put into blocks on top.
    world.command(0, NodeCommand::SetMining { mode: MiningMode::Never });
    // Each is longer than the one before, and shares nothing with it.
    let first = u32::try_from(MAX_BRANCH_BLOCKS).unwrap() + 1;
    for n in 0..=u8::try_from(MAX_BRANCHES).unwrap() + 1 {
        let chain = open_chain("branches", n + 1, first + u32::from(n));
        world.strangers.clear();
        sync_from_stranger(&mut world, 0, &chain);
        world.run(5_000);
        assert_eq!(node_chain(&world, 0).tip(), chain.tip());
    }
    let branches = told(&world, 0);
    assert_eq!(branches.len(), MAX_BRANCHES);
    assert!(branches.iter().all(|branch| branch.fork_height == 0));
    assert!(branches.iter().all(|branch| branch.blocks.len() == MAX_BRANCH_BLOCKS));
    assert!(branches.windows(2).all(|pair| pair[0].work > pair[1].work));
    let most = world.tabs[0].events.iter().filter_map(|event| match event {
        Event::Chain { change: TipChange::Reorganised { returned, .. }, .. } => {
            assert!(returned.waiting as usize > MAX_RETURNED_TOLD);
            Some(returned.entries.len())
        }
        _ => None,
    });
    assert_eq!(most.max(), Some(MAX_RETURNED_TOLD));
    // Far below the tip they are of no interest any more.
    let chain = open_chain("branches", 99, BRANCH_DEPTH + 1);
    world.strangers.clear();
    sync_from_stranger(&mut world, 0, &chain);
    world.run(5_000);
    assert!(told(&world, 0).is_empty());
}
