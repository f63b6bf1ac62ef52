//! Rooms whose members seal the blocks, as the page shows them.

use serde::{Deserialize, Serialize};

use crate::primitives::{Hash, PublicKey};

/// Who seals the blocks of a room, and what is known of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorityView {
    /// The members, in the order in which they take turns.
    pub members: Vec<MemberView>,
    /// The place of the one whose turn the next block is.
    pub turn: u32,
    /// Two seals by one member at one height, in the order in which they were found.
    pub double_seals: Vec<DoubleSealView>,
}

impl AuthorityView {
    /// Whether this tab may seal.
    pub fn is_member(&self) -> bool {
        self.members.iter().any(|member| member.own)
    }
}

/// A member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    /// The key that seals.
    pub key: PublicKey,
    /// Whether that is this tab's.
    pub own: bool,
    /// Whether a tab is in the room that says it has that key, this one counted.
    pub here: bool,
}

/// Two blocks of one height with the seals of one member.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct DoubleSealView {
    /// The member.
    pub member: PublicKey,
    /// The height of both.
    pub height: u32,
    /// Their hashes, the one first that was seen first.
    pub blocks: [Hash; 2],
    /// The hashes of the blocks that they follow.
    pub predecessors: [Hash; 2],
}

impl DoubleSealView {
    /// Whether both follow the same block, as two seals of a sound tab never do. Where they
    /// do not, the network may have been parted and have healed.
    pub fn on_one_predecessor(&self) -> bool {
        let [first, second] = self.predecessors;
        first == second
    }
}
