//! Frames of every size, and receivers that do not read.

use chain_wasm::relay::{
    ClientFrame, MAX_FRAME, MAX_PAYLOAD, MAX_STATUS, Refusal, RelayFrame, register,
};
use relay_server::Limits;
use relay_server::limits::MIN_QUEUE_BYTES;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::support::{Relay, Tab, decode, key, patient, peer, room};

#[tokio::test]
async fn the_largest_payload_is_delivered_and_a_larger_one_refused() {
    let relay = Relay::start().await;
    let mut sender = Tab::join(&relay, 1, room(0), b"").await;
    let mut receiver = Tab::join(&relay, 2, room(0), &[7; MAX_STATUS]).await;
    sender.expect(RelayFrame::PeerJoined { peer: peer(2), status: &[7; MAX_STATUS] }).await;
    let payload = vec![5; MAX_PAYLOAD];
    sender.broadcast(&payload).await;
    receiver.expect(RelayFrame::Deliver { from: peer(1), payload: &payload }).await;

    sender.broadcast(&vec![5; MAX_PAYLOAD + 1]).await;
    sender.expect_refusal(Refusal::TooLarge).await;
    receiver.expect(RelayFrame::PeerLeft { peer: peer(1) }).await;
    receiver.send(&ClientFrame::SetStatus { status: &[7; MAX_STATUS + 1] }).await;
    receiver.expect_refusal(Refusal::TooLarge).await;
}

#[tokio::test]
async fn oversized_frames_are_refused_before_they_are_read() {
    let relay = Relay::start().await;
    for length in [MAX_FRAME + 1, 8 * MAX_FRAME] {
        let mut tab = Tab::join(&relay, 1, room(0), b"").await;
        tab.send_raw(Message::binary(vec![0; length])).await;
        tab.expect_refusal(Refusal::TooLarge).await;
    }
    let mut tab = Tab::connect(relay.address).await;
    tab.challenge().await;
    tab.send_raw(Message::binary(vec![0; MAX_FRAME + 1])).await;
    tab.expect_refusal(Refusal::TooLarge).await;
}

#[tokio::test]
async fn an_oversized_message_in_pieces_is_refused() {
    let relay = Relay::start().await;
    let mut tab = Tab::join(&relay, 1, room(0), b"").await;
    let piece = |kind, last| {
        Message::Frame(Frame::message(vec![0; MAX_FRAME / 2 + 1], OpCode::Data(kind), last))
    };
    tab.send_raw(piece(Data::Binary, false)).await;
    tab.send_raw(piece(Data::Continue, true)).await;
    tab.expect_refusal(Refusal::TooLarge).await;
}

#[tokio::test]
async fn a_receiver_that_does_not_read_is_closed_and_delays_nobody() {
    const PAYLOAD: usize = 64 * 1024;
    let limits = Limits { queue_bytes: MIN_QUEUE_BYTES, ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let mut sender = Tab::join(&relay, 1, room(0), b"").await;
    let mut reader = Tab::join(&relay, 2, room(0), b"").await;
    let mut slow = Tab::connect_narrow(relay.address).await;
    let nonce = slow.challenge().await;
    slow.send(&register(&key(3), &nonce, room(0), b"")).await;
    sender.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;
    for tab in [&mut sender, &mut reader] {
        tab.expect(RelayFrame::PeerJoined { peer: peer(3), status: b"" }).await;
    }

    // The reader gets every message, one by one, while the slow one's queue fills:
    // what the system takes, then what the relay keeps, then the end.
    let payload = vec![9; PAYLOAD];
    let mut sent = 0;
    let gone = loop {
        assert!(sent < 4_096, "the queue takes without end");
        sender.broadcast(&payload).await;
        sent += 1;
        let bytes = reader.frame().await;
        match decode(&bytes) {
            RelayFrame::Deliver { from, payload: got } => {
                assert_eq!((from, got), (peer(1), payload.as_slice()));
            }
            RelayFrame::PeerLeft { peer } => break peer,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(gone, peer(3));
    // Some came through, and then the reason.
    let came = slow.expect_refusal(Refusal::TooSlow).await;
    assert!((1..sent).contains(&came), "{came} of {sent}");

    // The others go on.
    reader.expect(RelayFrame::Deliver { from: peer(1), payload: &payload }).await;
    sender.expect(RelayFrame::PeerLeft { peer: peer(3) }).await;
    reader.broadcast(b"fine").await;
    sender.expect(RelayFrame::Deliver { from: peer(2), payload: b"fine" }).await;
}
