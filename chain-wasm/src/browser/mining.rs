//! Searching nonces, beside the node: in workers of their own, so that the node
//! answers while they search.
//!
//! The node worker holds a [`Pool`]. It makes its miners when the first job that
//! takes longer than a moment comes, and searches by itself, in short slices, until
//! a miner is ready, and whenever there is none to be had. Each miner is this same
//! worker under another name, with an instance of its own; it runs [`run_miner`].

mod dispatch;
mod message;
mod miner;
mod pool;
mod search;
mod tick;

pub(super) use miner::run_miner;
pub(super) use pool::{Pool, PoolSignal};
