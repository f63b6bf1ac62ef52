//! The relay over real sockets: what tabs, strangers and browsers see of it.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "tests fail by panicking"
)]

mod cluster;
mod hostile;
mod http;
mod limits;
mod liveness;
mod metrics;
mod process;
mod registration;
mod relaying;
mod sizes;
mod slow;
mod support;
mod tls;
