//! How full each bounded container is: for tests, and for whoever watches a node.

use super::Node;
use super::limits::{
    MAX_ACCEPTING, MAX_EARLY, MAX_FAULTY, MAX_PEERS, MAX_READING, MAX_SERVING, PRUNE_EVERY,
};
use super::serving::Read;
use crate::chain::mempool::{MAX_HELD_BYTES, MAX_HELD_COUNT};
use crate::chain::tree::MAX_HEADERS;
use crate::chain::{BODIES_BUDGET, MAX_DOUBLE_SEALS, MAX_OWED, MAX_SIDE_BLOCKS};

/// How full a container is that others can make grow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gauge {
    /// What it holds.
    pub name: &'static str,
    /// How much it holds: items, or bytes where the name says so.
    pub used: usize,
    /// How much it may hold.
    pub limit: usize,
}

impl Node {
    /// How full each container is that a peer, the relay or the user can make grow.
    pub fn gauges(&self) -> impl Iterator<Item = Gauge> {
        let chain = &self.chain;
        let headers = chain.tree().len();
        let serving = self.reads.count(|read| matches!(read, Read::Peer { .. }));
        let reading = self.reads.count(Read::is_for_page);
        let (waiting, waiting_bytes) = (chain.mempool().len(), chain.mempool().bytes());
        let (own_waiting, own_bytes) = chain.mempool().own_waiting();
        let own = [
            ("peers", self.peers.len(), MAX_PEERS),
            ("faulty peers", self.peers.faulty_len(), MAX_FAULTY),
            ("early blocks", self.gossip.early_len(), MAX_EARLY),
            ("entries being accepted", self.storing.accepting().count(), MAX_ACCEPTING),
            ("reads for peers", serving, MAX_SERVING),
            ("reads for the page", reading, MAX_READING),
            // Own ones are beyond that: nobody else can make them.
            ("others' waiting entries", waiting - own_waiting, MAX_HELD_COUNT),
            ("others' waiting entries, bytes", waiting_bytes - own_bytes, MAX_HELD_BYTES),
            ("abandoned blocks owed", chain.owed_len(), MAX_OWED),
            ("headers", headers, MAX_HEADERS),
            ("double seals", chain.double_seals().len(), MAX_DOUBLE_SEALS),
            ("side blocks", self.side_blocks(), MAX_SIDE_BLOCKS + PRUNE_EVERY),
            ("blocks in memory, bytes", chain.body_bytes(), BODIES_BUDGET),
        ];
        own.into_iter().chain(self.sync.gauges()).map(|(name, used, limit)| Gauge {
            name,
            used,
            limit,
        })
    }

    /// Blocks that are neither in the chain nor on the best branch of headers. While
    /// headers of a branch are on their way, their bound is that of all headers.
    fn side_blocks(&self) -> usize {
        let chain = &self.chain;
        let off_chain = chain.tree().len().saturating_sub(chain.chain_len());
        if off_chain <= MAX_SIDE_BLOCKS {
            return off_chain;
        }
        if self.awaits_headers() {
            return 0;
        }
        let best = chain.tree().best_header().hash.0;
        let ahead = chain.tree().ancestors(best).take_while(|(hash, _)| !chain.is_main(hash));
        off_chain.saturating_sub(ahead.count())
    }
}
