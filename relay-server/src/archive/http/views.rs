//! What is answered, as JSON.

use axum::http::StatusCode;
use chain_wasm::api::{
    BlockView, EntryKind, EntryState, EntryView, LinkView, Privacy, StorageReason, SyncView,
};
use data_encoding::BASE64;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use crate::archive::keeper::{Keeper, Keeping, Place, RoomState, SyncReport};

/// The rooms that an archive keeps.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomList {
    /// The rooms.
    rooms: Vec<RoomInfo>,
    /// How many bytes the archive's databases have.
    bytes: u64,
    /// How many they may have.
    max_bytes: u64,
}

impl RoomList {
    pub(super) const fn new(rooms: Vec<RoomInfo>, bytes: u64, max_bytes: u64) -> Self {
        Self { rooms, bytes, max_bytes }
    }
}

/// A room that is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct RoomInfo {
    /// Its id: the hash of its genesis block.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    id: String,
    /// Its name.
    name: String,
    /// Its newest block.
    tip: Tip,
    /// Expected number of hashes in the whole chain, in decimal digits.
    work: String,
    /// Entries that wait for a block.
    pending: usize,
    /// The other peers of the room.
    peers: usize,
    /// How the synchronisation stands.
    sync: SyncState,
    /// Whether anything is taken in.
    keeping: KeepingState,
    /// The key that signs what is written through the archive.
    author: String,
    /// The relays at which it is kept, this one first.
    relays: Vec<RelayInfo>,
    /// How many records were damaged when the archive started.
    damaged: usize,
}

/// A block of the chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct Tip {
    /// Its height; the genesis block's is 0.
    height: u32,
    /// Its hash.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    hash: String,
}

/// How the synchronisation stands.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SyncState {
    /// No peer is known to have more.
    Idle,
    /// Headers are being fetched.
    Headers,
    /// Blocks are being fetched.
    Blocks,
}

/// Whether a room takes anything in.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum KeepingState {
    /// It does, and what it has taken is on the disk.
    Durable,
    /// It does not, for the archive is full; it goes on answering.
    Full,
    /// It does not, for its store has failed; it goes on answering.
    Failed,
    /// It does not, nor does it answer, until the archive is started again. What is said of the
    /// chain is how it last was; all of it is on the disk.
    Crashed,
}

/// A relay at which a room is kept.
#[derive(Debug, Serialize, ToSchema)]
pub struct RelayInfo {
    /// Its address.
    relay: String,
    /// The connection to it.
    state: RelayState,
}

/// A connection to a relay.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RelayState {
    /// Registered in the room.
    Online,
    /// Being opened.
    Connecting,
    /// Waits for its next try.
    Waiting,
    /// Not tried any more.
    Offline,
}

/// A block, with its first entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct Block {
    /// Its height; the genesis block's is 0.
    height: u32,
    /// SHA-256 of its header.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    hash: String,
    /// The predecessor's hash.
    previous_hash: String,
    /// Merkle root of its transactions.
    merkle_root: String,
    /// Merkle root of the hashes of all earlier blocks.
    history_root: String,
    /// When it was sealed by its miner's clock, in milliseconds since 1970.
    timestamp: u64,
    /// Expected number of hashes.
    difficulty: f64,
    /// The number that was searched.
    nonce: u32,
    /// Who sealed it; nobody sealed the genesis block.
    miner: Option<String>,
    /// Coins that it created.
    reward: u64,
    /// Its size in bytes.
    size: u32,
    /// How many entries it has.
    entry_count: u32,
    /// The first of them, 100 at most; those after them are asked for with `skip`.
    entries: Vec<Entry>,
}

/// An entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct Entry {
    /// SHA-256 of what was signed.
    #[schema(pattern = "^[0-9a-f]{64}$")]
    id: String,
    /// Who signed it.
    author: String,
    /// When, by the author's clock, in milliseconds since 1970.
    timestamp: u64,
    /// Of data: its type, as the author declared it.
    media_type: Option<String>,
    /// Of data: its size in bytes.
    size: Option<u32>,
    /// Of data: what it says, if that is text or JSON and all of it is here.
    #[schema(value_type = serde_json::Value)]
    data: Option<Box<RawValue>>,
    /// Of other data: the bytes in base64, if all of them are here. In a block's list only the
    /// beginning of an entry is read; asked for by its id it is whole.
    base64: Option<String>,
    /// Of a transfer: to whom, and how many coins.
    transfer: Option<Transfer>,
    /// Whether it is sealed, in a private room.
    sealed: bool,
    /// The block that it is in; none while it waits for one.
    block: Option<Tip>,
}

/// Coins sent.
#[derive(Debug, Serialize, ToSchema)]
pub struct Transfer {
    /// To whom.
    to: String,
    /// How many.
    amount: u64,
}

/// Blocks of the chain, lowest first.
#[derive(Debug, Serialize, ToSchema)]
pub struct BlockList {
    /// The blocks.
    pub(super) blocks: Vec<Block>,
    /// The height of the chain's newest block.
    pub(super) height: u32,
    /// Where to go on; none at the end.
    pub(super) next: Option<u32>,
}

/// What was written.
#[derive(Debug, Serialize, ToSchema)]
pub struct Written {
    /// The entry: accepted, which is to say on the archive's disk.
    pub(super) entry: Entry,
    /// The block that it is in; none if it still waits for one.
    pub(super) block: Option<Block>,
}

/// What came of it.
#[derive(Debug, Serialize, ToSchema)]
pub struct NodeRegistered {
    /// The address of the relay's socket.
    pub(super) relay: String,
    /// Whether the room was not kept there before.
    pub(super) new: bool,
}

/// What a synchronisation led to.
#[derive(Debug, Serialize, ToSchema)]
pub struct Synced {
    /// Whether the chain was replaced by one with more work: longer, or another one.
    replaced: bool,
    /// Whether blocks that were the chain's before are not any more. Their entries are not
    /// lost: they wait for a block again, unless the other chain has them.
    reorganised: bool,
    /// Whether a relay was reached, and no peer there is known to have more. If not, it was
    /// waited for long enough.
    complete: bool,
    /// The newest block before.
    before: Tip,
    /// The newest block after.
    after: Tip,
    /// How many other peers there are.
    peers: usize,
}

impl From<Place> for Tip {
    fn from(place: Place) -> Self {
        Self { height: place.height, hash: place.hash.to_string() }
    }
}

impl From<SyncReport> for Synced {
    fn from(report: SyncReport) -> Self {
        Self {
            replaced: report.before != report.after,
            reorganised: report.reorganised,
            complete: report.complete,
            before: report.before.into(),
            after: report.after.into(),
            peers: report.peers,
        }
    }
}

impl RoomInfo {
    pub(super) fn new(keeper: &Keeper, state: RoomState) -> Self {
        Self {
            id: keeper.id().to_string(),
            name: keeper.spec().name().to_owned(),
            tip: state.tip.into(),
            work: state.work,
            pending: state.pending,
            peers: state.peers,
            sync: match state.sync {
                SyncView::Idle => SyncState::Idle,
                SyncView::Headers { .. } => SyncState::Headers,
                SyncView::Blocks { .. } => SyncState::Blocks,
            },
            keeping: match state.keeping {
                Keeping::Durable => KeepingState::Durable,
                Keeping::Stopped(StorageReason::Full) => KeepingState::Full,
                Keeping::Stopped(_) => KeepingState::Failed,
                Keeping::Crashed => KeepingState::Crashed,
            },
            author: state.author.to_string(),
            relays: state
                .relays
                .into_iter()
                .map(|(relay, view)| RelayInfo {
                    relay,
                    state: match view {
                        LinkView::Online { .. } => RelayState::Online,
                        LinkView::Connecting { .. } => RelayState::Connecting,
                        LinkView::Waiting { .. } => RelayState::Waiting,
                        LinkView::Offline { .. } => RelayState::Offline,
                    },
                })
                .collect(),
            damaged: state.damaged,
        }
    }
}

impl From<BlockView> for Block {
    fn from(block: BlockView) -> Self {
        Self {
            height: block.height,
            hash: block.hash.to_string(),
            previous_hash: block.previous_hash.to_string(),
            merkle_root: block.merkle_root.to_string(),
            history_root: block.history_root.to_string(),
            timestamp: block.timestamp.0,
            difficulty: block.difficulty,
            nonce: block.nonce,
            miner: block.miner.map(|miner| miner.to_string()),
            reward: block.reward,
            size: block.size,
            entry_count: block.entry_count,
            entries: block.entries.into_iter().map(Entry::from).collect(),
        }
    }
}

impl From<EntryView> for Entry {
    fn from(view: EntryView) -> Self {
        let mut entry = Self {
            id: view.id.to_string(),
            author: view.author.to_string(),
            timestamp: view.timestamp.0,
            media_type: None,
            size: None,
            data: None,
            base64: None,
            transfer: None,
            sealed: view.privacy != Privacy::Public,
            block: match view.state {
                EntryState::InBlock { height, block } => Some(Place { height, hash: block }.into()),
                EntryState::Stored | EntryState::Announced | EntryState::Returned => None,
            },
        };
        match view.kind {
            EntryKind::Transfer { to, amount } => {
                entry.transfer = Some(Transfer { to: to.to_string(), amount });
            }
            EntryKind::Data { media_type, size, bytes } => {
                if usize::try_from(size).is_ok_and(|size| size == bytes.len()) {
                    match value(&media_type, &bytes) {
                        Some(value) => entry.data = Some(value),
                        None => entry.base64 = Some(BASE64.encode(&bytes)),
                    }
                }
                (entry.media_type, entry.size) = (Some(media_type), Some(size));
            }
        }
        entry
    }
}

/// Data as a JSON value: itself, if it is JSON, or a text.
fn value(media_type: &str, bytes: &[u8]) -> Option<Box<RawValue>> {
    let text = str::from_utf8(bytes).ok()?;
    let json = (media_type == "application/json").then(|| RawValue::from_string(text.to_owned()));
    if let Some(Ok(json)) = json {
        return Some(json);
    }
    serde_json::value::to_raw_value(text).ok()
}

/// A status that says whether something is there now that was not before.
pub(super) const fn created(new: bool) -> StatusCode {
    if new { StatusCode::CREATED } else { StatusCode::OK }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_written_is_shown_as_it_was_sent() {
        let shown = |media_type, bytes: &[u8]| value(media_type, bytes).map(|v| v.get().to_owned());
        assert_eq!(shown("application/json", b"{\"a\": 1e999}").as_deref(), Some("{\"a\": 1e999}"));
        assert_eq!(shown("application/json", b"{oops").as_deref(), Some("\"{oops\""));
        assert_eq!(shown("text/plain", b"{}").as_deref(), Some("\"{}\""));
        assert_eq!(shown("text/plain", &[0xff]), None);
    }
}
