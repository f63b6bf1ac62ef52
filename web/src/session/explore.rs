//! Going from place to place, and searching.

use chain_wasm::api::{Command, Cursor, Find, Outcome};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::browser;
use crate::model::name::Name;
use crate::model::route::{self, Place};
use crate::model::search::{Searching, Stage};
use crate::node_link::CallError;

/// What has the focus after another place was gone to: its title.
pub(crate) const TITLE: &str = "place-title";

impl Session {
    /// The address of a place in this room, for a link.
    pub(crate) fn href(self, place: &Place) -> String {
        // A link goes with its room: another room draws all anew.
        self.room.with_untracked(|room| {
            room.as_ref().map_or_else(|_| "#".into(), |room| route::write_place(room, place))
        })
    }

    /// The address of a place, for somebody who is not to have a private room's secret.
    pub(crate) fn href_to_give_away(self, place: &Place) -> String {
        self.room.with_untracked(|room| {
            let Ok(room) = room else { return "#".into() };
            let mut room = room.clone();
            if let Some(private) = &mut room.private {
                private.secret = None;
            }
            route::write_place(&room, place)
        })
    }

    /// Shows another place; the address names it already. The chain comes back as far
    /// scrolled as it was left, any other place begins at its title.
    pub(super) fn go_to(self, place: Place) {
        let before = self.place.get_untracked();
        if before == place {
            return;
        }
        if before == Place::Chain {
            self.scrolled.set_value(browser::scrolled());
        }
        // What was found for the place that is left must not be seen at the next.
        self.end_search();
        let to_chain = place == Place::Chain;
        self.place.set(place);
        spawn_local(async move {
            // Once it is drawn, and the browser has put the page where it thinks it was.
            gloo_timers::future::TimeoutFuture::new(0).await;
            if to_chain {
                browser::scroll_to(self.scrolled.get_value());
            } else {
                browser::scroll_to(0.0);
                browser::focus(TITLE);
            }
        });
    }

    /// Goes to what a search for this finds; searches again if that is shown already.
    pub(crate) fn search_for(self, text: &str) {
        let place = Place::Search(text.trim().to_owned());
        if self.place.with_untracked(|shown| *shown == place) {
            return self.search_place(&place);
        }
        browser::set_fragment(&self.href(&place));
    }

    /// Searches for what the address names once the node runs.
    pub(super) fn follow_searches(self) {
        let running = self.running();
        Effect::new(move |_| {
            let place = self.place.get();
            if running.get() {
                self.search_place(&place);
            }
        });
    }

    /// Searches for what a place is about, if it is about a search.
    pub(crate) fn search_place(self, place: &Place) {
        let find = match place {
            Place::Search(text) => {
                Some(Find::Text { text: text.clone(), name: Name::pattern(text) })
            }
            Place::Author(author) => Some(Find::Author { author: *author }),
            _ => None,
        };
        if let Some(find) = find {
            let number = self.next_search();
            let search = Searching::new(number, find.clone());
            self.model.update(|model| model.search = Some(search));
            self.run_search(number, find, None);
        }
    }

    /// Forgets the search that is shown, and ends it if it runs.
    fn end_search(self) {
        let search =
            self.model.with_untracked(|model| model.search.as_ref().map(Searching::is_running));
        let Some(running) = search else { return };
        self.model.update(|model| model.search = None);
        if running {
            self.send(Command::StopSearch);
        }
    }

    /// Goes on with the search that is shown.
    pub(crate) fn search_on(self) {
        let number = self.next_search();
        let more = self.model.try_update(|model| {
            let search = model.search.as_mut()?;
            Some((search.go_on(number)?, search.find.clone()))
        });
        if let Some(Some((cursor, find))) = more {
            self.run_search(number, find, Some(cursor));
        }
    }

    /// Lets the node see how long others take to answer.
    pub(crate) fn measure(self) {
        self.send(Command::Measure);
    }

    fn next_search(self) -> u32 {
        self.searches.update_value(|searches| *searches = searches.wrapping_add(1));
        self.searches.get_value()
    }

    fn run_search(self, number: u32, find: Find, from: Option<Cursor>) {
        spawn_local(async move {
            let answer = self.call(Command::Search { search: number, find, from }).await;
            self.model.update(|model| {
                let search = model.search.as_mut().filter(|search| search.number == number);
                let Some(search) = search else { return };
                match answer {
                    Ok(Outcome::Search(view)) => search.ended(Ok(view)),
                    Err(CallError::Refused(error)) => search.ended(Err(error)),
                    // The node is gone, which is shown by itself.
                    Ok(_) | Err(_) => search.stage = Stage::Done,
                }
            });
        });
    }

    /// Shows one page of newer blocks, unless blocks are being fetched.
    pub(crate) fn show_newer(self) {
        let missing = self.model.with_untracked(|model| {
            let node = model.node.as_ref()?;
            node.window.missing_newer(node.tip.height)
        });
        let Some((from, count)) = missing.filter(|_| !self.fetching.get_untracked()) else {
            return;
        };
        self.fetching.set(true);
        spawn_local(async move {
            let answer = self.call(Command::GetBlocks { from: Some(from), count }).await;
            if let Ok(Outcome::Blocks(blocks)) = answer {
                self.model.update(|model| {
                    if let Some(node) = &mut model.node {
                        node.window.add_newer(blocks, node.tip.height);
                    }
                });
            }
            self.fetching.set(false);
            // What came meanwhile was not filled up with older ones.
            self.fill_window();
        });
    }

    /// Shows the newest blocks again, unless blocks are being fetched.
    pub(crate) fn show_newest(self) {
        if self.fetching.get_untracked() {
            return;
        }
        self.fetching.set(true);
        spawn_local(async move {
            let count = chain_wasm::api::MAX_BLOCKS_TOLD;
            let answer = self.call(Command::GetBlocks { from: None, count }).await;
            if let Ok(Outcome::Blocks(blocks)) = answer {
                self.model.update(|model| {
                    if let Some(node) = &mut model.node {
                        node.window.reset(blocks);
                    }
                });
            }
            self.fetching.set(false);
            // What came meanwhile was not filled up with older ones.
            self.fill_window();
        });
    }
}
