//! Silent peers, and a relay that stops.

use std::time::Duration;

use chain_wasm::relay::{Refusal, RelayFrame};
use futures_util::StreamExt;
use relay_server::Limits;
use tokio_tungstenite::tungstenite::Message;

use super::support::{Relay, Tab, decode, in_time, patient, peer, room};

#[tokio::test]
async fn a_peer_that_answers_no_ping_is_closed() {
    let interval = Duration::from_millis(20);
    let limits = Limits { ping_interval: interval, ping_timeout: interval * 50, ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let mut silent = Tab::join(&relay, 1, room(0), b"").await;
    // Who does not read does not answer either. The witness waits for frames, so
    // it does.
    let mut witness = Tab::connect(relay.address).await;
    let nonce = witness.challenge().await;
    witness.send(&chain_wasm::relay::register(&super::support::key(2), &nonce, room(0), b"")).await;
    loop {
        let bytes = witness.frame().await;
        if let RelayFrame::PeerLeft { peer: left } = decode(&bytes) {
            assert_eq!(left, peer(1));
            break;
        }
    }
    silent.expect_refusal(Refusal::PingTimeout).await;
}

#[tokio::test]
async fn a_peer_that_answers_pings_stays() {
    let limits = Limits { ping_interval: Duration::from_millis(20), ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let mut tab = Tab::join(&relay, 1, room(0), b"").await;
    for _ in 0..5 {
        let message = in_time(tab.socket.next()).await.unwrap().unwrap();
        assert!(matches!(message, Message::Ping(_)), "{message:?}");
    }
    assert_eq!(relay.rooms.len(), 1);
}

#[tokio::test]
async fn a_stopping_relay_says_when_to_come_back_and_closes() {
    let relay = Relay::start().await;
    let mut sender = Tab::join(&relay, 1, room(0), b"").await;
    let mut receiver = Tab::join(&relay, 2, room(0), b"").await;
    let mut unregistered = Tab::connect(relay.address).await;
    sender.broadcast(b"last words").await;
    receiver.expect(RelayFrame::Deliver { from: peer(1), payload: b"last words" }).await;
    unregistered.challenge().await;
    relay.stop.cancel();
    let address = relay.address;
    for tab in [&mut receiver, &mut unregistered] {
        let bytes = loop {
            let bytes = tab.frame().await;
            if !matches!(decode(&bytes), RelayFrame::PeerLeft { .. }) {
                break bytes;
            }
        };
        let RelayFrame::GoingAway { retry_after } = decode(&bytes) else { panic!("{bytes:?}") };
        assert!((500..2_500).contains(&retry_after), "{retry_after}");
        tab.expect_close(Refusal::Stopping).await;
    }
    drop(sender);
    let rooms = relay.rooms.clone();
    relay.stopped().await;
    assert!(rooms.is_empty());
    assert!(tokio::net::TcpStream::connect(address).await.is_err());
}

#[tokio::test]
async fn a_stopping_relay_does_not_wait_for_ever() {
    let limits = Limits { drain: Duration::from_millis(50), ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let _never_reads = Tab::join(&relay, 1, room(0), b"").await;
    relay.stop.cancel();
    relay.stopped().await;
}
