//! Proofs, as the page gets and shows them.

use serde::{Deserialize, Serialize};

use super::EntryView;
use crate::primitives::{Hash, PublicKey, UnixMillis};

/// A proof that an entry is in the chain, to be saved. Both forms hold the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProofFile {
    /// The CBOR form, the shorter one.
    #[serde(with = "serde_bytes")]
    pub cbor: Vec<u8>,
    /// The JSON form.
    pub json: String,
}

/// What a proof that holds shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvenView {
    /// The room's name.
    pub room: String,
    /// The entry, whole. Its state names the block that holds it.
    pub entry: EntryView,
    /// When that block was sealed, by its miner's clock.
    pub sealed: UnixMillis,
    /// Who sealed that block, in a room whose members do; their seal was checked.
    pub sealer: Option<PublicKey>,
    /// The height of the tip when the proof was made.
    pub tip_height: u32,
    /// The hash of that tip.
    pub tip: Hash,
    /// When that was sealed.
    pub tip_sealed: UnixMillis,
    /// Blocks from the entry's up to that tip, both counted.
    pub confirmations: u32,
    /// How it stands to this tab's chain.
    pub standing: ProofStanding,
}

/// How what is proven stands to a tab's own chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofStanding {
    /// The block is part of this tab's chain.
    InChain,
    /// It is of this room, but not part of this tab's chain: of a branch that was left, or
    /// made up, or newer than what this tab has.
    NotInChain,
    /// It is of another room, of which this tab knows nothing.
    OtherRoom,
}

/// What of a proof does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ProofFault {
    /// It is not a proof file.
    Form,
    /// It is of another version.
    Version,
    /// What it says in words is not what its bytes hold.
    Contradiction,
    /// The author did not sign this entry for this room.
    Entry,
    /// The entry is not in the block.
    Block,
    /// The block is not below the tip.
    History,
    /// The key in it does not open the entry.
    Opening,
    /// A block does not have the work that it must have.
    Work,
    /// A block is not sealed by a member of its room as it must be.
    Seal,
}
