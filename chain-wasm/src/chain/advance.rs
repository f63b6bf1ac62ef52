//! Moving the tip: extending the chain, or replacing part of it by a branch with
//! more work.

use std::sync::Arc;

use super::mempool::MempoolError;
use super::tree::Rank;
use super::verify::BlockFault;
use super::{Body, Chain};
use crate::primitives::Hash;

/// The most blocks that one call adds, unless more are needed to outrank the chain
/// that they replace.
const STEP: usize = 256;

/// How many blocks of a path are asked for at once when they are not in memory,
/// unless more are needed: of the greatest size, they fit in memory. A longer chain that
/// is to be replaced, and is not in memory whole, is taken back by as many at a time.
const READ_AHEAD: usize = 64;

const _: () = assert!(READ_AHEAD * super::block::MAX_BLOCK < super::BODIES_BUDGET);

/// What a call of [`Chain::advance`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advance {
    /// The tip is the best complete block.
    Done,
    /// The tip moved; call again.
    Moved(TipMove),
    /// These blocks must be read from the store and handed to
    /// [`Chain::body_loaded`] first; then call again.
    NeedBodies(Vec<Hash>),
    /// A block of the chain must be undone for a better one, and is lost. The chain is to
    /// be left by [`Chain::leave_lost`], once the entries that only lost blocks hold have
    /// been looked for elsewhere.
    Lost,
    /// A block broke a rule in its place and was taken out, with all that built on
    /// it; call again.
    Rejected {
        /// The block.
        block: Hash,
        /// The rule.
        fault: BlockFault,
        /// All blocks that were taken out.
        removed: Vec<Hash>,
    },
}

/// How the tip moved.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TipMove {
    /// The highest block that both chains share.
    pub fork_height: u32,
    /// Blocks that left the chain, lowest first.
    pub abandoned: Vec<Hash>,
    /// Blocks that came in, lowest first.
    pub adopted: Vec<Hash>,
    /// Waiting entries that are in an adopted block.
    pub confirmed: Vec<Hash>,
    /// Entries of abandoned blocks that wait again.
    pub returned: Vec<Hash>,
    /// Entries of abandoned blocks that are in adopted ones too.
    pub kept: u32,
    /// Waiting transfers that can no longer be paid, each with the transfer of the
    /// same author that was.
    pub refused: Vec<(Hash, Hash)>,
}

/// The way from the chain to a better block, or the first part of it.
struct Path {
    /// The highest block that both share.
    fork_height: u32,
    /// The blocks above it, lowest first.
    hashes: Vec<Hash>,
    /// How many of them it takes to outrank the tip. A step that replaces blocks
    /// brings in as many, so that the chain's work does not fall.
    least: usize,
}

impl Chain {
    /// Moves the tip towards the best complete block, by one step. Call until it
    /// gives [`Advance::Done`] or [`Advance::NeedBodies`].
    pub fn advance(&mut self) -> Advance {
        let target = self.retaken().unwrap_or(self.tree.best_complete());
        if target <= self.tip_rank() && self.tree.rank(&self.tip()).is_some() {
            return Advance::Done;
        }
        let Path { fork_height, mut hashes, least } = self.path_to(target);
        let above = usize::try_from(fork_height).unwrap_or(usize::MAX).saturating_add(1);
        let abandoned = self.main.hashes_from(&self.tree, above);
        let (old, mut missing) = self.bodies_of(&abandoned);
        if missing.iter().any(|hash| self.tree.is_lost(hash)) {
            // The step that was being made ready makes room for what is read now.
            self.bodies.hold(&[]);
            return Advance::Lost;
        }
        if missing.iter().any(|hash| !self.tree.has_body(hash)) {
            missing.retain(|hash| self.tree.has_body(hash));
            if missing.is_empty() {
                // A block that must be undone was taken out: begin again from the genesis
                // block, whose ledger is known.
                return Advance::Moved(self.restart(&old));
            }
            return self.need(missing, &abandoned);
        }
        let new: Vec<Arc<Body>> = hashes.iter().map_while(|hash| self.bodies.get(hash)).collect();
        if !missing.is_empty() || new.len() < least {
            if !abandoned.is_empty() && abandoned.len() + least > 2 * READ_AHEAD {
                return self.retreat(&abandoned);
            }
            hashes.truncate(least.max(READ_AHEAD));
            missing.extend(self.bodies_of(&hashes).1);
            return self.need(missing, &[abandoned, hashes].concat());
        }
        hashes.truncate(new.len());
        self.replace(fork_height, abandoned, &old, hashes, &new)
    }

    /// Takes back the last blocks of a chain that another branch is to replace, when there
    /// are too many for memory to hold at once. The chain's work falls for a while, until
    /// the branch is brought in; their entries wait meanwhile.
    fn retreat(&mut self, abandoned: &[Hash]) -> Advance {
        let first = abandoned.len().saturating_sub(READ_AHEAD);
        let last = abandoned.get(first..).unwrap_or_default();
        let (old, missing) = self.bodies_of(last);
        if !missing.is_empty() {
            return self.need(missing, last);
        }
        for body in old.iter().rev() {
            self.ledger.undo(&body.block);
        }
        self.bodies.hold(&[]);
        self.main.truncate(self.main.len() - old.len());
        let (returned, kept) = self.put_back(&old);
        Advance::Moved(TipMove {
            fork_height: self.height(),
            abandoned: last.to_vec(),
            returned,
            kept,
            ..TipMove::default()
        })
    }

    /// Asks for `missing`; what else the step is made of stays in memory meanwhile.
    fn need(&mut self, missing: Vec<Hash>, all: &[Hash]) -> Advance {
        self.bodies.hold(all);
        Advance::NeedBodies(missing)
    }

    fn path_to(&self, target: Rank) -> Path {
        let tip = Some(self.tip_rank());
        let mut hashes: Vec<Hash> = Vec::new();
        let mut fork_height = 0;
        let mut outranking = 0;
        for (hash, height) in self.tree.ancestors(target.hash.0) {
            if self.hash_at(height) == Some(hash) {
                fork_height = height;
                break;
            }
            hashes.push(hash);
            if self.tree.rank(&hash) > tip {
                outranking = hashes.len();
            }
        }
        hashes.reverse();
        let least = hashes.len() + 1 - outranking.max(1);
        hashes.truncate(least.max(STEP));
        Path { fork_height, hashes, least }
    }

    fn bodies_of(&self, hashes: &[Hash]) -> (Vec<Arc<Body>>, Vec<Hash>) {
        let mut found = Vec::with_capacity(hashes.len());
        let mut missing = Vec::new();
        for hash in hashes {
            match self.bodies.get(hash) {
                Some(body) => found.push(body),
                None => missing.push(*hash),
            }
        }
        (found, missing)
    }

    fn replace(
        &mut self,
        fork_height: u32,
        abandoned: Vec<Hash>,
        old: &[Arc<Body>],
        adopted: Vec<Hash>,
        new: &[Arc<Body>],
    ) -> Advance {
        for body in old.iter().rev() {
            self.ledger.undo(&body.block);
        }
        for (index, body) in new.iter().enumerate() {
            let Err(fault) = self.ledger.apply(&body.block) else { continue };
            for undone in new.iter().take(index).rev() {
                self.ledger.undo(&undone.block);
            }
            for body in old {
                // It was applied on this very ledger before: it fits again.
                let again = self.ledger.apply(&body.block);
                debug_assert!(again.is_ok(), "undo is not exact");
            }
            let block = body.block.header.hash();
            let removed = self.reject(&block, &fault);
            return Advance::Rejected { block, fault, removed };
        }
        self.bodies.hold(&[]);
        self.main.truncate(self.main.len() - abandoned.len());
        for hash in &adopted {
            self.main.push(&self.tree, *hash);
        }
        let (confirmed, returned, kept) = self.settle(old, new);
        self.note_spenders(new);
        let refused = if self.tip_rank() >= self.tree.best_complete() {
            self.refuse_unpayable()
        } else {
            Vec::new()
        };
        let returned = returned.into_iter().filter(|id| self.mempool.get(id).is_some()).collect();
        Advance::Moved(TipMove {
            fork_height,
            abandoned,
            adopted,
            confirmed,
            returned,
            kept,
            refused,
        })
    }

    /// Brings the mempool in line with the new chain.
    fn settle(&mut self, old: &[Arc<Body>], new: &[Arc<Body>]) -> (Vec<Hash>, Vec<Hash>, u32) {
        let mut confirmed = Vec::new();
        for entry in new.iter().flat_map(|body| body.block.entries()) {
            if self.mempool.remove(&entry.id()).is_some() {
                confirmed.push(entry.id());
            }
        }
        let (returned, kept) = self.put_back(old);
        (confirmed, returned, kept)
    }

    /// Puts entries of abandoned blocks back in front of the mempool, in order; gives
    /// their ids, and how many are in the chain. What there is no room for is owed.
    fn put_back(&mut self, old: &[Arc<Body>]) -> (Vec<Hash>, u32) {
        let mut returned = Vec::new();
        let mut kept = 0;
        // Each goes to the front, so the oldest must come last.
        for body in old.iter().rev() {
            let mut left_out = false;
            let entries: Vec<_> = body.block.entries().collect();
            for entry in entries.into_iter().rev() {
                if self.ledger.height_of(&entry.id()).is_some() {
                    kept += 1;
                    continue;
                }
                match self.mempool.put_back(entry.clone()) {
                    Ok(()) => returned.push(entry.id()),
                    Err(error) => left_out |= error == MempoolError::Full,
                }
            }
            if left_out {
                self.owe(body.block.header.hash());
            }
        }
        returned.reverse();
        (returned, kept)
    }

    /// Notes the transfers of those whose other transfers wait.
    fn note_spenders(&mut self, new: &[Arc<Body>]) {
        for entry in new.iter().flat_map(|body| body.block.entries()) {
            if entry.spends() > 0 && self.mempool.spends(&entry.author()) > 0 {
                self.spenders.insert(entry.author(), entry.id());
            }
        }
    }

    /// Refuses waiting transfers that can no longer be paid because an adopted
    /// block holds another transfer of the same author. Others that cannot be paid
    /// for now wait on: what they are paid from may be waiting itself. Only at the
    /// best block: on the way to it a balance may be lower for a while.
    fn refuse_unpayable(&mut self) -> Vec<(Hash, Hash)> {
        let mut refused = Vec::new();
        for (author, winner) in std::mem::take(&mut self.spenders) {
            if self.ledger.height_of(&winner).is_none() {
                continue;
            }
            let mut left = self.ledger.balance(&author);
            let mut unpayable = Vec::new();
            for waiting in self.mempool.iter() {
                let transaction = &waiting.transaction;
                if transaction.author() == author && transaction.spends() > 0 {
                    match left.checked_sub(transaction.spends()) {
                        Some(rest) => left = rest,
                        None => unpayable.push(transaction.id()),
                    }
                }
            }
            for id in unpayable {
                self.mempool.remove(&id);
                refused.push((id, winner));
            }
        }
        refused
    }

    /// Where the chain is to be first, once it was left: what a better branch then replaces
    /// is undone block by block, as always.
    fn retaken(&mut self) -> Option<Rank> {
        let hash = self.retake.filter(|hash| *hash != self.tip() && self.tree.is_complete(hash));
        self.retake = hash;
        self.tree.rank(&hash?)
    }

    /// Leaves the chain at its lowest block that is lost: it and all above it do not count
    /// as complete until it has come again. Call [`Self::advance`] afterwards, which takes
    /// up what lies below, from the genesis block on, and then what is best. The blocks
    /// above that are at hand are owed: their entries are offered to the mempool once those
    /// are read ([`Self::next_owed`]).
    pub fn leave_lost(&mut self) -> TipMove {
        let lost: Vec<Hash> = self.tree.lost().filter(|hash| self.is_main(hash)).collect();
        let lowest = lost.iter().min_by_key(|hash| self.tree.height(hash));
        let header = lowest.and_then(|hash| self.tree.header(hash));
        self.retake = header.map(|header| header.previous_hash);
        for hash in lost {
            self.tree.body_lost(&hash);
        }
        let left = self.main.hashes_from(&self.tree, 1).into_iter();
        let left = left.filter(|hash| !self.tree.is_complete(hash) && self.tree.has_body(hash));
        // The last to be returned comes first in the mempool: that is to be the oldest.
        for hash in left.rev().collect::<Vec<_>>() {
            self.owe(hash);
        }
        self.restart(&[])
    }

    /// Goes back to the genesis block, keeping all headers and blocks. The entries of
    /// the blocks that another branch replaces wait again, but for those of the lost.
    fn restart(&mut self, old: &[Arc<Body>]) -> TipMove {
        let abandoned = self.main.hashes_from(&self.tree, 1);
        self.main.truncate(1);
        self.ledger = super::Ledger::default();
        self.spenders.clear();
        self.bodies.hold(&[]);
        let (returned, _) = self.put_back(old);
        TipMove { abandoned, returned, ..TipMove::default() }
    }
}
