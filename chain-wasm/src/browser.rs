//! The tab: drives the node in a browser, and decides nothing.
//!
//! [`run`] is all of it. It runs in a dedicated module worker and knows by the
//! worker's name what it is: one called [`MINER_NAME`] searches nonces for the node
//! worker that made it; any other is the node worker of a page. Neither ever sees a
//! window.
//!
//! - `runtime`: one loop that takes everything that happens, feeds the node and
//!   carries out what it says;
//! - `start`: from a room's name to a running node;
//! - `socket`: the connection to the relay, whose logic is [`link`](crate::link);
//! - `storage`: what outlives the tab, in `IndexedDB` or, without it, in memory;
//! - `slot`: which of the browser's tabs this is;
//! - `mining`: workers that search nonces;
//! - `key`: this tab's key to a file and from one;
//! - `page`, `crash`, `scope`: messages to the page, the last of them, and the
//!   worker's global scope.
//!
//! What is worth testing (link, slot claim, search, fallback of the store) knows no
//! browser and is tested natively.

mod crash;
mod key;
mod mining;
mod page;
mod runtime;
mod scope;
mod slot;
mod socket;
mod start;
mod storage;

/// The name that makes a worker a miner.
pub const MINER_NAME: &str = "tabchain-miner";

/// Runs this worker: returns once its message handlers are set.
pub fn run() {
    let Some(scope) = scope::worker() else {
        web_sys::console::error_1(&"Tabchain's node runs in a dedicated worker only".into());
        return;
    };
    if scope.name() == MINER_NAME { mining::run_miner(&scope) } else { runtime::run(&scope) }
}
