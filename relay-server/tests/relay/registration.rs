//! Who may join, and what comes first.

use chain_wasm::primitives::{Hash, Signature, UnixMillis};
use chain_wasm::relay::{ClientFrame, Refusal, RelayFrame, VERSION, register};
use relay_server::Limits;
use tokio_tungstenite::tungstenite::Message;

use super::support::{Relay, Tab, decode, key, patient, peer, room};

#[tokio::test]
async fn a_signed_challenge_is_welcomed_with_the_time_and_the_peers() {
    let relay = Relay::start().await;
    let _first = Tab::join(&relay, 1, room(0), b"one").await;
    let mut tab = Tab::connect(relay.address).await;
    let nonce = tab.challenge().await;
    tab.send(&register(&key(2), &nonce, room(0), b"two")).await;
    let bytes = tab.frame().await;
    let RelayFrame::Welcome { time, peers } = decode(&bytes) else { panic!("{bytes:?}") };
    // After 2020 and before 2200: a wall clock, in milliseconds.
    assert!((UnixMillis(1_577_836_800_000)..UnixMillis(7_258_118_400_000)).contains(&time));
    assert_eq!(peers.len(), 1);
    assert_eq!((peers[0].peer, peers[0].status), (peer(1), b"one".as_slice()));
}

#[tokio::test]
async fn every_connection_has_a_challenge_of_its_own() {
    let relay = Relay::start().await;
    let first = Tab::connect(relay.address).await.challenge().await;
    let second = Tab::connect(relay.address).await.challenge().await;
    assert_ne!(first, second);
    assert_ne!(first, Hash::ZERO);
}

/// Connects, registers by what `forge` makes of the challenge, and is refused.
async fn refused(reason: Refusal, forge: impl FnOnce(Hash) -> ClientFrame<'static>) {
    let relay = Relay::start().await;
    let mut tab = Tab::connect(relay.address).await;
    let nonce = tab.challenge().await;
    tab.send(&forge(nonce)).await;
    assert_eq!(tab.expect_refusal(reason).await, 0);
    assert!(relay.rooms.is_empty());
}

#[tokio::test]
async fn a_wrong_signature_is_refused() {
    refused(Refusal::BadSignature, |_| {
        let (room, peer, signature) = (room(0), peer(1), Signature::EMPTY);
        ClientFrame::Register { version: VERSION, room, peer, signature, status: b"" }
    })
    .await;
}

#[tokio::test]
async fn nobody_registers_as_somebody_else_or_for_another_room() {
    refused(Refusal::BadSignature, |nonce| match register(&key(1), &nonce, room(0), b"") {
        ClientFrame::Register { version, room, signature, status, .. } => {
            ClientFrame::Register { version, room, peer: peer(2), signature, status }
        }
        other => other,
    })
    .await;
    refused(Refusal::BadSignature, |nonce| match register(&key(1), &nonce, room(0), b"") {
        ClientFrame::Register { version, peer, signature, status, .. } => {
            ClientFrame::Register { version, room: room(9), peer, signature, status }
        }
        other => other,
    })
    .await;
}

#[tokio::test]
async fn a_replayed_registration_is_refused() {
    let relay = Relay::start().await;
    let mut first = Tab::connect(relay.address).await;
    let nonce = first.challenge().await;
    let registration = register(&key(1), &nonce, room(0), b"");
    first.send(&registration).await;
    let welcome = first.frame().await;
    assert!(matches!(decode(&welcome), RelayFrame::Welcome { .. }));

    let mut thief = Tab::connect(relay.address).await;
    thief.challenge().await;
    thief.send(&registration).await;
    thief.expect_refusal(Refusal::BadSignature).await;

    // The first is where it was, and heard of nothing.
    let mut other = Tab::join(&relay, 2, room(0), b"").await;
    first.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;
    first.broadcast(b"still here").await;
    other.expect(RelayFrame::Deliver { from: peer(1), payload: b"still here" }).await;
}

#[tokio::test]
async fn another_version_is_refused() {
    refused(Refusal::Version, |nonce| match register(&key(1), &nonce, room(0), b"") {
        ClientFrame::Register { room, peer, signature, status, .. } => {
            ClientFrame::Register { version: VERSION + 1, room, peer, signature, status }
        }
        other => other,
    })
    .await;
}

#[tokio::test]
async fn anything_before_the_registration_is_out_of_order() {
    refused(Refusal::OutOfOrder, |_| ClientFrame::SetStatus { status: b"early" }).await;
    refused(Refusal::OutOfOrder, |_| ClientFrame::Broadcast { payload: b"early" }).await;
    refused(Refusal::OutOfOrder, |_| ClientFrame::Send { to: peer(1), payload: b"early" }).await;
}

#[tokio::test]
async fn a_second_registration_is_out_of_order() {
    let relay = Relay::start().await;
    let mut tab = Tab::connect(relay.address).await;
    let nonce = tab.challenge().await;
    tab.send(&register(&key(1), &nonce, room(0), b"")).await;
    tab.send(&register(&key(1), &nonce, room(1), b"")).await;
    assert_eq!(tab.expect_refusal(Refusal::OutOfOrder).await, 1);
}

#[tokio::test]
async fn a_text_frame_is_malformed() {
    let relay = Relay::start().await;
    let mut tab = Tab::join(&relay, 1, room(0), b"").await;
    tab.send_raw(Message::text("{\"type\":\"hello\"}")).await;
    tab.expect_refusal(Refusal::Malformed).await;
}

#[tokio::test]
async fn garbage_is_malformed_and_disturbs_nobody() {
    let relay = Relay::start().await;
    let mut witness = Tab::join(&relay, 1, room(0), b"").await;
    let garbage: [&[u8]; 6] =
        [b"", &[0xff; 40], &[0x82, 0x01], &[0x82, 0x09, 0x40], &[0x9b; 9], &[0x82, 1, 0x58, 1, 7]];
    for bytes in garbage {
        let mut tab = Tab::join(&relay, 2, room(0), b"").await;
        witness.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;
        tab.send_raw(Message::binary(bytes.to_vec())).await;
        tab.expect_refusal(Refusal::Malformed).await;
        witness.expect(RelayFrame::PeerLeft { peer: peer(2) }).await;
    }
}

#[tokio::test]
async fn a_stream_that_breaks_the_websocket_rules_is_malformed() {
    use tokio::io::AsyncWriteExt;
    let relay = Relay::start().await;
    let mut tab = Tab::join(&relay, 1, room(0), b"").await;
    // A reserved opcode, masked.
    tab.socket.get_mut().write_all(&[0x83, 0x80, 0, 0, 0, 0]).await.unwrap();
    tab.expect_refusal(Refusal::Malformed).await;
}

#[tokio::test]
async fn who_does_not_register_in_time_is_closed() {
    let limits = Limits { register_timeout: std::time::Duration::from_millis(50), ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let mut tab = Tab::connect(relay.address).await;
    tab.challenge().await;
    tab.expect_refusal(Refusal::RegistrationTimeout).await;
}
