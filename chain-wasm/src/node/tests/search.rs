//! Searches of the stored chain.

use super::Bench;
use super::explorer::{Stored, wallet};
use crate::api::{
    ApiError, Cursor, Event, Find, KeyPattern, MAX_HITS, MAX_QUERY, MIN_PREFIX, MiningMode,
    Outcome, SearchHit, SearchView,
};
use crate::chain::spec::Spec;
use crate::node::limits::{MAX_SEARCH_STEP, SEARCH_FIRST};
use crate::node::{NodeCommand, Output};
use crate::primitives::Keypair;

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
fn an_entry_that_waits_is_found_by_its_id() {
    let mut stored = Stored::new(1);
    assert!(stored.ask(NodeCommand::SetMining { mode: MiningMode::Never }).is_ok());
    stored.bench.add("waits");
    let id = stored.bench.node.chain.mempool().iter().next().unwrap().transaction.id();
    assert_eq!(stored.found(&id.to_string()), [SearchHit::Id { id, height: None }]);
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
    /// Searches to the end or to the limit; gives what events and answer told together.
    pub(super) fn search(
        &mut self,
        find: Find,
        from: Option<Cursor>,
    ) -> Result<SearchView, ApiError> {
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

    pub(super) fn found(&mut self, text: &str) -> Vec<SearchHit> {
        self.search(find(text), None).unwrap().hits
    }

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
