//! Bytes as text that can stand in an address: RFC 4648, section 5, without padding.
//!
//! Written here since it is twenty lines: a crate for all bases is thirty kilobytes of the
//! page.

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Writes bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    let (mut rest, mut bits) = (0_u32, 0);
    let mut push = |digit: u32| {
        let digit = DIGITS.get((digit & 63) as usize).copied();
        text.push(digit.map_or('A', char::from));
    };
    for byte in bytes {
        rest = rest << 8 | u32::from(*byte);
        bits += 8;
        while bits >= 6 {
            bits -= 6;
            push(rest >> bits);
        }
        rest &= (1 << bits) - 1;
    }
    if bits > 0 {
        push(rest << (6 - bits));
    }
    text
}

/// Reads 32 bytes, written as [`encode`] writes them and in no other way.
pub(crate) fn decode(text: &str) -> Option<[u8; 32]> {
    let mut bytes = Vec::with_capacity(32);
    let (mut rest, mut bits) = (0_u32, 0);
    for digit in text.bytes() {
        let value = DIGITS.iter().position(|known| *known == digit)?;
        rest = rest << 6 | u32::try_from(value).ok()?;
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(rest >> bits).ok()?);
            rest &= (1 << bits) - 1;
        }
        if bytes.len() > 32 {
            return None;
        }
    }
    // What is left over of the last digit says nothing, so it is zero, and no digit is in vain.
    if rest != 0 || bits >= 6 {
        return None;
    }
    bytes.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_of_the_rfc_are_written() {
        let vectors = [("", ""), ("f", "Zg"), ("fo", "Zm8"), ("foo", "Zm9v"), ("foob", "Zm9vYg")];
        for (plain, text) in vectors {
            assert_eq!(encode(plain.as_bytes()), text);
        }
        assert_eq!(encode(&[0xfb, 0xff, 0xfe]), "-__-");
    }

    #[test]
    fn what_is_written_is_read_and_nothing_else_is() {
        for n in 0..=255_u8 {
            let mut next = n;
            let bytes: [u8; 32] = std::array::from_fn(|_| {
                next = next.wrapping_mul(31).wrapping_add(7);
                next
            });
            let text = encode(&bytes);
            assert_eq!(text.len(), 43);
            assert_eq!(decode(&text), Some(bytes));
        }
        let text = encode(&[7; 32]);
        let cut = &text[..42];
        // A cut one, a longer one, padding, the other alphabet, bits that say nothing.
        for other in [
            "",
            cut,
            &format!("{text}A"),
            &format!("{text}="),
            &format!("{cut}+"),
            &format!("{cut}d"),
        ] {
            assert_eq!(decode(other), None, "{other}");
        }
    }
}
