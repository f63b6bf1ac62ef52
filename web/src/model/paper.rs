//! A proof on paper: the bytes of its file in one or more QR codes, see PROTOCOL.md.

/// Bytes of a proof in a code, at the most: a code of 105 modules a side, which a phone can
/// read from 5 cm of paper.
pub(crate) const MAX_PART: usize = 700;

/// Codes of a proof at the most: what fits on a page.
pub(crate) const MAX_CODES: usize = 6;

/// What each code's text begins with.
const MARK: &str = "TABPROOF:";

/// The texts of a proof's codes; `None` if it is too large for [`MAX_CODES`].
///
/// Upper-case hex: a QR code stores it in 5.5 bits a digit.
pub(crate) fn codes(proof: &[u8]) -> Option<Vec<String>> {
    let count = proof.len().div_ceil(MAX_PART);
    if count > MAX_CODES {
        return None;
    }
    let parts = proof.chunks(MAX_PART).enumerate().map(|(at, part)| {
        let mut text = format!("{MARK}{}/{count}:", at + 1);
        for byte in part {
            for digit in [byte >> 4, byte & 15] {
                text.extend(char::from_digit(digit.into(), 16).map(|d| d.to_ascii_uppercase()));
            }
        }
        text
    });
    Some(parts.collect())
}

/// The proof of which these are the texts of all codes, in any order, with white space
/// between them; `None` if they are something else, or not all.
pub(crate) fn join(texts: &[u8]) -> Option<Vec<u8>> {
    let texts = std::str::from_utf8(texts).ok()?;
    let mut parts: Vec<Option<Vec<u8>>> = Vec::new();
    for text in texts.split_whitespace() {
        let (place, digits) = text.strip_prefix(MARK)?.split_once(':')?;
        let (at, count) = place.split_once('/')?;
        let (at, count): (usize, usize) = (at.parse().ok()?, count.parse().ok()?);
        if count > MAX_CODES || digits.len() > 2 * MAX_PART {
            return None;
        }
        if parts.is_empty() {
            parts.resize(count, None);
        }
        if parts.len() != count {
            return None;
        }
        *parts.get_mut(at.checked_sub(1)?)? = Some(unhex(digits)?);
    }
    if parts.is_empty() {
        return None;
    }
    parts.into_iter().collect::<Option<Vec<_>>>().map(|parts| parts.concat())
}

fn unhex(digits: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = digits.as_bytes().as_chunks::<2>();
    if !rest.is_empty() {
        return None;
    }
    let value = |digit: u8| char::from(digit).to_digit(16).and_then(|d| u8::try_from(d).ok());
    pairs.iter().map(|[high, low]| Some(value(*high)? << 4 | value(*low)?)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::qr;

    fn proof(size: usize) -> Vec<u8> {
        (0..size).map(|n| u8::try_from(n * 7 % 256).expect("a byte")).collect()
    }

    #[test]
    fn a_proof_comes_back_from_its_codes_in_any_order() {
        for size in [1, MAX_PART, MAX_PART + 1, MAX_PART * MAX_CODES] {
            let mut codes = codes(&proof(size)).expect("it fits");
            assert_eq!(codes.len(), size.div_ceil(MAX_PART));
            codes.reverse();
            assert_eq!(join(codes.join("\n").as_bytes()), Some(proof(size)), "{size}");
        }
        assert_eq!(codes(&proof(MAX_PART * MAX_CODES + 1)), None);
    }

    #[test]
    fn what_is_not_all_codes_of_a_proof_is_none() {
        let two = codes(&proof(MAX_PART + 5)).expect("it fits");
        assert_eq!(join(two[0].as_bytes()), None, "a part is missing");
        let mixed = format!("{} {}", two[0], codes(&proof(9)).expect("it fits")[0]);
        assert_eq!(join(mixed.as_bytes()), None, "of two proofs");
        for text in [
            "",
            "{\"format\": 1}",
            "TABPROOF:",
            "TABPROOF:1:AB",
            "TABPROOF:0/1:AB",
            "TABPROOF:2/1:AB",
            "TABPROOF:1/1:ABC",
            "TABPROOF:1/1:XY",
            "TABPROOF:1/1:é",
            "TABPROOF:1/7:AB",
            "TABPROOF:1/99999999999999999999:AB",
        ] {
            assert_eq!(join(text.as_bytes()), None, "{text}");
        }
        assert_eq!(join(&[0xff, 0xfe]), None);
        let long = format!("TABPROOF:1/1:{}", "AB".repeat(MAX_PART + 1));
        assert_eq!(join(long.as_bytes()), None);
    }

    #[test]
    fn a_full_code_is_no_larger_than_paper_allows() {
        let full = codes(&proof(MAX_PART)).expect("it fits");
        let drawn = qr::draw_densely(&full[0]).expect("a code");
        // With the four light modules on either side.
        assert_eq!(drawn.size, 105 + 8);
    }
}
