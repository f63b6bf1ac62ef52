//! What must hold after every input of a node.

use std::collections::BTreeSet;

use chain_wasm::api::Event;
use chain_wasm::chain::tree::Rank;
use chain_wasm::node::Node;
use chain_wasm::primitives::Hash;

use super::world::World;

/// What a tab's node was when it was last checked.
#[derive(Debug, Clone, Copy, Default)]
pub struct Seen {
    rank: Option<Rank>,
    mempool: (usize, [u8; 16]),
}

impl Seen {
    /// The node starts anew.
    pub(super) fn forget(&mut self) {
        *self = Self::default();
    }
}

impl World {
    /// Checks a tab's node after an input: its containers keep within their bounds, its
    /// tip never falls, its ledger holds what its blocks made, and it has each entry that
    /// it accepted.
    #[track_caller]
    pub(super) fn check_after(&mut self, tab: usize) {
        let state = &mut self.tabs[tab];
        let Some(node) = &state.node else { return };
        for (index, gauge) in node.gauges().enumerate() {
            let (name, used, limit) = (gauge.name, gauge.used, gauge.limit);
            assert!(used <= limit, "node {tab}: {name}: {used} above {limit}");
            self.statistics.gauged(index, gauge);
        }
        let chain = node.chain();
        let rank = chain.tip_rank();
        let mempool = (chain.mempool().len(), chain.mempool().digest());
        let seen = Seen { rank: Some(rank), mempool };
        if state.seen.rank == seen.rank && state.seen.mempool == mempool {
            return;
        }
        if state.seen.rank != seen.rank {
            // Only a block that must be undone and is lost sends a node back.
            let fell = state.seen.rank.is_some_and(|before| rank < before);
            assert!(!fell || !state.damaged.is_empty(), "node {tab}: the tip fell to {rank:?}");
            let supply = self.spec.reward() * u64::from(chain.height());
            assert_eq!(chain.ledger().supply(), supply, "node {tab}: supply is reward x height");
        }
        state.seen = seen;
        // Having left its chain at a lost block, it takes up again what lies below: until that
        // is done, what its stored blocks hold is in the chain to come.
        let takes_up = chain.tree().best_complete() > rank && !state.damaged.is_empty();
        let missing: Vec<Hash> =
            state.promised.iter().filter(|id| !has(node, id)).copied().collect();
        if missing.is_empty() {
            return;
        }
        let stored = if takes_up { self.durable(tab) } else { BTreeSet::new() };
        for id in missing {
            let here = stored.contains(&id);
            assert!(here, "node {tab}: {id:?}, which it accepted, is neither in chain nor mempool");
        }
    }

    /// No honest peer is called faulty.
    #[track_caller]
    pub(super) fn check_blame(&self, event: &Event) {
        if let Event::Fault { peer, fault, .. } = event {
            let honest = self.by_peer.get(peer).filter(|tab| !self.experimenters.contains(tab));
            assert!(honest.is_none(), "node {honest:?}, which is honest, is blamed: {fault:?}");
        }
    }
}

fn has(node: &Node, id: &Hash) -> bool {
    node.chain().ledger().height_of(id).is_some() || node.chain().mempool().get(id).is_some()
}
