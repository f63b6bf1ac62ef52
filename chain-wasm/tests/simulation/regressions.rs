//! One test for each mistake that was found, by what the node must do instead.

use chain_wasm::chain::Chain;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::Input;
use chain_wasm::primitives::{Keypair, PeerId};
use chain_wasm::wire::{Message, Status};

use super::world::World;

/// A peer that the test plays itself.
fn stranger() -> PeerId {
    Keypair::from_seed([250; 32]).public()
}

/// A chain of so many blocks in an `open` room, unlike that of any other seed.
fn open_chain(room: &str, seed: u64, blocks: u32) -> Chain {
    let mut world = World::new(1, Spec::open(room).unwrap(), seed);
    for n in 0..blocks {
        world.add_entry(0, &format!("entry {n} of {seed}"));
        world.run(150);
    }
    world.settle_and_check(60_000);
    let chain = world.tabs[0].node.as_ref().unwrap().chain().clone();
    assert_eq!(chain.height(), blocks);
    chain
}

fn status_of(chain: &Chain) -> Vec<u8> {
    let rank = chain.tip_rank();
    Status::new(stranger(), rank.hash.0, chain.height(), rank.work).encode()
}

/// What an honest peer with this chain answers, if it is asked something.
fn honest_answer(chain: &Chain, question: &Message) -> Option<Message> {
    match question {
        Message::GetHeaders { request, locator } => {
            let shared = locator.iter().find(|hash| chain.is_main(hash)).unwrap();
            let from = chain.tree().header(shared).unwrap().height + 1;
            let headers = (from..=chain.height())
                .take(chain_wasm::wire::MAX_HEADERS)
                .map(|height| chain.tree().header(&chain.hash_at(height).unwrap()).unwrap())
                .map(|header| header.encode().into())
                .collect();
            Some(Message::Headers { request: *request, headers })
        }
        Message::GetBlocks { request, hashes } => {
            let bodies = hashes.iter().filter_map(|hash| chain.body(hash));
            let blocks = bodies.map(|body| body.bytes.clone().into()).collect();
            Some(Message::Blocks { request: *request, blocks })
        }
        _ => None,
    }
}

fn tell(world: &mut World, tab: usize, message: &Message) {
    world.input(tab, Input::Frame { from: stranger(), bytes: message.encode() });
}

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
