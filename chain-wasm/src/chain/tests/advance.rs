//! Moving the tip in steps, with bodies that are in memory, in the store, or lost.

use std::collections::BTreeMap;

use super::forge::{Forge, adopt, data, give, hashes, open_spec, settle, transfer, work_spec};
use crate::chain::block::Block;
use crate::chain::bodies::Bodies;
use crate::chain::transaction::{MAX_DATA, Transaction};
use crate::chain::validate::Validator;
use crate::chain::verify::BlockFault;
use crate::chain::{Advance, Chain, Trust};
use crate::primitives::{Hash, UnixMillis};

/// Advances to the end and reads from a store what is not in memory. The most
/// blocks asked for at once come back.
fn settle_from(chain: &mut Chain, store: &BTreeMap<Hash, Vec<u8>>) -> usize {
    let mut most = 0;
    // Far more rounds than any of these tests needs.
    for _ in 0..2_000 {
        match chain.advance() {
            Advance::Done => return most,
            Advance::Moved(_) | Advance::Rejected { .. } => {}
            Advance::Lost => drop(chain.leave_lost()),
            Advance::NeedBodies(needed) => {
                most = most.max(needed.len());
                for hash in needed {
                    assert!(chain.body_loaded(&hash, store.get(&hash).cloned()));
                }
            }
        }
    }
    panic!("it does not come to an end");
}

fn stored(blocks: &[Block]) -> BTreeMap<Hash, Vec<u8>> {
    blocks.iter().map(|block| (block.header.hash(), block.encode())).collect()
}

/// Forgets all bodies in memory, and holds few from now on.
fn squeeze(chain: &mut Chain, budget: usize) {
    chain.bodies = Bodies::new(budget);
}

fn checked(chain: &Chain, blocks: &[Block]) {
    let mut validator = Validator::new(chain.spec().clone());
    for block in blocks {
        assert_eq!(validator.push(&block.encode(), Some(&block.header.hash())), Ok(()));
    }
    assert_eq!(validator.ledger(), chain.ledger());
}

#[test]
fn a_long_extension_comes_in_steps_of_256() {
    let mut forge = Forge::new(open_spec());
    let branch = forge.branch(forge.id, 1, 600);
    let mut chain = Chain::new(open_spec());
    let moves = adopt(&mut chain, &branch);
    let steps: Vec<_> = moves.iter().map(|step| (step.fork_height, step.adopted.len())).collect();
    assert_eq!(steps, [(0, 256), (256, 256), (512, 88)]);
    assert_eq!(chain.main.hashes_from(&chain.tree, 1), hashes(&branch));
    assert_eq!((chain.height(), chain.ledger().supply()), (600, 600 * 50));
    checked(&chain, &branch);
}

#[test]
fn a_long_branch_that_replaces_a_short_one_comes_in_steps_too() {
    let mut forge = Forge::new(open_spec());
    let short = forge.branch(forge.id, 1, 3);
    let long = forge.branch(forge.id, 2, 600);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &short);
    let moves = adopt(&mut chain, &long);
    assert_eq!(moves.len(), 3);
    assert_eq!(moves[0].abandoned, hashes(&short));
    assert_eq!(moves[0].adopted, hashes(&long[..256]));
    assert!(moves[1..].iter().all(|step| step.abandoned.is_empty()));
    checked(&chain, &long);
}

#[test]
fn the_chains_work_never_falls_on_the_way() {
    let mut forge = Forge::new(work_spec());
    let mut chain = Chain::new(work_spec());
    let id = forge.id;
    // 300 blocks, then a branch of which 301 outrank them: more than one step of 256.
    let old = forge.branch(id, 1, 300);
    let mut new: Vec<Block> = Vec::new();
    for _ in 0..310 {
        let parent = new.last().map_or(id, |block| block.header.hash());
        new.push(forge.block_after(parent, 2, 6_000, Vec::new()));
    }
    adopt(&mut chain, &old);
    let before = chain.tip_rank();
    give(&mut chain, &new);
    let mut last = before;
    while let Advance::Moved(step) = chain.advance() {
        assert!(chain.tip_rank() > last, "{step:?}");
        last = chain.tip_rank();
    }
    assert_eq!(chain.tip(), new[309].header.hash());
    assert!(last > before);
}

#[test]
fn bodies_that_are_not_in_memory_are_asked_for() {
    let mut forge = Forge::new(open_spec());
    let branch = forge.branch(forge.id, 1, 5);
    let mut chain = Chain::new(open_spec());
    give(&mut chain, &branch);
    squeeze(&mut chain, 1 << 20);
    assert_eq!(chain.advance(), Advance::NeedBodies(hashes(&branch)));
    // Asking again gives the same answer; nothing has changed.
    assert_eq!(chain.advance(), Advance::NeedBodies(hashes(&branch)));
    settle_from(&mut chain, &stored(&branch));
    checked(&chain, &branch);
}

#[test]
fn regression_a_chain_greater_than_memory_is_taken_in() {
    let mut forge = Forge::new(open_spec());
    let branch = forge.branch(forge.id, 1, 300);
    let mut chain = Chain::new(open_spec());
    give(&mut chain, &branch);
    // Room for about ten blocks.
    squeeze(&mut chain, branch[0].encode().len() * 10);
    let most = settle_from(&mut chain, &stored(&branch));
    assert!(most <= 64, "{most}");
    checked(&chain, &branch);
    assert!(chain.bodies.held() <= 65);
}

#[test]
fn regression_a_reorganisation_greater_than_memory_comes_to_an_end() {
    let mut forge = Forge::new(open_spec());
    let old = forge.branch(forge.id, 1, 100);
    let new = forge.branch(forge.id, 2, 120);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &old);
    give(&mut chain, &new);
    squeeze(&mut chain, old[0].encode().len() * 10);
    let store = stored(&[old.clone(), new.clone()].concat());
    let most = settle_from(&mut chain, &store);
    assert!(most <= 128, "{most}");
    checked(&chain, &new);
    let waiting = chain.mempool().len();
    assert_eq!(waiting, old.iter().flat_map(Block::entries).count(), "entries wait in order");
    let order = chain.mempool().iter().map(|waiting| waiting.transaction.id());
    assert!(order.eq(old.iter().flat_map(Block::entries).map(Transaction::id)));
    // What was kept for it makes room again.
    let more = forge.branch(new[119].header.hash(), 1, 1);
    adopt(&mut chain, &more);
    assert!(chain.bodies.held() <= 12, "{}", chain.bodies.held());
}

#[test]
fn blocks_of_the_greatest_size_fit_in_memory_as_they_come() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let mut chain = Chain::new(open_spec());
    let mut parent = id;
    let mut blocks = Vec::new();
    for n in 0..8 {
        let entries = (0..15).map(|m| data(id, 1, n * 100 + m, MAX_DATA)).collect();
        blocks.push(forge.block(parent, 1, entries));
        parent = blocks[blocks.len() - 1].header.hash();
    }
    give(&mut chain, &blocks);
    squeeze(&mut chain, blocks[0].encode().len() * 2);
    settle_from(&mut chain, &stored(&blocks));
    checked(&chain, &blocks);
}

#[test]
fn a_damaged_record_is_noticed_and_heals() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let first = forge.entry(1);
    let mut branch = vec![forge.block(id, 1, vec![first])];
    branch.extend(forge.branch(branch[0].header.hash(), 1, 4));
    let mut chain = Chain::new(open_spec());
    give(&mut chain, &branch);
    squeeze(&mut chain, 1 << 20);
    let all = hashes(&branch);
    let mut damaged = branch[0].encode();
    let at = damaged.len() - 100;
    damaged[at] ^= 1;
    assert!(!chain.body_loaded(&all[0], Some(damaged)));
    assert!(!chain.body_loaded(&all[2], None));
    // Another block in its place.
    assert!(!chain.body_loaded(&all[3], Some(branch[4].encode())));
    assert!(!chain.body_loaded(&all[4], Some(b"garbage".to_vec())));
    let lost: std::collections::BTreeSet<_> = chain.tree().lost().collect();
    assert_eq!(lost, [all[0], all[2], all[3], all[4]].into());
    assert_eq!(chain.advance(), Advance::Done);
    assert_eq!(chain.height(), 0);
    // Fetched again from peers, in any order.
    give(&mut chain, &[branch[3].clone(), branch[0].clone()]);
    settle_from(&mut chain, &stored(&branch));
    assert_eq!(chain.height(), 2);
    give(&mut chain, &[branch[4].clone(), branch[2].clone()]);
    settle_from(&mut chain, &stored(&branch));
    assert_eq!(chain.tree().lost().count(), 0);
    checked(&chain, &branch);
}

#[test]
fn regression_the_genesis_block_cannot_be_lost() {
    let mut forge = Forge::new(open_spec());
    let branch = forge.branch(forge.id, 1, 3);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &branch);
    let id = chain.id();
    chain.body_loaded(&id, None);
    assert_eq!(chain.tree().best_complete(), chain.tip_rank());
    assert_eq!(chain.tree().lost().count(), 0);
    let more = forge.branch(branch[2].header.hash(), 1, 1);
    adopt(&mut chain, &more);
    assert_eq!(chain.height(), 4);
}

#[test]
fn a_lost_block_in_the_chain_changes_nothing_until_it_must_be_undone() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let entries: Vec<_> = (0..4).map(|_| forge.entry(1)).collect();
    let mut old: Vec<Block> = Vec::new();
    for entry in &entries {
        let parent = old.last().map_or(id, |block| block.header.hash());
        old.push(forge.block(parent, 1, vec![entry.clone()]));
    }
    // The first is shared, the fork follows.
    let new = forge.branch(old[0].header.hash(), 2, 4);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &old);
    let lost = old[2].header.hash();
    chain.bodies.remove(&lost);
    assert!(!chain.body_loaded(&lost, None));
    assert_eq!(chain.advance(), Advance::Done);
    assert_eq!(chain.tip(), old[3].header.hash());
    give(&mut chain, &new);
    assert_eq!(chain.advance(), Advance::Lost);
    let back = chain.leave_lost();
    assert_eq!((back.fork_height, back.abandoned), (0, hashes(&old)));
    assert_eq!((chain.height(), chain.ledger().supply()), (0, 0));
    settle(&mut chain);
    checked(&chain, &[&old[..1], &new].concat());
    assert_eq!(chain.ledger().height_of(&entries[0].id()), Some(1));
    // What is below was taken up again, and undone for the new branch.
    assert!(chain.mempool().get(&entries[1].id()).is_some());
    // Owed are the entries of the blocks above that are at hand.
    let owed = chain.next_owed().unwrap();
    assert_eq!(owed, old[3].header.hash());
    assert_eq!(chain.return_owed(&owed), [entries[3].id()]);
    assert_eq!(chain.next_owed(), None);
}

#[test]
fn regression_a_restart_reads_what_the_store_still_has() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let entries: Vec<_> = (0..3).map(|_| forge.entry(1)).collect();
    let mut old: Vec<Block> = Vec::new();
    for entry in &entries {
        let parent = old.last().map_or(id, |block| block.header.hash());
        old.push(forge.block(parent, 1, vec![entry.clone()]));
    }
    let new = forge.branch(id, 2, 4);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &old);
    give(&mut chain, &new);
    squeeze(&mut chain, 1 << 20);
    chain.body_loaded(&old[1].header.hash(), None);
    let store = stored(&[&old[..1], &old[2..], &new].concat());
    settle_from(&mut chain, &store);
    checked(&chain, &new);
    while let Some(owed) = chain.next_owed() {
        chain.body_loaded(&owed, store.get(&owed).cloned());
        chain.return_owed(&owed);
    }
    for entry in [&entries[0], &entries[2]] {
        assert!(chain.mempool().get(&entry.id()).is_some());
    }
}

#[test]
fn a_block_that_breaks_a_rule_in_its_place_is_taken_out_and_the_tip_stays() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let good = forge.branch(id, 1, 2);
    let overdraft = forge.transfer(3, 1, 1);
    let mut bad = forge.branch(id, 2, 1);
    bad.push(forge.block(bad[0].header.hash(), 2, vec![overdraft]));
    bad.extend(forge.branch(bad[1].header.hash(), 2, 2));
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &good);
    let before = (chain.ledger().clone(), chain.main.hashes_from(&chain.tree, 0));
    give(&mut chain, &bad);
    let fault = BlockFault::Overdraft { index: 1 };
    assert_eq!(
        chain.advance(),
        Advance::Rejected {
            block: bad[1].header.hash(),
            fault: fault.clone(),
            removed: hashes(&bad[1..]),
        }
    );
    assert_eq!(chain.advance(), Advance::Done);
    assert_eq!((chain.ledger().clone(), chain.main.hashes_from(&chain.tree, 0)), before);
    // Neither they nor what is built on them comes back.
    let verdicts = give(&mut chain, &bad[1..]);
    assert!(verdicts.iter().all(|v| *v == crate::chain::BlockVerdict::Invalid(fault.clone())));
    // The valid beginning of the branch can still win.
    let rest = forge.branch(bad[0].header.hash(), 2, 3);
    adopt(&mut chain, &rest);
    checked(&chain, &[&bad[..1], &rest].concat());
}

#[test]
fn regression_a_transfer_is_not_refused_for_a_balance_on_the_way() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let mut chain = Chain::new(open_spec());
    let base = forge.branch(id, 1, 1);
    adopt(&mut chain, &base);
    let waiting = transfer(id, 1, 1_000, 2, 40);
    chain.insert_transaction(waiting.clone()).unwrap();
    // In 300 blocks author 1 spends all, early, and has coins again, late.
    let spend = forge.transfer(1, 3, 50);
    let mut branch = vec![forge.block(base[0].header.hash(), 2, vec![spend])];
    branch.extend(forge.branch(branch[0].header.hash(), 2, 298));
    branch.push(forge.block(branch[298].header.hash(), 1, Vec::new()));
    let moves = adopt(&mut chain, &branch);
    assert_eq!(moves.len(), 2);
    assert!(moves.iter().all(|step| step.refused.is_empty()), "{moves:?}");
    assert!(chain.mempool().get(&waiting.id()).is_some());
    // A winner several steps back is named all the same.
    let mut forge = Forge::new(open_spec());
    let mut chain = Chain::new(open_spec());
    let base = forge.branch(id, 1, 1);
    adopt(&mut chain, &base);
    chain.insert_transaction(waiting.clone()).unwrap();
    let spend = forge.transfer(1, 3, 50);
    let winner = spend.id();
    let mut branch = vec![forge.block(base[0].header.hash(), 2, vec![spend])];
    branch.extend(forge.branch(branch[0].header.hash(), 2, 299));
    let moves = adopt(&mut chain, &branch);
    assert_eq!(moves[1].refused, [(waiting.id(), winner)]);
    assert!(chain.mempool().is_empty());
}

#[test]
fn nothing_is_done_when_the_tip_is_the_best_block() {
    let mut chain = Chain::new(open_spec());
    assert_eq!(chain.advance(), Advance::Done);
    assert_eq!(chain.template(super::forge::public(1), UnixMillis(1)), None);
    let empty = chain.empty_template(super::forge::public(1), UnixMillis(1)).unwrap();
    assert_eq!(empty.entries().count(), 0);
    assert_eq!(chain.insert_blocks(vec![empty.encode()], Trust::Store, UnixMillis(1)).len(), 1);
    assert!(matches!(chain.advance(), Advance::Moved(_)));
    assert_eq!(chain.height(), 1);
}
