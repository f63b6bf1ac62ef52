//! A node, under any sequence of inputs.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    chain_wasm_fuzz::node::run(data);
});
