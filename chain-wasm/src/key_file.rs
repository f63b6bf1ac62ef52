//! A tab's key as a text file, locked with a passphrase.
//!
//! Six lines, each ended by a line feed; the values are lower-case hex:
//!
//! ```text
//! tabchain-key 1
//! author <public key, 32 bytes>
//! salt <16 random bytes>
//! nonce <24 random bytes>
//! sealed <the seed, 32 bytes, encrypted; and the tag, 16 bytes>
//! check <the first 8 bytes of SHA-256 of the lines before it>
//! ```
//!
//! The check finds damage before a passphrase is asked for, and tells it from a passphrase
//! that does not fit; what keeps the file from being forged is the tag, which covers the
//! author and the salt too. How the seed is encrypted is in [`lock`].

#[cfg(feature = "browser")]
pub mod lock;

use core::fmt;

use serde::{Deserialize, Serialize};

use crate::primitives::{Hash, PublicKey, parse_hex, write_hex};

/// The longest key file, in bytes: more than one has even if its lines end as on Windows.
pub const MAX_KEY_FILE: usize = 1024;

/// The shortest passphrase, in characters. Guessing is slow, but no slowness saves `1234`.
pub const MIN_PASSPHRASE: usize = 8;

/// The longest passphrase, in bytes of UTF-8.
pub const MAX_PASSPHRASE: usize = 1024;

/// The first line.
const HEAD: &str = "tabchain-key ";

/// The version that is written, and the only one that is read.
const VERSION: &str = "1";

/// Why a key file cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum KeyFileFault {
    /// Something else than a key file.
    #[error("it is not a key file")]
    Foreign,
    /// A later version of Tabchain wrote it.
    #[error("it is of a later version")]
    Newer,
    /// Something in it has changed since it was written.
    #[error("it is damaged")]
    Damaged,
    /// Another passphrase than the one that it was locked with.
    #[error("the passphrase does not fit")]
    WrongPassphrase,
}

/// What a key file holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFile {
    /// Whose key it is.
    pub author: PublicKey,
    salt: [u8; 16],
    nonce: [u8; 24],
    sealed: [u8; 48],
}

impl KeyFile {
    /// Reads a file's text. Line ends of any system will do, and blank lines at the end.
    ///
    /// # Errors
    /// [`KeyFileFault`]; never [`KeyFileFault::WrongPassphrase`].
    pub fn parse(text: &str) -> Result<Self, KeyFileFault> {
        if text.len() > MAX_KEY_FILE {
            return Err(KeyFileFault::Foreign);
        }
        let mut lines = text.lines();
        match lines.next().and_then(|line| line.strip_prefix(HEAD)) {
            Some(VERSION) => {}
            Some(other) if other.parse::<u32>().is_ok_and(|version| version > 1) => {
                return Err(KeyFileFault::Newer);
            }
            Some(_) => return Err(KeyFileFault::Damaged),
            None => return Err(KeyFileFault::Foreign),
        }
        Self::fields(lines).ok_or(KeyFileFault::Damaged)
    }

    fn fields<'a>(mut lines: impl Iterator<Item = &'a str>) -> Option<Self> {
        let mut value = |name| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let file = Self {
            author: PublicKey::from_bytes(parse_hex(value("author")?)?),
            salt: parse_hex(value("salt")?)?,
            nonce: parse_hex(value("nonce")?)?,
            sealed: parse_hex(value("sealed")?)?,
        };
        let check: [u8; 8] = parse_hex(value("check")?)?;
        let ended = lines.all(str::is_empty);
        (ended && check == file.check()).then_some(file)
    }

    /// The file's text.
    pub fn text(&self) -> String {
        format!("{}check {}\n", self.lines(), Hex(&self.check()))
    }

    fn lines(&self) -> String {
        format!(
            "{HEAD}{VERSION}\nauthor {}\nsalt {}\nnonce {}\nsealed {}\n",
            self.author,
            Hex(&self.salt),
            Hex(&self.nonce),
            Hex(&self.sealed)
        )
    }

    fn check(&self) -> [u8; 8] {
        let hash = Hash::of(self.lines().as_bytes());
        let mut bytes = hash.as_bytes().iter().copied();
        std::array::from_fn(|_| bytes.next().unwrap_or_default())
    }
}

/// Whether a passphrase is long enough to lock a key with, and not too long.
pub fn is_valid_passphrase(passphrase: &str) -> bool {
    passphrase.chars().count() >= MIN_PASSPHRASE && passphrase.len() <= MAX_PASSPHRASE
}

/// Bytes that are written as hex digits.
struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_hex(self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> KeyFile {
        let author = PublicKey::from_bytes([1; 32]);
        KeyFile { author, salt: [2; 16], nonce: [3; 24], sealed: [4; 48] }
    }

    #[test]
    fn a_file_is_read_as_it_was_written_whatever_its_line_ends() {
        let text = file().text();
        assert!(text.len() * 2 < MAX_KEY_FILE);
        assert_eq!(KeyFile::parse(&text), Ok(file()));
        assert_eq!(KeyFile::parse(&text.replace('\n', "\r\n")), Ok(file()));
        assert_eq!(KeyFile::parse(&format!("{text}\n\n")), Ok(file()));
        assert_eq!(KeyFile::parse(text.trim_end()), Ok(file()));
    }

    #[test]
    fn what_is_no_key_file_is_told_from_one_that_is_damaged_or_newer() {
        assert_eq!(KeyFile::parse(""), Err(KeyFileFault::Foreign));
        assert_eq!(KeyFile::parse("{\"key\": 1}"), Err(KeyFileFault::Foreign));
        let text = file().text();
        let longest = format!("{text}{}", "\n".repeat(MAX_KEY_FILE - text.len()));
        assert_eq!(KeyFile::parse(&longest), Ok(file()));
        assert_eq!(KeyFile::parse(&(longest + "\n")), Err(KeyFileFault::Foreign));
        let newer = text.replacen("tabchain-key 1", "tabchain-key 2", 1);
        assert_eq!(KeyFile::parse(&newer), Err(KeyFileFault::Newer));
        assert_eq!(KeyFile::parse("tabchain-key x\n"), Err(KeyFileFault::Damaged));
        assert_eq!(KeyFile::parse(&format!("{text}more")), Err(KeyFileFault::Damaged));
        for end in 0..text.len() - 1 {
            assert!(KeyFile::parse(&text[..end]).is_err(), "cut at {end}");
        }
    }

    #[test]
    fn passphrases_have_bounds() {
        assert!(!is_valid_passphrase(&"a".repeat(MIN_PASSPHRASE - 1)));
        assert!(is_valid_passphrase(&"가".repeat(MIN_PASSPHRASE)));
        assert!(is_valid_passphrase(&"a".repeat(MAX_PASSPHRASE)));
        assert!(!is_valid_passphrase(&"a".repeat(MAX_PASSPHRASE + 1)));
    }
}
