//! The tree of headers: bounds, history roots, orphans, what was rejected.

use proptest::prelude::*;

use super::forge::{Forge, NOW, adopt, give, hashes, open_spec, seal, work_spec};
use crate::chain::block::Block;
use crate::chain::tree::{HeaderVerdict, Rank, Tree};
use crate::chain::verify::{BlockFault, MAX_AHEAD};
use crate::chain::{BlockVerdict, Chain, MAX_SIDE_BLOCKS, merkle};
use crate::primitives::{Hash, UnixMillis};

fn insert_all(tree: &mut Tree, blocks: &[Block]) {
    for block in blocks {
        assert_eq!(tree.insert(&block.header), Ok(HeaderVerdict::Inserted));
    }
}

/// The history root for a child of `parent`, from the hashes alone.
fn history(tree: &Tree, parent: Hash) -> Hash {
    let mut all: Vec<Hash> = tree.ancestors(parent).map(|(hash, _)| hash).collect();
    all.reverse();
    merkle::root(all.iter().map(Hash::as_bytes))
}

#[test]
fn history_roots_hold_across_checkpoints_and_on_side_branches() {
    let mut forge = Forge::new(open_spec());
    let main = forge.branch(forge.id, 1, 520);
    let mut tree = Tree::new(open_spec());
    insert_all(&mut tree, &main);
    let at = |height: usize| main[height - 1].header.hash();
    for height in (1..6).chain(250..=260).chain(508..=520) {
        let expected = history(&tree, at(height));
        assert_eq!(tree.context(at(height)).unwrap().history_root, expected, "{height}");
        assert_eq!(main.get(height).map_or(expected, |b| b.header.history_root), expected);
    }
    // Branches that begin on either side of a checkpoint and cross it.
    for from in [1, 250, 254, 255, 256, 257, 511] {
        let side = forge.branch(at(from), 2, 8);
        insert_all(&mut tree, &side);
        for block in &side {
            let hash = block.header.hash();
            assert_eq!(tree.context(hash).unwrap().history_root, history(&tree, hash));
        }
        // Back to the main branch, far from what was used last.
        assert_eq!(tree.context(at(300)).unwrap().history_root, history(&tree, at(300)));
    }
}

#[test]
fn a_full_tree_takes_no_more_headers() {
    let mut forge = Forge::new(open_spec());
    let branch = forge.branch(forge.id, 1, 5);
    let mut tree = Tree::limited(open_spec(), 4);
    insert_all(&mut tree, &branch[..3]);
    assert_eq!(tree.insert(&branch[3].header), Ok(HeaderVerdict::Full));
    assert_eq!(tree.insert(&branch[2].header), Ok(HeaderVerdict::Known));
    assert_eq!(tree.len(), 4);
    tree.remove(&branch[2].header.hash());
    assert_eq!(tree.insert(&branch[2].header), Ok(HeaderVerdict::Inserted));
}

#[test]
fn an_orphan_is_not_kept_and_a_header_is_known_once() {
    let mut forge = Forge::new(work_spec());
    let branch = forge.branch(forge.id, 1, 3);
    let mut chain = Chain::new(work_spec());
    assert_eq!(give(&mut chain, &branch[1..2]), [BlockVerdict::Orphan]);
    assert_eq!(chain.tree().len(), 1);
    assert_eq!(chain.insert_header(&branch[0].header, NOW), Ok(BlockVerdict::Inserted));
    assert_eq!(chain.insert_header(&branch[0].header, NOW), Ok(BlockVerdict::Known));
    assert!(!chain.tree().has_body(&branch[0].header.hash()));
    assert_eq!(give(&mut chain, &branch[..1]), [BlockVerdict::Inserted]);
    assert_eq!(give(&mut chain, &branch[..1]), [BlockVerdict::Known]);
}

#[test]
fn a_block_too_far_ahead_is_neither_kept_nor_punished() {
    let mut forge = Forge::new(work_spec());
    let branch = forge.branch(forge.id, 1, 1);
    let time = branch[0].header.timestamp;
    let mut chain = Chain::new(work_spec());
    let early = crate::primitives::UnixMillis(time.0 - MAX_AHEAD - 1);
    let bytes = || vec![branch[0].encode()];
    let verdicts = chain.insert_blocks(bytes(), crate::chain::Trust::Peer, early);
    assert_eq!(verdicts, [(branch[0].header.hash(), BlockVerdict::Ahead)]);
    assert_eq!(chain.tree().len(), 1);
    assert_eq!(chain.tree().rejection(&branch[0].header.hash()), None);
    let verdicts = chain.insert_blocks(bytes(), crate::chain::Trust::Peer, early.after(1));
    assert_eq!(verdicts[0].1, BlockVerdict::Inserted);
}

#[test]
fn what_builds_on_an_invalid_block_is_refused_for_the_same_reason() {
    let mut forge = Forge::new(work_spec());
    let branch = forge.branch(forge.id, 1, 4);
    let mut tree = Tree::new(work_spec());
    insert_all(&mut tree, &branch[..3]);
    let fault = BlockFault::Overdraft { index: 1 };
    assert_eq!(tree.reject(&branch[1].header.hash(), &fault), hashes(&branch[1..3]));
    for block in &branch[1..] {
        assert_eq!(tree.insert(&block.header), Err(fault.clone()));
    }
    assert_eq!(tree.len(), 2);
    assert_eq!(tree.best_header().hash.0, branch[0].header.hash());
}

#[test]
fn a_header_that_breaks_a_rule_is_not_kept() {
    let mut forge = Forge::new(work_spec());
    let mut header = forge.branch(forge.id, 1, 1)[0].header.clone();
    header.height = 2;
    seal(&mut header);
    let mut tree = Tree::new(work_spec());
    let fault = BlockFault::Height { expected: 1, got: 2 };
    assert_eq!(tree.insert(&header), Err(fault));
    assert_eq!(tree.len(), 1);
}

#[test]
fn rejected_blocks_are_remembered_up_to_1024_the_first_of_a_branch_longest() {
    let mut forge = Forge::new(open_spec());
    let mut tree = Tree::new(open_spec());
    let id = forge.id;
    let fault = BlockFault::Coinbase;
    let blocks: Vec<Block> =
        (0..1_030).map(|n| forge.block_after(id, 1, 1_000 + n, Vec::new())).collect();
    insert_all(&mut tree, &blocks);
    for block in &blocks {
        tree.reject(&block.header.hash(), &fault);
    }
    let remembered = |tree: &Tree, blocks: &[Block]| {
        blocks.iter().filter(|b| tree.rejection(&b.header.hash()).is_some()).count()
    };
    assert_eq!(remembered(&tree, &blocks), 1_024);
    assert_eq!(remembered(&tree, &blocks[..6]), 0);
    let branch = forge.branch(id, 2, 1_100);
    insert_all(&mut tree, &branch);
    assert_eq!(tree.reject(&branch[0].header.hash(), &fault).len(), 1_100);
    assert_eq!(remembered(&tree, &blocks), 0);
    assert_eq!(remembered(&tree, &branch), 1_024);
    // Were the first forgotten, the whole branch would be taken in again.
    assert_eq!(tree.insert(&branch[0].header), Err(fault));
}

#[test]
fn side_blocks_are_dropped_from_the_weakest_branch_on() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let main = forge.branch(id, 1, 40);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &main);
    // Thirty branches of 1 to 30 blocks, and 600 of one block.
    let mut sides: Vec<Vec<Block>> = Vec::new();
    for length in 1..=30 {
        let mut side = vec![forge.block_after(id, 2, 5_000 + length, Vec::new())];
        for _ in 1..length {
            side.push(forge.block(side[side.len() - 1].header.hash(), 2, Vec::new()));
        }
        sides.push(side);
    }
    for n in 0..600 {
        sides.push(vec![forge.block_after(id, 3, 7_000 + n, Vec::new())]);
    }
    for side in &sides {
        give(&mut chain, side);
        if chain.tree().len() - 41 <= MAX_SIDE_BLOCKS {
            assert_eq!(chain.prune(), Vec::<Hash>::new());
        }
    }
    assert_eq!(chain.tree().len(), 1 + 40 + 30 * 31 / 2 + 600);
    let dropped = chain.prune();
    assert_eq!(chain.tree().len(), 41 + MAX_SIDE_BLOCKS / 4 * 3);
    assert_eq!(dropped.len(), 30 * 31 / 2 + 600 - MAX_SIDE_BLOCKS / 4 * 3);
    assert!(dropped.iter().all(|hash| chain.tree().header(hash).is_none()));
    assert!(dropped.iter().all(|hash| chain.body(hash).is_none()));
    // The chain and the longer branches are whole.
    for block in main.iter().chain(sides[1..30].iter().flatten()) {
        assert!(chain.tree().has_body(&block.header.hash()));
    }
    assert_eq!(chain.tip(), main[39].header.hash());
    assert_eq!(chain.prune(), Vec::<Hash>::new());
}

#[test]
fn pruning_spares_the_chain_and_the_best_branch_of_headers() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let main = forge.branch(id, 1, 3);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &main);
    let best = forge.branch(id, 2, 1_100);
    for block in &best {
        chain.insert_header(&block.header, NOW).unwrap();
    }
    assert_eq!(chain.prune(), Vec::<Hash>::new());
    // One branch deeper than what may stay is cut from its end.
    let side = forge.branch(id, 3, 1_050);
    give(&mut chain, &side);
    // It has more work than the chain; then the headers' bodies come too.
    super::forge::settle(&mut chain);
    assert_eq!(chain.tip(), side[1_049].header.hash());
    assert_eq!(chain.prune(), Vec::<Hash>::new());
    give(&mut chain, &best);
    super::forge::settle(&mut chain);
    let dropped = chain.prune();
    assert_eq!(chain.tip(), best[1_099].header.hash());
    assert_eq!(chain.tree().len(), 1_101 + MAX_SIDE_BLOCKS / 4 * 3);
    // The shortest branch first, then the long one from its end.
    assert_eq!(dropped[..3], [2, 1, 0].map(|n| main[n].header.hash()));
    assert_eq!(dropped[3], side[1_049].header.hash());
    assert!(chain.tree().has_body(&side[700].header.hash()));
}

#[test]
fn a_branch_that_nobody_gives_is_forgotten_but_never_the_chain() {
    let mut forge = Forge::new(open_spec());
    let main = forge.branch(forge.id, 1, 3);
    let side = forge.branch(main[0].header.hash(), 2, 4);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &main);
    for block in &side {
        chain.insert_header(&block.header, NOW).unwrap();
    }
    assert_eq!(chain.tree().best_header().hash.0, side[3].header.hash());
    assert_eq!(chain.forget_branch(&main[0].header.hash()), Vec::<Hash>::new());
    assert_eq!(chain.forget_branch(&chain.id()), Vec::<Hash>::new());
    assert_eq!(chain.forget_branch(&side[1].header.hash()), hashes(&side[1..]));
    assert_eq!(chain.tree().best_header().hash.0, main[2].header.hash());
    // It is not held against the branch: it may come again.
    adopt(&mut chain, &side);
    assert_eq!(chain.tip(), side[3].header.hash());
}

#[test]
fn equal_work_goes_to_the_smaller_hash_on_every_node() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let rivals: Vec<Block> = (0..6).map(|n| forge.block(id, n, Vec::new())).collect();
    let smallest = hashes(&rivals).into_iter().min().unwrap();
    for turn in 0..rivals.len() {
        let mut chain = Chain::new(open_spec());
        for block in rivals.iter().cycle().skip(turn).take(rivals.len()) {
            adopt(&mut chain, std::slice::from_ref(block));
        }
        assert_eq!(chain.tip(), smallest);
        assert_eq!(chain.tip_rank(), Rank::new(1, smallest));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// Which blocks are complete, whatever bodies come and go in whatever order.
    #[test]
    fn a_block_is_complete_when_all_bodies_below_it_are_at_hand(
        parents in prop::collection::vec(any::<prop::sample::Index>(), 1..14),
        events in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..40),
    ) {
        let mut forge = Forge::new(open_spec());
        let mut tree = Tree::new(open_spec());
        let mut all = vec![forge.id];
        for (n, parent) in (0_u64..).zip(&parents) {
            let block = forge.block_after(all[parent.index(all.len())], 1, 1_000 + n, Vec::new());
            all.push(block.header.hash());
            tree.insert(&block.header).unwrap();
        }
        for (which, arrives) in events {
            let hash = all[which.index(all.len())];
            if arrives { tree.body_arrived(&hash); } else { tree.body_lost(&hash); }
            let whole = |hash: &Hash| tree.ancestors(*hash).all(|(hash, _)| tree.has_body(&hash));
            let best = all.iter().filter(|hash| whole(hash)).filter_map(|hash| tree.rank(hash)).max();
            prop_assert_eq!(Some(tree.best_complete()), best);
        }
    }
}

/// What DESIGN calls for: a chain of a million headers in a tab.
#[test]
fn a_header_takes_less_than_200_bytes_all_included() {
    for length in [1_000_usize, 15_000, 100_000] {
        let chain = long_chain(length);
        let allocated = chain.allocated();
        assert!(allocated <= 200 * length, "{allocated} bytes for {length} headers");
    }
}

/// A chain of headers whose bodies were all at hand, as they are when it is synced.
fn long_chain(length: usize) -> Chain {
    let spec = open_spec();
    let mut chain = Chain::new(spec.clone());
    for n in 0..length {
        let context = chain.next_context().unwrap();
        let merkle_root = Hash::of(&n.to_be_bytes());
        let header = context.template(&spec, merkle_root, UnixMillis(0));
        let hash = header.hash();
        assert_eq!(chain.insert_header(&header, NOW), Ok(BlockVerdict::Inserted));
        chain.take_for_main(hash);
    }
    chain
}

#[test]
fn branches_that_come_and_go_leave_no_memory_behind() {
    let mut forge = Forge::new(open_spec());
    let main = forge.branch(forge.id, 1, 300);
    let mut tree = Tree::new(open_spec());
    insert_all(&mut tree, &main);
    let side = forge.branch(main[100].header.hash(), 2, 600);
    let mut allocated = 0;
    for round in 0..5 {
        insert_all(&mut tree, &side);
        assert_eq!(tree.best_header().hash.0, side[599].header.hash());
        let context = tree.context(side[599].header.hash()).unwrap();
        assert_eq!(context.history_root, history(&tree, side[599].header.hash()));
        assert_eq!(tree.remove(&side[0].header.hash()), hashes(&side));
        assert_eq!(tree.best_header().hash.0, main[299].header.hash());
        assert_eq!((tree.len(), tree.leaves().count()), (301, 1));
        assert!(round == 0 || tree.allocated() == allocated);
        allocated = tree.allocated();
    }
    // Another branch in the places of the first, with checkpoints of its own.
    let other = forge.branch(main[200].header.hash(), 3, 400);
    insert_all(&mut tree, &other);
    for block in &other {
        let hash = block.header.hash();
        assert_eq!(tree.header(&hash), Some(block.header.clone()));
        assert_eq!(tree.context(hash).unwrap().history_root, history(&tree, hash));
    }
    assert_eq!(tree.remove(&forge.id), Vec::<Hash>::new());
}

#[test]
fn an_ancestor_is_found_at_every_height_on_every_branch() {
    let mut forge = Forge::new(open_spec());
    let main = forge.branch(forge.id, 1, 600);
    let side = forge.branch(main[254].header.hash(), 2, 300);
    let mut tree = Tree::new(open_spec());
    insert_all(&mut tree, &main);
    insert_all(&mut tree, &side);
    for tip in [&main[599], &main[255], &side[299], &side[0]] {
        let tip = tip.header.hash();
        for (hash, height) in tree.ancestors(tip) {
            assert_eq!(tree.ancestor(&tip, height), Some(hash), "{height}");
        }
        assert_eq!(tree.ancestor(&tip, tree.height(&tip).unwrap() + 1), None);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// Whatever is put in and taken out: leaves, best header, headers and heights are those
    /// of a plain list.
    #[test]
    fn agrees_with_a_plain_list_of_headers(
        steps in prop::collection::vec((any::<prop::sample::Index>(), 0_u8..6), 1..80),
    ) {
        let mut forge = Forge::new(open_spec());
        let mut tree = Tree::new(open_spec());
        let mut held: Vec<Block> = Vec::new();
        let mut salt = 0;
        for (which, action) in steps {
            let at = which.index(held.len() + 1);
            let hash = held.get(at).map_or(forge.id, |block| block.header.hash());
            if action == 0 && at < held.len() {
                let mut gone = vec![hash];
                let mut next = 0;
                while let Some(parent) = gone.get(next).copied() {
                    let children = held.iter().filter(|b| b.header.previous_hash == parent);
                    gone.extend(children.map(|b| b.header.hash()));
                    next += 1;
                }
                let mut removed = tree.remove(&hash);
                prop_assert_eq!(removed[0], hash);
                removed.sort_unstable();
                gone.sort_unstable();
                prop_assert_eq!(removed, gone.clone());
                held.retain(|block| !gone.contains(&block.header.hash()));
            } else {
                salt += 1;
                let block = forge.block_after(hash, 1, 1_000 + salt, Vec::new());
                tree.insert(&block.header).unwrap();
                held.push(block);
            }
            let is_leaf = |hash: Hash| held.iter().all(|b| b.header.previous_hash != hash);
            let all = held.iter().map(|b| b.header.hash()).chain([forge.id]);
            let leaves: std::collections::BTreeSet<Rank> =
                all.filter(|hash| is_leaf(*hash)).map(|hash| tree.rank(&hash).unwrap()).collect();
            prop_assert_eq!(tree.leaves().collect::<Vec<_>>(), leaves.iter().copied().collect::<Vec<_>>());
            prop_assert_eq!(Some(&tree.best_header()), leaves.last());
            prop_assert_eq!(tree.len(), held.len() + 1);
            for block in &held {
                let found = tree.header(&block.header.hash());
                prop_assert_eq!(found.as_ref(), Some(&block.header));
            }
        }
    }
}
