//! The router: the page, the relay protocol's socket, and health.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use axum::middleware::from_fn;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use chain_wasm::relay::Refusal;
use hyper_util::rt::TokioIo;
use tokio::sync::Semaphore;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_util::task::TaskTracker;

use crate::connection::{self, Activity, Context};
use crate::origin::{self, Origin};
use crate::site;

/// What the routes share.
#[derive(Debug, Clone)]
pub struct App {
    /// What each connection needs.
    pub context: Context,
    /// The pages that may connect beside the relay's own.
    pub allowed_origins: Arc<[Origin]>,
    /// The places for WebSocket connections.
    pub places: Arc<Semaphore>,
    /// The tasks of WebSocket connections.
    pub connections: TaskTracker,
}

/// All routes. Requests must carry their stream's [`Activity`] as an extension.
pub fn router(app: App) -> Router {
    Router::new()
        .route("/ws", get(socket))
        .route("/healthz", get(|| async { plain(StatusCode::OK, "ok\n") }))
        .fallback(get(site::serve))
        .method_not_allowed_fallback(|| async {
            plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.\n")
        })
        .with_state(app)
        .layer(from_fn(site::add_security_headers))
}

/// Turns a request into a connection of the relay protocol.
async fn socket(State(app): State<App>, uri: Uri, mut request: Request) -> Response {
    if !origin::is_allowed(request.headers(), &app.allowed_origins) {
        tracing::debug!(origin = ?request.headers().get("origin"), "refused a foreign page");
        return plain(
            StatusCode::FORBIDDEN,
            "Pages of another origin may not connect to this relay. \
             Its operator can allow one with --allow-origin.\n",
        );
    }
    let response = match create_response_with_body(&request, Body::empty) {
        Ok(response) => response,
        Err(error) => {
            let text = format!("{uri} is for WebSocket connections: {error}.\n");
            return plain(StatusCode::BAD_REQUEST, text);
        }
    };
    let activity = request.extensions().get::<Arc<Activity>>().cloned().unwrap_or_default();
    let upgrade = hyper::upgrade::on(&mut request);
    let place = Arc::clone(&app.places).try_acquire_owned();
    app.connections.spawn(async move {
        let io = match upgrade.await {
            Ok(upgraded) => TokioIo::new(upgraded),
            Err(error) => return tracing::debug!(%error, "the upgrade failed"),
        };
        if place.is_ok() {
            connection::serve(io, activity, app.context).await;
        } else {
            let reason = Refusal::TooManyConnections;
            connection::refuse(io, reason, &app.context.limits).await;
        }
        drop(place);
    });
    response
}

/// A plain text answer.
pub(crate) fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text.into()).into_response()
}
