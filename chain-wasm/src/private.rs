//! Private rooms: what their members share, and how their entries are sealed.
//!
//! Whoever knows a room's 32-byte [`RoomSecret`] can read its entries. Nothing of it is
//! ever sent: the room's spec, and with it the chain's id, holds the secret's
//! [commitment](RoomSecret::commitment), from which it cannot be found.
//!
//! A sealed entry is data of the media type [`MEDIA_TYPE`] whose bytes are
//!
//! ```text
//! nonce (24) || key commitment (32) || ciphertext || tag (16)
//! ```
//!
//! Each entry has a key of its own, derived from secret and nonce, so that one entry can
//! be shown to an outsider without showing the others: its [`EntryKey`] is given away. The
//! cipher, `XChaCha20-Poly1305`, does not commit to its key: whoever makes a ciphertext can
//! make it so that two keys open it, each to another text. The key commitment rules that
//! out: an entry has one key, and so one text, whoever looks at it. What is authenticated
//! beside it names chain and author, so a ciphertext that another author copies does not
//! open.

use core::fmt;

use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};
use hkdf::Hkdf;
use minicbor::{Decode, Encode};
use serde::{Deserialize, Serialize};
use sha2::Sha256;

use crate::codec;
use crate::primitives::{ChainId, Hash, PublicKey};

/// The media type of sealed entries.
pub const MEDIA_TYPE: &str = "application/vnd.tabchain.sealed";

/// Length of a sealed entry's nonce in bytes.
pub const NONCE: usize = 24;

/// Length of the key's commitment in bytes.
const COMMITMENT: usize = 32;

/// Length of the tag in bytes.
const TAG: usize = 16;

/// By how many bytes a sealed entry is at most longer than its media type and data: nonce,
/// commitment, tag, and the heads of the record, the media type and the data.
pub const MAX_OVERHEAD: usize = NONCE + COMMITMENT + TAG + 1 + 2 + 3;

/// What a room's secret is expanded to, for each purpose another.
const ROOM: &[u8] = b"tabchain/room/1";
const ENTRY: &[u8] = b"tabchain/entry/1";

/// Domain of a key's commitment.
const OPENING: &[u8] = b"tabchain/opening/1";

/// Domain of what is authenticated beside the ciphertext.
const SEALED: &[u8] = b"tabchain/sealed/1";

/// What the members of a private room share. Never sent, and never shown but in the link
/// that its members give each other.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RoomSecret(#[serde(with = "serde_bytes")] [u8; 32]);

/// The key of one entry: what an outsider is given to read it, and no other.
#[derive(Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub struct EntryKey(#[cbor(n(0), with = "minicbor::bytes")] [u8; 32]);

/// What an entry says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Plain {
    /// As its author declares it.
    #[n(0)]
    pub media_type: String,
    /// The data.
    #[cbor(n(1), with = "minicbor::bytes")]
    pub bytes: Vec<u8>,
}

/// Where an entry stands: nowhere else does its ciphertext open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The chain.
    pub chain: ChainId,
    /// Who signs it.
    pub author: PublicKey,
}

/// A sealed entry that does not open: it was sealed with another secret, for another
/// place, or is damaged. Which, cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it does not open with this key")]
pub struct NotOpened;

/// The data could not be sealed: it is longer than any cipher takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it cannot be sealed")]
pub struct NotSealed;

impl RoomSecret {
    /// Takes 32 random bytes as a secret.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the room's spec says of the secret: enough to tell a wrong one, and nothing
    /// else.
    pub fn commitment(&self) -> Hash {
        Hash::from_bytes(self.derive(None, ROOM))
    }

    /// The key of the entry with this nonce.
    fn entry_key(&self, nonce: &[u8; NONCE]) -> EntryKey {
        EntryKey(self.derive(Some(nonce), ENTRY))
    }

    /// HKDF-SHA256 (RFC 5869).
    fn derive(&self, salt: Option<&[u8]>, info: &[u8]) -> [u8; 32] {
        let mut key = [0; 32];
        let expanded = Hkdf::<Sha256>::new(salt, &self.0).expand(info, &mut key);
        // It fails above 255 times 32 bytes only.
        debug_assert!(expanded.is_ok(), "32 bytes can be had");
        key
    }

    /// Seals what an entry says. The nonce must be random, and is used once.
    ///
    /// # Errors
    /// [`NotSealed`]
    pub fn seal(
        &self,
        nonce: [u8; NONCE],
        place: &Place,
        plain: &Plain,
    ) -> Result<Vec<u8>, NotSealed> {
        let key = self.entry_key(&nonce);
        let mut body = codec::encode(plain);
        let tag = key
            .cipher()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &place.bytes(),
                body.as_mut_slice().into(),
            )
            .map_err(|_| NotSealed)?;
        Ok([&nonce, key.commitment().as_bytes().as_slice(), &body, &tag].concat())
    }

    /// Opens a sealed entry.
    ///
    /// # Errors
    /// [`NotOpened`]
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Plain, NotOpened> {
        let (nonce, _) = sealed.split_first_chunk().ok_or(NotOpened)?;
        self.entry_key(nonce).open(place, sealed)
    }

    /// The key of a sealed entry, for an outsider; only of one that it opens.
    ///
    /// # Errors
    /// [`NotOpened`]
    pub fn key_of(&self, place: &Place, sealed: &[u8]) -> Result<EntryKey, NotOpened> {
        let (nonce, _) = sealed.split_first_chunk().ok_or(NotOpened)?;
        let key = self.entry_key(nonce);
        key.open(place, sealed).map(|_| key)
    }
}

impl EntryKey {
    /// Takes 32 bytes as a key.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The 32 bytes.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(&Key::from(self.0))
    }

    fn commitment(&self) -> Hash {
        Hash::of_parts(&[OPENING, &self.0])
    }

    /// Opens the sealed entry that it is the key of.
    ///
    /// # Errors
    /// [`NotOpened`]
    pub fn open(&self, place: &Place, sealed: &[u8]) -> Result<Plain, NotOpened> {
        let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(NotOpened)?;
        let (commitment, rest) = rest.split_first_chunk::<COMMITMENT>().ok_or(NotOpened)?;
        let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(NotOpened)?;
        if self.commitment().as_bytes() != commitment {
            return Err(NotOpened);
        }
        let mut body = body.to_vec();
        self.cipher()
            .decrypt_inout_detached(
                &XNonce::from(*nonce),
                &place.bytes(),
                body.as_mut_slice().into(),
                &Tag::from(*tag),
            )
            .map_err(|_| NotOpened)?;
        codec::decode(&body, body.len()).map_err(|_| NotOpened)
    }
}

impl Place {
    /// What is authenticated beside the ciphertext.
    fn bytes(&self) -> Vec<u8> {
        [SEALED, self.chain.as_bytes(), self.author.as_bytes()].concat()
    }
}

impl fmt::Debug for RoomSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RoomSecret(..)")
    }
}

impl fmt::Debug for EntryKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EntryKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SECRET: RoomSecret = RoomSecret::from_bytes([4; 32]);

    fn place() -> Place {
        Place { chain: Hash::of(b"chain"), author: PublicKey::from_bytes([1; 32]) }
    }

    fn plain(media_type: &str, bytes: &[u8]) -> Plain {
        Plain { media_type: media_type.to_owned(), bytes: bytes.to_vec() }
    }

    fn sealed(text: &[u8]) -> Vec<u8> {
        SECRET.seal([7; NONCE], &place(), &plain("text/plain", text)).unwrap()
    }

    proptest! {
        #[test]
        fn what_was_sealed_opens_with_its_secret_and_with_no_other(
            secret: [u8; 32],
            other: [u8; 32],
            nonce: [u8; NONCE],
            media_type in "[ -~]{1,64}",
            bytes: Vec<u8>,
        ) {
            prop_assume!(secret != other);
            let [secret, other] = [secret, other].map(RoomSecret::from_bytes);
            let plain = plain(&media_type, &bytes);
            let sealed = secret.seal(nonce, &place(), &plain).unwrap();
            prop_assert!(sealed.len() <= media_type.len() + bytes.len() + MAX_OVERHEAD);
            prop_assert_eq!(secret.open(&place(), &sealed), Ok(plain.clone()));
            let key = secret.key_of(&place(), &sealed).unwrap();
            prop_assert_eq!(key.open(&place(), &sealed), Ok(plain));
            prop_assert_eq!(other.open(&place(), &sealed), Err(NotOpened));
            prop_assert_ne!(secret.commitment(), other.commitment());
        }

        #[test]
        fn arbitrary_bytes_do_not_open(bytes: Vec<u8>) {
            prop_assert_eq!(SECRET.open(&place(), &bytes), Err(NotOpened));
        }
    }

    #[test]
    fn no_bit_can_be_flipped_and_nothing_cut_off_or_added() {
        let sealed = sealed(b"at noon");
        for bit in 0..sealed.len() * 8 {
            let mut flipped = sealed.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_eq!(SECRET.open(&place(), &flipped), Err(NotOpened), "bit {bit}");
        }
        for end in 0..sealed.len() {
            assert_eq!(SECRET.open(&place(), &sealed[..end]), Err(NotOpened), "cut at {end}");
        }
        assert_eq!(SECRET.open(&place(), &[&sealed[..], &[0]].concat()), Err(NotOpened));
    }

    #[test]
    fn a_copy_by_another_author_or_in_another_chain_does_not_open() {
        let sealed = sealed(b"at noon");
        let elsewhere = Place { chain: Hash::of(b"other"), ..place() };
        let copied = Place { author: PublicKey::from_bytes([2; 32]), ..place() };
        for place in [elsewhere, copied] {
            assert_eq!(SECRET.open(&place, &sealed), Err(NotOpened));
            assert_eq!(SECRET.key_of(&place, &sealed), Err(NotOpened));
        }
    }

    #[test]
    fn an_entrys_key_opens_no_other_entry() {
        let (one, two) = (sealed(b"one"), {
            let plain = plain("text/plain", b"two");
            SECRET.seal([8; NONCE], &place(), &plain).unwrap()
        });
        let key = SECRET.key_of(&place(), &one).unwrap();
        assert!(key.open(&place(), &one).is_ok());
        assert_eq!(key.open(&place(), &two), Err(NotOpened));
    }

    /// What a cipher that does not commit to its key would let through: the tag fits, the
    /// key is not the one that was committed to.
    #[test]
    fn a_key_that_was_not_committed_to_does_not_open_though_its_tag_fits() {
        let (nonce, other) = ([7; NONCE], EntryKey::from_bytes([9; 32]));
        let mut body = codec::encode(&plain("text/plain", b"another story"));
        let tag = other
            .cipher()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &place().bytes(),
                body.as_mut_slice().into(),
            )
            .unwrap();
        let commit =
            |key: &EntryKey| [&nonce, key.commitment().as_bytes().as_slice(), &body, &tag].concat();
        assert!(other.open(&place(), &commit(&other)).is_ok());
        let committed = SECRET.entry_key(&nonce);
        assert_eq!(other.open(&place(), &commit(&committed)), Err(NotOpened));
        assert_eq!(committed.open(&place(), &commit(&committed)), Err(NotOpened));
    }

    #[test]
    fn the_ciphertext_shows_neither_text_nor_type_and_no_log_the_keys() {
        let sealed = sealed(b"the meeting is at noon");
        for part in [&b"meeting"[..], b"text/plain", &[4; 8]] {
            assert!(!sealed.windows(part.len()).any(|window| window == part));
        }
        assert_eq!(format!("{SECRET:?}"), "RoomSecret(..)");
        assert_eq!(format!("{:?}", SECRET.entry_key(&[7; NONCE])), "EntryKey(..)");
    }
}
