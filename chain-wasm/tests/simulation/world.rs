//! Nodes, their links and clocks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use chain_wasm::api::{ApiError, Event, Outcome, StorageReason};
use chain_wasm::chain::block::Header;
use chain_wasm::chain::spec::{Consensus, Spec};
use chain_wasm::node::{
    Config, Input, Node, NodeCommand, Now, Output, Restored, SealJob, StorageMode,
};
use chain_wasm::primitives::{Difficulty, Hash, Instant, Keypair, PeerId, UnixMillis};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::store::Store;

/// Virtual milliseconds that one hash takes.
const HASH_TIME: u64 = 25;
const EPOCH: u64 = 1_700_000_000_000;

enum Happening {
    Input(usize, u32, Input),
    Wakeup(usize),
    StoreDone(usize, u32),
    Sealed(usize, u32, SealJob),
}

/// One node with what is around it. `life` counts its starts: what was meant for an
/// earlier life does not arrive.
pub struct Tab {
    pub node: Option<Node>,
    pub store: Store,
    pub events: Vec<Event>,
    pub replies: Vec<Result<Outcome, ApiError>>,
    /// Which relay it is at; tabs at different relays do not hear each other.
    pub relay: Option<u32>,
    pub clock_skew: i64,
    pub disk_full: bool,
    pub seals: bool,
    pub sent: u64,
    /// Commands that have not been answered.
    pub asked: u32,
    life: u32,
    status: Vec<u8>,
    seed: u8,
}

pub struct World {
    pub tabs: Vec<Tab>,
    pub now: u64,
    /// Ids of entries that were accepted.
    pub accepted: BTreeSet<Hash>,
    pub latency: (u64, u64),
    /// Of a thousand directed or broadcast frames, how many are lost.
    pub loss: u64,
    pub spec: Spec,
    queue: BinaryHeap<Reverse<(u64, u64)>>,
    happenings: BTreeMap<u64, Happening>,
    sequence: u64,
    rng: ChaCha8Rng,
}

impl World {
    pub fn new(tabs: usize, spec: Spec, seed: u64) -> Self {
        let mut world = Self {
            tabs: Vec::new(),
            now: 0,
            accepted: BTreeSet::new(),
            latency: (2, 40),
            loss: 0,
            spec,
            queue: BinaryHeap::new(),
            happenings: BTreeMap::new(),
            sequence: 0,
            rng: ChaCha8Rng::seed_from_u64(seed),
        };
        for _ in 0..tabs {
            world.add_tab();
        }
        world
    }

    pub fn work_spec() -> Spec {
        let floor = Difficulty::from_hashes(4);
        Spec::new("simulation", Consensus::Work { floor, target: 1_000 }, 50).unwrap()
    }

    pub fn add_tab(&mut self) -> usize {
        let seed = u8::try_from(self.tabs.len() + 1).unwrap();
        self.tabs.push(Tab {
            node: None,
            store: Store::default(),
            events: Vec::new(),
            replies: Vec::new(),
            relay: None,
            clock_skew: 0,
            disk_full: false,
            seals: true,
            sent: 0,
            asked: 0,
            life: 0,
            status: Vec::new(),
            seed,
        });
        let tab = self.tabs.len() - 1;
        self.start(tab);
        self.join(tab, 0);
        tab
    }

    pub fn random(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    pub fn peer(&self, tab: usize) -> PeerId {
        Keypair::from_seed([100 + self.tabs[tab].seed; 32]).public()
    }

    fn clocks(&self, tab: usize) -> Now {
        let wall = (EPOCH + self.now).saturating_add_signed(self.tabs[tab].clock_skew);
        Now { mono: Instant(self.now), wall: UnixMillis(wall) }
    }

    fn start(&mut self, tab: usize) {
        let restored = self.tabs[tab].store.crash();
        self.start_with(tab, restored);
    }

    pub fn start_with(&mut self, tab: usize, restored: Restored) {
        let now = self.clocks(tab);
        let peer = self.peer(tab);
        let state = &mut self.tabs[tab];
        state.life += 1;
        state.asked = 0;
        let mut seed = [state.seed; 32];
        seed[0] = u8::try_from(state.life % 256).unwrap();
        let config = Config {
            spec: self.spec.clone(),
            wallet: Keypair::from_seed([state.seed; 32]),
            peer,
            seed,
            storage: StorageMode::Durable,
        };
        state.node = Some(Node::new(config, restored, now));
        self.drain(tab);
    }

    /// Ends a tab at once: what was not durable is gone.
    pub fn crash(&mut self, tab: usize) {
        self.cut(tab);
        self.tabs[tab].node = None;
        self.tabs[tab].asked = 0;
        self.tabs[tab].life += 1;
    }

    pub fn restart(&mut self, tab: usize) {
        self.crash(tab);
        self.start(tab);
        self.join(tab, 0);
    }

    /// Connects a tab to a relay.
    pub fn join(&mut self, tab: usize, relay: u32) {
        self.cut(tab);
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
        let me = self.peer(tab);
        for other in self.others_at(tab, relay) {
            self.send_later(other, Input::PeerLeft { peer: me });
        }
        self.input(tab, Input::LinkDown);
    }

    fn others_at(&self, tab: usize, relay: u32) -> Vec<usize> {
        (0..self.tabs.len()).filter(|o| *o != tab && self.tabs[*o].relay == Some(relay)).collect()
    }

    pub fn add_entry(&mut self, tab: usize, text: &str) {
        let command = NodeCommand::AddEntry {
            media_type: "text/plain".to_owned(),
            bytes: text.as_bytes().to_vec(),
        };
        self.command(tab, command);
    }

    pub fn command(&mut self, tab: usize, command: NodeCommand) {
        self.tabs[tab].asked += 1;
        self.input(tab, Input::Command { request: 0, command });
    }

    pub fn input(&mut self, tab: usize, input: Input) {
        let now = self.clocks(tab);
        if let Some(node) = &mut self.tabs[tab].node {
            node.handle(now, input);
            self.drain(tab);
        }
    }

    fn later(&mut self, delay: u64, happening: Happening) {
        self.sequence += 1;
        self.queue.push(Reverse((self.now + delay, self.sequence)));
        self.happenings.insert(self.sequence, happening);
    }

    fn send_later(&mut self, tab: usize, input: Input) {
        let (from, to) = self.latency;
        let delay = from + self.random(to - from + 1);
        let life = self.tabs[tab].life;
        self.later(delay, Happening::Input(tab, life, input));
    }

    /// A frame, which may get lost on its way.
    pub fn frame(&mut self, from: PeerId, to: usize, bytes: Vec<u8>) {
        if self.random(1_000) >= self.loss {
            self.send_later(to, Input::Frame { from, bytes });
        }
    }

    fn drain(&mut self, tab: usize) {
        let me = self.peer(tab);
        while let Some(output) = self.tabs[tab].node.as_mut().and_then(Node::poll_output) {
            self.carry_out(tab, me, output);
        }
        let wakeup = self.tabs[tab].node.as_ref().and_then(Node::next_wakeup);
        if let Some(at) = wakeup {
            let delay = at.0.saturating_sub(self.now).max(1);
            self.later(delay, Happening::Wakeup(tab));
        }
    }

    fn carry_out(&mut self, tab: usize, me: PeerId, output: Output) {
        let life = self.tabs[tab].life;
        match output {
            Output::Broadcast(bytes) => {
                self.tabs[tab].sent += 1;
                if let Some(relay) = self.tabs[tab].relay {
                    for other in self.others_at(tab, relay) {
                        self.frame(me, other, bytes.clone());
                    }
                }
            }
            Output::Send { to, bytes } => {
                self.tabs[tab].sent += 1;
                if let Some(relay) = self.tabs[tab].relay {
                    let others = self.others_at(tab, relay);
                    match others.into_iter().find(|other| self.peer(*other) == to) {
                        Some(other) => self.frame(me, other, bytes),
                        None => self.send_later(tab, Input::Undeliverable { to }),
                    }
                }
            }
            Output::SetStatus(status) => {
                self.tabs[tab].status.clone_from(&status);
                if let Some(relay) = self.tabs[tab].relay {
                    for other in self.others_at(tab, relay) {
                        let status = status.clone();
                        self.send_later(other, Input::PeerStatus { peer: me, status });
                    }
                }
            }
            Output::Store { store, changes } => {
                self.tabs[tab].store.give(store, changes);
                let delay = 1 + self.random(20);
                self.later(delay, Happening::StoreDone(tab, life));
            }
            Output::Load { load, blocks } => {
                let blocks = blocks.iter().map(|hash| self.tabs[tab].store.load(hash)).collect();
                self.later(3, Happening::Input(tab, life, Input::Loaded { load, blocks }));
            }
            Output::Seal(job) => self.start_sealing(tab, life, job),
            Output::StopSealing => {}
            Output::Event(event) => self.tabs[tab].events.push(event),
            Output::Reply { outcome, .. } => {
                if let Ok(Outcome::Entry(entry)) = &outcome {
                    self.accepted.insert(entry.id);
                }
                self.tabs[tab].asked -= 1;
                self.tabs[tab].replies.push(outcome);
            }
        }
    }

    fn start_sealing(&mut self, tab: usize, life: u32, job: SealJob) {
        if !self.tabs[tab].seals {
            return;
        }
        // Exponentially distributed, as a search is: minus the log of a uniform number.
        let uniform = f64::from(u32::try_from(self.random(1 << 20)).unwrap() + 1) / 1_048_576.0;
        let expected = u32::try_from(job.difficulty.hashes()).unwrap();
        let hashes = f64::from(expected) * -uniform.ln();
        let delay =
            1 + (0_u32..1 << 24).find(|n| f64::from(*n) >= hashes).map_or(0, u64::from) * HASH_TIME;
        self.later(delay, Happening::Sealed(tab, life, job));
    }

    /// Lets time pass.
    pub fn run(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(Reverse((at, _))) = self.queue.peek()
            && *at <= end
        {
            self.step();
        }
        self.now = end;
    }

    /// Lets time pass until something holds; fails if it does not within `millis`.
    #[track_caller]
    pub fn run_until(&mut self, millis: u64, what: &str, holds: impl Fn(&Self) -> bool) {
        let end = self.now + millis;
        while !holds(self) {
            assert!(self.now < end && !self.queue.is_empty(), "not within {millis} ms: {what}");
            self.step();
        }
    }

    fn step(&mut self) {
        let Some(Reverse((at, sequence))) = self.queue.pop() else { return };
        self.now = self.now.max(at);
        match self.happenings.remove(&sequence).unwrap() {
            Happening::Input(tab, life, input) => {
                if self.tabs[tab].life == life {
                    self.input(tab, input);
                }
            }
            Happening::Wakeup(tab) => {
                let due = self.tabs[tab].node.as_ref().and_then(Node::next_wakeup);
                if due.is_some_and(|due| due.0 <= self.now) {
                    self.input(tab, Input::Wakeup);
                }
            }
            Happening::StoreDone(tab, life) => {
                if self.tabs[tab].life != life {
                    return;
                }
                if self.tabs[tab].disk_full {
                    if let Some(store) = self.tabs[tab].store.fail_one() {
                        let reason = StorageReason::Full;
                        self.input(tab, Input::StorageFailed { store, reason });
                    }
                } else if let Some(store) = self.tabs[tab].store.complete_one() {
                    self.input(tab, Input::Stored { store });
                }
            }
            Happening::Sealed(tab, life, job) => {
                if self.tabs[tab].life == life {
                    let nonce = search(&job);
                    self.input(tab, Input::Sealed { job: job.job, nonce });
                }
            }
        }
    }
}

/// The first nonce that fits.
pub fn search(job: &SealJob) -> u32 {
    let mut header = Header::decode(&job.header).unwrap();
    while !job.difficulty.is_met_by(&header.hash()) {
        header.nonce += 1;
    }
    header.nonce
}
