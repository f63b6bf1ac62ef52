//! What is said of the network and of what happened in it.

use crate::model::log::{Happening, Kind, Who};

texts! { NetworkTexts:
    title, hint, to_network, to_log, relay, relay_row, answers_in, not_measured, sent, received,
    room_rows, column_tab, column_chain, column_newest, column_state, column_answer, column_waiting,
    legend, this_tab, another_tab, other_branches, no_peers, log_title, log_filter, log_empty, log_none_of_these, save_text, save_json,
    not_saved,
}

/// What is said with parts of the network and of what happened in it.
pub(crate) trait NetworkWords {
    /// What is said without parts.
    fn network(&self) -> &'static NetworkTexts;
    /// How long an answer took.
    fn millis(&self, millis: u32) -> String;
    /// So many messages of so many bytes in all.
    fn messages(&self, count: u64, bytes: u64) -> String;
    /// What the drawing of a room shows: so many tabs, this one counted, of which so many
    /// have this tab's newest block.
    fn picture(&self, tabs: usize, same: usize) -> String;
    /// Those who are at one block.
    fn group(&self, height: u32, size: usize) -> String;
    /// How many tabs.
    fn tabs(&self, count: usize) -> String;
    /// That so many tabs are not drawn.
    fn not_drawn(&self, count: usize) -> String;
    /// What events are about.
    fn kind(&self, kind: Kind) -> &'static str;
    /// How many events are kept, and how many there were.
    fn log_limit(&self, limit: usize, count: u64) -> String;
    /// What happened, in a sentence; `called` names another tab.
    fn happening(&self, what: &Happening, called: &dyn Fn(&Who) -> String) -> String;
}
