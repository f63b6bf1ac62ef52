//! A search of the chain, as far as the page knows it.

use std::sync::Arc;

use chain_wasm::api::{ApiError, AuthorTotals, Cursor, Find, SearchHit, SearchView};

/// The most that a search shows, however often it is gone on with: what was found first
/// is then far from what is looked at, and let go.
pub(crate) const MAX_FOUND: usize = 500;

/// A search.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Searching {
    /// Its number; it changes each time it is gone on with.
    pub(crate) number: u32,
    /// What is looked for.
    pub(crate) find: Find,
    /// What was found, in the order in which the node told it.
    pub(crate) hits: Arc<Vec<SearchHit>>,
    /// How much was found before those, and let go.
    pub(crate) passed: usize,
    /// How far it is.
    pub(crate) stage: Stage,
    /// What there is of an author in all, once it is counted.
    pub(crate) totals: Option<AuthorTotals>,
    /// The tip's height when it began; 0 until the node has answered.
    pub(crate) tip: u32,
}

/// How far a search is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Stage {
    /// It runs.
    Running {
        /// Blocks looked through.
        searched: u32,
        /// Blocks in all; 0 until it is known.
        total: u32,
    },
    /// There may be more from here on.
    More(Cursor),
    /// The chain was looked through to its beginning.
    Done,
    /// The node refused it.
    Refused(ApiError),
}

impl Searching {
    /// A search that begins.
    pub(crate) fn new(number: u32, find: Find) -> Self {
        let stage = Stage::Running { searched: 0, total: 0 };
        Self { number, find, hits: Arc::default(), passed: 0, stage, totals: None, tip: 0 }
    }

    /// Whether it runs.
    pub(crate) const fn is_running(&self) -> bool {
        matches!(self.stage, Stage::Running { .. })
    }

    /// How far it has got, and what it has found since.
    pub(crate) fn progressed(&mut self, searched: u32, total: u32, hits: Vec<SearchHit>) {
        self.take(hits);
        if self.is_running() {
            self.stage = Stage::Running { searched, total };
        }
    }

    /// It has come to an end.
    pub(crate) fn ended(&mut self, outcome: Result<SearchView, ApiError>) {
        match outcome {
            Ok(view) => {
                self.take(view.hits);
                self.totals = self.totals.or(view.totals);
                // A search that is gone on with keeps its beginning.
                self.tip = self.tip.max(view.tip);
                self.stage = match view.next {
                    Some(cursor) => Stage::More(cursor),
                    None => Stage::Done,
                };
            }
            Err(error) => self.stage = Stage::Refused(error),
        }
    }

    /// Goes on under another number, if there may be more; gives from where on.
    pub(crate) fn go_on(&mut self, number: u32) -> Option<Cursor> {
        let Stage::More(cursor) = self.stage else { return None };
        self.number = number;
        self.stage = Stage::Running { searched: 0, total: 0 };
        Some(cursor)
    }

    /// An author may be found again by a search that is gone on with.
    fn take(&mut self, hits: Vec<SearchHit>) {
        if hits.is_empty() {
            return;
        }
        let shown = Arc::make_mut(&mut self.hits);
        for hit in hits {
            let known = |other: &SearchHit| match (&hit, other) {
                (SearchHit::Author { author, .. }, SearchHit::Author { author: known, .. }) => {
                    author == known
                }
                _ => false,
            };
            if !shown.iter().any(known) {
                shown.push(hit);
            }
        }
        let too_many = shown.len().saturating_sub(MAX_FOUND);
        shown.drain(..too_many);
        self.passed += too_many;
    }
}

#[cfg(test)]
mod tests {
    use chain_wasm::primitives::{Hash, PublicKey};

    use super::*;

    const CURSOR: Cursor = Cursor { height: 7, below: 2 };

    fn searching() -> Searching {
        Searching::new(1, Find::Text { text: "a".into(), name: None })
    }

    fn ids(from: usize, count: usize) -> Vec<SearchHit> {
        let id = |n: usize| Hash::of(&n.to_be_bytes());
        (from..from + count).map(|n| SearchHit::Id { id: id(n), height: None }).collect()
    }

    fn view(hits: Vec<SearchHit>, next: Option<Cursor>) -> SearchView {
        SearchView { hits, next, totals: None, tip: 9 }
    }

    #[test]
    fn what_is_found_adds_up_over_events_and_the_answer() {
        let mut search = searching();
        search.progressed(16, 100, ids(0, 2));
        assert_eq!(search.stage, Stage::Running { searched: 16, total: 100 });
        search.ended(Ok(view(ids(2, 1), Some(CURSOR))));
        assert_eq!(*search.hits, ids(0, 3));
        assert_eq!(search.go_on(2), Some(CURSOR));
        assert!(search.is_running());
        search.ended(Ok(view(ids(3, 1), None)));
        assert_eq!((search.hits.len(), search.stage.clone()), (4, Stage::Done));
        assert_eq!(search.go_on(3), None);
    }

    #[test]
    fn an_author_is_shown_once() {
        let author = |n| {
            let hit = SearchHit::Author { author: PublicKey::from_bytes([n; 32]), balance: 1 };
            vec![hit]
        };
        let mut search = searching();
        search.progressed(1, 9, author(1));
        search.progressed(2, 9, author(2));
        search.ended(Ok(view(author(1), None)));
        assert_eq!(search.hits.len(), 2);
    }

    #[test]
    fn no_more_is_shown_than_the_limit_and_what_was_found_first_is_let_go() {
        let mut search = searching();
        search.progressed(1, 9, ids(0, MAX_FOUND - 1));
        search.ended(Ok(view(ids(MAX_FOUND - 1, 11), Some(CURSOR))));
        assert_eq!((search.hits.len(), search.passed), (MAX_FOUND, 10));
        assert_eq!(*search.hits, ids(10, MAX_FOUND));
        assert_eq!(search.go_on(2), Some(CURSOR));
    }
}
