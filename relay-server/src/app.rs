//! The router: the page, the relay protocol's socket, health and metrics, the archive.

use std::net::{IpAddr, SocketAddr};
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
use ipnet::IpNet;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_util::task::TaskTracker;

use crate::addresses::{self, AddressPlace, Addresses};
use crate::archive::{self, Archive};
use crate::cluster::Backplane;
use crate::connection::{self, Activity, Context};
use crate::metrics::{self, Snapshot};
use crate::origin::{self, Origin};
use crate::site;

/// What the routes share.
#[derive(Debug, Clone)]
pub struct App {
    /// What each connection needs.
    pub context: Context,
    /// The pages that may connect beside the relay's own.
    pub allowed_origins: Arc<[Origin]>,
    /// The proxies whose word counts for where a request comes from.
    pub trusted_proxies: Arc<[IpNet]>,
    /// Who has how many WebSocket connections.
    pub addresses: Arc<Addresses>,
    /// Where other devices find this relay, as URLs; empty if it listens on one address.
    pub invitations: Arc<[String]>,
    /// The tasks of WebSocket connections.
    pub connections: TaskTracker,
}

/// Whom a request comes from, on the other end of the TCP connection; an extension of
/// each request.
#[derive(Debug, Clone, Copy)]
pub struct Caller(pub SocketAddr);

impl App {
    /// What goes on now.
    pub fn snapshot(&self) -> Snapshot {
        let census = self.context.rooms.census();
        Snapshot {
            connections: self.context.open(),
            rooms: census.rooms,
            peers: census.peers,
            remote_peers: census.remote_peers,
            cluster: self.context.cluster.as_ref().map(|cluster| cluster.is_connected()),
            queued: census.queued,
            queued_most: census.queued_most,
        }
    }
}

/// All routes, those of an archive if there is one. Requests must carry their stream's [`Activity`] and [`Caller`] as extensions.
pub fn router(app: App, archive: Option<Arc<Archive>>) -> Router {
    let measured = archive.clone();
    let archive = archive.map(archive::http::router).unwrap_or_default();
    Router::new()
        .route("/ws", get(socket))
        .route("/healthz", get(|| async { plain(StatusCode::OK, "ok\n") }))
        .route("/readyz", get(ready))
        .route(
            "/metrics",
            get(async move |State(app): State<App>| measure(&app, measured.as_deref())),
        )
        .route("/addresses", get(invite))
        .fallback(get(site::serve))
        .method_not_allowed_fallback(|| async {
            plain(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered here.\n")
        })
        .with_state(app)
        .merge(archive)
        .layer(from_fn(site::add_security_headers))
}

/// Whether tabs may be sent here: not to a relay that stops, nor to a full one, nor to one
/// that does not reach the others.
async fn ready(State(app): State<App>) -> Response {
    if app.context.stop.is_cancelled() {
        plain(StatusCode::SERVICE_UNAVAILABLE, "stopping\n")
    } else if app.context.places.available_permits() == 0 {
        plain(StatusCode::SERVICE_UNAVAILABLE, "no place for another connection\n")
    } else if app.context.cluster.as_ref().is_some_and(|cluster| !cluster.is_connected()) {
        plain(StatusCode::SERVICE_UNAVAILABLE, "the other relays are out of reach: no NATS\n")
    } else {
        plain(StatusCode::OK, "ready\n")
    }
}

fn measure(app: &App, archive: Option<&Archive>) -> Response {
    match app.context.metrics.encode(&app.snapshot(), archive.map(Archive::measure)) {
        Ok(text) => ([(CONTENT_TYPE, metrics::MEDIA_TYPE)], text).into_response(),
        Err(error) => plain(StatusCode::INTERNAL_SERVER_ERROR, format!("{error}\n")),
    }
}

/// The addresses at which other devices find this relay, as a JSON list of URLs.
async fn invite(State(app): State<App>) -> Response {
    axum::Json(app.invitations.to_vec()).into_response()
}

/// Turns a request into a connection of the relay protocol.
async fn socket(State(app): State<App>, uri: Uri, mut request: Request) -> Response {
    if !origin::is_allowed(request.headers(), &app.allowed_origins) {
        app.context.metrics.refused_page();
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
    let Some(Caller(caller)) = request.extensions().get().copied() else {
        return plain(StatusCode::INTERNAL_SERVER_ERROR, "Nobody knows who is asking.\n");
    };
    let client = addresses::client_of(caller.ip(), request.headers(), &app.trusted_proxies);
    let activity = request.extensions().get::<Arc<Activity>>().cloned().unwrap_or_default();
    let upgrade = hyper::upgrade::on(&mut request);
    let place = app.place_for(client);
    app.connections.spawn(async move {
        let io = match upgrade.await {
            Ok(upgraded) => TokioIo::new(upgraded),
            Err(error) => return tracing::debug!(%error, "the upgrade failed"),
        };
        if place.is_some() {
            connection::serve(io, activity, client, app.context).await;
        } else {
            let reason = Refusal::TooManyConnections;
            connection::refuse(io, reason, client, &app.context).await;
        }
        drop(place);
    });
    response
}

impl App {
    /// A place among all connections, and among those of the client's address.
    fn place_for(
        &self,
        client: IpAddr,
    ) -> Option<(AddressPlace, tokio::sync::OwnedSemaphorePermit)> {
        let of_address = self.addresses.take(client)?;
        let of_all = Arc::clone(&self.context.places).try_acquire_owned().ok()?;
        Some((of_address, of_all))
    }
}

/// A plain text answer.
pub(crate) fn plain(status: StatusCode, text: impl Into<Body>) -> Response {
    (status, [(CONTENT_TYPE, "text/plain; charset=utf-8")], text.into()).into_response()
}
