//! An archive's chains to files and back, while it does not run.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use chain_wasm::chain::spec::Spec;
use chain_wasm::node::{self, BlockRef, Config, Input, Node, Now, Output, StorageMode};
use chain_wasm::primitives::{Hash, Instant, Keypair, UnixMillis};
use chain_wasm::relay::RoomId;

use super::export::{CheckedChain, ExportError, Reader, Writer};
use super::folder::{Folder, FolderError, Opened};
use super::room_link::Room;
use super::store::{Budget, Store, StoreError};

/// Blocks that are read from the store at once.
const BATCH: u32 = 64;

/// Why a chain was not written or taken in.
#[derive(Debug, thiserror::Error)]
pub enum AdminError {
    /// The folder.
    #[error(transparent)]
    Folder(#[from] FolderError),
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file.
    #[error("{path}: {error}")]
    File {
        /// Its path.
        path: PathBuf,
        /// Why.
        error: ExportError,
    },
    /// The file is not a whole and valid chain.
    #[error("the chain does not hold: {0}")]
    Chain(#[from] ExportError),
    /// Standard output.
    #[error("the chain was not written: {0}")]
    Output(#[source] io::Error),
    /// No such room.
    #[error("the archive has no room {0}, or several of that name: name it by its id or link")]
    NoRoom(String),
    /// A block is damaged or missing.
    #[error("block {0} is damaged: run the archive, so that it is fetched again from peers")]
    Missing(u32),
    /// No random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// What was taken in.
#[derive(Debug)]
pub struct Imported {
    /// The chain of the file.
    pub chain: CheckedChain,
    /// How many of its blocks the archive did not have.
    pub new: u32,
}

/// Writes a room's chain; the room is named by its id, its link, or its name.
///
/// # Errors
/// [`AdminError`]; what was written until then is no whole file, and is told as such.
pub fn export(folder: &Path, room: &str, to: impl Write) -> Result<(), AdminError> {
    let folder = Folder::at(folder);
    let budget = Arc::new(Budget::new(u64::MAX));
    let (mut store, spec) = find(&folder, room, &budget)?;
    let found = store.restore(&spec, [0; 2])?;
    let config = Config {
        spec: spec.clone(),
        secret: None,
        // It signs nothing.
        wallet: Keypair::from_seed([0; 32]),
        peer: Keypair::from_seed([0; 32]).public(),
        seed: [0; 32],
        storage: StorageMode::Durable,
    };
    let node = settled(Node::new(config, found.restored, now()), &store)?;
    let chain = node.chain();
    let mut writer = Writer::begin(BufWriter::new(to), &spec).map_err(AdminError::Output)?;
    let mut from = 1;
    while from <= chain.height() {
        let heights = from..=chain.height().min(from.saturating_add(BATCH - 1));
        let block = |height| Some(BlockRef { hash: chain.hash_at(height)?, height });
        let wanted: Vec<BlockRef> = heights.clone().filter_map(block).collect();
        for (block, wanted) in store.blocks(&wanted)?.into_iter().zip(&wanted) {
            let block = block.ok_or(AdminError::Missing(wanted.height))?;
            writer.block(&block).map_err(AdminError::Output)?;
        }
        from = heights.end().saturating_add(1);
    }
    writer.end().map_err(AdminError::Output)
}

/// Has a node do all that it does before it hears of others; nothing of it is stored.
fn settled(mut node: Node, store: &Store) -> Result<Node, AdminError> {
    while let Some(output) = node.poll_output() {
        let input = match output {
            Output::Store { store, .. } => Input::Stored { store },
            Output::Load { load, blocks } => Input::Loaded { load, blocks: store.blocks(&blocks)? },
            _ => continue,
        };
        node.handle(now(), input);
    }
    Ok(node)
}

fn now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall = u64::try_from(wall.as_millis()).unwrap_or(u64::MAX);
    Now { mono: Instant(0), wall: UnixMillis(wall) }
}

fn find(folder: &Folder, room: &str, budget: &Arc<Budget>) -> Result<(Store, Spec), AdminError> {
    let known = folder.rooms()?;
    let has = |id: &RoomId| known.contains(id);
    let id = room.parse::<Hash>().ok().filter(has);
    let id = id.or_else(|| room.parse::<Room>().ok().map(|room| room.id()).filter(has));
    if let Some(id) = id {
        return Ok(folder.open_known(&id, budget)?);
    }
    let mut named = Vec::new();
    for id in known {
        let (store, spec) = folder.open_known(&id, budget)?;
        if spec.name() == room {
            named.push((store, spec));
        }
    }
    match named.pop() {
        Some(found) if named.is_empty() => Ok(found),
        _ => Err(AdminError::NoRoom(room.to_owned())),
    }
}

/// Checks a file by every rule, and takes all of its blocks into an archive, or none. Which
/// chain the room has then is for its node to choose, as among those of peers.
///
/// # Errors
/// [`AdminError`]
pub fn import(file: &Path, folder: &Path, max_bytes: u64) -> Result<Imported, AdminError> {
    let failed = |error| AdminError::File { path: file.to_owned(), error };
    let opened = File::open(file).map_err(|error| failed(error.into()))?;
    let reader = Reader::begin(BufReader::new(opened)).map_err(failed)?;
    let spec = reader.spec().clone();
    let folder = Folder::create(folder)?;
    let budget = Arc::new(Budget::new(max_bytes));
    let Opened { mut store, .. } = folder.open(&node::room_of(&spec), &spec, &budget)?;
    let mut new = 0;
    let mut chain = None;
    store.add(|add| {
        let checked = reader.check(|last, block| {
            new += u32::from(add(last.height, &last.hash, block)?);
            Ok::<_, AdminError>(())
        });
        chain = Some(checked?);
        Ok::<_, AdminError>(())
    })?;
    chain.map(|chain| Imported { chain, new }).ok_or(AdminError::Chain(ExportError::Cut))
}
