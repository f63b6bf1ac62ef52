//! One room: its members, in the order of their keys, and its peers at other relays.

mod elsewhere;

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use chain_wasm::primitives::{PeerId, UnixMillis};
use chain_wasm::relay::{Presence, Refusal, RelayFrame};

use super::remote::Remote;
use super::{Census, ConnectionId, Link};
use crate::cluster::{DirectMessage, Outbox, RelayId, RoomMessage, Seated, Stamp, To};

/// The members of one room.
#[derive(Debug)]
pub(super) struct Room<L> {
    members: BTreeMap<PeerId, Member<L>>,
    /// Empty without a cluster.
    remote: Remote,
    line: Option<Line>,
}

#[derive(Debug)]
struct Member<L> {
    connection: ConnectionId,
    link: L,
    status: Bytes,
    stamp: Stamp,
    since: UnixMillis,
}

/// The room's line to other relays.
#[derive(Debug)]
pub(super) struct Line {
    pub(super) relay: RelayId,
    /// The latest change of who is here.
    pub(super) seq: u64,
    pub(super) connected: bool,
    /// The room is new: all its changes after this one wait in the outbox.
    pub(super) new_since: Option<u64>,
    pub(super) outbox: Arc<Outbox>,
}

impl<L: Link> Room<L> {
    pub(super) fn new(line: Option<Line>) -> Self {
        Self { members: BTreeMap::new(), remote: Remote::default(), line }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// Nobody is here any more.
    pub(super) fn end(&self) {
        if let Some(line) = &self.line {
            line.outbox.close();
        }
    }

    pub(super) fn count(&self, census: &mut Census) {
        census.peers += self.members.len();
        census.remote_peers += self.remote.len().0;
        for member in self.members.values() {
            let waiting = member.link.waiting();
            census.queued = census.queued.saturating_add(waiting);
            census.queued_most = census.queued_most.max(waiting);
        }
    }

    pub(super) fn join(
        &mut self,
        connection: ConnectionId,
        peer: PeerId,
        status: &[u8],
        link: L,
        now: UnixMillis,
        max_peers: usize,
    ) -> Result<(), Refusal> {
        let away = self.remote.newest(&peer).map(|(_, away)| away.stamp);
        let older = if let Some(older) = self.members.remove(&peer) {
            older.link.close(Refusal::Replaced);
            away.max(Some(older.stamp))
        } else {
            away
        };
        if older.is_some() {
            self.tell_others(peer, &RelayFrame::PeerLeft { peer });
        } else if self.members.len() + self.remote.len().0 >= max_peers {
            return Err(Refusal::RoomFull);
        }
        link.send(encode(&RelayFrame::Welcome { time: now, peers: self.presence(peer) }));
        if self.line.as_ref().is_some_and(|line| !line.connected) {
            link.send(encode(&RelayFrame::Reach { whole: false }));
        }
        self.tell_others(peer, &RelayFrame::PeerJoined { peer, status });
        let stamp = now.0.max(older.map_or(0, |older| older.saturating_add(1)));
        let status_bytes = Bytes::copy_from_slice(status);
        let member = Member { connection, link, status: status_bytes, stamp, since: now };
        self.members.insert(peer, member);
        self.say_change(|relay, seq| {
            RoomMessage::Joined { relay, seq, peer: Seated { peer, stamp, status } }.encode()
        });
        Ok(())
    }

    pub(super) fn leave(&mut self, connection: ConnectionId, peer: PeerId) {
        if self.is_seated(connection, peer) {
            self.unseat(peer);
            self.tell_all(&RelayFrame::PeerLeft { peer });
            if let Some((_, away)) = self.remote.newest(&peer) {
                self.tell_all(&RelayFrame::PeerJoined { peer, status: &away.status });
            }
        }
    }

    pub(super) fn broadcast(&self, connection: ConnectionId, from: PeerId, payload: &[u8]) {
        if !self.is_seated(connection, from) {
            return;
        }
        self.tell_others(from, &RelayFrame::Deliver { from, payload });
        if let Some(line) = self.line.as_ref().filter(|_| !self.remote.is_empty()) {
            let relay = line.relay;
            line.say(To::Room, || RoomMessage::Broadcast { relay, from, payload }.encode());
        }
    }

    pub(super) fn send(&self, connection: ConnectionId, from: PeerId, to: PeerId, payload: &[u8]) {
        if !self.is_seated(connection, from) {
            return;
        }
        let delivered = if let Some(member) = self.members.get(&to) {
            member.link.send(encode(&RelayFrame::Deliver { from, payload }))
        } else if let (Some((there, _)), Some(line)) = (self.remote.newest(&to), &self.line) {
            let relay = line.relay;
            let message = || DirectMessage::Deliver { relay, from, to, payload }.encode();
            line.say(To::Relay(there), message)
        } else {
            false
        };
        if !delivered {
            self.tell(from, &RelayFrame::Undeliverable { to });
        }
    }

    pub(super) fn set_status(&mut self, connection: ConnectionId, peer: PeerId, status: &[u8]) {
        match self.members.get_mut(&peer) {
            Some(member) if member.connection == connection && member.status != status => {
                member.status = Bytes::copy_from_slice(status);
            }
            _ => return,
        }
        self.tell_others(peer, &RelayFrame::PeerStatus { peer, status });
        self.say_change(|relay, seq| RoomMessage::Status { relay, seq, peer, status }.encode());
    }

    fn is_seated(&self, connection: ConnectionId, peer: PeerId) -> bool {
        self.members.get(&peer).is_some_and(|member| member.connection == connection)
    }

    /// Removes a member, and says so to other relays.
    fn unseat(&mut self, peer: PeerId) -> Option<Member<L>> {
        let member = self.members.remove(&peer)?;
        let stamp = member.stamp;
        self.say_change(|relay, seq| RoomMessage::Left { relay, seq, peer, stamp }.encode());
        Some(member)
    }

    /// Who is there beside a peer.
    fn presence(&self, except: PeerId) -> Vec<Presence<'_>> {
        let here = self.members.iter().map(|(peer, member)| (*peer, &member.status));
        let there = self.remote.iter().filter(|(peer, _, _)| !self.members.contains_key(peer));
        let there = there.map(|(peer, _, away)| (*peer, &away.status));
        let all = here.chain(there).filter(|(peer, _)| *peer != except);
        all.map(|(peer, status)| Presence { peer, status }).collect()
    }

    fn tell(&self, peer: PeerId, frame: &RelayFrame<'_>) {
        if let Some(member) = self.members.get(&peer) {
            member.link.send(encode(frame));
        }
    }

    /// Encodes once; every receiver shares the bytes. A receiver whose connection
    /// is being closed is about to leave and misses nothing it could use.
    fn tell_others(&self, peer: PeerId, frame: &RelayFrame<'_>) {
        let frame = encode(frame);
        for (_, member) in self.members.iter().filter(|(other, _)| **other != peer) {
            member.link.send(frame.clone());
        }
    }

    fn tell_all(&self, frame: &RelayFrame<'_>) {
        let frame = encode(frame);
        for member in self.members.values() {
            member.link.send(frame.clone());
        }
    }
}

impl Line {
    /// Says something to other relays; `false` if there is no way to.
    fn say(&self, to: To, message: impl FnOnce() -> Vec<u8>) -> bool {
        self.connected && self.outbox.push(to, message())
    }
}

fn encode(frame: &RelayFrame<'_>) -> Bytes {
    Bytes::from(frame.encode())
}
