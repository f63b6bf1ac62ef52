//! What must hold in the end.

use std::collections::{BTreeMap, BTreeSet};

use chain_wasm::api::Event;
use chain_wasm::chain::Chain;
use chain_wasm::chain::block::Block;
use chain_wasm::chain::ledger::Ledger;
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::chain::validate::Validator;
use chain_wasm::node::{BlockRef, Node};
use chain_wasm::primitives::Hash;

use super::tab::Tab;
use super::world::World;

impl World {
    fn nodes(&self) -> impl Iterator<Item = &Node> {
        self.tabs.iter().filter(|tab| tab.relay.is_some()).filter_map(|tab| tab.node.as_ref())
    }

    /// All connected nodes are at one tip, and no entry waits that could be in a block.
    pub fn is_quiet(&self) -> bool {
        let mut tips = self.nodes().map(|node| node.chain().tip());
        let Some(first) = tips.next() else { return true };
        tips.all(|tip| tip == first)
            && self.tabs.iter().all(|tab| tab.asked == 0)
            && self.nodes().all(|node| !has_payable(node.chain()))
            && self.unconfirmed().next().is_none()
    }

    /// Accepted entries that are not in the chain and should be. Transfers need not that
    /// were refused with a word, and those that still wait for the coins that a block gave
    /// which is not in the chain any more.
    fn unconfirmed(&self) -> impl Iterator<Item = &Hash> {
        let ledger = self.nodes().next().map(|node| node.chain().ledger());
        let waiting = self.accepted.iter().filter(move |id| {
            ledger.is_none_or(|ledger| ledger.height_of(id).is_none()) && !self.refused.contains(id)
        });
        waiting.filter(|id| {
            !self.nodes().any(|node| is_unpaid(node.chain(), id)) && !self.is_left_unpaid(id)
        })
    }

    /// Whether only blocks beside the chain hold a transfer, whose author has less by now:
    /// no node that is here has had it in its chain, and who accepted it is gone.
    fn is_left_unpaid(&self, id: &Hash) -> bool {
        let Some(ledger) = self.nodes().next().map(|node| node.chain().ledger()) else {
            return false;
        };
        let promised = self.tabs.iter().any(|tab| !tab.gone && tab.promised.contains(id));
        let waits = self.nodes().any(|node| node.chain().mempool().get(id).is_some());
        if promised || waits {
            return false;
        }
        let mut stored = self.tabs.iter().flat_map(|tab| tab.store.all_blocks());
        stored.any(|bytes| {
            Block::decode(&bytes).is_ok_and(|block| {
                let mut entries = block.entries();
                entries.any(|entry| {
                    entry.id() == *id && entry.spends() > ledger.balance(&entry.author())
                })
            })
        })
    }

    /// Runs until all is quiet, then checks that nothing was lost, doubled or made up.
    #[track_caller]
    pub fn settle_and_check(&mut self, millis: u64) {
        let end = self.now + millis;
        while !self.is_quiet() {
            if self.now >= end {
                self.describe_unrest();
                panic!("not quiet within {millis} ms");
            }
            self.run(200);
        }
        self.check_chains();
    }

    fn describe_unrest(&self) {
        for (n, tab) in self.tabs.iter().enumerate() {
            let Some(node) = &tab.node else { continue };
            let chain = node.chain();
            let waits = |id: &&Hash| chain.ledger().height_of(id).is_none();
            eprintln!(
                "tab {n}: relay {:?} height {} tip {:?} best {:?} waiting {} unconfirmed {} view {:?}",
                tab.relay,
                chain.height(),
                chain.tip(),
                chain.tree().best_header().hash.0,
                chain.mempool().len(),
                self.accepted.iter().filter(waits).count(),
                node.view().sync,
            );
        }
        eprintln!("lost: {:?}", self.unconfirmed().collect::<Vec<_>>());
    }

    /// Checks each chain that some node is at from the genesis on, and that all nodes that
    /// are at it have its ledger.
    #[track_caller]
    pub fn check_chains(&self) {
        let mut ledgers: BTreeMap<Hash, Ledger> = BTreeMap::new();
        for tab in &self.tabs {
            let Some(node) = &tab.node else { continue };
            let chain = node.chain();
            let ledger = ledgers.entry(chain.tip()).or_insert_with(|| self.checked_ledger(chain));
            assert!(ledger == chain.ledger(), "a ledger is not what its blocks add up to");
        }
    }

    /// Checks that each node can start again with what it has: each block that was in its
    /// chain five minutes ago, and still is, is in its store.
    #[track_caller]
    pub fn check_stores(&mut self) {
        let chains: Vec<Vec<Hash>> = self.tabs.iter().map(main_blocks).collect();
        // For the last batches, and what is held back to be packed, of tabs that wake once a
        // minute, too.
        self.run(301_000);
        for ((n, tab), before) in self.tabs.iter().enumerate().zip(chains) {
            let Some(node) = tab.node.as_ref().filter(|_| tab.damaged.is_empty()) else { continue };
            for (height, hash) in (1..).zip(before) {
                let stored = tab.store.load_at(&BlockRef { hash, height });
                let needed = node.chain().is_main(&hash);
                assert!(stored.is_some() || !needed, "node {n} has not stored block {height}");
            }
        }
    }

    /// A block, as some tab has stored it.
    fn stored(&self, hash: Hash, height: u32) -> Option<Vec<u8>> {
        let whole = |bytes: &Vec<u8>| {
            Block::decode(bytes).is_ok_and(|block| {
                block.header.hash() == hash && block.merkle_root() == block.header.merkle_root
            })
        };
        let stores = self.tabs.iter().map(|tab| &tab.store);
        stores.filter_map(|store| store.load_at(&BlockRef { hash, height })).find(whole)
    }

    /// The ledger of a chain whose every rule is checked anew.
    #[track_caller]
    fn checked_ledger(&self, chain: &Chain) -> Ledger {
        let mut validator = Validator::new(self.spec.clone());
        let mut entries = Vec::new();
        for height in 1..=chain.height() {
            let hash = chain.hash_at(height).unwrap();
            let bytes = chain
                .body(&hash)
                .map(|body| body.bytes.clone())
                .or_else(|| self.stored(hash, height))
                .expect("the block is at hand");
            validator.push(&bytes, Some(&hash)).expect("the chain is valid");
            let block = Block::decode(&bytes).unwrap();
            entries.extend(block.entries().map(Transaction::id));
        }
        let supply = self.spec.reward() * u64::from(chain.height());
        assert_eq!(chain.ledger().supply(), supply, "supply is reward x height");
        let unique: BTreeSet<_> = entries.iter().collect();
        assert_eq!(unique.len(), entries.len(), "an entry is in the chain twice");
        validator.ledger().clone()
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

/// The blocks of a tab's chain, lowest first, without the genesis block.
fn main_blocks(tab: &Tab) -> Vec<Hash> {
    let Some(chain) = tab.node.as_ref().map(Node::chain) else { return Vec::new() };
    (1..=chain.height()).map_while(|height| chain.hash_at(height)).collect()
}

fn has_payable(chain: &Chain) -> bool {
    !chain.mempool().is_empty() && !chain.mempool().select(chain.ledger()).is_empty()
}

/// Whether a transfer waits whose author has less by now.
fn is_unpaid(chain: &Chain, id: &Hash) -> bool {
    chain.mempool().get(id).is_some_and(|waiting| {
        let entry = &waiting.transaction;
        entry.spends() > chain.ledger().balance(&entry.author())
    })
}
