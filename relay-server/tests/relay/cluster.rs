//! Several relays that meet at a real NATS server.

mod namespaces;
#[path = "../shared/nats.rs"]
mod nats;

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use chain_wasm::primitives::PeerId;
use chain_wasm::relay::{ClientFrame, Refusal, RelayFrame, RoomId, register};
use hyper::StatusCode;
use nats::Nats;
use relay_server::Config;
use relay_server::cluster::NatsConfig;

use super::http::get;
use super::process;
use super::support::{Relay, Tab, config, decode, in_time, key, patient, peer, room};

/// A relay that meets others at a NATS server.
async fn relay_at(url: &str) -> Relay {
    let nats = NatsConfig { servers: vec![url.parse().unwrap()], prefix: "test".parse().unwrap() };
    Relay::start_as(Config { nats: Some(nats), ..config(patient()) }).await
}

async fn readiness(address: SocketAddr) -> StatusCode {
    get(address, "/readyz", &[]).await.status()
}

async fn wait_ready(address: SocketAddr, expected: StatusCode) {
    in_time(async {
        while readiness(address).await != expected {
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    })
    .await;
}

/// A tab that keeps what it is told of its room.
struct Member {
    tab: Tab,
    view: BTreeMap<PeerId, Vec<u8>>,
    delivered: Vec<(PeerId, Vec<u8>)>,
    undeliverable: Vec<PeerId>,
    whole: bool,
}

impl Member {
    async fn join(address: SocketAddr, n: u8, room: RoomId, status: &[u8]) -> Self {
        let mut tab = Tab::connect(address).await;
        let nonce = tab.challenge().await;
        tab.send(&register(&key(n), &nonce, room, status)).await;
        let mut member = Self {
            tab,
            view: BTreeMap::new(),
            delivered: Vec::new(),
            undeliverable: Vec::new(),
            whole: true,
        };
        member.read().await;
        member
    }

    /// Reads one frame.
    async fn read(&mut self) {
        let bytes = self.tab.frame().await;
        match decode(&bytes) {
            RelayFrame::Welcome { peers, .. } => {
                self.view = peers.iter().map(|p| (p.peer, p.status.to_vec())).collect();
            }
            RelayFrame::PeerJoined { peer, status } => {
                assert_eq!(self.view.insert(peer, status.to_vec()), None);
            }
            RelayFrame::PeerLeft { peer } => assert!(self.view.remove(&peer).is_some()),
            RelayFrame::PeerStatus { peer, status } => {
                assert!(self.view.insert(peer, status.to_vec()).is_some());
            }
            RelayFrame::Deliver { from, payload } => self.delivered.push((from, payload.to_vec())),
            RelayFrame::Undeliverable { to } => self.undeliverable.push(to),
            RelayFrame::Reach { whole } => self.whole = whole,
            other => panic!("{other:?}"),
        }
    }

    async fn until(&mut self, what: impl Fn(&Self) -> bool) {
        while !what(self) {
            self.read().await;
        }
    }

    /// Waits until it sees just these others.
    async fn sees(&mut self, others: &[u8]) {
        let others: BTreeSet<PeerId> = others.iter().map(|n| peer(*n)).collect();
        self.until(|it| it.view.keys().copied().collect::<BTreeSet<_>>() == others).await;
    }

    async fn hears(&mut self, from: u8, payload: &[u8]) {
        let expected = (peer(from), payload.to_vec());
        self.until(|it| it.delivered.contains(&expected)).await;
        assert_eq!(self.delivered.iter().filter(|one| **one == expected).count(), 1);
    }

    async fn tell(&mut self, to: u8, payload: &[u8]) {
        self.tab.send(&ClientFrame::Send { to: peer(to), payload }).await;
    }
}

#[tokio::test]
async fn tabs_of_three_relays_form_one_room() {
    let nats = Nats::start().await;
    let mut relays = Vec::new();
    for _ in 0..3 {
        relays.push(relay_at(&nats.url()).await);
    }
    for relay in &relays {
        wait_ready(relay.address, StatusCode::OK).await;
    }
    let mut members = Vec::new();
    for n in 0..6_u8 {
        let relay = &relays[usize::from(n) % 3];
        members.push(Member::join(relay.address, n, room(0), &[n]).await);
    }
    // Another room hears nothing of it.
    let mut stranger = Member::join(relays[1].address, 9, room(1), b"").await;
    for (n, member) in (0..).zip(&mut members) {
        let others: Vec<u8> = (0..6).filter(|other| *other != n).collect();
        member.sees(&others).await;
        assert!(others.iter().all(|other| member.view[&peer(*other)] == [*other]));
    }
    members[0].tab.broadcast(b"to all of you").await;
    members[0].tell(4, b"to you").await;
    members[0].tell(77, b"nobody").await;
    members[0].until(|it| it.undeliverable == [peer(77)]).await;
    for member in &mut members[1..] {
        member.hears(0, b"to all of you").await;
    }
    members[4].hears(0, b"to you").await;
    members[2].tab.send(&ClientFrame::SetStatus { status: b"new" }).await;
    members[1].until(|it| it.view[&peer(2)] == b"new").await;

    // The newest connection counts, wherever it is.
    let mut again = Member::join(relays[1].address, 0, room(0), b"again").await;
    members[0].tab.expect_refusal(Refusal::Replaced).await;
    members.remove(0);
    for member in &mut members {
        member.until(|it| it.view.get(&peer(0)).is_some_and(|status| status == b"again")).await;
    }
    again.sees(&[1, 2, 3, 4, 5]).await;
    // A tab that leaves has left everywhere.
    drop(members.pop());
    for member in &mut members {
        member.sees(&(0..5).filter(|n| *n != member_of(member)).collect::<Vec<_>>()).await;
    }
    assert!(stranger.view.is_empty() && stranger.delivered.is_empty());
    stranger.tell(0, b"another room").await;
    stranger.until(|it| it.undeliverable == [peer(0)]).await;
    let metrics = get(relays[1].address, "/metrics", &[]).await;
    let metrics = String::from_utf8(metrics.body().to_vec()).unwrap();
    assert!(metrics.contains("tabchain_relay_cluster_connected 1\n"), "{metrics}");
    assert!(metrics.contains("tabchain_relay_remote_peers 2\n"), "{metrics}");
    // A relay that stops says goodbye for its tabs.
    let stopping = relays.remove(2);
    stopping.stop.cancel();
    members[0].sees(&[0, 3, 4]).await;
    drop(members);
    stopping.stopped().await;
}

/// Whose the member is: the one of these that it does not see.
fn member_of(member: &Member) -> u8 {
    (0..5).find(|n| !member.view.contains_key(&peer(*n))).unwrap()
}

#[tokio::test]
async fn without_nats_a_relay_goes_on_alone_and_says_so() {
    let mut nats = Nats::start().await;
    let (left, right) = (relay_at(&nats.url()).await, relay_at(&nats.url()).await);
    wait_ready(left.address, StatusCode::OK).await;
    wait_ready(right.address, StatusCode::OK).await;
    let mut first = Member::join(left.address, 1, room(0), b"").await;
    let mut second = Member::join(left.address, 2, room(0), b"").await;
    let mut third = Member::join(right.address, 3, room(0), b"").await;
    for (member, others) in [(&mut first, [2, 3]), (&mut second, [1, 3]), (&mut third, [1, 2])] {
        member.sees(&others).await;
    }
    nats.kill().await;
    for member in [&mut first, &mut second, &mut third] {
        member.until(|it| !it.whole).await;
    }
    first.sees(&[2]).await;
    second.sees(&[1]).await;
    third.sees(&[]).await;
    wait_ready(left.address, StatusCode::SERVICE_UNAVAILABLE).await;
    // Its own tabs are served, and new ones are told.
    first.tab.broadcast(b"just us").await;
    second.hears(1, b"just us").await;
    first.tell(3, b"you?").await;
    first.until(|it| it.undeliverable == [peer(3)]).await;
    let mut late = Member::join(left.address, 4, room(0), b"").await;
    late.until(|it| !it.whole).await;
    // One that changes relays meanwhile is one when all is well again.
    let mut moved = Member::join(left.address, 3, room(0), b"moved").await;
    nats.restart().await;
    third.tab.expect_refusal(Refusal::Replaced).await;
    for member in [&mut first, &mut second, &mut moved, &mut late] {
        member.until(|it| it.whole).await;
    }
    let mut last = Member::join(right.address, 5, room(0), b"").await;
    last.sees(&[1, 2, 3, 4]).await;
    moved.sees(&[1, 2, 4, 5]).await;
    assert_eq!(last.view[&peer(3)], b"moved");
    last.tell(3, b"welcome back").await;
    moved.hears(5, b"welcome back").await;
    wait_ready(left.address, StatusCode::OK).await;
}

#[tokio::test]
async fn a_killed_relays_tabs_leave_and_are_taken_in_by_the_others() {
    let nats = Nats::start().await;
    let here = relay_at(&nats.url()).await;
    let (mut program, there) =
        process::start(&["--nats", &nats.url(), "--nats-prefix", "test"]).await;
    wait_ready(here.address, StatusCode::OK).await;
    wait_ready(there, StatusCode::OK).await;
    let mut stays = Member::join(here.address, 1, room(0), b"").await;
    let _moves = Member::join(there, 2, room(0), b"").await;
    let _goes = Member::join(there, 3, room(0), b"").await;
    stays.sees(&[2, 3]).await;
    program.kill().await.unwrap();
    let mut moved = Member::join(here.address, 2, room(0), b"moved").await;
    stays.until(|it| it.view.get(&peer(2)).is_some_and(|status| status == b"moved")).await;
    // No goodbye: some beats are missed.
    stays.sees(&[2]).await;
    moved.sees(&[1]).await;
    moved.tell(1, b"still here").await;
    stays.hears(2, b"still here").await;
}

#[tokio::test]
async fn a_server_that_is_not_there_or_too_narrow_is_waited_for() {
    let mut nats = Nats::start_with("max_payload: 65536\n").await;
    let relay = relay_at(&nats.url()).await;
    let mut tab = Member::join(relay.address, 1, room(0), b"").await;
    tab.until(|it| !it.whole).await;
    assert_eq!(readiness(relay.address).await, StatusCode::SERVICE_UNAVAILABLE);
    nats.kill().await;
    nats.configure("");
    nats.restart().await;
    tab.until(|it| it.whole).await;
    wait_ready(relay.address, StatusCode::OK).await;
}

#[tokio::test]
async fn names_passwords_and_tokens_stand_in_the_url() {
    let secured = "authorization { user: relay, password: \"p@ss\" }\n";
    let nats = Nats::start_with(secured).await;
    let port = nats.port();
    let allowed = relay_at(&format!("nats://relay:p%40ss@127.0.0.1:{port}")).await;
    let refused = relay_at(&format!("nats://relay:wrong@127.0.0.1:{port}")).await;
    wait_ready(allowed.address, StatusCode::OK).await;
    assert_eq!(readiness(refused.address).await, StatusCode::SERVICE_UNAVAILABLE);
    let nats = Nats::start_with("authorization { token: \"s3cret\" }\n").await;
    let by_token = relay_at(&format!("nats://s3cret@127.0.0.1:{}", nats.port())).await;
    wait_ready(by_token.address, StatusCode::OK).await;
}
