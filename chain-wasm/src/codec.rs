//! Deterministic CBOR (RFC 8949, section 4.2), by `minicbor`.
//!
//! Everything that is hashed, signed, stored or sent is written by [`encode`].
//! [`decode`] takes the one encoding that `encode` writes and no other: it reads
//! the whole input, then writes the value again and compares. So two byte strings
//! never stand for one value, and a flipped bit is never lost in translation.
//! Decoding never allocates more than a small multiple of the input's length,
//! since every element of a container takes at least one byte of input.

use minicbor::{Decode, Encode};

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
    // Writing into a `Vec` cannot fail (its error type is `Infallible`), and no
    // type of this crate has an encoder that reports an error of its own.
    let written = minicbor::encode(value, &mut out);
    debug_assert!(written.is_ok(), "encoding failed");
    out
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
    if encode(&value) == bytes { Ok(value) } else { Err(CodecError::NotDeterministic) }
}
