//! Transactions that wait for a block.
//!
//! Bounded in count and bytes, in all and for each author. When it is full it
//! refuses new ones with a reason; what it has accepted it never drops.
//!
//! What a reorganisation or a restart returns has a bound of its own, four times as
//! high, since in an `open` room anybody can make blocks and abandon them again for
//! nothing. Entries of this node's own author are beyond any bound: nobody else can
//! make them, and nobody else is sure to keep them. What others' entries find no room
//! is not given up: [`Chain`](super::Chain) remembers the blocks that hold them, and
//! offers them again when there is room; their authors' nodes, which see the same
//! reorganisation, keep and announce them all the while.

use std::collections::{BTreeMap, BTreeSet};

use super::block::{MAX_BLOCK, MAX_TRANSACTIONS, SEALED_HEADER_SIZE};
use super::ledger::Ledger;
use super::transaction::{MAX_TRANSACTION, Transaction};
use crate::primitives::{Hash, PublicKey};

/// The most new transactions.
pub const MAX_COUNT: usize = 5_000;
/// The most bytes of new transactions.
pub const MAX_BYTES: usize = 16 * 1024 * 1024;
/// The most new transactions of one author: a fifth of all.
pub const MAX_COUNT_PER_AUTHOR: usize = MAX_COUNT / 5;
/// The most bytes of new transactions of one author: a quarter of all.
pub const MAX_BYTES_PER_AUTHOR: usize = MAX_BYTES / 4;

/// The most transactions that are held with those that were returned, but for own ones.
pub const MAX_HELD_COUNT: usize = MAX_COUNT * 4;
/// The most bytes that are held with those that were returned, but for own ones.
pub const MAX_HELD_BYTES: usize = MAX_BYTES * 4;

/// Room in a block for what is not an entry: header, coinbase, array heads.
const BLOCK_OVERHEAD: usize = SEALED_HEADER_SIZE + 512;

/// The longest head of an entry's byte string in a block.
const ENTRY_HEAD: usize = 3;
const _: () = assert!(MAX_TRANSACTION < 1 << 16);

/// Why a transaction was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MempoolError {
    /// It waits already, or is in the chain.
    #[error("it is known already")]
    Known,
    /// There is no room; try again once some are in a block.
    #[error("too many transactions wait, in all or of this author")]
    Full,
    /// The author has less than it transfers, waiting transfers counted.
    #[error("its author has {balance}, waiting transfers counted")]
    InsufficientBalance {
        /// What could be spent.
        balance: u64,
    },
}

/// A waiting transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waiting {
    /// The transaction.
    pub transaction: Transaction,
    /// Length of its encoding in bytes.
    pub size: usize,
    /// Whether a reorganisation brought it back.
    pub returned: bool,
    order: i64,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Usage {
    count: usize,
    bytes: usize,
    spends: u64,
}

/// Transactions that wait for a block, oldest first.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mempool {
    waiting: BTreeMap<Hash, Waiting>,
    order: BTreeMap<i64, Hash>,
    authors: BTreeMap<PublicKey, Usage>,
    /// Whose transactions are taken back whether there is room or not.
    own: BTreeSet<PublicKey>,
    bytes: usize,
    first: i64,
    next: i64,
    digest: [u8; 16],
}

impl Mempool {
    /// Gives this author, beside those named before, room that others cannot take: its new transactions are bounded
    /// by its own share only, and those that come back are all taken.
    pub(super) fn keep_all_of(&mut self, author: PublicKey) {
        self.own.insert(author);
    }

    /// Whether all of an author's transactions are kept.
    pub fn is_own(&self, author: &PublicKey) -> bool {
        self.own.contains(author)
    }

    /// How many transactions of those authors wait, and their bytes.
    pub fn own_waiting(&self) -> (usize, usize) {
        let waiting = self.own.iter().map(|author| self.waiting_of(author));
        waiting.fold((0, 0), |all, one| (all.0 + one.0, all.1 + one.1))
    }

    /// Whether there is room to take back all that a block may hold.
    pub(super) fn has_room_for_block(&self) -> bool {
        self.waiting.len() + MAX_TRANSACTIONS <= MAX_HELD_COUNT
            && self.bytes + MAX_BLOCK <= MAX_HELD_BYTES
    }

    /// Whether a transaction of this size may be taken back.
    fn may_return(&self, author: &PublicKey, size: usize) -> bool {
        let full = self.waiting.len() >= MAX_HELD_COUNT || self.bytes + size > MAX_HELD_BYTES;
        !full || self.is_own(author)
    }

    /// How many wait.
    pub fn len(&self) -> usize {
        self.waiting.len()
    }

    /// Whether none waits.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// The encodings' length in all, in bytes.
    pub const fn bytes(&self) -> usize {
        self.bytes
    }

    /// The exclusive or of the ids' first 16 bytes: equal for equal pools. A hint
    /// for finding differences, not a proof of equality.
    pub const fn digest(&self) -> [u8; 16] {
        self.digest
    }

    /// A waiting transaction.
    pub fn get(&self, id: &Hash) -> Option<&Waiting> {
        self.waiting.get(id)
    }

    /// All, oldest first.
    pub fn iter(&self) -> impl Iterator<Item = &Waiting> {
        self.order.values().filter_map(|id| self.waiting.get(id))
    }

    /// How many transactions of an author wait.
    pub fn count_of(&self, author: &PublicKey) -> usize {
        self.usage(author).count
    }

    /// How many transactions of an author wait, and their bytes.
    pub fn waiting_of(&self, author: &PublicKey) -> (usize, usize) {
        let usage = self.usage(author);
        (usage.count, usage.bytes)
    }

    /// What an author could still spend.
    pub fn spendable(&self, author: &PublicKey, ledger: &Ledger) -> u64 {
        ledger.balance(author).saturating_sub(self.usage(author).spends)
    }

    /// What an author's waiting transfers add up to.
    pub(super) fn spends(&self, author: &PublicKey) -> u64 {
        self.usage(author).spends
    }

    /// Takes a new transaction whose own rules have been checked.
    ///
    /// # Errors
    /// [`MempoolError`]; nothing has changed.
    pub fn insert(
        &mut self,
        transaction: Transaction,
        ledger: &Ledger,
    ) -> Result<(), MempoolError> {
        self.check(&transaction, ledger)?;
        self.admit(transaction);
        Ok(())
    }

    /// Whether [`Self::insert`] would take a transaction.
    ///
    /// # Errors
    /// [`MempoolError`], as that would give.
    pub fn check(&self, transaction: &Transaction, ledger: &Ledger) -> Result<(), MempoolError> {
        let id = transaction.id();
        if self.waiting.contains_key(&id) || ledger.height_of(&id).is_some() {
            return Err(MempoolError::Known);
        }
        let size = transaction.encode().len();
        let author = self.usage(&transaction.author());
        // Strangers cannot take the room of the node's own user.
        let own = self.is_own(&transaction.author());
        let taken = self.waiting.len() >= MAX_COUNT || self.bytes + size > MAX_BYTES;
        let share =
            author.count >= MAX_COUNT_PER_AUTHOR || author.bytes + size > MAX_BYTES_PER_AUTHOR;
        if share || taken && !own {
            return Err(MempoolError::Full);
        }
        let balance = self.spendable(&transaction.author(), ledger);
        if transaction.spends() > balance {
            return Err(MempoolError::InsufficientBalance { balance });
        }
        Ok(())
    }

    /// Takes a transaction that [`Self::check`] passed some time ago, behind all
    /// others, whether there is room by now or not.
    pub fn admit(&mut self, transaction: Transaction) {
        if !self.waiting.contains_key(&transaction.id()) {
            let size = transaction.encode().len();
            let order = self.next;
            self.next += 1;
            self.put(transaction, size, order, false);
        }
    }

    /// Takes a transaction that was held before the node started again, behind all
    /// others.
    ///
    /// # Errors
    /// [`MempoolError::Known`] if it waits already, [`MempoolError::Full`] if the pool
    /// holds [`MAX_HELD_COUNT`] or [`MAX_HELD_BYTES`] and it is not an own one.
    pub fn restore(&mut self, transaction: Transaction) -> Result<(), MempoolError> {
        self.check_return(&transaction)?;
        self.admit(transaction);
        Ok(())
    }

    /// Takes back a transaction that a reorganisation took out of the chain, ahead of all
    /// others.
    ///
    /// # Errors
    /// As [`Self::restore`].
    pub fn put_back(&mut self, transaction: Transaction) -> Result<(), MempoolError> {
        let size = self.check_return(&transaction)?;
        self.first -= 1;
        self.put(transaction, size, self.first, true);
        Ok(())
    }

    /// Gives the transaction's size if it may be taken back.
    fn check_return(&self, transaction: &Transaction) -> Result<usize, MempoolError> {
        if self.waiting.contains_key(&transaction.id()) {
            return Err(MempoolError::Known);
        }
        let size = transaction.encode().len();
        if self.may_return(&transaction.author(), size) {
            Ok(size)
        } else {
            Err(MempoolError::Full)
        }
    }

    /// Takes a transaction out, since a block has it, or since it was refused.
    pub fn remove(&mut self, id: &Hash) -> Option<Waiting> {
        let waiting = self.waiting.remove(id)?;
        self.order.remove(&waiting.order);
        self.bytes -= waiting.size;
        self.mix(id);
        let author = waiting.transaction.author();
        if let Some(usage) = self.authors.get_mut(&author) {
            usage.count -= 1;
            usage.bytes -= waiting.size;
            usage.spends = usage.spends.saturating_sub(waiting.transaction.spends());
            if usage.count == 0 {
                self.authors.remove(&author);
            }
        }
        Some(waiting)
    }

    /// The transactions for the next block: oldest first, as many as fit, those
    /// left out that the ledger cannot pay for now.
    pub fn select(&self, ledger: &Ledger) -> Vec<Transaction> {
        let mut chosen = Vec::new();
        let mut size = BLOCK_OVERHEAD;
        let mut spent: BTreeMap<PublicKey, u64> = BTreeMap::new();
        for waiting in self.iter() {
            if chosen.len() + 1 >= MAX_TRANSACTIONS || size + waiting.size + ENTRY_HEAD > MAX_BLOCK
            {
                break;
            }
            let transaction = &waiting.transaction;
            if transaction.spends() > 0 {
                let spent = spent.entry(transaction.author()).or_insert(0);
                let after = spent.saturating_add(transaction.spends());
                if after > ledger.balance(&transaction.author()) {
                    continue;
                }
                *spent = after;
            }
            size += waiting.size + ENTRY_HEAD;
            chosen.push(transaction.clone());
        }
        chosen
    }

    fn usage(&self, author: &PublicKey) -> Usage {
        self.authors.get(author).copied().unwrap_or_default()
    }

    fn put(&mut self, transaction: Transaction, size: usize, order: i64, returned: bool) {
        let id = transaction.id();
        let usage = self.authors.entry(transaction.author()).or_default();
        usage.count += 1;
        usage.bytes += size;
        usage.spends = usage.spends.saturating_add(transaction.spends());
        self.bytes += size;
        self.mix(&id);
        self.order.insert(order, id);
        self.waiting.insert(id, Waiting { transaction, size, returned, order });
    }

    fn mix(&mut self, id: &Hash) {
        for (mixed, byte) in self.digest.iter_mut().zip(id.as_bytes()) {
            *mixed ^= byte;
        }
    }
}
