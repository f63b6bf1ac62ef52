//! Rooms of several relays, with a network between them that loses, delays and cuts.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::cluster::{DirectMessage, RelayId, RoomMessage, RoomSide, To};
use crate::limits::MAX_PEERS_PER_ROOM;

/// Long after peers joined, which they do at 5.
const LATER: UnixMillis = UnixMillis(1_000_000);

/// Just then.
const SOON: UnixMillis = UnixMillis(6);

/// A room of one relay, as its line sees it.
struct Open {
    id: RoomId,
    outbox: Arc<Outbox>,
    room: Arc<dyn RoomSide>,
}

/// The lines of one relay.
struct Wires {
    relay: RelayId,
    connected: Mutex<bool>,
    open: Mutex<Vec<Open>>,
}

impl std::fmt::Debug for Wires {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.relay)
    }
}

impl Backplane for Wires {
    fn relay(&self) -> RelayId {
        self.relay
    }

    fn is_connected(&self) -> bool {
        *lock(&self.connected)
    }

    fn open(&self, id: RoomId, outbox: Arc<Outbox>, room: Arc<dyn RoomSide>) {
        lock(&self.open).push(Open { id, outbox, room });
    }
}

/// What is under way to one relay.
struct Mail {
    id: RoomId,
    direct: bool,
    bytes: Bytes,
}

struct Site {
    wires: Arc<Wires>,
    rooms: Arc<Rooms<Recorder>>,
    /// The rooms that have said hello.
    greeted: BTreeSet<RoomId>,
    inbox: VecDeque<Mail>,
}

/// Relays, and what is under way between them.
struct Net {
    sites: Vec<Site>,
    lost: usize,
}

impl Net {
    fn new(relays: u8) -> Self {
        let site = |n| {
            let wires = Arc::new(Wires {
                relay: RelayId([n; 16]),
                connected: Mutex::new(true),
                open: Mutex::default(),
            });
            let backplane = Arc::clone(&wires) as Arc<dyn Backplane>;
            let rooms = Arc::new(Rooms::new(&Limits::default(), Some(backplane)));
            Site { wires, rooms, greeted: BTreeSet::new(), inbox: VecDeque::new() }
        };
        Self { sites: (0..relays).map(site).collect(), lost: 0 }
    }

    /// Each line says what it has to, to those that are connected.
    fn publish(&mut self, lose: bool) {
        for n in 0..self.sites.len() {
            let site = &mut self.sites[n];
            let connected = site.wires.is_connected();
            let mut said = Vec::new();
            lock(&site.wires.open).retain(|open| {
                if connected && !open.outbox.is_closed() && site.greeted.insert(open.id) {
                    open.room.hello();
                }
                while let Some(Some((to, bytes))) =
                    futures_util::FutureExt::now_or_never(open.outbox.take())
                {
                    said.push((open.id, to, bytes));
                }
                if open.outbox.is_closed() {
                    site.greeted.remove(&open.id);
                }
                !open.outbox.is_closed()
            });
            for (id, to, bytes) in said.into_iter().filter(|_| connected) {
                self.carry(n, id, to, &bytes, lose);
            }
        }
    }

    fn carry(&mut self, from: usize, id: RoomId, to: To, bytes: &Bytes, lose: bool) {
        for (n, site) in self.sites.iter_mut().enumerate() {
            let meant = match to {
                To::Room => n != from,
                To::Relay(relay) => site.wires.relay == relay,
            };
            if !meant || !site.wires.is_connected() {
                continue;
            }
            if lose {
                self.lost += 1;
                continue;
            }
            let direct = to != To::Room;
            site.inbox.push_back(Mail { id, direct, bytes: bytes.clone() });
        }
    }

    /// One relay hears the oldest message that is under way to it.
    fn deliver(&mut self, n: usize, now: UnixMillis) -> bool {
        let site = &mut self.sites[n];
        let Some(mail) = site.inbox.pop_front() else { return false };
        let open = lock(&site.wires.open);
        if let Some(open) = open.iter().find(|open| open.id == mail.id && !open.outbox.is_closed())
        {
            if mail.direct {
                open.room.hear_direct(&DirectMessage::decode(&mail.bytes).unwrap());
            } else {
                open.room.hear(&RoomMessage::decode(&mail.bytes).unwrap(), now);
            }
        }
        true
    }

    fn settle(&mut self) {
        loop {
            self.publish(false);
            let delivered = (0..self.sites.len()).filter(|n| self.deliver(*n, LATER)).count();
            if delivered == 0 && self.sites.iter().all(|site| site.inbox.is_empty()) {
                return;
            }
        }
    }

    fn tick(&mut self) {
        for site in &self.sites {
            lock(&site.wires.open).iter().for_each(|open| open.room.tick());
        }
    }

    fn cut(&mut self, n: usize) {
        let site = &mut self.sites[n];
        *lock(&site.wires.connected) = false;
        site.inbox.clear();
        site.greeted.clear();
        lock(&site.wires.open).iter().for_each(|open| open.room.cut());
    }

    fn heal(&mut self, n: usize) {
        *lock(&self.sites[n].wires.connected) = true;
    }

    fn join(&self, n: usize, id: RoomId, of: PeerId, status: &[u8]) -> Member {
        join(&self.sites[n].rooms, id, of, status).unwrap()
    }
}

/// A peer of a room at one of the relays.
struct Seen {
    site: usize,
    room: u8,
    peer: u8,
    status: u8,
    member: Member,
    view: View,
}

impl Seen {
    fn new(net: &Net, site: usize, r: u8, p: u8, status: u8) -> Self {
        let member = net.join(site, room(r), peer(p), &[status]);
        let mut seen = Self { site, room: r, peer: p, status, member, view: View::default() };
        seen.read();
        seen
    }

    fn read(&mut self) {
        self.view.read(peer(self.peer), &self.member.link);
    }
}

/// Tabs whose connection was replaced notice, and leave.
fn drop_closed(tabs: &mut Vec<Seen>) {
    for tab in tabs.iter_mut() {
        tab.read();
    }
    tabs.retain(|tab| tab.member.link.closed().is_none());
}

fn check_agreement(tabs: &[Seen]) {
    for tab in tabs {
        let others = tabs.iter().filter(|other| other.room == tab.room && other.peer != tab.peer);
        let truth: BTreeMap<_, _> =
            others.map(|other| (peer(other.peer), vec![other.status])).collect();
        assert_eq!(tab.view.peers, truth, "peer {} of room {} at {}", tab.peer, tab.room, tab.site);
        let same = |other: &&Seen| (other.room, other.peer) == (tab.room, tab.peer);
        assert_eq!(tabs.iter().filter(same).count(), 1);
        assert!(!tab.view.cut);
    }
}

#[test]
fn what_is_said_at_one_relay_is_heard_at_the_others_once() {
    let mut net = Net::new(3);
    let mut tabs: Vec<Seen> =
        (0..6_u8).map(|p| Seen::new(&net, usize::from(p) % 3, 0, p, p)).collect();
    net.settle();
    drop_closed(&mut tabs);
    check_agreement(&tabs);
    tabs[0].member.seat.broadcast(b"all");
    tabs[0].member.seat.send(peer(4), b"one");
    tabs[0].member.seat.send(peer(77), b"nobody");
    net.settle();
    drop_closed(&mut tabs);
    assert_eq!(tabs[0].view.undeliverable, [peer(77)]);
    for tab in &tabs {
        let mut expected = vec![(peer(0), b"all".to_vec())];
        if tab.peer == 4 {
            expected.push((peer(0), b"one".to_vec()));
        }
        let expected = if tab.peer == 0 { Vec::new() } else { expected };
        assert_eq!(tab.view.delivered, expected);
    }
}

#[test]
fn the_newest_connection_counts_wherever_it_is() {
    let mut net = Net::new(3);
    let mut tabs = vec![Seen::new(&net, 0, 0, 7, 1), Seen::new(&net, 1, 0, 8, 0)];
    net.settle();
    tabs.push(Seen::new(&net, 2, 0, 7, 2));
    net.settle();
    assert_eq!(tabs[0].member.link.closed(), Some(Refusal::Replaced));
    drop_closed(&mut tabs);
    check_agreement(&tabs);
    assert_eq!(tabs[0].view.peers[&peer(7)], [2]);
    // And back.
    tabs.push(Seen::new(&net, 0, 0, 7, 3));
    net.settle();
    drop_closed(&mut tabs);
    check_agreement(&tabs);
    assert_eq!(tabs[0].view.peers[&peer(7)], [3]);
}

#[test]
fn a_message_to_who_just_left_another_relay_comes_back() {
    let mut net = Net::new(2);
    let mut tabs = vec![Seen::new(&net, 0, 0, 1, 0), Seen::new(&net, 1, 0, 2, 0)];
    tabs.push(Seen::new(&net, 1, 0, 3, 0));
    net.settle();
    tabs[0].member.seat.send(peer(2), b"are you there?");
    drop(tabs.remove(1));
    net.settle();
    drop_closed(&mut tabs);
    assert_eq!(tabs[0].view.undeliverable, [peer(2)]);
    check_agreement(&tabs);
}

#[test]
fn a_cut_relay_says_so_and_its_peers_leave_and_come_back() {
    let mut net = Net::new(2);
    let mut tabs = vec![Seen::new(&net, 0, 0, 1, 0), Seen::new(&net, 1, 0, 2, 0)];
    net.settle();
    net.cut(0);
    tabs.push(Seen::new(&net, 0, 0, 3, 0));
    drop_closed(&mut tabs);
    assert!(
        tabs[0].view.cut
            && tabs[0].view.peers.len() == 1
            && tabs[0].view.peers.contains_key(&peer(3))
    );
    assert!(tabs[2].view.cut && tabs[2].view.peers.contains_key(&peer(1)));
    tabs[0].member.seat.send(peer(2), b"out of reach");
    drop_closed(&mut tabs);
    assert_eq!(tabs[0].view.undeliverable, [peer(2)]);
    // The other side notices after some beats.
    for _ in 0..=SILENT_TICKS {
        net.tick();
        net.settle();
    }
    drop_closed(&mut tabs);
    assert!(!tabs[1].view.cut && tabs[1].view.peers.is_empty());
    net.heal(0);
    net.settle();
    drop_closed(&mut tabs);
    check_agreement(&tabs);
}

#[test]
fn a_room_never_has_more_peers_than_one_welcome_holds() {
    let net = Net::new(1);
    let tab = Seen::new(&net, 0, 0, 1, 0);
    let keys: Vec<PeerId> = (0..MAX_PEERS_PER_ROOM + 5)
        .map(|n| PeerId::from_bytes(*Hash::of(&n.to_be_bytes()).as_bytes()))
        .collect();
    for (seq, of) in (1..).zip(&keys) {
        let seated = crate::cluster::Seated { peer: *of, stamp: 1, status: b"" };
        let relay = RelayId([9; 16]);
        let message = if seq == 1 {
            RoomMessage::Present { relay, seq, answer: false, peers: vec![seated] }
        } else {
            RoomMessage::Joined { relay, seq, peer: seated }
        };
        lock(&net.sites[0].wires.open)[0].room.hear(&message, LATER);
    }
    let census = net.sites[0].rooms.census();
    assert_eq!(census.peers + census.remote_peers, MAX_PEERS_PER_ROOM);
    drop(tab);
}

#[derive(Debug, Clone)]
enum Op {
    Join { site: usize, room: u8, peer: u8, status: u8 },
    Leave { tab: prop::sample::Index },
    Status { tab: prop::sample::Index, status: u8 },
    Broadcast { tab: prop::sample::Index },
    Send { tab: prop::sample::Index, to: u8 },
    Publish { lose: bool },
    Deliver { site: usize, late: bool },
    Cut { site: usize },
    Heal { site: usize },
    Tick,
}

const SITES: u8 = 3;

fn op() -> impl Strategy<Value = Op> {
    let tab = any::<prop::sample::Index>;
    let site = || 0..usize::from(SITES);
    prop_oneof![
        4 => (site(), 0..2_u8, 0..5_u8, any::<u8>())
            .prop_map(|(site, room, peer, status)| Op::Join { site, room, peer, status }),
        2 => tab().prop_map(|tab| Op::Leave { tab }),
        2 => (tab(), any::<u8>()).prop_map(|(tab, status)| Op::Status { tab, status }),
        1 => tab().prop_map(|tab| Op::Broadcast { tab }),
        1 => (tab(), 0..5_u8).prop_map(|(tab, to)| Op::Send { tab, to }),
        4 => Just(Op::Publish { lose: false }),
        1 => Just(Op::Publish { lose: true }),
        6 => (site(), any::<bool>()).prop_map(|(site, late)| Op::Deliver { site, late }),
        1 => site().prop_map(|site| Op::Cut { site }),
        1 => site().prop_map(|site| Op::Heal { site }),
        1 => Just(Op::Tick),
    ]
}

fn run_clustered(net: &mut Net, tabs: &mut Vec<Seen>, op: &Op) {
    match op {
        Op::Join { site, room, peer, status } => {
            tabs.push(Seen::new(net, *site, *room, *peer, *status));
        }
        Op::Publish { lose } => net.publish(*lose),
        Op::Deliver { site, late } => {
            net.deliver(*site, if *late { LATER } else { SOON });
        }
        Op::Cut { site } => {
            if net.sites[*site].wires.is_connected() {
                net.cut(*site);
            }
        }
        Op::Heal { site } => net.heal(*site),
        Op::Tick => net.tick(),
        _ if tabs.is_empty() => {}
        Op::Leave { tab } => drop(tabs.remove(tab.index(tabs.len()))),
        Op::Status { tab, status } => {
            let at = tab.index(tabs.len());
            tabs[at].status = *status;
            tabs[at].member.seat.set_status(&[*status]);
        }
        Op::Broadcast { tab } => tab.get(tabs.as_slice()).member.seat.broadcast(b"all"),
        Op::Send { tab, to } => tab.get(tabs.as_slice()).member.seat.send(peer(*to), b"one"),
    }
    drop_closed(tabs);
}

proptest! {
    #[test]
    fn whatever_is_lost_the_relays_come_to_agree(ops in vec(op(), 1..120)) {
        let mut net = Net::new(SITES);
        let mut tabs = Vec::new();
        for op in &ops {
            run_clustered(&mut net, &mut tabs, op);
        }
        for site in 0..usize::from(SITES) {
            net.heal(site);
        }
        net.settle();
        for _ in 0..=SILENT_TICKS + 1 {
            net.tick();
            net.settle();
            drop_closed(&mut tabs);
        }
        net.settle();
        drop_closed(&mut tabs);
        check_agreement(&tabs);
        drop(tabs);
        for site in &net.sites {
            prop_assert!(site.rooms.is_empty());
        }
    }
}
