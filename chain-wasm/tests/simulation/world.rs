//! Nodes and what happens to them, in virtual time.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use chain_wasm::chain::pack::PackLimits;
use chain_wasm::chain::spec::{Consensus, Spec, Writers};
use chain_wasm::node::{Config, Input, Node, NodeCommand, Now, Restored, StorageMode};
use chain_wasm::primitives::{Difficulty, Hash, Instant, Keypair, PeerId, PublicKey, UnixMillis};
use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

use super::happening::{Happening, Queued};
use super::liar::Liar;
use super::outputs::search;
use super::statistics::{Fault, Statistics};
use super::tab::{Crash, Tab, seed_of};
use super::trace::{Detail, Trace};

pub const EPOCH: u64 = 1_700_000_000_000;

pub struct World {
    pub tabs: Vec<Tab>,
    /// Peers that lie, each at a relay.
    pub liars: Vec<Liar>,
    pub now: u64,
    /// Ids of entries that were accepted.
    pub accepted: BTreeSet<Hash>,
    /// Ids of entries that were refused with a word after they had been accepted.
    pub refused: BTreeSet<Hash>,
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
    /// Tabs that make experiments: others may blame them.
    pub experimenters: BTreeSet<usize>,
    pub statistics: Statistics,
    pub trace: Trace,
    /// Whether events and answers are kept for a test to look at.
    pub keeps_events: bool,
    pub(super) by_peer: BTreeMap<PeerId, usize>,
    /// How the tabs pack their blocks: by far sooner than in earnest.
    pub packs: PackLimits,
    queue: BinaryHeap<Reverse<Queued>>,
    sequence: u64,
    rng: ChaCha8Rng,
}

/// The key of a tab's wallet.
pub fn key_of(tab: usize) -> PublicKey {
    Keypair::from_seed(seed_of(tab + 1)).public()
}

impl World {
    pub fn new(tabs: usize, spec: Spec, seed: u64) -> Self {
        let mut world = Self::empty(spec, seed);
        for _ in 0..tabs {
            world.add_tab();
        }
        world
    }

    /// A world without tabs.
    pub fn empty(spec: Spec, seed: u64) -> Self {
        Self {
            tabs: Vec::new(),
            liars: Vec::new(),
            now: 0,
            accepted: BTreeSet::new(),
            refused: BTreeSet::new(),
            latency: (2, 40),
            loss: 0,
            duplication: 0,
            reorders: false,
            strangers: BTreeMap::new(),
            spec,
            experimenters: BTreeSet::new(),
            statistics: Statistics::default(),
            trace: Trace::default(),
            keeps_events: true,
            by_peer: BTreeMap::new(),
            packs: PackLimits { blocks: 4, bytes: 4_000, depth: 6 },
            queue: BinaryHeap::new(),
            sequence: 0,
            rng: ChaCha8Rng::seed_from_u64(seed),
        }
    }

    pub fn work_spec() -> Spec {
        let floor = Difficulty::from_hashes(4);
        Spec::new("simulation", Consensus::Work { floor, target: 1_000 }, 50).unwrap()
    }

    /// A room whose members have these keys, the longest wait being half a second.
    pub fn authority_spec(members: impl IntoIterator<Item = PublicKey>, writers: Writers) -> Spec {
        let mut members: Vec<PublicKey> = members.into_iter().collect();
        members.sort_unstable();
        let consensus = Consensus::Authority { members, patience: 500, writers };
        Spec::new("simulation", consensus, 50).unwrap()
    }

    /// A room whose members are the first few tabs.
    pub fn of_members(members: usize, writers: Writers) -> Spec {
        Self::authority_spec((0..members).map(key_of), writers)
    }

    pub fn add_tab(&mut self) -> usize {
        let tab = self.add_closed_tab();
        self.start(tab);
        self.join(tab, 0);
        tab
    }

    /// A tab that is not started yet.
    pub fn add_closed_tab(&mut self) -> usize {
        let tab = self.tabs.len();
        let new = Tab::new(tab + 1);
        self.by_peer.insert(new.peer, tab);
        self.tabs.push(new);
        tab
    }

    pub fn random(&mut self, bound: u64) -> u64 {
        self.rng.next_u64() % bound
    }

    /// A random number below the length of something.
    pub fn random_index(&mut self, length: usize) -> usize {
        usize::try_from(self.random(length as u64)).unwrap()
    }

    pub fn peer(&self, tab: usize) -> PeerId {
        self.tabs[tab].peer
    }

    fn clocks(&self, tab: usize) -> Now {
        let wall = (EPOCH + self.now).saturating_add_signed(self.tabs[tab].clock_skew);
        Now { mono: Instant(self.now), wall: UnixMillis(wall) }
    }

    pub(super) fn start(&mut self, tab: usize) {
        let restored = self.tabs[tab].store.crash(&self.spec);
        if let Some(seed) = self.tabs[tab].store.wallet {
            self.tabs[tab].wallet = Keypair::from_seed(seed.0);
        }
        self.start_from(tab, restored);
    }

    /// Starts a tab with something else than its store holds: it answers for nothing that
    /// it accepted before.
    pub fn start_with(&mut self, tab: usize, restored: Restored) {
        self.tabs[tab].promised.clear();
        self.start_from(tab, restored);
    }

    fn start_from(&mut self, tab: usize, restored: Restored) {
        let now = self.clocks(tab);
        let state = &mut self.tabs[tab];
        state.life += 1;
        state.asked = 0;
        let mut seed = seed_of(tab + 1);
        seed[0] = u8::try_from(state.life % 256).unwrap();
        let config = Config {
            spec: self.spec.clone(),
            secret: None,
            wallet: state.wallet.clone(),
            peer: state.peer,
            seed,
            storage: StorageMode::Durable,
        };
        state.node = Some(Node::new(config, restored, now).with_packs(self.packs));
        state.seen.forget();
        self.drain(tab);
        self.trace.log(Detail::Steps, self.now, tab, || "starts".to_owned());
        self.check_after(tab);
    }

    /// Ends a tab at once: what was not durable is gone.
    pub fn crash(&mut self, tab: usize) {
        self.cut(tab);
        self.tabs[tab].node = None;
        self.tabs[tab].asked = 0;
        self.tabs[tab].life += 1;
        self.tabs[tab].wake_at = None;
        // What a store in memory held may be gone: nobody was promised more.
        for id in std::mem::take(&mut self.tabs[tab].volatile) {
            self.accepted.remove(&id);
            self.tabs[tab].promised.remove(&id);
        }
        self.trace.log(Detail::Steps, self.now, tab, || "ends".to_owned());
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
        if self.tabs[tab].node.is_some() {
            self.trace.input(self.now, tab, &input);
        }
        if let Some(node) = &mut self.tabs[tab].node {
            node.handle(now, input);
            self.drain(tab);
            self.check_after(tab);
        }
    }

    pub(super) fn later(&mut self, delay: u64, happening: Happening) {
        self.at(self.now + delay, happening);
    }

    /// When a tab does what it would do at some time.
    pub(super) fn throttled(&self, tab: usize, at: u64) -> u64 {
        self.tabs[tab].throttle.map_or(at, |every| at.next_multiple_of(every))
    }

    pub fn at(&mut self, at: u64, happening: Happening) {
        let at = happening.tab().map_or(at, |tab| self.throttled(tab, at));
        self.sequence += 1;
        self.queue.push(Reverse(Queued { at, sequence: self.sequence, happening }));
    }

    fn drain(&mut self, tab: usize) {
        while let Some(output) = self.tabs[tab].node.as_mut().and_then(Node::poll_output) {
            if let Some(output) = self.carry_out_network(tab, output) {
                self.carry_out(tab, output);
            }
        }
        let wakeup = self.tabs[tab].node.as_ref().and_then(Node::next_wakeup);
        if let Some(at) = wakeup {
            let at = at.0.max(self.now + 1);
            let state = &mut self.tabs[tab];
            if state.wake_at.is_none_or(|earlier| at < earlier) {
                state.wake_at = Some(at);
                self.at(at, Happening::Wakeup(tab));
            }
        }
    }

    /// Lets time pass.
    pub fn run(&mut self, millis: u64) {
        let end = self.now + millis;
        while let Some(Reverse(next)) = self.queue.peek()
            && next.at <= end
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
        let Some(Reverse(Queued { at, happening, .. })) = self.queue.pop() else { return };
        self.now = self.now.max(at);
        self.statistics.happenings += 1;
        match happening {
            Happening::Arrival(tab, link, input) => {
                if self.tabs[tab].link == link {
                    self.input(tab, input);
                }
            }
            Happening::Frame(tab, link, from, bytes) => {
                if self.tabs[tab].link == link {
                    self.input(tab, Input::Frame { from, bytes: bytes.to_vec() });
                }
            }
            Happening::Wakeup(tab) => self.wake(tab, at),
            Happening::StoreDone(tab, life) => self.store_done(tab, life),
            Happening::Sealed(tab, life, job) => {
                if self.tabs[tab].life == life {
                    let nonce = search(&job);
                    self.input(tab, Input::Sealed { job: job.job, nonce });
                }
            }
            Happening::Start(tab, relay) => {
                if self.tabs[tab].node.is_none() && !self.tabs[tab].gone {
                    self.start(tab);
                    self.join(tab, relay);
                }
            }
            Happening::Join(tab, relay) => {
                if self.tabs[tab].node.is_some() && self.tabs[tab].relay.is_none() {
                    self.join(tab, relay);
                }
            }
            Happening::Told(liar, from, bytes) => self.liar_told(liar, from, &bytes),
        }
    }

    fn wake(&mut self, tab: usize, at: u64) {
        let state = &mut self.tabs[tab];
        if state.wake_at.is_some_and(|wake_at| wake_at <= at) {
            state.wake_at = None;
        }
        let Some(due) = state.node.as_ref().and_then(Node::next_wakeup) else { return };
        if due.0 <= self.now {
            state.wakeups += 1;
            self.input(tab, Input::Wakeup);
        } else if state.wake_at.is_none() {
            state.wake_at = Some(due.0);
            self.at(due.0, Happening::Wakeup(tab));
        }
    }

    fn store_done(&mut self, tab: usize, life: u32) {
        if self.tabs[tab].life != life {
            return;
        }
        let state = &mut self.tabs[tab];
        let crashes =
            state.store.next_is_batch() && state.crash_after == Some(state.store.done + 1);
        if crashes {
            state.crash_after = None;
            return self.crash_in_batch(tab);
        }
        let disk_full = state.disk_full;
        if let Some(input) = state.store.do_next(disk_full) {
            self.input(tab, input);
        }
    }

    fn crash_in_batch(&mut self, tab: usize) {
        let how = self.tabs[tab].crash;
        self.trace.log(Detail::Steps, self.now, tab, || format!("crashes in a batch: {how:?}"));
        match how {
            Crash::Before => self.statistics.injected(Fault::CrashBeforeBatch),
            Crash::Torn => {
                self.statistics.injected(Fault::TornBatch);
                let part = self.random(100);
                self.tabs[tab].store.tear(usize::try_from(part).unwrap());
            }
            Crash::After => {
                self.statistics.injected(Fault::CrashAfterBatch);
                let disk_full = self.tabs[tab].disk_full;
                self.tabs[tab].store.do_next(disk_full);
            }
        }
        let pause = self.tabs[tab].crash_pause;
        if pause == 0 {
            self.restart(tab);
        } else {
            let relay = self.tabs[tab].relay.unwrap_or(0);
            self.crash(tab);
            self.later(pause, Happening::Start(tab, relay));
        }
    }
}
