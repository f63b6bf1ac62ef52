//! Locking a key with a passphrase, and unlocking it again.
//!
//! The passphrase becomes a key by Argon2id (RFC 9106, version 0x13) with 32 MiB of memory,
//! 2 passes and 1 lane: more than OWASP's least (19 MiB, 2 passes), and some tenths of a
//! second in a phone's tab. That key encrypts the seed with `XChaCha20-Poly1305`
//! (draft-irtf-cfrg-xchacha-03), the author and the salt being authenticated with it. The
//! parameters are those of the file's version: no file can ask for more work.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{AeadInOut, KeyInit};
use chacha20poly1305::{Key, Tag, XChaCha20Poly1305, XNonce};

use super::{KeyFile, KeyFileFault};
use crate::primitives::{Keypair, PublicKey, Seed};

/// Memory in KiB.
const MEMORY: u32 = 32 * 1024;
/// How often it is gone through.
const PASSES: u32 = 2;

/// Domain of what is authenticated.
const DOMAIN: &[u8] = b"tabchain/key/1";

/// Why a key was not locked. It does not depend on what is locked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no memory to lock a key with")]
pub struct LockError;

/// Locks a key. `salt` and `nonce` must be random and are used once.
///
/// # Errors
/// [`LockError`]
pub fn lock(
    seed: Seed,
    passphrase: &str,
    salt: [u8; 16],
    nonce: [u8; 24],
) -> Result<KeyFile, LockError> {
    let author = Keypair::from_seed(seed.0).public();
    let cipher = cipher(passphrase, &salt).ok_or(LockError)?;
    let mut sealed = seed.0;
    let tag = cipher
        .encrypt_inout_detached(
            &XNonce::from(nonce),
            &authenticated(&author, &salt),
            sealed.as_mut_slice().into(),
        )
        .map_err(|_| LockError)?;
    let mut bytes = sealed.into_iter().chain(tag);
    let sealed = std::array::from_fn(|_| bytes.next().unwrap_or_default());
    Ok(KeyFile { author, salt, nonce, sealed })
}

/// Unlocks a key.
///
/// # Errors
/// [`KeyFileFault::WrongPassphrase`]; [`KeyFileFault::Damaged`] for a file that somebody
/// made up: its seed is not its author's.
pub fn unlock(file: &KeyFile, passphrase: &str) -> Result<Seed, KeyFileFault> {
    let cipher = cipher(passphrase, &file.salt).ok_or(KeyFileFault::WrongPassphrase)?;
    let mut bytes = file.sealed.into_iter();
    let mut seed: [u8; 32] = std::array::from_fn(|_| bytes.next().unwrap_or_default());
    let tag: [u8; 16] = std::array::from_fn(|_| bytes.next().unwrap_or_default());
    cipher
        .decrypt_inout_detached(
            &XNonce::from(file.nonce),
            &authenticated(&file.author, &file.salt),
            seed.as_mut_slice().into(),
            &Tag::from(tag),
        )
        .map_err(|_| KeyFileFault::WrongPassphrase)?;
    if Keypair::from_seed(seed).public() == file.author {
        Ok(Seed(seed))
    } else {
        Err(KeyFileFault::Damaged)
    }
}

fn cipher(passphrase: &str, salt: &[u8; 16]) -> Option<XChaCha20Poly1305> {
    let params = Params::new(MEMORY, PASSES, 1, Some(32)).ok()?;
    let mut key = [0; 32];
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.as_bytes(), salt, &mut key)
        .ok()?;
    Some(XChaCha20Poly1305::new(&Key::from(key)))
}

fn authenticated(author: &PublicKey, salt: &[u8; 16]) -> Vec<u8> {
    [DOMAIN, author.as_bytes(), salt].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PASSPHRASE: &str = "correct horse 배터리";

    fn locked() -> KeyFile {
        lock(Seed([7; 32]), PASSPHRASE, [1; 16], [2; 24]).unwrap()
    }

    #[test]
    fn a_key_comes_back_with_its_passphrase_and_with_no_other() {
        let file = KeyFile::parse(&locked().text()).unwrap();
        assert_eq!(file.author, Keypair::from_seed([7; 32]).public());
        assert_eq!(unlock(&file, PASSPHRASE), Ok(Seed([7; 32])));
        for wrong in ["", "correct horse", "Correct horse 배터리", "correct horse 배터리 "] {
            assert_eq!(unlock(&file, wrong), Err(KeyFileFault::WrongPassphrase), "{wrong}");
        }
    }

    #[test]
    fn the_file_does_not_hold_the_seed() {
        let text = locked().text();
        assert!(!text.contains(&"07".repeat(8)));
        assert!(!text.contains("horse"));
    }

    /// Each byte of the text, replaced: the file is refused, or it is the same key still.
    #[test]
    fn no_byte_of_the_text_can_be_changed_unnoticed() {
        let (file, text) = (locked(), locked().text());
        for at in 0..text.len() {
            for byte in [b'0', b'f', b'F', b' ', b'\n', b'z'] {
                let mut changed = text.clone().into_bytes();
                changed[at] = byte;
                let changed = String::from_utf8(changed).unwrap();
                if let Ok(read) = KeyFile::parse(&changed) {
                    assert_eq!(read, file, "byte {at} as {byte}");
                }
            }
        }
    }

    /// Each byte of what the tag covers, with a check that fits again.
    #[test]
    fn no_byte_of_the_fields_can_be_forged() {
        let file = locked();
        let mut forged = Vec::new();
        for at in 0..48 {
            let mut one = file.clone();
            one.sealed[at] ^= 1;
            forged.push(one);
        }
        for at in [0, 7, 15] {
            let mut one = file.clone();
            one.salt[at] ^= 1;
            forged.push(one);
        }
        for at in [0, 11, 23] {
            let mut one = file.clone();
            one.nonce[at] ^= 1;
            forged.push(one);
        }
        for at in [0, 31] {
            let mut author = *file.author.as_bytes();
            author[at] ^= 1;
            forged.push(KeyFile { author: PublicKey::from_bytes(author), ..file.clone() });
        }
        for one in forged {
            let read = KeyFile::parse(&one.text()).unwrap();
            assert_eq!(unlock(&read, PASSPHRASE), Err(KeyFileFault::WrongPassphrase));
        }
    }

    /// Whoever knows the passphrase of a file can make up one for another author, but not
    /// so that it is taken.
    #[test]
    fn a_seed_that_is_not_its_authors_is_refused() {
        let (salt, nonce) = ([1; 16], [2; 24]);
        let author = Keypair::from_seed([8; 32]).public();
        let mut sealed = [7; 32];
        let tag = cipher(PASSPHRASE, &salt)
            .unwrap()
            .encrypt_inout_detached(
                &XNonce::from(nonce),
                &authenticated(&author, &salt),
                sealed.as_mut_slice().into(),
            )
            .unwrap();
        let sealed: Vec<u8> = sealed.into_iter().chain(tag).collect();
        let file = KeyFile { author, salt, nonce, sealed: sealed.try_into().unwrap() };
        assert_eq!(unlock(&file, PASSPHRASE), Err(KeyFileFault::Damaged));
    }
}
