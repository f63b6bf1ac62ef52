//! Frames of every size.

use chain_wasm::relay::{ClientFrame, MAX_FRAME, MAX_PAYLOAD, MAX_STATUS, Refusal, RelayFrame};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use super::support::{Relay, Tab, peer, room};

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
