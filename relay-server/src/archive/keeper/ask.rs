//! What others ask of a room that is kept.

use chain_wasm::api::{ApiError, LinkReason, LinkView, Outcome, StorageReason, SyncView};
use chain_wasm::node::NodeCommand;
use chain_wasm::primitives::{Hash, PublicKey};
use tokio::sync::oneshot;

use super::super::relay_url::RelayUrl;

/// A question; whoever has lost interest drops the receiver.
#[derive(Debug)]
pub enum Ask {
    /// What a tab's page may ask its node.
    Command(NodeCommand, oneshot::Sender<Result<Outcome, ApiError>>),
    /// The block that an entry is in, once it is in one.
    Block(Hash, oneshot::Sender<Place>),
    /// Synchronise now.
    Sync(oneshot::Sender<SyncReport>),
    /// How it stands.
    State(oneshot::Sender<Box<RoomState>>),
    /// Keep the room at another relay, too.
    Register(RelayUrl, oneshot::Sender<Result<Registered, RegisterError>>),
}

/// A block of the chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its height.
    pub height: u32,
    /// Its hash.
    pub hash: Hash,
}

/// What a synchronisation led to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SyncReport {
    /// The tip before it.
    pub before: Place,
    /// The tip after it.
    pub after: Place,
    /// Whether blocks that were the chain's before are not any more.
    pub reorganised: bool,
    /// Whether a relay was reached, and no peer there is known to have more.
    pub complete: bool,
    /// How many peers there are.
    pub peers: usize,
}

/// Whether a room's archive takes anything in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// It does; what it has taken is on the disk.
    Durable,
    /// It does not: storing failed. It still answers from what it has.
    Stopped(StorageReason),
    /// It does not, nor does it answer: its thread panicked.
    Crashed,
}

/// How a room stands.
#[derive(Debug, Clone)]
pub struct RoomState {
    /// The newest block.
    pub tip: Place,
    /// The work in the whole chain, in decimal digits.
    pub work: String,
    /// Entries that wait for a block.
    pub pending: usize,
    /// The other peers.
    pub peers: usize,
    /// How the synchronisation stands.
    pub sync: SyncView,
    /// The relays, by name, this archive's own first.
    pub relays: Vec<(String, LinkView)>,
    /// Whether anything is taken in.
    pub keeping: Keeping,
    /// Who signs what is written through the archive.
    pub author: PublicKey,
    /// How many records were damaged at the start.
    pub damaged: usize,
}

impl RoomState {
    /// Of a room of which nothing is known yet but its genesis block.
    pub(super) fn at_genesis(genesis: Hash, author: PublicKey, damaged: usize) -> Self {
        Self {
            tip: Place { height: 0, hash: genesis },
            work: "0".to_owned(),
            pending: 0,
            peers: 0,
            sync: SyncView::Idle,
            relays: Vec::new(),
            keeping: Keeping::Durable,
            author,
            damaged,
        }
    }

    /// What is left of it once the room's thread has panicked: the chain, and no peers.
    pub(super) fn crashed(self) -> Self {
        let offline = |(relay, _)| (relay, LinkView::Offline { reason: LinkReason::Lost });
        Self {
            peers: 0,
            sync: SyncView::Idle,
            relays: self.relays.into_iter().map(offline).collect(),
            keeping: Keeping::Crashed,
            ..self
        }
    }
}

/// Whether a relay is a new one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registered {
    /// It is.
    New,
    /// The room is kept there already.
    Known,
}

/// Why a relay was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// There are enough.
    #[error("a room is kept at {} relays at most beside this one", super::MAX_RELAYS)]
    TooMany,
    /// It could not be noted down.
    #[error("the relay could not be noted down: {0:?}")]
    Storage(StorageReason),
    /// No random numbers.
    #[error("there are no random numbers")]
    Random,
}
