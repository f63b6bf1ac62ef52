//! Every encoder, on values of any content.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    chain_wasm_fuzz::values::run(data);
});
