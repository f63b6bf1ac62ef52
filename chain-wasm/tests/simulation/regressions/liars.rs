//! What a liar must not bring about.

use chain_wasm::node::Input;
use chain_wasm::primitives::Hash;
use chain_wasm::wire::{Message, Status};

use crate::stranger::{block_with_a_known_entry, node_chain, open_chain, stranger, tell};
use crate::world::World;

/// Lets a liar play for a while: it answers each question for headers with none, just
/// before it would be too slow, and then does something else to be asked again.
fn tease(world: &mut World, rounds: u32, mut again: impl FnMut(&mut World, u32)) {
    for round in 0..rounds {
        again(world, round);
        world.run(2_500);
        for question in world.asked(stranger()) {
            if let Message::GetHeaders { request, .. } = question {
                tell(world, 0, &Message::Headers { request, headers: Vec::new() });
            }
        }
    }
}

fn claim(n: u32) -> Vec<u8> {
    let tip = Hash::of(&n.to_be_bytes());
    Status::new(stranger(), tip, 1_000_000, u128::MAX - u128::from(n)).encode()
}

#[test]
fn regression_ever_new_claims_do_not_stop_sealing() {
    let mut world = World::new(1, World::work_spec(), 1);
    world.strangers.insert(stranger(), Vec::new());
    world.input(0, Input::PeerJoined { peer: stranger(), status: claim(0) });
    world.add_entry(0, "to be sealed");
    tease(&mut world, 20, |world, n| {
        world.input(0, Input::PeerStatus { peer: stranger(), status: claim(n) });
    });
    assert_eq!(node_chain(&world, 0).height(), 1);
    world.check_nobody_blamed();
}

#[test]
fn regression_orphans_do_not_stop_sealing() {
    let elsewhere = open_chain("elsewhere", 2, 2);
    let mut world = World::new(1, World::work_spec(), 1);
    world.strangers.insert(stranger(), Vec::new());
    let status = Status::new(stranger(), Hash::ZERO, 0, 0).encode();
    world.input(0, Input::PeerJoined { peer: stranger(), status });
    world.add_entry(0, "to be sealed");
    tease(&mut world, 20, |world, n| {
        let mut orphan = block_with_a_known_entry(&elsewhere, 9);
        orphan.header.nonce = n;
        tell(world, 0, &Message::Block { block: orphan.encode() });
    });
    assert_eq!(node_chain(&world, 0).height(), 1);
}
