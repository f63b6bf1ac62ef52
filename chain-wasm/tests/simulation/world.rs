//! Nodes, their links and clocks.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use chain_wasm::api::{ApiError, Event, Outcome};
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
pub const EPOCH: u64 = 1_700_000_000_000;

pub enum Happening {
    /// Something comes over a tab's link, if that is still the same.
    Arrival(usize, u32, Input),
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
    /// If set, the tab runs only at multiples of so many milliseconds: what happens
    /// between them waits.
    pub throttle: Option<u64>,
    /// The tab ends when it has done so many batches: the last one is on disk, but the
    /// node has not been told.
    pub crash_after: Option<u64>,
    /// Counts its links.
    pub link: u32,
    pub status: Vec<u8>,
    /// When the last of what is on its way to it arrives.
    pub last_arrival: u64,
    /// Entries that were accepted and are in memory only.
    pub volatile: BTreeSet<Hash>,
    /// Wakeups so far.
    pub wakeups: u64,
    /// Commands that have not been answered.
    pub asked: u32,
    life: u32,
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
    /// Of a thousand frames, how many come twice.
    pub duplication: u64,
    /// Whether frames may overtake each other.
    pub reorders: bool,
    /// Peers that a test plays itself, with what they were sent, and by which tab.
    pub strangers: BTreeMap<PeerId, Vec<(usize, Vec<u8>)>>,
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
            duplication: 0,
            reorders: false,
            strangers: BTreeMap::new(),
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
            throttle: None,
            crash_after: None,
            link: 0,
            status: Vec::new(),
            last_arrival: 0,
            volatile: BTreeSet::new(),
            wakeups: 0,
            asked: 0,
            life: 0,
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
        // What a store in memory held may be gone: nobody was promised more.
        for id in std::mem::take(&mut self.tabs[tab].volatile) {
            self.accepted.remove(&id);
        }
    }

    pub fn restart(&mut self, tab: usize) {
        self.crash(tab);
        self.start(tab);
        self.join(tab, 0);
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
        self.at(self.now + delay, happening);
    }

    pub fn at(&mut self, at: u64, happening: Happening) {
        let (Happening::Arrival(tab, ..)
        | Happening::Wakeup(tab)
        | Happening::StoreDone(tab, _)
        | Happening::Sealed(tab, ..)) = &happening;
        let at = self.tabs[*tab].throttle.map_or(at, |every| at.next_multiple_of(every));
        self.sequence += 1;
        self.queue.push(Reverse((at, self.sequence)));
        self.happenings.insert(self.sequence, happening);
    }

    fn drain(&mut self, tab: usize) {
        while let Some(output) = self.tabs[tab].node.as_mut().and_then(Node::poll_output) {
            if let Some(output) = self.carry_out_network(tab, output) {
                self.carry_out(tab, output);
            }
        }
        let wakeup = self.tabs[tab].node.as_ref().and_then(Node::next_wakeup);
        if let Some(at) = wakeup {
            let delay = at.0.saturating_sub(self.now).max(1);
            self.later(delay, Happening::Wakeup(tab));
        }
    }

    fn carry_out(&mut self, tab: usize, output: Output) {
        let life = self.tabs[tab].life;
        match output {
            Output::Store { store, changes } => {
                self.tabs[tab].store.give(store, changes);
                let delay = 1 + self.random(20);
                self.later(delay, Happening::StoreDone(tab, life));
            }
            Output::Load { load, blocks } => {
                self.tabs[tab].store.ask(load, blocks);
                self.later(3, Happening::StoreDone(tab, life));
            }
            Output::Seal(job) => self.start_sealing(tab, life, job),
            Output::Broadcast(_)
            | Output::Send { .. }
            | Output::SetStatus(_)
            | Output::StopSealing => {}
            Output::Event(event) => self.tabs[tab].events.push(event),
            Output::Reply { outcome, .. } => {
                if let Ok(Outcome::Entry(entry)) = &outcome {
                    self.accepted.insert(entry.id);
                    if self.tabs[tab].store.is_volatile() {
                        self.tabs[tab].volatile.insert(entry.id);
                    }
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
            1 + (0..u32::MAX).find(|n| f64::from(*n) >= hashes).map_or(0, u64::from) * HASH_TIME;
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
            Happening::Arrival(tab, link, input) => {
                if self.tabs[tab].link == link {
                    self.input(tab, input);
                }
            }
            Happening::Wakeup(tab) => {
                let due = self.tabs[tab].node.as_ref().and_then(Node::next_wakeup);
                if due.is_some_and(|due| due.0 <= self.now) {
                    self.tabs[tab].wakeups += 1;
                    self.input(tab, Input::Wakeup);
                }
            }
            Happening::StoreDone(tab, life) => self.store_done(tab, life),
            Happening::Sealed(tab, life, job) => {
                if self.tabs[tab].life == life {
                    let nonce = search(&job);
                    self.input(tab, Input::Sealed { job: job.job, nonce });
                }
            }
        }
    }

    fn store_done(&mut self, tab: usize, life: u32) {
        if self.tabs[tab].life != life {
            return;
        }
        let disk_full = self.tabs[tab].disk_full;
        let batch = self.tabs[tab].store.next_is_batch();
        let Some(input) = self.tabs[tab].store.do_next(disk_full) else { return };
        let done = self.tabs[tab].store.done;
        if batch && self.tabs[tab].crash_after == Some(done) {
            self.tabs[tab].crash_after = None;
            self.restart(tab);
        } else {
            self.input(tab, input);
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
