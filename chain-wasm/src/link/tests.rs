//! The link against a relay played by hand.

use proptest::prelude::*;

use super::send::MAX_BUFFERED;
use super::*;
use crate::primitives::{Hash, UnixMillis};
use crate::relay::{self, ClientFrame, MAX_PAYLOAD, MAX_STATUS, Presence, Refusal, RelayFrame};

const ROOM: Hash = Hash::ZERO;
const RELAY_TIME: UnixMillis = UnixMillis(1_000_500);

/// A link with a clock.
struct Bench {
    link: Link,
    mono: u64,
}

fn config(seed: u8) -> LinkConfig {
    LinkConfig {
        room: ROOM,
        session: Keypair::from_seed([9; 32]),
        seed: [seed; 32],
        loopback: false,
        online: true,
    }
}

impl Bench {
    /// A link that has just been started.
    fn start() -> Self {
        Self::start_with(config(1))
    }

    fn start_with(config: LinkConfig) -> Self {
        let mut bench = Self { link: Link::new(config), mono: 5_000 };
        let now = bench.now();
        bench.link.start(now);
        bench
    }

    /// A link that is registered, its outputs drained.
    fn online() -> Self {
        let mut bench = Self::start();
        bench.register();
        bench.drain();
        bench
    }

    fn now(&self) -> Now {
        Now { mono: Instant(self.mono), wall: UnixMillis(1_000_000) }
    }

    fn drain(&mut self) -> Vec<LinkOutput> {
        std::iter::from_fn(|| self.link.poll_output()).collect()
    }

    fn receive(&mut self, frame: &RelayFrame<'_>) {
        self.event(&SocketEvent::Message(frame.encode()));
    }

    fn event(&mut self, event: &SocketEvent) {
        let (now, socket) = (self.now(), self.link.socket);
        self.link.socket(now, socket, event);
    }

    fn challenge(&mut self) {
        self.receive(&RelayFrame::Challenge { version: relay::VERSION, nonce: Hash::of(b"n") });
    }

    fn register(&mut self) {
        self.challenge();
        self.receive(&RelayFrame::Welcome { time: RELAY_TIME, peers: Vec::new() });
    }

    /// Lets the time of the next wakeup come, plus `late` milliseconds.
    fn sleep(&mut self, late: u64) {
        self.mono = self.link.next_wakeup().expect("a timer").0 + late;
        let now = self.now();
        self.link.wakeup(now);
    }

    fn view(&self) -> LinkView {
        self.link.view(Instant(self.mono))
    }

    fn reason(&self) -> LinkReason {
        match self.view() {
            LinkView::Waiting { reason, .. } | LinkView::Offline { reason } => reason,
            other => panic!("{other:?}"),
        }
    }
}

fn peer(seed: u8) -> PeerId {
    Keypair::from_seed([seed; 32]).public()
}

fn transmitted(outputs: &[LinkOutput]) -> Vec<ClientFrame<'_>> {
    let frames = outputs.iter().filter_map(|output| match output {
        LinkOutput::Transmit(bytes) => Some(ClientFrame::decode(bytes).expect("a frame")),
        _ => None,
    });
    frames.collect()
}

#[test]
fn registers_with_a_signature_over_challenge_and_room() {
    let mut bench = Bench::start();
    let now = bench.now();
    bench.link.set_status(now, b"status".to_vec(), 0);
    assert_eq!(
        bench.drain(),
        [LinkOutput::Open(1), LinkOutput::View(LinkView::Connecting { attempt: 1 })]
    );
    bench.challenge();
    let outputs = bench.drain();
    let [ClientFrame::Register { version, room, peer: who, signature, status }] =
        transmitted(&outputs)[..]
    else {
        panic!("{outputs:?}");
    };
    assert_eq!((version, room, who, status), (relay::VERSION, ROOM, peer(9), &b"status"[..]));
    assert_eq!(relay::verify_registration(&Hash::of(b"n"), &ROOM, &who, &signature), Ok(()));

    let presence = Presence { peer: peer(2), status: b"there" };
    bench.receive(&RelayFrame::Welcome { time: RELAY_TIME, peers: vec![presence] });
    let peers = vec![(peer(2), b"there".to_vec())];
    assert_eq!(
        bench.drain(),
        [
            LinkOutput::View(LinkView::Online { clock_offset: 500, whole: true }),
            LinkOutput::Node(Input::LinkUp { peers, relay_time: RELAY_TIME }),
        ]
    );
}

#[test]
fn hands_each_frame_to_the_node() {
    let mut bench = Bench::online();
    bench.receive(&RelayFrame::PeerJoined { peer: peer(2), status: b"a" });
    bench.receive(&RelayFrame::PeerStatus { peer: peer(2), status: b"b" });
    bench.receive(&RelayFrame::Deliver { from: peer(2), payload: b"c" });
    bench.receive(&RelayFrame::Undeliverable { to: peer(2) });
    bench.receive(&RelayFrame::PeerLeft { peer: peer(2) });
    let expected = [
        Input::PeerJoined { peer: peer(2), status: b"a".to_vec() },
        Input::PeerStatus { peer: peer(2), status: b"b".to_vec() },
        Input::Frame { from: peer(2), bytes: b"c".to_vec() },
        Input::Undeliverable { to: peer(2) },
        Input::PeerLeft { peer: peer(2) },
    ];
    assert_eq!(bench.drain(), expected.map(LinkOutput::Node));
}

#[test]
fn sends_when_registered_and_drops_what_comes_before() {
    let mut bench = Bench::start();
    let now = bench.now();
    bench.link.broadcast(now, b"early", 0);
    assert!(transmitted(&bench.drain()).is_empty());
    bench.register();
    bench.drain();
    bench.link.broadcast(now, b"all", 0);
    bench.link.send(now, peer(2), b"one", 0);
    bench.link.set_status(now, b"status".to_vec(), 0);
    let outputs = bench.drain();
    let expected = [
        ClientFrame::Broadcast { payload: b"all" },
        ClientFrame::Send { to: peer(2), payload: b"one" },
        ClientFrame::SetStatus { status: b"status" },
    ];
    assert_eq!(transmitted(&outputs), expected);
}

#[test]
fn sends_nothing_that_the_relay_would_refuse() {
    let mut bench = Bench::online();
    let now = bench.now();
    bench.link.broadcast(now, &vec![0; MAX_PAYLOAD + 1], 0);
    bench.link.set_status(now, vec![0; MAX_STATUS + 1], 0);
    let outputs = bench.drain();
    assert!(matches!(outputs[..], [LinkOutput::Log(_), LinkOutput::Log(_)]), "{outputs:?}");
    assert_eq!(bench.view(), LinkView::Online { clock_offset: 500, whole: true });
}

#[test]
fn drops_the_connection_when_too_much_waits_to_be_sent() {
    let mut bench = Bench::online();
    let now = bench.now();
    bench.link.broadcast(now, &[0; 1_000], MAX_BUFFERED - 2_000);
    assert_eq!(transmitted(&bench.drain()).len(), 1);
    bench.link.broadcast(now, &[0; 1_000], MAX_BUFFERED - 1_000);
    let outputs = bench.drain();
    assert!(outputs.contains(&LinkOutput::Close), "{outputs:?}");
    assert!(outputs.contains(&LinkOutput::Node(Input::LinkDown)), "{outputs:?}");
    assert_eq!(bench.reason(), LinkReason::Lost);
}

#[test]
fn comes_back_after_a_lost_connection_and_waits_longer_each_time() {
    let mut bench = Bench::online();
    bench.event(&SocketEvent::Closed { code: 1006 });
    assert_eq!(bench.reason(), LinkReason::Lost);
    assert_eq!(bench.drain()[..2], [LinkOutput::Close, LinkOutput::Node(Input::LinkDown)]);
    let mut waits = Vec::new();
    for attempt in 2..12 {
        waits.push(bench.link.next_wakeup().expect("a timer").since(Instant(bench.mono)));
        bench.sleep(0);
        assert_eq!(bench.view(), LinkView::Connecting { attempt });
        bench.event(&SocketEvent::Closed { code: 1006 });
        assert_eq!(bench.reason(), LinkReason::Unreachable);
    }
    assert!(waits[0] <= 250, "{waits:?}");
    assert!(waits.iter().all(|wait| *wait <= 15_000), "{waits:?}");
    assert!(waits.last() >= Some(&7_500), "{waits:?}");
    // A stable connection makes the next wait a short one again.
    bench.sleep(0);
    bench.register();
    bench.mono += 20_000;
    bench.event(&SocketEvent::Closed { code: 1006 });
    assert!(matches!(bench.view(), LinkView::Waiting { retry_in: 0..=250, attempt: 1, .. }));
}

#[test]
fn ignores_what_an_older_socket_still_says() {
    let mut bench = Bench::online();
    let old = bench.link.socket;
    bench.event(&SocketEvent::Closed { code: 1006 });
    bench.sleep(0);
    bench.drain();
    let now = bench.now();
    bench.link.socket(now, old, &SocketEvent::Closed { code: 4002 });
    let frame = RelayFrame::PeerLeft { peer: peer(2) }.encode();
    bench.link.socket(now, old, &SocketEvent::Message(frame));
    assert_eq!(bench.drain(), []);
    assert_eq!(bench.view(), LinkView::Connecting { attempt: 2 });
}

#[test]
fn asks_a_silent_relay_for_a_sign_of_life_and_gives_it_up_without_one() {
    let mut bench = Bench::online();
    for _ in 0..3 {
        bench.sleep(0);
        let outputs = bench.drain();
        let [ClientFrame::Send { to, payload: [] }] = transmitted(&outputs)[..] else {
            panic!("{outputs:?}");
        };
        assert_ne!(to, peer(9));
        bench.receive(&RelayFrame::Undeliverable { to });
        // The node is not bothered with it.
        assert_eq!(bench.drain(), []);
    }
    bench.sleep(0);
    bench.sleep(0);
    assert_eq!(bench.reason(), LinkReason::Silent);
}

#[test]
fn asks_again_after_a_sleep_instead_of_blaming_the_relay() {
    let mut bench = Bench::online();
    bench.sleep(0);
    bench.drain();
    bench.sleep(3_600_000);
    assert_eq!(transmitted(&bench.drain()).len(), 1);
    assert_eq!(bench.view(), LinkView::Online { clock_offset: 500, whole: true });
    bench.sleep(0);
    assert_eq!(bench.reason(), LinkReason::Silent);
}

#[test]
fn gives_up_a_handshake_that_does_not_end() {
    let mut bench = Bench::start();
    bench.sleep(0);
    assert_eq!(bench.reason(), LinkReason::Unreachable);
    bench.sleep(0);
    bench.challenge();
    bench.sleep(0);
    assert_eq!(bench.reason(), LinkReason::Silent);
}

#[test]
fn stays_away_as_long_as_a_stopping_relay_asks() {
    let mut bench = Bench::online();
    bench.receive(&RelayFrame::GoingAway { retry_after: 2_000 });
    assert_eq!(bench.reason(), LinkReason::RelayStopping);
    let wait = bench.link.next_wakeup().expect("a timer").since(Instant(bench.mono));
    assert!((2_000..=3_000).contains(&wait), "{wait}");
    // The close that follows changes nothing.
    bench.event(&SocketEvent::Closed { code: Refusal::Stopping.close_code() });
    assert_eq!(bench.link.next_wakeup(), Some(Instant(bench.mono + wait)));
}

#[test]
fn shows_that_its_relay_is_cut_off_from_the_others() {
    let mut bench = Bench::online();
    bench.receive(&RelayFrame::Reach { whole: false });
    assert_eq!(bench.view(), LinkView::Online { clock_offset: 500, whole: false });
    bench.receive(&RelayFrame::Reach { whole: true });
    assert_eq!(bench.view(), LinkView::Online { clock_offset: 500, whole: true });
}

#[test]
fn does_not_try_again_on_another_version() {
    let mut bench = Bench::start();
    bench.receive(&RelayFrame::Challenge { version: relay::VERSION + 1, nonce: Hash::ZERO });
    assert_eq!(bench.view(), LinkView::Offline { reason: LinkReason::Version });
    assert_eq!(bench.link.next_wakeup(), None);
    let mut bench = Bench::start();
    bench.event(&SocketEvent::Closed { code: Refusal::Version.close_code() });
    assert_eq!(bench.view(), LinkView::Offline { reason: LinkReason::Version });
}

#[test]
fn tells_every_refusal_by_its_number_and_does_not_hammer() {
    for refusal in Refusal::ALL {
        let mut by_frame = Bench::online();
        by_frame.receive(&RelayFrame::Refused { reason: refusal });
        let mut by_code = Bench::online();
        by_code.event(&SocketEvent::Closed { code: refusal.close_code() });
        assert_eq!(by_frame.view(), by_code.view());
        let expected = match refusal {
            Refusal::Version => LinkReason::Version,
            Refusal::Stopping => LinkReason::RelayStopping,
            _ => LinkReason::Refused { code: refusal.close_code() - 4000 },
        };
        assert_eq!(by_frame.reason(), expected);
        if refusal == Refusal::Replaced {
            assert!(matches!(by_frame.view(), LinkView::Waiting { retry_in: 2_500.., .. }));
        }
    }
}

#[test]
fn drops_a_relay_that_talks_something_else() {
    let garbage = [
        SocketEvent::Text,
        SocketEvent::Message(b"garbage".to_vec()),
        SocketEvent::Message(RelayFrame::PeerLeft { peer: peer(2) }.encode()),
    ];
    for event in garbage {
        let mut bench = Bench::start();
        bench.event(&event);
        assert!(matches!(bench.view(), LinkView::Waiting { retry_in: 2_500.., .. }));
    }
    let mut bench = Bench::online();
    bench.challenge();
    assert_eq!(bench.reason(), LinkReason::Lost);
}

#[test]
fn follows_the_browser_offline_and_back() {
    let mut bench = Bench::online();
    let now = bench.now();
    bench.link.set_online(now, false);
    assert_eq!(bench.reason(), LinkReason::BrowserOffline);
    assert_eq!(bench.link.next_wakeup(), None);
    bench.link.set_online(now, true);
    assert_eq!(bench.view(), LinkView::Connecting { attempt: 1 });
    // A tab that starts offline does not try.
    let bench = Bench::start_with(LinkConfig { online: false, ..config(1) });
    assert_eq!(bench.reason(), LinkReason::BrowserOffline);
}

#[test]
fn needs_no_network_to_reach_a_relay_on_this_device() {
    let mut bench = Bench::start_with(LinkConfig { online: false, loopback: true, ..config(1) });
    bench.register();
    let now = bench.now();
    bench.link.set_online(now, true);
    bench.link.set_online(now, false);
    assert_eq!(bench.view(), LinkView::Online { clock_offset: 500, whole: true });
}

#[test]
fn leaves_and_rejoins_as_the_user_says() {
    let mut bench = Bench::online();
    let now = bench.now();
    bench.link.set_connected(now, false);
    assert_eq!(bench.view(), LinkView::Offline { reason: LinkReason::Disconnected });
    // Neither the browser nor a glance at the page brings it back.
    bench.link.set_online(now, false);
    bench.link.set_online(now, true);
    bench.link.shown(now);
    assert_eq!(bench.view(), LinkView::Offline { reason: LinkReason::Disconnected });
    bench.link.set_connected(now, true);
    assert_eq!(bench.view(), LinkView::Connecting { attempt: 1 });
}

#[test]
fn tries_at_once_when_the_page_is_shown() {
    let mut bench = Bench::online();
    bench.event(&SocketEvent::Closed { code: 1006 });
    let now = bench.now();
    bench.link.shown(now);
    assert_eq!(bench.view(), LinkView::Connecting { attempt: 2 });
    bench.register();
    bench.drain();
    bench.link.shown(now);
    assert_eq!(transmitted(&bench.drain()).len(), 1);
}

#[test]
fn an_address_that_cannot_be_opened_is_not_tried_again() {
    let mut bench = Bench::start();
    bench.event(&SocketEvent::InvalidAddress);
    assert_eq!(bench.view(), LinkView::Offline { reason: LinkReason::InvalidAddress });
}

/// A frame of every kind, with a version, names and bytes that are often right.
fn any_frame() -> impl Strategy<Value = Vec<u8>> {
    let parts = (0..10_u8, 0..3_u8, any::<u64>(), prop::collection::vec(any::<u8>(), 0..40));
    parts.prop_map(|(kind, who, number, bytes)| {
        let (peer, status) = (peer(who), bytes.as_slice());
        let frame = match kind {
            0 => RelayFrame::Challenge { version: relay::VERSION, nonce: Hash::of(&bytes) },
            1 => RelayFrame::Challenge { version: number.to_be_bytes()[0].into(), nonce: ROOM },
            2 => {
                let peers = vec![Presence { peer, status }; usize::from(who)];
                RelayFrame::Welcome { time: UnixMillis(number), peers }
            }
            3 => RelayFrame::PeerJoined { peer, status },
            4 => RelayFrame::PeerLeft { peer },
            5 => RelayFrame::PeerStatus { peer, status },
            6 => RelayFrame::Deliver { from: peer, payload: status },
            7 => RelayFrame::Undeliverable { to: peer },
            8 => RelayFrame::Refused { reason: Refusal::ALL[bytes.len() % Refusal::ALL.len()] },
            _ => RelayFrame::GoingAway { retry_after: u32::try_from(number >> 32).unwrap_or(0) },
        };
        frame.encode()
    })
}

/// Something that a relay and its socket may do, or time that passes.
#[derive(Debug, Clone)]
enum Step {
    Socket(SocketEvent),
    /// The next timer fires, that much too late.
    Sleep(u64),
}

fn any_step() -> impl Strategy<Value = Step> {
    let cut = (any_frame(), any::<usize>()).prop_map(|(mut bytes, at)| {
        bytes.truncate(at % (bytes.len() + 1));
        bytes
    });
    let garbage = prop::collection::vec(any::<u8>(), 0..80);
    let message = prop_oneof![16 => any_frame(), 1 => cut, 1 => garbage];
    let closed = prop_oneof![Just(1006), 4000..4020_u16, any::<u16>()];
    prop_oneof![
        16 => message.prop_map(|bytes| Step::Socket(SocketEvent::Message(bytes))),
        1 => Just(Step::Socket(SocketEvent::Text)),
        1 => closed.prop_map(|code| Step::Socket(SocketEvent::Closed { code })),
        4 => prop_oneof![Just(0), 0..20_000_u64].prop_map(Step::Sleep),
    ]
}

/// What the driver and the node have to rely on, whatever the relay does.
#[derive(Default)]
struct Reliance {
    socket_open: bool,
    node_linked: bool,
}

impl Reliance {
    fn check(&mut self, output: &LinkOutput) {
        match output {
            LinkOutput::Open(_) => {
                assert!(!self.socket_open, "the socket before is closed");
                self.socket_open = true;
            }
            LinkOutput::Close => {
                assert!(self.socket_open, "there is a socket to close");
                self.socket_open = false;
            }
            LinkOutput::Transmit(bytes) => {
                assert!(self.socket_open, "there is a socket to send on");
                ClientFrame::decode(bytes).expect("a frame of the protocol");
            }
            LinkOutput::Node(Input::LinkUp { .. }) => {
                assert!(!self.node_linked, "the node is told once");
                self.node_linked = true;
            }
            LinkOutput::Node(input) => {
                assert!(self.node_linked, "without a link nothing comes: {input:?}");
                self.node_linked = *input != Input::LinkDown;
            }
            LinkOutput::View(_) | LinkOutput::Log(_) => {}
        }
    }
}

proptest! {
    #[test]
    fn whatever_a_relay_sends_the_link_registers_again(
        steps in prop::collection::vec(any_step(), 0..60),
    ) {
        let mut bench = Bench::start();
        let mut reliance = Reliance::default();
        for step in steps {
            match step {
                Step::Socket(event) => bench.event(&event),
                Step::Sleep(late) if bench.link.next_wakeup().is_some() => bench.sleep(late),
                Step::Sleep(_) => {}
            }
            for output in bench.drain() {
                reliance.check(&output);
            }
            let online = matches!(bench.view(), LinkView::Online { .. });
            prop_assert_eq!(online, reliance.node_linked, "the page is told what the node is");
        }
        // Whatever it does by now, it is lost; then there is a relay as it should be.
        bench.event(&SocketEvent::Closed { code: 1006 });
        match bench.view() {
            LinkView::Waiting { .. } => bench.sleep(0),
            // Only the user can want it then.
            view => {
                prop_assert_eq!(view, LinkView::Offline { reason: LinkReason::Version });
                let now = bench.now();
                bench.link.set_connected(now, true);
            }
        }
        bench.register();
        let outputs = bench.drain();
        for output in &outputs {
            reliance.check(output);
        }
        prop_assert!(reliance.node_linked && reliance.socket_open);
        let registered = transmitted(&outputs).iter().any(|frame| match frame {
            ClientFrame::Register { peer, room, signature, .. } => {
                relay::verify_registration(&Hash::of(b"n"), room, peer, signature).is_ok()
            }
            _ => false,
        });
        prop_assert!(registered);
        prop_assert_eq!(bench.view(), LinkView::Online { clock_offset: 500, whole: true });
    }
}

#[test]
fn counts_what_goes_over_the_connection() {
    let mut bench = Bench::start();
    assert_eq!(bench.link.traffic(), TrafficView::default());
    bench.mono += 20;
    bench.register();
    let sent: Vec<Vec<u8>> = bench
        .drain()
        .into_iter()
        .filter_map(|output| match output {
            LinkOutput::Transmit(bytes) => Some(bytes),
            _ => None,
        })
        .collect();
    let traffic = bench.link.traffic();
    assert_eq!((traffic.sent, traffic.received), (1, 2));
    assert_eq!(traffic.sent_bytes, sent.iter().map(|bytes| bytes.len() as u64).sum::<u64>());
    let challenge = RelayFrame::Challenge { version: relay::VERSION, nonce: Hash::of(b"n") };
    let welcome = RelayFrame::Welcome { time: RELAY_TIME, peers: Vec::new() };
    let received = challenge.encode().len() + welcome.encode().len();
    assert_eq!(traffic.received_bytes, received as u64);
    bench.link.broadcast(bench.now(), b"payload", 0);
    assert_eq!(bench.link.traffic().sent, 2);
}

#[test]
fn measures_the_relay_when_asked_to() {
    let mut bench = Bench::start();
    bench.challenge();
    bench.mono += 40;
    bench.receive(&RelayFrame::Welcome { time: RELAY_TIME, peers: Vec::new() });
    bench.drain();
    assert_eq!(bench.link.traffic().round_trip, Some(40), "a registration counts");
    let nobody = bench.link.nobody;
    for took in [6, 8] {
        bench.link.measure(bench.now());
        // Only one probe at a time.
        bench.link.measure(bench.now());
        let outputs = bench.drain();
        assert_eq!(transmitted(&outputs), [ClientFrame::Send { to: nobody, payload: &[] }]);
        bench.mono += took;
        bench.receive(&RelayFrame::Undeliverable { to: nobody });
    }
    assert_eq!(bench.link.traffic().round_trip, Some(8), "the median of three");
    assert_eq!(bench.drain(), []);
    // Without a connection there is nothing to measure.
    bench.event(&SocketEvent::Closed { code: 1006 });
    bench.drain();
    bench.link.measure(bench.now());
    assert_eq!(bench.drain(), []);
}
