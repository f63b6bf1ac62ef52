//! Experiments in a room whose spec says that it is for them: what the page may ask for,
//! and what it is shown. In any other room all of it is refused, see
//! [`ApiError::NotLab`](super::ApiError::NotLab).

use serde::{Deserialize, Serialize};

use crate::primitives::{Hash, PeerId, PublicKey, UnixMillis};

/// The most blocks of a branch that is mined in secret.
pub const MAX_SECRET_BLOCKS: usize = 48;

/// How far below the tip a secret branch may begin, in blocks.
pub const MAX_SECRET_DEPTH: u32 = 24;

/// The most peers whose answers to a block that was sent are told.
pub const MAX_LAB_ANSWERS: usize = 64;

/// An experiment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabCommand {
    /// How the experiments stand. Answered by [`Outcome::Lab`](super::Outcome::Lab).
    Look,
    /// Changes a copy of a block of the chain, and checks it. Replaces the copy before.
    /// Answered by [`Outcome::Tampered`](super::Outcome::Tampered).
    ///
    /// Errors: `NotFound`, `InvalidTampering`.
    Tamper {
        /// The block's hash.
        block: Hash,
        /// What of it is changed.
        change: Tampering,
    },
    /// Makes one thing of the changed copy fit again. Answered as [`Self::Tamper`]; for
    /// [`Repair::Work`] once a nonce was found.
    ///
    /// Errors: `NotFound` without a changed copy, `Busy`, `NeedsWork`.
    Repair(Repair),
    /// Sends the changed copy to the room as if it were a new block. Answered by
    /// [`Outcome::Lab`](super::Outcome::Lab); [`Event::Lab`](super::Event::Lab) tells what
    /// the others say of it.
    ///
    /// Errors: `NotFound`, `Offline`.
    SendTampered,
    /// Puts the changed copy in the place of the stored record. The node does not know
    /// that: it finds out when it reads the record next, by its hash, and fetches the block
    /// from another tab. Answered by [`Outcome::Done`](super::Outcome::Done) once it is on
    /// its way to the store.
    ///
    /// Errors: `NotFound`, `OnlyCopy` if no other tab is known to have the block.
    Overwrite,
    /// Mines a branch of blocks without entries, and tells nobody. Answered by
    /// [`Outcome::Lab`](super::Outcome::Lab).
    ///
    /// Errors: `NeedsWork`, `Busy` if there is one already.
    BeginSecret {
        /// How many blocks below the tip it begins: at most [`MAX_SECRET_DEPTH`], and no
        /// lower than the genesis block.
        back: u32,
    },
    /// Tells everybody of the secret branch. Answered by
    /// [`Outcome::Lab`](super::Outcome::Lab).
    ///
    /// Errors: `NotFound` if it has no block.
    Release,
    /// Throws the secret branch away. Answered by [`Outcome::Lab`](super::Outcome::Lab).
    DropSecret,
    /// Chooses how quickly this tab mines. Answered by
    /// [`Outcome::Lab`](super::Outcome::Lab).
    ///
    /// Errors: `NeedsWork`.
    SetPace(LabPace),
    /// Ends all experiments, and asks the others to listen to this tab again. Answered by
    /// [`Outcome::Lab`](super::Outcome::Lab).
    Reset,
}

/// What of a block's copy is changed, and to what.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tampering {
    /// The field.
    pub field: TamperField,
    /// Of the fields of an entry: which, from 0.
    pub entry: u32,
    /// The new value: a number or a text, as the field has it. Where it is empty, the
    /// least is changed that can be: one bit, or a number by one.
    pub value: String,
}

/// A field of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum TamperField {
    /// What an entry says: another text, or another amount of coins.
    EntryText,
    /// Who an entry says that it is by.
    EntryAuthor,
    /// An entry's signature.
    EntrySignature,
    /// An entry, as if it had never been in the block.
    EntryRemoved,
    /// The order of the last two transactions.
    EntryOrder,
    /// The miner's reward.
    Reward,
    /// The rules' version.
    Version,
    /// The height.
    Height,
    /// The predecessor's hash.
    Previous,
    /// The Merkle root.
    MerkleRoot,
    /// The history root.
    HistoryRoot,
    /// The time.
    Time,
    /// The difficulty.
    Difficulty,
    /// The nonce.
    Nonce,
}

impl TamperField {
    /// All of them, as they are offered.
    pub const ALL: [Self; 14] = [
        Self::EntryText,
        Self::EntryAuthor,
        Self::EntrySignature,
        Self::EntryRemoved,
        Self::EntryOrder,
        Self::Reward,
        Self::Version,
        Self::Height,
        Self::Previous,
        Self::MerkleRoot,
        Self::HistoryRoot,
        Self::Time,
        Self::Difficulty,
        Self::Nonce,
    ];

    /// Whether it is a field of an entry, so that the block must have one.
    pub const fn is_of_entry(self) -> bool {
        matches!(
            self,
            Self::EntryText | Self::EntryAuthor | Self::EntrySignature | Self::EntryRemoved
        )
    }

    /// Whether another value can be chosen.
    pub const fn takes_value(self) -> bool {
        matches!(
            self,
            Self::EntryText
                | Self::Reward
                | Self::Version
                | Self::Height
                | Self::Time
                | Self::Difficulty
                | Self::Nonce
        )
    }
}

/// What of a changed copy is made to fit again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Repair {
    /// The header's Merkle root is computed anew from the transactions.
    MerkleRoot,
    /// A nonce is searched until the hash meets the difficulty.
    Work,
}

/// How quickly a tab mines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabPace {
    /// All the time, with a long rest after each block.
    Slow,
    /// As chosen under mining.
    #[default]
    Normal,
    /// All the time, without any rest.
    Fast,
}

/// A changed copy of a block, and what the rules say of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TamperView {
    /// The hash of the block as the chain has it.
    pub original: Hash,
    /// Its height there.
    pub height: u32,
    /// The hash of the changed copy.
    pub hash: Hash,
    /// Which block the copy says comes before it.
    pub previous: Hash,
    /// The hash of the block that does.
    pub below: Hash,
    /// Which block the next one of the chain says comes before it; `None` at the tip.
    pub above: Option<Hash>,
    /// What was changed.
    pub field: TamperField,
    /// Its value before.
    pub before: LabValue,
    /// Its value now.
    pub after: LabValue,
    /// Every check, in the order in which a block is checked.
    pub checks: Vec<LabCheck>,
    /// The first rule that the copy breaks, as the node's own check of blocks says, by its
    /// code; `None` if it is a valid block.
    pub verdict: Option<String>,
}

impl TamperView {
    /// Whether a check holds; `true` if there is no such check.
    pub fn holds(&self, rule: LabRule) -> bool {
        self.checks.iter().filter(|check| check.rule == rule).all(|check| check.holds)
    }
}

/// One check of a block.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabCheck {
    /// What is checked.
    pub rule: LabRule,
    /// Whether it holds.
    pub holds: bool,
    /// What the block says.
    pub stated: LabValue,
    /// What it should say, computed anew.
    pub computed: LabValue,
}

/// What is checked of a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabRule {
    /// The version is that of the rules.
    Version,
    /// It names the block before it.
    Previous,
    /// The height is the predecessor's plus one.
    Height,
    /// The history root stands for all blocks before it.
    HistoryRoot,
    /// The time is above the median of the blocks before it.
    Time,
    /// The difficulty is what the blocks before it call for.
    Difficulty,
    /// The hash meets the difficulty.
    Work,
    /// The Merkle root stands for the transactions.
    MerkleRoot,
    /// The first transaction is the reward that the rules call for.
    Reward,
    /// The signatures of all entries fit.
    Signatures,
    /// The next block names it.
    Next,
    /// Some other rule, see [`TamperView::verdict`].
    Other,
}

/// A value that a check compares.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LabValue {
    /// A hash.
    Hash(Hash),
    /// A key.
    Key(PublicKey),
    /// A number.
    Number(u64),
    /// A time.
    Time(UnixMillis),
    /// A text, or bytes in hex.
    Text(String),
    /// Nothing is there.
    Nothing,
}

/// How the experiments of a tab stand.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct LabView {
    /// The branch that is mined in secret.
    pub secret: Option<SecretView>,
    /// What came of the one that was released last.
    pub released: Option<ReleasedView>,
    /// How quickly this tab mines.
    pub pace: LabPace,
    /// The changed copy that was sent last, and what the others said.
    pub sent: Option<SentView>,
}

/// A branch that is mined in secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SecretView {
    /// The height of the block that it builds on.
    pub fork_height: u32,
    /// The hash of that block.
    pub fork: Hash,
    /// Its blocks' hashes, lowest first.
    pub blocks: Vec<Hash>,
    /// Expected number of hashes of its blocks, rounded to a float for showing.
    pub work: f64,
    /// The same of the chain's blocks above the fork.
    pub chain_work: f64,
    /// How many blocks the chain has above the fork.
    pub chain_blocks: u32,
    /// Whether it would replace the chain's.
    pub wins: bool,
    /// Whether it has as many blocks as it may.
    pub full: bool,
}

/// What came of a secret branch that was released.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReleasedView {
    /// How many blocks it had.
    pub blocks: u32,
    /// How many blocks of the chain it took the place of.
    pub replaced: u32,
    /// Whether it became the chain.
    pub won: bool,
}

/// A changed copy that was sent, and what the others said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentView {
    /// Its hash.
    pub block: Hash,
    /// How many peers were there to get it.
    pub peers: u32,
    /// What they said, in the order in which it came; at most [`MAX_LAB_ANSWERS`].
    pub answers: Vec<LabAnswer>,
}

/// What a peer says of a block that this tab sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LabAnswer {
    /// The peer.
    pub peer: PeerId,
    /// Its wallet's key, as it says.
    pub author: Option<PublicKey>,
    /// The rule that the block breaks by its code, or `taken`, `known`, `orphan`, `ahead`.
    pub verdict: String,
}
