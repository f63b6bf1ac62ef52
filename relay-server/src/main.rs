//! Tabchain's relay.

fn main() {}
