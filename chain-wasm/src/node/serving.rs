//! Answering peers, and reading blocks back from the store for whoever needs them.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;

use super::limits::{MAX_SERVING, MAX_SERVING_PER_PEER};
use super::{BlockRef, LoadId, Node, Output};
use crate::api::RequestId as ApiRequest;
use crate::codec;
use crate::primitives::{Hash, PeerId};
use crate::wire::{MAX_HEADERS, MAX_MEMPOOL_IDS, MAX_RESPONSE, Message, RequestId};

/// What blocks are read for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Read {
    /// To move the tip.
    Bodies,
    /// For a peer that asked for them, in this order.
    Peer { to: PeerId, request: RequestId, hashes: Vec<Hash> },
    /// For a page that asked for blocks.
    Blocks { request: ApiRequest, from: u32, count: u32 },
    /// For a page that asked for an entry.
    Entry { request: ApiRequest, id: Hash },
    /// For a page that asked for a proof.
    Proof { request: ApiRequest, id: Hash, opening: bool },
    /// For a page that asked for one block.
    Block { request: ApiRequest, hash: Hash, skip: u32 },
    /// For a page that asked for an entry and its place.
    EntryDetails { request: ApiRequest, id: Hash },
    /// For the search that this request began.
    Search(ApiRequest),
    /// For the full check of the chain.
    Validation,
    /// For the search for a file.
    FileSearch,
    /// To be packed.
    Packing,
    /// For entries that the mempool had no room for.
    Owed,
    /// For the entries of blocks that the chain is about to leave.
    Leaving,
}

impl Read {
    /// Whether a request of the page waits for it.
    pub(super) const fn is_for_page(&self) -> bool {
        matches!(
            self,
            Self::Blocks { .. }
                | Self::Entry { .. }
                | Self::Block { .. }
                | Self::EntryDetails { .. }
                | Self::Proof { .. }
        )
    }
}

/// Reads under way.
#[derive(Debug, Clone, Default)]
pub(super) struct Reads {
    next: LoadId,
    under_way: BTreeMap<LoadId, (Read, Vec<Hash>)>,
}

impl Reads {
    pub(super) fn count(&self, which: impl Fn(&Read) -> bool) -> usize {
        self.under_way.values().filter(|(read, _)| which(read)).count()
    }
}

impl Node {
    /// Reads blocks, unless a read for the same purpose is under way.
    pub(super) fn read_once(&mut self, read: Read, hashes: Vec<Hash>) {
        if self.reads.count(|other| *other == read) == 0 {
            self.read(read, hashes);
        }
    }

    pub(super) fn read(&mut self, read: Read, hashes: Vec<Hash>) {
        // What is gathered must be stored before it can be read.
        self.flush_changes();
        let load = self.reads.next;
        self.reads.next += 1;
        let height = |hash: &Hash| self.chain.tree().height(hash).unwrap_or(0);
        let blocks = hashes.iter().map(|hash| BlockRef { hash: *hash, height: height(hash) });
        self.outputs.push_back(Output::Load { load, blocks: blocks.collect() });
        self.reads.under_way.insert(load, (read, hashes));
    }

    pub(super) fn loaded(&mut self, load: LoadId, blocks: Vec<Option<Vec<u8>>>) {
        let Some((read, hashes)) = self.reads.under_way.remove(&load) else { return };
        let blocks = blocks.into_iter().chain(std::iter::repeat(None));
        // One that is not stored yet, or is to be stored again since its batch failed, is
        // not lost.
        let blocks: Vec<(Hash, Option<Vec<u8>>)> = hashes
            .into_iter()
            .zip(blocks)
            .map(|(hash, bytes)| (hash, bytes.or_else(|| self.unstored_block(&hash))))
            .collect();
        match read {
            Read::Validation => return self.validation_loaded(blocks),
            Read::Search(request) => return self.search_loaded(request, blocks),
            Read::FileSearch => return self.file_search_loaded(blocks),
            _ => {}
        }
        for (hash, bytes) in blocks {
            // A block may have been dropped meanwhile; then nobody needs it.
            if self.chain.tree().contains(&hash) && self.chain.body(&hash).is_none() {
                self.chain.body_loaded(&hash, bytes);
            }
        }
        match read {
            Read::Peer { to, request, hashes } => {
                if let Some(peer) = self.peers.get_mut(&to) {
                    peer.serving = peer.serving.saturating_sub(1);
                    self.answer_blocks(to, request, &hashes);
                }
            }
            read => self.answer_page(&read),
        }
    }

    pub(super) fn serve_headers(&mut self, to: PeerId, request: RequestId, locator: &[Hash]) {
        let shared = locator
            .iter()
            .find(|hash| self.chain.is_main(hash))
            .and_then(|hash| self.chain.tree().height(hash))
            .unwrap_or(0);
        let headers = (shared.saturating_add(1)..=self.chain.height())
            .take(MAX_HEADERS)
            .filter_map(|height| self.chain.hash_at(height))
            .filter_map(|hash| self.chain.tree().header(&hash))
            .map(|header| header.encode_sealed().into())
            .collect();
        self.send(to, &Message::Headers { request, headers });
    }

    /// Gives blocks of the chain only: others were not judged in their place, and whoever
    /// finds them invalid would blame this node.
    pub(super) fn serve_blocks(&mut self, to: PeerId, request: RequestId, hashes: Vec<Hash>) {
        let in_store: Vec<Hash> = hashes
            .iter()
            .filter(|hash| self.chain.is_main(hash) && self.chain.body(hash).is_none())
            .copied()
            .collect();
        let waiting = self.reads.count(|read| matches!(read, Read::Peer { .. }));
        let room = waiting < MAX_SERVING;
        match self.peers.get_mut(&to) {
            Some(peer) if !in_store.is_empty() && room && peer.serving < MAX_SERVING_PER_PEER => {
                peer.serving += 1;
                self.read(Read::Peer { to, request, hashes }, in_store);
            }
            Some(_) => self.answer_blocks(to, request, &hashes),
            None => {}
        }
    }

    fn answer_blocks(&mut self, to: PeerId, request: RequestId, hashes: &[Hash]) {
        let mut blocks: Vec<ByteVec> = Vec::new();
        let mut size = 0;
        let main = hashes.iter().filter(|hash| self.chain.is_main(hash));
        for body in main.filter_map(|hash| self.chain.body(hash)) {
            size += body.bytes.len();
            if size > MAX_RESPONSE && !blocks.is_empty() {
                break;
            }
            // The genesis block holds nothing to send.
            if body.block.header.height > 0 {
                blocks.push(body.bytes.clone().into());
            }
        }
        self.send(to, &Message::Blocks { request, blocks });
    }

    pub(super) fn serve_mempool(&mut self, to: PeerId, request: RequestId) {
        let waiting = self.chain.mempool().iter().take(MAX_MEMPOOL_IDS);
        let ids = waiting.map(|waiting| waiting.transaction.id()).collect();
        self.send(to, &Message::Mempool { request, ids });
    }

    /// A private room's name, and its members, are not for whoever knows its id.
    pub(super) fn serve_spec(&mut self, to: PeerId, request: RequestId) {
        let spec = self.chain.spec();
        let is_private = spec.terms().private.is_some();
        let spec = if is_private { Vec::new() } else { codec::encode(spec) };
        self.send(to, &Message::SentSpec { request, spec });
    }

    pub(super) fn serve_transactions(&mut self, to: PeerId, request: RequestId, ids: &[Hash]) {
        let transactions = self.packets(ids).into_iter().next().unwrap_or_default();
        self.send(to, &Message::SentTransactions { request, transactions });
    }
}
