//! The tab's node.

fn main() {}
