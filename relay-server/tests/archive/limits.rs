//! How much scripts may ask at a time, and how much an archive keeps.

use chain_wasm::primitives::Keypair;
use relay_server::Limits;
use relay_server::archive::ArchiveConfig;
use relay_server::archive::http::{MAX_SYNCING, MAX_WRITING};
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::support::{Client, OPEN, Relay, Response, archive, in_time};

/// The answer that comes first, while all others wait for what does not happen.
async fn first<T>(asked: impl Iterator<Item = T>) -> Response
where
    T: Future<Output = Response> + Send + 'static,
{
    let mut asked: JoinSet<Response> = asked.collect();
    in_time(asked.join_next()).await.unwrap().unwrap()
}

#[tokio::test]
async fn so_many_writes_wait_for_their_blocks() {
    let folder = tempfile::tempdir().unwrap();
    // Only its member seals, who is not there.
    let member = Keypair::from_seed([9; 32]).public();
    let room = format!("#/r/board?consensus=authority&members={member}");
    let relay = Relay::start(archive(folder.path(), &[&room])).await;
    let client = relay.client();
    let write = |n| async move { client.write("board", &format!("entry {n}")).await };
    first((0..=MAX_WRITING).map(write)).await.expect_problem(503);
}

#[tokio::test]
async fn so_many_wait_for_a_synchronisation() {
    let folder = tempfile::tempdir().unwrap();
    // Its relay has a place for one of the rooms.
    let limits = Limits { max_rooms: 1, ..Limits::default() };
    let relay = Relay::start_with(archive(folder.path(), &["a", "b"]), limits).await;
    let client = relay.client();
    let out = |room: &Value| room["relays"][0]["state"] == "waiting";
    let a = client.until("a", |room| out(room) || room["relays"][0]["state"] == "online").await;
    let room = if out(&a) { "a" } else { "b" };
    let sync = |_| async move { client.get(&format!("/rooms/{room}/sync_chain")).await };
    first((0..=MAX_SYNCING).map(sync)).await.expect_problem(503);
}

#[tokio::test]
async fn a_full_archive_says_so_takes_nothing_and_goes_on_answering() {
    let folder = tempfile::tempdir().unwrap();
    let config = ArchiveConfig { max_bytes: 4 << 20, ..archive(folder.path(), &[OPEN]) };
    let relay = Relay::start(config.clone()).await;
    let client = relay.client();
    let mut accepted = Vec::new();
    let refused = loop {
        assert!(accepted.len() < 200, "it is never full");
        let text = format!("{} {}", accepted.len(), "x".repeat(32_000));
        let answer = client.write("notebook", &text).await;
        if answer.status >= 300 {
            break answer;
        }
        accepted.push(answer.json()["entry"]["id"].as_str().unwrap().to_owned());
    };
    refused.expect_problem(507);
    let room = client.get_json("/rooms/notebook").await;
    assert_eq!(room["keeping"], "full");
    assert_eq!(room["relays"][0]["state"], "offline");
    let metrics = client.get("/metrics").await.body;
    assert!(metrics.contains("tabchain_archive_rooms{keeping=\"full\"} 1\n"), "{metrics}");
    let body = json!({ "relay": "http://127.0.0.1:1" }).to_string();
    client.post("/rooms/notebook/register_node", &body).await.expect_problem(507);
    let kept = client.get_json("/rooms").await;
    assert!(kept["bytes"].as_u64() <= kept["max_bytes"].as_u64(), "{kept}");
    expect_all(client, &accepted).await;
    relay.stop().await;
    // With more room it goes on, and has all that it had accepted.
    let relay = Relay::start(ArchiveConfig { max_bytes: 64 << 20, ..config }).await;
    let client = relay.client();
    assert_eq!(client.write("notebook", "More.").await.status, 201);
    expect_all(client, &accepted).await;
}

async fn expect_all(client: Client, entries: &[String]) {
    for id in entries {
        assert_eq!(client.get(&format!("/rooms/notebook/transactions/{id}")).await.status, 200);
    }
}
