//! The search for a nonce: what a miner spends its time on.

mod lanes;

use sha2::block_api::compress256;

use lanes::{GROUP, LANES, Template};

use crate::primitives::{Difficulty, Hash};

/// The length of an encoded header, in bytes. Its last 4 are the nonce.
pub const HEADER: usize = 117;
/// SHA-256's block length, in bytes.
const BLOCK: usize = 64;
/// Where the nonce begins in the header's second block.
const NONCE_AT: usize = HEADER - 4 - BLOCK;
/// SHA-256's initial state (FIPS 180-4, section 5.3.3).
const INITIAL: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// Tries `count` nonces from `start` on, up to `u32::MAX`, and returns the first
/// with which SHA-256 of the header meets the difficulty. The nonce that the header
/// already holds does not matter.
///
/// The header's first 64 bytes are compressed once; each nonce then costs one
/// compression, by whichever way is the quicker: [`search_lanes`] in a browser,
/// [`search_plainly`] elsewhere, as most processors have instructions for SHA-256
/// (`cargo bench -p chain-wasm --bench mining` compares them).
pub fn search(
    header: &[u8; HEADER],
    difficulty: Difficulty,
    start: u32,
    count: u64,
) -> Option<u32> {
    if cfg!(all(target_arch = "wasm32", target_feature = "simd128")) {
        search_lanes(header, difficulty, start, count)
    } else {
        search_plainly(header, difficulty, start, count)
    }
}

/// [`search`], one nonce after the other by the `sha2` crate.
pub fn search_plainly(
    header: &[u8; HEADER],
    difficulty: Difficulty,
    start: u32,
    count: u64,
) -> Option<u32> {
    let check = Check::new(header, difficulty);
    let end = u64::from(start).saturating_add(count).min(1 << 32);
    (u64::from(start)..end).map(low_half).find(|nonce| check.passes(*nonce))
}

/// [`search`], four nonces at a time in the lanes of a vector.
///
/// Nonces that do not fill the lanes at either end are hashed with their neighbours,
/// which are then passed over.
pub fn search_lanes(
    header: &[u8; HEADER],
    difficulty: Difficulty,
    start: u32,
    count: u64,
) -> Option<u32> {
    let check = Check::new(header, difficulty);
    let template = Template::new(check.midstate, &check.block);
    let end = u64::from(start).saturating_add(count).min(1 << 32);
    let wanted = u64::from(start)..end;
    let mut at = u64::from(start - start % LANES);
    while at < end {
        let group = template.group(low_half(at) / GROUP);
        let group_end = (at - at % u64::from(GROUP) + u64::from(GROUP)).min(end);
        while at < group_end {
            let firsts = group.first_words(low_half(at) % GROUP);
            for (nonce, first) in (at..).zip(firsts) {
                if first <= check.first_limit
                    && wanted.contains(&nonce)
                    && check.passes(low_half(nonce))
                {
                    return Some(low_half(nonce));
                }
            }
            at += u64::from(LANES);
        }
    }
    None
}

/// The lower 32 bits: all of a nonce.
#[expect(clippy::cast_possible_truncation, reason = "what is called for")]
const fn low_half(value: u64) -> u32 {
    value as u32
}

/// Says of one nonce whether it will do.
struct Check {
    midstate: [u32; 8],
    block: [u8; BLOCK],
    difficulty: Difficulty,
    /// The most that the hash's first 64 bits can be.
    limit: u64,
    /// The most that its first 32 can be.
    first_limit: u32,
}

impl Check {
    fn new(header: &[u8; HEADER], difficulty: Difficulty) -> Self {
        let (midstate, block) = prepare(header);
        // A hash below 2^256 / d has its leading 64 bits at most at 2^64 / d.
        let limit = u64::try_from((1_u128 << 64) / difficulty.hashes()).unwrap_or(u64::MAX);
        Self { midstate, block, difficulty, limit, first_limit: low_half(limit >> 32) }
    }

    fn passes(&self, nonce: u32) -> bool {
        let mut block = self.block;
        if let Some(place) = block.get_mut(NONCE_AT..NONCE_AT + 4) {
            place.copy_from_slice(&nonce.to_be_bytes());
        }
        let mut state = self.midstate;
        compress256(&mut state, core::slice::from_ref(&block));
        let [a, b, ..] = state;
        (u64::from(a) << 32 | u64::from(b)) <= self.limit
            && self.difficulty.is_met_by(&digest(state))
    }
}

/// The state after the header's first block, and its padded second block.
fn prepare(header: &[u8; HEADER]) -> ([u32; 8], [u8; BLOCK]) {
    let mut midstate = INITIAL;
    let mut block = [0; BLOCK];
    if let Some((first, rest)) = header.split_first_chunk::<BLOCK>() {
        compress256(&mut midstate, core::slice::from_ref(first));
        let length = (HEADER as u64 * 8).to_be_bytes();
        let padded = rest.iter().chain(&[0x80]);
        for (place, byte) in block.iter_mut().zip(padded) {
            *place = *byte;
        }
        for (place, byte) in block.iter_mut().rev().zip(length.iter().rev()) {
            *place = *byte;
        }
    }
    (midstate, block)
}

fn digest(state: [u32; 8]) -> Hash {
    let mut bytes = [0; 32];
    for (place, word) in bytes.chunks_exact_mut(4).zip(state) {
        place.copy_from_slice(&word.to_be_bytes());
    }
    Hash::from_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn with_nonce(mut header: [u8; HEADER], nonce: u32) -> [u8; HEADER] {
        header[HEADER - 4..].copy_from_slice(&nonce.to_be_bytes());
        header
    }

    fn header_of(seed: [u8; 32]) -> [u8; HEADER] {
        let mut header = [0; HEADER];
        for (place, byte) in header.iter_mut().zip(seed.iter().cycle()) {
            *place = *byte;
        }
        header
    }

    /// The definition: the whole header hashed anew for each nonce.
    fn search_by_definition(
        header: [u8; HEADER],
        difficulty: Difficulty,
        start: u32,
        count: u32,
    ) -> Option<u32> {
        (start..=start.saturating_add(count - 1))
            .find(|nonce| difficulty.is_met_by(&Hash::of(&with_nonce(header, *nonce))))
    }

    type Search = fn(&[u8; HEADER], Difficulty, u32, u64) -> Option<u32>;

    const SEARCHES: [Search; 3] = [search, search_plainly, search_lanes];

    #[test]
    fn any_nonce_meets_difficulty_1() {
        for search in SEARCHES {
            for nonce in [0, 42, 43, 254, 255, 256, u32::MAX - 1, u32::MAX] {
                assert_eq!(search(&[7; HEADER], Difficulty::MIN, nonce, 1), Some(nonce));
                assert_eq!(search(&[7; HEADER], Difficulty::MIN, nonce, 1 << 32), Some(nonce));
            }
        }
    }

    #[test]
    fn tries_no_more_nonces_than_asked_and_none_above_the_last() {
        for search in SEARCHES {
            assert_eq!(search(&[7; HEADER], Difficulty::MIN, 0, 0), None);
            assert_eq!(search(&[7; HEADER], Difficulty::MIN, 3, 0), None);
            assert_eq!(search(&[7; HEADER], Difficulty::MAX, 0, 1_000), None);
            assert_eq!(search(&[7; HEADER], Difficulty::MAX, u32::MAX - 9, u64::MAX), None);
        }
    }

    #[test]
    fn finds_the_last_nonce_of_a_range_and_not_the_one_after() {
        let header = header_of([0x5a; 32]);
        let difficulty = Difficulty::from_hashes(3_000);
        for search in SEARCHES {
            let nonce = search(&header, difficulty, 0, 1 << 32).expect("a nonce");
            let before = u64::from(nonce);
            assert_eq!(search(&header, difficulty, 0, before), None);
            assert_eq!(search(&header, difficulty, 0, before + 1), Some(nonce));
            assert_eq!(search(&header, difficulty, nonce, 1), Some(nonce));
            assert_ne!(search(&header, difficulty, nonce + 1, 1 << 32), Some(nonce));
        }
    }

    proptest! {
        #[test]
        fn every_way_finds_what_the_definition_does(
            seed: [u8; 32],
            start in prop_oneof![any::<u32>(), (u32::MAX - 2_000)..=u32::MAX, 0_u32..600],
            hashes in prop_oneof![1_u128..10, 1_u128..2_000],
            count in 1_u32..1_500,
        ) {
            let header = header_of(seed);
            let difficulty = Difficulty::from_hashes(hashes);
            let expected = search_by_definition(header, difficulty, start, count);
            for search in SEARCHES {
                prop_assert_eq!(search(&header, difficulty, start, count.into()), expected);
            }
        }

        #[test]
        fn lanes_compute_the_first_words_of_the_hashes(seed: [u8; 32], nonce: u32) {
            let header = header_of(seed);
            let (midstate, block) = prepare(&header);
            let first = nonce - nonce % LANES;
            let group = Template::new(midstate, &block).group(first / GROUP);
            let expected = [0, 1, 2, 3].map(|lane| {
                let hash = Hash::of(&with_nonce(header, first + lane));
                hash.as_bytes().first_chunk().map(|bytes| u32::from_be_bytes(*bytes))
            });
            prop_assert_eq!(group.first_words(first % GROUP).map(Some), expected);
        }
    }
}
