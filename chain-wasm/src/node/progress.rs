//! Moving the tip, and what follows from it: what to store, whom to tell, which
//! entries wait again.

use super::Node;
use super::limits::PRUNE_EVERY;
use super::serving::Read;
use crate::api::{Event, PeerFault};
use crate::chain::{Advance, TipMove};
use crate::node::Change;
use crate::primitives::Hash;

impl Node {
    /// Moves the tip as far as what is at hand allows.
    pub(super) fn advance(&mut self) {
        loop {
            match self.chain.advance() {
                Advance::Done => break,
                Advance::Moved(tip_move) => self.tip_moved(&tip_move),
                Advance::NeedBodies(hashes) => {
                    self.read_once(Read::Bodies, hashes);
                    break;
                }
                Advance::Lost => {
                    self.lost.leave_at_once();
                    break;
                }
                Advance::Rejected { block, removed, fault } => {
                    if let Some(peer) = self.sync.provider(&block) {
                        self.fault_by(peer, PeerFault::InvalidBlock, Some(fault.code()));
                    }
                    self.delete_blocks(removed);
                }
            }
        }
        self.prune();
    }

    /// Drops side branches beyond their bound, every so often: that takes a look at all
    /// headers. Not while more headers of a branch are on their way, which outweighs the
    /// chain only once they are here.
    fn prune(&mut self) {
        let headers = self.chain.tree().len();
        if headers < self.pruned_at.saturating_add(PRUNE_EVERY) || self.awaits_headers() {
            return;
        }
        let pruned = self.chain.prune();
        self.delete_blocks(pruned);
        self.pruned_at = self.chain.tree().len();
    }

    /// Takes back entries of abandoned blocks that the mempool had no room for at first.
    pub(super) fn return_owed(&mut self) {
        while let Some(block) = self.chain.next_owed() {
            if self.chain.body(&block).is_none() {
                self.read_once(Read::Owed, vec![block]);
                break;
            }
            for id in self.chain.return_owed(&block) {
                self.store_transaction(id);
                self.entry_returned(id);
                self.tell_own(id);
                self.events.pending = true;
            }
            self.status_changed();
        }
    }

    pub(super) fn tip_moved(&mut self, tip_move: &TipMove) {
        self.unpack_above(tip_move.fork_height);
        for id in &tip_move.confirmed {
            self.storing.push(Change::DeleteTransaction { id: *id });
            self.gossip.forget(id);
            self.tell_own(*id);
        }
        for id in &tip_move.returned {
            self.store_transaction(*id);
            self.entry_returned(*id);
            self.tell_own(*id);
        }
        for (id, winner) in &tip_move.refused {
            self.storing.push(Change::DeleteTransaction { id: *id });
            self.gossip.forget(id);
            self.event(Event::EntryRefused { id: *id, winner: Some(*winner) });
        }
        if tip_move.abandoned.len() >= PRUNE_EVERY {
            // All of them are beside the chain now.
            self.pruned_at = 0;
        }
        self.sealing_after(tip_move);
        self.events.tip_moved(tip_move);
        if !tip_move.confirmed.is_empty() || !tip_move.returned.is_empty() {
            self.events.pending = true;
        }
        self.status_changed();
    }

    /// Tells the page of an own entry.
    fn tell_own(&mut self, id: Hash) {
        if let Some(entry) = self.entry_view(&id, false)
            && entry.mine
        {
            self.event(Event::Entry(entry));
        }
    }
}
