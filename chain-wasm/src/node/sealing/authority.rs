//! Sealing in an `authority` room: in turn, without work.
//!
//! A member whose turn it is seals as soon as an entry waits. Any other stands back while
//! somebody is here who comes before it, counted from whose turn it is: for the room's
//! patience, and a little longer for each one that does, so that not all seal at once. Who
//! is not here is not waited for; the rules then still hold a block out of turn back by
//! its timestamp.
//!
//! **Never twice on one predecessor.** A block is stored before this node takes it in or
//! anybody sees it, so that after a crash at any point the node knows what it has sealed.
//! Two tabs with one key would break that: the one whose name on the relay is the greater
//! stands back as if the other were another member before it.

use std::collections::BTreeSet;

use super::super::limits::{OPEN_INTERVAL, SEAL_SPREAD};
use super::super::timers::Timer;
use super::super::{Change, Node};
use crate::api::{AuthorityView, DoubleSealView, MemberView, MiningMode};
use crate::chain::verify::MAX_AHEAD;
use crate::chain::{BlockVerdict, DoubleSeal, Trust};
use crate::primitives::{Hash, Instant, PublicKey};

/// Waiting to seal on a tip.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wait {
    tip: Hash,
    since: Instant,
    /// Drawn at random below [`SEAL_SPREAD`].
    spread: u64,
}

impl Node {
    /// Seals, or sets the time to.
    pub(super) fn plan_turn(&mut self) {
        let Some(start) = self.turn_start() else {
            self.timers.clear(Timer::Seal);
            return;
        };
        if start > self.mono {
            self.timers.set(Timer::Seal, start);
            return;
        }
        self.seal_on_tip();
    }

    /// When this tab is to seal; `None` if it is no member, if there is nothing to seal, or
    /// if the tip may be about to move.
    fn turn_start(&mut self) -> Option<Instant> {
        let tip = self.chain.tip();
        if self.chain.mempool().is_empty() || self.sealing.mode == MiningMode::Never {
            self.sealing.wait = None;
            return None;
        }
        let member = self.member()?;
        let best_known = self.chain.tree().best_complete() <= self.chain.tip_rank();
        if self.is_syncing() || !best_known || self.storing.seals() {
            return None;
        }
        if self.chain.has_sealed_on_tip(member) {
            // It is asked for, or given up if nobody has it.
            return None;
        }
        let wait = match self.sealing.wait.filter(|wait| wait.tip == tip) {
            Some(wait) => wait,
            None => Wait { tip, since: self.mono, spread: self.random_below(SEAL_SPREAD) },
        };
        self.sealing.wait = Some(wait);
        let height = self.chain.height().saturating_add(1);
        let previous = self.chain.tree().header(&tip)?.timestamp;
        let ahead = self.ahead_of(member, height);
        let authority = self.chain.spec().authority()?;
        let stands_back = match ahead.checked_sub(1) {
            Some(others) => {
                let others = u64::try_from(others).unwrap_or(u64::MAX);
                authority.patience() + others.saturating_mul(SEAL_SPREAD) + wait.spread
            }
            None => 0,
        };
        // By the clock: a sound node says no other time than it is.
        let early = authority.earliest(height, member, previous).0.saturating_sub(self.wall.0);
        let start = wait.since.after(stands_back).max(self.mono.after(early));
        Some(start.max(self.sealing.not_before))
    }

    /// This tab's place among the members.
    fn member(&self) -> Option<usize> {
        self.chain.spec().authority()?.index_of(&self.wallet.public())
    }

    /// How many of the members who are here come before one, counted from whose turn it is.
    fn ahead_of(&self, member: usize, height: u32) -> usize {
        let Some(authority) = self.chain.spec().authority() else { return 0 };
        let count = authority.members().len();
        let turn = authority.turn(height);
        let rank = |index: usize| (index + count - turn).checked_rem(count).unwrap_or(0);
        let mut ahead = BTreeSet::new();
        for (peer, author) in self.authors_here() {
            let Some(index) = authority.index_of(&author) else { continue };
            if rank(index) < rank(member) || index == member && *peer < self.peer {
                ahead.insert(index);
            }
        }
        ahead.len()
    }

    /// The keys of the other tabs, as these say.
    fn authors_here(&self) -> impl Iterator<Item = (&crate::primitives::PeerId, PublicKey)> {
        let peers = self.peers.honest();
        peers.filter_map(|(id, peer)| Some((id, peer.status.as_ref()?.author)))
    }

    /// Seals a block on the tip and has it stored; see [`Self::seal_stored`].
    fn seal_on_tip(&mut self) {
        let Some(block) = self.chain.template(self.wallet.public(), self.wall) else { return };
        // Above blocks from the future the next one is of the future too: nobody would take
        // it yet, not even this node.
        let early = block.header.timestamp.0.saturating_sub(self.wall.after(MAX_AHEAD).0);
        if early > 0 {
            self.timers.set(Timer::Seal, self.mono.after(early));
            return;
        }
        let block = block.sealed_by(&self.wallet);
        self.sealing.not_before = self.mono.after(OPEN_INTERVAL);
        self.storing.put_seal(block.header.hash(), block.encode());
    }

    /// A block that this node sealed is stored: takes it in, and announces it if it became
    /// the tip. If another block came first, nobody need ever see it.
    pub(in crate::node) fn seal_stored(&mut self, bytes: &[u8]) {
        for (hash, verdict) in
            self.chain.insert_blocks(vec![bytes.to_vec()], Trust::Store, self.wall)
        {
            if verdict == BlockVerdict::Inserted {
                self.advance();
                if self.chain.is_main(&hash) {
                    self.announce_block(bytes.to_vec());
                }
            } else if verdict != BlockVerdict::Known {
                // What it was to follow is gone.
                self.storing.push(Change::DeleteBlock { hash });
            }
        }
    }

    /// Who may seal, and what is known of them; `None` unless members do.
    pub(in crate::node) fn authority_view(&self) -> Option<AuthorityView> {
        let authority = self.chain.spec().authority()?;
        let own = self.wallet.public();
        let here: BTreeSet<PublicKey> = self.authors_here().map(|(_, author)| author).collect();
        let members = authority.members().iter().map(|key| MemberView {
            key: *key,
            own: *key == own,
            here: *key == own || here.contains(key),
        });
        let turn = authority.turn(self.chain.height().saturating_add(1));
        Some(AuthorityView {
            members: members.collect(),
            turn: super::super::events::count(turn),
            double_seals: self.chain.double_seals().iter().map(double_seal_view).collect(),
        })
    }
}

fn double_seal_view(pair: &DoubleSeal) -> DoubleSealView {
    let [first, second] = &pair.headers;
    DoubleSealView {
        member: pair.member,
        height: pair.height(),
        blocks: [first.hash(), second.hash()],
        predecessors: [first.previous_hash, second.previous_hash],
    }
}
