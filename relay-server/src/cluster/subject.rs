//! The subjects at which relays meet.

use std::str::FromStr;
use std::sync::Arc;

use chain_wasm::relay::RoomId;

use super::message::{RelayId, VERSION};

/// The longest prefix, in bytes.
pub(super) const MAX_PREFIX: usize = 64;

/// What all subjects begin with, so that several sets of relays can share a NATS server:
/// one or more words of letters, digits, `-` and `_`, with dots between them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prefix(Arc<str>);

/// It is not a prefix.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("give up to {MAX_PREFIX} letters, digits, - and _, in words with dots between them")]
pub struct PrefixError;

impl FromStr for Prefix {
    type Err = PrefixError;

    fn from_str(text: &str) -> Result<Self, PrefixError> {
        let is_word = |word: &str| {
            let good = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            !word.is_empty() && word.bytes().all(good)
        };
        if text.len() > MAX_PREFIX || !text.split('.').all(is_word) {
            return Err(PrefixError);
        }
        Ok(Self(text.into()))
    }
}

impl Prefix {
    /// Where all relays with peers in a room listen.
    pub(super) fn room(&self, room: &RoomId) -> String {
        format!("{}.v{VERSION}.{room}.all", self.0)
    }

    /// Where one of them listens.
    pub(super) fn direct(&self, room: &RoomId, relay: RelayId) -> String {
        format!("{}.v{VERSION}.{room}.to.{relay}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use chain_wasm::primitives::Hash;

    use super::*;

    #[test]
    fn wildcards_and_empty_words_are_no_prefix() {
        for bad in ["", ".", "a.", ".a", "a..b", "a.*", ">", "a b", &"x".repeat(MAX_PREFIX + 1)] {
            assert_eq!(bad.parse::<Prefix>(), Err(PrefixError), "{bad}");
        }
        assert!("x".repeat(MAX_PREFIX).parse::<Prefix>().is_ok());
        let prefix: Prefix = "school.tab-chain_2".parse().unwrap();
        let room = Hash::from_bytes([0xab; 32]);
        let all = format!("school.tab-chain_2.v1.{}.all", "ab".repeat(32));
        assert_eq!(prefix.room(&room), all);
        let direct = format!("school.tab-chain_2.v1.{}.to.{}", "ab".repeat(32), "01".repeat(16));
        assert_eq!(prefix.direct(&room, RelayId([1; 16])), direct);
    }
}
