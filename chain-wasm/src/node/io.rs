//! What goes into a node and what comes out of it.

use super::packed::Packed;
use crate::api::{
    ApiError, BlockAt, Cursor, Event, Find, LabCommand, MiningMode, Outcome, RequestId,
    StorageReason,
};
use crate::chain::spec::Spec;
use crate::primitives::{Hash, Instant, Keypair, PeerId, PublicKey, Seed, UnixMillis};
use crate::private::RoomSecret;

/// Both clocks, read once by the driver for each input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Now {
    /// Never goes back; timers run by it.
    pub mono: Instant,
    /// The time of day as this device has it.
    pub wall: UnixMillis,
}

/// What a node is started with.
#[derive(Debug, Clone)]
pub struct Config {
    /// The chain.
    pub spec: Spec,
    /// Of a private room: what its members share. Without it, or with another, the node
    /// keeps and checks the chain as any other, but can neither read nor write entries.
    pub secret: Option<RoomSecret>,
    /// Signs this node's entries and gets its rewards.
    pub wallet: Keypair,
    /// This node's name on the relay.
    pub peer: PeerId,
    /// 32 random bytes: every random choice of the node comes from them.
    pub seed: [u8; 32],
    /// Whether what is stored lasts.
    pub storage: StorageMode,
}

/// Whether what is stored lasts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StorageMode {
    /// The driver has a store that outlives it.
    Durable,
    /// There is none: the node keeps everything in memory and says so. The driver
    /// still answers each [`Output::Store`] with [`Input::Stored`] and each
    /// [`Output::Load`] with [`Input::Loaded`] from a map in memory.
    Memory(StorageReason),
}

/// What the store held: records as they were stored, in any order. Damaged,
/// foreign or missing ones are found by the node and fetched again from peers.
#[derive(Debug, Clone, Default)]
pub struct Restored {
    /// The chain as far as packs go; `None` if there are none.
    pub packed: Option<Packed>,
    /// Encoded blocks that have records of their own.
    pub blocks: Vec<Vec<u8>>,
    /// Encoded transactions that waited for a block.
    pub transactions: Vec<Vec<u8>>,
    /// The keys that were the wallet's before, see [`Change::PutWallet`].
    pub former: Vec<PublicKey>,
}

/// Names one [`Output::Store`].
pub type StoreId = u64;
/// Names one [`Output::Load`].
pub type LoadId = u64;
/// Names one [`SealJob`].
pub type JobId = u64;

/// Something that happened to the node.
#[derive(Debug, Clone, PartialEq)]
pub enum Input {
    /// Registered in the room; from now on frames can be sent. A second one without
    /// [`Input::LinkDown`] between them counts as both.
    LinkUp {
        /// The room's other peers with their statuses.
        peers: Vec<(PeerId, Vec<u8>)>,
        /// The relay's clock.
        relay_time: UnixMillis,
    },
    /// The connection ended; frames sent since may be lost.
    LinkDown,
    /// A peer joined the room.
    PeerJoined {
        /// The peer.
        peer: PeerId,
        /// Its status.
        status: Vec<u8>,
    },
    /// A peer left the room.
    PeerLeft {
        /// The peer.
        peer: PeerId,
    },
    /// A peer's status changed.
    PeerStatus {
        /// The peer.
        peer: PeerId,
        /// Its new status.
        status: Vec<u8>,
    },
    /// A payload came from a peer.
    Frame {
        /// The sender, as the relay vouches.
        from: PeerId,
        /// The payload.
        bytes: Vec<u8>,
    },
    /// A payload could not be sent, for its receiver has left.
    Undeliverable {
        /// The receiver.
        to: PeerId,
    },
    /// The user wants something; answered by [`Output::Reply`].
    Command {
        /// Comes back with the answer.
        request: RequestId,
        /// What.
        command: NodeCommand,
    },
    /// The page was hidden or shown.
    Hidden(bool),
    /// A job's nonce was found.
    Sealed {
        /// The job; one that is no longer wanted is ignored.
        job: JobId,
        /// The nonce that meets the difficulty.
        nonce: u32,
    },
    /// All 2^32 nonces of a job were tried in vain: the node makes a new job.
    SealExhausted {
        /// The job.
        job: JobId,
    },
    /// A batch is stored.
    Stored {
        /// Which.
        store: StoreId,
    },
    /// A batch was not stored, not even in part. From now on the driver keeps
    /// records in memory, see [`StorageMode::Memory`].
    StorageFailed {
        /// Which.
        store: StoreId,
        /// Why.
        reason: StorageReason,
    },
    /// What a [`Output::Load`] found, in the order it asked.
    Loaded {
        /// Which.
        load: LoadId,
        /// The encoded blocks; `None` for one that is not there or cannot be read.
        blocks: Vec<Option<Vec<u8>>>,
    },
    /// The time of [`Node::next_wakeup`](super::Node::next_wakeup) has come.
    Wakeup,
}

/// What a user may want of a node: the part of [`Command`](crate::api::Command)
/// that is not the driver's own business.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NodeCommand {
    /// See [`Command::GetNode`](crate::api::Command::GetNode).
    GetNode,
    /// See [`Command::AddEntry`](crate::api::Command::AddEntry).
    AddEntry {
        /// The media type.
        media_type: String,
        /// The data.
        bytes: Vec<u8>,
    },
    /// See [`Command::Transfer`](crate::api::Command::Transfer).
    Transfer {
        /// The receiver.
        to: PublicKey,
        /// How many coins.
        amount: u64,
    },
    /// See [`Command::GetBlocks`](crate::api::Command::GetBlocks).
    GetBlocks {
        /// The height to start at, downwards.
        from: Option<u32>,
        /// How many.
        count: u32,
    },
    /// See [`Command::GetEntry`](crate::api::Command::GetEntry).
    GetEntry {
        /// The entry.
        id: Hash,
    },
    /// See [`Command::Prove`](crate::api::Command::Prove).
    Prove {
        /// The entry.
        id: Hash,
        /// Whether a sealed entry's key goes with it.
        opening: bool,
    },
    /// See [`Command::CheckProof`](crate::api::Command::CheckProof).
    CheckProof {
        /// The file.
        bytes: Vec<u8>,
    },
    /// See [`Command::GetBlock`](crate::api::Command::GetBlock).
    GetBlock {
        /// Which.
        at: BlockAt,
        /// How many of its entries to pass over.
        skip: u32,
    },
    /// See [`Command::GetEntryDetails`](crate::api::Command::GetEntryDetails).
    GetEntryDetails {
        /// The entry.
        id: Hash,
    },
    /// See [`Command::GetWallet`](crate::api::Command::GetWallet).
    GetWallet {
        /// Whose.
        author: PublicKey,
    },
    /// See [`Command::CheckHeader`](crate::api::Command::CheckHeader).
    CheckHeader {
        /// The block.
        block: Hash,
    },
    /// See [`Command::Search`](crate::api::Command::Search).
    Search {
        /// The page's number of it.
        search: u32,
        /// What to look for.
        find: Find,
        /// Where to go on.
        from: Option<Cursor>,
    },
    /// See [`Command::StopSearch`](crate::api::Command::StopSearch).
    StopSearch,
    /// See [`Command::Validate`](crate::api::Command::Validate).
    Validate,
    /// See [`Command::FindFile`](crate::api::Command::FindFile).
    FindFile {
        /// SHA-256 of what is in it.
        sha256: Hash,
    },
    /// See [`Command::ImportKey`](crate::api::Command::ImportKey).
    ImportKey {
        /// The key, unlocked.
        seed: Seed,
    },
    /// See [`Command::Measure`](crate::api::Command::Measure).
    Measure,
    /// See [`Command::Lab`](crate::api::Command::Lab).
    Lab(LabCommand),
    /// See [`Command::SetMining`](crate::api::Command::SetMining).
    SetMining {
        /// When to look for blocks.
        mode: MiningMode,
    },
}

/// Something for the driver to do.
#[derive(Debug, Clone, PartialEq)]
pub enum Output {
    /// Send a payload to every other peer of the room.
    Broadcast(Vec<u8>),
    /// Send a payload to one peer.
    Send {
        /// The receiver.
        to: PeerId,
        /// The payload.
        bytes: Vec<u8>,
    },
    /// Show this status to the room; the driver keeps the latest for the next
    /// registration too.
    SetStatus(Vec<u8>),
    /// Store a batch: all of it or nothing, and in the order of the batches.
    /// Answered by [`Input::Stored`] or [`Input::StorageFailed`].
    Store {
        /// Comes back with the answer.
        store: StoreId,
        /// What to store.
        changes: Vec<Change>,
    },
    /// Read blocks back. Answered by [`Input::Loaded`].
    Load {
        /// Comes back with the answer.
        load: LoadId,
        /// Which blocks.
        blocks: Vec<BlockRef>,
    },
    /// Look for a block. Replaces any job before it.
    Seal(SealJob),
    /// Stop looking for a block.
    StopSealing,
    /// Tell the page.
    Event(Event),
    /// Answer the page.
    Reply {
        /// The request.
        request: RequestId,
        /// What came of it.
        outcome: Result<Outcome, ApiError>,
    },
}

/// A header whose nonce is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealJob {
    /// Comes back with the nonce.
    pub job: JobId,
    /// The encoded header; its last 4 bytes are the nonce, big-endian.
    pub header: [u8; 117],
    /// What SHA-256 of the header must meet.
    pub difficulty: crate::primitives::Difficulty,
}

/// A block in the store: in the record of its hash, or else in the pack that holds its
/// height, if that has the very block there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BlockRef {
    /// Its hash.
    pub hash: Hash,
    /// Its height.
    pub height: u32,
}

/// One change to the store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Keep a block; it replaces any record of that hash, and is read in place of what a
    /// pack has of it.
    PutBlock {
        /// Its hash, the record's key.
        hash: Hash,
        /// Its encoding.
        bytes: Vec<u8>,
    },
    /// Drop a block's own record (of a branch that was given up, or found to be invalid).
    DeleteBlock {
        /// Its hash.
        hash: Hash,
    },
    /// Keep blocks of the chain as a [`pack`](crate::chain::pack) and drop the records
    /// that they have of their own, damaged ones too.
    PutPack {
        /// The first one's height, the key of both records.
        first: u32,
        /// The pack.
        bytes: Vec<u8>,
        /// Its summary's record.
        summary: Vec<u8>,
        /// Its blocks' hashes.
        hashes: Vec<Hash>,
    },
    /// Give each block of a pack a record of its own, unless it has one, and drop the
    /// pack and its summary: the chain has left it. Nothing, if there is no such pack.
    Unpack {
        /// The first one's height.
        first: u32,
    },
    /// Keep a transaction that waits for a block.
    PutTransaction {
        /// Its id, the record's key.
        id: Hash,
        /// Its encoding.
        bytes: Vec<u8>,
    },
    /// Drop a transaction: it is in a block that is stored by the same batch or an
    /// earlier one.
    DeleteTransaction {
        /// Its id.
        id: Hash,
    },
    /// Start with another wallet from now on.
    PutWallet {
        /// Its seed, in place of the one before.
        seed: Seed,
        /// All keys that were the wallet's before, in place of those that were kept.
        former: Vec<PublicKey>,
    },
}
