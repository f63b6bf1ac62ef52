//! Proofs: made by one tab, checked by another.

use chain_wasm::api::{
    ApiError, MAX_PROOF_FILE, Outcome, ProofFault, ProofFile, ProofStanding, ProvenView,
};
use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::NodeCommand;
use chain_wasm::primitives::Hash;

use super::stranger::{node_chain, open_chain, sync_from_stranger};
use super::world::World;

/// What a tab answers to a command.
fn answer(world: &mut World, tab: usize, command: NodeCommand) -> Result<Outcome, ApiError> {
    world.tabs[tab].replies.clear();
    world.command(tab, command);
    world.run_until(10_000, "answered", |world| !world.tabs[tab].replies.is_empty());
    world.tabs[tab].replies.remove(0)
}

fn prove(world: &mut World, tab: usize, id: Hash) -> Result<ProofFile, ApiError> {
    answer(world, tab, NodeCommand::Prove { id, opening: true }).map(|outcome| match outcome {
        Outcome::Proof(file) => file,
        other => panic!("{other:?}"),
    })
}

fn check(world: &mut World, tab: usize, bytes: &[u8]) -> Result<ProvenView, ApiError> {
    let command = NodeCommand::CheckProof { bytes: bytes.to_vec() };
    answer(world, tab, command).map(|outcome| match outcome {
        Outcome::Proven(view) => *view,
        other => panic!("{other:?}"),
    })
}

#[test]
fn what_one_tab_proves_another_can_check_whatever_it_has_itself() {
    let mut world = World::new(2, World::work_spec(), 3);
    world.add_entry(0, "the first");
    world.run(20_000);
    world.cut(1);
    world.add_entry(0, "the second");
    world.run(20_000);
    let entries: Vec<_> = (1..=node_chain(&world, 0).height())
        .flat_map(|height| {
            let chain = node_chain(&world, 0);
            let body = chain.body(&chain.hash_at(height).unwrap()).unwrap();
            body.block.entries().map(|entry| (height, entry.id())).collect::<Vec<_>>()
        })
        .collect();
    let [(low, first), (high, second)] = entries[..] else { panic!("{entries:?}") };
    // The other tab has the first entry's block, and has never seen the second's.
    for (id, height, standing) in
        [(first, low, ProofStanding::InChain), (second, high, ProofStanding::NotInChain)]
    {
        let file = prove(&mut world, 0, id).unwrap();
        for bytes in [&file.cbor[..], file.json.as_bytes()] {
            let shown = check(&mut world, 1, bytes).unwrap();
            assert_eq!((shown.entry.id, shown.standing), (id, standing));
            let tip = node_chain(&world, 0);
            assert_eq!((shown.tip, shown.tip_height), (tip.tip(), tip.height()));
            assert_eq!(shown.confirmations, tip.height() - height + 1);
        }
    }
    // To a tab of another room it says as much, but for where it stands.
    let file = prove(&mut world, 0, first).unwrap();
    let mut elsewhere = World::new(1, Spec::open("elsewhere").unwrap(), 1);
    let shown = check(&mut elsewhere, 0, &file.cbor).unwrap();
    assert_eq!(shown.standing, ProofStanding::OtherRoom);
    assert_eq!(shown.room, world.spec.name());
    // Refused, each with its reason.
    let mut forged = file.cbor.clone();
    *forged.last_mut().unwrap() ^= 1;
    let text = file.json.replacen("the first", "the worst", 1);
    let mut padded = file.json.clone().into_bytes();
    padded.resize(MAX_PROOF_FILE, b' ');
    assert!(check(&mut elsewhere, 0, &padded).is_ok());
    padded.push(b' ');
    for (bytes, fault) in [
        (&b"hello"[..], ProofFault::Form),
        (&forged[..], ProofFault::Work),
        (text.as_bytes(), ProofFault::Contradiction),
        (&padded[..], ProofFault::Form),
    ] {
        let refused = check(&mut elsewhere, 0, bytes);
        assert_eq!(refused, Err(ApiError::InvalidProof(fault)));
    }
    assert_eq!(prove(&mut world, 0, Hash::of(b"unknown")), Err(ApiError::NotFound));
    assert_eq!(prove(&mut world, 1, second), Err(ApiError::NotFound));
}

#[test]
fn an_entry_of_a_block_that_is_only_in_the_store_is_proven() {
    let chain = open_chain("proofs", 2, 600);
    let mut world = World::new(1, Spec::open("proofs").unwrap(), 1);
    sync_from_stranger(&mut world, 0, &chain);
    world.run(10_000);
    world.strangers.clear();
    world.restart(0);
    let old = chain.body(&chain.hash_at(5).unwrap()).unwrap();
    assert!(node_chain(&world, 0).body(&old.block.header.hash()).is_none());
    let id = Block::entries(&old.block).next().unwrap().id();
    let file = prove(&mut world, 0, id).unwrap();
    let shown = check(&mut world, 0, &file.cbor).unwrap();
    assert_eq!((shown.confirmations, shown.standing), (596, ProofStanding::InChain));
}
