//! Tab <-> tab: statuses and messages.
//!
//! Both travel as opaque payloads through the relay, which vouches for the sender.
//! A payload is one byte of version, then a CBOR array whose first element is the
//! message's number. Blocks, headers and transactions are byte strings inside: the
//! very bytes that are hashed and stored.

mod message;
mod status;

pub use message::{
    MAX_HASHES, MAX_HEADERS, MAX_LOCATOR, MAX_MEMPOOL_IDS, MAX_MESSAGE, MAX_RESPONSE, MAX_VERDICT,
    Message, RequestId,
};
pub use status::{MAX_NICKNAME, MAX_STATUS, Status};

use minicbor::{Decode, Encode};

use crate::codec::{self, CodecError};

/// Version of statuses and messages, the first byte of each.
pub const VERSION: u8 = 1;

/// Why a payload was refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is of another version.
    #[error("it is of version {0}, not {VERSION}")]
    Version(u8),
    /// It cannot be read.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// A list in it is longer than its limit.
    #[error("a list of {got}, more than {limit}")]
    TooMany {
        /// Its length.
        got: usize,
        /// Its limit.
        limit: usize,
    },
}

fn encode<T: Encode<()>>(value: &T) -> Vec<u8> {
    let mut out = vec![VERSION];
    out.extend(codec::encode(value));
    out
}

fn decode<'b, T: Decode<'b, ()> + Encode<()>>(
    payload: &'b [u8],
    limit: usize,
) -> Result<T, WireError> {
    match payload.split_first() {
        None => Err(WireError::Empty),
        Some((&VERSION, body)) => Ok(codec::decode(body, limit)?),
        Some((&version, _)) => Err(WireError::Version(version)),
    }
}

#[cfg(test)]
mod tests;
