//! Links to relays played by hand.

use chain_wasm::primitives::{Hash, UnixMillis};
use chain_wasm::relay::{ClientFrame, Presence, RelayFrame, VERSION};

use super::*;

const NOW: Now = Now { mono: Instant(1_000), wall: UnixMillis(1_000_000) };

fn key(n: u8) -> Keypair {
    Keypair::from_seed([n; 32])
}

fn peer(n: u8) -> PeerId {
    key(n).public()
}

struct Bench {
    links: Links,
    sockets: Vec<SocketId>,
}

impl Bench {
    /// Two links, of the keys 1 and 2.
    fn new() -> Self {
        let mut links = Links::new(Hash::ZERO);
        for n in [1, 2] {
            links.begin(NOW, key(n), [n; 32]);
        }
        let mut bench = Self { links, sockets: vec![0; 2] };
        bench.drain();
        bench
    }

    fn drain(&mut self) -> Vec<LinksOutput> {
        let outputs: Vec<_> = std::iter::from_fn(|| self.links.poll_output()).collect();
        for output in &outputs {
            if let LinksOutput::Open(link, socket) = output {
                self.sockets[*link] = *socket;
            }
        }
        outputs
    }

    fn receive(&mut self, link: LinkIndex, frame: &RelayFrame<'_>) -> Vec<Input> {
        let event = SocketEvent::Message(frame.encode());
        self.links.socket(NOW, link, self.sockets[link], &event);
        inputs(self.drain())
    }

    fn welcome(&mut self, link: LinkIndex, peers: &[u8]) -> Vec<Input> {
        let nonce = Hash::of(b"nonce");
        self.receive(link, &RelayFrame::Challenge { version: VERSION, nonce });
        let peers = peers.iter().map(|n| Presence { peer: peer(*n), status: b"s" }).collect();
        self.receive(link, &RelayFrame::Welcome { time: NOW.wall, peers })
    }

    fn close(&mut self, link: LinkIndex) -> Vec<Input> {
        self.links.socket(NOW, link, self.sockets[link], &SocketEvent::Closed { code: 1006 });
        inputs(self.drain())
    }
}

fn inputs(outputs: Vec<LinksOutput>) -> Vec<Input> {
    let input = |output| match output {
        LinksOutput::Node(input) => Some(input),
        _ => None,
    };
    outputs.into_iter().filter_map(input).collect()
}

fn joined(n: u8) -> Input {
    Input::PeerJoined { peer: peer(n), status: b"s".to_vec() }
}

fn left(n: u8) -> Input {
    Input::PeerLeft { peer: peer(n) }
}

#[test]
fn a_second_relay_adds_its_peers_and_takes_only_them_along() {
    let mut bench = Bench::new();
    let up = Input::LinkUp { peers: vec![(peer(5), b"s".to_vec())], relay_time: NOW.wall };
    assert_eq!(bench.welcome(0, &[5]), [up]);
    assert_eq!(bench.welcome(1, &[5, 6]), [joined(5), joined(6)]);
    assert_eq!(bench.close(1), [left(6)]);
    assert!(bench.links.is_online());
    assert_eq!(bench.close(0), [Input::LinkDown]);
    assert!(!bench.links.is_online());
}

#[test]
fn a_peer_at_both_relays_is_gone_when_it_has_left_both() {
    let mut bench = Bench::new();
    bench.welcome(0, &[5]);
    bench.welcome(1, &[5]);
    assert_eq!(bench.receive(0, &RelayFrame::PeerLeft { peer: peer(5) }), []);
    assert_eq!(bench.receive(1, &RelayFrame::PeerLeft { peer: peer(5) }), [left(5)]);
}

#[test]
fn its_own_keys_are_no_peers() {
    let mut bench = Bench::new();
    let up = Input::LinkUp { peers: Vec::new(), relay_time: NOW.wall };
    assert_eq!(bench.welcome(0, &[2]), [up]);
    assert_eq!(bench.welcome(1, &[1, 5]), [joined(5)]);
    let status = RelayFrame::PeerStatus { peer: peer(1), status: b"t" };
    assert_eq!(bench.receive(1, &status), []);
    assert_eq!(bench.receive(1, &RelayFrame::Deliver { from: peer(1), payload: b"p" }), []);
}

#[test]
fn each_peer_is_reached_over_its_relay_and_all_of_them_over_all() {
    let mut bench = Bench::new();
    bench.welcome(0, &[5]);
    bench.welcome(1, &[6]);
    bench.links.send(NOW, peer(6), b"p", |_| 0);
    let sent = ClientFrame::Send { to: peer(6), payload: b"p" }.encode();
    assert_eq!(bench.drain(), [LinksOutput::Transmit(1, sent)]);
    bench.links.send(NOW, peer(7), b"p", |_| 0);
    assert_eq!(bench.drain(), []);
    bench.links.broadcast(NOW, b"p", |_| 0);
    let sent = ClientFrame::Broadcast { payload: b"p" }.encode();
    let both = [LinksOutput::Transmit(0, sent.clone()), LinksOutput::Transmit(1, sent)];
    assert_eq!(bench.drain(), both);
}
