//! Several relays as one: a node has one link, and an archive bridges relays by giving it the
//! peers of all of them.
//!
//! No I/O here. A peer that is at several relays counts once, and is gone when it has left the
//! last of them; the node is offline only while no relay is reached. Each link has a key of its
//! own, since relays that are joined otherwise, too, would take two connections of one key for
//! one that replaces the other; the archive's own keys are no peers.

use std::collections::{BTreeSet, VecDeque};

use chain_wasm::api::LinkView;
use chain_wasm::link::{Link, LinkConfig, LinkOutput, SocketEvent, SocketId};
use chain_wasm::node::{Input, Now};
use chain_wasm::primitives::{Instant, Keypair, PeerId};
use chain_wasm::relay::RoomId;

/// Which of the links, counted from 0 in the order of their beginning.
pub(super) type LinkIndex = usize;

/// What the driver has to do.
#[derive(Debug, PartialEq)]
pub(super) enum LinksOutput {
    /// Open a link's socket.
    Open(LinkIndex, SocketId),
    /// Close it.
    Close(LinkIndex),
    /// Send a frame on it.
    Transmit(LinkIndex, Vec<u8>),
    /// Tell the node.
    Node(Input),
    /// Tell whoever reads the log.
    Log(LinkIndex, String),
}

struct Member {
    link: Link,
    session: PeerId,
    online: bool,
    peers: BTreeSet<PeerId>,
}

/// The links of a room.
pub(super) struct Links {
    room: RoomId,
    members: Vec<Member>,
    status: Vec<u8>,
    outputs: VecDeque<LinksOutput>,
}

impl Links {
    pub(super) fn new(room: RoomId) -> Self {
        Self { room, members: Vec::new(), status: Vec::new(), outputs: VecDeque::new() }
    }

    /// Begins another link, with a key for it and a seed for its delays.
    pub(super) fn begin(&mut self, now: Now, session: Keypair, seed: [u8; 32]) {
        let own = session.public();
        let config = LinkConfig { room: self.room, session, seed, loopback: true, online: true };
        let mut link = Link::new(config);
        link.set_status(now, self.status.clone(), 0);
        link.start(now);
        let peers = BTreeSet::new();
        self.members.push(Member { link, session: own, online: false, peers });
    }

    /// Ends all links.
    pub(super) fn end(&mut self, now: Now) {
        for member in &mut self.members {
            member.link.set_connected(now, false);
        }
    }

    /// Tries at once what waits for its next try.
    pub(super) fn hurry(&mut self, now: Now) {
        for member in &mut self.members {
            member.link.shown(now);
        }
    }

    /// Whether any relay is reached.
    pub(super) fn is_online(&self) -> bool {
        self.members.iter().any(|member| member.online)
    }

    pub(super) fn views(&self, now: Instant) -> impl Iterator<Item = LinkView> {
        self.members.iter().map(move |member| member.link.view(now))
    }

    pub(super) fn next_wakeup(&self) -> Option<Instant> {
        self.members.iter().filter_map(|member| member.link.next_wakeup()).min()
    }

    pub(super) fn wakeup(&mut self, now: Now) {
        for member in &mut self.members {
            member.link.wakeup(now);
        }
    }

    /// Takes what a link's socket did.
    pub(super) fn socket(
        &mut self,
        now: Now,
        link: LinkIndex,
        socket: SocketId,
        event: &SocketEvent,
    ) {
        if let Some(member) = self.members.get_mut(link) {
            member.link.socket(now, socket, event);
        }
    }

    /// Sends to every peer of every relay; `buffered` is how many bytes wait in a socket.
    pub(super) fn broadcast(
        &mut self,
        now: Now,
        payload: &[u8],
        buffered: impl Fn(LinkIndex) -> usize,
    ) {
        for (index, member) in self.members.iter_mut().enumerate() {
            member.link.broadcast(now, payload, buffered(index));
        }
    }

    /// Sends to a peer, over the first relay that has it.
    pub(super) fn send(
        &mut self,
        now: Now,
        to: PeerId,
        payload: &[u8],
        buffered: impl Fn(LinkIndex) -> usize,
    ) {
        let mut members = self.members.iter_mut().enumerate();
        if let Some((index, member)) = members.find(|(_, member)| member.peers.contains(&to)) {
            member.link.send(now, to, payload, buffered(index));
        }
    }

    /// Shows a status at every relay.
    pub(super) fn set_status(
        &mut self,
        now: Now,
        status: Vec<u8>,
        buffered: impl Fn(LinkIndex) -> usize,
    ) {
        for (index, member) in self.members.iter_mut().enumerate() {
            member.link.set_status(now, status.clone(), buffered(index));
        }
        self.status = status;
    }

    /// The next thing to do, in order.
    pub(super) fn poll_output(&mut self) -> Option<LinksOutput> {
        while self.outputs.is_empty() {
            let mut members = self.members.iter_mut().enumerate();
            let (index, output) =
                members.find_map(|(index, member)| Some((index, member.link.poll_output()?)))?;
            match output {
                LinkOutput::Open(socket) => {
                    self.outputs.push_back(LinksOutput::Open(index, socket));
                }
                LinkOutput::Close => self.outputs.push_back(LinksOutput::Close(index)),
                LinkOutput::Transmit(frame) => {
                    self.outputs.push_back(LinksOutput::Transmit(index, frame));
                }
                LinkOutput::Node(input) => self.merge(index, input),
                LinkOutput::Log(text) => self.outputs.push_back(LinksOutput::Log(index, text)),
                LinkOutput::View(_) => {}
            }
        }
        self.outputs.pop_front()
    }

    /// What a link tells its node, as one of several.
    fn merge(&mut self, link: LinkIndex, input: Input) {
        match input {
            Input::LinkUp { peers, relay_time } => {
                let first = !self.is_online();
                let peers: Vec<_> =
                    peers.into_iter().filter(|(peer, _)| !self.is_own(peer)).collect();
                if let Some(member) = self.members.get_mut(link) {
                    member.online = true;
                    member.peers = peers.iter().map(|(peer, _)| *peer).collect();
                }
                if first {
                    return self.tell(Input::LinkUp { peers, relay_time });
                }
                for (peer, status) in peers {
                    self.tell(Input::PeerJoined { peer, status });
                }
            }
            Input::LinkDown => {
                let Some(member) = self.members.get_mut(link) else { return };
                member.online = false;
                let gone = std::mem::take(&mut member.peers);
                if !self.is_online() {
                    return self.tell(Input::LinkDown);
                }
                for peer in gone {
                    self.left(peer);
                }
            }
            Input::PeerJoined { peer, .. } | Input::PeerStatus { peer, .. } => {
                if !self.is_own(&peer) {
                    if let Some(member) = self.members.get_mut(link) {
                        member.peers.insert(peer);
                    }
                    self.tell(input);
                }
            }
            Input::PeerLeft { peer } | Input::Undeliverable { to: peer } => {
                if let Some(member) = self.members.get_mut(link) {
                    member.peers.remove(&peer);
                }
                self.left(peer);
            }
            Input::Frame { from, .. } if self.is_own(&from) => {}
            other => self.tell(other),
        }
    }

    /// A peer has left a relay.
    fn left(&mut self, peer: PeerId) {
        if !self.members.iter().any(|member| member.peers.contains(&peer)) {
            self.tell(Input::PeerLeft { peer });
        }
    }

    fn is_own(&self, peer: &PeerId) -> bool {
        self.members.iter().any(|member| member.session == *peer)
    }

    fn tell(&mut self, input: Input) {
        self.outputs.push_back(LinksOutput::Node(input));
    }
}

#[cfg(test)]
mod tests;
