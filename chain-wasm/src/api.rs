//! Page <-> worker: what the page may ask of its node, and what the node tells it.
//!
//! The page sends [`Request`]s; the worker answers each with one [`Reply`] of the
//! same id, in any order, and sends [`Event`]s of its own accord. All of them are
//! plain values: `serde` types that `serde-wasm-bindgen` carries through
//! `postMessage`. Events and errors hold codes and numbers; only the page has words.
//!
//! The order of a start:
//! 1. the worker posts [`WorkerMessage::Booted`] once it can receive;
//! 2. the page compares [`VERSION`] and sends [`Command::Start`] as its first request;
//! 3. the worker claims a slot, opens its store, loads the chain and answers with
//!    [`Outcome::Started`]; events follow.

mod authority;
mod branch;
mod event;
mod explorer;
mod lab;
mod passphrase;
mod private;
mod proof;
mod view;

pub use authority::{AuthorityView, DoubleSealView, MemberView};
pub use branch::{BranchBlock, BranchView};
pub use event::{Event, Returned, TipChange};
pub use explorer::{
    AuthorTotals, BlockAt, BlockDetails, Cursor, EntryDetails, Excerpt, Find, HeaderCheck,
    KeyPattern, SearchHit, SearchView,
};
pub use lab::{
    LabAnswer, LabCheck, LabCommand, LabPace, LabRule, LabValue, LabView, MAX_LAB_ANSWERS,
    MAX_SECRET_BLOCKS, MAX_SECRET_DEPTH, ReleasedView, Repair, SecretView, SentView, TamperField,
    TamperView, Tampering,
};
pub use passphrase::Passphrase;
pub use private::{Access, PrivateRoom};
pub use proof::{ProofFault, ProofFile, ProofStanding, ProvenView};
pub use view::{
    BlockView, EntryKind, EntryState, EntryView, HashRateView, LinkReason, LinkView, NodeView,
    NotarisedView, PeerFault, PeerView, PendingView, Privacy, SealingView, StorageReason,
    StorageView, SyncView, TipView, TrafficView, ValidationReport, WalletView,
};

use serde::{Deserialize, Serialize};

use crate::key_file::{KeyFileFault, MAX_PASSPHRASE, MIN_PASSPHRASE};
use crate::primitives::{Hash, PublicKey, Seed};

/// Version of this protocol. Page and worker are built together; a browser's cache
/// can still bring an old one of either together with a new one of the other.
pub const VERSION: u32 = 5;

/// The longest room name, in bytes of UTF-8.
pub const MAX_ROOM_NAME: usize = 64;

/// The most members of a room whose members seal its blocks.
pub const MAX_MEMBERS: usize = 32;

/// The longest data entry, in bytes.
pub const MAX_ENTRY: usize = 32 * 1024;

/// The longest data entry of a private room, in bytes, whatever its media type: sealing
/// takes the rest.
pub const MAX_PRIVATE_ENTRY: usize = MAX_ENTRY - MAX_MEDIA_TYPE - crate::private::MAX_OVERHEAD;

/// The longest media type of an entry, in bytes.
pub const MAX_MEDIA_TYPE: usize = 64;

/// The most blocks that one [`Command::GetBlocks`] returns.
pub const MAX_BLOCKS: u32 = 100;

/// The most blocks that one [`Event::Chain`] tells of: what a page shows at first. While
/// a long chain comes in there are ten of them a second, each with all of its blocks new.
pub const MAX_BLOCKS_TOLD: u32 = 20;

/// The most entries that a [`BlockView`] or [`PendingView`] lists.
pub const MAX_ENTRIES_IN_VIEW: usize = 100;

/// The most bytes of an entry's data that an [`EntryView`] in a list holds.
pub const MAX_PREVIEW: usize = 2 * 1024;

/// How far below the tip branches beside the chain are told of, in blocks.
pub const BRANCH_DEPTH: u32 = 64;

/// The most branches that are told of at a time, those with the most work.
pub const MAX_BRANCHES: usize = 12;

/// The most blocks of one branch that are told of, the newest.
pub const MAX_BRANCH_BLOCKS: usize = 32;

/// The most entries of abandoned blocks that one [`Event::Chain`] names.
pub const MAX_RETURNED_TOLD: usize = 20;

/// The longest proof file of either form, in bytes.
pub const MAX_PROOF_FILE: usize = crate::chain::proof::MAX_JSON;
/// The longest text to search for, in bytes of UTF-8.
pub const MAX_QUERY: usize = 256;

/// The fewest hex digits that are taken for the beginning of a hash, id or key: with
/// fewer, a chain of some thousand blocks has several of nearly each.
pub const MIN_PREFIX: usize = 6;

/// The most that one [`Command::Search`] finds; it then says where to go on.
pub const MAX_HITS: usize = 50;

/// The most hashes in a level of a block's Merkle tree that is told: more do not fit
/// beside each other.
pub const MAX_MERKLE_LEVEL: usize = 16;

/// Names one request of the page; the answer carries it back.
pub type RequestId = u32;

/// What the page posts to its worker.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Request {
    /// Comes back with the answer.
    pub id: RequestId,
    /// What to do.
    pub command: Command,
}

/// What the worker posts to its page.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum WorkerMessage {
    /// The worker can receive requests; nothing posted earlier arrives.
    Booted {
        /// The worker's [`VERSION`].
        version: u32,
    },
    /// The answer to one request.
    Reply(Reply),
    /// Something happened.
    Event(Event),
    /// The worker failed beyond repair and will not answer again: every pending
    /// request has failed, and a new worker must be started.
    Crashed {
        /// What the panic said, for a report; not for translation.
        message: String,
    },
}

/// The answer to one request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The request's.
    pub id: RequestId,
    /// What came of it.
    pub outcome: Result<Outcome, ApiError>,
}

/// Which chain a room runs. Name and rule are all that a genesis block is made of,
/// so whoever opens the same room computes the same chain id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoomChoice {
    /// 1 to [`MAX_ROOM_NAME`] bytes of UTF-8, no control characters.
    pub name: String,
    /// How blocks are agreed on.
    pub consensus: ConsensusChoice,
    /// Whether it is for experiments.
    pub lab: bool,
    /// What a private room's members share.
    pub private: Option<PrivateRoom>,
}

impl RoomChoice {
    /// The room that a name alone means: public, for records, with proof of work.
    pub const fn named(name: String) -> Self {
        Self { name, consensus: ConsensusChoice::USUAL, lab: false, private: None }
    }

    /// The longest data entry that it takes, in bytes.
    pub const fn max_entry(&self) -> usize {
        if self.private.is_some() { MAX_PRIVATE_ENTRY } else { MAX_ENTRY }
    }
}

/// How a room agrees on blocks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsensusChoice {
    /// Proof of work, mined on demand.
    Work {
        /// The time between blocks to aim at under load, in milliseconds: 1 to an
        /// hour's.
        target: u32,
    },
    /// No work: every block is worth 1.
    Open,
    /// Sealed by listed members in turn.
    Authority {
        /// Who may seal: 1 to [`MAX_MEMBERS`] different keys, in ascending order.
        members: Vec<PublicKey>,
        /// How long a member waits for the one whose turn it is, in milliseconds: 1 to
        /// an hour's.
        patience: u32,
        /// Whether only members may write.
        members_write: bool,
    },
}

impl ConsensusChoice {
    /// What a room has whose link says nothing of it.
    pub const USUAL: Self = Self::Work { target: 1_000 };
}

impl Default for ConsensusChoice {
    fn default() -> Self {
        Self::USUAL
    }
}

/// When a tab looks for blocks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum MiningMode {
    /// While entries wait: its own at once, others' if they still wait after a while.
    #[default]
    OnDemand,
    /// In a room with proof of work all the time: whatever waits at once, and blocks
    /// without entries while nothing does. In an `open` room as [`Self::OnDemand`],
    /// since a block without work or entries would be worth nothing; likewise where members
    /// seal.
    Always,
    /// Never: its entries wait until another tab seals them.
    Never,
}

/// What the page may ask.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Command {
    /// Starts the node; the first request, and only the first. Answered by
    /// [`Outcome::Started`].
    ///
    /// Errors: [`ApiError::InvalidRoom`], [`ApiError::AlreadyStarted`],
    /// [`ApiError::NoSlot`], [`ApiError::NewerStore`], [`ApiError::WrongSecret`].
    Start {
        /// The room to enter.
        room: RoomChoice,
        /// The relay's WebSocket address, `ws://` or `wss://`.
        relay_url: String,
    },
    /// The whole state, as at the start. Answered by [`Outcome::Node`].
    GetNode,
    /// Signs and keeps an entry, then announces it. Answered by [`Outcome::Entry`]
    /// once the entry is stored, not earlier.
    ///
    /// Errors: [`ApiError::EmptyEntry`], [`ApiError::EntryTooLarge`],
    /// [`ApiError::InvalidMediaType`], [`ApiError::NotAMember`], [`ApiError::MempoolFull`],
    /// [`ApiError::StorageFailed`].
    AddEntry {
        /// An RFC 6838 type such as `text/plain`; 1 to [`MAX_MEDIA_TYPE`] bytes of
        /// printable ASCII.
        media_type: String,
        /// 1 to [`RoomChoice::max_entry`] bytes.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// Sends coins from this tab's wallet. Answered as [`Command::AddEntry`].
    ///
    /// Errors: [`ApiError::InvalidAmount`], [`ApiError::InsufficientBalance`],
    /// [`ApiError::NotAMember`], [`ApiError::MempoolFull`], [`ApiError::StorageFailed`].
    Transfer {
        /// The receiver.
        to: PublicKey,
        /// At least 1.
        amount: u64,
    },
    /// Blocks of the current chain, newest first. Answered by [`Outcome::Blocks`].
    GetBlocks {
        /// The height to start at, downwards; the tip if absent.
        from: Option<u32>,
        /// At most [`MAX_BLOCKS`]; more is cut to that.
        count: u32,
    },
    /// One entry, whole. Answered by [`Outcome::Entry`].
    ///
    /// Errors: [`ApiError::NotFound`].
    GetEntry {
        /// The entry's id.
        id: Hash,
    },
    /// Proves that an entry is in the chain. Answered by [`Outcome::Proof`].
    ///
    /// Errors: [`ApiError::NotFound`] if it is not in the chain.
    Prove {
        /// The entry's id.
        id: Hash,
        /// Of a sealed entry: whether whoever has the proof may read it.
        opening: bool,
    },
    /// Checks a proof file of any room, which needs no network. Answered by
    /// [`Outcome::Proven`].
    ///
    /// Errors: [`ApiError::InvalidProof`].
    CheckProof {
        /// The file, of either form.
        #[serde(with = "serde_bytes")]
        bytes: Vec<u8>,
    },
    /// A block of the current chain. Answered by [`Outcome::Block`].
    ///
    /// Errors: [`ApiError::NotFound`], [`ApiError::Busy`].
    GetBlock {
        /// Which.
        at: BlockAt,
        /// How many of its entries to pass over.
        skip: u32,
    },
    /// One entry, whole, and its place in the chain. Answered by
    /// [`Outcome::EntryDetails`].
    ///
    /// Errors: [`ApiError::NotFound`], [`ApiError::Busy`].
    GetEntryDetails {
        /// The entry's id.
        id: Hash,
    },
    /// Anybody's wallet. Answered by [`Outcome::Wallet`].
    GetWallet {
        /// Whose.
        author: PublicKey,
    },
    /// Computes the hash of a block of the current chain once more. Answered by
    /// [`Outcome::Header`].
    ///
    /// Errors: [`ApiError::NotFound`].
    CheckHeader {
        /// The block's hash.
        block: Hash,
    },
    /// Searches the stored chain, from the tip downwards, a few blocks at a time. Answered
    /// by [`Outcome::Search`] after at most [`MAX_HITS`] hits; [`Event::Search`] comes
    /// meanwhile. A search that runs is ended by the next.
    ///
    /// Errors: [`ApiError::InvalidQuery`], [`ApiError::Superseded`] once another search
    /// or [`Command::StopSearch`] has ended it.
    Search {
        /// Comes back with each [`Event::Search`].
        search: u32,
        /// What to look for.
        find: Find,
        /// Where to go on; from the tip if absent.
        from: Option<Cursor>,
    },
    /// Ends the search that runs, if one does. Answered by [`Outcome::Done`].
    StopSearch,
    /// Checks the whole stored chain again, from the genesis on. Answered by
    /// [`Outcome::Validation`]; [`Event::ValidationProgress`] comes meanwhile.
    ///
    /// Errors: [`ApiError::Busy`] while another validation runs.
    Validate,
    /// Leaves or rejoins the network; the node goes on by itself meanwhile.
    /// Answered by [`Outcome::Done`].
    SetConnected {
        /// Whether to hold a connection to the relay.
        connected: bool,
    },
    /// Chooses when this tab looks for blocks; [`MiningMode::OnDemand`] until then.
    /// Answered by [`Outcome::Done`].
    SetMining {
        /// When.
        mode: MiningMode,
    },
    /// Asks the relay and some peers only to see how long they take to answer; what came of
    /// it is told by [`Event::Traffic`] and [`Event::Peers`]. To be asked again and again
    /// while somebody looks. Answered by [`Outcome::Done`] at once.
    Measure,
    /// The oldest entry about a file that the chain holds, else one that waits for a
    /// block. Answered by [`Outcome::File`].
    ///
    /// Errors: [`ApiError::Busy`] once another file is searched for: one at a time is.
    FindFile {
        /// SHA-256 of what is in it.
        sha256: Hash,
    },
    /// Locks this tab's key with a passphrase. Answered by [`Outcome::KeyFile`].
    ///
    /// Errors: [`ApiError::PassphraseLength`], [`ApiError::KeyNotLocked`].
    ExportKey {
        /// To be asked for by [`Command::ImportKey`].
        passphrase: Passphrase,
    },
    /// Puts the key of a file in the place of this tab's, which is forgotten. What that
    /// has signed stays this tab's own. Answered by [`Outcome::Node`] once the key is
    /// stored, not earlier.
    ///
    /// Errors: [`ApiError::KeyFile`], [`ApiError::TooManyKeys`], [`ApiError::Busy`],
    /// [`ApiError::StorageFailed`].
    ImportKey {
        /// The file's text, see [`key_file`](crate::key_file).
        file: String,
        /// What it was locked with.
        passphrase: Passphrase,
    },
    /// Puts a key in the place of this tab's, as [`Command::ImportKey`] does, that came
    /// without a file: with a link. Answered by [`Outcome::Node`].
    ///
    /// Errors: [`ApiError::TooManyKeys`], [`ApiError::Busy`], [`ApiError::StorageFailed`].
    TakeKey {
        /// The key.
        seed: Seed,
    },
    /// Makes a key for somebody else; this tab's stays what it is, and keeps nothing of it.
    /// Answered by [`Outcome::NewKey`].
    ///
    /// Errors: [`ApiError::KeyNotLocked`] if the browser gives no random numbers.
    MakeKey,
    /// Ends the node, and forgets this tab's copy of the chain with all entries that wait;
    /// its key stays. In a room for experiments only. Answered by [`Outcome::Done`]; every
    /// request after that by [`ApiError::NotStarted`]: another worker starts from nothing.
    ///
    /// Errors: [`ApiError::NotLab`], and, with the node going on,
    /// [`ApiError::StorageFailed`] if nothing is stored: then a new start would have
    /// another key. The same error after the node has ended, if the store failed.
    Forget,
    /// An experiment, in a room that is for them.
    ///
    /// Errors: [`ApiError::NotLab`] in any other room, and what [`LabCommand`] says.
    Lab(LabCommand),
    /// What a worker cannot see for itself: whether the browser is online and
    /// whether the page is hidden. Answered by [`Outcome::Done`].
    SetEnvironment {
        /// The page's `navigator.onLine`.
        online: bool,
        /// The page's `document.hidden`.
        hidden: bool,
    },
}

/// What a request led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Outcome {
    /// The node runs.
    Started(Box<NodeView>),
    /// The state.
    Node(Box<NodeView>),
    /// One entry, its data whole.
    Entry(EntryView),
    /// Blocks, newest first.
    Blocks(Vec<BlockView>),
    /// A proof.
    Proof(ProofFile),
    /// What a proof shows.
    Proven(Box<ProvenView>),
    /// A block.
    Block(Box<BlockDetails>),
    /// One entry, its data whole, and its place.
    EntryDetails(Box<EntryDetails>),
    /// A wallet.
    Wallet(WalletView),
    /// A header and its hash.
    Header(HeaderCheck),
    /// What a search led to.
    Search(SearchView),
    /// What the full check found.
    Validation(ValidationReport),
    /// The entry about a file; `None` if neither the chain has one nor one waits.
    File(Option<Box<NotarisedView>>),
    /// A key file's text, see [`key_file`](crate::key_file).
    KeyFile(String),
    /// A key for somebody else.
    NewKey {
        /// The secret half.
        seed: Seed,
        /// The public half.
        author: PublicKey,
    },
    /// How the experiments stand.
    Lab(Box<LabView>),
    /// A changed copy of a block.
    Tampered(Box<TamperView>),
    /// Done; there is nothing to tell.
    Done,
}

/// Why a request was refused. Nothing was changed by a refused request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum ApiError {
    /// The room's name is empty, too long or has control characters.
    #[error("the room's name must be 1 to 64 bytes without control characters")]
    InvalidRoom,
    /// A second [`Command::Start`].
    #[error("the node has been started already")]
    AlreadyStarted,
    /// Another request came before [`Command::Start`] was answered.
    #[error("the node has not been started")]
    NotStarted,
    /// Every slot of this browser is in use.
    #[error("every slot of this browser is in use: close a tab of this room")]
    NoSlot,
    /// The store was written by a newer version: reload the page.
    #[error("the store was written by a newer version")]
    NewerStore,
    /// The room is private, and what was given is not its secret.
    #[error("the room's secret is missing or another")]
    WrongSecret,
    /// The entry holds no bytes.
    #[error("an entry holds at least one byte")]
    EmptyEntry,
    /// The entry is too large.
    #[error("the entry has {size} bytes, more than {limit}")]
    EntryTooLarge {
        /// The entry's size in bytes.
        size: u32,
        /// The most it may have.
        limit: u32,
    },
    /// The media type is not 1 to [`MAX_MEDIA_TYPE`] bytes of printable ASCII.
    #[error("the media type must be 1 to 64 printable ASCII characters")]
    InvalidMediaType,
    /// A transfer of nothing.
    #[error("a transfer's amount is at least 1")]
    InvalidAmount,
    /// The wallet does not hold that much, pending transfers counted.
    #[error("the balance is {balance}, pending transfers counted")]
    InsufficientBalance {
        /// What could be sent.
        balance: u64,
    },
    /// Only the room's members may write, and this tab is none.
    #[error("only the room's members may write in it")]
    NotAMember,
    /// Too many entries wait for a block: try again once some are in.
    #[error("too many entries are waiting")]
    MempoolFull,
    /// The store did not take the entry (quota, disk, closed): it was not accepted.
    #[error("the entry could not be stored: {0:?}")]
    StorageFailed(StorageReason),
    /// The passphrase is too short or too long to lock a key with.
    #[error("a passphrase has {MIN_PASSPHRASE} characters to {MAX_PASSPHRASE} bytes")]
    PassphraseLength,
    /// The browser gives no memory or no random numbers to lock the key with.
    #[error("the key could not be locked")]
    KeyNotLocked,
    /// The key file cannot be used.
    #[error("the key file was not imported: {0}")]
    KeyFile(#[from] KeyFileFault),
    /// This tab has had too many keys to have another one.
    #[error("this tab has had too many keys")]
    TooManyKeys,
    /// There is no such thing in this node.
    #[error("not found")]
    NotFound,
    /// The text to search for is empty or longer than [`MAX_QUERY`].
    #[error("a search takes 1 to 256 bytes")]
    InvalidQuery,
    /// Another search took this one's place, or it was stopped.
    #[error("the search was ended")]
    Superseded,
    /// The node is busy with an earlier request of that kind.
    #[error("an earlier request of that kind is not done yet")]
    Busy,
    /// A proof does not hold.
    #[error("the proof does not hold: {0:?}")]
    InvalidProof(ProofFault),
    /// An experiment in a room that is not for them.
    #[error("this room is for records, not for experiments")]
    NotLab,
    /// An experiment with mining in a room without work.
    #[error("there is no work in this room")]
    NeedsWork,
    /// The new value does not suit the field, or is the one that it has.
    #[error("the field cannot have this value")]
    InvalidTampering,
    /// There is no connection to send it over.
    #[error("there is no connection to the room")]
    Offline,
    /// No other tab is known to have the block.
    #[error("no other tab is known to have this block")]
    OnlyCopy,
    /// The request could not be read: page and worker are of different versions.
    #[error("the request could not be read: {0}")]
    Unreadable(String),
}

/// Whether a room's name is 1 to [`MAX_ROOM_NAME`] bytes without control characters.
pub fn is_valid_room_name(name: &str) -> bool {
    (1..=MAX_ROOM_NAME).contains(&name.len()) && !name.chars().any(char::is_control)
}
