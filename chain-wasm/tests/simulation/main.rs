//! A deterministic network of nodes and a model of the relay, all from one seed, in
//! virtual time. `SEED=n` runs the random scenarios with that seed only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod checks;
mod faults;
mod lies;
mod network;
mod regressions;
mod scenarios;
mod store;
mod stranger;
mod world;
