//! One node with what is around it.

use std::collections::BTreeSet;
use std::sync::Arc;

use chain_wasm::api::{ApiError, Event, Outcome};
use chain_wasm::node::Node;
use chain_wasm::primitives::{Hash, Keypair, PeerId};

use super::invariants::Seen;
use super::store::Store;

/// How well frames get over a tab's link, on top of what the whole network does.
#[derive(Debug, Clone, Copy, Default)]
pub struct Link {
    /// Milliseconds that each frame takes, and the most that it may take on top.
    pub latency: u64,
    pub jitter: u64,
    /// Of a thousand frames, how many are lost, come twice, and overtake others.
    pub loss: u64,
    pub duplication: u64,
    pub reordering: u64,
}

/// How a tab ends while it stores a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Crash {
    /// Nothing of the batch is on disk.
    Before,
    /// The store was not as good as its word: the first changes are on disk, the rest is
    /// not.
    Torn,
    /// The batch is on disk, but the node has not been told.
    After,
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
    /// The tab ends when it has done so many batches.
    pub crash_after: Option<u64>,
    /// How it ends then.
    pub crash: Crash,
    /// How long it stays away then, in milliseconds.
    pub crash_pause: u64,
    /// Counts its links.
    pub link: u32,
    pub quality: Link,
    /// The most milliseconds that a batch takes to be stored.
    pub store_delay: u64,
    pub status: Arc<[u8]>,
    /// When the last of what is on its way to it arrives.
    pub last_arrival: u64,
    /// Entries that were accepted and are in memory only.
    pub volatile: BTreeSet<Hash>,
    /// Entries that it accepted and still answers for.
    pub promised: BTreeSet<Hash>,
    /// Records of its store that were damaged while it was closed.
    pub damaged: BTreeSet<Hash>,
    /// Wakeups so far.
    pub wakeups: u64,
    /// Commands that have not been answered.
    pub asked: u32,
    /// It does not come back.
    pub gone: bool,
    /// What it was when it was last checked.
    pub(super) seen: Seen,
    /// The earliest wakeup that is on its way.
    pub(super) wake_at: Option<u64>,
    pub(super) life: u32,
    pub(super) peer: PeerId,
    pub(super) wallet: Keypair,
}

/// A seed for each number, the same bytes 32 times below 256.
pub fn seed_of(number: usize) -> [u8; 32] {
    let bytes = number.to_le_bytes();
    let mut seed = [bytes[0]; 32];
    for (to, byte) in seed.iter_mut().zip(&bytes[1..]) {
        *to ^= byte;
    }
    seed
}

impl Tab {
    /// The `number`th tab, counted from 1: its keys are its own.
    pub(super) fn new(number: usize) -> Self {
        let mut peer = seed_of(number);
        peer[31] ^= 0xff;
        Self {
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
            crash: Crash::After,
            crash_pause: 0,
            link: 0,
            quality: Link::default(),
            store_delay: 20,
            status: Arc::default(),
            last_arrival: 0,
            volatile: BTreeSet::new(),
            promised: BTreeSet::new(),
            damaged: BTreeSet::new(),
            wakeups: 0,
            asked: 0,
            gone: false,
            seen: Seen::default(),
            wake_at: None,
            life: 0,
            peer: Keypair::from_seed(peer).public(),
            wallet: Keypair::from_seed(seed_of(number)),
        }
    }
}
