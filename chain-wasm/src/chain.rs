//! The rules: what a transaction, a block and a chain are, and when they are valid.
//!
//! Everything here is a function of its arguments: no I/O, no clock, no
//! randomness. What peers say enters through the decoders and leaves as a typed
//! verdict. Networking, storage and timers may not enter.
//!
//! [`Chain`] puts the parts together: the [`tree`] of headers, the [`ledger`] at the
//! tip, the [`mempool`], and the blocks in memory.

mod advance;
mod bodies;
mod branches;
mod evidence;
mod genesis;
mod main_chain;
mod owed;
mod pruning;
mod restore;

pub mod authority;
pub mod block;
pub mod ledger;
pub mod mempool;
pub mod merkle;
pub mod pack;
pub mod proof;
pub mod seal;
pub mod spec;
pub mod transaction;
pub mod tree;
pub mod validate;

pub mod verify;
pub mod work;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;

pub use advance::{Advance, TipMove};
pub use bodies::Body;
pub use branches::Branch;
pub use evidence::{DoubleSeal, MAX_DOUBLE_SEALS};
pub use genesis::{genesis, genesis_hash};
pub use owed::MAX_OWED;
pub use pruning::MAX_SIDE_BLOCKS;

use block::{Block, BlockError, Header};
use bodies::Bodies;
use ledger::Ledger;
use main_chain::MainChain;
use mempool::{Mempool, MempoolError};
use spec::Spec;
use transaction::{Transaction, TransactionFault};
use tree::{HeaderVerdict, Rank, Tree};
use verify::{
    BlockFault, HeaderContext, MAX_AHEAD, check_rooted_body, check_signatures, check_writer,
};

use crate::primitives::{ChainId, Hash, PublicKey, UnixMillis, verify_batch};

/// Bytes of blocks that are held in memory.
pub const BODIES_BUDGET: usize = 48 * 1024 * 1024;

/// How far below the tip a fork's entries are still offered to the mempool.
const RESCUE_DEPTH: u32 = 1_000;

/// One node's copy of a chain.
#[derive(Debug, Clone)]
pub struct Chain {
    spec: Spec,
    id: ChainId,
    tree: Tree,
    /// The blocks that the ledger is made of.
    main: MainChain,
    ledger: Ledger,
    mempool: Mempool,
    bodies: Bodies,
    /// Since the tip was the best block: who has transfers both in adopted blocks, of
    /// which this is the last, and waiting. Authors of waiting transfers only.
    spenders: BTreeMap<PublicKey, Hash>,
    /// After the chain was left: the block below, which is to be its tip first.
    retake: Option<Hash>,
    /// Abandoned blocks of whose entries the mempool had no room for all.
    owed: VecDeque<Hash>,
    /// Two seals by one member at one height.
    double_seals: Vec<DoubleSeal>,
    /// How many of them have been kept, those counted that gave way since.
    double_seals_seen: u64,
}

/// What became of a block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BlockVerdict {
    /// New, and kept. Whether it moves the tip is for [`Chain::advance`] to say.
    Inserted,
    /// At hand already.
    Known,
    /// Its predecessor is not known.
    Orphan,
    /// Its timestamp is more than [`MAX_AHEAD`] ms ahead; ask again later.
    Ahead,
    /// There is no room for another header.
    Full,
    /// It breaks a rule.
    Invalid(BlockFault),
}

/// A block that came, as far as it can be told without its place.
struct Arrived {
    hash: Hash,
    /// The block and the Merkle root of its transactions.
    read: Result<(Block, Hash), BlockError>,
    bytes: Vec<u8>,
    /// Whether its seal fits, if it has one.
    sealed: bool,
}

/// How thoroughly a block is checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trust {
    /// From a peer: everything.
    Peer,
    /// From this node's own store, where it was put after a full check: everything
    /// but its entries' signatures. The Merkle root shows that it is still the same block.
    Store,
}

/// Why a transaction was not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransactionRefusal {
    /// It breaks a rule.
    #[error("it breaks a rule: {0}")]
    Invalid(#[from] TransactionFault),
    /// The mempool cannot take it.
    #[error(transparent)]
    Mempool(#[from] MempoolError),
}

impl Chain {
    /// The chain of a room, at its genesis block.
    pub fn new(spec: Spec) -> Self {
        Self::keyed(spec, [0; 2])
    }

    /// As [`Self::new`], with a key for the [`Tree`]'s index.
    pub fn keyed(spec: Spec, key: [u64; 2]) -> Self {
        let block = genesis(&spec);
        let id = block.header.hash();
        let mut bodies = Bodies::new(BODIES_BUDGET);
        bodies.put(id, Arc::new(Body { bytes: block.encode(), block }));
        let tree = Tree::keyed(spec.clone(), key);
        Self {
            main: MainChain::new(&tree, &id),
            tree,
            spec,
            id,
            ledger: Ledger::default(),
            mempool: Mempool::default(),
            bodies,
            spenders: BTreeMap::new(),
            retake: None,
            owed: VecDeque::new(),
            double_seals: Vec::new(),
            double_seals_seen: 0,
        }
    }

    /// What the genesis block is derived from.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// The genesis block's hash.
    pub const fn id(&self) -> ChainId {
        self.id
    }

    /// Balances and entries at the tip.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Transactions that wait for a block.
    pub const fn mempool(&self) -> &Mempool {
        &self.mempool
    }

    /// All headers.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }

    /// The tip's height.
    pub fn height(&self) -> u32 {
        u32::try_from(self.main.len().saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// How many blocks the chain has, the genesis block counted.
    pub const fn chain_len(&self) -> usize {
        self.main.len()
    }

    /// Bytes of blocks in memory, at most [`BODIES_BUDGET`] unless one step of the chain
    /// needs more at once.
    pub const fn body_bytes(&self) -> usize {
        self.bodies.bytes()
    }

    /// The tip's hash.
    pub fn tip(&self) -> Hash {
        self.main.hash_at(&self.tree, self.main.len() - 1).unwrap_or(self.id)
    }

    /// The tip's rank.
    pub fn tip_rank(&self) -> Rank {
        self.tree.rank(&self.tip()).unwrap_or(Rank::new(0, self.id))
    }

    /// The hash of the chain's block at a height.
    pub fn hash_at(&self, height: u32) -> Option<Hash> {
        self.main.hash_at(&self.tree, usize::try_from(height).ok()?)
    }

    /// Whether a block is part of the chain.
    pub fn is_main(&self, hash: &Hash) -> bool {
        self.main.contains(&self.tree, hash)
    }

    /// A block, if it is in memory. `None` does not mean that it is unknown: see
    /// [`Tree::has_body`].
    pub fn body(&self, hash: &Hash) -> Option<Arc<Body>> {
        self.bodies.get(hash).or_else(|| {
            // No store has the genesis block: it follows from the spec.
            let block = (*hash == self.id).then(|| genesis(&self.spec))?;
            Some(Arc::new(Body { bytes: block.encode(), block }))
        })
    }

    /// Leaves no block in memory, as when many others have come since.
    #[cfg(test)]
    pub(crate) fn forget_bodies(&mut self) {
        self.bodies = Bodies::new(BODIES_BUDGET);
    }

    /// Bytes that headers take, and the chain's order of them.
    #[cfg(test)]
    fn allocated(&self) -> usize {
        self.tree.allocated() + self.main.allocated()
    }

    /// Puts a header on the chain as if its block had been applied.
    #[cfg(test)]
    fn take_for_main(&mut self, hash: Hash) {
        self.tree.body_arrived(&hash);
        self.main.push(&self.tree, hash);
    }

    /// Hands back a block that was read from the store; gives `false`, and forgets
    /// that the body is at hand, if it is not the block it should be.
    pub fn body_loaded(&mut self, hash: &Hash, bytes: Option<Vec<u8>>) -> bool {
        let body = bytes.and_then(|bytes| Body::read(hash, bytes));
        // A seal is covered by no hash.
        match body.filter(|body| body.block.header.seal == self.tree.seal(hash)) {
            Some(body) => self.bodies.put(*hash, Arc::new(body)),
            None if self.is_main(hash) => self.tree.body_unreadable(hash),
            None => self.tree.body_lost(hash),
        }
        self.tree.has_body(hash)
    }

    /// Takes a header in.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub fn insert_header(
        &mut self,
        header: &Header,
        now: UnixMillis,
    ) -> Result<BlockVerdict, BlockFault> {
        let hash = header.hash();
        if !self.wrong_seals([(&hash, header)]).is_empty() {
            return Err(self.seal_fault(&hash, header));
        }
        self.insert_header_as(hash, header, now)
    }

    /// The places of those of these headers whose seal does not fit, in an `authority` room.
    pub(crate) fn wrong_seals<'h>(
        &self,
        headers: impl IntoIterator<Item = (&'h Hash, &'h Header)>,
    ) -> BTreeSet<usize> {
        let headers = headers.into_iter().enumerate();
        let unknown = headers.filter(|(_, (hash, header))| self.tree.seal(hash) != header.seal);
        authority::wrong_seals(&self.spec, unknown.map(|(place, (hash, h))| (place, hash, h)))
    }

    /// The first rule that a header breaks whose seal does not fit. Not a word of it is
    /// remembered: with its own seal the header may be good.
    fn seal_fault(&mut self, hash: &Hash, header: &Header) -> BlockFault {
        self.tree.fault_of(hash, header).unwrap_or(BlockFault::Seal)
    }

    /// Takes a header in whose hash is known and whose seal, if it has one, fits.
    ///
    /// # Errors
    /// The rule that it breaks.
    pub(crate) fn insert_header_as(
        &mut self,
        hash: Hash,
        header: &Header,
        now: UnixMillis,
    ) -> Result<BlockVerdict, BlockFault> {
        if header.timestamp > now.after(MAX_AHEAD) {
            return Ok(BlockVerdict::Ahead);
        }
        Ok(match self.tree.insert_as(hash, header)? {
            HeaderVerdict::Inserted => {
                self.note_double_seal(&hash, header);
                BlockVerdict::Inserted
            }
            HeaderVerdict::Known => BlockVerdict::Known,
            HeaderVerdict::Orphan => BlockVerdict::Orphan,
            HeaderVerdict::Full => BlockVerdict::Full,
        })
    }

    /// Takes blocks in; their signatures are checked in one batch. Gives a verdict
    /// for each, in order. Call [`Self::advance`] afterwards.
    pub fn insert_blocks(
        &mut self,
        blocks: Vec<Vec<u8>>,
        trust: Trust,
        now: UnixMillis,
    ) -> Vec<(Hash, BlockVerdict)> {
        let mut verdicts = Vec::with_capacity(blocks.len());
        let mut passed = Vec::new();
        let mut signatures = Vec::new();
        for Arrived { hash, read, bytes, sealed } in self.read_blocks(blocks) {
            let (block, root) = match read {
                Ok(read) if sealed => read,
                Ok((block, _)) => {
                    let fault = self.seal_fault(&hash, &block.header);
                    verdicts.push((hash, BlockVerdict::Invalid(fault)));
                    continue;
                }
                Err(error) => {
                    verdicts.push((hash, BlockVerdict::Invalid(error.into())));
                    continue;
                }
            };
            let verdict = self.judge(hash, &block, &root, bytes.len(), now).map(|items| {
                // Those of entries that wait were checked when they came.
                let unchecked = items.iter().zip(block.entries()).filter(|(_, entry)| {
                    let waiting = self.mempool.get(&entry.id());
                    waiting.is_none_or(|waiting| waiting.transaction != **entry)
                });
                signatures.extend(unchecked.map(|(item, _)| item.clone()));
                passed.push((verdicts.len(), items, Body { block, bytes }));
            });
            verdicts.push((hash, verdict.err().unwrap_or(BlockVerdict::Inserted)));
        }
        let all_fit = trust == Trust::Store || verify_batch(&signatures).is_ok();
        let mut last_fault = None;
        for (index, items, body) in passed {
            let fault = if all_fit { None } else { check_signatures(&items).err() };
            let Some((hash, verdict)) = verdicts.get_mut(index) else { continue };
            if let Some(fault) = fault {
                self.reject(hash, &fault);
                *verdict = BlockVerdict::Invalid(fault.clone());
                last_fault = Some(fault);
            } else if !self.tree.contains(hash) {
                // A predecessor of it, in the same call, turned out to be invalid.
                let fault = self.tree.rejection(hash).cloned().or_else(|| last_fault.clone());
                *verdict = fault.map_or(BlockVerdict::Orphan, BlockVerdict::Invalid);
            } else if self.tree.has_body(hash) {
                // The same block twice in one call.
                *verdict = BlockVerdict::Known;
            } else {
                self.bodies.put(*hash, Arc::new(body.with_seal(self.tree.seal(hash))));
                self.tree.body_arrived(hash);
            }
        }
        verdicts
    }

    /// Reads blocks, and checks their seals in one batch.
    fn read_blocks(&self, blocks: Vec<Vec<u8>>) -> Vec<Arrived> {
        let arrived = blocks.into_iter().map(|bytes| {
            let read = Block::decode_with_root(&bytes);
            let hash =
                read.as_ref().map_or_else(|_| Hash::of(&bytes), |(block, _)| block.header.hash());
            Arrived { hash, read, bytes, sealed: true }
        });
        let mut arrived: Vec<Arrived> = arrived.collect();
        let headers = arrived.iter().enumerate().filter_map(|(place, one)| {
            let (block, _) = one.read.as_ref().ok()?;
            let known = self.tree.seal(&one.hash) == block.header.seal;
            (!known).then_some((place, &one.hash, &block.header))
        });
        for place in authority::wrong_seals(&self.spec, headers) {
            if let Some(one) = arrived.get_mut(place) {
                one.sealed = false;
            }
        }
        arrived
    }

    /// Everything about a block but its signatures, which it gives back.
    fn judge(
        &mut self,
        hash: Hash,
        block: &Block,
        root: &Hash,
        size: usize,
        now: UnixMillis,
    ) -> Result<Vec<crate::primitives::SignatureItem>, BlockVerdict> {
        match self.insert_header_as(hash, &block.header, now) {
            Ok(BlockVerdict::Inserted | BlockVerdict::Known) => {}
            Ok(other) => return Err(other),
            Err(fault) => return Err(BlockVerdict::Invalid(fault)),
        }
        if self.tree.has_body(&hash) {
            return Err(BlockVerdict::Known);
        }
        if block.header.seal.is_some() != self.spec.authority().is_some() {
            // Of another block with the same header, which had what it should.
            return Err(BlockVerdict::Invalid(BlockFault::Seal));
        }
        check_rooted_body(&self.spec, &self.id, block, root, size).map_err(|fault| {
            // With another body the header might still be good; with its own it
            // never will.
            if fault != BlockFault::MerkleRoot {
                self.reject(&hash, &fault);
            }
            BlockVerdict::Invalid(fault)
        })
    }

    /// Takes a transaction into the mempool.
    ///
    /// # Errors
    /// [`TransactionRefusal`]; nothing has changed.
    pub fn insert_transaction(
        &mut self,
        transaction: Transaction,
    ) -> Result<(), TransactionRefusal> {
        let id = transaction.id();
        if self.mempool.get(&id).is_some() || self.ledger.height_of(&id).is_some() {
            return Err(MempoolError::Known.into());
        }
        self.check_entry(&transaction)?;
        Ok(self.mempool.insert(transaction, &self.ledger)?)
    }

    /// Whether [`Self::insert_transaction`] would take a transaction.
    ///
    /// # Errors
    /// [`TransactionRefusal`], as that would give.
    pub fn check_transaction(&self, transaction: &Transaction) -> Result<(), TransactionRefusal> {
        self.check_entry(transaction)?;
        Ok(self.mempool.check(transaction, &self.ledger)?)
    }

    /// Checks what can be said of an entry alone, its signature too.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check_entry(&self, entry: &Transaction) -> Result<(), TransactionFault> {
        entry.check_content(&self.id)?;
        check_writer(&self.spec, entry)?;
        entry.check(&self.id)
    }

    /// Takes in a transaction that [`Self::check_transaction`] passed some time ago,
    /// whether there is room by now or not; not one that is in the chain by now.
    pub fn admit(&mut self, transaction: Transaction) {
        if self.ledger.height_of(&transaction.id()).is_none() {
            self.mempool.admit(transaction);
        }
    }

    /// Gives the node's own user room in the mempool that others cannot take, and takes
    /// back all of its entries, see [`mempool`].
    pub fn keep_all_of(&mut self, author: PublicKey) {
        self.mempool.keep_all_of(author);
    }

    /// Takes back a transaction that the mempool or a block held before the node started
    /// again.
    ///
    /// # Errors
    /// [`MempoolError::Known`] or [`MempoolError::Full`], see [`Mempool::restore`].
    pub fn restore_transaction(&mut self, transaction: Transaction) -> Result<(), MempoolError> {
        if self.ledger.height_of(&transaction.id()).is_some() {
            return Err(MempoolError::Known);
        }
        self.mempool.restore(transaction)
    }

    /// Offers the entries of a block that did not become part of the chain to the
    /// mempool, so that they are not lost should their makers vanish. Gives the ids
    /// of those that were taken.
    pub fn rescue(&mut self, hash: &Hash) -> Vec<Hash> {
        let Some(body) = self.bodies.get(hash) else { return Vec::new() };
        let recent = body.block.header.height.saturating_add(RESCUE_DEPTH) > self.height();
        if self.is_main(hash) || !recent {
            return Vec::new();
        }
        let entries = body.block.entries().filter_map(|entry| {
            self.mempool.insert(entry.clone(), &self.ledger).ok().map(|()| entry.id())
        });
        entries.collect()
    }

    /// What a block on a known one is judged against.
    pub(crate) fn context(&mut self, parent: Hash) -> Option<HeaderContext> {
        self.tree.context(parent)
    }

    /// What a block on the tip is judged against, or made from.
    pub fn next_context(&mut self) -> Option<HeaderContext> {
        let tip = self.tip();
        self.tree.context(tip)
    }

    /// A block on the tip with the waiting transactions, complete but for its nonce, or in an
    /// `authority` room its seal. `None` if none waits that could be in it, or if `miner` is
    /// none of the members.
    pub fn template(&mut self, miner: PublicKey, now: UnixMillis) -> Option<Block> {
        let entries = self.mempool.select(&self.ledger);
        if entries.is_empty() { None } else { self.block_of(entries, miner, now) }
    }

    /// A block on the tip without transactions but its coinbase, complete but for its
    /// nonce.
    pub fn empty_template(&mut self, miner: PublicKey, now: UnixMillis) -> Option<Block> {
        self.block_of(Vec::new(), miner, now)
    }

    fn block_of(
        &mut self,
        entries: Vec<Transaction>,
        miner: PublicKey,
        now: UnixMillis,
    ) -> Option<Block> {
        let context = self.next_context()?;
        let mut header = context.template(&self.spec, Hash::ZERO, now);
        if let Some(authority) = self.spec.authority() {
            let member = authority.index_of(&miner)?;
            authority.prepare(&mut header, member, context.recent.last()?.timestamp);
        }
        let reward = self.spec.reward();
        let coinbase =
            Transaction::coinbase(self.id, miner, reward, header.height, header.timestamp);
        let transactions = std::iter::once(coinbase).chain(entries).collect();
        let mut block = Block { header: header.clone(), transactions };
        header.merkle_root = block.merkle_root();
        block.header = header;
        Some(block)
    }
}

#[cfg(test)]
mod tests;
