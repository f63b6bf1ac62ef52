//! What each fuzz target does with its input: plain functions, so that
//! `tests/fuzz.rs` runs them too, on a stable compiler, with the committed seeds and
//! some thousand random inputs.
//!
//! A target fails by panicking: by an assertion here, or by the code under test.

pub mod decoders;
pub mod node;
pub mod restore;
pub mod values;
