//! One room: its members, in the order of their keys.

use std::collections::BTreeMap;

use bytes::Bytes;
use chain_wasm::primitives::{PeerId, UnixMillis};
use chain_wasm::relay::{Presence, Refusal, RelayFrame};

use super::{Census, ConnectionId, Link};

/// The members of one room.
#[derive(Debug)]
pub(super) struct Room<L> {
    members: BTreeMap<PeerId, Member<L>>,
}

#[derive(Debug)]
struct Member<L> {
    connection: ConnectionId,
    link: L,
    status: Bytes,
}

impl<L> Default for Room<L> {
    fn default() -> Self {
        Self { members: BTreeMap::new() }
    }
}

impl<L: Link> Room<L> {
    pub(super) fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    pub(super) fn count(&self, census: &mut Census) {
        census.peers += self.members.len();
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
        if let Some(older) = self.members.remove(&peer) {
            older.link.close(Refusal::Replaced);
            self.tell_others(peer, &RelayFrame::PeerLeft { peer });
        } else if self.members.len() >= max_peers {
            return Err(Refusal::RoomFull);
        }
        link.send(encode(&RelayFrame::Welcome { time: now, peers: self.presence() }));
        self.tell_others(peer, &RelayFrame::PeerJoined { peer, status });
        let status = Bytes::copy_from_slice(status);
        self.members.insert(peer, Member { connection, link, status });
        Ok(())
    }

    pub(super) fn leave(&mut self, connection: ConnectionId, peer: PeerId) {
        if self.is_seated(connection, peer) {
            self.members.remove(&peer);
            self.tell_others(peer, &RelayFrame::PeerLeft { peer });
        }
    }

    pub(super) fn broadcast(&self, connection: ConnectionId, from: PeerId, payload: &[u8]) {
        if self.is_seated(connection, from) {
            self.tell_others(from, &RelayFrame::Deliver { from, payload });
        }
    }

    pub(super) fn send(&self, connection: ConnectionId, from: PeerId, to: PeerId, payload: &[u8]) {
        if !self.is_seated(connection, from) {
            return;
        }
        let delivered = self
            .members
            .get(&to)
            .is_some_and(|member| member.link.send(encode(&RelayFrame::Deliver { from, payload })));
        if !delivered && let Some(sender) = self.members.get(&from) {
            sender.link.send(encode(&RelayFrame::Undeliverable { to }));
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
    }

    fn is_seated(&self, connection: ConnectionId, peer: PeerId) -> bool {
        self.members.get(&peer).is_some_and(|member| member.connection == connection)
    }

    fn presence(&self) -> Vec<Presence<'_>> {
        self.members
            .iter()
            .map(|(peer, member)| Presence { peer: *peer, status: &member.status })
            .collect()
    }

    /// Encodes once; every receiver shares the bytes. A receiver whose connection
    /// is being closed is about to leave and misses nothing it could use.
    fn tell_others(&self, peer: PeerId, frame: &RelayFrame<'_>) {
        let frame = encode(frame);
        for (_, member) in self.members.iter().filter(|(other, _)| **other != peer) {
            member.link.send(frame.clone());
        }
    }
}

fn encode(frame: &RelayFrame<'_>) -> Bytes {
    Bytes::from(frame.encode())
}
