//! The archive, as operators and scripts see it: whole relays with real sockets and folders.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod admin;
mod bridge;
mod calls;
mod contract;
mod damage;
mod endurance;
mod limits;
mod metrics;
mod support;
mod survival;
mod tls;
