//! What must not make a room talk without end.

use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::Body;
use chain_wasm::node::Input;
use chain_wasm::primitives::Keypair;
use chain_wasm::wire::Message;

use crate::forgery::signed;
use crate::stranger::{honest_answer, node_chain, open_chain, restored, status_of, stranger, tell};
use crate::world::World;

#[test]
fn regression_a_withheld_branch_is_not_asked_of_those_who_cannot_have_it() {
    // Seed 1 of 50 nodes: 500 messages for each node and block.
    let mut world = World::new(12, Spec::open("withheld").unwrap(), 1);
    for n in 0..6 {
        world.add_entry(n, "first");
    }
    world.settle_and_check(30_000);
    world.run(10_000);
    let secret = open_chain("withheld", 2, node_chain(&world, 0).height() + 5);
    world.strangers.insert(stranger(), Vec::new());
    for tab in 0..12 {
        let status = status_of(&secret);
        world.input(tab, Input::PeerJoined { peer: stranger(), status });
    }
    let before: u64 = world.tabs.iter().map(|tab| tab.sent).sum();
    for _ in 0..30 {
        for (tab, bytes) in std::mem::take(world.strangers.get_mut(&stranger()).unwrap()) {
            let question = Message::decode(&bytes).unwrap();
            if matches!(question, Message::GetHeaders { .. }) {
                tell(&mut world, tab, &honest_answer(&secret, &question).unwrap());
            }
        }
        world.run(1_000);
    }
    let sent = world.tabs.iter().map(|tab| tab.sent).sum::<u64>() - before;
    assert!(sent <= 12 * 8, "{sent} messages of 12 nodes");
}

#[test]
fn regression_a_transfer_that_cannot_be_paid_is_not_asked_for_again_and_again() {
    // Seed 1 of 50 nodes: each node asked every 15 s for what it had refused.
    let mut world = World::new(3, Spec::open("unpaid").unwrap(), 1);
    let author = Keypair::from_seed([1; 32]);
    let body = Body::Transfer { to: stranger(), amount: 7 };
    let transfer = signed(node_chain(&world, 0).id(), &author, 0, body);
    world.crash(0);
    let mut stored = restored(Vec::new());
    stored.transactions.push(transfer.encode());
    world.start_with(0, stored);
    world.join(0, 0);
    world.run(60_000);
    assert!(node_chain(&world, 0).mempool().get(&transfer.id()).is_some());
    let before: Vec<u64> = world.tabs.iter().map(|tab| tab.sent).collect();
    world.run(600_000);
    // Its author goes on announcing it, once a minute.
    assert!(world.tabs[0].sent - before[0] <= 12, "{}", world.tabs[0].sent - before[0]);
    assert_eq!(world.tabs[1].sent, before[1]);
    // It is asked for once it may be paid.
    world.add_entry(0, "earns coins");
    world.settle_and_check(60_000);
    assert_eq!(node_chain(&world, 1).ledger().balance(&stranger()), 7);
}
