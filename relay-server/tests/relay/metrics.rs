//! What operators see: metrics, health, readiness.

use std::net::SocketAddr;

use chain_wasm::relay::{ClientFrame, Refusal, RelayFrame};
use hyper::StatusCode;
use relay_server::Limits;

use super::http::get;
use super::support::{Relay, Tab, in_time, patient, peer, room};

async fn text(address: SocketAddr, path: &str) -> (StatusCode, String) {
    let response = get(address, path, &[]).await;
    let body = String::from_utf8(response.body().to_vec()).unwrap();
    (response.status(), body)
}

fn value(metrics: &str, name: &str) -> u64 {
    let line = metrics.lines().find_map(|line| line.strip_prefix(&format!("{name} ")));
    line.unwrap_or_else(|| panic!("no {name} in\n{metrics}")).parse().unwrap()
}

#[tokio::test]
async fn metrics_say_who_is_there_and_what_was_delivered() {
    let relay = Relay::start().await;
    let mut a = Tab::join(&relay, 1, room(0), b"").await;
    let mut b = Tab::join(&relay, 2, room(0), b"").await;
    let mut c = Tab::join(&relay, 3, room(1), b"").await;
    a.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;
    a.broadcast(b"to one").await;
    b.expect(RelayFrame::Deliver { from: peer(1), payload: b"to one" }).await;
    // Nobody registers twice.
    c.send(&ClientFrame::Register {
        version: 0,
        room: room(1),
        peer: peer(3),
        signature: chain_wasm::primitives::Signature::EMPTY,
        status: b"",
    })
    .await;
    c.expect_refusal(Refusal::OutOfOrder).await;
    // What is written is counted a moment after it has arrived.
    let metrics = in_time(async {
        loop {
            let (status, metrics) = text(relay.address, "/metrics").await;
            assert_eq!(status, StatusCode::OK);
            // Three challenges, three welcomes, one joined, one delivered.
            let all = value(&metrics, "tabchain_relay_delivered_frames_total") >= 8;
            if all && value(&metrics, "tabchain_relay_connections") < 3 {
                return metrics;
            }
        }
    })
    .await;
    assert_eq!(value(&metrics, "tabchain_relay_peers"), 2);
    assert_eq!(value(&metrics, "tabchain_relay_rooms"), 1);
    assert_eq!(value(&metrics, "tabchain_relay_queue_bytes"), 0);
    assert_eq!(value(&metrics, "tabchain_relay_received_frames_total"), 5);
    let refusals = "tabchain_relay_refusals_total{reason=\"out_of_order\"}";
    assert_eq!(value(&metrics, refusals), 1);
    assert_eq!(value(&metrics, "tabchain_relay_registration_failures_total"), 0);
    assert!(value(&metrics, "tabchain_relay_delivery_wait_seconds_count") >= 3);
}

#[tokio::test]
async fn who_hangs_up_is_not_said_to_be_refused() {
    let relay = Relay::start().await;
    let registered = Tab::join(&relay, 1, room(0), b"").await;
    let mut stranger = Tab::connect(relay.address).await;
    stranger.challenge().await;
    drop((registered, stranger));
    in_time(async {
        loop {
            let (_, metrics) = text(relay.address, "/metrics").await;
            if value(&metrics, "tabchain_relay_connections") == 0 {
                let refusals = metrics
                    .lines()
                    .filter(|line| line.starts_with("tabchain_relay_refusals_total"));
                assert!(refusals.clone().count() > 5);
                assert!(refusals.clone().all(|line| line.ends_with(" 0")), "{metrics}");
                let failures = "tabchain_relay_registration_failures_total";
                return assert_eq!(value(&metrics, failures), 0);
            }
        }
    })
    .await;
}

#[tokio::test]
async fn a_full_relay_is_healthy_but_not_ready() {
    let relay = Relay::start_with(Limits { max_connections: 1, ..patient() }, &[]).await;
    assert_eq!(text(relay.address, "/readyz").await, (StatusCode::OK, "ready\n".to_owned()));
    let mut tab = Tab::connect(relay.address).await;
    tab.challenge().await;
    assert_eq!(text(relay.address, "/readyz").await.0, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(text(relay.address, "/healthz").await.0, StatusCode::OK);
}

#[tokio::test]
async fn who_listens_for_this_machine_only_invites_nobody() {
    let relay = Relay::start().await;
    assert_eq!(text(relay.address, "/addresses").await, (StatusCode::OK, "[]".to_owned()));
}
