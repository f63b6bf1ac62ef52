//! The relays and what is on its way through them.
//!
//! What one tab gets comes in the order in which its relay sent it, as over one socket,
//! unless frames are to be reordered; what was sent over an earlier link is lost with it.

use std::sync::Arc;

use chain_wasm::node::{Input, Output};
use chain_wasm::primitives::{PeerId, UnixMillis};
use chain_wasm::wire::{MAX_MESSAGE, MAX_STATUS, Message};

use super::happening::Happening;
use super::statistics::Fault;
use super::tab::Link;
use super::trace::Detail;
use super::world::{EPOCH, World};

impl World {
    /// Connects a tab to a relay.
    pub fn join(&mut self, tab: usize, relay: u32) {
        self.cut(tab);
        if self.tabs[tab].node.is_none() {
            return;
        }
        self.trace.log(Detail::Steps, self.now, tab, || format!("joins relay {relay}"));
        let me = self.peer(tab);
        let others = self.others_at(tab, relay);
        let honest = others.iter().map(|other| {
            let other = &self.tabs[*other];
            (other.peer, other.status.to_vec())
        });
        let liars = self.liars.iter().filter(|liar| liar.relay == relay);
        let liars = liars.map(|liar| (liar.peer(), liar.status.clone()));
        let peers = honest.chain(liars).collect();
        self.tabs[tab].relay = Some(relay);
        self.tabs[tab].last_arrival = 0;
        let status = self.tabs[tab].status.clone();
        for other in others {
            self.send_later(other, Input::PeerJoined { peer: me, status: status.to_vec() });
        }
        self.input(tab, Input::LinkUp { peers, relay_time: UnixMillis(EPOCH + self.now) });
    }

    /// Disconnects a tab from its relay.
    pub fn cut(&mut self, tab: usize) {
        let Some(relay) = self.tabs[tab].relay.take() else { return };
        self.tabs[tab].link += 1;
        self.trace.log(Detail::Steps, self.now, tab, || format!("is cut from relay {relay}"));
        let me = self.peer(tab);
        for other in self.others_at(tab, relay) {
            self.send_later(other, Input::PeerLeft { peer: me });
        }
        self.input(tab, Input::LinkDown);
    }

    /// A relay ends and is started again: all links drop, and come back one by one.
    pub fn restart_relay(&mut self, relay: u32) {
        let tabs: Vec<usize> =
            (0..self.tabs.len()).filter(|tab| self.tabs[*tab].relay == Some(relay)).collect();
        for tab in &tabs {
            self.cut(*tab);
        }
        for tab in tabs {
            let wait = self.random(1_000);
            self.run(wait);
            self.join(tab, relay);
        }
    }

    pub(super) fn others_at(&self, tab: usize, relay: u32) -> Vec<usize> {
        (0..self.tabs.len()).filter(|o| *o != tab && self.tabs[*o].relay == Some(relay)).collect()
    }

    /// When something that is sent now arrives at a tab.
    fn arrival(&mut self, tab: usize, more: u64, reorders: bool) -> u64 {
        let (from, to) = self.latency;
        let link = self.tabs[tab].quality;
        let jitter = if link.jitter > 0 { self.random(link.jitter) } else { 0 };
        let delay = from + self.random(to - from + 1) + link.latency + jitter + more;
        // A hidden tab reads when it wakes: not what came later before what came earlier,
        // should it be shown meanwhile.
        let mut at = self.throttled(tab, self.now + delay);
        if !reorders {
            at = at.max(self.tabs[tab].last_arrival);
            self.tabs[tab].last_arrival = at;
        }
        at
    }

    pub(super) fn send_later(&mut self, tab: usize, input: Input) {
        let reorders = self.reorders;
        let at = self.arrival(tab, 0, reorders);
        let link = self.tabs[tab].link;
        self.at(at, Happening::Arrival(tab, link, input));
    }

    fn happens(&mut self, fault: Fault, per_mille: u64) -> bool {
        // No draw where nothing can happen: it would cost time.
        let happens = per_mille > 0 && self.random(1_000) < per_mille;
        if happens {
            self.statistics.injected(fault);
        }
        happens
    }

    /// A frame, which may get lost on its way, come twice, or overtake another. `out` is
    /// the link over which it was sent.
    pub(super) fn frame(&mut self, from: PeerId, out: Link, to: usize, bytes: &Arc<[u8]>) {
        let back = self.tabs[to].quality;
        if self.happens(Fault::Loss, self.loss + out.loss + back.loss) {
            return;
        }
        let twice = self.duplication + out.duplication + back.duplication;
        let times = if self.happens(Fault::Duplication, twice) { 2 } else { 1 };
        for _ in 0..times {
            let overtakes = self.happens(Fault::Reordering, out.reordering + back.reordering);
            let reorders = self.reorders || overtakes;
            let jitter = if out.jitter > 0 { self.random(out.jitter) } else { 0 };
            let at = self.arrival(to, out.latency + jitter, reorders);
            let link = self.tabs[to].link;
            self.at(at, Happening::Frame(to, link, from, bytes.clone()));
        }
    }

    /// What a stranger was sent since this was last asked for.
    pub fn asked(&mut self, stranger: PeerId) -> Vec<Message> {
        let frames = std::mem::take(self.strangers.get_mut(&stranger).unwrap());
        frames.iter().map(|(_, bytes)| Message::decode(bytes).unwrap()).collect()
    }

    /// Carries out what has to do with the network; gives back anything else.
    pub(super) fn carry_out_network(&mut self, tab: usize, output: Output) -> Option<Output> {
        match output {
            Output::Broadcast(bytes) => self.broadcast(tab, &bytes.into()),
            Output::Send { to, bytes } => self.send(tab, to, bytes),
            Output::SetStatus(status) => self.set_status(tab, status.into()),
            other => return Some(other),
        }
        None
    }

    fn broadcast(&mut self, tab: usize, bytes: &Arc<[u8]>) {
        assert!(bytes.len() <= MAX_MESSAGE, "a message of {} bytes", bytes.len());
        self.trace.sent(self.now, tab, None, bytes);
        self.tabs[tab].sent += 1;
        self.statistics.broadcasts += 1;
        let Some(relay) = self.tabs[tab].relay else { return };
        let (me, out) = (self.peer(tab), self.tabs[tab].quality);
        for other in self.others_at(tab, relay) {
            self.frame(me, out, other, bytes);
        }
        for liar in 0..self.liars.len() {
            if self.liars[liar].relay == relay {
                self.later(out.latency + 20, Happening::Told(liar, me, bytes.clone()));
            }
        }
    }

    fn send(&mut self, tab: usize, to: PeerId, bytes: Vec<u8>) {
        assert!(bytes.len() <= MAX_MESSAGE, "a message of {} bytes", bytes.len());
        self.trace.sent(self.now, tab, Some(to), &bytes);
        self.tabs[tab].sent += 1;
        self.statistics.directed += 1;
        if let Some(frames) = self.strangers.get_mut(&to) {
            frames.push((tab, bytes));
            return;
        }
        let Some(relay) = self.tabs[tab].relay else { return };
        let (me, out) = (self.peer(tab), self.tabs[tab].quality);
        let there = self.by_peer.get(&to).filter(|other| self.tabs[**other].relay == Some(relay));
        if let Some(other) = there.copied() {
            self.frame(me, out, other, &bytes.into());
        } else if let Some(liar) = self.liar_at(to, relay) {
            self.later(out.latency + 20, Happening::Told(liar, me, bytes.into()));
        } else {
            self.send_later(tab, Input::Undeliverable { to });
        }
    }

    fn set_status(&mut self, tab: usize, status: Arc<[u8]>) {
        assert!(status.len() <= MAX_STATUS, "a status of {} bytes", status.len());
        self.statistics.statuses += 1;
        self.tabs[tab].status = status;
        let Some(relay) = self.tabs[tab].relay else { return };
        let me = self.peer(tab);
        for other in self.others_at(tab, relay) {
            let status = self.tabs[tab].status.to_vec();
            self.send_later(other, Input::PeerStatus { peer: me, status });
        }
    }
}
