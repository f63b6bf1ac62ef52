//! The node: a sans-IO state machine.
//!
//! The driver feeds it [`Input`]s with both clocks' readings and carries out the
//! [`Output`]s it drains afterwards. The node does no I/O, reads no clock and draws
//! its randomness from the seed in its [`Config`]: the same seed and inputs give
//! the same outputs, bit for bit.

mod io;

pub use io::{
    Change, Config, Input, JobId, LoadId, NodeCommand, Now, Output, Restored, SealJob, StorageMode,
    StoreId,
};

use crate::primitives::Instant;

/// One node of one chain.
///
/// Contract: call [`handle`](Self::handle) for each input in the order they
/// happened, then drain [`poll_output`](Self::poll_output) until it gives `None`,
/// then arm one timer for [`next_wakeup`](Self::next_wakeup). Nothing re-enters.
pub struct Node {
    outputs: std::collections::VecDeque<Output>,
}

impl Node {
    /// Starts from what the store held.
    pub fn new(_config: Config, _restored: Restored, _now: Now) -> Self {
        Self { outputs: std::collections::VecDeque::new() }
    }

    /// Takes one input. Never fails: what a peer or the store did wrong comes out
    /// as an event or a reply.
    pub fn handle(&mut self, _now: Now, _input: Input) {}

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`handle`](Self::handle) with [`Input::Wakeup`] at the latest,
    /// if nothing else happens first.
    pub fn next_wakeup(&self) -> Option<Instant> {
        None
    }

    /// The whole state, for the page. The driver fills in what only it knows:
    /// `slot` and `link`.
    pub fn view(&self) -> Option<crate::api::NodeView> {
        None
    }
}
