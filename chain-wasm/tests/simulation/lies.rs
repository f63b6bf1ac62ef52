//! Peers that lie: they change nothing, and are ignored from then on.

use chain_wasm::api::{Event, PeerFault};
use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::node::Input;
use chain_wasm::primitives::{Hash, Keypair, PeerId, UnixMillis};
use chain_wasm::wire::{Message, Status};

use super::world::World;

const LIAR: [u8; 32] = [250; 32];

fn liar() -> PeerId {
    Keypair::from_seed(LIAR).public()
}

/// A room with two honest nodes and some blocks, and a liar that joins it with a status.
fn room(status: &[u8]) -> World {
    let mut world = World::new(2, World::work_spec(), 20);
    for n in 0..4 {
        world.add_entry(0, &format!("entry {n}"));
        world.settle_and_check(60_000);
    }
    for tab in 0..2 {
        world.input(tab, Input::PeerJoined { peer: liar(), status: status.to_vec() });
    }
    world
}

fn poor_status() -> Vec<u8> {
    Status::new(liar(), Hash::ZERO, 0, 0).encode()
}

#[track_caller]
fn blamed(world: &World, expected: PeerFault) {
    let is_blame = |event: &Event| matches!(event, Event::Fault { peer, fault, .. } if *peer == liar() && *fault == expected);
    assert!(world.tabs[0].events.iter().any(is_blame), "{expected:?}: {:?}", world.tabs[0].events);
}

fn tell(world: &mut World, bytes: Vec<u8>) {
    let tip = world.tabs[0].node.as_ref().unwrap().chain().tip();
    world.input(0, Input::Frame { from: liar(), bytes });
    assert_eq!(world.tabs[0].node.as_ref().unwrap().chain().tip(), tip, "nothing changes");
    world.add_entry(1, "life goes on");
    world.settle_and_check(60_000);
}

fn entry(chain: Hash) -> Transaction {
    let author = Keypair::from_seed(LIAR);
    let body = Body::Data { media_type: "text/plain".to_owned(), bytes: b"lie".to_vec() };
    let content =
        Content { chain, author: author.public(), timestamp: UnixMillis(0), salt: [0; 16], body };
    Transaction::sign(content, &author)
}

/// A block on the tip that follows every rule.
fn honest_block(world: &World) -> Block {
    let mut chain = world.tabs[0].node.as_ref().unwrap().chain().clone();
    chain.insert_transaction(entry(chain.id())).unwrap();
    let now = UnixMillis(1_700_000_000_000 + world.now);
    let mut block = chain.template(liar(), now).unwrap();
    mine(&mut block);
    block
}

fn mine(block: &mut Block) {
    block.header.merkle_root = block.merkle_root();
    block.header.nonce = 0;
    while !block.header.difficulty.is_met_by(&block.header.hash()) {
        block.header.nonce += 1;
    }
}

#[test]
fn garbage_is_a_fault() {
    let mut world = room(&poor_status());
    tell(&mut world, b"\x01garbage".to_vec());
    blamed(&world, PeerFault::UnreadableMessage);
    let world = room(b"what");
    blamed(&world, PeerFault::UnreadableStatus);
}

#[test]
fn forged_blocks_are_refused() {
    let change_and_mine: [fn(&mut Block); 5] = [
        |block| block.header.height += 1,
        |block| block.header.history_root = Hash::ZERO,
        |block| block.header.timestamp = UnixMillis(1),
        |block| block.transactions.truncate(0),
        |block| {
            let forged = block.transactions[0].clone();
            block.transactions.push(forged);
        },
    ];
    for change in change_and_mine {
        let mut world = room(&poor_status());
        let mut block = honest_block(&world);
        change(&mut block);
        mine(&mut block);
        tell(&mut world, Message::Block { block: block.encode() }.encode());
        blamed(&world, PeerFault::InvalidBlock);
    }
    // A block without its work, and one with another body than its header's.
    let mut world = room(&poor_status());
    let mut block = honest_block(&world);
    while block.header.difficulty.is_met_by(&block.header.hash()) {
        block.header.nonce += 1;
    }
    tell(&mut world, Message::Block { block: block.encode() }.encode());
    blamed(&world, PeerFault::InvalidBlock);
    let mut world = room(&poor_status());
    let mut block = honest_block(&world);
    block.transactions.pop();
    tell(&mut world, Message::Block { block: block.encode() }.encode());
    blamed(&world, PeerFault::InvalidBlock);
}

#[test]
fn an_honest_block_of_a_stranger_is_taken() {
    let mut world = room(&poor_status());
    let block = honest_block(&world);
    let bytes = Message::Block { block: block.encode() }.encode();
    world.input(0, Input::Frame { from: liar(), bytes });
    assert_eq!(world.tabs[0].node.as_ref().unwrap().chain().tip(), block.header.hash());
    world.settle_and_check(30_000);
    world.check_nobody_blamed();
}

#[test]
fn forged_and_foreign_transactions_are_refused() {
    let mut world = room(&poor_status());
    let chain = world.tabs[0].node.as_ref().unwrap().chain().id();
    let foreign = entry(Hash::of(b"another chain")).encode();
    tell(&mut world, Message::Transactions { transactions: vec![foreign.into()] }.encode());
    blamed(&world, PeerFault::InvalidTransaction);
    let mut world = room(&poor_status());
    let mut forged = entry(chain).encode();
    *forged.last_mut().unwrap() ^= 1;
    tell(&mut world, Message::Transactions { transactions: vec![forged.into()] }.encode());
    blamed(&world, PeerFault::InvalidTransaction);
}

#[test]
fn a_replayed_transaction_is_in_the_chain_once() {
    let mut world = room(&poor_status());
    let chain = world.tabs[0].node.as_ref().unwrap().chain();
    let body = chain.body(&chain.hash_at(2).unwrap()).unwrap();
    let old = body.block.entries().next().unwrap().encode();
    let bytes = Message::Transactions { transactions: vec![old.into()] }.encode();
    for _ in 0..3 {
        tell(&mut world, bytes.clone());
    }
    world.check_nobody_blamed();
}

#[test]
fn a_claim_of_work_that_no_headers_show_does_not_stop_the_room() {
    let claim = Status::new(liar(), Hash::of(b"made up"), 1_000_000, u128::MAX).encode();
    let mut world = room(&claim);
    // The liar never answers; entries must still be sealed and agreed on.
    for n in 0..5 {
        world.add_entry(n % 2, &format!("entry {n}"));
        world.run(4_000);
    }
    world.settle_and_check(120_000);
    world.check_nobody_blamed();
}

#[test]
fn headers_whose_blocks_are_withheld_do_not_stop_the_room() {
    let spec = Spec::open("withheld").unwrap();
    let mut world = World::new(2, spec.clone(), 21);
    world.add_entry(0, "first");
    world.settle_and_check(30_000);
    // A branch of ten valid headers, whose blocks are never given.
    let mut liars = World::new(1, spec, 22);
    for n in 0..10 {
        liars.add_entry(0, &format!("secret {n}"));
        liars.settle_and_check(30_000);
    }
    let theirs = liars.tabs[0].node.as_ref().unwrap().chain();
    let headers = (1..=10)
        .map(|height| {
            theirs.tree().header(&theirs.hash_at(height).unwrap()).unwrap().encode_sealed()
        })
        .collect::<Vec<_>>();
    let status = Status::new(liar(), theirs.tip(), 10, 10).encode();
    world.strangers.insert(liar(), Vec::new());
    world.input(0, Input::PeerJoined { peer: liar(), status });
    let asked = world.asked(liar());
    let [Message::GetHeaders { request, .. }] = asked.as_slice() else { panic!("{asked:?}") };
    let headers = headers.into_iter().map(Into::into).collect();
    let bytes = Message::Headers { request: *request, headers }.encode();
    world.input(0, Input::Frame { from: liar(), bytes });
    assert_eq!(world.tabs[0].node.as_ref().unwrap().chain().tree().best_header().work, 10);
    world.add_entry(0, "life goes on");
    world.add_entry(1, "here too");
    world.settle_and_check(200_000);
    assert_eq!(world.accepted.len(), 3);
}

#[test]
fn endless_orphans_are_bounded_and_harmless() {
    let mut world = room(&poor_status());
    for n in 0..500_u32 {
        let mut block = honest_block(&world);
        block.header.previous_hash = Hash::of(&n.to_be_bytes());
        mine(&mut block);
        let bytes = Message::Block { block: block.encode() }.encode();
        world.input(0, Input::Frame { from: liar(), bytes });
    }
    world.add_entry(0, "life goes on");
    world.settle_and_check(120_000);
}
