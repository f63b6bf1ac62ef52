//! Two seals by one member at one height.

use super::forge::{Forge, NOW, adopt, authority_spec, give, public, settle};
use crate::chain::block::Block;
use crate::chain::spec::Writers;
use crate::chain::{Chain, DoubleSeal, MAX_DOUBLE_SEALS, Trust};

fn setup() -> (Forge, Chain) {
    let spec = authority_spec(1..4, Writers::Anyone);
    (Forge::new(spec.clone()), Chain::new(spec))
}

/// Which pairs a chain has: member, height, whether on one predecessor.
fn pairs(chain: &Chain) -> Vec<(u8, u32, bool)> {
    let member = |pair: &DoubleSeal| (1..4).find(|n| public(*n) == pair.member).unwrap();
    let of = |pair: &DoubleSeal| (member(pair), pair.height(), pair.on_one_predecessor());
    chain.double_seals().iter().map(of).collect()
}

#[test]
fn two_seals_on_one_predecessor_are_kept_with_both_headers() {
    let (mut forge, mut chain) = setup();
    let base = forge.block(forge.id, 1, Vec::new());
    let parent = base.header.hash();
    let first = forge.block_after(parent, 2, 5_000, Vec::new());
    let second = forge.block_after(parent, 2, 6_000, Vec::new());
    let honest = forge.block_after(parent, 3, 6_000, Vec::new());
    adopt(&mut chain, &[base, first.clone(), honest]);
    assert!(chain.double_seals().is_empty());
    adopt(&mut chain, std::slice::from_ref(&second));
    assert_eq!(pairs(&chain), [(2, 2, true)]);
    assert_eq!(chain.double_seals()[0].headers, [first.header, second.header.clone()]);
    // Each with its seal, so that it can be shown to anybody.
    give(&mut chain, &[second]);
    assert_eq!((chain.double_seals().len(), chain.double_seals_seen()), (1, 1));
}

#[test]
fn seals_on_different_predecessors_are_told_apart_and_found_beside_the_chain() {
    let (mut forge, mut chain) = setup();
    let [left, right] = [1, 2].map(|member| forge.branch(forge.id, member, 2));
    // 3 seals on both sides, at height 3.
    let on =
        |forge: &mut Forge, branch: &[Block]| forge.block(branch[1].header.hash(), 3, Vec::new());
    let (a, b) = (on(&mut forge, &left), on(&mut forge, &right));
    adopt(&mut chain, &left);
    adopt(&mut chain, &[a]);
    adopt(&mut chain, &right);
    assert!(chain.double_seals().is_empty());
    // The header is enough: nobody need give the block.
    chain.insert_header(&b.header, NOW).unwrap();
    assert_eq!(pairs(&chain), [(3, 3, false)]);
    // On one predecessor weighs more than on two.
    let again = forge.block_after(left[1].header.hash(), 3, 9_000, Vec::new());
    give(&mut chain, &[again]);
    assert_eq!(pairs(&chain), [(3, 3, true)]);
}

#[test]
fn a_forged_seal_is_no_evidence() {
    let (mut forge, mut chain) = setup();
    let first = forge.block_after(forge.id, 2, 5_000, Vec::new());
    let mut forged = forge.block_after(forge.id, 2, 6_000, Vec::new());
    forged.header.seal = first.header.seal;
    adopt(&mut chain, &[first]);
    give(&mut chain, &[forged]);
    assert!(chain.double_seals().is_empty());
}

#[test]
fn no_more_than_the_limit_are_kept_and_those_on_one_predecessor_longest() {
    let (mut forge, mut chain) = setup();
    let [left, right] = [1, 2].map(|member| forge.branch(forge.id, member, 2));
    adopt(&mut chain, &left);
    adopt(&mut chain, &right);
    // On two predecessors first: one, which gives way.
    for branch in [&left, &right] {
        let block = forge.block(branch[1].header.hash(), 3, Vec::new());
        give(&mut chain, &[block]);
    }
    settle(&mut chain);
    assert_eq!(pairs(&chain), [(3, 3, false)]);
    let mut parent = chain.tip();
    for n in 0..=MAX_DOUBLE_SEALS {
        assert_eq!(chain.double_seals().len(), (n + 1).min(MAX_DOUBLE_SEALS), "{n}");
        let twins = [5_000, 6_000].map(|step| forge.block_after(parent, 1, step, Vec::new()));
        give(&mut chain, &twins);
        settle(&mut chain);
        parent = twins[0].header.hash();
    }
    let kept = pairs(&chain);
    assert_eq!(kept.len(), MAX_DOUBLE_SEALS);
    assert!(kept.iter().all(|(.., one)| *one));
    // Of those the oldest gave way.
    assert_eq!(kept[0].1 + u32::try_from(MAX_DOUBLE_SEALS).unwrap() - 1, kept[kept.len() - 1].1);
    assert_eq!(chain.double_seals_seen(), u64::try_from(MAX_DOUBLE_SEALS).unwrap() + 2);
}

/// Evidence is not stored: it is found again in the blocks that are.
#[test]
fn it_is_found_again_at_the_next_start() {
    let (mut forge, mut chain) = setup();
    let twins = [5_000, 6_000].map(|step| forge.block_after(forge.id, 2, step, Vec::new()));
    adopt(&mut chain, &twins);
    let mut again = Chain::new(chain.spec().clone());
    again.insert_blocks(twins.iter().map(Block::encode).collect(), Trust::Store, NOW);
    assert_eq!(again.double_seals(), chain.double_seals());
    assert_eq!(pairs(&again), [(2, 1, true)]);
}

#[test]
fn whether_a_member_has_sealed_on_the_tip_is_known_by_the_header() {
    let (mut forge, mut chain) = setup();
    let block = forge.block(forge.id, 2, Vec::new());
    let place = |n: u8| chain.spec().authority().unwrap().index_of(&public(n)).unwrap();
    let (second, third) = (place(2), place(3));
    assert!(!chain.has_sealed_on_tip(second));
    chain.insert_header(&block.header, NOW).unwrap();
    assert!(chain.has_sealed_on_tip(second));
    assert!(!chain.has_sealed_on_tip(third));
    adopt(&mut chain, &[block]);
    assert!(!chain.has_sealed_on_tip(second), "it is the tip by now");
}
