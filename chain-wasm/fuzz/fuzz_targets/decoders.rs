//! Every decoder, on bytes that anybody may send.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    chain_wasm_fuzz::decoders::run(data);
});
