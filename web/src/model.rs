//! What the page knows, without a word of how it is shown.
//!
//! Pure: no clock, no browser, no Leptos. [`Model::apply`] is the one place where
//! what the node tells becomes what the page knows.

pub(crate) mod base64url;
pub(crate) mod cells;
pub(crate) mod content;
pub(crate) mod favicon;
pub(crate) mod file;
pub(crate) mod forks;
pub(crate) mod form;
pub(crate) mod format;
pub(crate) mod header;
pub(crate) mod history;
pub(crate) mod json;
pub(crate) mod lab;
pub(crate) mod log;
pub(crate) mod merkle;
pub(crate) mod name;
pub(crate) mod network;
pub(crate) mod new_room;
pub(crate) mod nickname;
pub(crate) mod own_key;
pub(crate) mod paper;
pub(crate) mod peer;
pub(crate) mod persistence;
pub(crate) mod qr;
pub(crate) mod route;
pub(crate) mod search;
pub(crate) mod tour;
pub(crate) mod transfer;
mod window;

use std::sync::Arc;

use chain_wasm::api::{
    ApiError, AuthorityView, BranchView, DoubleSealView, EntryState, EntryView, Event,
    HashRateView, LabView, LinkView, NodeView, PeerFault, PeerView, PendingView, Returned,
    SealingView, StorageView, SyncView, TipChange, TipView, TrafficView, ValidationReport,
    WalletView,
};
use chain_wasm::primitives::{Hash, PeerId};

use log::{Happening, Log};
use search::Searching;
pub(crate) use window::Window;

use crate::node_link::Failure;

/// How many faults of peers are kept to be shown: the newest.
pub(crate) const MAX_FAULTS: usize = 5;

/// How many refused entries are kept to be shown: the newest.
pub(crate) const MAX_REFUSED: usize = 5;

/// All that the page knows of its node.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    /// How far the node's worker is.
    pub(crate) phase: Phase,
    /// What the node told; kept after a failure, so that it can still be read.
    pub(crate) node: Option<Node>,
    /// The full check of the chain.
    pub(crate) validation: Validation,
    /// What happened in the room.
    pub(crate) log: Log,
    /// What was looked for last, and what of it was found.
    pub(crate) search: Option<Searching>,
    /// The entry that was last submitted in this page.
    pub(crate) last_entry: Option<LastEntry>,
    /// The last two seals at one height that were found, until they are dismissed.
    pub(crate) double_seal: Option<DoubleSealView>,
    /// The last reorganisation, until it is dismissed.
    pub(crate) reorganisation: Option<Reorganisation>,
    /// What peers did wrong, newest first; at most [`MAX_FAULTS`].
    pub(crate) faults: Vec<(PeerId, PeerFault)>,
    /// How this tab's experiments stand.
    pub(crate) lab: LabView,
    /// How many reorganisations there were.
    pub(crate) reorganisations: u32,
    /// Entries that had been accepted and no longer are, with the transfer that
    /// won; newest first, at most [`MAX_REFUSED`].
    pub(crate) refused: Vec<(Hash, Option<Hash>)>,
}

/// How far the node's worker is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Phase {
    /// The worker is being loaded, or the node loads its chain.
    #[default]
    Starting,
    /// As before, and it takes longer than it should.
    SlowStart,
    /// It answers.
    Running,
    /// It does not answer any more.
    Failed(Failure),
}

/// What the node told.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    /// This tab's place among the browser's.
    pub(crate) slot: u32,
    /// This tab's wallet.
    pub(crate) wallet: WalletView,
    /// The tip.
    pub(crate) tip: TipView,
    /// The newest blocks.
    pub(crate) window: Window,
    /// Branches beside the chain.
    pub(crate) branches: Arc<[BranchView]>,
    /// Entries that wait for a block.
    pub(crate) pending: Arc<PendingView>,
    /// The room's other peers.
    pub(crate) peers: Arc<[PeerView]>,
    /// The connection to the relay.
    pub(crate) link: LinkView,
    /// What goes over it.
    pub(crate) traffic: TrafficView,
    /// When [`Self::link`] was told, on the page's clock in milliseconds.
    pub(crate) link_told: u64,
    /// Synchronisation.
    pub(crate) sync: SyncView,
    /// The store.
    pub(crate) storage: StorageView,
    /// Whether this tab is looking for a block, and when it does.
    pub(crate) sealing: SealingView,
    /// Who seals, where members do.
    pub(crate) authority: Option<AuthorityView>,
    /// How quickly it searched last; `None` until that was measured.
    pub(crate) hash_rate: Option<HashRateView>,
}

/// The full check of the chain.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum Validation {
    /// Not asked for.
    #[default]
    None,
    /// Running.
    Running {
        /// Blocks checked.
        checked: u32,
        /// Blocks in all; 0 until it is known.
        total: u32,
    },
    /// Done.
    Done(ValidationReport),
    /// Refused, or the node failed meanwhile.
    Refused(ApiError),
}

/// The entry that was last submitted in this page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LastEntry {
    /// The entry.
    pub(crate) id: Hash,
    /// Where it is; `None` if it was refused after all.
    pub(crate) state: Option<EntryState>,
}

/// What a change of branch did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reorganisation {
    /// Blocks that left the chain.
    pub(crate) abandoned: u32,
    /// Blocks that came in.
    pub(crate) adopted: u32,
    /// What became of the entries of those that left.
    pub(crate) returned: Returned,
}

impl Model {
    /// The node runs; `now` is the page's clock in milliseconds.
    pub(crate) fn started(&mut self, view: NodeView, now: u64) {
        self.phase = Phase::Running;
        self.log.note(now, Happening::Started { height: view.tip.height });
        self.node = Some(Node {
            slot: view.slot,
            wallet: view.wallet,
            tip: view.tip,
            window: Window::new(view.blocks),
            branches: view.branches.into(),
            pending: Arc::new(view.pending),
            peers: view.peers.into(),
            link: view.link,
            traffic: view.traffic,
            link_told: now,
            sync: view.sync,
            storage: view.storage,
            sealing: view.sealing,
            authority: view.authority,
            hash_rate: view.hash_rate,
        });
    }

    /// The node does not answer any more. What it told stays; `now` is the page's clock in
    /// milliseconds.
    pub(crate) fn failed(&mut self, failure: Failure, now: u64) {
        self.phase = Phase::Failed(failure);
        self.log.note(now, Happening::Failed);
        if matches!(self.validation, Validation::Running { .. }) {
            self.validation = Validation::None;
        }
    }

    /// Takes in what the node tells; `now` is the page's clock in milliseconds.
    ///
    /// An event that comes before the node has started says nothing that the start
    /// does not say again, and is passed over.
    pub(crate) fn apply(&mut self, event: Event, now: u64) {
        let Some(node) = &mut self.node else { return };
        self.log.follow(node, &event, now);
        match event {
            Event::Chain { fork_height, tip, change, source: _, blocks } => {
                node.window.replace_above(fork_height, blocks);
                node.tip = tip;
                if let TipChange::Reorganised { abandoned, adopted, returned } = change {
                    self.reorganisations = self.reorganisations.saturating_add(1);
                    self.reorganisation = Some(Reorganisation { abandoned, adopted, returned });
                }
            }
            Event::Authority(authority) => {
                let known = node.authority.as_ref().map_or(&[][..], |known| &known.double_seals);
                let mut found = authority.double_seals.iter().rev();
                if let Some(new) = found.find(|pair| !known.contains(pair)) {
                    self.double_seal = Some(*new);
                }
                node.authority = Some(authority);
            }
            Event::Branches(branches) => node.branches = branches.into(),
            Event::Pending(pending) => node.pending = Arc::new(pending),
            Event::Entry(entry) => self.entry_changed(&entry),
            Event::EntryRefused { id, winner } => {
                if let Some(last) = self.last_entry.as_mut().filter(|last| last.id == id) {
                    last.state = None;
                }
                self.refused.insert(0, (id, winner));
                self.refused.truncate(MAX_REFUSED);
            }
            Event::Peers(peers) => node.peers = peers.into(),
            Event::Fault { peer, fault, rule: _ } => {
                self.faults.retain(|known| *known != (peer, fault));
                self.faults.insert(0, (peer, fault));
                self.faults.truncate(MAX_FAULTS);
            }
            Event::Link(link) => {
                node.link = link;
                node.link_told = now;
            }
            Event::Traffic(traffic) => node.traffic = traffic,
            Event::Sync(sync) => node.sync = sync,
            Event::Storage(storage) => node.storage = storage,
            Event::Sealing(sealing) => node.sealing = sealing,
            Event::HashRate(rate) => node.hash_rate = Some(rate),
            Event::Wallet(wallet) => node.wallet = wallet,
            Event::Lab(lab) => self.lab = *lab,
            Event::Search { search, searched, total, hits } => {
                if let Some(known) = self.search.as_mut().filter(|known| known.number == search) {
                    known.progressed(searched, total, hits);
                }
            }
            Event::ValidationProgress { checked, total } => {
                if let Validation::Running { .. } = self.validation {
                    self.validation = Validation::Running { checked, total };
                }
            }
        }
    }

    /// The node accepted an entry that was submitted in this page.
    pub(crate) fn submitted(&mut self, entry: &EntryView) {
        self.last_entry = Some(LastEntry { id: entry.id, state: Some(entry.state) });
    }

    fn entry_changed(&mut self, entry: &EntryView) {
        if let Some(last) = self.last_entry.as_mut().filter(|last| last.id == entry.id) {
            last.state = Some(entry.state);
        }
        let Some(node) = &mut self.node else { return };
        let in_block = matches!(entry.state, EntryState::InBlock { .. });
        let Some(at) = node.pending.entries.iter().position(|known| known.id == entry.id) else {
            return;
        };
        let pending = Arc::make_mut(&mut node.pending);
        if in_block {
            pending.entries.remove(at);
            pending.count = pending.count.saturating_sub(1);
        } else if let Some(known) = pending.entries.get_mut(at) {
            known.state = entry.state;
        }
    }
}

impl Node {
    /// An entry that waits, or is in a block that is shown.
    pub(crate) fn entry(&self, id: &Hash) -> Option<&EntryView> {
        let shown = self.window.blocks().iter().flat_map(|block| &block.entries);
        self.pending.entries.iter().chain(shown).find(|entry| entry.id == *id)
    }
}

/// Confirmations of a block at `height` under a tip at `tip`: 1 for the tip itself.
pub(crate) const fn confirmations(tip: u32, height: u32) -> u32 {
    tip.saturating_sub(height).saturating_add(1)
}

#[cfg(test)]
mod tests;
