//! Blocks at hand in memory, within a budget; the rest is in the store.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::block::Block;
use crate::primitives::{Hash, Signature};

/// A block with its encoding.
#[derive(Debug, PartialEq, Eq)]
pub struct Body {
    /// The block.
    pub block: Block,
    /// Its encoding.
    pub bytes: Vec<u8>,
}

impl Body {
    /// Reads a stored block. `None` if it is not the one of that hash, all of it.
    pub(crate) fn read(hash: &Hash, bytes: Vec<u8>) -> Option<Self> {
        let (block, root) = Block::decode_with_root(&bytes).ok()?;
        let same = block.header.hash() == *hash && root == block.header.merkle_root;
        same.then_some(Self { block, bytes })
    }

    /// Gives it the seal that its header came with: no hash covers that, and a member could
    /// make several.
    pub(super) fn with_seal(mut self, seal: Option<Signature>) -> Self {
        if self.block.header.seal != seal {
            self.block.header.seal = seal;
            self.bytes = self.block.encode();
        }
        self
    }
}

/// The blocks used last, up to a budget of bytes.
#[derive(Debug, Clone)]
pub(super) struct Bodies {
    budget: usize,
    bytes: usize,
    /// Each with its place in the order.
    held: BTreeMap<Hash, (u64, Arc<Body>)>,
    /// Oldest first.
    order: BTreeMap<u64, Hash>,
    next: u64,
    /// What makes no room for others.
    kept: BTreeSet<Hash>,
}

impl Bodies {
    /// Holds at most `budget` bytes of encodings (and what they decode to), but
    /// always the one that came last.
    pub(super) const fn new(budget: usize) -> Self {
        Self {
            budget,
            bytes: 0,
            held: BTreeMap::new(),
            order: BTreeMap::new(),
            next: 0,
            kept: BTreeSet::new(),
        }
    }

    /// Their encodings' length in all, in bytes.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// A block, if it is in memory.
    pub(super) fn get(&self, hash: &Hash) -> Option<Arc<Body>> {
        self.held.get(hash).map(|(_, body)| Arc::clone(body))
    }

    /// Keeps a block; older ones make room.
    pub(super) fn put(&mut self, hash: Hash, body: Arc<Body>) {
        if let Some((_, held)) = self.held.get_mut(&hash) {
            *held = body;
            return;
        }
        self.bytes += body.bytes.len();
        let place = self.place(hash);
        self.held.insert(hash, (place, body));
        // All but the last, which is the one that came.
        for _ in 1..self.order.len() {
            if self.bytes <= self.budget {
                break;
            }
            let Some((_, oldest)) = self.order.pop_first() else { break };
            if self.kept.contains(&oldest) {
                let place = self.place(oldest);
                if let Some((at, _)) = self.held.get_mut(&oldest) {
                    *at = place;
                }
            } else {
                self.remove(&oldest);
            }
        }
    }

    /// The last place in the order.
    fn place(&mut self, hash: Hash) -> u64 {
        self.next += 1;
        self.order.insert(self.next, hash);
        self.next
    }

    /// How many blocks are in memory.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.held.len()
    }

    /// Keeps these, in memory or still to come, beyond the budget if need be: one
    /// step of the chain needs them all at once. Replaces what was named before.
    pub(super) fn hold(&mut self, hashes: &[Hash]) {
        self.kept = hashes.iter().copied().collect();
    }

    /// Forgets a block.
    pub(super) fn remove(&mut self, hash: &Hash) {
        if let Some((place, body)) = self.held.remove(hash) {
            self.order.remove(&place);
            self.bytes -= body.bytes.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::genesis::genesis;
    use crate::chain::spec::Spec;

    #[test]
    fn holds_no_more_than_its_budget() {
        let mut bodies = Bodies::new(1_000);
        let block = genesis(&Spec::open("t").unwrap());
        for n in 0..10_u8 {
            let body = Body { block: block.clone(), bytes: vec![0; 300] };
            bodies.put(Hash::of(&[n]), Arc::new(body));
        }
        let held: Vec<u8> = (0..10).filter(|n| bodies.get(&Hash::of(&[*n])).is_some()).collect();
        assert_eq!(held, [7, 8, 9]);
        bodies.remove(&Hash::of(&[8]));
        assert_eq!(bodies.bytes, 600);
    }
}
