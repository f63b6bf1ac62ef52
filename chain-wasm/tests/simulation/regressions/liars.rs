//! What a liar must not bring about.

use chain_wasm::chain::Chain;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::Input;
use chain_wasm::primitives::{Hash, Keypair, PeerId};
use chain_wasm::wire::{Message, Status};

use crate::stranger::{
    block_with_a_known_entry, honest_answer, node_chain, open_chain, status_of, stranger, tell,
};
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

/// Lets a tab that wakes once a minute meet liars, and later a peer with a better chain
/// than its own. The liars answer each question as given, others not at all.
fn hidden_among_liars(
    status: impl Fn(u8) -> Vec<u8>,
    answer: impl Fn(u8, &Message) -> Option<Message>,
) {
    let mut world = World::new(2, Spec::open("liars").unwrap(), 1);
    world.cut(0);
    for n in 0..5 {
        world.add_entry(1, &format!("entry {n}"));
        world.run(5_000);
    }
    let tip = node_chain(&world, 1).tip();
    world.tabs[0].throttle = Some(60_000);
    world.join(0, 0);
    let liars: Vec<(u8, PeerId)> =
        (0..5).map(|n| (n, Keypair::from_seed([200 + n; 32]).public())).collect();
    for (n, liar) in &liars {
        world.strangers.insert(*liar, Vec::new());
        world.input(0, Input::PeerJoined { peer: *liar, status: status(*n) });
    }
    for _ in 0..15 {
        world.run(60_000);
        for (n, liar) in &liars {
            let questions = world.asked(*liar);
            for bytes in questions.iter().filter_map(|question| answer(*n, question)) {
                world.input(0, Input::Frame { from: *liar, bytes: bytes.encode() });
            }
        }
    }
    assert_eq!(node_chain(&world, 0).tip(), tip);
    world.check_nobody_blamed();
}

#[test]
fn regression_others_than_those_who_claim_most_are_asked_too() {
    // Seed 50609 of 50 nodes: the liars' turns came round before an honest peer's.
    hidden_among_liars(
        |n| claim(n.into()),
        |_, question| match question {
            Message::GetHeaders { request, .. } => {
                Some(Message::Headers { request: *request, headers: Vec::new() })
            }
            _ => None,
        },
    );
}

#[test]
fn a_hidden_tab_among_those_who_withhold_branches_gets_the_chain() {
    let secrets: Vec<Chain> =
        (0..5).map(|n| open_chain("liars", 100 + n, 20 + u32::from(n))).collect();
    hidden_among_liars(
        |n| status_of(&secrets[usize::from(n)]),
        |n, question| match question {
            Message::GetHeaders { .. } => honest_answer(&secrets[usize::from(n)], question),
            _ => None,
        },
    );
}
