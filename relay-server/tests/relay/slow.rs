//! Receivers that do not read.

use chain_wasm::relay::{Refusal, RelayFrame, register};
use relay_server::Limits;
use relay_server::limits::MIN_QUEUE_BYTES;
use tokio::task::JoinSet;

use super::process;
use super::support::{Relay, Tab, decode, key, patient, peer, room};

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

/// Linux would take megabytes of it, which count for nobody and are written for nothing.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn what_is_not_read_waits_in_the_queue_and_not_in_the_system() {
    const PAYLOAD: usize = 64 * 1024;
    let relay = Relay::start().await;
    let mut sender = Tab::join(&relay, 1, room(0), b"").await;
    let mut reader = Tab::join(&relay, 2, room(0), b"").await;
    let slow = Tab::join(&relay, 3, room(0), b"").await;
    let (sent, payload) = (48, vec![9; PAYLOAD]);
    for _ in 0..sent {
        sender.broadcast(&payload).await;
        while !matches!(decode(&reader.frame().await), RelayFrame::Deliver { .. }) {}
    }
    let (queued, all) = (relay.rooms.census().queued, sent * PAYLOAD);
    assert!(queued > all * 2 / 3, "{queued} of {all} bytes wait");
    drop(slow);
}

/// As much as 200 frames of 4 KiB in each of 60 seconds, sent as quickly as it is read.
#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn a_minute_of_frames_that_one_of_twenty_does_not_read_takes_no_memory() {
    const FRAMES: u32 = 60 * 200;
    /// What the one may have waiting, and as much again for buffers of the others.
    const GROWTH: f64 = 2.0 * 4.0 * 1024.0 * 1024.0;
    let (child, address) = process::start(&["--frames-per-second=1000000"]).await;
    let pid = child.id().unwrap();
    let mut tabs = Vec::new();
    for n in 0..21 {
        tabs.push(Tab::join_at(address, n, room(60), b"").await);
    }
    let slow = tabs.pop().unwrap();
    let mut sender = tabs.remove(0);
    let quiet = process::memory(pid);
    let (read, mut sent) = (tokio::sync::watch::Sender::new(0), 0_u32);
    let mut readers = JoinSet::new();
    for (at, mut tab) in tabs.into_iter().enumerate() {
        let read = read.clone();
        readers.spawn(async move {
            let mut next = 0_u32;
            while next < FRAMES {
                let bytes = tab.frame().await;
                if let RelayFrame::Deliver { from, payload } = decode(&bytes) {
                    assert_eq!(from, peer(0));
                    assert_eq!(payload.get(..4), Some(next.to_be_bytes().as_slice()));
                    next += 1;
                    if at == 0 {
                        read.send_replace(next);
                    }
                }
            }
            tab
        });
    }
    let (mut most, mut payload) = (quiet, vec![9; 4 * 1024]);
    let mut first_read = read.subscribe();
    while sent < FRAMES {
        payload[..4].copy_from_slice(&sent.to_be_bytes());
        sender.broadcast(&payload).await;
        sent += 1;
        if sent.is_multiple_of(50) {
            first_read.wait_for(|read| *read + 50 >= sent).await.unwrap();
            most = most.max(process::memory(pid));
        }
    }
    let others = readers.join_all().await;
    assert_eq!(others.len(), 19);
    // It was closed, long before the end; nobody else was.
    while decode(&sender.frame().await) != (RelayFrame::PeerLeft { peer: peer(20) }) {}
    drop(slow);
    assert!(most - quiet < GROWTH, "{quiet} bytes became {most}");
}
