//! A deterministic network of nodes and a model of the relay, all from one seed, in
//! virtual time. `SEED=n` runs the random scenarios with that seed only.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod campaign;
mod campaigns;
mod checks;
mod damage;
mod faults;
mod forgery;
mod invariants;
mod liar;
mod lies;
mod network;
mod regressions;
mod reorganiser;
mod scenarios;
#[allow(dead_code, reason = "the example `simulate` adds up many runs")]
mod statistics;
mod store;
mod stranger;
mod tab;
mod trace;
mod world;
