//! What the page asks of the chain: single blocks, entries, headers, and searches.

use super::Bench;
use crate::api::{
    ApiError, BlockAt, BlockDetails, Cursor, EntryDetails, Event, Find, HeaderCheck, KeyPattern,
    MAX_HITS, MAX_MERKLE_LEVEL, MAX_QUERY, MIN_PREFIX, Outcome, SearchHit, SearchView,
};
use crate::chain::merkle;
use crate::chain::spec::Spec;
use crate::chain::transaction::Transaction;
use crate::node::limits::{MAX_SEARCH_STEP, SEARCH_FIRST};
use crate::node::{Input, NodeCommand, Output};
use crate::primitives::{Hash, Keypair, PublicKey};

/// A node with its blocks in a store, of which none is in memory.
struct Stored {
    bench: Bench,
    /// By their hashes.
    blocks: std::collections::BTreeMap<Hash, Vec<u8>>,
    requests: u32,
    /// How many blocks each answer of the store had.
    steps: Vec<usize>,
}

impl Stored {
    /// A chain of so many blocks, with an entry `entry N` in each.
    fn new(blocks: u32) -> Self {
        let mut bench = Bench::new(Spec::open("explorer").unwrap());
        for n in 0..blocks {
            bench.add(&format!("Entry {n}."));
            bench.run(200);
        }
        assert_eq!(bench.node.chain.height(), blocks);
        Self::of(bench)
    }

    fn of(mut bench: Bench) -> Self {
        let hashes = (0..=bench.node.chain.height()).map(|n| bench.node.chain.hash_at(n).unwrap());
        let blocks = hashes.map(|hash| (hash, bench.node.chain.body(&hash).unwrap().bytes.clone()));
        let blocks = blocks.collect();
        bench.node.chain.forget_bodies();
        bench.taken(Some);
        Self { bench, blocks, requests: 0, steps: Vec::new() }
    }

    /// Asks, and lets the store answer until there is an answer.
    fn ask(&mut self, command: NodeCommand) -> Result<Outcome, ApiError> {
        let request = self.begin(command);
        self.answer(request)
    }

    fn begin(&mut self, command: NodeCommand) -> u32 {
        self.requests += 1;
        self.bench.input(Input::Command { request: self.requests, command });
        self.requests
    }

    fn answer(&mut self, request: u32) -> Result<Outcome, ApiError> {
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
    fn load(&mut self) -> bool {
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

    /// Searches to the end or to the limit; gives what events and answer told together.
    fn search(&mut self, find: Find, from: Option<Cursor>) -> Result<SearchView, ApiError> {
        let Outcome::Search(mut view) = self.ask(NodeCommand::Search { search: 1, find, from })?
        else {
            panic!()
        };
        let mut hits = self.bench.taken(|output| match output {
            Output::Event(Event::Search { hits, .. }) => Some(hits),
            _ => None,
        });
        hits.push(std::mem::take(&mut view.hits));
        view.hits = hits.into_iter().flatten().collect();
        Ok(view)
    }

    fn found(&mut self, text: &str) -> Vec<SearchHit> {
        self.search(find(text), None).unwrap().hits
    }

    fn hash_at(&self, height: u32) -> Hash {
        self.bench.node.chain.hash_at(height).unwrap()
    }

    /// The entry of a block that holds one.
    fn id_at(&mut self, height: u32) -> Hash {
        self.block(BlockAt::Height(height), 0).unwrap().block.entries[0].id
    }
}

fn find(text: &str) -> Find {
    Find::Text { text: text.to_owned(), name: None }
}

fn texts(hits: &[SearchHit]) -> Vec<String> {
    let text = |hit: &SearchHit| match hit {
        SearchHit::Text { excerpt, .. } => {
            Some(format!("{}{}{}", excerpt.before, excerpt.found, excerpt.after))
        }
        _ => None,
    };
    hits.iter().filter_map(text).collect()
}

fn wallet() -> PublicKey {
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
    // The next one is not sealed at once after the last block.
    stored.bench.add("waits");
    let waiting = stored.bench.node.chain.mempool().iter().next().map(|w| w.transaction.id());
    if let Some(id) = waiting {
        assert_eq!(stored.details(id).unwrap().place, None);
        let hits = stored.found(&id.to_string());
        assert_eq!(hits, [SearchHit::Id { id, height: None }]);
    }
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

#[test]
fn words_are_found_in_any_case_newest_first() {
    let mut stored = Stored::new(40);
    assert_eq!(texts(&stored.found(" ENTRY 3. ")), ["Entry 3."]);
    let view = stored.search(find("entry 1"), None).unwrap();
    let expected: Vec<String> = (10..20).rev().chain([1]).map(|n| format!("Entry {n}.")).collect();
    assert_eq!(texts(&view.hits), expected);
    assert_eq!((view.next, view.tip, view.totals), (None, 40, None));
    assert!(stored.found("entry 41").is_empty());
}

#[test]
fn a_search_is_gone_on_with_where_it_stopped_at_its_limit() {
    let blocks = u32::try_from(2 * MAX_HITS + 5).unwrap();
    let mut stored = Stored::new(blocks);
    let (mut found, mut from, mut pages) = (Vec::new(), None, 0);
    loop {
        let view = stored.search(find("entry"), from).unwrap();
        assert!(view.hits.len() <= MAX_HITS);
        found.extend(texts(&view.hits));
        pages += 1;
        from = view.next;
        if from.is_none() {
            break;
        }
    }
    let expected: Vec<String> = (0..blocks).rev().map(|n| format!("Entry {n}.")).collect();
    assert_eq!((found, pages), (expected, 3));
}

#[test]
fn a_search_stops_and_goes_on_within_a_block_too() {
    let spec = Spec::open("explorer").unwrap();
    let mut bench = Bench::new(spec.clone());
    bench.join(super::peer(1));
    for block in super::limits::blocks_of(spec, 1, u8::try_from(MAX_HITS + 7).unwrap(), 1) {
        bench.frame(super::peer(1), &crate::wire::Message::Block { block });
    }
    let mut stored = Stored::of(bench);
    let author = Keypair::from_seed([9; 32]).public();
    let first = stored.search(Find::Author { author }, None).unwrap();
    assert_eq!(first.hits.len(), MAX_HITS);
    assert_eq!(first.totals.map(|totals| totals.entries), u32::try_from(MAX_HITS + 7).ok());
    let second = stored.search(Find::Author { author }, first.next).unwrap();
    assert_eq!((second.hits.len(), second.next), (7, None));
    assert!(second.totals.is_none(), "counted once");
    assert!(first.hits.iter().all(|hit| !second.hits.contains(hit)));
}

#[test]
fn the_beginnings_of_hashes_and_ids_and_keys_are_found_at_once() {
    let mut stored = Stored::new(3);
    let (hash, id) = (stored.hash_at(2), stored.id_at(2));
    let block = |height, hash| [SearchHit::Block { height, hash }];
    let tip = stored.hash_at(3);
    assert_eq!(stored.found("3"), block(3, tip), "and no entry holds a 3");
    for length in [MIN_PREFIX, 9, 64] {
        assert_eq!(stored.found(&hash.to_string()[..length]), block(2, hash));
        let expected = [SearchHit::Id { id, height: Some(2) }];
        assert_eq!(stored.found(&id.to_string()[..length].to_uppercase()), expected);
        let hits = stored.found(&wallet().to_string()[..length]);
        let expected = [SearchHit::Author { author: wallet(), balance: 3 * 50 }];
        assert_eq!(hits, expected, "once, though it signed each");
    }
    assert_eq!(stored.found(&hash.to_string()[..MIN_PREFIX - 1]), []);
}

#[test]
fn an_author_is_found_by_what_its_name_is_made_of() {
    let mut stored = Stored::new(3);
    let [.., c, d] = *wallet().as_bytes().first_chunk::<4>().unwrap();
    let named = |value, mask| {
        let name = Some(KeyPattern { value, mask });
        Find::Text { text: "calm heron".to_owned(), name }
    };
    let hits = stored.search(named([0, 0, c, d], [0, 0, 63, 63]), None).unwrap().hits;
    assert!(matches!(hits[..], [SearchHit::Author { author, .. }] if author == wallet()));
    assert!(stored.search(named([0, 0, c ^ 1, d], [0, 0, 63, 63]), None).unwrap().hits.is_empty());
}

#[test]
fn an_authors_entries_and_transfers_and_blocks_are_counted_to_the_end() {
    let mut stored = Stored::new(4);
    let friend = Keypair::from_seed([77; 32]).public();
    let transfer = NodeCommand::Transfer { to: friend, amount: 7 };
    assert!(stored.ask(transfer).is_ok());
    stored.bench.run(500);
    let mut stored = Stored::of(stored.bench_with_bodies());
    let mine = stored.search(Find::Author { author: wallet() }, None).unwrap();
    let totals = mine.totals.unwrap();
    assert_eq!((totals.entries, totals.received, totals.sealed), (5, 0, 5));
    assert_eq!(mine.hits.len(), 5);
    let theirs = stored.search(Find::Author { author: friend }, None).unwrap();
    let totals = theirs.totals.unwrap();
    assert_eq!((totals.entries, totals.received, totals.sealed), (0, 1, 0));
    assert_eq!(theirs.hits.len(), 1);
    let balance = stored.ask(NodeCommand::GetWallet { author: friend });
    assert!(matches!(balance, Ok(Outcome::Wallet(wallet)) if wallet.balance == 7));
}

impl Stored {
    /// The node with all of its blocks in memory again.
    fn bench_with_bodies(mut self) -> Bench {
        for (hash, bytes) in self.blocks {
            self.bench.node.chain.body_loaded(&hash, Some(bytes));
        }
        self.bench
    }
}

#[test]
fn a_new_search_ends_the_one_that_runs_and_so_does_a_stop() {
    let mut stored = Stored::new(20);
    let search = |text| NodeCommand::Search { search: 1, find: find(text), from: None };
    let first = stored.begin(search("entry 1."));
    let second = stored.begin(search("entry 2."));
    assert_eq!(stored.answer(first), Err(ApiError::Superseded));
    let Ok(Outcome::Search(view)) = stored.answer(second) else { panic!("no answer") };
    let told = stored.bench.taken(|output| match output {
        Output::Event(Event::Search { hits, .. }) => Some(hits),
        _ => None,
    });
    let hits: Vec<SearchHit> = told.into_iter().flatten().chain(view.hits).collect();
    assert_eq!(texts(&hits), ["Entry 2."], "what the first had read is not looked through");
    let third = stored.begin(search("entry 3."));
    assert_eq!(stored.ask(NodeCommand::StopSearch), Ok(Outcome::Done));
    assert_eq!(stored.answer(third), Err(ApiError::Superseded));
    while stored.load() {}
    assert!(stored.bench.node.search.is_none());
}

#[test]
fn a_search_reads_few_blocks_at_a_time_and_tells_how_far_it_is() {
    let blocks = 300;
    let mut stored = Stored::new(blocks);
    let request = stored.begin(NodeCommand::Search { search: 9, find: find("xyz"), from: None });
    let mut told = Vec::new();
    while stored.load() {
        stored.bench.run(1_000);
        told.extend(stored.bench.outputs.iter().filter_map(|output| match output {
            Output::Event(Event::Search { search: 9, searched, total, .. }) => {
                Some((*searched, *total))
            }
            _ => None,
        }));
        stored.bench.outputs.retain(|output| !matches!(output, Output::Event(_)));
    }
    assert!(stored.answer(request).is_ok());
    assert_eq!(stored.steps[0], SEARCH_FIRST);
    assert!(stored.steps.iter().all(|step| *step <= MAX_SEARCH_STEP), "{:?}", stored.steps);
    assert_eq!(stored.steps.iter().max(), Some(&MAX_SEARCH_STEP));
    assert_eq!(told.last(), Some(&(blocks, blocks)));
    assert!(told.windows(2).all(|pair| pair[0].0 < pair[1].0));
}

#[test]
fn large_blocks_make_the_steps_of_a_search_small() {
    let spec = Spec::open("explorer").unwrap();
    let mut bench = Bench::new(spec.clone());
    bench.join(super::peer(1));
    for block in super::limits::blocks_of(spec, 40, 10, 30_000) {
        bench.frame(super::peer(1), &crate::wire::Message::Block { block });
    }
    let mut stored = Stored::of(bench);
    stored.found("xyz");
    assert_eq!(stored.steps[..5], [16, 8, 4, 2, 1]);
}

#[test]
fn a_search_goes_past_a_damaged_record_which_is_then_fetched_again() {
    let mut stored = Stored::new(10);
    let hash = stored.hash_at(5);
    let other = stored.blocks[&stored.hash_at(6)].clone();
    stored.blocks.insert(hash, other);
    let found = texts(&stored.found("entry"));
    assert_eq!(found.len(), 9);
    assert!(!stored.bench.node.chain.tree().has_body(&hash));
}

#[test]
fn a_text_to_search_for_has_its_limit() {
    let mut stored = Stored::new(1);
    for text in [String::new(), " \n".to_owned(), "a".repeat(MAX_QUERY + 1)] {
        assert_eq!(stored.search(find(&text), None), Err(ApiError::InvalidQuery));
    }
    assert!(stored.search(find(&"a".repeat(MAX_QUERY)), None).is_ok());
    let beyond = Some(Cursor { height: u32::MAX, below: u32::MAX });
    assert_eq!(stored.search(find("entry"), beyond).unwrap().hits.len(), 1);
    let bottom = Some(Cursor { height: 0, below: 0 });
    assert!(stored.search(find("entry"), bottom).unwrap().hits.is_empty());
}
