//! Moving the tip: extending the chain, or replacing part of it by a branch with
//! more work.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::tree::Rank;
use super::verify::BlockFault;
use super::{Body, Chain};
use crate::primitives::{Hash, PublicKey};

/// The most blocks that one call adds when the chain only grows. A branch that
/// replaces blocks comes in whole, since half of it might have less work.
const STEP: usize = 256;

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

impl Chain {
    /// Moves the tip towards the best complete block, by one step. Call until it
    /// gives [`Advance::Done`] or [`Advance::NeedBodies`].
    pub fn advance(&mut self) -> Advance {
        let target = self.tree.best_complete();
        if target <= self.tip_rank() && self.tree.rank(&self.tip()).is_some() {
            return Advance::Done;
        }
        let (fork_height, path) = self.path_to(target);
        let above = usize::try_from(fork_height).unwrap_or(usize::MAX).saturating_add(1);
        let abandoned: Vec<Hash> = self.main.get(above..).unwrap_or_default().to_vec();
        let (old, old_missing) = self.bodies_of(&abandoned);
        let (new, new_missing) = self.bodies_of(&path);
        if !old_missing.is_empty() && old_missing.iter().any(|hash| !self.tree.has_body(hash)) {
            // A block that must be undone is lost: begin again from the genesis
            // block, whose ledger is known.
            return self.restart();
        }
        if !old_missing.is_empty() || !new_missing.is_empty() {
            return Advance::NeedBodies([old_missing, new_missing].concat());
        }
        self.replace(fork_height, abandoned, &old, path, &new)
    }

    /// The path from the chain to a block: the height of the shared block, and the
    /// hashes above it, lowest first, cut to [`STEP`] if nothing is replaced.
    fn path_to(&self, target: Rank) -> (u32, Vec<Hash>) {
        let mut path: Vec<Hash> = Vec::new();
        let mut fork_height = 0;
        for (hash, header) in self.tree.ancestors(target.hash.0) {
            if self.hash_at(header.height) == Some(hash) {
                fork_height = header.height;
                break;
            }
            path.push(hash);
        }
        path.reverse();
        if fork_height == self.height() {
            path.truncate(STEP);
        }
        (fork_height, path)
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
        self.main.truncate(self.main.len() - abandoned.len());
        self.main.extend(&adopted);
        let (confirmed, returned, kept) = self.settle(old, new);
        let refused = self.refuse_unpayable(new);
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
        let mut returned = Vec::new();
        let mut kept = 0;
        let abandoned: Vec<_> = old.iter().flat_map(|body| body.block.entries()).collect();
        // Each goes to the front, so the oldest must come last.
        for entry in abandoned.into_iter().rev() {
            if self.ledger.height_of(&entry.id()).is_some() {
                kept += 1;
            } else if self.mempool.put_back(entry.clone()) {
                returned.push(entry.id());
            }
        }
        returned.reverse();
        (confirmed, returned, kept)
    }

    /// Refuses waiting transfers that can no longer be paid because an adopted
    /// block holds another transfer of the same author. Others that cannot be paid
    /// for now wait on: what they are paid from may be waiting itself.
    fn refuse_unpayable(&mut self, new: &[Arc<Body>]) -> Vec<(Hash, Hash)> {
        let winners: Vec<(PublicKey, Hash)> = new
            .iter()
            .flat_map(|body| body.block.entries())
            .filter(|entry| entry.spends() > 0)
            .map(|entry| (entry.author(), entry.id()))
            .collect();
        let authors: BTreeSet<PublicKey> = winners.iter().map(|(author, _)| *author).collect();
        let mut refused = Vec::new();
        for author in authors {
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
            let winner = winners.iter().rev().find(|(of, _)| *of == author).map(|(_, id)| *id);
            for id in unpayable {
                self.mempool.remove(&id);
                refused.extend(winner.map(|winner| (id, winner)));
            }
        }
        refused
    }

    /// Goes back to the genesis block, keeping all headers and blocks.
    fn restart(&mut self) -> Advance {
        let abandoned = self.main.split_off(1);
        self.ledger = super::Ledger::default();
        Advance::Moved(TipMove { abandoned, ..TipMove::default() })
    }
}
