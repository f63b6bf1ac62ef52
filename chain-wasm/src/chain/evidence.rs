//! Two seals by one member at one height: kept, so that everybody can be shown them.
//!
//! No rule forbids them, since a node that sees one of two blocks cannot know of the other,
//! and all must come to the same verdict. But a sound node never seals twice on one
//! predecessor, as it stores what it seals before anybody sees it; only one whose store has
//! lost that block may. On different predecessors it has to, where a branch with more work
//! replaced the one that it sealed on: that follows from a network that was parted and has
//! healed.

use super::Chain;
use super::block::Header;
use crate::primitives::{Hash, PublicKey};

/// The most pairs that are kept, one for each member and height. Beyond it those on
/// different predecessors give way to those on one, and older ones to newer ones.
pub const MAX_DOUBLE_SEALS: usize = 64;

/// The most branches that a new header is compared with, those with the most work.
const COMPARED: usize = 64;

/// Two headers of one height with the seals of one member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoubleSeal {
    /// The member.
    pub member: PublicKey,
    /// The one that was seen first, and the other.
    pub headers: [Header; 2],
}

impl DoubleSeal {
    /// The height of both.
    pub const fn height(&self) -> u32 {
        self.headers[0].height
    }

    /// Whether both follow the same block, as a sound node's never do.
    pub fn on_one_predecessor(&self) -> bool {
        let [first, second] = &self.headers;
        first.previous_hash == second.previous_hash
    }
}

impl Chain {
    /// The pairs that were seen, in the order in which they were.
    pub fn double_seals(&self) -> &[DoubleSeal] {
        &self.double_seals
    }

    /// How many pairs have been kept, those counted that gave way since.
    pub const fn double_seals_seen(&self) -> u64 {
        self.double_seals_seen
    }

    /// Whether a member has sealed a block on the tip already, which may still come. One
    /// whose body is lost does not count: it may never come again.
    pub fn has_sealed_on_tip(&self, member: usize) -> bool {
        let tip = self.tip();
        let mut children = self.tree.children(&tip);
        children
            .any(|(hash, nonce)| usize::try_from(nonce) == Ok(member) && !self.tree.is_lost(&hash))
    }

    /// Looks for another header of the height and the sealer of a new one.
    pub(super) fn note_double_seal(&mut self, hash: &Hash, header: &Header) {
        let Some(authority) = self.spec.authority() else { return };
        let Some(member) = authority.sealer(header).copied() else { return };
        let at = header.height;
        let branches = self.tree.best_leaves(at, COMPARED);
        let others: std::collections::BTreeSet<Hash> = branches
            .filter_map(|leaf| self.tree.ancestor(&leaf, at))
            .chain(self.hash_at(at))
            .filter(|other| other != hash)
            .collect();
        let pairs = others.iter().filter_map(|other| self.tree.header(other));
        let pairs: Vec<DoubleSeal> = pairs
            .filter(|other| other.nonce == header.nonce)
            .map(|other| DoubleSeal { member, headers: [other, header.clone()] })
            .collect();
        for pair in pairs {
            self.keep_double_seal(pair);
        }
    }

    fn keep_double_seal(&mut self, pair: DoubleSeal) {
        let kept = &mut self.double_seals;
        let same =
            |other: &DoubleSeal| other.member == pair.member && other.height() == pair.height();
        if let Some(at) = kept.iter().position(same) {
            let weaker = kept.get(at).is_some_and(|other| !other.on_one_predecessor());
            if !weaker || !pair.on_one_predecessor() {
                return;
            }
            kept.remove(at);
        }
        if kept.len() >= MAX_DOUBLE_SEALS {
            let weakest = kept.iter().position(|other| !other.on_one_predecessor());
            if weakest.is_none() && !pair.on_one_predecessor() {
                return;
            }
            kept.remove(weakest.unwrap_or(0));
        }
        kept.push(pair);
        self.double_seals_seen += 1;
    }
}
