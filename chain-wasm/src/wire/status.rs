//! What each peer shows of itself: enough to see who has more.

use minicbor::{Decode, Encode};

use super::WireError;
use crate::primitives::{Hash, PublicKey};
use crate::relay;

/// The longest status, in bytes: what the relay allows.
pub const MAX_STATUS: usize = relay::MAX_STATUS;

/// The longest nickname, in bytes of UTF-8.
pub const MAX_NICKNAME: usize = 32;

/// What a peer says of itself. Nothing of it is believed before its headers, blocks
/// or transactions show it.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Status {
    /// The key that signs its entries.
    #[n(0)]
    pub author: PublicKey,
    /// Its tip's hash.
    #[n(1)]
    pub tip: Hash,
    /// Its tip's height.
    #[n(2)]
    pub height: u32,
    /// The work of its chain, 16 bytes, big-endian.
    #[cbor(n(3), with = "minicbor::bytes")]
    work: [u8; 16],
    /// How many transactions wait in it for a block.
    #[n(4)]
    pub mempool_count: u32,
    /// The exclusive or of the first 16 bytes of their ids.
    #[cbor(n(5), with = "minicbor::bytes")]
    pub mempool_digest: [u8; 16],
    /// Whether its page is hidden, so that it may be slow.
    #[n(6)]
    pub hidden: bool,
    /// Whether it is looking for a block.
    #[n(7)]
    pub sealing: bool,
    /// A name that its user chose, at most [`MAX_NICKNAME`] bytes; may be empty.
    #[n(8)]
    pub nickname: String,
}

impl Status {
    /// A status; `nickname` empty, neither hidden nor sealing, nothing waiting.
    pub const fn new(author: PublicKey, tip: Hash, height: u32, work: u128) -> Self {
        Self {
            author,
            tip,
            height,
            work: work.to_be_bytes(),
            mempool_count: 0,
            mempool_digest: [0; 16],
            hidden: false,
            sealing: false,
            nickname: String::new(),
        }
    }

    /// The work of its chain.
    pub const fn work(&self) -> u128 {
        u128::from_be_bytes(self.work)
    }

    /// Writes the status.
    pub fn encode(&self) -> Vec<u8> {
        super::encode(self)
    }

    /// Reads a status.
    ///
    /// # Errors
    /// [`WireError`] if it is not one.
    pub fn decode(payload: &[u8]) -> Result<Self, WireError> {
        let status: Self = super::decode(payload, MAX_STATUS - 1)?;
        let got = status.nickname.len();
        if got > MAX_NICKNAME {
            return Err(WireError::TooMany { got, limit: MAX_NICKNAME });
        }
        Ok(status)
    }
}
