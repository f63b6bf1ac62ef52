//! What members see, first by example, then against a model.

use std::collections::BTreeMap;

use chain_wasm::primitives::Hash;
use chain_wasm::relay::RelayFrame;
use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

mod cluster;

/// A link that writes down what it is given.
#[derive(Debug, Clone, Default)]
struct Recorder(Arc<Mutex<Record>>);

#[derive(Debug, Default)]
struct Record {
    frames: Vec<Bytes>,
    closed: Option<Refusal>,
}

impl Link for Recorder {
    fn send(&self, frame: Bytes) -> bool {
        let mut record = lock(&self.0);
        if record.closed.is_none() {
            record.frames.push(frame);
        }
        record.closed.is_none()
    }

    fn close(&self, reason: Refusal) {
        lock(&self.0).closed.get_or_insert(reason);
    }

    fn waiting(&self) -> usize {
        lock(&self.0).frames.iter().map(Bytes::len).sum()
    }
}

impl Recorder {
    /// Takes what came since the last call.
    fn take(&self) -> Vec<Bytes> {
        std::mem::take(&mut lock(&self.0).frames)
    }

    fn closed(&self) -> Option<Refusal> {
        lock(&self.0).closed
    }
}

/// Rooms do not care whether a key is one.
fn peer(n: u8) -> PeerId {
    PeerId::from_bytes([n; 32])
}

fn room(n: u8) -> RoomId {
    Hash::of(&[n])
}

fn rooms(max_rooms: usize, max_peers_per_room: usize) -> Arc<Rooms<Recorder>> {
    let limits = Limits { max_rooms, max_peers_per_room, ..Limits::default() };
    Arc::new(Rooms::new(&limits, None))
}

struct Member {
    seat: Seat<Recorder>,
    link: Recorder,
}

fn join(
    rooms: &Arc<Rooms<Recorder>>,
    id: RoomId,
    who: PeerId,
    status: &[u8],
) -> Result<Member, Refusal> {
    let link = Recorder::default();
    let seat = rooms.join(id, who, status, link.clone(), UnixMillis(5))?;
    Ok(Member { seat, link })
}

fn one(frames: &[Bytes]) -> RelayFrame<'_> {
    assert_eq!(frames.len(), 1, "{frames:?}");
    RelayFrame::decode(&frames[0]).unwrap()
}

#[test]
fn a_rejoin_closes_the_older_connection_and_is_seen_as_leave_and_join() {
    let rooms = rooms(1, 2);
    let watcher = join(&rooms, room(0), peer(0), b"w").unwrap();
    let older = join(&rooms, room(0), peer(1), b"old").unwrap();
    watcher.link.take();
    let newer = join(&rooms, room(0), peer(1), b"new").unwrap();

    assert_eq!(older.link.closed(), Some(Refusal::Replaced));
    let seen = watcher.link.take();
    let seen: Vec<_> = seen.iter().map(|bytes| RelayFrame::decode(bytes).unwrap()).collect();
    let expected = [
        RelayFrame::PeerLeft { peer: peer(1) },
        RelayFrame::PeerJoined { peer: peer(1), status: b"new" },
    ];
    assert_eq!(seen, expected);

    // The older seat is void: nothing it does or its end reaches anybody.
    older.seat.broadcast(b"ghost");
    older.seat.set_status(b"ghost");
    older.seat.send(peer(0), b"ghost");
    drop(older);
    assert_eq!(watcher.link.take(), Vec::<Bytes>::new());
    newer.seat.broadcast(b"here");
    let frames = watcher.link.take();
    assert_eq!(one(&frames), RelayFrame::Deliver { from: peer(1), payload: b"here" });
}

#[test]
fn a_welcome_lists_the_others_and_a_message_is_delivered_or_reported() {
    let rooms = rooms(2, 9);
    let first = join(&rooms, room(0), peer(0), b"0").unwrap();
    let second = join(&rooms, room(0), peer(1), b"1").unwrap();
    let frames = second.link.take();
    let presence = chain_wasm::relay::Presence { peer: peer(0), status: b"0" };
    let welcome = RelayFrame::Welcome { time: UnixMillis(5), peers: vec![presence] };
    assert_eq!(one(&frames), welcome);
    first.link.take();

    second.seat.send(peer(0), b"hi");
    let frames = first.link.take();
    assert_eq!(one(&frames), RelayFrame::Deliver { from: peer(1), payload: b"hi" });
    second.seat.send(peer(7), b"hi");
    let frames = second.link.take();
    assert_eq!(one(&frames), RelayFrame::Undeliverable { to: peer(7) });
    // A receiver that is being closed is as good as gone.
    first.link.close(Refusal::TooSlow);
    second.seat.send(peer(0), b"hi");
    let frames = second.link.take();
    assert_eq!(one(&frames), RelayFrame::Undeliverable { to: peer(0) });
}

#[test]
fn an_unchanged_status_is_not_told() {
    let rooms = rooms(1, 9);
    let first = join(&rooms, room(0), peer(0), b"0").unwrap();
    let second = join(&rooms, room(0), peer(1), b"1").unwrap();
    first.link.take();
    second.seat.set_status(b"1");
    assert!(first.link.take().is_empty());
    second.seat.set_status(b"2");
    let frames = first.link.take();
    assert_eq!(one(&frames), RelayFrame::PeerStatus { peer: peer(1), status: b"2" });
}

#[test]
fn rooms_and_peers_are_limited_and_a_room_ends_with_its_last_peer() {
    let rooms = rooms(2, 1);
    let first = join(&rooms, room(0), peer(0), b"").unwrap();
    let _second = join(&rooms, room(1), peer(0), b"").unwrap();
    assert_eq!(join(&rooms, room(2), peer(0), b"").err(), Some(Refusal::TooManyRooms));
    assert_eq!(join(&rooms, room(0), peer(1), b"").err(), Some(Refusal::RoomFull));
    // A rejoin takes no further place.
    let again = join(&rooms, room(0), peer(0), b"").unwrap();
    drop(first);
    assert_eq!(rooms.len(), 2);
    drop(again);
    assert_eq!(rooms.len(), 1);
    assert!(join(&rooms, room(2), peer(0), b"").is_ok());
}

#[derive(Debug, Clone)]
enum Op {
    Join { room: u8, peer: u8, status: u8 },
    Leave { member: prop::sample::Index },
    Broadcast { member: prop::sample::Index },
    Send { member: prop::sample::Index, to: u8 },
    SetStatus { member: prop::sample::Index, status: u8 },
}

fn op() -> impl Strategy<Value = Op> {
    let member = any::<prop::sample::Index>;
    prop_oneof![
        3 => (0..3_u8, 0..5_u8, any::<u8>())
            .prop_map(|(room, peer, status)| Op::Join { room, peer, status }),
        1 => member().prop_map(|member| Op::Leave { member }),
        2 => member().prop_map(|member| Op::Broadcast { member }),
        2 => (member(), 0..5_u8).prop_map(|(member, to)| Op::Send { member, to }),
        1 => (member(), any::<u8>())
            .prop_map(|(member, status)| Op::SetStatus { member, status }),
    ]
}

/// A room by what a connection is told, as a tab keeps it.
#[derive(Debug, Default)]
struct View {
    peers: BTreeMap<PeerId, Vec<u8>>,
    delivered: Vec<(PeerId, Vec<u8>)>,
    undeliverable: Vec<PeerId>,
    /// Its relay does not reach the others.
    cut: bool,
}

impl View {
    /// Takes what came to a peer's link.
    fn read(&mut self, own: PeerId, link: &Recorder) {
        for bytes in link.take() {
            match RelayFrame::decode(&bytes).unwrap() {
                RelayFrame::Welcome { peers, .. } => {
                    assert!(self.peers.is_empty());
                    self.peers.extend(peers.iter().map(|p| (p.peer, p.status.to_vec())));
                }
                RelayFrame::PeerJoined { peer, status } => {
                    assert_eq!(self.peers.insert(peer, status.to_vec()), None);
                }
                RelayFrame::PeerLeft { peer } => assert!(self.peers.remove(&peer).is_some()),
                RelayFrame::PeerStatus { peer, status } => {
                    assert!(self.peers.insert(peer, status.to_vec()).is_some());
                }
                RelayFrame::Deliver { from, payload } => {
                    // What comes from nobody is lost on a node.
                    assert!(self.peers.contains_key(&from) || from == own);
                    self.delivered.push((from, payload.to_vec()));
                }
                RelayFrame::Undeliverable { to } => self.undeliverable.push(to),
                RelayFrame::Reach { whole } => {
                    assert_eq!(self.cut, whole);
                    self.cut = !whole;
                }
                other => panic!("{other:?}"),
            }
        }
    }
}

/// A peer of a room.
struct Tab {
    room: u8,
    peer: u8,
    status: u8,
    member: Member,
    view: View,
}

impl Tab {
    fn read(&mut self) {
        self.view.read(peer(self.peer), &self.member.link);
    }
}

/// What each tab should have been delivered by this step: (room, peer) -> frames.
type Expected = BTreeMap<(u8, u8), Vec<(PeerId, Vec<u8>)>>;

fn run(rooms: &Arc<Rooms<Recorder>>, tabs: &mut Vec<Tab>, op: &Op, step: usize) -> Expected {
    let payload = step.to_be_bytes().to_vec();
    let mut expected = Expected::new();
    match op {
        Op::Join { room: r, peer: p, status } => {
            let member = join(rooms, room(*r), peer(*p), &[*status]).unwrap();
            if let Some(at) = tabs.iter().position(|tab| (tab.room, tab.peer) == (*r, *p)) {
                let older = tabs.remove(at);
                assert_eq!(older.member.link.closed(), Some(Refusal::Replaced));
            }
            tabs.push(Tab { room: *r, peer: *p, status: *status, member, view: View::default() });
        }
        _ if tabs.is_empty() => {}
        Op::Leave { member } => drop(tabs.remove(member.index(tabs.len()))),
        Op::Broadcast { member } => {
            let from = member.get(tabs.as_slice());
            from.member.seat.broadcast(&payload);
            for tab in tabs.iter().filter(|tab| tab.room == from.room && tab.peer != from.peer) {
                expected.insert((tab.room, tab.peer), vec![(peer(from.peer), payload.clone())]);
            }
        }
        Op::Send { member, to } => {
            let from = member.get(tabs.as_slice());
            from.member.seat.send(peer(*to), &payload);
            let there = tabs.iter().any(|tab| (tab.room, tab.peer) == (from.room, *to));
            let reports = from.member.link.take();
            if there && *to != from.peer {
                assert!(reports.is_empty());
                expected.insert((from.room, *to), vec![(peer(from.peer), payload)]);
            } else if there {
                let own = RelayFrame::Deliver { from: peer(*to), payload: &payload };
                assert_eq!(one(&reports), own);
            } else {
                assert_eq!(one(&reports), RelayFrame::Undeliverable { to: peer(*to) });
            }
        }
        Op::SetStatus { member, status } => {
            let at = member.index(tabs.len());
            tabs[at].status = *status;
            tabs[at].member.seat.set_status(&[*status]);
        }
    }
    expected
}

proptest! {
    #[test]
    fn every_member_sees_the_room_and_each_message_exactly_once(ops in vec(op(), 1..60)) {
        let rooms = rooms(9, 9);
        let mut tabs = Vec::new();
        for (step, op) in ops.iter().enumerate() {
            let mut expected = run(&rooms, &mut tabs, op, step);
            let truth: Vec<_> = tabs.iter().map(|tab| (tab.room, tab.peer, tab.status)).collect();
            for tab in &mut tabs {
                tab.read();
                let others = truth.iter().filter(|(r, p, _)| *r == tab.room && *p != tab.peer);
                let others: BTreeMap<_, _> =
                    others.map(|(_, p, status)| (peer(*p), vec![*status])).collect();
                prop_assert_eq!(&tab.view.peers, &others);
                let due = expected.remove(&(tab.room, tab.peer)).unwrap_or_default();
                prop_assert_eq!(std::mem::take(&mut tab.view.delivered), due);
                prop_assert!(tab.view.undeliverable.is_empty());
            }
            prop_assert!(expected.is_empty());
            let inhabited: std::collections::BTreeSet<_> = tabs.iter().map(|tab| tab.room).collect();
            prop_assert_eq!(rooms.len(), inhabited.len());
        }
        drop(tabs);
        prop_assert!(rooms.is_empty());
    }
}
