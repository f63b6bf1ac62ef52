//! The rules: what a transaction, a block and a chain are, and when they are valid.
//!
//! Everything here is a function of its arguments: no I/O, no clock, no
//! randomness. What peers say enters through the decoders and leaves as a typed
//! verdict. Networking, storage and timers may not enter.

pub mod spec;
