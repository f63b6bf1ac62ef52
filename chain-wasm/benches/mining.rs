//! How quickly nonces are searched, natively, on one core:
//!
//! ```sh
//! cargo bench -p chain-wasm --bench mining
//! ```
//!
//! prints hashes a second by three ways, with the same headers in the same run: the
//! whole header hashed for each nonce; `sha2` from a midstate; four lanes. What a tab
//! makes of the lanes is shown on its page, under *Mining*.

#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]

use std::hint::black_box;
use std::time::Instant;

use chain_wasm::chain::seal::{HEADER, search_lanes, search_plainly};
use chain_wasm::primitives::{Difficulty, Hash};

/// Nonces in a run: some tenths of a second.
const NONCES: u32 = 2_000_000;
/// Runs of each way, taken in turn so that all see the same load; the median counts.
const RUNS: usize = 9;

type Search = fn(&[u8; HEADER]) -> Option<u32>;

const WAYS: [(&str, Search); 3] = [
    ("whole header, sha2", |header| {
        let mut header = *header;
        (0..NONCES).find(|nonce| {
            header[HEADER - 4..].copy_from_slice(&nonce.to_be_bytes());
            Difficulty::MAX.is_met_by(&Hash::of(&header))
        })
    }),
    ("midstate, sha2", |header| search_plainly(header, Difficulty::MAX, 0, NONCES.into())),
    ("midstate, four lanes", |header| search_lanes(header, Difficulty::MAX, 0, NONCES.into())),
];

fn main() {
    let mut times = WAYS.map(|_| Vec::new());
    for run in 0..RUNS {
        let header = [u8::try_from(run).unwrap_or(0); HEADER];
        for ((_, search), times) in WAYS.iter().zip(&mut times) {
            let before = Instant::now();
            assert_eq!(search(black_box(&header)), None, "nothing meets the greatest difficulty");
            times.push(before.elapsed().as_secs_f64());
        }
    }
    let mut first = None;
    for ((name, _), mut times) in WAYS.into_iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let median = times.get(times.len() / 2).copied().unwrap_or_default();
        let rate = f64::from(NONCES) / median / 1e6;
        let ratio = rate / *first.get_or_insert(rate);
        println!("{name:<22} {rate:>7.2} MH/s  {ratio:>5.2} x");
    }
}
