//! Reading the chain.

use axum::Json;
use axum::extract::State;
use axum::response::Response;
use chain_wasm::api::{ApiError, BlockAt, Outcome};
use chain_wasm::node::NodeCommand;
use chain_wasm::primitives::Hash;

use super::refusals::OfReading;
use super::requests::{Range, Skip};
use super::views::{Block, BlockList, Entry, RoomInfo, RoomList, Synced};
use super::{Answer, Asked, At, MAX_LIMIT, Problem, Shared, json};
use crate::archive::keeper::Keeper;

/// Blocks in an answer, if nobody says how many.
const LIMIT: u32 = 20;

/// The rooms that this archive keeps.
#[utoipa::path(get, path = "", responses(
    (status = 200, description = "The rooms", body = RoomList),
    (status = 503, description = "Busy", body = Problem, content_type = "application/problem+json"),
))]
pub(super) async fn rooms(State(shared): State<Shared>) -> Answer<Json<RoomList>> {
    let mut rooms = Vec::new();
    for keeper in shared.archive.rooms() {
        rooms.push(info(&keeper).await?);
    }
    let budget = shared.archive.budget();
    Ok(Json(RoomList::new(rooms, budget.used(), budget.most())))
}

/// One room.
#[utoipa::path(get, path = "/{room}", params(
    ("room" = String, Path, description = "The room's id, or its name if no other room has it"),
), responses(
    (status = 200, description = "The room", body = RoomInfo),
    OfReading,
))]
pub(super) async fn room(
    State(shared): State<Shared>,
    At(room): At<String>,
) -> Answer<Json<RoomInfo>> {
    Ok(Json(info(&*shared.room(&room)?).await?))
}

async fn info(keeper: &Keeper) -> Answer<RoomInfo> {
    Ok(RoomInfo::new(keeper, *keeper.state().await?))
}

/// Blocks of the chain, lowest first.
#[utoipa::path(get, path = "/{room}/blocks", params(
    ("room" = String, Path, description = "The room's id or name"),
    Range,
), responses(
    (status = 200, description = "The blocks", body = BlockList),
    OfReading,
))]
pub(super) async fn blocks(
    State(shared): State<Shared>,
    At(room): At<String>,
    Asked(range): Asked<Range>,
) -> Answer<Json<BlockList>> {
    let keeper = shared.room(&room)?;
    let limit = range.limit.unwrap_or(LIMIT);
    if !(1..=MAX_LIMIT).contains(&limit) {
        return Err(Problem::bad(format!("limit is 1 to {MAX_LIMIT}")));
    }
    let from = range.from.unwrap_or(0);
    let height = keeper.state().await?.tip.height;
    if from > height {
        return Ok(Json(BlockList { blocks: Vec::new(), height, next: None }));
    }
    let last = height.min(from.saturating_add(limit - 1));
    let command = NodeCommand::GetBlocks { from: Some(last), count: last - from + 1 };
    let Outcome::Blocks(blocks) = keeper.command(command).await?? else {
        return Err(unexpected());
    };
    let blocks: Vec<_> = blocks.into_iter().rev().map(Block::from).collect();
    let next = last.checked_add(1).filter(|next| *next <= height);
    Ok(Json(BlockList { blocks, height, next }))
}

/// One block of the chain.
#[utoipa::path(get, path = "/{room}/blocks/{block}", params(
    ("room" = String, Path, description = "The room's id or name"),
    ("block" = String, Path, description = "The block's height, or its hash", pattern = "^([0-9]{1,10}|[0-9a-f]{64})$"),
    Skip,
), responses(
    (status = 200, description = "The block", body = Block),
    OfReading,
))]
pub(super) async fn block(
    State(shared): State<Shared>,
    At((room, block)): At<(String, String)>,
    Asked(skip): Asked<Skip>,
) -> Answer<Json<Block>> {
    let at = block_at(&block)?;
    let block = block_of(&*shared.room(&room)?, at, skip.skip.unwrap_or(0)).await?;
    Ok(Json(block))
}

pub(super) async fn block_of(keeper: &Keeper, at: BlockAt, skip: u32) -> Answer<Block> {
    match keeper.command(NodeCommand::GetBlock { at, skip }).await?? {
        Outcome::Block(details) => Ok(details.block.into()),
        _ => Err(unexpected()),
    }
}

/// A height beyond all there can be is one that no block has.
fn block_at(text: &str) -> Answer<BlockAt> {
    if let Some(hash) = hash(text) {
        return Ok(BlockAt::Hash(hash));
    }
    let digits = (1..=10).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits {
        return Err(Problem::bad(
            "a block is named by its height, or by its hash of 64 hex digits",
        ));
    }
    text.parse().map(BlockAt::Height).map_err(|_| ApiError::NotFound.into())
}

/// One entry, whole, in a block or waiting for one.
#[utoipa::path(get, path = "/{room}/transactions/{id}", params(
    ("room" = String, Path, description = "The room's id or name"),
    ("id" = String, Path, description = "The entry's id", pattern = "^[0-9a-f]{64}$"),
), responses(
    (status = 200, description = "The entry", body = Entry),
    OfReading,
))]
pub(super) async fn transaction(
    State(shared): State<Shared>,
    At((room, id)): At<(String, String)>,
) -> Answer<Json<Entry>> {
    let id = entry_id(&id)?;
    match shared.room(&room)?.command(NodeCommand::GetEntry { id }).await?? {
        Outcome::Entry(entry) => Ok(Json(entry.into())),
        _ => Err(unexpected()),
    }
}

/// A proof that an entry is in the chain, which `relay-server verify` and any tab can check.
#[utoipa::path(get, path = "/{room}/proof/{id}", params(
    ("room" = String, Path, description = "The room's id or name"),
    ("id" = String, Path, description = "The entry's id", pattern = "^[0-9a-f]{64}$"),
), responses(
    (status = 200, description = "A proof file in its JSON form", body = serde_json::Value),
    OfReading,
))]
pub(super) async fn proof(
    State(shared): State<Shared>,
    At((room, id)): At<(String, String)>,
) -> Answer<Response> {
    let id = entry_id(&id)?;
    let command = NodeCommand::Prove { id, opening: false };
    match shared.room(&room)?.command(command).await?? {
        Outcome::Proof(file) => Ok(json(file.json)),
        _ => Err(unexpected()),
    }
}

/// Synchronises now, and says whether the chain was replaced.
#[utoipa::path(get, path = "/{room}/sync_chain", params(
    ("room" = String, Path, description = "The room's id or name"),
), responses(
    (status = 200, description = "What it led to", body = Synced),
    OfReading,
))]
pub(super) async fn sync_chain(
    State(shared): State<Shared>,
    At(room): At<String>,
) -> Answer<Json<Synced>> {
    let keeper = shared.room(&room)?;
    let busy = |_| Problem::busy("too many requests wait for a synchronisation");
    let _place = shared.syncing.try_acquire().map_err(busy)?;
    Ok(Json(keeper.sync().await?.into()))
}

fn entry_id(text: &str) -> Answer<Hash> {
    hash(text).ok_or_else(|| Problem::bad("an entry's id has 64 hex digits"))
}

fn hash(text: &str) -> Option<Hash> {
    text.parse().ok()
}

/// The node answered what it was not asked.
pub(super) fn unexpected() -> Problem {
    Problem::busy("the archive's node gave another answer")
}
