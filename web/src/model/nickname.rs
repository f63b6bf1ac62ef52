//! Names that the user gives to keys: kept in this browser, never sent.

use std::collections::BTreeMap;

use chain_wasm::primitives::PublicKey;

/// The longest nickname, in characters.
pub(crate) const MAX_NICKNAME_CHARS: usize = 32;

/// The most keys that have one. They are all read at the start.
pub(crate) const MAX_NICKNAMES: usize = 1_000;

/// The nicknames of this browser.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Nicknames(BTreeMap<PublicKey, String>);

impl Nicknames {
    /// The nickname of a key, if it has one.
    pub(crate) fn of(&self, key: &PublicKey) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// Gives a key a nickname, or takes it away if none is left of it. Returns what it is
    /// called now; `None` as well if there are [`MAX_NICKNAMES`] others.
    pub(crate) fn set(&mut self, key: PublicKey, typed: &str) -> Option<&str> {
        let name = tidy(typed);
        let full = self.0.len() >= MAX_NICKNAMES && !self.0.contains_key(&key);
        if name.is_empty() || full {
            self.0.remove(&key);
            return None;
        }
        self.0.insert(key, name);
        self.of(&key)
    }
}

/// What a nickname is made of: no control characters, single spaces, not too long.
fn tidy(typed: &str) -> String {
    let words: Vec<&str> = typed.split(|c: char| c.is_whitespace() || c.is_control()).collect();
    let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let name: String = words.join(" ").chars().take(MAX_NICKNAME_CHARS).collect();
    name.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_nickname_is_tidied_and_taken_away_when_it_is_emptied() {
        let mut names = Nicknames::default();
        let key = PublicKey::from_bytes([1; 32]);
        assert_eq!(names.set(key, "  Mina\n\u{7} Kim "), Some("Mina Kim"));
        assert_eq!(names.of(&key), Some("Mina Kim"));
        let long = "가".repeat(MAX_NICKNAME_CHARS + 1);
        assert_eq!(
            names.set(key, &long).map(|name| name.chars().count()),
            Some(MAX_NICKNAME_CHARS)
        );
        assert_eq!(names.set(key, " \t "), None);
        assert_eq!(names.of(&key), None);
    }

    #[test]
    fn there_are_only_so_many() {
        let mut names = Nicknames::default();
        let key = |n: usize| {
            let mut bytes = [0; 32];
            bytes[..8].copy_from_slice(&(n as u64).to_be_bytes());
            PublicKey::from_bytes(bytes)
        };
        for n in 0..MAX_NICKNAMES {
            assert!(names.set(key(n), "one").is_some());
        }
        assert_eq!(names.set(key(MAX_NICKNAMES), "one too many"), None);
        assert_eq!(names.set(key(0), "another"), Some("another"));
    }
}
