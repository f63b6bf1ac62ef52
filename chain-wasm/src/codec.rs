//! Deterministic CBOR (RFC 8949, section 4.2), by `minicbor`.
//!
//! Everything that is hashed, signed, stored or sent is written by [`encode`].
//! [`decode`] takes the one encoding that `encode` writes and no other: it reads
//! the whole input, then writes the value again and compares. So two byte strings
//! never stand for one value, and a flipped bit is never lost in translation.
//! Decoding never sets memory aside for a length that is merely claimed: each element
//! of a list takes at least one byte of input, and at most about fifty bytes of memory
//! (an empty byte string in a list that grows by doubling).

use minicbor::{Decode, Encode};

/// Set aside for an encoding at once, in bytes.
const USUAL: usize = 256;

/// Why bytes were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    /// The input is longer than its kind may be.
    #[error("{got} bytes, more than the limit of {limit}")]
    TooLarge {
        /// Length of the input in bytes.
        got: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// The input is not CBOR of the expected shape.
    #[error("malformed: {0}")]
    Malformed(String),
    /// The input is readable, but not the one deterministic encoding.
    #[error("not the deterministic encoding")]
    NotDeterministic,
}

/// Writes a value in its one deterministic encoding.
pub fn encode<T: Encode<()> + ?Sized>(value: &T) -> Vec<u8> {
    let mut out = Vec::new();
    encode_into(value, &mut out);
    out
}

/// Appends a value in its one deterministic encoding.
pub fn encode_into<T: Encode<()> + ?Sized>(value: &T, out: &mut Vec<u8>) {
    // Most values are entries of some hundred bytes: one allocation will do.
    out.reserve(USUAL);
    // Writing into a `Vec` cannot fail (its error type is `Infallible`), and no
    // type of this crate has an encoder that reports an error of its own.
    let written = minicbor::encode(value, out);
    debug_assert!(written.is_ok(), "encoding failed");
}

/// Takes what is written if it is what is expected, and keeps nothing.
struct Compare<'a>(&'a [u8]);

/// What was written is not what was expected.
struct Differs;

impl minicbor::encode::Write for Compare<'_> {
    type Error = Differs;

    fn write_all(&mut self, written: &[u8]) -> Result<(), Differs> {
        self.0 = self.0.strip_prefix(written).ok_or(Differs)?;
        Ok(())
    }
}

fn is_encoding<T: Encode<()> + ?Sized>(value: &T, bytes: &[u8]) -> bool {
    let mut rest = Compare(bytes);
    minicbor::encode(value, &mut rest).is_ok() && rest.0.is_empty()
}

/// Reads a value of at most `limit` bytes.
///
/// # Errors
/// [`CodecError`] when the input is too long, malformed, followed by further
/// bytes, or encoded in any other way than [`encode`] does.
pub fn decode<'b, T>(bytes: &'b [u8], limit: usize) -> Result<T, CodecError>
where
    T: Decode<'b, ()> + Encode<()>,
{
    if bytes.len() > limit {
        return Err(CodecError::TooLarge { got: bytes.len(), limit });
    }
    let value: T = minicbor::decode(bytes).map_err(|e| CodecError::Malformed(e.to_string()))?;
    if is_encoding(&value, bytes) { Ok(value) } else { Err(CodecError::NotDeterministic) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use minicbor::bytes::ByteVec;
    use proptest::prelude::*;

    fn read<'b, T: Decode<'b, ()> + Encode<()>>(bytes: &'b [u8]) -> Result<T, CodecError> {
        decode(bytes, 1_000)
    }

    fn malformed<T>(result: &Result<T, CodecError>) -> bool {
        matches!(result, Err(CodecError::Malformed(_)))
    }

    #[test]
    fn an_integer_has_one_encoding() {
        assert_eq!(read::<u64>(&[0x17]), Ok(23));
        // 23 in one, two, four and eight bytes.
        for long in [
            &[0x18, 23][..],
            &[0x19, 0, 23],
            &[0x1a, 0, 0, 0, 23],
            &[0x1b, 0, 0, 0, 0, 0, 0, 0, 23],
        ] {
            assert_eq!(read::<u64>(long), Err(CodecError::NotDeterministic), "{long:02x?}");
        }
        assert!(malformed(&read::<u64>(&[0x20])), "a negative number");
        assert!(malformed(&read::<u32>(&[0x1b, 0, 0, 0, 1, 0, 0, 0, 0])), "2^32 as u32");
    }

    #[test]
    fn lengths_are_definite_and_short() {
        assert_eq!(read::<Vec<u8>>(&[0x82, 1, 2]), Ok(vec![1, 2]));
        assert_eq!(read::<Vec<u8>>(&[0x9f, 1, 2, 0xff]), Err(CodecError::NotDeterministic));
        assert_eq!(read::<Vec<u8>>(&[0x98, 2, 1, 2]), Err(CodecError::NotDeterministic));
        assert_eq!(read::<String>(&[0x61, b'a']), Ok("a".to_owned()));
        assert_eq!(read::<String>(&[0x78, 1, b'a']), Err(CodecError::NotDeterministic));
        let chunks = read::<String>(&[0x7f, 0x61, b'a', 0xff]);
        assert!(chunks.is_err(), "{chunks:?}");
        let chunks = read::<ByteVec>(&[0x5f, 0x41, 1, 0xff]);
        assert!(chunks.is_err(), "{chunks:?}");
        assert!(malformed(&read::<String>(&[0x61, 0xff])), "not UTF-8");
    }

    #[test]
    fn nothing_follows_and_nothing_is_skipped() {
        assert_eq!(read::<u64>(&[1, 0]), Err(CodecError::NotDeterministic));
        assert!(malformed(&read::<u64>(&[])));
        // A tag, a further field, null for a field.
        assert!(read::<u64>(&[0xc1, 1]).is_err());
        assert_eq!(read::<(u8, u8)>(&[0x82, 1, 2]), Ok((1, 2)));
        assert!(read::<(u8, u8)>(&[0x83, 1, 2, 3]).is_err());
        assert!(read::<(u8, u8)>(&[0x82, 1, 0xf6]).is_err());
    }

    #[test]
    fn refuses_more_than_the_limit() {
        let bytes = encode(&ByteVec::from(vec![0; 20]));
        assert_eq!(decode::<ByteVec>(&bytes, 20), Err(CodecError::TooLarge { got: 21, limit: 20 }));
        assert!(decode::<ByteVec>(&bytes, 21).is_ok());
    }

    #[test]
    fn a_claimed_length_costs_nothing() {
        // 2^40 elements, bytes or characters in ten bytes: to set memory aside for
        // them would end the process.
        for head in [0x9b, 0x5b, 0x7b] {
            let bytes = [head, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            assert!(malformed(&read::<Vec<u64>>(&bytes)));
            assert!(malformed(&read::<Vec<ByteVec>>(&bytes)));
            assert!(malformed(&read::<ByteVec>(&bytes)));
            assert!(malformed(&read::<String>(&bytes)));
        }
    }

    proptest! {
        #[test]
        fn what_is_read_is_written_as_the_same_bytes(bytes in prop::collection::vec(any::<u8>(), 0..40)) {
            if let Ok(value) = read::<Vec<(u32, ByteVec)>>(&bytes) {
                prop_assert_eq!(encode(&value), bytes.clone());
            }
            if let Ok(value) = read::<Vec<u64>>(&bytes) {
                prop_assert_eq!(encode(&value), bytes);
            }
        }

        #[test]
        fn what_is_written_is_read_again(value: Vec<(u64, String, bool)>) {
            prop_assert_eq!(decode::<Vec<(u64, String, bool)>>(&encode(&value), usize::MAX), Ok(value));
        }
    }
}
