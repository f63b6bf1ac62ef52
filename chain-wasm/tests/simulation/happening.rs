//! What is going to happen, in order.

use std::sync::Arc;

use chain_wasm::node::{Input, SealJob};
use chain_wasm::primitives::PeerId;

pub enum Happening {
    /// Something comes over a tab's link, if that is still the same.
    Arrival(usize, u32, Input),
    /// So does a payload, which many may share.
    Frame(usize, u32, PeerId, Arc<[u8]>),
    Wakeup(usize),
    StoreDone(usize, u32),
    Sealed(usize, u32, SealJob),
    /// A tab that is not running is started and joins a relay.
    Start(usize, u32),
    /// A tab that runs and has no link joins a relay.
    Join(usize, u32),
    /// A liar gets a payload.
    Told(usize, PeerId, Arc<[u8]>),
}

impl Happening {
    /// The tab to whose clock it is bound.
    pub const fn tab(&self) -> Option<usize> {
        match self {
            Self::Arrival(tab, ..)
            | Self::Frame(tab, ..)
            | Self::Wakeup(tab)
            | Self::StoreDone(tab, _)
            | Self::Sealed(tab, ..) => Some(*tab),
            Self::Start(..) | Self::Join(..) | Self::Told(..) => None,
        }
    }
}

/// Something that is going to happen; of two at one time, the one that was planned first.
pub struct Queued {
    pub at: u64,
    pub sequence: u64,
    pub happening: Happening,
}

impl PartialEq for Queued {
    fn eq(&self, other: &Self) -> bool {
        self.sequence == other.sequence
    }
}

impl Eq for Queued {}

impl PartialOrd for Queued {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Queued {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.at, self.sequence).cmp(&(other.at, other.sequence))
    }
}
