//! A node that starts from a store with any content.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    chain_wasm_fuzz::restore::run(data);
});
