//! Difficulty: how many hashes a block is expected to cost.

use core::fmt;

use minicbor::decode::{self, Decoder};
use minicbor::{Decode, Encode};

use super::hash::Hash;

/// The expected number of hashes for one block, as a float of 32 bits:
/// `mantissa * 2^exponent`, the exponent in the upper 8 bits, the mantissa in the
/// lower 24.
///
/// One number has one form: the exponent is 0 and the mantissa at least 1, or the
/// exponent is 1 to 72 and the mantissa's top bit (2^23) is set. So the greatest
/// difficulty is below 2^96, and the sum of 2^32 of them fits in a `u128`.
///
/// A block meets difficulty `d` when its hash, read as a big-endian number, times
/// `d` is below 2^256.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Encode)]
#[cbor(transparent)]
pub struct Difficulty(#[n(0)] u32);

/// 32 bits that are not a difficulty's one form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0:#010x} is not a difficulty in its one form")]
pub struct InvalidDifficulty(pub u32);

const MANTISSA_BITS: u32 = 24;
const TOP_BIT: u32 = 1 << (MANTISSA_BITS - 1);
const MAX_EXPONENT: u32 = 72;

impl Difficulty {
    /// One hash: every hash meets it.
    pub const MIN: Self = Self(1);
    /// The greatest: (2^24 - 1) * 2^72.
    pub const MAX: Self = Self((MAX_EXPONENT << MANTISSA_BITS) | ((1 << MANTISSA_BITS) - 1));

    /// Reads the compact form.
    ///
    /// # Errors
    /// [`InvalidDifficulty`] if the bits are zero, not normalised or above [`Self::MAX`].
    pub const fn from_bits(bits: u32) -> Result<Self, InvalidDifficulty> {
        let (exponent, mantissa) = Self(bits).parts();
        let normal = match exponent {
            0 => mantissa >= 1,
            1..=MAX_EXPONENT => mantissa & TOP_BIT != 0,
            _ => false,
        };
        if normal { Ok(Self(bits)) } else { Err(InvalidDifficulty(bits)) }
    }

    /// The compact form.
    pub const fn to_bits(self) -> u32 {
        self.0
    }

    const fn parts(self) -> (u32, u32) {
        (self.0 >> MANTISSA_BITS, self.0 & ((1 << MANTISSA_BITS) - 1))
    }

    /// The nearest difficulty not above `hashes`, within [`Self::MIN`] and [`Self::MAX`].
    pub const fn from_hashes(hashes: u128) -> Self {
        if hashes == 0 {
            return Self::MIN;
        }
        let bits = u128::BITS - hashes.leading_zeros();
        if bits <= MANTISSA_BITS {
            // At most 24 bits: the cast is exact.
            #[allow(clippy::cast_possible_truncation)]
            return Self(hashes as u32);
        }
        let exponent = bits - MANTISSA_BITS;
        if exponent > MAX_EXPONENT {
            return Self::MAX;
        }
        // Shifted down to 24 bits: the cast is exact.
        #[allow(clippy::cast_possible_truncation)]
        let mantissa = (hashes >> exponent) as u32;
        Self((exponent << MANTISSA_BITS) | mantissa)
    }

    /// The expected number of hashes; also the block's work.
    pub const fn hashes(self) -> u128 {
        let (exponent, mantissa) = self.parts();
        (mantissa as u128) << exponent
    }

    /// Whether a hash is small enough: `hash * difficulty < 2^256`.
    pub fn is_met_by(self, hash: &Hash) -> bool {
        let (exponent, mantissa) = self.parts();
        // hash * mantissa in limbs of 32 bits, least significant first.
        let mut carry = 0_u64;
        let mut top = [0_u32; 9];
        let (limbs, _) = hash.as_bytes().as_chunks::<4>();
        for (limb, out) in limbs.iter().rev().zip(&mut top) {
            let product = u64::from(u32::from_be_bytes(*limb)) * u64::from(mantissa) + carry;
            // The lower 32 bits, then what is carried.
            #[allow(clippy::cast_possible_truncation)]
            {
                *out = product as u32;
            }
            carry = product >> 32;
        }
        // The ninth limb has at most 24 bits, and the exponent is at most 72: the
        // product times 2^exponent stays below 2^256 if its bits from
        // (256 - exponent) on are zero.
        let [.., l5, l6, l7, _] = top;
        let upper = (u128::from(carry) << 96)
            | (u128::from(l7) << 64)
            | (u128::from(l6) << 32)
            | u128::from(l5);
        // `upper` is the product without its lower 160 bits.
        upper >> (96 - exponent) == 0
    }
}

impl<'b, C> Decode<'b, C> for Difficulty {
    fn decode(d: &mut Decoder<'b>, _: &mut C) -> Result<Self, decode::Error> {
        Self::from_bits(d.u32()?).map_err(decode::Error::message)
    }
}

impl fmt::Debug for Difficulty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.hashes())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn hash_with_leading(bytes: &[u8], rest: u8) -> Hash {
        let mut all = [rest; 32];
        all[..bytes.len()].copy_from_slice(bytes);
        Hash::from_bytes(all)
    }

    #[test]
    fn has_one_form_for_each_number() {
        assert_eq!(Difficulty::from_hashes(0), Difficulty::MIN);
        assert_eq!(Difficulty::from_hashes(1).to_bits(), 1);
        assert_eq!(Difficulty::from_hashes(0xff_ffff).to_bits(), 0x00ff_ffff);
        assert_eq!(Difficulty::from_hashes(0x100_0000).to_bits(), 0x0180_0000);
        assert_eq!(Difficulty::from_hashes(u128::MAX), Difficulty::MAX);
        for bits in [0, 0x0100_0001, 0x4980_0000, u32::MAX] {
            assert_eq!(Difficulty::from_bits(bits), Err(InvalidDifficulty(bits)));
        }
        assert_eq!(Difficulty::from_bits(Difficulty::MAX.to_bits()), Ok(Difficulty::MAX));
    }

    #[test]
    fn regression_a_difficulty_in_another_form_is_not_read() {
        for bits in [0, 0x0100_0001, 0x4980_0000, u32::MAX] {
            let bytes = minicbor::to_vec(bits).unwrap();
            assert!(minicbor::decode::<Difficulty>(&bytes).is_err(), "{bits:#x}");
        }
        let bytes = minicbor::to_vec(Difficulty::MAX).unwrap();
        assert_eq!(minicbor::decode::<Difficulty>(&bytes).unwrap(), Difficulty::MAX);
    }

    #[test]
    fn is_met_exactly_below_the_bound() {
        assert!(Difficulty::MIN.is_met_by(&Hash::from_bytes([0xff; 32])));
        // 256 hashes: the first byte must be zero.
        let d = Difficulty::from_hashes(256);
        assert!(d.is_met_by(&hash_with_leading(&[0], 0xff)));
        assert!(!d.is_met_by(&hash_with_leading(&[1], 0)));
        // 2^40 hashes, held with an exponent.
        let d = Difficulty::from_hashes(1 << 40);
        assert!(d.is_met_by(&hash_with_leading(&[0; 5], 0xff)));
        assert!(!d.is_met_by(&hash_with_leading(&[0, 0, 0, 0, 1], 0)));
        // 3 hashes: below 2^256 / 3 = 0x5555...
        let d = Difficulty::from_hashes(3);
        assert!(d.is_met_by(&Hash::from_bytes([0x55; 32])));
        assert!(!d.is_met_by(&hash_with_leading(&[0x55, 0x55, 0x56], 0)));
        // The greatest: 2^96 - 2^72; only 12 zero bytes will do.
        assert!(Difficulty::MAX.is_met_by(&hash_with_leading(&[0; 12], 0xff)));
        assert!(!Difficulty::MAX.is_met_by(&hash_with_leading(&[0; 10], 0xff)));
    }

    proptest! {
        #[test]
        fn rounds_down_by_less_than_a_part_in_2_to_23(hashes in 1_u128..(1 << 96)) {
            let d = Difficulty::from_hashes(hashes);
            prop_assert_eq!(Difficulty::from_bits(d.to_bits()), Ok(d));
            prop_assert!(d.hashes() <= hashes);
            prop_assert!(hashes - d.hashes() <= hashes >> 23);
        }

        #[test]
        fn orders_as_its_number(a in 1_u128..(1 << 96), b in 1_u128..(1 << 96)) {
            let (x, y) = (Difficulty::from_hashes(a), Difficulty::from_hashes(b));
            prop_assert_eq!(x.cmp(&y), x.hashes().cmp(&y.hashes()));
        }

        #[test]
        fn agrees_with_long_multiplication(hash: [u8; 32], zeros in 0_usize..14, hashes in 1_u128..(1 << 96)) {
            let mut bytes = hash;
            bytes[..zeros].fill(0);
            let d = Difficulty::from_hashes(hashes);
            // Schoolbook product of bytes, most significant first.
            let factor = d.hashes().to_be_bytes();
            let mut product = [0_u32; 48];
            for (i, x) in bytes.iter().enumerate().rev() {
                let mut carry = 0;
                for (j, y) in factor.iter().enumerate().rev() {
                    let at = i + j + 1;
                    let sum = product[at] + u32::from(*x) * u32::from(*y) + carry;
                    product[at] = sum & 0xff;
                    carry = sum >> 8;
                }
                product[i] += carry;
            }
            let fits = product[..16].iter().all(|byte| *byte == 0);
            prop_assert_eq!(d.is_met_by(&Hash::from_bytes(bytes)), fits);
        }
    }
}
