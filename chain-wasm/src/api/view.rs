//! What the page is shown: plain values, made by the node.

use serde::{Deserialize, Serialize};

use super::{AuthorityView, BranchView, MiningMode, RoomChoice};
use crate::notarisation::Notarisation;
use crate::primitives::{Hash, PeerId, PublicKey, UnixMillis};

/// The whole state of a node.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NodeView {
    /// The room.
    pub room: RoomChoice,
    /// The chain's id: the hash of its genesis block.
    pub chain: Hash,
    /// This tab's name on the relay: a key made anew at each start.
    pub peer: PeerId,
    /// This tab's place among the tabs of the browser, from 0; names its store.
    pub slot: u32,
    /// This tab's wallet.
    pub wallet: WalletView,
    /// The tip.
    pub tip: TipView,
    /// The newest blocks, newest first; the genesis block is the last of a whole chain.
    pub blocks: Vec<BlockView>,
    /// Branches beside the chain.
    pub branches: Vec<BranchView>,
    /// Entries that wait for a block.
    pub pending: PendingView,
    /// The room's other peers.
    pub peers: Vec<PeerView>,
    /// The connection to the relay.
    pub link: LinkView,
    /// What goes over that connection.
    pub traffic: TrafficView,
    /// Synchronisation.
    pub sync: SyncView,
    /// The store.
    pub storage: StorageView,
    /// Sealing.
    pub sealing: SealingView,
    /// Who seals, in an `authority` room.
    pub authority: Option<AuthorityView>,
    /// How quickly this tab searches; `None` until it was measured.
    pub hash_rate: Option<HashRateView>,
}

/// The wallet of a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WalletView {
    /// The key that signs this tab's entries and gets its rewards.
    pub author: PublicKey,
    /// Coins, by the current chain.
    pub balance: u64,
}

/// The newest block of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TipView {
    /// Its height; the genesis block's is 0.
    pub height: u32,
    /// Its hash.
    pub hash: Hash,
    /// Expected number of hashes in the whole chain, in decimal digits (up to 2^128).
    pub work: String,
}

/// A block.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockView {
    /// Rules version.
    pub version: u8,
    /// Height; the genesis block's is 0.
    pub height: u32,
    /// SHA-256 of the header.
    pub hash: Hash,
    /// The predecessor's hash.
    pub previous_hash: Hash,
    /// Merkle root of the transactions.
    pub merkle_root: Hash,
    /// Merkle root of all earlier block hashes.
    pub history_root: Hash,
    /// When it was sealed, by its miner's clock.
    pub timestamp: UnixMillis,
    /// Expected number of hashes, rounded to a float for showing.
    pub difficulty: f64,
    /// The number that was searched.
    pub nonce: u32,
    /// Who sealed it and got the reward; nobody sealed the genesis block.
    pub miner: Option<PublicKey>,
    /// The reward.
    pub reward: u64,
    /// The whole block's size in bytes.
    pub size: u32,
    /// How many entries it holds, the coinbase not counted.
    pub entry_count: u32,
    /// The first [`MAX_ENTRIES_IN_VIEW`](super::MAX_ENTRIES_IN_VIEW) of them.
    pub entries: Vec<EntryView>,
}

/// An entry: a transaction other than a coinbase.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryView {
    /// SHA-256 of what was signed.
    pub id: Hash,
    /// Who signed it.
    pub author: PublicKey,
    /// Whether that is this tab's wallet, or was it before another key was imported.
    pub mine: bool,
    /// When it was signed, by the author's clock.
    pub timestamp: UnixMillis,
    /// What it says; of a sealed entry that was opened, what was sealed.
    pub kind: EntryKind,
    /// Who can read it.
    pub privacy: Privacy,
    /// Where it is.
    pub state: EntryState,
}

/// Who can read an entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Privacy {
    /// Everybody: it is not sealed.
    #[default]
    Public,
    /// Whoever has the secret, as this node does: it was opened.
    Opened,
    /// It is sealed, and not for this node: with another secret, or it is damaged.
    Unreadable,
}

/// The entry about a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotarisedView {
    /// The entry, its data whole.
    pub entry: EntryView,
    /// When its block was sealed, by its miner's clock; `None` while it waits.
    pub sealed: Option<UnixMillis>,
}

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryKind {
    /// Data.
    Data {
        /// As the author declared it; not checked against the bytes.
        media_type: String,
        /// Size in bytes.
        size: u32,
        /// The data; in a list only its first
        /// [`MAX_PREVIEW`](super::MAX_PREVIEW) bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Coins sent.
    Transfer {
        /// To whom.
        to: PublicKey,
        /// How many.
        amount: u64,
    },
}

/// Where an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum EntryState {
    /// Kept by this node, not announced yet (it is not connected).
    Stored,
    /// Announced to the room; waits for a block.
    Announced,
    /// Was in a block that a reorganisation took out; waits for a block again.
    Returned,
    /// In a block of the current chain. Confirmations: tip height - height + 1.
    InBlock {
        /// The block's height.
        height: u32,
        /// The block's hash.
        block: Hash,
    },
}

impl EntryKind {
    /// The file that it is about, if it is a notarisation and all of it is here.
    pub fn file(&self) -> Option<Notarisation> {
        let Self::Data { media_type, size, bytes } = self else { return None };
        let whole = usize::try_from(*size).is_ok_and(|size| size == bytes.len());
        if whole { Notarisation::decode(media_type, bytes) } else { None }
    }
}

/// The entries that wait for a block.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingView {
    /// How many.
    pub count: u32,
    /// The first [`MAX_ENTRIES_IN_VIEW`](super::MAX_ENTRIES_IN_VIEW), own ones first,
    /// then oldest first.
    pub entries: Vec<EntryView>,
}

/// Another peer of the room.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PeerView {
    /// Its name on the relay.
    pub peer: PeerId,
    /// Its wallet's key, as it says; `None` while its status cannot be read.
    pub author: Option<PublicKey>,
    /// The height of its tip, as it says.
    pub height: u32,
    /// Its tip's hash, as it says.
    pub tip: Option<Hash>,
    /// Entries that wait in it for a block, as it says.
    pub pending: u32,
    /// Whether its page is hidden.
    pub hidden: bool,
    /// Whether it is looking for a block right now.
    pub sealing: bool,
    /// What it did wrong; it is ignored since.
    pub fault: Option<PeerFault>,
    /// How long it takes to answer, through the relay, in milliseconds: the median of the
    /// last answers. `None` before the first.
    pub round_trip: Option<u32>,
}

/// What a peer did that no honest peer does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum PeerFault {
    /// A message that cannot be read.
    UnreadableMessage,
    /// A status that cannot be read.
    UnreadableStatus,
    /// A header that breaks a rule.
    InvalidHeader,
    /// A block that breaks a rule.
    InvalidBlock,
    /// A transaction that breaks a rule.
    InvalidTransaction,
    /// An answer to a question that was not asked, or not to the point.
    Unasked,
}

/// The connection to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkView {
    /// Opening a connection and registering.
    Connecting {
        /// Which try since the last connection, from 1.
        attempt: u32,
    },
    /// Registered in the room.
    Online {
        /// The relay's clock less this device's, in milliseconds. The node works
        /// with the relay's when they differ by more than a few seconds.
        clock_offset: i64,
        /// Whether the relay reaches the other relays that share the room, if there are
        /// any. If not, peers at those are out of reach for now.
        whole: bool,
    },
    /// Waiting before the next try.
    Waiting {
        /// Why the last connection ended or failed.
        reason: LinkReason,
        /// Milliseconds until the next try, when this was told.
        retry_in: u32,
        /// Which try comes next, from 1.
        attempt: u32,
    },
    /// Not connected, and not trying.
    Offline {
        /// Why.
        reason: LinkReason,
    },
}

/// Why there is no connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum LinkReason {
    /// The relay does not answer.
    Unreachable,
    /// The connection broke.
    Lost,
    /// Nothing came from the relay for too long.
    Silent,
    /// The relay refused or closed it: a close code of
    /// [`Refusal`](crate::relay::Refusal), less 4000.
    Refused {
        /// The refusal's number.
        code: u16,
    },
    /// The relay is stopping; it said when to come back.
    RelayStopping,
    /// The relay speaks another version of the protocol: the page should be reloaded.
    Version,
    /// The browser is offline.
    BrowserOffline,
    /// The user left the network.
    Disconnected,
    /// The relay's address is not one that can be opened.
    InvalidAddress,
}

/// What has gone over the connection to the relay since this tab started.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrafficView {
    /// Messages sent.
    pub sent: u64,
    /// Their size in bytes.
    pub sent_bytes: u64,
    /// Messages received.
    pub received: u64,
    /// Their size in bytes.
    pub received_bytes: u64,
    /// How long the relay takes to answer, in milliseconds: the median of the last answers.
    /// `None` before the first.
    pub round_trip: Option<u32>,
}

/// Synchronisation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum SyncView {
    /// No peer is known to have more.
    #[default]
    Idle,
    /// Headers are being fetched and checked.
    Headers {
        /// The height reached.
        height: u32,
        /// The height that the peer says it has.
        target: u32,
    },
    /// Blocks are being fetched and checked.
    Blocks {
        /// How many are there.
        done: u32,
        /// How many are called for.
        total: u32,
        /// Blocks a second, lately.
        rate: u32,
    },
}

impl SyncView {
    /// Whether more blocks are on their way than the page shows at first.
    pub const fn is_far(&self) -> bool {
        match self {
            Self::Blocks { done, total, .. } => {
                total.saturating_sub(*done) > super::MAX_BLOCKS_TOLD
            }
            Self::Idle | Self::Headers { .. } => false,
        }
    }
}

/// The store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageView {
    /// What is accepted is stored and survives the tab.
    Durable,
    /// Nothing survives the tab.
    Memory {
        /// Why.
        reason: StorageReason,
    },
}

/// Why storing failed or is not to be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum StorageReason {
    /// The browser has no database, or refuses it (private mode, settings).
    Refused,
    /// The browser's quota, or the disk, is full.
    Full,
    /// The database was closed or deleted under the node.
    Lost,
    /// Any other failure of the database.
    Failed,
}

/// Sealing, that is mining.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealingView {
    /// Whether a block is being looked for. In [`MiningMode::Always`] it stays so
    /// between one block and the next.
    pub active: bool,
    /// When this tab looks for blocks.
    pub mode: MiningMode,
}

/// How quickly this tab searches, as measured while it last did.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HashRateView {
    /// Hashes a second, of all workers together: what they have tried, over the time
    /// that it took, each measured over half a second of searching or more.
    pub per_second: f64,
    /// How many mining workers run; 0 if the node's own worker searches.
    pub workers: u32,
}

/// What a full check of the chain found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ValidationReport {
    /// Blocks checked, the genesis included.
    pub blocks: u32,
    /// Transactions checked, coinbases included.
    pub transactions: u32,
    /// Signatures checked.
    pub signatures: u32,
    /// Hashes compared: block hashes, links, Merkle roots, history roots.
    pub hashes: u32,
    /// The sum of all balances after the last block.
    pub supply: u64,
    /// Milliseconds it took.
    pub millis: u32,
    /// The first fault, if any: the height, and the rule that was broken, as a
    /// stable code such as `merkle-root`.
    pub fault: Option<(u32, String)>,
}
