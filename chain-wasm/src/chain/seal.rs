//! The search for a nonce: what a miner spends its time on.

use sha2::block_api::compress256;

use crate::primitives::{Difficulty, Hash};

/// The length of an encoded header, in bytes. Its last 4 are the nonce.
const HEADER: usize = 117;
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
/// compression.
pub fn search(
    header: &[u8; HEADER],
    difficulty: Difficulty,
    start: u32,
    count: u64,
) -> Option<u32> {
    let (midstate, mut block) = prepare(header);
    // A hash below 2^256 / d has its leading 64 bits at most at 2^64 / d.
    let limit = u64::try_from((1_u128 << 64) / difficulty.hashes()).unwrap_or(u64::MAX);
    let end = u64::from(start).saturating_add(count).min(1 << 32);
    for nonce in u64::from(start)..end {
        // `end` is at most 2^32.
        #[expect(clippy::cast_possible_truncation, reason = "below 2^32")]
        let nonce = nonce as u32;
        if let Some(place) = block.get_mut(NONCE_AT..NONCE_AT + 4) {
            place.copy_from_slice(&nonce.to_be_bytes());
        }
        let mut state = midstate;
        compress256(&mut state, core::slice::from_ref(&block));
        let [a, b, ..] = state;
        if (u64::from(a) << 32 | u64::from(b)) <= limit && difficulty.is_met_by(&digest(state)) {
            return Some(nonce);
        }
    }
    None
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

    /// The plain way: the whole header hashed anew for each nonce.
    fn search_plainly(
        header: [u8; HEADER],
        difficulty: Difficulty,
        start: u32,
        count: u32,
    ) -> Option<u32> {
        (start..=start.saturating_add(count - 1))
            .find(|nonce| difficulty.is_met_by(&Hash::of(&with_nonce(header, *nonce))))
    }

    #[test]
    fn any_nonce_meets_difficulty_1() {
        assert_eq!(search(&[7; HEADER], Difficulty::MIN, 42, 1), Some(42));
        assert_eq!(search(&[7; HEADER], Difficulty::MIN, u32::MAX, 1), Some(u32::MAX));
    }

    #[test]
    fn tries_no_more_nonces_than_asked_and_none_above_the_last() {
        assert_eq!(search(&[7; HEADER], Difficulty::MIN, 0, 0), None);
        assert_eq!(search(&[7; HEADER], Difficulty::MAX, 0, 1_000), None);
        assert_eq!(search(&[7; HEADER], Difficulty::MAX, u32::MAX - 9, u64::MAX), None);
    }

    proptest! {
        #[test]
        fn finds_what_hashing_the_whole_header_finds(
            seed in any::<[u8; 32]>(), start: u32, hashes in 1_u128..2_000, count in 1_u32..1_000,
        ) {
            let mut header = [0; HEADER];
            for (place, byte) in header.iter_mut().zip(seed.iter().cycle()) {
                *place = *byte;
            }
            let difficulty = Difficulty::from_hashes(hashes);
            let expected = search_plainly(header, difficulty, start, count);
            prop_assert_eq!(search(&header, difficulty, start, u64::from(count)), expected);
        }
    }
}
