//! What scripts see of an archive: the calls of the article that this project grew from, and
//! read access, as JSON.
//!
//! Reading is open to whoever reaches the relay, as its rooms are. Writing takes the
//! archive's [`Token`]. Everything refused is refused with a [`Problem`] and has changed
//! nothing. `/openapi.json` describes all of it.

mod problem;
mod read;
mod refusals;
mod requests;
mod token;
mod views;
mod write;

use std::sync::Arc;

use axum::extract::{DefaultBodyLimit, FromRequest, FromRequestParts, Path, Query, Request};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use axum::routing::{any, get};
use axum::{Json, Router};
use bytes::Bytes;
use serde::de::DeserializeOwned;
use tokio::sync::Semaphore;
use utoipa::openapi::security::{Http, HttpAuthScheme, SecurityScheme};
use utoipa::{Modify, OpenApi};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

pub use problem::{MEDIA_TYPE, Problem};
pub use requests::{NewBlock, Range, RegisterNode, Skip};
pub use token::{Denied, MAX_TOKEN, MIN_TOKEN, Token, TokenError};
pub use views::{
    Block, BlockList, Entry, KeepingState, NodeRegistered, RelayInfo, RelayState, RoomInfo,
    RoomList, SyncState, Synced, Tip, Transfer, Written,
};

use super::Archive;
use super::keeper::Keeper;

/// The longest body of a request, in bytes: an entry's data, each byte of it escaped.
pub const MAX_BODY: usize = 256 * 1024;

/// The most writes that wait for their block at a time.
pub const MAX_WRITING: usize = 32;

/// The most requests that wait for a synchronisation at a time.
pub const MAX_SYNCING: usize = 8;

/// The most blocks in an answer.
pub const MAX_LIMIT: u32 = 100;

/// What the routes share.
#[derive(Debug, Clone)]
pub struct Shared {
    archive: Arc<Archive>,
    writing: Arc<Semaphore>,
    syncing: Arc<Semaphore>,
}

impl Shared {
    /// The room that a path names.
    fn room(&self, name: &str) -> Result<Arc<Keeper>, Problem> {
        self.archive
            .room(name)
            .ok_or_else(|| Problem::not_found("This archive keeps no such room."))
    }
}

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Tabchain archive",
        description = "Rooms that an archive keeps: their chains to read, and entries to write.",
    ),
    modifiers(&Bearer),
)]
struct Description;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        // The project's, if anybody's: a description has none of its own.
        openapi.info.license = None;
        let components = openapi.components.get_or_insert_default();
        let scheme = SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer));
        components.add_security_scheme("token", scheme);
    }
}

/// The archive's routes.
pub fn router(archive: Arc<Archive>) -> Router {
    let shared = Shared {
        archive,
        writing: Arc::new(Semaphore::new(MAX_WRITING)),
        syncing: Arc::new(Semaphore::new(MAX_SYNCING)),
    };
    let (router, description) = rooms().split_for_parts();
    let router = router
        .layer(DefaultBodyLimit::max(MAX_BODY))
        .fallback(|| async { Problem::not_found("There is nothing at this path.") })
        .method_not_allowed_fallback(|| async {
            Problem::new(StatusCode::METHOD_NOT_ALLOWED, "This path is for other methods.")
        })
        .with_state(shared);
    let description = Description::openapi().nest("/rooms", description);
    let description = get(|| async { Json(description) });
    let nothing = || async { Problem::not_found("There is nothing at this path.") };
    Router::new()
        .nest("/rooms", router)
        .route("/rooms/", any(nothing))
        .route("/openapi.json", description)
}

fn rooms() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(read::rooms))
        .routes(routes!(read::room))
        .routes(routes!(read::blocks))
        .routes(routes!(read::block))
        .routes(routes!(read::transaction))
        .routes(routes!(read::proof))
        .routes(routes!(read::sync_chain))
        .routes(routes!(write::new_block))
        .routes(routes!(write::register_node))
}

/// The parts of a path.
struct At<T>(T);

impl<T, S> FromRequestParts<S> for At<T>
where
    T: DeserializeOwned + Send,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Path(at) = Path::from_request_parts(parts, state).await?;
        Ok(Self(at))
    }
}

/// The query.
struct Asked<T>(T);

impl<T, S> FromRequestParts<S> for Asked<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Problem> {
        let Query(asked) = Query::from_request_parts(parts, state).await?;
        Ok(Self(asked))
    }
}

/// A body of JSON.
struct Body<T>(T);

impl<T, S> FromRequest<S> for Body<T>
where
    T: DeserializeOwned,
    S: Send + Sync,
{
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let media_type = request.headers().get(CONTENT_TYPE);
        let media_type = media_type.and_then(|value| value.to_str().ok()).unwrap_or_default();
        let media_type = media_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
            return Err(Problem::new(status, "A body must be application/json."));
        }
        let bytes = Bytes::from_request(request, state).await?;
        serde_json::from_slice(&bytes).map(Self).map_err(Problem::bad)
    }
}

/// Whoever is asked answers, or says why not.
type Answer<T> = Result<T, Problem>;

/// JSON that is there already.
fn json(text: String) -> Response {
    ([(CONTENT_TYPE, "application/json")], text).into_response()
}

#[cfg(test)]
mod tests;
