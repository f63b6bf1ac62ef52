//! What the page asks of the chain: single blocks, entries and headers.

use super::Bench;
use crate::api::{
    ApiError, BlockAt, BlockDetails, EntryDetails, HeaderCheck, MAX_MERKLE_LEVEL, MiningMode,
    Outcome,
};
use crate::chain::merkle;
use crate::chain::spec::Spec;
use crate::chain::transaction::Transaction;
use crate::node::{Input, NodeCommand, Output};
use crate::primitives::{Hash, Keypair, PublicKey};

/// A node with its blocks in a store, of which none is in memory.
pub(super) struct Stored {
    pub(super) bench: Bench,
    /// By their hashes.
    pub(super) blocks: std::collections::BTreeMap<Hash, Vec<u8>>,
    requests: u32,
    /// How many blocks each answer of the store had.
    pub(super) steps: Vec<usize>,
}

impl Stored {
    /// A chain of so many blocks, with an entry `entry N` in each.
    pub(super) fn new(blocks: u32) -> Self {
        let mut bench = Bench::new(Spec::open("explorer").unwrap());
        for n in 0..blocks {
            bench.add(&format!("Entry {n}."));
            bench.run(200);
        }
        assert_eq!(bench.node.chain.height(), blocks);
        Self::of(bench)
    }

    pub(super) fn of(mut bench: Bench) -> Self {
        let hashes = (0..=bench.node.chain.height()).map(|n| bench.node.chain.hash_at(n).unwrap());
        let blocks = hashes.map(|hash| (hash, bench.node.chain.body(&hash).unwrap().bytes.clone()));
        let blocks = blocks.collect();
        bench.node.chain.forget_bodies();
        bench.taken(Some);
        Self { bench, blocks, requests: 0, steps: Vec::new() }
    }

    /// Asks, and lets the store answer until there is an answer.
    pub(super) fn ask(&mut self, command: NodeCommand) -> Result<Outcome, ApiError> {
        let request = self.begin(command);
        self.answer(request)
    }

    pub(super) fn begin(&mut self, command: NodeCommand) -> u32 {
        self.requests += 1;
        self.bench.input(Input::Command { request: self.requests, command });
        self.requests
    }

    pub(super) fn answer(&mut self, request: u32) -> Result<Outcome, ApiError> {
        loop {
            let at = self.bench.outputs.iter().position(
                |output| matches!(output, Output::Reply { request: of, .. } if *of == request),
            );
            if let Some(at) = at {
                let Output::Reply { outcome, .. } = self.bench.outputs.remove(at) else { panic!() };
                return outcome;
            }
            assert!(self.load(), "neither an answer nor a read");
        }
    }

    /// Lets the store answer the first read, if there is one.
    pub(super) fn load(&mut self) -> bool {
        let is_load = |output: &Output| matches!(output, Output::Load { .. });
        let Some(at) = self.bench.outputs.iter().position(is_load) else { return false };
        let Output::Load { load, blocks } = self.bench.outputs.remove(at) else { panic!() };
        self.steps.push(blocks.len());
        let blocks = blocks.iter().map(|block| self.blocks.get(&block.hash).cloned()).collect();
        self.bench.input(Input::Loaded { load, blocks });
        true
    }

    fn block(&mut self, at: BlockAt, skip: u32) -> Result<BlockDetails, ApiError> {
        match self.ask(NodeCommand::GetBlock { at, skip })? {
            Outcome::Block(block) => Ok(*block),
            other => panic!("{other:?}"),
        }
    }

    fn details(&mut self, id: Hash) -> Result<EntryDetails, ApiError> {
        match self.ask(NodeCommand::GetEntryDetails { id })? {
            Outcome::EntryDetails(details) => Ok(*details),
            other => panic!("{other:?}"),
        }
    }

    fn header(&mut self, block: Hash) -> Result<HeaderCheck, ApiError> {
        match self.ask(NodeCommand::CheckHeader { block })? {
            Outcome::Header(header) => Ok(header),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn hash_at(&self, height: u32) -> Hash {
        self.bench.node.chain.hash_at(height).unwrap()
    }

    /// The entry of a block that holds one.
    pub(super) fn id_at(&mut self, height: u32) -> Hash {
        self.block(BlockAt::Height(height), 0).unwrap().block.entries[0].id
    }
}

pub(super) fn wallet() -> PublicKey {
    Keypair::from_seed([1; 32]).public()
}

#[test]
fn a_block_is_found_by_height_and_by_hash_in_the_store() {
    let mut stored = Stored::new(5);
    for height in [5, 3, 0] {
        let hash = stored.hash_at(height);
        let by_height = stored.block(BlockAt::Height(height), 0).unwrap();
        assert_eq!((by_height.block.height, by_height.block.hash), (height, hash));
        assert_eq!(stored.block(BlockAt::Hash(hash), 0).unwrap(), by_height);
        let top = by_height.merkle.first().map(|level| level[0]);
        let root = if height == 0 { None } else { Some(by_height.block.merkle_root) };
        assert_eq!(top, root, "the tree's top is the header's root");
        assert_eq!(by_height.leaves, if height == 0 { 0 } else { 2 });
    }
    for at in [BlockAt::Height(6), BlockAt::Height(u32::MAX), BlockAt::Hash(Hash::of(b"x"))] {
        assert_eq!(stored.block(at, 0), Err(ApiError::NotFound));
    }
    assert_eq!(stored.steps, [1, 1], "what was read once is at hand, and the genesis always");
}

#[test]
fn a_block_that_the_store_has_lost_is_not_found_and_is_asked_for_again() {
    let mut stored = Stored::new(3);
    let hash = stored.hash_at(2);
    stored.blocks.insert(hash, b"damaged".to_vec());
    assert_eq!(stored.block(BlockAt::Height(2), 0), Err(ApiError::NotFound));
    assert!(!stored.bench.node.chain.tree().has_body(&hash));
}

#[test]
fn an_entry_tells_its_place_and_size_and_is_found_while_it_waits() {
    let mut stored = Stored::new(2);
    let id = stored.id_at(1);
    stored.bench.node.chain.forget_bodies();
    let details = stored.details(id).unwrap();
    assert_eq!(details.place, Some((1, 2)));
    let body = stored.bench.node.chain.body(&stored.hash_at(1)).unwrap();
    let size = body.block.transactions[1].encode().len();
    assert_eq!(usize::try_from(details.size).unwrap(), size);
    assert_eq!(details.entry.id, id);
    assert_eq!(stored.details(Hash::of(b"x")), Err(ApiError::NotFound));
    assert!(stored.ask(NodeCommand::SetMining { mode: MiningMode::Never }).is_ok());
    stored.bench.add("waits");
    let waiting = stored.bench.node.chain.mempool().iter().next().unwrap().transaction.id();
    assert_eq!(stored.details(waiting).unwrap().place, None);
}

#[test]
fn a_headers_hash_is_computed_anew() {
    let mut stored = Stored::new(1);
    let hash = stored.hash_at(1);
    let header = stored.header(hash).unwrap();
    assert_eq!(header.bytes.len(), crate::chain::block::HEADER_SIZE);
    assert_eq!((header.computed, header.meets), (hash, true));
    assert_eq!(Hash::of(&header.bytes), hash);
    assert_eq!(stored.header(Hash::of(b"x")), Err(ApiError::NotFound));
}

#[test]
fn a_drawn_tree_has_only_levels_that_fit_and_entries_come_in_pages() {
    let many = crate::api::MAX_ENTRIES_IN_VIEW + 20;
    let mut bench = Bench::new(Spec::open("explorer").unwrap());
    bench.node.chain.keep_all_of(wallet());
    // A block of many entries, made by hand: the node would seal some of them sooner.
    let spec = Spec::open("explorer").unwrap();
    let blocks = super::limits::blocks_of(spec, 1, u8::try_from(many).unwrap(), 10);
    bench.join(super::peer(1));
    for block in blocks {
        bench.frame(super::peer(1), &crate::wire::Message::Block { block });
    }
    let mut stored = Stored::of(bench);
    let block = stored.block(BlockAt::Height(1), 0).unwrap();
    let widths: Vec<usize> = block.merkle.iter().map(Vec::len).collect();
    assert_eq!(widths, [1, 2, 4, 8, MAX_MERKLE_LEVEL]);
    assert_eq!(usize::try_from(block.leaves).unwrap(), many + 1);
    let body = stored.bench.node.chain.body(&block.block.hash).unwrap();
    let levels = merkle::levels(body.block.transactions.iter().map(Transaction::encode));
    assert!(levels.starts_with(&block.merkle));
    let skip = u32::try_from(block.block.entries.len()).unwrap();
    let rest = stored.block(BlockAt::Height(1), skip).unwrap();
    assert_eq!((rest.skipped, rest.block.entries.len()), (skip, 20));
    let ids = |block: &BlockDetails| block.block.entries.iter().map(|e| e.id).collect::<Vec<_>>();
    let all: Vec<Hash> = body.block.entries().map(Transaction::id).collect();
    assert_eq!([ids(&block), ids(&rest)].concat(), all);
    assert!(stored.block(BlockAt::Height(1), u32::MAX).unwrap().block.entries.is_empty());
}
