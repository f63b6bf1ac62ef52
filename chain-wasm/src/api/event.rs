//! What the node tells its page of its own accord.

use serde::{Deserialize, Serialize};

use super::authority::AuthorityView;
use super::branch::BranchView;
use super::explorer::SearchHit;
use super::lab::LabView;
use super::view::{
    BlockView, EntryView, HashRateView, LinkView, PeerFault, PeerView, PendingView, SealingView,
    StorageView, SyncView, TipView, TrafficView, WalletView,
};
use crate::primitives::{Hash, PeerId};

/// Something happened in the node.
///
/// What can change many times a second (chain, branches, waiting entries, peers,
/// synchronisation, sealing) is gathered and told ten times a second at most, the list of
/// peers less often the longer it is, the chain twice a second while many blocks are on their
/// way. A page that has said it is hidden is told once a second, and at once of everything
/// when it is shown.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Event {
    /// The chain has a new tip. Blocks above `fork_height` are no longer those the
    /// page knew; `blocks` replaces them.
    Chain {
        /// The highest block that the old and the new chain share.
        fork_height: u32,
        /// The new tip.
        tip: TipView,
        /// How the tip came to change.
        change: TipChange,
        /// Who gave the new tip's block; `None` if it was sealed or stored here.
        source: Option<PeerId>,
        /// The newest blocks above `fork_height`, newest first; when there are more
        /// than [`MAX_BLOCKS_TOLD`](super::MAX_BLOCKS_TOLD), the older of them must be asked for.
        blocks: Vec<BlockView>,
    },
    /// The branches beside the chain changed: those that leave it at most
    /// [`BRANCH_DEPTH`](super::BRANCH_DEPTH) blocks below the tip, the one with the most work
    /// first. Not while a long chain comes in.
    Branches(Vec<BranchView>),
    /// Who is here of those who seal, whose turn it is, or what is known of double seals
    /// changed. In an `authority` room only.
    Authority(AuthorityView),
    /// The entries that wait for a block changed.
    Pending(PendingView),
    /// An own entry changed its state (stored, announced, in a block, returned).
    Entry(EntryView),
    /// An entry that had been accepted can no longer be: a transfer whose money
    /// another transfer spent first. Its author is told which.
    EntryRefused {
        /// The entry.
        id: Hash,
        /// The transfer that won.
        winner: Option<Hash>,
    },
    /// The room's other peers changed. The whole list, in order of their ids.
    Peers(Vec<PeerView>),
    /// A peer sent something that no honest peer sends; it is ignored from now on.
    Fault {
        /// The peer.
        peer: PeerId,
        /// What it did.
        fault: PeerFault,
        /// The rule that it broke, as a stable code such as `merkle-root`, if it was one.
        rule: Option<String>,
    },
    /// The connection to the relay changed.
    Link(LinkView),
    /// What goes over that connection, and how long the relay takes to answer. At most once
    /// a second.
    Traffic(TrafficView),
    /// Synchronisation went on, or ended.
    Sync(SyncView),
    /// The store changed its state.
    Storage(StorageView),
    /// Sealing started or stopped, or is done at other times.
    Sealing(SealingView),
    /// How quickly this tab searches was measured anew. At most twice a second.
    HashRate(HashRateView),
    /// The experiments of this tab stand otherwise than before.
    Lab(Box<LabView>),
    /// The wallet's balance changed.
    Wallet(WalletView),
    /// How far a [`Command::Search`](super::Command::Search) is.
    Search {
        /// Which, as the page numbered it.
        search: u32,
        /// Blocks looked through.
        searched: u32,
        /// Blocks to look through at the most.
        total: u32,
        /// What was found since the last event.
        hits: Vec<SearchHit>,
    },
    /// How far a [`Command::Validate`](super::Command::Validate) is.
    ValidationProgress {
        /// Blocks checked.
        checked: u32,
        /// Blocks in all.
        total: u32,
    },
}

/// How the tip came to change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum TipChange {
    /// Blocks were added on top of the old tip.
    Extended {
        /// How many.
        added: u32,
    },
    /// A branch with more work replaced part of the chain.
    Reorganised {
        /// Blocks that left the chain.
        abandoned: u32,
        /// Blocks that came in.
        adopted: u32,
        /// What became of the abandoned blocks' entries.
        returned: Returned,
    },
}

/// What became of the entries of abandoned blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Returned {
    /// Wait for a block again.
    pub waiting: u32,
    /// Are in the new branch too.
    pub kept: u32,
    /// Refused: transfers whose money was spent first by another transfer.
    pub refused: u32,
    /// Those that wait again, at most [`MAX_RETURNED_TOLD`](super::MAX_RETURNED_TOLD).
    pub entries: Vec<Hash>,
}
