//! The branches beside the chain.

use super::forge::{Forge, adopt, give, hashes, open_spec};
use crate::chain::Chain;

#[test]
fn branches_are_told_with_where_they_leave_the_chain() {
    let mut forge = Forge::new(open_spec());
    let mut chain = Chain::new(open_spec());
    assert!(chain.branches(64, 8).is_empty());
    let main = forge.branch(forge.id, 1, 10);
    adopt(&mut chain, &main);
    let at = |height: usize| main[height - 1].header.hash();
    // One that leaves at 5, one that leaves that one beside the chain, and one at 9.
    let first = forge.branch(at(5), 2, 3);
    let second = forge.branch(first[0].header.hash(), 3, 1);
    let third = forge.branch(at(9), 4, 1);
    for branch in [&first, &second, &third] {
        give(&mut chain, branch);
        while chain.advance() != crate::chain::Advance::Done {}
    }
    let found = chain.branches(64, 8);
    let mut told: Vec<_> =
        found.iter().map(|branch| (branch.fork_height, branch.blocks.clone())).collect();
    told.sort_by_key(|(fork, blocks)| (*fork, blocks.len()));
    // Equal work: the lower hash is the chain.
    let (main_tip, other_tip) = (at(10), third[0].header.hash());
    let left = if chain.is_main(&main_tip) { other_tip } else { main_tip };
    assert_eq!(
        told,
        [
            (5, vec![first[0].header.hash(), second[0].header.hash()]),
            (5, hashes(&first)),
            (9, vec![left]),
        ]
    );
    assert!(found.windows(2).all(|pair| pair[0].tip > pair[1].tip), "the greatest first");
    assert_eq!(chain.branches(64, 2), found[..2]);
    // Leaving at 5 is 5 below the tip.
    assert_eq!(chain.branches(5, 8).len(), 3);
    assert_eq!(chain.branches(4, 8).len(), 1);
}
