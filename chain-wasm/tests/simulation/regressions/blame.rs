//! Who is blamed, and who is not.

use chain_wasm::api::{Event, PeerFault};
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::Input;
use chain_wasm::primitives::Keypair;
use chain_wasm::wire::{Message, Status};

use crate::stranger::{
    block_with_a_known_entry, honest_answer, node_chain, open_chain, status_of, stranger,
    sync_from_stranger, tell,
};
use crate::world::World;

#[test]
fn regression_an_answer_to_an_earlier_life_blames_nobody() {
    let mut world = World::new(1, Spec::open("lives").unwrap(), 1);
    world.strangers.insert(stranger(), Vec::new());
    let mut late = None;
    // The peer reorganised between the two lives of the tab that asks it.
    for chain in [open_chain("lives", 2, 5), open_chain("lives", 3, 7)] {
        world.input(0, Input::PeerJoined { peer: stranger(), status: status_of(&chain) });
        let headers = world.asked(stranger()).iter().find_map(|q| honest_answer(&chain, q));
        tell(&mut world, 0, &headers.unwrap());
        let blocks = world.asked(stranger()).iter().find_map(|q| honest_answer(&chain, q));
        if let Some(late) = late {
            tell(&mut world, 0, &late);
            tell(&mut world, 0, &blocks.unwrap());
            assert_eq!(world.tabs[0].node.as_ref().unwrap().chain().tip(), chain.tip());
            break;
        }
        late = blocks;
        world.restart(0);
    }
    world.check_nobody_blamed();
}

#[test]
fn regression_an_invalid_orphan_is_blamed_on_who_sent_it() {
    let chain = open_chain("orphan", 2, 3);
    let mut world = World::new(1, Spec::open("orphan").unwrap(), 1);
    let liar = Keypair::from_seed([251; 32]).public();
    world.strangers.insert(liar, Vec::new());
    let status = Status::new(liar, chain.id(), 0, 0).encode();
    world.input(0, Input::PeerJoined { peer: liar, status });
    let orphan = block_with_a_known_entry(&chain, 9);
    let bytes = Message::Block { block: orphan.encode() }.encode();
    world.input(0, Input::Frame { from: liar, bytes });
    for question in world.asked(liar) {
        let Message::GetHeaders { request, .. } = question else { panic!("{question:?}") };
        let bytes = Message::Headers { request, headers: Vec::new() }.encode();
        world.input(0, Input::Frame { from: liar, bytes });
    }
    sync_from_stranger(&mut world, 0, &chain);
    assert_eq!(node_chain(&world, 0).tip(), chain.tip());
    let faults: Vec<&Event> =
        world.tabs[0].events.iter().filter(|event| matches!(event, Event::Fault { .. })).collect();
    let rule = Some("transaction-duplicate".to_owned());
    assert_eq!(faults, [&Event::Fault { peer: liar, fault: PeerFault::InvalidBlock, rule }]);
}

#[test]
fn regression_only_blocks_of_the_own_chain_are_given() {
    let chain = open_chain("side", 2, 3);
    let mut world = World::new(1, Spec::open("side").unwrap(), 1);
    sync_from_stranger(&mut world, 0, &chain);
    // A block beside the tip, never the better one, that would break a rule if it were
    // put in its place: whoever was given it would take this node for a liar.
    let below = open_chain("side", 2, 2);
    let mut side = block_with_a_known_entry(&below, 9);
    while side.header.hash() < chain.tip() {
        side.header.nonce += 1;
    }
    tell(&mut world, 0, &Message::Block { block: side.encode() });
    world.check_nobody_blamed();
    world.asked(stranger());
    let hashes = vec![side.header.hash(), chain.tip()];
    tell(&mut world, 0, &Message::GetBlocks { request: 1, hashes });
    let tip = chain.body(&chain.tip()).unwrap().bytes.clone();
    let blocks = vec![tip.into()];
    assert_eq!(world.asked(stranger()), [Message::Blocks { request: 1, blocks }]);
}
