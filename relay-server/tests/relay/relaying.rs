//! Presence, broadcasts and directed messages.

use chain_wasm::relay::{ClientFrame, Refusal, RelayFrame, register};
use relay_server::Limits;

use super::support::{Relay, Tab, key, patient, peer, room};

#[tokio::test]
async fn joins_statuses_and_leaves_are_seen_by_the_room_alone() {
    let relay = Relay::start().await;
    let mut watcher = Tab::join(&relay, 1, room(0), b"").await;
    let mut stranger = Tab::join(&relay, 2, room(1), b"").await;
    let mut tab = Tab::join(&relay, 3, room(0), b"first").await;
    watcher.expect(RelayFrame::PeerJoined { peer: peer(3), status: b"first" }).await;
    tab.send(&ClientFrame::SetStatus { status: b"second" }).await;
    watcher.expect(RelayFrame::PeerStatus { peer: peer(3), status: b"second" }).await;
    // Dropped without a word, as a tab that crashes.
    drop(tab);
    watcher.expect(RelayFrame::PeerLeft { peer: peer(3) }).await;

    // The stranger's first frame is of its own room.
    let _companion = Tab::join(&relay, 4, room(1), b"").await;
    stranger.expect(RelayFrame::PeerJoined { peer: peer(4), status: b"" }).await;
}

#[tokio::test]
async fn a_polite_close_leaves_the_room() {
    let relay = Relay::start().await;
    let mut watcher = Tab::join(&relay, 1, room(0), b"").await;
    let mut tab = Tab::join(&relay, 2, room(0), b"").await;
    watcher.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;
    tab.socket.close(None).await.unwrap();
    watcher.expect(RelayFrame::PeerLeft { peer: peer(2) }).await;
}

#[tokio::test]
async fn a_broadcast_reaches_all_others_of_the_room_in_order_and_nobody_else() {
    let relay = Relay::start().await;
    let mut tabs = Vec::new();
    for n in 0..4 {
        tabs.push(Tab::join(&relay, n, room(0), b"").await);
    }
    let mut stranger = Tab::join(&relay, 9, room(1), b"").await;
    for n in 0..4_u8 {
        for later in n + 1..4 {
            let joined = RelayFrame::PeerJoined { peer: peer(later), status: b"" };
            tabs[usize::from(n)].expect(joined).await;
        }
    }
    for n in 0..100_u8 {
        tabs[0].broadcast(&[n]).await;
    }
    for tab in &mut tabs[1..] {
        for n in 0..100 {
            tab.expect(RelayFrame::Deliver { from: peer(0), payload: &[n] }).await;
        }
    }
    // The sender did not hear itself, nor the stranger anything.
    tabs[1].send(&ClientFrame::Send { to: peer(0), payload: b"done" }).await;
    tabs[0].expect(RelayFrame::Deliver { from: peer(1), payload: b"done" }).await;
    tabs[1].send(&ClientFrame::Send { to: peer(9), payload: b"psst" }).await;
    tabs[1].expect(RelayFrame::Undeliverable { to: peer(9) }).await;
    let _companion = Tab::join(&relay, 8, room(1), b"").await;
    stranger.expect(RelayFrame::PeerJoined { peer: peer(8), status: b"" }).await;
}

#[tokio::test]
async fn a_directed_message_reaches_its_receiver_or_comes_back() {
    let relay = Relay::start().await;
    let mut sender = Tab::join(&relay, 1, room(0), b"").await;
    let mut receiver = Tab::join(&relay, 2, room(0), b"").await;
    let mut other = Tab::join(&relay, 3, room(0), b"").await;
    sender.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;
    sender.expect(RelayFrame::PeerJoined { peer: peer(3), status: b"" }).await;
    receiver.expect(RelayFrame::PeerJoined { peer: peer(3), status: b"" }).await;

    sender.send(&ClientFrame::Send { to: peer(2), payload: b"to you" }).await;
    receiver.expect(RelayFrame::Deliver { from: peer(1), payload: b"to you" }).await;
    drop(receiver);
    other.expect(RelayFrame::PeerLeft { peer: peer(2) }).await;
    sender.expect(RelayFrame::PeerLeft { peer: peer(2) }).await;
    sender.send(&ClientFrame::Send { to: peer(2), payload: b"too late" }).await;
    sender.expect(RelayFrame::Undeliverable { to: peer(2) }).await;
}

#[tokio::test]
async fn the_newest_connection_of_a_peer_wins() {
    let relay = Relay::start().await;
    let mut watcher = Tab::join(&relay, 1, room(0), b"").await;
    let mut older = Tab::join(&relay, 2, room(0), b"old").await;
    let mut newer = Tab::join(&relay, 2, room(0), b"new").await;
    older.expect_refusal(Refusal::Replaced).await;
    watcher.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"old" }).await;
    watcher.expect(RelayFrame::PeerLeft { peer: peer(2) }).await;
    watcher.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"new" }).await;
    // The older one's end is not taken for the newer one's.
    watcher.broadcast(b"hello").await;
    newer.expect(RelayFrame::Deliver { from: peer(1), payload: b"hello" }).await;
    newer.broadcast(b"hello too").await;
    watcher.expect(RelayFrame::Deliver { from: peer(2), payload: b"hello too" }).await;
}

#[tokio::test]
async fn full_rooms_and_too_many_rooms_are_refused() {
    let limits = Limits { max_peers_per_room: 2, max_rooms: 1, ..patient() };
    let relay = Relay::start_with(limits, &[]).await;
    let mut first = Tab::join(&relay, 1, room(0), b"").await;
    let second = Tab::join(&relay, 2, room(0), b"").await;
    first.expect(RelayFrame::PeerJoined { peer: peer(2), status: b"" }).await;

    for (id, reason) in [(room(0), Refusal::RoomFull), (room(1), Refusal::TooManyRooms)] {
        let mut tab = Tab::connect(relay.address).await;
        let nonce = tab.challenge().await;
        tab.send(&register(&key(3), &nonce, id, b"")).await;
        tab.expect_refusal(reason).await;
    }
    // Who leaves makes room.
    drop(second);
    first.expect(RelayFrame::PeerLeft { peer: peer(2) }).await;
    Tab::join(&relay, 3, room(0), b"").await;
}

#[tokio::test]
async fn too_many_connections_are_refused_until_one_ends() {
    let relay = Relay::start_with(Limits { max_connections: 1, ..patient() }, &[]).await;
    let first = Tab::connect(relay.address).await;
    let mut second = Tab::connect(relay.address).await;
    assert_eq!(second.expect_refusal(Refusal::TooManyConnections).await, 0);
    drop(first);
    loop {
        let mut tab = Tab::connect(relay.address).await;
        let bytes = tab.frame().await;
        match super::support::decode(&bytes) {
            RelayFrame::Challenge { .. } => break,
            RelayFrame::Refused { reason } => assert_eq!(reason, Refusal::TooManyConnections),
            other => panic!("{other:?}"),
        }
    }
}
