//! What happened in a run, and in many of them.

use std::collections::BTreeMap;

use chain_wasm::node::Gauge;

/// A kind of fault.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    Loss,
    Duplication,
    Reordering,
    BadLink,
    Partition,
    Offline,
    RelayRestart,
    CrashBetweenBatches,
    CrashBeforeBatch,
    TornBatch,
    CrashAfterBatch,
    DamagedRecord,
    MissingRecord,
    ForeignRecord,
    FullDisk,
    SlowDisk,
    Throttle,
    WrongClock,
    NoSealing,
    GoneForEver,
    LateComer,
    Liar,
    Lie,
}

/// What happened in a run, or in many of them added up.
#[derive(Debug, Clone, Default)]
pub struct Statistics {
    pub runs: u64,
    pub nodes: u64,
    pub accepted: u64,
    pub excused: u64,
    pub confirmed: u64,
    pub blocks: u64,
    pub reorganisations: u64,
    pub happenings: u64,
    pub virtual_millis: u64,
    pub broadcasts: u64,
    pub directed: u64,
    pub statuses: u64,
    pub faults: BTreeMap<Fault, u64>,
    /// The most that each container of a node ever held.
    pub fills: Vec<Gauge>,
    /// Messages that a node sent, divided by blocks of the chain in the end: the sum over
    /// all runs and nodes, and how many these are.
    pub per_block_sum: f64,
    pub per_block_nodes: u64,
    /// The greatest of them, and the seed of the run.
    pub per_block_most: (f64, u64),
}

impl Statistics {
    /// A fault was brought about.
    pub fn injected(&mut self, fault: Fault) {
        *self.faults.entry(fault).or_default() += 1;
    }

    /// The `index`th container of a node holds so much.
    pub fn gauged(&mut self, index: usize, gauge: Gauge) {
        match self.fills.get_mut(index) {
            Some(most) => most.used = most.used.max(gauge.used),
            None => self.fills.push(gauge),
        }
    }

    /// A node sent so many messages in a run that ended with so many blocks.
    pub fn node_sent(&mut self, seed: u64, messages: u64, blocks: u64) {
        #[expect(clippy::cast_precision_loss, reason = "both are far below 2^52")]
        let per_block = messages as f64 / blocks.max(1) as f64;
        self.per_block_sum += per_block;
        self.per_block_nodes += 1;
        if per_block > self.per_block_most.0 {
            self.per_block_most = (per_block, seed);
        }
    }

    /// Adds another run, or others.
    pub fn add(&mut self, other: &Self) {
        self.runs += other.runs;
        self.nodes += other.nodes;
        self.accepted += other.accepted;
        self.excused += other.excused;
        self.confirmed += other.confirmed;
        self.blocks += other.blocks;
        self.reorganisations += other.reorganisations;
        self.happenings += other.happenings;
        self.virtual_millis += other.virtual_millis;
        self.broadcasts += other.broadcasts;
        self.directed += other.directed;
        self.statuses += other.statuses;
        for (fault, times) in &other.faults {
            *self.faults.entry(*fault).or_default() += times;
        }
        for (index, fill) in other.fills.iter().enumerate() {
            self.gauged(index, *fill);
        }
        self.per_block_sum += other.per_block_sum;
        self.per_block_nodes += other.per_block_nodes;
        if other.per_block_most.0 > self.per_block_most.0 {
            self.per_block_most = other.per_block_most;
        }
    }
}
