//! What must hold in the end.

use std::collections::BTreeSet;

use chain_wasm::api::Event;
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::chain::validate::Validator;
use chain_wasm::node::Node;
use chain_wasm::primitives::Hash;

use super::world::World;

impl World {
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.tabs.iter().filter(|tab| tab.relay.is_some()).filter_map(|tab| tab.node.as_ref())
    }

    /// All connected nodes are at one tip, and no entry waits that could be in a block.
    pub fn is_quiet(&self) -> bool {
        let tips: BTreeSet<Hash> = self.nodes().map(|node| node.chain().tip()).collect();
        let excused = self.excused();
        tips.len() == 1
            && self.tabs.iter().all(|tab| tab.asked == 0)
            && self.nodes().all(|node| {
                let chain = node.chain();
                chain.mempool().select(chain.ledger()).is_empty()
                    && self
                        .accepted
                        .iter()
                        .all(|id| chain.ledger().height_of(id).is_some() || excused.contains(id))
            })
    }

    /// Transfers that were refused with a word, and those that still wait for the coins
    /// that a block gave which is not in the chain any more.
    fn excused(&self) -> BTreeSet<Hash> {
        let told = self.tabs.iter().flat_map(|tab| &tab.events).filter_map(|event| match event {
            Event::EntryRefused { id, .. } => Some(*id),
            _ => None,
        });
        let unpaid = self.nodes().flat_map(|node| {
            let ledger = node.chain().ledger();
            node.chain()
                .mempool()
                .iter()
                .map(|waiting| &waiting.transaction)
                .filter(|entry| entry.spends() > ledger.balance(&entry.author()))
                .map(Transaction::id)
        });
        told.chain(unpaid).collect()
    }

    /// Runs until all is quiet, then checks that nothing was lost, doubled or made up.
    #[track_caller]
    pub fn settle_and_check(&mut self, millis: u64) {
        let end = self.now + millis;
        while !self.is_quiet() {
            if self.now >= end {
                for (n, tab) in self.tabs.iter().enumerate() {
                    if let Some(node) = &tab.node {
                        let chain = node.chain();
                        let lost = self
                            .accepted
                            .iter()
                            .filter(|id| chain.ledger().height_of(id).is_none())
                            .count();
                        println!(
                            "tab {n}: relay {:?} height {} tip {:?} best {:?} waiting {} lost {lost} view {:?}",
                            tab.relay,
                            chain.height(),
                            chain.tip(),
                            chain.tree().best_header(),
                            chain.mempool().len(),
                            node.view().sync,
                        );
                    }
                }
                panic!("not quiet within {millis} ms");
            }
            self.run(200);
        }
        self.check_chains();
    }

    #[track_caller]
    pub fn check_chains(&self) {
        for tab in &self.tabs {
            let Some(node) = &tab.node else { continue };
            let chain = node.chain();
            let mut validator = Validator::new(self.spec.clone());
            let mut entries = Vec::new();
            for height in 1..=chain.height() {
                let hash = chain.hash_at(height).unwrap();
                let bytes = chain
                    .body(&hash)
                    .map(|body| body.bytes.clone())
                    .or_else(|| tab.store.load(&hash))
                    .expect("the block is at hand");
                validator.push(&bytes, Some(&hash)).expect("the chain is valid");
                let block = chain_wasm::chain::block::Block::decode(&bytes).unwrap();
                entries.extend(block.entries().map(Transaction::id));
            }
            assert_eq!(validator.ledger(), chain.ledger());
            let supply = self.spec.reward() * u64::from(chain.height());
            assert_eq!(chain.ledger().supply(), supply, "supply is reward x height");
            let unique: BTreeSet<_> = entries.iter().collect();
            assert_eq!(unique.len(), entries.len(), "an entry is in the chain twice");
        }
    }

    /// No entry that an honest peer could send was called a fault.
    #[track_caller]
    pub fn check_nobody_blamed(&self) {
        for tab in &self.tabs {
            for event in &tab.events {
                assert!(!matches!(event, Event::Fault { .. }), "{event:?}");
            }
        }
    }
}
