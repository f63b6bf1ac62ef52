//! What is said of the network and of what happened in it, in English.

use chain_wasm::api::{EntryState, StorageView};

use super::super::Words;
use super::super::network::{NetworkTexts, NetworkWords};
use super::English;
use crate::model::format::{bytes, grouped, short_hash};
use crate::model::log::{Happening, Kind, Who};

const TEXTS: NetworkTexts = NetworkTexts {
    title: "Network",
    hint: "Every tab of this room, by what it says of its newest block: equal strips are equal chains. Messages go through the relay, which cannot change them unseen.",
    to_network: "Show the network",
    to_log: "What happened",
    relay: "Relay",
    relay_row: "Connection",
    answers_in: "Answers in",
    not_measured: "not measured yet",
    sent: "Sent",
    received: "Received",
    room_rows: "All tabs of the room",
    column_tab: "Tab",
    column_chain: "Chain",
    column_newest: "Newest block",
    column_state: "State",
    column_answer: "Answers in",
    column_waiting: "Waiting entries",
    legend: "Signs",
    this_tab: "This tab",
    another_tab: "another tab",
    other_branches: "another chain",
    no_peers: "No other tab is here.",
    log_title: "What happened",
    log_filter: "Show",
    log_empty: "Nothing yet.",
    log_none_of_these: "Nothing of what is chosen.",
    save_text: "Save as text",
    save_json: "Save as JSON",
    not_saved: "The browser did not save the file.",
};

fn blocks(count: u32) -> String {
    if count == 1 { "1 block".into() } else { format!("{} blocks", grouped(count.into())) }
}

impl NetworkWords for English {
    fn network(&self) -> &'static NetworkTexts {
        &TEXTS
    }

    fn millis(&self, millis: u32) -> String {
        if millis == 0 { "under 1 ms".into() } else { format!("{} ms", grouped(millis.into())) }
    }

    fn messages(&self, count: u64, size: u64) -> String {
        let noun = if count == 1 { "message" } else { "messages" };
        format!("{} {noun}, {}", grouped(count), bytes(size))
    }

    fn picture(&self, tabs: usize, same: usize) -> String {
        format!(
            "A drawing of the room: {}, of which {} at this tab's newest block. The list below says \
             the same.",
            self.tabs(tabs),
            grouped(same as u64)
        )
    }

    fn group(&self, height: u32, size: usize) -> String {
        format!("{} · {}", self.block(height), self.tabs(size))
    }

    fn tabs(&self, count: usize) -> String {
        if count == 1 { "1 tab".into() } else { format!("{} tabs", grouped(count as u64)) }
    }

    fn not_drawn(&self, count: usize) -> String {
        format!("{} more stand in the list only.", self.tabs(count))
    }

    fn kind(&self, kind: Kind) -> &'static str {
        match kind {
            Kind::Blocks => "Blocks",
            Kind::Forks => "Forks",
            Kind::Entries => "Entries",
            Kind::Peers => "Tabs",
            Kind::Faults => "Forgeries",
            Kind::Relay => "Relay",
            Kind::Tab => "This tab",
        }
    }

    fn log_limit(&self, limit: usize, count: u64) -> String {
        let limit = grouped(limit as u64);
        let count = grouped(count);
        format!("The newest {limit} events are kept while this page is open. So far: {count}.")
    }

    fn happening(&self, what: &Happening, called: &dyn Fn(&Who) -> String) -> String {
        match what {
            Happening::Started { height } => {
                format!("This tab started at {}.", lower(&self.block(*height)))
            }
            Happening::Failed => "The node of this tab stopped.".into(),
            Happening::Block { height, added, entries, from, own, .. } => {
                let block = self.block(*height);
                let within = self.entries(*entries);
                let more = added.saturating_sub(1);
                match (from, own) {
                    (_, true) => format!("{block} was sealed by this tab, with {within}."),
                    (Some(who), _) if more > 0 => {
                        format!("{block} arrived from {}, after {}.", called(who), blocks(more))
                    }
                    (Some(who), _) => {
                        format!("{block} arrived from {} with {within}.", called(who))
                    }
                    (None, _) => format!("{block} is the newest, with {within}."),
                }
            }
            Happening::CaughtUp { height, blocks: count } => {
                format!(
                    "{} were fetched and checked, up to {}.",
                    blocks(*count),
                    lower(&self.block(*height))
                )
            }
            Happening::Reorganised(what) => self.reorganisation(what),
            Happening::Entry { id, state } => {
                let entry = format!("Your entry {}", short_hash(id));
                match state {
                    EntryState::Stored => format!("{entry} is stored here and waits to be sent."),
                    EntryState::Announced => format!("{entry} was sent to the room."),
                    EntryState::Returned => {
                        format!("{entry} lost its block to another branch and waits again.")
                    }
                    EntryState::InBlock { height, .. } => {
                        format!("{entry} is in {}.", lower(&self.block(*height)))
                    }
                }
            }
            Happening::EntryRefused { id, winner } => {
                let winner = winner.map(|winner| short_hash(&winner));
                self.entry_refused(&short_hash(id), winner.as_deref())
            }
            Happening::Joined(who) => format!("{} joined the room.", called(who)),
            Happening::Left(who) => format!("{} left the room.", called(who)),
            Happening::ManyJoined(count) => format!("{} joined the room.", self.tabs(*count)),
            Happening::ManyLeft(count) => format!("{} left the room.", self.tabs(*count)),
            Happening::Fault { who, fault, rule } => {
                let name = called(who);
                let why = match rule {
                    Some(code) => {
                        let rule = self.rule(code).unwrap_or("it breaks a rule");
                        format!(": {rule} ({code})")
                    }
                    None => String::new(),
                };
                format!(
                    "{name} {}{why}. It was refused, and {name} is ignored.",
                    self.peer_fault(*fault)
                )
            }
            Happening::Connected => "The relay took this tab in.".into(),
            Happening::Disconnected(reason) => {
                format!("The relay went away. {} It is tried again.", self.link_reason(*reason))
            }
            Happening::Offline(reason) => {
                format!("This tab is not connected. {}", self.link_reason(*reason))
            }
            Happening::Storage(StorageView::Durable) => "What is accepted is stored again.".into(),
            Happening::Storage(StorageView::Memory { reason }) => self.memory_only(*reason),
            Happening::Mining(mode) => {
                format!("This tab mines from now on: {}.", lower(&self.mining_mode(*mode)))
            }
        }
    }
}

/// As it stands within a sentence.
fn lower(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}
