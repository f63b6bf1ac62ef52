//! Getting what others have.

use chain_wasm::api::{Event, MAX_BLOCKS_TOLD};
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::{Chain, MAX_SIDE_BLOCKS};
use chain_wasm::node::Input;
use chain_wasm::node::limits::PRUNE_EVERY;
use chain_wasm::primitives::{Hash, Keypair};
use chain_wasm::wire::{MAX_HEADERS, Message};

use crate::stranger::{
    blocks_of, honest_answer, node_chain, open_chain, restored, status_of, stranger, sync_from,
    sync_from_stranger, tell,
};
use crate::world::World;

#[test]
fn regression_a_long_branch_that_overtakes_late_is_taken() {
    // More headers than are kept beside the chain, and than come in one message, before
    // they outweigh the chain.
    let mine = open_chain("late", 2, 2_500);
    let theirs = open_chain("late", 3, 2_600);
    let mut world = World::new(1, Spec::open("late").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored(blocks_of(&mine)));
    world.join(0, 0);
    assert_eq!(node_chain(&world, 0).tip(), mine.tip());
    sync_from_stranger(&mut world, 0, &theirs);
    assert!(node_chain(&world, 0).is_main(&theirs.tip()));
}

#[test]
fn regression_a_long_branch_that_loses_is_cut_down_at_once() {
    // Its blocks are more than may be beside the chain, even for a while.
    let length = u32::try_from(MAX_SIDE_BLOCKS + PRUNE_EVERY + 20).unwrap();
    let mine = open_chain("loses", 2, length);
    let theirs = open_chain("loses", 3, length + 1);
    assert!(theirs.height() <= u32::try_from(MAX_HEADERS).unwrap(), "all headers come at once");
    let mut world = World::new(1, Spec::open("loses").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored(blocks_of(&mine)));
    world.join(0, 0);
    assert_eq!(node_chain(&world, 0).tip(), mine.tip());
    sync_from_stranger(&mut world, 0, &theirs);
    let chain = node_chain(&world, 0);
    assert_eq!(chain.tip(), theirs.tip());
    // The chain and the first block stay; no header has come since they all did.
    let beside = chain.tree().len() - theirs.height() as usize - 1;
    assert!(beside <= MAX_SIDE_BLOCKS, "{beside} blocks are beside the chain");
}

/// Lets an honest peer with this chain meet a tab and answer what it is asked, until it
/// has been asked for so many blocks. Gives which.
fn blocks_asked_for(world: &mut World, chain: &Chain, until: usize) -> Vec<Hash> {
    world.strangers.insert(stranger(), Vec::new());
    world.input(0, Input::PeerJoined { peer: stranger(), status: status_of(chain) });
    let mut blocks = Vec::new();
    loop {
        let asked = world.asked(stranger());
        let mut answered = false;
        for question in &asked {
            let Some(answer) = honest_answer(chain, question) else { continue };
            if blocks.len() >= until {
                return blocks;
            }
            if let Message::GetBlocks { hashes, .. } = question {
                blocks.extend(hashes);
            }
            tell(world, 0, &answer);
            // The store does its work meanwhile.
            world.run(50);
            answered = true;
        }
        if !answered {
            return blocks;
        }
    }
}

#[test]
fn a_tab_that_starts_again_in_the_middle_of_a_sync_asks_only_for_what_it_lacks() {
    const BLOCKS: u32 = 600;
    let chain = open_chain("resume", 2, BLOCKS);
    // Each block stored by itself, or packs of a few as soon as they are full.
    for (depth, until) in [(BLOCKS, 1), (BLOCKS, 300), (6, 1), (6, 100), (6, 300), (6, 500)] {
        let mut world = World::empty(Spec::open("resume").unwrap(), 1);
        world.packs.depth = depth;
        world.add_tab();
        let before = blocks_asked_for(&mut world, &chain, until);
        assert!(before.len() >= until && before.len() < BLOCKS as usize);
        world.restart(0);
        let all = (1..=BLOCKS).map(|height| chain.hash_at(height).unwrap());
        let stored = |hash: &Hash| world.tabs[0].store.load(hash).is_some();
        let mut lacks: Vec<Hash> = all.filter(|hash| !stored(hash)).collect();
        assert!(lacks.len() < BLOCKS as usize, "of {} blocks none is stored", before.len());
        assert!(lacks.len() >= BLOCKS as usize - before.len());
        let mut asked = blocks_asked_for(&mut world, &chain, usize::MAX);
        assert_eq!(asked.len(), lacks.len(), "depth {depth}, {} blocks before", before.len());
        lacks.sort_unstable();
        asked.sort_unstable();
        assert_eq!(asked, lacks);
        assert_eq!(node_chain(&world, 0).tip(), chain.tip());
    }
}

#[test]
fn regression_a_busy_peer_is_asked_again() {
    let chain = open_chain("busy", 2, 5);
    let mut world = World::new(1, Spec::open("busy").unwrap(), 1);
    world.strangers.insert(stranger(), Vec::new());
    world.input(0, Input::PeerJoined { peer: stranger(), status: status_of(&chain) });
    let headers = world.asked(stranger()).iter().find_map(|q| honest_answer(&chain, q));
    tell(&mut world, 0, &headers.unwrap());
    let [Message::GetBlocks { request, .. }] = world.asked(stranger())[..] else { panic!() };
    // It reads for so many others that it gives nothing.
    tell(&mut world, 0, &Message::Blocks { request, blocks: Vec::new() });
    assert!(world.asked(stranger()).is_empty(), "not at once");
    world.run(15_000);
    sync_from(&mut world, 0, stranger(), &chain);
    assert_eq!(node_chain(&world, 0).tip(), chain.tip());
}

#[test]
fn regression_whole_blocks_of_a_faulty_answer_are_stored() {
    let chain = open_chain("faulty", 2, 2);
    let mut world = World::new(1, Spec::open("faulty").unwrap(), 1);
    world.strangers.insert(stranger(), Vec::new());
    world.input(0, Input::PeerJoined { peer: stranger(), status: status_of(&chain) });
    let headers = world.asked(stranger()).iter().find_map(|q| honest_answer(&chain, q));
    tell(&mut world, 0, &headers.unwrap());
    let [Message::GetBlocks { request, .. }] = world.asked(stranger())[..] else { panic!() };
    let mut blocks = blocks_of(&chain);
    let last = blocks[0].len() - 1;
    blocks[0][last] ^= 1;
    let blocks = blocks.into_iter().map(Into::into).collect();
    tell(&mut world, 0, &Message::Blocks { request, blocks });
    // Somebody else gives the one that was not whole.
    let other = Keypair::from_seed([251; 32]).public();
    world.strangers.insert(other, Vec::new());
    world.input(0, Input::PeerJoined { peer: other, status: status_of(&chain) });
    sync_from(&mut world, 0, other, &chain);
    assert_eq!(node_chain(&world, 0).tip(), chain.tip());
    world.run(1_000);
    assert!(world.tabs[0].store.load(&chain.tip()).is_some());
}

#[test]
fn the_page_is_told_of_few_blocks_while_many_are_on_their_way() {
    let chain = open_chain("far", 2, 2_000);
    let mut world = World::new(1, Spec::open("far").unwrap(), 1);
    world.crash(0);
    for (height, block) in (1..).zip(blocks_of(&chain)) {
        world.tabs[0].store.blocks.insert(chain.hash_at(height).unwrap(), block);
    }
    world.restart(0);
    world.add_tab();
    world.run_until(60_000, "synced", |world| node_chain(world, 1).tip() == chain.tip());
    world.run(1_000);
    let mut far = 0;
    let mut told = Vec::new();
    for event in &world.tabs[1].events {
        let Event::Chain { tip, blocks, .. } = event else { continue };
        if tip.height + MAX_BLOCKS_TOLD < 2_000 {
            far += 1;
            assert!(blocks.len() <= 3, "{} blocks at {}", blocks.len(), tip.height);
        }
        told.push(tip.height);
    }
    assert!(far > 0, "{told:?}");
    assert_eq!(told.last(), Some(&2_000));
}
