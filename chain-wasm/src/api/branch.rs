//! Branches beside the chain, as the page shows them.

use serde::{Deserialize, Serialize};

use crate::primitives::{Hash, PublicKey};

/// A branch of blocks that are not part of the chain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BranchView {
    /// The height of the highest block that it shares with the chain.
    pub fork_height: u32,
    /// Its blocks, lowest first; at most [`MAX_BRANCH_BLOCKS`](super::MAX_BRANCH_BLOCKS),
    /// the newest. Branches that part beside the chain share their first ones.
    pub blocks: Vec<BranchBlock>,
    /// How many blocks it has in all.
    pub length: u32,
    /// Expected number of hashes of its blocks above the fork, rounded to a float for
    /// showing.
    pub work: f64,
    /// The same of the chain's blocks above the fork.
    pub chain_work: f64,
}

/// A block beside the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BranchBlock {
    /// Its hash.
    pub hash: Hash,
    /// The block that it builds on.
    pub previous: Hash,
    /// Its height.
    pub height: u32,
    /// Who sealed it, if the block is at hand.
    pub miner: Option<PublicKey>,
    /// How many entries it holds, if it is at hand.
    pub entries: Option<u32>,
}
