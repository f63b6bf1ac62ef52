//! How much one address and one connection may take.

use std::time::Duration;

use chain_wasm::relay::{Refusal, RelayFrame};
use relay_server::{Config, Limits};
use tokio_tungstenite::tungstenite::Message;

use super::support::{Relay, Tab, config, in_time, patient, peer, room};

#[tokio::test]
async fn an_address_has_so_many_connections_and_gets_them_back() {
    let relay = Relay::start_with(Limits { max_per_address: 2, ..patient() }, &[]).await;
    let first = Tab::join(&relay, 1, room(0), b"").await;
    let mut second = Tab::join(&relay, 2, room(0), b"").await;
    let mut third = Tab::connect(relay.address).await;
    assert_eq!(third.expect_refusal(Refusal::TooManyConnections).await, 0);
    drop(first);
    second.expect(RelayFrame::PeerLeft { peer: peer(1) }).await;
    // Its place is free once its task has ended, a moment after it left the room.
    in_time(async { while Tab::connect(relay.address).await.frame_or_close().await.is_err() {} })
        .await;
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_has_its_own_places() {
    let limits = Limits { max_per_address: 1, ..patient() };
    let trusting =
        Config { trusted_proxies: vec!["127.0.0.0/8".parse().unwrap()], ..config(limits) };
    let relay = Relay::start_as(trusting).await;
    let mut first = Tab::connect_for(relay.address, "192.0.2.1").await;
    first.challenge().await;
    let mut other = Tab::connect_for(relay.address, "192.0.2.2").await;
    other.challenge().await;
    let mut again = Tab::connect_for(relay.address, "192.0.2.1").await;
    again.expect_refusal(Refusal::TooManyConnections).await;
}

#[tokio::test]
async fn a_stranger_cannot_pretend_to_be_a_proxy() {
    let relay = Relay::start_with(Limits { max_per_address: 1, ..patient() }, &[]).await;
    let mut first = Tab::connect_for(relay.address, "192.0.2.1").await;
    first.challenge().await;
    let mut other = Tab::connect_for(relay.address, "192.0.2.2").await;
    other.expect_refusal(Refusal::TooManyConnections).await;
}

#[tokio::test]
async fn a_flood_is_slowed_and_then_closed_and_nobody_else_notices() {
    let limits =
        Limits { frames_per_second: 50, rate_patience: Duration::from_millis(300), ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let mut flooder = Tab::join(&relay, 1, room(0), b"").await;
    let mut a = Tab::join(&relay, 2, room(1), b"").await;
    let mut b = Tab::join(&relay, 3, room(1), b"").await;
    a.expect(RelayFrame::PeerJoined { peer: peer(3), status: b"" }).await;
    let flood = async {
        // A ping counts as a frame; it is answered, and the answers are not read here.
        for _ in 0..2_000 {
            flooder.send_raw(Message::Ping(vec![7; 8].into())).await;
        }
        loop {
            match flooder.socket_frame().await {
                Some(Message::Close(close)) => return close.unwrap().code,
                Some(_) => {}
                None => panic!("the stream ended without a close"),
            }
        }
    };
    let others = async {
        for n in 0..20_u8 {
            a.broadcast(&[n]).await;
            b.expect(RelayFrame::Deliver { from: peer(2), payload: &[n] }).await;
        }
    };
    let (code, ()) = tokio::join!(flood, others);
    assert_eq!(u16::from(code), Refusal::RateLimited.close_code());
}
