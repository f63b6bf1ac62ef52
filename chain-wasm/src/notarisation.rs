//! What the chain keeps of a file: its name, its size and its hash, and nothing of what is
//! in it.
//!
//! A notarisation is the data of an entry of the type [`MEDIA_TYPE`]: a JSON document
//! (RFC 8259) that is written in one way only, so that equal ones are equal bytes:
//!
//! ```text
//! {"name":"hello.txt","size":5,"sha256":"2cf24dba5fb0a30e26e83b2ac5b9e29e…"}
//! ```
//!
//! No white space, the members in this order, and within the name only `"` and `\` are
//! escaped, by a `\`. What is written otherwise is no notarisation, whatever its type says.

use crate::primitives::Hash;

/// The media type of a notarisation; the suffix is that of RFC 6839.
pub const MEDIA_TYPE: &str = "application/vnd.tabchain.file+json";

/// The longest name of a file, in bytes of UTF-8: as long as file systems take.
pub const MAX_FILE_NAME: usize = 255;

/// The largest size that JSON's readers hold exactly: 2^53 - 1 bytes (RFC 8259, section 6).
pub const MAX_FILE_SIZE: u64 = (1 << 53) - 1;

/// A file, as far as the chain knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notarisation {
    name: String,
    size: u64,
    sha256: Hash,
}

impl Notarisation {
    /// Describes a file. Control characters of its name are replaced, an empty name is
    /// written as `?`, a long one cut; no file is larger than [`MAX_FILE_SIZE`].
    pub fn new(name: &str, size: u64, sha256: Hash) -> Self {
        let mut kept = String::new();
        for c in name.chars().map(|c| if c.is_control() { '\u{fffd}' } else { c }) {
            if kept.len() + c.len_utf8() > MAX_FILE_NAME {
                break;
            }
            kept.push(c);
        }
        if kept.is_empty() {
            kept.push('?');
        }
        Self { name: kept, size: size.min(MAX_FILE_SIZE), sha256 }
    }

    /// The file's name: 1 to [`MAX_FILE_NAME`] bytes without control characters.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The file's size in bytes.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// SHA-256 of what is in the file.
    pub const fn sha256(&self) -> Hash {
        self.sha256
    }

    /// Writes the document.
    pub fn encode(&self) -> Vec<u8> {
        let name = self.name.replace('\\', "\\\\").replace('"', "\\\"");
        let Self { size, sha256, .. } = self;
        format!("{{\"name\":\"{name}\",\"size\":{size},\"sha256\":\"{sha256}\"}}").into_bytes()
    }

    /// Reads an entry's data; `None` if it is not a notarisation.
    pub fn decode(media_type: &str, bytes: &[u8]) -> Option<Self> {
        if media_type != MEDIA_TYPE {
            return None;
        }
        let text = std::str::from_utf8(bytes).ok()?;
        let rest = text.strip_prefix("{\"name\":\"")?;
        // Everything after the name has a form that no name can hold: a bare quote.
        let (name, rest) = rest.rsplit_once("\",\"size\":")?;
        let (size, rest) = rest.split_once(",\"sha256\":\"")?;
        let read = Self {
            name: unescape(name)?,
            size: size.parse().ok()?,
            sha256: rest.strip_suffix("\"}")?.parse().ok()?,
        };
        // There is one way to write it.
        let bounded = Self::new(&read.name, read.size, read.sha256);
        (bounded == read && read.encode() == bytes).then_some(read)
    }
}

/// Undoes the two escapes there are.
fn unescape(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        out.push(if c == '\\' { chars.next()? } else { c });
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Option<Notarisation> {
        Notarisation::decode(MEDIA_TYPE, text.as_bytes())
    }

    fn written(name: &str, size: &str, hash: &str) -> String {
        format!("{{\"name\":\"{name}\",\"size\":{size},\"sha256\":\"{hash}\"}}")
    }

    #[test]
    fn is_written_in_one_way_and_read_back() {
        let hash = Hash::of(b"hello");
        let names =
            ["plan.pdf", "계획.hwp", "a \"b\" \\ c.txt", "\",\"size\":1,\"sha256\":\"", "?"];
        for name in names {
            let file = Notarisation::new(name, 18_204, hash);
            assert_eq!(file.name(), name);
            assert_eq!(Notarisation::decode(MEDIA_TYPE, &file.encode()), Some(file));
        }
        let text = String::from_utf8(Notarisation::new("a.txt", 5, hash).encode()).unwrap();
        assert_eq!(text, written("a.txt", "5", &hash.to_string()));
        let parsed: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(parsed["size"], 5);
    }

    #[test]
    fn any_other_way_to_write_it_is_none() {
        let hash = Hash::of(b"hello").to_string();
        assert!(read(&written("a", "5", &hash)).is_some());
        for other in [
            written("a", "05", &hash),
            written("a", "+5", &hash),
            written("a", "5.0", &hash),
            written("a", "-1", &hash),
            written("a", "5 ", &hash),
            written("a", "5", &hash.to_uppercase()),
            written("a", "5", &hash[1..]),
            written("", "5", &hash),
            written("a\\u0041", "5", &hash),
            written("a\\n", "5", &hash),
            written("a\"b", "5", &hash),
            written("a\\", "5", &hash),
            written("a\u{7}", "5", &hash),
            format!(" {}", written("a", "5", &hash)),
            format!("{}\n", written("a", "5", &hash)),
            format!("{{\"size\":5,\"name\":\"a\",\"sha256\":\"{hash}\"}}"),
            "{}".to_owned(),
            String::new(),
        ] {
            assert_eq!(read(&other), None, "{other}");
        }
        let document = written("a", "5", &hash);
        assert_eq!(Notarisation::decode("application/json", document.as_bytes()), None);
        assert_eq!(Notarisation::decode(MEDIA_TYPE, &[0xff]), None);
    }

    #[test]
    fn a_byte_changed_gives_another_file_or_none() {
        let file = Notarisation::new("report \"7\".pdf", 1_234, Hash::of(b"x"));
        let bytes = file.encode();
        for at in 0..bytes.len() {
            for byte in [b'0', b'"', b'\\', 0x80, 0] {
                let mut changed = bytes.clone();
                changed[at] = byte;
                if changed != bytes {
                    assert_ne!(Notarisation::decode(MEDIA_TYPE, &changed), Some(file.clone()));
                }
            }
        }
    }

    #[test]
    fn names_and_sizes_are_kept_within_their_bounds() {
        let long = "가".repeat(MAX_FILE_NAME);
        let file = Notarisation::new(&long, u64::MAX, Hash::ZERO);
        assert_eq!(file.name().len(), MAX_FILE_NAME / 3 * 3);
        assert_eq!(file.size(), MAX_FILE_SIZE);
        assert!(Notarisation::decode(MEDIA_TYPE, &file.encode()).is_some());
        let zeros = Hash::ZERO.to_string();
        let longest = "a".repeat(MAX_FILE_NAME);
        assert!(read(&written(&longest, &MAX_FILE_SIZE.to_string(), &zeros)).is_some());
        assert!(read(&written(&(longest + "a"), "1", &zeros)).is_none());
        assert!(read(&written("a", &(MAX_FILE_SIZE + 1).to_string(), &zeros)).is_none());
        assert_eq!(Notarisation::new("a\nb\u{0}", 0, Hash::ZERO).name(), "a\u{fffd}b\u{fffd}");
        assert_eq!(Notarisation::new("", 0, Hash::ZERO).name(), "?");
        // The largest still fits into an entry, and its type into the entry's.
        assert!(Notarisation::new(&"\"".repeat(500), u64::MAX, Hash::ZERO).encode().len() < 1024);
        assert!(MEDIA_TYPE.len() <= crate::api::MAX_MEDIA_TYPE);
    }
}
