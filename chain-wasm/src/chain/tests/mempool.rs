//! Bounds of the mempool, and what it gives into the next block.

use super::forge::{
    Forge, NOW, adopt, data, keypair, open_spec, public, seal, transfer, work_spec,
};
use crate::chain::block::{MAX_BLOCK, MAX_TRANSACTIONS};
use crate::chain::mempool::{
    MAX_BYTES, MAX_BYTES_PER_AUTHOR, MAX_COUNT, MAX_COUNT_PER_AUTHOR, MAX_HELD_BYTES,
    MAX_HELD_COUNT, MempoolError,
};
use crate::chain::transaction::{MAX_DATA, Transaction, TransactionFault};
use crate::chain::validate::Validator;
use crate::chain::{Chain, MAX_OWED, TransactionRefusal};
use crate::primitives::Hash;

fn full() -> Result<(), TransactionRefusal> {
    Err(MempoolError::Full.into())
}

#[test]
fn an_author_is_refused_over_its_count_and_others_are_not() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    for n in 0..MAX_COUNT_PER_AUTHOR as u64 {
        chain.insert_transaction(data(id, 1, n, 1)).unwrap();
    }
    assert_eq!(chain.insert_transaction(data(id, 1, 5_000, 1)), full());
    assert_eq!(chain.insert_transaction(data(id, 2, 5_000, 1)), Ok(()));
    assert_eq!(chain.mempool().len(), MAX_COUNT_PER_AUTHOR + 1);
}

#[test]
fn the_pool_is_refused_over_its_count_and_gives_room_again() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    for author in 0..5 {
        for n in 0..MAX_COUNT_PER_AUTHOR as u64 {
            chain.mempool.insert(data(id, author, n, 1), &chain.ledger).unwrap();
        }
    }
    assert_eq!(chain.mempool().len(), MAX_COUNT);
    let late = data(id, 9, 1, 1);
    assert_eq!(chain.insert_transaction(late.clone()), full());
    let mut block = chain.template(public(1), NOW).unwrap();
    assert_eq!(block.transactions.len(), MAX_TRANSACTIONS);
    seal(&mut block.header);
    let moves = adopt(&mut chain, std::slice::from_ref(&block));
    assert_eq!(moves[0].confirmed.len(), MAX_TRANSACTIONS - 1);
    assert_eq!(chain.mempool().len(), MAX_COUNT - MAX_TRANSACTIONS + 1);
    assert_eq!(chain.insert_transaction(late), Ok(()));
}

#[test]
fn the_pool_is_refused_over_its_bytes_in_all_and_of_one_author() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    let mut refused = 0;
    for author in 0..5 {
        for n in 0.. {
            match chain.insert_transaction(data(id, author, n, MAX_DATA)) {
                Ok(()) => {}
                verdict => {
                    assert_eq!(verdict, full());
                    refused += 1;
                    break;
                }
            }
        }
        let of: usize = chain
            .mempool()
            .iter()
            .filter(|waiting| waiting.transaction.author() == public(author))
            .map(|waiting| waiting.size)
            .sum();
        assert!(of <= MAX_BYTES_PER_AUTHOR);
    }
    assert_eq!(refused, 5);
    let bytes = chain.mempool().bytes();
    assert!(bytes <= MAX_BYTES && bytes + MAX_DATA + 300 > MAX_BYTES - 5 * (MAX_DATA + 300));
    assert_eq!(chain.mempool().iter().map(|w| w.size).sum::<usize>(), bytes);
}

#[test]
fn what_was_in_the_chain_or_was_checked_is_taken_though_the_pool_is_full() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let entries: Vec<_> = (0..3).map(|_| forge.entry(1)).collect();
    let old = forge.block(id, 1, entries.clone());
    let new = forge.branch(id, 2, 2);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, std::slice::from_ref(&old));
    for n in 0..MAX_COUNT_PER_AUTHOR as u64 {
        chain.mempool.insert(data(id, 1, 1_000 + n, 1), &chain.ledger).unwrap();
    }
    assert_eq!(chain.insert_transaction(data(id, 1, 9_000, 1)), full());
    let moves = adopt(&mut chain, &new);
    let ids: Vec<Hash> = entries.iter().map(Transaction::id).collect();
    assert_eq!(moves[0].returned, ids);
    assert_eq!(chain.mempool().len(), MAX_COUNT_PER_AUTHOR + 3);
    // In front of all others, in their order.
    let first: Vec<Hash> = chain.mempool().iter().take(3).map(|w| w.transaction.id()).collect();
    assert_eq!(first, ids);
    assert!(chain.mempool().iter().take(4).map(|w| w.returned).eq([true, true, true, false]));
    let late = data(id, 1, 9_001, 1);
    chain.admit(late.clone());
    assert!(chain.mempool().get(&late.id()).is_some());
    assert_eq!(chain.restore_transaction(late), Err(MempoolError::Known));
}

#[test]
fn regression_an_entry_confirmed_before_its_admission_does_not_wait_again() {
    let mut forge = Forge::new(open_spec());
    let entry = forge.entry(1);
    let block = forge.block(forge.id, 1, vec![entry.clone()]);
    let mut chain = Chain::new(open_spec());
    assert_eq!(chain.check_transaction(&entry), Ok(()));
    adopt(&mut chain, &[block]);
    chain.admit(entry.clone());
    assert!(chain.mempool().is_empty());
    let known = Err(MempoolError::Known.into());
    assert_eq!(chain.insert_transaction(entry.clone()), known);
    assert_eq!(chain.check_transaction(&entry), known);
}

#[test]
fn an_entry_that_breaks_a_rule_is_refused() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    let foreign = data(Hash::of(b"x"), 1, 1, 5);
    let forged = Transaction::sign(data(id, 1, 1, 5).content().clone(), &keypair(2));
    let coinbase = Transaction::coinbase(id, public(1), 50, 1, NOW);
    for (entry, fault) in [
        (foreign, TransactionFault::Chain),
        (forged.clone(), TransactionFault::Signature),
        (coinbase, TransactionFault::Coinbase),
    ] {
        assert_eq!(chain.insert_transaction(entry), Err(TransactionRefusal::Invalid(fault)));
    }
    let good = data(id, 1, 1, 5);
    assert_eq!(chain.insert_transaction(good.clone()), Ok(()));
    // The same content under another signature is the same entry.
    assert_eq!(good.id(), forged.id());
    assert_eq!(chain.insert_transaction(forged), Err(MempoolError::Known.into()));
    assert_eq!(chain.mempool().len(), 1);
}

#[test]
fn a_transfer_is_refused_over_the_balance_less_what_waits() {
    let mut forge = Forge::new(open_spec());
    let base = forge.branch(forge.id, 1, 1);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, &base);
    let id = forge.id;
    let short = |balance| Err(MempoolError::InsufficientBalance { balance }.into());
    assert_eq!(chain.insert_transaction(transfer(id, 2, 1, 1, 1)), short(0));
    assert_eq!(chain.insert_transaction(transfer(id, 1, 2, 2, 51)), short(50));
    assert_eq!(chain.insert_transaction(transfer(id, 1, 3, 2, 30)), Ok(()));
    assert_eq!(chain.insert_transaction(transfer(id, 1, 4, 2, 21)), short(20));
    assert_eq!(chain.insert_transaction(transfer(id, 1, 5, 2, u64::MAX)), short(20));
    assert_eq!(chain.insert_transaction(transfer(id, 1, 6, 2, 20)), Ok(()));
    assert_eq!(chain.mempool().spendable(&public(1), chain.ledger()), 0);
}

#[test]
fn large_entries_fill_a_block_and_never_more() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    for author in 0..2 {
        for n in 0..12 {
            chain.insert_transaction(data(id, author, n, MAX_DATA)).unwrap();
        }
    }
    let mut block = chain.template(public(1), NOW).unwrap();
    let size = block.encode().len();
    assert_eq!(block.transactions.len(), 1 + 15);
    assert!(size <= MAX_BLOCK && size + MAX_DATA + 300 > MAX_BLOCK, "{size}");
    seal(&mut block.header);
    adopt(&mut chain, &[block]);
    assert_eq!(chain.mempool().len(), 9);
}

#[test]
fn every_size_of_entries_makes_a_block_within_its_limit() {
    let id = Chain::new(open_spec()).id();
    for size in [1, 23, 24, 200, 255, 256, 330, 1_000, 4_000, 20_000, 32_000, MAX_DATA] {
        let mut chain = Chain::new(open_spec());
        for n in 0..1_100 {
            let entry = data(id, u8::try_from(n % 8).unwrap(), n, size);
            if chain.mempool.insert(entry, &chain.ledger).is_err() {
                break;
            }
        }
        let block = chain.template(public(1), NOW).unwrap();
        assert!(block.encode().len() <= MAX_BLOCK, "{size}");
        assert!(block.transactions.len() <= MAX_TRANSACTIONS);
        let whole = block.encode().len() + size + 1_900 > MAX_BLOCK;
        assert!(whole || block.transactions.len() == MAX_TRANSACTIONS, "{size}");
    }
}

#[test]
fn oldest_come_first_and_what_cannot_be_paid_is_left_out() {
    let mut forge = Forge::new(work_spec());
    let base = forge.branch(forge.id, 1, 1);
    let mut chain = Chain::new(work_spec());
    adopt(&mut chain, &base);
    let id = forge.id;
    let waiting = [
        data(id, 3, 1, 5),
        transfer(id, 1, 2, 2, 30),
        data(id, 1, 3, 5),
        transfer(id, 1, 4, 2, 20),
        data(id, 2, 5, 5),
    ];
    for entry in &waiting {
        chain.insert_transaction(entry.clone()).unwrap();
    }
    // What a reorganisation returns may be more than can be paid.
    let returned = transfer(id, 1, 6, 2, 25);
    chain.mempool.put_back(returned.clone()).unwrap();
    let mut block = chain.template(public(3), NOW).unwrap();
    let ids: Vec<Hash> = block.entries().map(Transaction::id).collect();
    let expected = [&returned, &waiting[0], &waiting[2], &waiting[3], &waiting[4]];
    assert_eq!(ids, expected.map(Transaction::id));
    seal(&mut block.header);
    let mut validator = Validator::new(work_spec());
    for block in [&base[0], &block] {
        assert_eq!(validator.push(&block.encode(), None), Ok(()));
    }
    // The transfer that was left out has lost its money to others of its author.
    let moves = adopt(&mut chain, &[block]);
    assert_eq!(moves[0].refused, [(waiting[1].id(), waiting[3].id())]);
    assert!(chain.mempool().is_empty());
}

#[test]
fn a_pool_of_unpayable_transfers_makes_no_block() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    chain.mempool.put_back(transfer(id, 1, 1, 2, 1)).unwrap();
    assert_eq!(chain.template(public(1), NOW), None);
    assert_eq!(chain.mempool().len(), 1);
}

#[test]
fn the_digest_depends_on_what_waits_and_not_on_the_order() {
    let mut one = Chain::new(open_spec());
    let mut two = Chain::new(open_spec());
    let id = one.id();
    let entries: Vec<_> = (0..10).map(|n| data(id, 1, n, 1)).collect();
    for entry in &entries {
        one.insert_transaction(entry.clone()).unwrap();
    }
    for entry in entries.iter().rev() {
        assert_ne!(one.mempool().digest(), two.mempool().digest());
        two.insert_transaction(entry.clone()).unwrap();
    }
    assert_eq!(one.mempool().digest(), two.mempool().digest());
    for entry in &entries {
        one.mempool.remove(&entry.id());
    }
    assert_eq!(one.mempool().digest(), [0; 16]);
    assert_eq!((one.mempool().bytes(), one.mempool().len()), (0, 0));
}

/// Fills a pool with what came back, of four authors.
fn fill_with_returned(chain: &mut Chain) {
    let id = chain.id();
    for n in 0..MAX_HELD_COUNT as u64 {
        let author = 1 + u8::try_from(n % 4).unwrap();
        chain.mempool.put_back(data(id, author, n, 1)).unwrap();
    }
}

#[test]
fn others_entries_come_back_up_to_a_bound_and_own_ones_always() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    chain.keep_all_of(public(9));
    fill_with_returned(&mut chain);
    assert_eq!(chain.mempool.put_back(data(id, 1, 1 << 40, 1)), Err(MempoolError::Full));
    let late = data(id, 2, 1 << 41, 1);
    assert_eq!(chain.restore_transaction(late), Err(MempoolError::Full));
    assert_eq!(chain.mempool.put_back(data(id, 9, 1, 1)), Ok(()));
    assert_eq!(chain.restore_transaction(data(id, 9, 2, 1)), Ok(()));
    assert_eq!(chain.mempool().len(), MAX_HELD_COUNT + 2);
}

#[test]
fn others_entries_come_back_up_to_a_number_of_bytes_and_own_ones_always() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    chain.keep_all_of(public(9));
    let refused = (0..10_000).find(|n| chain.mempool.put_back(data(id, 1, *n, MAX_DATA)).is_err());
    let bytes = chain.mempool().bytes();
    assert!(bytes <= MAX_HELD_BYTES && bytes + MAX_DATA + 300 > MAX_HELD_BYTES);
    assert_eq!(refused, Some(chain.mempool().len() as u64));
    assert_eq!(chain.mempool.put_back(data(id, 9, 1, MAX_DATA)), Ok(()));
    assert_eq!(chain.mempool.put_back(data(id, 2, 1, 1)), Err(MempoolError::Full));
}

#[test]
fn what_had_no_room_after_a_reorganisation_comes_back_when_there_is() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let entries: Vec<_> = [8, 9, 8].map(|author| forge.entry(author)).into();
    let ids: Vec<Hash> = entries.iter().map(Transaction::id).collect();
    let old = forge.block(id, 1, entries);
    let new = forge.branch(id, 2, 2);
    let mut chain = Chain::new(open_spec());
    chain.keep_all_of(public(9));
    adopt(&mut chain, std::slice::from_ref(&old));
    fill_with_returned(&mut chain);
    // Of the abandoned block only the own entry has room, but the block is remembered.
    let moves = adopt(&mut chain, &new);
    assert_eq!(moves[0].returned, [ids[1]]);
    assert_eq!(chain.next_owed(), None);
    let waiting: Vec<Hash> =
        chain.mempool().iter().take(2 + MAX_TRANSACTIONS).map(|w| w.transaction.id()).collect();
    for id in waiting.iter().filter(|id| !ids.contains(id)) {
        chain.mempool.remove(id);
    }
    assert_eq!(chain.next_owed(), Some(old.header.hash()));
    assert_eq!(chain.return_owed(&old.header.hash()), [ids[0], ids[2]]);
    assert_eq!(chain.next_owed(), None);
    assert!(ids.iter().all(|id| chain.mempool().get(id).is_some()));
}

#[test]
fn a_block_that_is_in_the_chain_again_or_was_dropped_is_not_owed() {
    let mut forge = Forge::new(open_spec());
    let id = forge.id;
    let entry = forge.entry(8);
    let old = forge.block(id, 1, vec![entry]);
    let new = forge.branch(id, 2, 2);
    let mut chain = Chain::new(open_spec());
    adopt(&mut chain, std::slice::from_ref(&old));
    adopt(&mut chain, &new);
    let hash = old.header.hash();
    chain.owe(hash);
    assert_eq!(chain.next_owed(), Some(hash));
    chain.forget_branch(&hash);
    assert_eq!(chain.next_owed(), None);
    chain.owe(new[1].header.hash());
    assert_eq!(chain.next_owed(), None);
}

#[test]
fn no_more_abandoned_blocks_are_remembered_than_the_limit() {
    let mut chain = Chain::new(open_spec());
    for n in 0..MAX_OWED + 10 {
        chain.owe(Hash::of(&n.to_be_bytes()));
    }
    assert_eq!(chain.owed.len(), MAX_OWED);
}

#[test]
fn strangers_cannot_take_the_room_of_the_own_author() {
    let mut chain = Chain::new(open_spec());
    let id = chain.id();
    chain.keep_all_of(public(9));
    fill_with_returned(&mut chain);
    assert_eq!(chain.insert_transaction(data(id, 5, 1 << 40, 1)), full());
    for n in 0..MAX_COUNT_PER_AUTHOR as u64 {
        assert_eq!(chain.insert_transaction(data(id, 9, n, 1)), Ok(()));
    }
    assert_eq!(chain.insert_transaction(data(id, 9, 1 << 40, 1)), full());
}
