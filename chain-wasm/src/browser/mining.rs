//! Searching nonces, beside the node: in workers of their own, so that the node
//! answers while they search.
//!
//! The node worker holds a [`Pool`], whose miners share the nonces of a job. There are
//! one less than cores, made when a job takes longer than a moment and ended when there
//! was none for a minute. The node worker searches by itself, in short slices, until a
//! miner is ready, and whenever there is none to be had; one that fails is done
//! without. Each miner is this same worker under another name, with an instance of its
//! own; it runs [`run_miner`]. It looks for messages every 15 ms or so, so a new job
//! replaces an old one within that time.

mod dispatch;
mod message;
mod meter;
mod miner;
mod pool;
mod search;
mod tick;
mod worker;

pub(super) use miner::run_miner;
pub(super) use pool::{Pool, PoolSignal};
