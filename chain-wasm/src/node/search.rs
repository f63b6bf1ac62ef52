//! Searching the stored chain, newest blocks first, a few at a time, so that the node
//! goes on meanwhile.

mod direct;
mod text;

use std::collections::BTreeSet;

use super::Node;
use super::events::count;
use super::limits::{EVENT_INTERVAL, MAX_SEARCH_STEP, SEARCH_BYTES, SEARCH_FIRST};
use super::serving::Read;
use crate::api::{
    ApiError, AuthorTotals, Cursor, EntryState, Event, Find, KeyPattern, MAX_HITS, MAX_QUERY,
    Outcome, RequestId, SearchHit, SearchView,
};
use crate::chain::Body;
use crate::chain::block::Block;
use crate::chain::transaction::{self, Transaction};
use crate::primitives::{Hash, Instant, PublicKey};
use direct::Prefix;
use text::Needle;

/// A search under way.
#[derive(Debug)]
pub(super) struct Search {
    request: RequestId,
    /// The page's number of it.
    number: u32,
    wanted: Wanted,
    /// The highest block that has not been asked for; `None` if there is none.
    next: Option<u32>,
    /// In the block that it began with, only the transactions below this place count.
    from: Cursor,
    /// How many blocks are read in the next step.
    step: usize,
    /// How many blocks have been looked through.
    searched: u32,
    /// What the page has not been told of yet.
    hits: Vec<SearchHit>,
    /// How much was found in all; at most [`MAX_HITS`].
    found: usize,
    /// Where the first thing stands that there was no room for.
    rest: Option<Cursor>,
    /// What is counted to the end, whether there is room or not.
    totals: Option<AuthorTotals>,
    /// Whom the page has been told of.
    authors: BTreeSet<PublicKey>,
    tip: u32,
    /// When the page is told of it again.
    tell_at: Instant,
}

/// What is looked for in each block.
#[derive(Debug)]
enum Wanted {
    Text { needle: Needle, prefix: Option<Prefix>, name: Option<KeyPattern> },
    Author(PublicKey),
}

impl Search {
    const fn is_full(&self) -> bool {
        self.found >= MAX_HITS
    }

    /// Whether nothing that is still to come would change the answer.
    const fn is_over(&self) -> bool {
        self.rest.is_some() && self.totals.is_none()
    }

    /// Keeps what was found, unless there is no room or it is an author who is known.
    fn found(&mut self, hit: SearchHit) {
        let known =
            matches!(&hit, SearchHit::Author { author, .. } if !self.authors.insert(*author));
        if !known && !self.is_full() {
            self.hits.push(hit);
            self.found += 1;
        }
    }
}

impl Node {
    /// Begins a search; one that runs is ended.
    pub(super) fn search(
        &mut self,
        request: RequestId,
        number: u32,
        find: Find,
        from: Option<Cursor>,
    ) {
        self.end_search(None);
        let wanted = match find {
            Find::Author { author } => Wanted::Author(author),
            Find::Text { text, name } => {
                let text = text.trim();
                if !(1..=MAX_QUERY).contains(&text.len()) {
                    return self.reply(request, Err(ApiError::InvalidQuery));
                }
                Wanted::Text { needle: Needle::new(text), prefix: Prefix::of(text), name }
            }
        };
        let tip = self.chain.height();
        let start = from.unwrap_or(Cursor { height: tip, below: u32::MAX });
        let counts = from.is_none() && matches!(wanted, Wanted::Author(_));
        let mut search = Search {
            request,
            number,
            wanted,
            // The genesis block holds nothing.
            next: Some(start.height.min(tip)).filter(|height| *height > 0),
            from: start,
            step: SEARCH_FIRST,
            searched: 0,
            hits: Vec::new(),
            found: 0,
            rest: None,
            totals: counts.then(AuthorTotals::default),
            authors: BTreeSet::new(),
            tip,
            tell_at: self.mono,
        };
        if from.is_none() {
            self.find_directly(&mut search);
        }
        self.search_on(search);
    }

    /// Ends the search that runs, if one does: with what it found, or because of another.
    pub(super) fn end_search(&mut self, done: Option<SearchView>) {
        let Some(search) = self.search.take() else { return };
        let outcome = done.map(Outcome::Search).ok_or(ApiError::Superseded);
        self.reply(search.request, outcome);
    }

    /// Reads the next few blocks, or ends.
    fn search_on(&mut self, mut search: Search) {
        // A reorganisation may have made the chain shorter.
        let next = search.next.map(|next| next.min(self.chain.height()));
        let Some(next) = next.filter(|next| *next > 0 && !search.is_over()) else {
            let view = SearchView {
                hits: std::mem::take(&mut search.hits),
                next: search.rest,
                totals: search.totals,
                tip: search.tip,
            };
            self.search = Some(search);
            return self.end_search(Some(view));
        };
        let heights = (1..=next).rev().take(search.step);
        let hashes: Vec<Hash> = heights.filter_map(|height| self.chain.hash_at(height)).collect();
        search.next = next.checked_sub(count(search.step)).filter(|height| *height > 0);
        let request = search.request;
        self.search = Some(search);
        self.read(Read::Search(request), hashes);
    }

    pub(super) fn search_loaded(
        &mut self,
        request: RequestId,
        blocks: Vec<(Hash, Option<Vec<u8>>)>,
    ) {
        // It may have been for an earlier search, which has ended.
        let Some(mut search) = self.search.take_if(|search| search.request == request) else {
            return;
        };
        let mut size = 0;
        for (hash, bytes) in blocks {
            search.searched = search.searched.saturating_add(1);
            size += bytes.as_ref().map_or(0, Vec::len);
            if !self.chain.is_main(&hash) || search.is_over() {
                // A reorganisation took it out meanwhile, or all is found.
                continue;
            }
            if let Some(body) = self.chain.body(&hash) {
                self.look_through(&mut search, hash, &body.block);
            } else if let Some(body) = bytes.and_then(|bytes| Body::read(&hash, bytes)) {
                self.look_through(&mut search, hash, &body.block);
            } else {
                // If the record is damaged, it is fetched again from now on.
                self.chain.body_loaded(&hash, None);
            }
        }
        search.step = if size > SEARCH_BYTES { search.step / 2 } else { search.step * 2 };
        search.step = search.step.clamp(1, MAX_SEARCH_STEP);
        if search.tell_at <= self.mono {
            search.tell_at = self.mono.after(EVENT_INTERVAL);
            let (hits, total) =
                (std::mem::take(&mut search.hits), search.from.height.min(search.tip));
            let (number, searched) = (search.number, search.searched);
            self.event(Event::Search { search: number, searched, total, hits });
        }
        self.search_on(search);
    }

    /// Looks at a block's transactions, the last first.
    fn look_through(&self, search: &mut Search, hash: Hash, block: &Block) {
        let height = block.header.height;
        let state = EntryState::InBlock { height, block: hash };
        for (place, transaction) in block.transactions.iter().enumerate().rev() {
            let place = count(place);
            if height == search.from.height && place >= search.from.below {
                continue;
            }
            let hits = self.hits_of(search, transaction, state);
            if !hits.is_empty() && search.is_full() {
                search.rest.get_or_insert(Cursor { height, below: place.saturating_add(1) });
                if search.is_over() {
                    return;
                }
            }
            for hit in hits {
                search.found(hit);
            }
        }
    }

    /// What a transaction has of what is wanted; counts it, too.
    fn hits_of(
        &self,
        search: &mut Search,
        transaction: &Transaction,
        state: EntryState,
    ) -> Vec<SearchHit> {
        let author = transaction.author();
        let view = || Box::new(self.view_of(transaction, state, false));
        match &search.wanted {
            Wanted::Text { needle, prefix, name } => {
                let named = name.is_some_and(|name| name.fits(&author))
                    || prefix.is_some_and(|prefix| prefix.fits(author.as_bytes()));
                let author =
                    (named && !search.authors.contains(&author)).then(|| self.author_hit(author));
                let data = self.data_of(transaction);
                let text = data.as_ref().and_then(|data| text::of(&data.media_type, &data.bytes));
                let text = text.and_then(|text| needle.find_in(text));
                let text = text.map(|excerpt| SearchHit::Text { entry: view(), excerpt });
                author.into_iter().chain(text).collect()
            }
            Wanted::Author(wanted) => {
                let mut not_counted = AuthorTotals::default();
                let totals = search.totals.as_mut().unwrap_or(&mut not_counted);
                let counted = match transaction.body() {
                    transaction::Body::Coinbase { to, .. } if to == wanted => {
                        totals.sealed += 1;
                        return Vec::new();
                    }
                    transaction::Body::Coinbase { .. } => return Vec::new(),
                    _ if author == *wanted => &mut totals.entries,
                    transaction::Body::Transfer { to, .. } if to == wanted => &mut totals.received,
                    _ => return Vec::new(),
                };
                *counted += 1;
                if search.rest.is_some() {
                    // Only counted: where to go on for it is known.
                    return Vec::new();
                }
                vec![SearchHit::Entry { entry: view() }]
            }
        }
    }

    fn author_hit(&self, author: PublicKey) -> SearchHit {
        SearchHit::Author { author, balance: self.chain.ledger().balance(&author) }
    }
}
