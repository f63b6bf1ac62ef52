//! One run with every kind of fault, all of it from one seed.
//!
//! Each seed draws which kinds of fault it has, how many and when; so that some runs have
//! few kinds of them and some have all. In the end the faults cease, though the liars
//! stay and some tabs go on waking once a minute only, and what was promised must hold.

use std::collections::BTreeMap;

use chain_wasm::api::Find;
use chain_wasm::chain::spec::{Spec, Writers};
use chain_wasm::node::NodeCommand;
use chain_wasm::primitives::{Keypair, Seed};

use super::happening::Happening;
use super::statistics::{Fault, Statistics};
use super::tab::seed_of;
use super::trace::{Detail, Trace};
use super::world::{World, key_of};

/// How long after the faults all must be well: half an hour.
const SETTLE: u64 = 1_800_000;

/// Messages that a node may send in a run; what each node of the room adds to it, any of
/// which may ask it for something several times; and what each block of the chain adds.
const MESSAGES: u64 = 200;
/// See [`MESSAGES`].
const MESSAGES_PER_NODE: u64 = 8;
/// See [`MESSAGES`].
const MESSAGES_PER_BLOCK: u64 = 20;

/// What a run may have in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Partition,
    Offline,
    RelayRestart,
    Kill,
    CrashInBatch,
    Damage,
    BadLink,
    Throttle,
    WrongClock,
    FullDisk,
    SlowDisk,
    NoSealing,
    GoneForEver,
}

const KINDS: [Kind; 13] = [
    Kind::Partition,
    Kind::Offline,
    Kind::RelayRestart,
    Kind::Kill,
    Kind::CrashInBatch,
    Kind::Damage,
    Kind::BadLink,
    Kind::Throttle,
    Kind::WrongClock,
    Kind::FullDisk,
    Kind::SlowDisk,
    Kind::NoSealing,
    Kind::GoneForEver,
];

/// Something that is to happen.
#[derive(Debug, Clone, Copy)]
pub enum Step {
    Entry,
    Transfer,
    Question,
    Fault(Kind),
    /// A fault of a tab ends.
    Mend(usize, Kind),
    Heal,
    LiarTurn(usize),
    LateComer(usize),
}

pub struct Campaign {
    pub(super) world: World,
    pub(super) agenda: BTreeMap<(u64, u64), Step>,
    pub(super) planned: u64,
    /// How many may leave for ever.
    pub(super) leaving: usize,
    /// How often the whole room may be cut: with a thousand nodes, a million of them hear
    /// of each other each time.
    pub(super) cuts: u32,
}

/// Runs a seed.
///
/// # Panics
/// Panics if a node does, or if anything does not hold that must.
pub fn run(seed: u64, nodes: usize, detail: Detail) -> Statistics {
    let spec = match seed % 8 {
        3 => Spec::open("simulation").unwrap(),
        7 => authority_spec(seed, nodes),
        _ => World::work_spec(),
    };
    let mut world = World::empty(spec, seed);
    world.keeps_events = false;
    world.trace = Trace { detail };
    let mut campaign = Campaign {
        world,
        agenda: BTreeMap::new(),
        planned: 0,
        leaving: nodes / 10,
        cuts: if nodes > 100 { 3 } else { u32::MAX },
    };
    campaign.plan(nodes);
    campaign.carry_out();
    campaign.mend_all();
    campaign.world.settle_and_check(SETTLE);
    campaign.world.check_stores();
    campaign.report(seed, nodes)
}

/// A room in which some of the nodes are members, and those whose keys are imported, and
/// some of the liars.
fn authority_spec(seed: u64, nodes: usize) -> Spec {
    let tabs = (0..nodes.min(9)).step_by(1 + usize::from(seed.is_multiple_of(3))).map(key_of);
    let imported = (0..8).map(|key| Keypair::from_seed([100 + key; 32]).public());
    let liars = (0..4).map(|liar| Keypair::from_seed(seed_of(100_000 + liar)).public());
    let writers = if seed % 16 == 7 { Writers::Anyone } else { Writers::Members };
    World::authority_spec(tabs.chain(imported).chain(liars), writers)
}

impl Campaign {
    fn at(&mut self, at: u64, step: Step) {
        self.planned += 1;
        self.agenda.insert((at, self.planned), step);
    }

    pub(super) fn soon(&mut self, within: u64, step: Step) {
        let at = self.world.now + 1 + self.world.random(within);
        self.at(at, step);
    }

    fn plan(&mut self, nodes: usize) {
        let world = &mut self.world;
        let end = 15_000 + world.random(10_000);
        let late = world.random_index((nodes / 10).max(1));
        for tab in 0..nodes {
            if tab + late < nodes {
                world.add_tab();
            } else {
                world.add_closed_tab();
            }
        }
        let liars = if world.random(3) == 0 { 0 } else { world.random_index(nodes / 5 + 1) };
        for _ in 0..liars {
            world.add_liar(0);
        }
        let kinds: Vec<Kind> = KINDS.into_iter().filter(|_| world.random(2) == 0).collect();
        world.trace.log_world(Detail::Steps, 0, || format!("faults: {kinds:?}"));
        let entries = 25 + world.random(16);
        let transfers = world.random(8);
        let questions = world.random(4);
        let faults = if kinds.is_empty() { 0 } else { 10 + world.random(nodes as u64 / 2 + 10) };
        // Of a thousand, how often all links fail.
        if world.random(3) == 0 {
            world.loss = world.random(100);
            world.duplication = world.random(100);
        }
        for (count, step) in
            [(entries, Step::Entry), (transfers, Step::Transfer), (questions, Step::Question)]
        {
            for _ in 0..count {
                self.soon(end, step);
            }
        }
        for _ in 0..faults {
            let kind = kinds[self.world.random_index(kinds.len())];
            self.soon(end, Step::Fault(kind));
        }
        for tab in nodes - late..nodes {
            self.soon(end, Step::LateComer(tab));
        }
        for liar in 0..liars {
            for _ in 0..=self.world.random(8) {
                self.soon(end, Step::LiarTurn(liar));
            }
        }
    }

    fn carry_out(&mut self) {
        while let Some(((at, _), step)) = self.agenda.pop_first() {
            self.world.run(at.saturating_sub(self.world.now));
            self.step(step);
        }
    }

    /// A tab that runs, if there is one among some that are drawn.
    pub(super) fn running(&mut self) -> Option<usize> {
        for _ in 0..8 {
            let tab = self.world.random_index(self.world.tabs.len());
            if self.world.tabs[tab].node.is_some() {
                return Some(tab);
            }
        }
        None
    }

    fn step(&mut self, step: Step) {
        match step {
            Step::Entry => {
                let Some(tab) = self.running() else { return };
                let text = format!("entry {}", self.planned);
                self.planned += 1;
                self.log(tab, "adds an entry");
                self.world.add_entry(tab, &text);
            }
            Step::Transfer => {
                let Some(tab) = self.running() else { return };
                let to = self.world.random_index(self.world.tabs.len());
                let to = self.world.peer(to);
                let amount = 1 + self.world.random(60);
                self.log(tab, "transfers coins");
                self.world.command(tab, NodeCommand::Transfer { to, amount });
            }
            Step::Question => {
                let Some(tab) = self.running() else { return };
                let key = u8::try_from(self.world.random(8)).unwrap();
                let command = match self.world.random(4) {
                    0 => NodeCommand::Validate,
                    1 => NodeCommand::GetBlocks { from: None, count: 20 },
                    // Of few keys, so that some come back and some are in two tabs.
                    2 => NodeCommand::ImportKey { seed: Seed([100 + key; 32]) },
                    _ => {
                        let find = Find::Text { text: "entry".to_owned(), name: None };
                        NodeCommand::Search { search: 0, find, from: None }
                    }
                };
                self.world.command(tab, command);
            }
            Step::Fault(kind) => self.fault(kind),
            Step::Mend(tab, kind) => self.mend(tab, kind),
            Step::Heal => self.heal(),
            Step::LiarTurn(liar) => self.world.liar_turn(liar),
            Step::LateComer(tab) => {
                self.world.statistics.injected(Fault::LateComer);
                self.world.later(0, Happening::Start(tab, 0));
            }
        }
    }

    pub(super) fn log(&self, tab: usize, what: &str) {
        self.world.trace.log(Detail::Steps, self.world.now, tab, || what.to_owned());
    }

    #[track_caller]
    fn report(mut self, seed: u64, nodes: usize) -> Statistics {
        let world = &mut self.world;
        let mut running = world.tabs.iter().filter_map(|tab| tab.node.as_ref());
        let chain = running.next().map(chain_wasm::node::Node::chain).unwrap();
        let blocks = u64::from(chain.height());
        let bound = MESSAGES + MESSAGES_PER_NODE * nodes as u64 + MESSAGES_PER_BLOCK * blocks;
        let statistics = &mut world.statistics;
        statistics.runs = 1;
        statistics.nodes = nodes as u64;
        statistics.blocks = blocks;
        statistics.confirmed = chain.ledger().entry_count() as u64;
        statistics.virtual_millis = world.now;
        for (tab, state) in world.tabs.iter().enumerate() {
            statistics.node_sent(seed, state.sent, blocks);
            assert!(
                state.sent <= bound,
                "node {tab} sent {} messages in a run of {blocks} blocks",
                state.sent
            );
        }
        std::mem::take(&mut world.statistics)
    }
}
