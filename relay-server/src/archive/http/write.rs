//! Writing: what takes the archive's token.

use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::header::LOCATION;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use chain_wasm::api::{BlockAt, EntryView, Outcome};
use chain_wasm::node::NodeCommand;
use tokio::time::timeout;

use super::read::{block_of, unexpected};
use super::refusals::OfWriting;
use super::requests::{NewBlock, RegisterNode};
use super::token::Token;
use super::views::{Block, NodeRegistered, Written, created};
use super::{Answer, At, Body, Problem, Shared};
use crate::archive::keeper::{Keeper, Registered};
use crate::archive::relay_url::RelayUrl;

/// How long an answer waits for the entry's block.
const SEALING: Duration = Duration::from_secs(20);

/// Whether a request may write, decided before anything of it is read.
pub(super) struct MayWrite;

impl axum::extract::FromRequestParts<Shared> for MayWrite {
    type Rejection = Problem;

    async fn from_request_parts(
        parts: &mut axum::http::request::Parts,
        shared: &Shared,
    ) -> Result<Self, Problem> {
        let headers: &HeaderMap = &parts.headers;
        Token::check(shared.archive.token(), headers)?;
        Ok(Self)
    }
}

/// Signs an entry with the archive's key, and answers with the block that it is in.
///
/// Once it is answered, whichever way, the entry is accepted: it is on the archive's disk and
/// ends up in the chain exactly once. 202 says that its block takes longer.
#[utoipa::path(post, path = "/{room}/new_block", params(
    ("room" = String, Path, description = "The room's id or name"),
), request_body = NewBlock, security(("token" = [])), responses(
    (status = 201, description = "In a block", body = Written),
    (status = 202, description = "Accepted; waits for a block", body = Written),
    OfWriting,
))]
pub(super) async fn new_block(
    State(shared): State<Shared>,
    _: MayWrite,
    At(room): At<String>,
    Body(new): Body<NewBlock>,
) -> Answer<Response> {
    let keeper = shared.room(&room)?;
    let (media_type, bytes) = new.entry()?;
    let busy = |_| Problem::busy("too many entries wait for their blocks");
    let _place = shared.writing.try_acquire().map_err(busy)?;
    let Outcome::Entry(entry) =
        keeper.command(NodeCommand::AddEntry { media_type, bytes }).await??
    else {
        return Err(unexpected());
    };
    // Accepted: whatever happens from here on, that is the answer.
    shared.archive.metrics().accepted.inc();
    let location = format!("/rooms/{}/transactions/{}", keeper.id(), entry.id);
    let (status, written) = match timeout(SEALING, in_block(&keeper, &entry)).await {
        Ok(Ok((entry, block))) => {
            (StatusCode::CREATED, Written { entry: entry.into(), block: Some(block) })
        }
        _ => (StatusCode::ACCEPTED, Written { entry: entry.into(), block: None }),
    };
    Ok((status, [(LOCATION, location)], Json(written)).into_response())
}

/// The entry in its block, and the block.
async fn in_block(keeper: &Keeper, entry: &EntryView) -> Answer<(EntryView, Block)> {
    let place = keeper.block_of(entry.id).await?;
    let block = block_of(keeper, BlockAt::Hash(place.hash), 0).await?;
    match keeper.command(NodeCommand::GetEntry { id: entry.id }).await?? {
        Outcome::Entry(entry) => Ok((entry, block)),
        _ => Err(unexpected()),
    }
}

/// Keeps the room at another relay, too, from now on, so that both are one room.
#[utoipa::path(post, path = "/{room}/register_node", params(
    ("room" = String, Path, description = "The room's id or name"),
), request_body = RegisterNode, security(("token" = [])), responses(
    (status = 200, description = "It was kept there already", body = NodeRegistered),
    (status = 201, description = "It is kept there, too", body = NodeRegistered),
    (status = 409, description = "Too many relays", body = Problem, content_type = "application/problem+json"),
    OfWriting,
))]
pub(super) async fn register_node(
    State(shared): State<Shared>,
    _: MayWrite,
    At(room): At<String>,
    Body(node): Body<RegisterNode>,
) -> Answer<Response> {
    let keeper = shared.room(&room)?;
    let relay: RelayUrl = node.relay.parse().map_err(Problem::bad)?;
    let new = keeper.register(relay.clone()).await?? == Registered::New;
    let registered = NodeRegistered { relay: relay.to_string(), new };
    Ok((created(new), Json(registered)).into_response())
}
