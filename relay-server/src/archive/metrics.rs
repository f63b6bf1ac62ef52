//! What Prometheus is told of an archive, beside what it is told of its relay.
//!
//! No room has a label of its own: there may be many, and whoever makes one names it.

use std::sync::atomic::AtomicU64;

use chain_wasm::api::StorageReason;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::{Registry, Unit};

use super::Archive;
use super::keeper::Keeping;

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Label {
    keeping: &'static str,
}

/// How a room may be kept, as a label.
const ALL: [&str; 4] = ["durable", "full", "failed", "crashed"];

/// What an archive counts.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    rooms: Family<Label, Gauge>,
    blocks: Gauge,
    used: Gauge,
    most: Gauge,
    /// Entries that were accepted from scripts.
    pub accepted: Counter<u64, AtomicU64>,
}

impl Default for Metrics {
    fn default() -> Self {
        Self::new()
    }
}

impl Metrics {
    /// All zero.
    pub fn new() -> Self {
        let mut all = Self {
            registry: Registry::with_prefix("tabchain_archive"),
            rooms: Family::default(),
            blocks: Gauge::default(),
            used: Gauge::default(),
            most: Gauge::default(),
            accepted: Counter::default(),
        };
        all.register();
        all
    }

    fn register(&mut self) {
        let all = &mut self.registry;
        let rooms = "Rooms, by whether anything is taken in: only durable ones take it";
        all.register("rooms", rooms, self.rooms.clone());
        let blocks = "Blocks of the chains of all rooms, without their genesis blocks";
        all.register("blocks", blocks, self.blocks.clone());
        let used = "What the databases take";
        all.register_with_unit("used", used, Unit::Bytes, self.used.clone());
        let most = "What the databases may take";
        all.register_with_unit("max", most, Unit::Bytes, self.most.clone());
        let accepted = "Entries accepted by new_block";
        all.register("accepted_entries", accepted, self.accepted.clone());
    }

    /// Takes the census of an archive; gives all that is to be told of it. Waits for no room.
    pub(super) fn measure(&self, archive: &Archive) -> &Registry {
        let number = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
        let states: Vec<_> = archive.rooms().iter().map(|room| room.last_state()).collect();
        for keeping in ALL {
            let rooms = states.iter().filter(|state| name(state.keeping) == keeping).count();
            self.rooms.get_or_create(&Label { keeping }).set(number(rooms as u64));
        }
        let blocks = states.iter().map(|state| u64::from(state.tip.height)).sum();
        self.blocks.set(number(blocks));
        self.used.set(number(archive.budget().used()));
        self.most.set(number(archive.budget().most()));
        &self.registry
    }
}

/// How a room is kept, as a label: as it is in what scripts are answered.
const fn name(keeping: Keeping) -> &'static str {
    match keeping {
        Keeping::Durable => "durable",
        Keeping::Stopped(StorageReason::Full) => "full",
        Keeping::Stopped(_) => "failed",
        Keeping::Crashed => "crashed",
    }
}
