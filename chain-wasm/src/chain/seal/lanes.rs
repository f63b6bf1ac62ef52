//! The first word of a header's hash, for four nonces at a time.
//!
//! Of the header's second SHA-256 block only two words hold the nonce: word 12 its
//! upper three bytes, word 13 its lowest. So for 256 nonces in a row all of the block
//! but word 13 is the same: the rounds and the parts of the message schedule that it
//! does not reach are computed once for all of them, the rest for four nonces beside
//! each other.

#![expect(clippy::inline_always, reason = "calls inside the rounds would cost more than they do")]
#![expect(clippy::many_single_char_names, reason = "SHA-256's own names")]
#![expect(clippy::indexing_slicing, reason = "every index is a number of a round, 0 to 63")]

use wide::u32x4;

/// SHA-256's round constants (FIPS 180-4, section 4.2.2).
#[rustfmt::skip]
const K: [u32; 64] = [
    0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
    0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
    0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
    0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
    0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
    0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
    0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
    0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
];

/// How many nonces share a [`Group`].
pub(super) const GROUP: u32 = 256;
/// How many nonces are hashed at a time.
pub(super) const LANES: u32 = 4;

/// Words of the message schedule from here on have no part that a [`Group`] knows.
const UNKNOWN: usize = 42;

/// Whether the whole word is the same for all nonces of a group.
const fn is_known(t: usize) -> bool {
    t < 20 && t != 13 || matches!(t, 21 | 23 | 25)
}

/// What is the same for all nonces of a header.
pub(super) struct Template {
    midstate: [u32x4; 8],
    /// The second block's words.
    words: [u32; 16],
    /// The state after round 11.
    state: [u32x4; 8],
}

/// What is the same for 256 nonces in a row.
pub(super) struct Group {
    /// The first word of the midstate, which is added in the end.
    first: u32x4,
    /// The state after round 13, but for word 13: it is to be added to `a` and `e`.
    state: [u32x4; 8],
    /// What each round adds: its constant, and its word if it is known.
    round: [u32x4; 64],
    /// The sum of the known terms of each word of the schedule.
    known: [u32x4; UNKNOWN],
}

impl Template {
    /// Of the header's midstate and its second block as SHA-256 pads it.
    pub(super) fn new(midstate: [u32; 8], block: &[u8; 64]) -> Self {
        let midstate = midstate.map(u32x4::splat);
        let mut words = [0; 16];
        let (bytes, _) = block.as_chunks::<4>();
        for (word, bytes) in words.iter_mut().zip(bytes) {
            *word = u32::from_be_bytes(*bytes);
        }
        let mut state = midstate;
        for (word, k) in words.iter().zip(K).take(12) {
            state = round(state, u32x4::splat(k.wrapping_add(*word)));
        }
        Self { midstate, words, state }
    }

    /// The group of the nonces whose upper three bytes are `upper`.
    pub(super) fn group(&self, upper: u32) -> Group {
        let zero = u32x4::splat(0);
        let mut known = [zero; UNKNOWN];
        for (known, word) in known.iter_mut().zip(self.words) {
            *known = u32x4::splat(word);
        }
        known[12] = u32x4::splat(self.words[12] & 0xff00_0000 | upper);
        for t in 16..UNKNOWN {
            known[t] = sum(
                zero,
                is_known(t - 2).then(|| small_1(known[t - 2])),
                is_known(t - 7).then(|| known[t - 7]),
                is_known(t - 15).then(|| small_0(known[t - 15])),
                is_known(t - 16).then(|| known[t - 16]),
            );
        }
        let mut rounds = K.map(u32x4::splat);
        for (t, (constant, word)) in rounds.iter_mut().zip(known).enumerate() {
            if is_known(t) {
                *constant += word;
            }
        }
        let state = round(round(self.state, rounds[12]), rounds[13]);
        let [first, ..] = self.midstate;
        Group { first, state, round: rounds, known }
    }
}

impl Group {
    /// The first words of the hashes of [`LANES`] nonces in a row, the lowest byte of
    /// the first being `low`.
    ///
    /// Not inlined, so that what the group knows is read from memory where it is
    /// needed, and not kept in registers, which are few.
    #[inline(never)]
    pub(super) fn first_words(&self, low: u32) -> [u32; 4] {
        let nonces = u32x4::splat(low) + u32x4::from([0, 1, 2, 3]);
        // The lowest byte of the nonce, then the first of the padding.
        let word_13 = (nonces << 24_u32) | u32x4::splat(0x0080_0000);
        let mut words = [word_13; 64];
        let mut state = self.state;
        state[0] += word_13;
        state[4] += word_13;
        macro_rules! rounds {
            ($($t:literal)*) => {
                $(state = round(state, self.addend::<$t>(&mut words));)*
            };
        }
        rounds!(14 15);
        rounds!(16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31);
        rounds!(32 33 34 35 36 37 38 39 40 41 42 43 44 45 46 47);
        rounds!(48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63);
        let [a, ..] = state;
        (a + self.first).to_array()
    }

    /// What round `T` adds; its word, if it is not known, is computed on the way.
    #[inline(always)]
    fn addend<const T: usize>(&self, words: &mut [u32x4; 64]) -> u32x4 {
        if is_known(T) {
            return self.round[T];
        }
        words[T] = sum(
            if T < UNKNOWN { self.known[T] } else { u32x4::splat(0) },
            (!is_known(T - 2)).then(|| small_1(words[T - 2])),
            (!is_known(T - 7)).then(|| words[T - 7]),
            (!is_known(T - 15)).then(|| small_0(words[T - 15])),
            (!is_known(T - 16)).then(|| words[T - 16]),
        );
        self.round[T] + words[T]
    }
}

#[inline(always)]
fn sum(
    start: u32x4,
    a: Option<u32x4>,
    b: Option<u32x4>,
    c: Option<u32x4>,
    d: Option<u32x4>,
) -> u32x4 {
    [a, b, c, d].into_iter().flatten().fold(start, |sum, term| sum + term)
}

/// One round; `addend` is its constant plus its word.
#[inline(always)]
fn round([a, b, c, d, e, f, g, h]: [u32x4; 8], addend: u32x4) -> [u32x4; 8] {
    let choice = g ^ (e & (f ^ g));
    let majority = b ^ ((a ^ b) & (b ^ c));
    let t1 = h + addend + choice + big_1(e);
    let t2 = big_0(a) + majority;
    [t1 + t2, a, b, c, d + t1, e, f, g]
}

#[inline(always)]
fn rotate<const N: u32>(x: u32x4) -> u32x4 {
    (x >> N) | (x << (32 - N))
}

#[inline(always)]
fn big_0(x: u32x4) -> u32x4 {
    rotate::<2>(x) ^ rotate::<13>(x) ^ rotate::<22>(x)
}

#[inline(always)]
fn big_1(x: u32x4) -> u32x4 {
    rotate::<6>(x) ^ rotate::<11>(x) ^ rotate::<25>(x)
}

#[inline(always)]
fn small_0(x: u32x4) -> u32x4 {
    rotate::<7>(x) ^ rotate::<18>(x) ^ (x >> 3_u32)
}

#[inline(always)]
fn small_1(x: u32x4) -> u32x4 {
    rotate::<17>(x) ^ rotate::<19>(x) ^ (x >> 10_u32)
}
