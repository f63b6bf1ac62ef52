//! What a liar must not bring about.

use chain_wasm::chain::Chain;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::Input;
use chain_wasm::primitives::{Hash, Keypair, PeerId};
use chain_wasm::wire::{Message, Status};

use crate::stranger::{
    block_with_a_known_entry, blocks_of, honest_answer, node_chain, open_chain, restored,
    status_of, stranger, sync_from, tell,
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

/// Lets a peer claim more work than any chain can have, and show these headers for it.
/// Gives what blocks it is asked for.
fn claim_and_show(world: &mut World, tip: Hash, headers_of: &Chain) -> Vec<Hash> {
    let status = Status::new(stranger(), tip, 1_000_000, u128::MAX).encode();
    world.input(0, Input::PeerStatus { peer: stranger(), status });
    let mut asked = Vec::new();
    let mut shown = false;
    loop {
        let questions = world.asked(stranger());
        if questions.is_empty() {
            assert!(shown, "it is asked for headers");
            return asked;
        }
        for question in questions {
            match &question {
                Message::GetHeaders { .. } => {
                    shown = true;
                    tell(world, 0, &honest_answer(headers_of, &question).unwrap());
                }
                Message::GetBlocks { hashes, .. } => asked.extend(hashes),
                _ => {}
            }
        }
    }
}

#[test]
fn a_claim_of_work_is_not_believed_before_its_headers_show_it() {
    let own = open_chain("claims", 2, 5);
    let (shorter, longer) = (open_chain("claims", 3, 4), open_chain("claims", 4, 7));
    let mut world = World::new(1, Spec::open("claims").unwrap(), 1);
    world.crash(0);
    world.start_with(0, restored(blocks_of(&own)));
    world.join(0, 0);
    world.strangers.insert(stranger(), Vec::new());
    let poor = Status::new(stranger(), Hash::ZERO, 0, 0).encode();
    world.input(0, Input::PeerJoined { peer: stranger(), status: poor });
    let unmoved = |world: &World| {
        assert_eq!(node_chain(world, 0).tip_rank(), own.tip_rank());
        assert_eq!(node_chain(world, 0).tree().best_header(), own.tip_rank());
    };
    // Headers of less work than the own chain's, under their own name and another one's.
    for tip in [shorter.tip(), Hash::of(b"made up")] {
        assert_eq!(claim_and_show(&mut world, tip, &shorter), []);
        unmoved(&world);
    }
    // None at all; then somebody else, whose claim is modest, is asked and believed.
    assert_eq!(claim_and_show(&mut world, Hash::of(b"again"), &Chain::new(own.spec().clone())), []);
    unmoved(&world);
    let honest = Keypair::from_seed([251; 32]).public();
    world.strangers.insert(honest, Vec::new());
    world.input(0, Input::PeerJoined { peer: honest, status: status_of(&longer) });
    sync_from(&mut world, 0, honest, &longer);
    assert!(node_chain(&world, 0).is_main(&longer.tip()));
    // Headers that do show more, though by far not what is claimed: so much is believed.
    let longest = open_chain("claims", 5, 30);
    let mut asked = claim_and_show(&mut world, longest.tip(), &longest);
    let mut all: Vec<Hash> = (1..=30).map(|height| longest.hash_at(height).unwrap()).collect();
    assert_eq!(node_chain(&world, 0).tree().best_header(), longest.tip_rank());
    assert!(node_chain(&world, 0).is_main(&longer.tip()), "the tip moves with the blocks only");
    asked.sort_unstable();
    all.sort_unstable();
    assert_eq!(asked, all);
}
