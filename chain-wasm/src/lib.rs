//! Tabchain's chain and node.
//!
//! Dependencies point one way: [`primitives`] <- [`codec`] <- [`chain`] <-
//! [`wire`] <- [`node`] <- [`link`] <- `browser`. The two edges, [`api`] (page <-> worker) and
//! [`relay`] (tab <-> relay), import [`primitives`] (and [`codec`]) only, so the
//! page and the relay stay blind to what the chain holds. [`notarisation`],
//! [`key_file`] and [`private`], the formats that users meet, import [`primitives`] (and
//! [`codec`]) only.

pub mod api;
#[cfg(feature = "browser")]
pub mod browser;
pub mod chain;
pub mod codec;
pub mod key_file;
pub mod link;
pub mod node;
pub mod notarisation;
pub mod primitives;
pub mod private;
pub mod relay;
pub mod wire;
