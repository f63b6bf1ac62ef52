//! A deterministic network of nodes and a model of the relay, all from one seed, in
//! virtual time.
//!
//! Scenarios play one fault each; campaigns draw all kinds of them from a seed, with liars
//! in the room. `SEED=n NODES=m` runs one campaign again. What must hold is checked after
//! each input (`invariants`) and in the end (`checks`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

mod authority;
mod branches;
mod campaign;
mod campaigns;
mod checks;
mod damage;
mod faults;
mod forgery;
mod happening;
mod invariants;
mod laboratory;
mod liar;
mod lies;
mod mishaps;
mod network;
mod outputs;
mod proofs;
mod regressions;
mod reorganiser;
mod scenarios;
mod statistics;
mod store;
mod stranger;
mod tab;
mod trace;
mod world;
