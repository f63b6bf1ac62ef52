//! A readable account of a run: virtual time, who, what.

use chain_wasm::api::{Event, TipChange};
use chain_wasm::node::Input;
use chain_wasm::primitives::PeerId;
use chain_wasm::wire::Message;

/// How much of a run is told.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Detail {
    /// Nothing.
    #[default]
    Off,
    /// Faults, commands, moves of tips, refusals.
    Steps,
    /// Messages that are sent, too.
    Messages,
    /// Each input of each node, too.
    Inputs,
}

/// Prints what happens.
#[derive(Debug, Clone, Copy, Default)]
pub struct Trace {
    pub detail: Detail,
}

impl Trace {
    /// Tells of a tab, if so much is to be told.
    pub fn log(self, detail: Detail, now: u64, tab: usize, what: impl FnOnce() -> String) {
        if detail <= self.detail {
            println!("{:>9}.{:03} s  node {tab:>3}  {}", now / 1_000, now % 1_000, what());
        }
    }

    /// Tells of what is no single tab's.
    pub fn log_world(self, detail: Detail, now: u64, what: impl FnOnce() -> String) {
        if detail <= self.detail {
            println!("{:>9}.{:03} s            {}", now / 1_000, now % 1_000, what());
        }
    }

    pub(super) fn sent(self, now: u64, tab: usize, to: Option<PeerId>, bytes: &[u8]) {
        self.log(Detail::Messages, now, tab, || {
            let to = to.map_or_else(|| "all".to_owned(), |to| format!("{to:?}"));
            format!("-> {to}: {}", describe(bytes))
        });
    }

    pub(super) fn input(self, now: u64, tab: usize, input: &Input) {
        self.log(Detail::Inputs, now, tab, || match input {
            Input::Frame { from, bytes } => format!("<- {from:?}: {}", describe(bytes)),
            Input::LinkUp { peers, .. } => format!("link up, {} peers", peers.len()),
            Input::PeerStatus { peer, .. } => format!("status of {peer:?}"),
            Input::PeerJoined { peer, .. } => format!("{peer:?} joined"),
            Input::Loaded { load, blocks } => format!("load {load} done: {}", blocks.len()),
            Input::Command { command, .. } => {
                let text = format!("{command:?}");
                format!("command {}", text.chars().take(60).collect::<String>())
            }
            other => format!("{other:?}"),
        });
    }

    pub(super) fn event(self, now: u64, tab: usize, event: &Event) {
        match event {
            Event::Chain { fork_height, tip, change, .. } => {
                self.log(Detail::Steps, now, tab, || {
                    let change = match change {
                        TipChange::Extended { added } => format!("{added} more"),
                        TipChange::Reorganised { abandoned, adopted, returned } => format!(
                            "{abandoned} abandoned and {adopted} adopted above {fork_height}, \
                             {returned:?}"
                        ),
                    };
                    format!("tip {:?} at {}: {change}", tip.hash, tip.height)
                });
            }
            Event::EntryRefused { .. } | Event::Fault { .. } | Event::Storage(_) => {
                self.log(Detail::Steps, now, tab, || format!("{event:?}"));
            }
            Event::Entry(entry) => {
                self.log(Detail::Messages, now, tab, || {
                    format!("{:?} {:?}", entry.id, entry.state)
                });
            }
            Event::Sync(view) => self.log(Detail::Messages, now, tab, || format!("{view:?}")),
            Event::Sealing(view) => self.log(Detail::Messages, now, tab, || format!("{view:?}")),
            _ => {}
        }
    }
}

/// A message in few words.
pub(super) fn describe(bytes: &[u8]) -> String {
    match Message::decode(bytes) {
        Ok(Message::Transactions { transactions }) => {
            format!("{} transactions", transactions.len())
        }
        Ok(Message::Block { block }) => match chain_wasm::chain::block::Block::decode(&block) {
            Ok(block) => format!(
                "block {:?} at {} on {:?}, {} entries",
                block.header.hash(),
                block.header.height,
                block.header.previous_hash,
                block.entries().count()
            ),
            Err(error) => format!("a block that {error}"),
        },
        Ok(Message::GetHeaders { request, locator }) => {
            format!("headers above {:?}? ({request})", locator.first())
        }
        Ok(Message::Headers { request, headers }) => {
            format!("{} headers ({request})", headers.len())
        }
        Ok(Message::GetBlocks { request, hashes }) => format!("blocks {hashes:?}? ({request})"),
        Ok(Message::Blocks { request, blocks }) => format!("{} blocks ({request})", blocks.len()),
        Ok(Message::GetMempool { request }) => format!("mempool? ({request})"),
        Ok(Message::Mempool { request, ids }) => format!("{} ids ({request})", ids.len()),
        Ok(Message::GetTransactions { request, ids }) => {
            format!("transactions {ids:?}? ({request})")
        }
        Ok(Message::SentTransactions { request, transactions }) => {
            format!("{} transactions sent ({request})", transactions.len())
        }
        Ok(Message::Verdict { block, verdict }) => format!("{block:?} is {verdict}"),
        Ok(Message::LabReset) => "begins anew".to_owned(),
        Ok(Message::GetSpec { request }) => format!("spec? ({request})"),
        Ok(Message::SentSpec { request, spec }) => {
            format!("spec of {} bytes ({request})", spec.len())
        }
        Err(error) => format!("{} bytes: {error}", bytes.len()),
    }
}
