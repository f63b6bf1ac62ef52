//! One test for each mistake that was found, by what the node must do instead.

mod blame;
mod liars;
mod packs;
mod store;
mod storms;
mod sync;
