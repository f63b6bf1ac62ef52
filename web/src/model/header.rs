//! An encoded header, taken apart into its fields.

/// A field of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// The rules' version.
    Version,
    /// The number of blocks before this one.
    Height,
    /// The predecessor's hash.
    Previous,
    /// The root over the transactions.
    MerkleRoot,
    /// The root over all earlier blocks' hashes.
    HistoryRoot,
    /// When it was sealed.
    Time,
    /// What the hash meets.
    Difficulty,
    /// What was searched.
    Nonce,
}

impl Field {
    /// Every field, in its order, with its length in bytes.
    pub(crate) const ALL: [(Self, usize); 8] = [
        (Self::Version, 1),
        (Self::Height, 4),
        (Self::Previous, 32),
        (Self::MerkleRoot, 32),
        (Self::HistoryRoot, 32),
        (Self::Time, 8),
        (Self::Difficulty, 4),
        (Self::Nonce, 4),
    ];
}

/// The bytes of a field, in hex, and where they begin.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field.
    pub(crate) field: Field,
    /// The place of its first byte, from 0.
    pub(crate) at: usize,
    /// Its bytes in hex.
    pub(crate) hex: String,
}

/// Takes a header apart. `None` if it has not as many bytes as its fields.
pub(crate) fn parts(header: &[u8]) -> Option<Vec<Part>> {
    let (mut rest, mut at) = (header, 0);
    let mut parts = Vec::new();
    for (field, length) in Field::ALL {
        let (bytes, after) = rest.split_at_checked(length)?;
        let hex = hex_of(bytes);
        parts.push(Part { field, at, hex });
        (rest, at) = (after, at + length);
    }
    rest.is_empty().then_some(parts)
}

fn hex_of(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().concat()
}

/// How many zero bits a hash begins with.
pub(crate) fn leading_zeros(hash: &[u8; 32]) -> u32 {
    let zeros = hash.iter().take_while(|byte| **byte == 0).count();
    let next = hash.get(zeros).map_or(0, |byte| byte.leading_zeros());
    u32::try_from(zeros).unwrap_or_default() * 8 + next
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_fields_are_the_whole_header() {
        let header: Vec<u8> = (0..117).collect();
        let parts = parts(&header).expect("a header");
        let hex: String = parts.iter().map(|part| part.hex.as_str()).collect();
        assert_eq!(hex, hex_of(&header));
        assert_eq!(parts[1], Part { field: Field::Height, at: 1, hex: "01020304".into() });
        assert_eq!((parts[7].at, parts[7].hex.as_str()), (113, "71727374"));
    }

    #[test]
    fn other_lengths_are_no_headers() {
        for length in [0, 1, 116, 118] {
            assert_eq!(parts(&vec![0; length]), None, "{length}");
        }
    }

    #[test]
    fn counts_the_zero_bits_in_front() {
        let mut hash = [0; 32];
        assert_eq!(leading_zeros(&hash), 256);
        hash[2] = 0x10;
        assert_eq!(leading_zeros(&hash), 19);
        hash[0] = 0xff;
        assert_eq!(leading_zeros(&hash), 0);
    }
}
