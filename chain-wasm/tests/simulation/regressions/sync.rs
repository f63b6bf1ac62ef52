//! Getting what others have.

use chain_wasm::chain::spec::Spec;

use crate::stranger::{blocks_of, node_chain, open_chain, restored, sync_from_stranger};
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
