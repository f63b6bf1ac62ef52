//! Blocks of the chain that nobody has any more.
//!
//! A node can be at a tip below which a block is missing: it started from summaries of
//! packs and finds the block damaged once it is read. It goes on, and fetches the block
//! from whoever has it. Should a better branch come first, the chain must be left without
//! the block. And so it must if nobody has it any more: no other node can then ever follow
//! to this one's tip, and as their claims are less, it never follows to theirs.
//!
//! It leaves the chain at that block, as it would have at the start had it read all blocks.
//! Before it does it reads all of them, those beside the chain too, which may hold what the
//! lost one held: all own entries wait for a block again, and of others' as many as there is
//! room for. Should somebody come who has the block after all, the chain that was left is
//! taken up again like any other with more work.

use std::collections::{BTreeSet, VecDeque};

use super::Node;
use super::limits::{LOST_FOR, PACK_READ};
use super::serving::Read;
use super::timers::Timer;
use crate::chain::mempool::MAX_HELD_BYTES;
use crate::chain::transaction::Transaction;
use crate::primitives::{Hash, Instant};

/// Waiting for lost blocks of the chain.
#[derive(Debug, Default)]
pub(super) struct Lost {
    /// Since when as many as these have been lost, while somebody lacked them, too.
    since: Option<(usize, Instant)>,
    /// A better branch waits for the chain to be left.
    at_once: bool,
    /// Reads the entries of what is to be left.
    leaving: Option<Leaving>,
}

impl Lost {
    /// The lost blocks are not to be waited for.
    pub(super) const fn leave_at_once(&mut self) {
        self.at_once = true;
    }
}

/// Blocks are being read whose entries are to be kept.
#[derive(Debug)]
struct Leaving {
    /// The chain's last block that is among those to be read, or was.
    last: (u32, Hash),
    unread: VecDeque<Hash>,
    own: Vec<Transaction>,
    others: Vec<Transaction>,
    /// Bytes of those.
    others_size: usize,
}

impl Leaving {
    fn keep(&mut self, entry: &Transaction, own: bool) {
        if own {
            self.own.push(entry.clone());
        } else if self.others_size < MAX_HELD_BYTES {
            self.others_size += entry.encode().len();
            self.others.push(entry.clone());
        }
    }
}

impl Node {
    /// Leaves the chain at its lowest lost block if nobody has given it for long.
    pub(super) fn plan_leaving(&mut self) {
        let Some((height, count)) = self.lowest_lost() else {
            self.lost = Lost::default();
            return;
        };
        if self.lost.leaving.is_none() {
            if !self.lost.at_once && self.waits_for(height, count) {
                return;
            }
            self.lost.leaving = Some(Leaving {
                last: (0, self.chain.id()),
                unread: self.blocks_beside(),
                own: Vec::new(),
                others: Vec::new(),
                others_size: 0,
            });
        }
        self.leave_further();
    }

    /// Whether lost blocks, the lowest at a height, may still be given by somebody.
    fn waits_for(&mut self, height: u32, count: usize) -> bool {
        // Somebody whose chain does not reach above it.
        let lacked = self.peers.honest().any(|(_, peer)| {
            peer.claim().is_some_and(|claim| {
                let shared = self.chain.is_main(&claim.hash.0);
                !shared || self.chain.tree().height(&claim.hash.0) < Some(height)
            })
        });
        if !self.linked || !lacked {
            self.lost.since = None;
            return true;
        }
        let since = self.lost.since.filter(|(before, _)| *before == count);
        let (_, since) = *self.lost.since.insert(since.unwrap_or((count, self.mono)));
        let due = since.after(LOST_FOR);
        if self.mono < due {
            self.timers.set_by(Timer::Requests, due);
        }
        self.mono < due
    }

    /// The height of the lowest block of the chain that is lost, and how many are.
    fn lowest_lost(&self) -> Option<(u32, usize)> {
        let tree = self.chain.tree();
        let lost = tree.lost().filter(|hash| self.chain.is_main(hash));
        let heights: Vec<u32> = lost.filter_map(|hash| tree.height(&hash)).collect();
        Some((heights.iter().min().copied()?, heights.len()))
    }

    /// Blocks beside the chain: they may hold entries that a lost one does, too.
    fn blocks_beside(&self) -> VecDeque<Hash> {
        let tree = self.chain.tree();
        let mut side = BTreeSet::new();
        for leaf in tree.leaves() {
            let branch = tree.ancestors(leaf.hash.0).map(|(hash, _)| hash);
            for hash in branch.take_while(|hash| !self.chain.is_main(hash)) {
                if !side.insert(hash) {
                    break;
                }
            }
        }
        side.into_iter().collect()
    }

    /// Notes the entries of the blocks that are in memory, and has the next ones read;
    /// leaves once there is none. All blocks of the chain are read, those below the lost one
    /// too: should more of them be lost, this is when it is found.
    fn leave_further(&mut self) {
        if self.reads.count(|read| *read == Read::Leaving) > 0 {
            return;
        }
        let Some(mut leaving) = self.lost.leaving.take() else { return };
        let (height, last) = leaving.last;
        if self.chain.hash_at(height) != Some(last) {
            // The chain has changed: begin again.
            self.lost = Lost::default();
            return;
        }
        for height in height.saturating_add(1)..=self.chain.height() {
            let Some(hash) = self.chain.hash_at(height) else { break };
            leaving.unread.push_back(hash);
            leaving.last = (height, hash);
        }
        while let Some(hash) = leaving.unread.front().copied() {
            if self.chain.tree().has_body(&hash) {
                let Some(body) = self.chain.body(&hash) else {
                    let next = leaving.unread.iter().take(PACK_READ).copied();
                    let lacking = |hash: &Hash| {
                        self.chain.tree().has_body(hash) && self.chain.body(hash).is_none()
                    };
                    let hashes = next.filter(lacking).collect();
                    self.lost.leaving = Some(leaving);
                    return self.read(Read::Leaving, hashes);
                };
                // Others' entries of blocks that are left are owed.
                let beside = !self.chain.is_main(&hash);
                for entry in body.block.entries() {
                    // Not a transfer of a side block that was refused.
                    let confirmed = self.chain.ledger().height_of(&entry.id()).is_some();
                    let own = self.is_own(&entry.author());
                    if confirmed && (beside || own) {
                        leaving.keep(entry, own);
                    }
                }
            }
            leaving.unread.pop_front();
        }
        self.lost = Lost::default();
        let Some((lowest, _)) = self.lowest_lost() else { return };
        let ledger = self.chain.ledger();
        let kept = leaving.own.into_iter().chain(leaving.others);
        // Those below come into the chain again with their blocks.
        let kept: Vec<Transaction> =
            kept.filter(|entry| ledger.height_of(&entry.id()) >= Some(lowest)).collect();
        let tip_move = self.chain.leave_lost();
        self.tip_moved(&tip_move);
        for entry in kept {
            self.restore_transaction(entry);
        }
        self.events.pending = true;
        self.advance();
    }
}
