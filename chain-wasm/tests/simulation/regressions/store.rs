//! What is in the store after anything that may happen to it.

use chain_wasm::chain::spec::Spec;

use crate::stranger::{blocks_of, node_chain, open_chain, restored, sync_from_stranger};
use crate::world::World;

#[test]
fn regression_thousands_of_blocks_above_a_damaged_one_come_back_at_once() {
    let chain = open_chain("damage", 2, 3_000);
    let mut blocks = blocks_of(&chain);
    blocks.remove(0);
    let heal = move || {
        let mut world = World::new(1, Spec::open("damage").unwrap(), 1);
        world.crash(0);
        world.start_with(0, restored(blocks));
        world.join(0, 0);
        assert_eq!(node_chain(&world, 0).height(), 0);
        sync_from_stranger(&mut world, 0, &chain);
        assert_eq!(node_chain(&world, 0).tip(), chain.tip());
    };
    // A browser gives a worker no more stack than this.
    let thread = std::thread::Builder::new().stack_size(512 * 1024).spawn(heal);
    thread.unwrap().join().unwrap();
}
