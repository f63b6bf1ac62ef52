//! The worker of a tab: the node, or one of its miners.

fn main() {
    chain_wasm::browser::run();
}
