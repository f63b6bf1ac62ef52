//! What happened, in order: plain values, of which each language makes its sentences.

mod export;
mod follow;

use std::collections::VecDeque;

use chain_wasm::api::{EntryState, LinkReason, MiningMode, PeerFault, RoomChoice, StorageView};
use chain_wasm::primitives::{Hash, PeerId, PublicKey};

use super::Reorganisation;
pub(crate) use export::{json, text};

/// Events that are kept: the newest.
pub(crate) const MAX_LOGGED: usize = 1_000;

/// Peers whose coming or going at one time is told one by one; of more it is told how many.
pub(crate) const MAX_NAMED: usize = 3;

/// What an event is about; one can choose to see only some.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Blocks that came or were sealed.
    Blocks,
    /// Blocks that were replaced.
    Forks,
    /// Own entries.
    Entries,
    /// Others who came or went.
    Peers,
    /// Others who did what no honest peer does.
    Faults,
    /// The connection.
    Relay,
    /// This tab itself: its start, its store, its mining.
    Tab,
}

impl Kind {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 7] = [
        Self::Blocks,
        Self::Forks,
        Self::Entries,
        Self::Peers,
        Self::Faults,
        Self::Relay,
        Self::Tab,
    ];

    /// Its name in files and addresses.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::Forks => "forks",
            Self::Entries => "entries",
            Self::Peers => "peers",
            Self::Faults => "faults",
            Self::Relay => "relay",
            Self::Tab => "tab",
        }
    }
}

/// Another tab, as far as it was known when something happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Who {
    /// Its name on the relay.
    pub(crate) peer: PeerId,
    /// The key of its wallet, as it says.
    pub(crate) author: Option<PublicKey>,
}

/// Something that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Happening {
    /// This tab started, with a chain of such a height.
    Started {
        /// The height.
        height: u32,
    },
    /// The node ended by a failure.
    Failed,
    /// A block is the newest.
    Block {
        /// Its height.
        height: u32,
        /// Its hash.
        hash: Hash,
        /// How many blocks came with it, itself counted.
        added: u32,
        /// Entries in it.
        entries: u32,
        /// Who sent it; `None` if nobody did.
        from: Option<Who>,
        /// Whether this tab sealed it.
        own: bool,
    },
    /// Many blocks are here.
    CaughtUp {
        /// The height reached.
        height: u32,
        /// How many blocks came.
        blocks: u32,
    },
    /// A branch with more work replaced part of the chain.
    Reorganised(Reorganisation),
    /// An own entry is somewhere else now.
    Entry {
        /// The entry.
        id: Hash,
        /// Where it is.
        state: EntryState,
    },
    /// An entry can no longer be accepted.
    EntryRefused {
        /// The entry.
        id: Hash,
        /// The transfer that won.
        winner: Option<Hash>,
    },
    /// Another tab is here.
    Joined(Who),
    /// Another tab has gone.
    Left(Who),
    /// Many other tabs came at once.
    ManyJoined(usize),
    /// Many other tabs went at once.
    ManyLeft(usize),
    /// A peer did what no honest peer does.
    Fault {
        /// The peer.
        who: Who,
        /// What it did.
        fault: PeerFault,
        /// The rule that it broke, by its code.
        rule: Option<String>,
    },
    /// The relay took this tab in.
    Connected,
    /// There is no connection, and it is tried again.
    Disconnected(LinkReason),
    /// There is no connection, and it is not tried again.
    Offline(LinkReason),
    /// The store changed its state.
    Storage(StorageView),
    /// This tab mines at other times.
    Mining(MiningMode),
}

impl Happening {
    /// What it is about.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Block { .. } | Self::CaughtUp { .. } => Kind::Blocks,
            Self::Reorganised(_) => Kind::Forks,
            Self::Entry { .. } | Self::EntryRefused { .. } => Kind::Entries,
            Self::Joined(_) | Self::Left(_) | Self::ManyJoined(_) | Self::ManyLeft(_) => {
                Kind::Peers
            }
            Self::Fault { .. } => Kind::Faults,
            Self::Connected | Self::Disconnected(_) | Self::Offline(_) => Kind::Relay,
            Self::Started { .. } | Self::Failed | Self::Storage(_) | Self::Mining(_) => Kind::Tab,
        }
    }
}

/// One event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Logged {
    /// Its number since the page was opened, from 1.
    pub(crate) number: u64,
    /// When, on the page's clock in milliseconds.
    pub(crate) at: u64,
    /// What.
    pub(crate) what: Happening,
}

/// What happened in a room since the page was opened, the newest [`MAX_LOGGED`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Log {
    room: Option<RoomChoice>,
    /// Oldest first.
    events: VecDeque<Logged>,
    count: u64,
    /// The height at which many blocks began to come.
    behind_since: Option<u32>,
}

impl Log {
    /// The events, newest first.
    pub(crate) fn newest_first(&self) -> impl Iterator<Item = &Logged> {
        self.events.iter().rev()
    }

    /// Those of some kinds, newest first.
    pub(crate) fn of(&self, kinds: &[Kind]) -> impl Iterator<Item = &Logged> {
        self.newest_first().filter(|event| kinds.contains(&event.what.kind()))
    }

    /// How many there were, those that are no longer kept counted.
    pub(crate) const fn count(&self) -> u64 {
        self.count
    }

    /// A room was entered: what happened in another is forgotten.
    pub(crate) fn enter(&mut self, room: Option<&RoomChoice>) {
        if self.room.as_ref() != room {
            *self = Self { room: room.cloned(), ..Self::default() };
        }
        self.behind_since = None;
    }

    /// Something happened.
    pub(crate) fn note(&mut self, at: u64, what: Happening) {
        if self.events.len() >= MAX_LOGGED {
            self.events.pop_front();
        }
        self.count += 1;
        self.events.push_back(Logged { number: self.count, at, what });
    }
}

#[cfg(test)]
mod tests;
