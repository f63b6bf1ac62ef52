//! A room whose thread panics.

use axum::body::{Body, to_bytes};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use serde_json::{Value, json};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::ServiceExt;

use super::*;
use crate::archive::keeper::OwnRelay;
use crate::archive::{ArchiveConfig, Checked};
use crate::metrics::{Metrics, Snapshot};
use crate::{Config, Limits, Server};

const TOKEN: &str = "a-token-for-the-tests";

/// A relay's own archive of two rooms whose blocks cost no work.
async fn archive(folder: &std::path::Path, stop: &CancellationToken) -> Arc<Archive> {
    let config = Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        allowed_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        limits: Limits::default(),
        tls: None,
        nats: None,
        archive: None,
    };
    let server = Server::bind(config, stop.clone()).await.unwrap();
    let relay = OwnRelay {
        context: server.context().clone(),
        connections: TaskTracker::new(),
        runtime: Handle::current(),
    };
    let config = ArchiveConfig {
        folder: folder.to_owned(),
        rooms: ["a", "b"].map(|n| format!("#/r/{n}?consensus=open").parse().unwrap()).into(),
        all: false,
        max_bytes: 1 << 30,
        token: Some(TOKEN.parse().unwrap()),
    };
    Arc::new(Checked::open(&config).unwrap().begin(&relay).unwrap())
}

async fn ask(router: &Router, request: &str, body: Option<Value>) -> (StatusCode, Value) {
    let (method, uri) = request.split_once(' ').unwrap();
    let request = Request::builder()
        .method(method)
        .uri(uri)
        .header(AUTHORIZATION, format!("Bearer {TOKEN}"))
        .header(CONTENT_TYPE, "application/json")
        .body(body.map_or_else(Body::empty, |body| Body::from(body.to_string())))
        .unwrap();
    let response = router.clone().oneshot(request).await.unwrap();
    let status = response.status();
    let body = to_bytes(response.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&body).unwrap())
}

#[tokio::test]
async fn a_room_that_crashes_says_so_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let stop = CancellationToken::new();
    let archive = archive(folder.path(), &stop).await;
    let router = router(Arc::clone(&archive));
    let write = async |room| {
        ask(&router, &format!("POST /rooms/{room}/new_block"), Some(json!({ "data": 1 }))).await.0
    };
    assert_eq!(write("a").await, StatusCode::CREATED);
    let (_, before) = ask(&router, "GET /rooms/a", None).await;
    assert_eq!((&before["keeping"], &before["tip"]["height"]), (&json!("durable"), &json!(1)));

    archive.room("a").unwrap().crash().await;

    let (status, rooms) = ask(&router, "GET /rooms", None).await;
    assert_eq!(status, StatusCode::OK, "{rooms}");
    let keeping = |name: &str| {
        let mut rooms = rooms["rooms"].as_array().unwrap().iter();
        rooms.find(|room| room["name"] == name).unwrap()["keeping"].clone()
    };
    assert_eq!((keeping("a"), keeping("b")), (json!("crashed"), json!("durable")));
    let (status, crashed) = ask(&router, "GET /rooms/a", None).await;
    assert_eq!((status, &crashed["keeping"]), (StatusCode::OK, &json!("crashed")));
    assert_eq!((&crashed["tip"], &crashed["author"]), (&before["tip"], &before["author"]));
    assert_eq!((&crashed["peers"], &crashed["relays"][0]["state"]), (&json!(0), &json!("offline")));
    for request in ["GET /rooms/a/blocks", "GET /rooms/a/blocks/1", "GET /rooms/a/sync_chain"] {
        let (status, problem) = ask(&router, request, None).await;
        assert_eq!(status, StatusCode::SERVICE_UNAVAILABLE);
        assert!(problem["detail"].as_str().unwrap().contains("crashed"), "{problem}");
    }
    assert_eq!(write("a").await, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(write("b").await, StatusCode::CREATED);

    let text = Metrics::new().encode(&Snapshot::default(), Some(archive.measure())).unwrap();
    for line in [
        "tabchain_archive_rooms{keeping=\"crashed\"} 1",
        "tabchain_archive_rooms{keeping=\"durable\"} 1",
        "tabchain_archive_blocks 2",
        "tabchain_archive_accepted_entries_total 2",
    ] {
        assert!(text.lines().any(|other| other == line), "{line} is not in\n{text}");
    }

    // What it had is closed, and is there at the next start.
    stop.cancel();
    archive.join();
    let stop = CancellationToken::new();
    let again = self::archive(folder.path(), &stop).await;
    let (_, after) = ask(&super::router(again), "GET /rooms/a", None).await;
    assert_eq!((&after["keeping"], &after["tip"]), (&json!("durable"), &before["tip"]));
    stop.cancel();
}
