//! The relays and what is on its way through them.
//!
//! What one tab gets comes in the order in which its relay sent it, as over one socket,
//! unless frames are to be reordered; what was sent over an earlier link is lost with it.

use chain_wasm::node::{Input, Output};
use chain_wasm::primitives::{PeerId, UnixMillis};
use chain_wasm::wire::Message;

use super::world::{EPOCH, Happening, World};

impl World {
    /// Connects a tab to a relay.
    pub fn join(&mut self, tab: usize, relay: u32) {
        self.cut(tab);
        if self.tabs[tab].node.is_none() {
            return;
        }
        let me = self.peer(tab);
        let others = self.others_at(tab, relay);
        let peers = others.iter().map(|o| (self.peer(*o), self.tabs[*o].status.clone())).collect();
        self.tabs[tab].relay = Some(relay);
        let status = self.tabs[tab].status.clone();
        for other in others {
            self.send_later(other, Input::PeerJoined { peer: me, status: status.clone() });
        }
        self.input(tab, Input::LinkUp { peers, relay_time: UnixMillis(EPOCH + self.now) });
    }

    /// Disconnects a tab from its relay.
    pub fn cut(&mut self, tab: usize) {
        let Some(relay) = self.tabs[tab].relay.take() else { return };
        self.tabs[tab].link += 1;
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

    fn others_at(&self, tab: usize, relay: u32) -> Vec<usize> {
        (0..self.tabs.len()).filter(|o| *o != tab && self.tabs[*o].relay == Some(relay)).collect()
    }

    pub(super) fn send_later(&mut self, tab: usize, input: Input) {
        let (from, to) = self.latency;
        let delay = from + self.random(to - from + 1);
        let mut at = self.now + delay;
        if !self.reorders {
            at = at.max(self.tabs[tab].last_arrival);
            self.tabs[tab].last_arrival = at;
        }
        let link = self.tabs[tab].link;
        self.at(at, Happening::Arrival(tab, link, input));
    }

    /// A frame, which may get lost on its way, or come twice.
    fn frame(&mut self, from: PeerId, to: usize, bytes: Vec<u8>) {
        if self.random(1_000) < self.loss {
            return;
        }
        if self.random(1_000) < self.duplication {
            self.send_later(to, Input::Frame { from, bytes: bytes.clone() });
        }
        self.send_later(to, Input::Frame { from, bytes });
    }

    /// What a stranger was sent since this was last asked for.
    pub fn asked(&mut self, stranger: PeerId) -> Vec<Message> {
        let frames = std::mem::take(self.strangers.get_mut(&stranger).unwrap());
        frames.iter().map(|(_, bytes)| Message::decode(bytes).unwrap()).collect()
    }

    /// Carries out what has to do with the network; gives back anything else.
    pub(super) fn carry_out_network(&mut self, tab: usize, output: Output) -> Option<Output> {
        let me = self.peer(tab);
        let others = self.tabs[tab].relay.map(|relay| self.others_at(tab, relay));
        match output {
            Output::Broadcast(bytes) => {
                self.tabs[tab].sent += 1;
                for other in others.unwrap_or_default() {
                    self.frame(me, other, bytes.clone());
                }
            }
            Output::Send { to, bytes } => {
                self.tabs[tab].sent += 1;
                if let Some(frames) = self.strangers.get_mut(&to) {
                    frames.push((tab, bytes));
                } else if let Some(others) = others {
                    match others.into_iter().find(|other| self.peer(*other) == to) {
                        Some(other) => self.frame(me, other, bytes),
                        None => self.send_later(tab, Input::Undeliverable { to }),
                    }
                }
            }
            Output::SetStatus(status) => {
                self.tabs[tab].status.clone_from(&status);
                for other in others.unwrap_or_default() {
                    let status = status.clone();
                    self.send_later(other, Input::PeerStatus { peer: me, status });
                }
            }
            other => return Some(other),
        }
        None
    }
}
