//! A room and the other relays that have peers in it: what they say, and what is said to
//! them.
//!
//! Each relay numbers its changes. A change that does not follow on the last is not taken:
//! its relay is asked for all of its peers instead, and a beat every few seconds says
//! whether something was missed. So whatever is lost on the way, rooms come to agree.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use chain_wasm::primitives::{PeerId, UnixMillis};
use chain_wasm::relay::{Refusal, RelayFrame};

use super::{Room, encode};
use crate::cluster::{DirectMessage, RelayId, RoomMessage, RoomSide, Seated, Stamp, To};
use crate::limits::MAX_PEERS_PER_ROOM;
use crate::rooms::remote::{Away, Order, Remote};
use crate::rooms::{Link, lock};

/// Of a connection that is older than this, in milliseconds, and one that another relay
/// says begins now, the latter is the newer, whatever the clocks say. Of two that began
/// together, either may be.
const TOGETHER: u64 = 5_000;

impl<L: Link> Room<L> {
    pub(super) fn say_change(&mut self, message: impl FnOnce(RelayId, u64) -> Vec<u8>) {
        if let Some(line) = &mut self.line {
            line.seq += 1;
            let (relay, seq) = (line.relay, line.seq);
            line.say(To::Room, || message(relay, seq));
        }
    }

    fn ask(&self, of: RelayId) {
        if let Some(line) = &self.line {
            let relay = line.relay;
            line.say(To::Room, || RoomMessage::Ask { relay, of }.encode());
        }
    }

    fn present(&self, relay: RelayId, seq: u64, answer: bool) -> Vec<u8> {
        let seated = self.members.iter().map(|(peer, member)| Seated {
            peer: *peer,
            stamp: member.stamp,
            status: &member.status,
        });
        RoomMessage::Present { relay, seq, answer, peers: seated.collect() }.encode()
    }

    fn hello(&mut self) {
        let Some(line) = &mut self.line else { return };
        let was_cut = !std::mem::replace(&mut line.connected, true);
        let new_since = line.new_since.take();
        let (relay, seq, outbox) = (line.relay, line.seq, Arc::clone(&line.outbox));
        let whole = self.present(relay, seq, true);
        // Joining is more than being there: who joins has the newest connection. So those
        // who wait in a new room's outbox are said to join, before the others answer.
        if let Some(seq) = new_since {
            let nobody =
                RoomMessage::Present { relay, seq, answer: false, peers: Vec::new() }.encode();
            outbox.push_first(To::Room, nobody);
            outbox.push(To::Room, whole);
        } else {
            outbox.push_first(To::Room, whole);
        }
        if was_cut {
            self.tell_all(&RelayFrame::Reach { whole: true });
        }
    }

    fn cut(&mut self) {
        let Some(line) = &mut self.line else { return };
        line.outbox.clear();
        line.new_since = None;
        if std::mem::replace(&mut line.connected, false) {
            for peer in self.remote.clear() {
                if !self.members.contains_key(&peer) {
                    self.tell_all(&RelayFrame::PeerLeft { peer });
                }
            }
            self.tell_all(&RelayFrame::Reach { whole: false });
        }
    }

    fn tick(&mut self) {
        for relay in self.remote.tick() {
            for peer in self.remote.of(relay) {
                self.change(peer, |remote| remote.remove(&peer, relay));
            }
        }
        if let Some(line) = &self.line {
            let (relay, seq) = (line.relay, line.seq);
            line.say(To::Room, || RoomMessage::Beat { relay, seq }.encode());
        }
    }

    fn hear(&mut self, message: &RoomMessage<'_>, now: UnixMillis) {
        let relay = message.relay();
        let Some(line) = &self.line else { return };
        let (me, seq) = (line.relay, line.seq);
        // What was under way when the line was cut is as good as lost.
        if !line.connected || relay == me || !self.remote.heard(relay) {
            return;
        }
        match message {
            RoomMessage::Present { seq: theirs, answer, peers, .. } => {
                if self.remote.known_up_to(relay, *theirs) {
                    self.reconcile(relay, peers);
                }
                if *answer {
                    let present = self.present(me, seq, false);
                    if let Some(line) = &self.line {
                        line.say(To::Room, || present);
                    }
                }
            }
            RoomMessage::Joined { seq, peer, .. } => {
                if self.follows(relay, *seq) {
                    let older = self.members.get(&peer.peer).map(|member| member.since);
                    if older.is_some_and(|since| now.0 >= since.0.saturating_add(TOGETHER)) {
                        self.replace(peer.peer);
                    }
                    self.take_in(relay, peer);
                }
            }
            RoomMessage::Left { seq, peer, stamp, .. } => {
                if self.follows(relay, *seq) {
                    self.let_go(relay, *peer, *stamp);
                }
            }
            RoomMessage::Status { seq, peer, status, .. } => {
                if self.follows(relay, *seq) {
                    self.show(relay, *peer, status);
                }
            }
            RoomMessage::Beat { seq, .. } => {
                if self.remote.missed(relay, *seq) {
                    self.ask(relay);
                }
            }
            RoomMessage::Ask { of, .. } => {
                if *of == me {
                    let present = self.present(me, seq, false);
                    if let Some(line) = &self.line {
                        line.say(To::Room, || present);
                    }
                }
            }
            RoomMessage::Broadcast { from, payload, .. } => {
                if self.is_at(relay, from) {
                    self.tell_others(*from, &RelayFrame::Deliver { from: *from, payload });
                }
            }
        }
    }

    fn hear_direct(&mut self, message: &DirectMessage<'_>) {
        match message {
            DirectMessage::Deliver { relay, from, to, payload } => {
                if !self.is_at(*relay, from) {
                    return;
                }
                let frame = || encode(&RelayFrame::Deliver { from: *from, payload });
                let delivered =
                    self.members.get(to).is_some_and(|member| member.link.send(frame()));
                if let Some(line) = self.line.as_ref().filter(|_| !delivered) {
                    let (from, to) = (*from, *to);
                    let message = || DirectMessage::Undeliverable { from, to }.encode();
                    line.say(To::Relay(*relay), message);
                }
            }
            DirectMessage::Undeliverable { from, to } => {
                self.tell(*from, &RelayFrame::Undeliverable { to: *to });
            }
        }
    }

    /// Whether a change follows on what is known of a relay; if something is missing in
    /// between, the relay is asked.
    fn follows(&mut self, relay: RelayId, seq: u64) -> bool {
        let order = self.remote.change(relay, seq);
        if order == Order::Gap {
            self.ask(relay);
        }
        order == Order::Next
    }

    /// Whether a peer's newest connection is at a relay as far as is known; if it has none
    /// there, the relay is asked.
    fn is_at(&mut self, relay: RelayId, peer: &PeerId) -> bool {
        if self.remote.get_mut(peer, relay).is_none() && self.remote.doubt(relay) {
            self.ask(relay);
        }
        let newest = self.remote.newest(peer).is_some_and(|(there, _)| there == relay);
        newest && !self.members.contains_key(peer)
    }

    /// A relay has said who it has.
    fn reconcile(&mut self, relay: RelayId, peers: &[Seated<'_>]) {
        let listed: BTreeSet<PeerId> = peers.iter().map(|seated| seated.peer).collect();
        for peer in self.remote.of(relay) {
            if !listed.contains(&peer) {
                self.change(peer, |remote| remote.remove(&peer, relay));
            }
        }
        for seated in peers {
            self.take_in(relay, seated);
        }
    }

    /// A relay has a peer. If it is here as well, the older of its connections ends.
    fn take_in(&mut self, relay: RelayId, seated: &Seated<'_>) {
        let Seated { peer, stamp, status } = *seated;
        let me = self.line.as_ref().map(|line| line.relay);
        if let Some(member) = self.members.get(&peer)
            && Some((stamp, relay)) > me.map(|me| (member.stamp, me))
        {
            self.replace(peer);
        }
        let is_new = self.remote.get_mut(&peer, relay).is_none();
        if is_new && self.members.len() + self.remote.len().1 >= MAX_PEERS_PER_ROOM {
            tracing::debug!(%relay, "a room has too many peers at other relays");
            return;
        }
        let away = Away { stamp, status: Bytes::copy_from_slice(status) };
        self.change(peer, |remote| remote.insert(peer, relay, away));
    }

    /// A peer has a newer connection elsewhere.
    fn replace(&mut self, peer: PeerId) {
        if let Some(older) = self.unseat(peer) {
            older.link.close(Refusal::Replaced);
            self.tell_all(&RelayFrame::PeerLeft { peer });
            if let Some((_, away)) = self.remote.newest(&peer) {
                self.tell_all(&RelayFrame::PeerJoined { peer, status: &away.status });
            }
        }
    }

    /// A relay has a connection no longer.
    fn let_go(&mut self, relay: RelayId, peer: PeerId, stamp: Stamp) {
        if self.remote.get_mut(&peer, relay).is_some_and(|away| away.stamp == stamp) {
            self.change(peer, |remote| remote.remove(&peer, relay));
        }
    }

    /// A peer at a relay has a status.
    fn show(&mut self, relay: RelayId, peer: PeerId, status: &[u8]) {
        self.change(peer, |remote| {
            if let Some(away) = remote.get_mut(&peer, relay) {
                away.status = Bytes::copy_from_slice(status);
            }
        });
    }

    /// Changes what is known of a peer, and tells the members what they see of it.
    fn change(&mut self, peer: PeerId, change: impl FnOnce(&mut Remote)) {
        let newest = |remote: &Remote| remote.newest(&peer).map(|(at, away)| (at, away.clone()));
        let before = newest(&self.remote);
        change(&mut self.remote);
        let after = newest(&self.remote);
        if self.members.contains_key(&peer) || before == after {
            return;
        }
        match (before, after) {
            (Some((at, old)), Some((there, new))) if (at, old.stamp) == (there, new.stamp) => {
                self.tell_all(&RelayFrame::PeerStatus { peer, status: &new.status });
            }
            (before, after) => {
                if before.is_some() {
                    self.tell_all(&RelayFrame::PeerLeft { peer });
                }
                if let Some((_, new)) = after {
                    self.tell_all(&RelayFrame::PeerJoined { peer, status: &new.status });
                }
            }
        }
    }
}

impl<L: Link> RoomSide for Mutex<Room<L>> {
    fn hello(&self) {
        lock(self).hello();
    }

    fn cut(&self) {
        lock(self).cut();
    }

    fn tick(&self) {
        lock(self).tick();
    }

    fn hear(&self, message: &RoomMessage<'_>, now: UnixMillis) {
        lock(self).hear(message, now);
    }

    fn hear_direct(&self, message: &DirectMessage<'_>) {
        lock(self).hear_direct(message);
    }
}
