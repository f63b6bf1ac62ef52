//! Which of the browser's tabs this is.
//!
//! Each tab of a chain takes the lowest free slot. The slot names its store, and
//! with it its chain and its wallet; so reopened tabs find theirs again, and two tabs
//! never share one. Web Locks decide where the browser has them (secure contexts
//! only); over plain http the tabs agree by messages, see [`claim`](mod@claim).

mod channel;
mod claim;
mod locks;

use crate::primitives::ChainId;

/// How many tabs of one browser can run one chain at a time.
pub(super) const SLOTS: u32 = 64;

/// Why there is no slot.
#[derive(Debug, thiserror::Error)]
pub(super) enum SlotError {
    /// All [`SLOTS`] are taken.
    #[error("all {SLOTS} slots are taken")]
    Full,
    /// The browser has neither locks nor channels, or lets this page use none.
    #[error("tabs cannot tell each other apart: {0}")]
    Unsupported(String),
    /// The browser gives no random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

/// A slot, this tab's until it is dropped.
pub(super) struct Slot {
    /// From 0.
    pub(super) number: u32,
    _hold: Hold,
}

/// What keeps a slot.
#[expect(dead_code, reason = "held for their drop")]
enum Hold {
    Lock(locks::Lock),
    Channel(channel::Channel),
}

/// Takes the lowest free slot of a chain.
pub(super) async fn claim(chain: &ChainId) -> Result<Slot, SlotError> {
    match locks::claim(chain).await {
        Ok((number, lock)) => return Ok(Slot { number, _hold: Hold::Lock(lock) }),
        // As on a plain http address: the tabs agree by messages.
        Err(SlotError::Unsupported(_)) => {}
        Err(error) => return Err(error),
    }
    let (number, channel) = channel::claim(chain).await?;
    Ok(Slot { number, _hold: Hold::Channel(channel) })
}
