//! A name for each key: two words and four hex digits, in either language.
//!
//! Names are for recognising, not for proving: words can be had by trying keys.
//! Whoever must be sure compares the keys.

use chain_wasm::api::KeyPattern;
use chain_wasm::primitives::PublicKey;

/// The first words, English and Korean.
const FIRST: [(&str, &str); 64] = [
    ("amber", "호박빛"),
    ("agile", "날쌘"),
    ("azure", "하늘빛"),
    ("bold", "대담한"),
    ("brave", "용감한"),
    ("bright", "밝은"),
    ("brisk", "경쾌한"),
    ("calm", "차분한"),
    ("candid", "솔직한"),
    ("careful", "꼼꼼한"),
    ("cheery", "명랑한"),
    ("clever", "영리한"),
    ("coral", "산호빛"),
    ("cosy", "아늑한"),
    ("curious", "궁금한"),
    ("daring", "당찬"),
    ("dawn", "새벽"),
    ("deft", "솜씨있는"),
    ("eager", "열심인"),
    ("early", "이른"),
    ("earnest", "진지한"),
    ("fair", "공정한"),
    ("fleet", "재빠른"),
    ("fond", "다정한"),
    ("frank", "숨김없는"),
    ("fresh", "상쾌한"),
    ("gentle", "온화한"),
    ("glad", "기쁜"),
    ("golden", "금빛"),
    ("grand", "웅장한"),
    ("happy", "행복한"),
    ("hardy", "튼튼한"),
    ("honest", "정직한"),
    ("humble", "겸손한"),
    ("indigo", "쪽빛"),
    ("jolly", "유쾌한"),
    ("keen", "예리한"),
    ("kind", "친절한"),
    ("lively", "활발한"),
    ("loyal", "의리있는"),
    ("lucid", "또렷한"),
    ("lucky", "운좋은"),
    ("mellow", "무르익은"),
    ("merry", "즐거운"),
    ("mild", "순한"),
    ("misty", "안개낀"),
    ("modest", "소박한"),
    ("neat", "말끔한"),
    ("noble", "고귀한"),
    ("olive", "올리브빛"),
    ("patient", "참을성있는"),
    ("plucky", "씩씩한"),
    ("polite", "공손한"),
    ("proud", "자랑스런"),
    ("quick", "빠른"),
    ("quiet", "조용한"),
    ("rosy", "장밋빛"),
    ("sandy", "모래빛"),
    ("serene", "고요한"),
    ("silver", "은빛"),
    ("steady", "한결같은"),
    ("sunny", "햇살"),
    ("swift", "날랜"),
    ("wise", "슬기로운"),
];

/// The second words, English and Korean.
const SECOND: [(&str, &str); 64] = [
    ("badger", "오소리"),
    ("bear", "곰"),
    ("beaver", "비버"),
    ("bee", "꿀벌"),
    ("bison", "들소"),
    ("camel", "낙타"),
    ("cat", "고양이"),
    ("cicada", "매미"),
    ("cod", "대구"),
    ("crab", "게"),
    ("crane", "두루미"),
    ("cricket", "귀뚜라미"),
    ("crow", "까마귀"),
    ("cuckoo", "뻐꾸기"),
    ("deer", "사슴"),
    ("dolphin", "돌고래"),
    ("dove", "비둘기"),
    ("duck", "오리"),
    ("eagle", "독수리"),
    ("falcon", "매"),
    ("fox", "여우"),
    ("frog", "개구리"),
    ("gecko", "도마뱀붙이"),
    ("goat", "염소"),
    ("goose", "거위"),
    ("gull", "갈매기"),
    ("hare", "산토끼"),
    ("hedgehog", "고슴도치"),
    ("heron", "왜가리"),
    ("horse", "말"),
    ("ibis", "따오기"),
    ("jay", "어치"),
    ("koala", "코알라"),
    ("lark", "종달새"),
    ("lynx", "스라소니"),
    ("magpie", "까치"),
    ("marmot", "마멋"),
    ("mole", "두더지"),
    ("moose", "말코손바닥사슴"),
    ("moth", "나방"),
    ("newt", "영원"),
    ("otter", "수달"),
    ("owl", "올빼미"),
    ("panda", "판다"),
    ("parrot", "앵무새"),
    ("pelican", "펠리컨"),
    ("penguin", "펭귄"),
    ("pheasant", "꿩"),
    ("pony", "조랑말"),
    ("quail", "메추라기"),
    ("rabbit", "토끼"),
    ("raven", "큰까마귀"),
    ("robin", "울새"),
    ("salmon", "연어"),
    ("seal", "물범"),
    ("sparrow", "참새"),
    ("squid", "오징어"),
    ("stork", "황새"),
    ("swallow", "제비"),
    ("swan", "고니"),
    ("tiger", "호랑이"),
    ("turtle", "거북"),
    ("whale", "고래"),
    ("wren", "굴뚝새"),
];

/// The name of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Name {
    first: (&'static str, &'static str),
    second: (&'static str, &'static str),
    tag: [u8; 2],
}

impl Name {
    /// The key's name: its first two bytes are the digits, the next two choose the
    /// words.
    pub(crate) fn of(key: &PublicKey) -> Self {
        let [a, b, c, d, ..] = *key.as_bytes();
        Self { first: pick(&FIRST, c), second: pick(&SECOND, d), tag: [a, b] }
    }

    /// In English: `calm heron 4f2a`.
    pub(crate) fn english(&self) -> String {
        self.join(self.first.0, self.second.0)
    }

    /// In Korean: `차분한 왜가리 4f2a`.
    pub(crate) fn korean(&self) -> String {
        self.join(self.first.1, self.second.1)
    }

    /// What the keys of that name begin with, if a text is one in either language; the
    /// digits may be left out.
    pub(crate) fn pattern(text: &str) -> Option<KeyPattern> {
        let mut parts = text.split_whitespace();
        let (c, d) = (place_of(&FIRST, parts.next()?)?, place_of(&SECOND, parts.next()?)?);
        let digits = parts.next();
        let (a, b) = match digits {
            Some(digits)
                if digits.len() == 4 && digits.bytes().all(|digit| digit.is_ascii_hexdigit()) =>
            {
                let (a, b) = digits.split_at_checked(2)?;
                (u8::from_str_radix(a, 16).ok()?, u8::from_str_radix(b, 16).ok()?)
            }
            Some(_) => return None,
            None => (0, 0),
        };
        let known = if digits.is_some() { 0xff } else { 0 };
        let pattern = KeyPattern { value: [a, b, c, d], mask: [known, known, 63, 63] };
        parts.next().is_none().then_some(pattern)
    }

    fn join(&self, first: &str, second: &str) -> String {
        let [a, b] = self.tag;
        // A no-break space: the digits stay with the noun.
        format!("{first} {second}\u{a0}{a:02x}{b:02x}")
    }
}

fn pick(words: &[(&'static str, &'static str); 64], byte: u8) -> (&'static str, &'static str) {
    words.get(usize::from(byte & 63)).copied().unwrap_or(("?", "?"))
}

/// The place of a word in its list.
fn place_of(words: &[(&'static str, &'static str); 64], word: &str) -> Option<u8> {
    let word = word.to_lowercase();
    let at = words.iter().position(|(english, korean)| word == *english || word == *korean);
    u8::try_from(at?).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn a_key_has_one_name_that_begins_with_its_digits() {
        let mut bytes = [0; 32];
        bytes[..4].copy_from_slice(&[0x4f, 0x2a, 7, 28]);
        let name = Name::of(&PublicKey::from_bytes(bytes));
        assert_eq!(name.english(), "calm heron\u{a0}4f2a");
        assert_eq!(name.korean(), "차분한 왜가리\u{a0}4f2a");
    }

    #[test]
    fn a_name_finds_its_keys_in_either_language() {
        for byte in 0..=255_u8 {
            let key = PublicKey::from_bytes([byte; 32]);
            let other = PublicKey::from_bytes([byte ^ 1; 32]);
            let name = Name::of(&key);
            for text in [name.english(), name.korean(), name.english().to_uppercase()] {
                let pattern = Name::pattern(&text).expect("a name");
                assert!(pattern.fits(&key) && !pattern.fits(&other), "{text}");
            }
        }
        // Without the digits, whatever they are.
        let mut bytes = [9; 32];
        bytes[2..4].copy_from_slice(&[7, 28]);
        let pattern = Name::pattern("calm heron").expect("a name");
        assert!(pattern.fits(&PublicKey::from_bytes(bytes)));
        for text in ["calm", "heron calm", "calm heron 4f2", "calm heron +f2a", "calm heron 4f2a x"]
        {
            assert_eq!(Name::pattern(text), None, "{text}");
        }
    }

    #[test]
    fn no_word_is_there_twice() {
        for words in [FIRST, SECOND] {
            assert_eq!(words.iter().map(|word| word.0).collect::<BTreeSet<_>>().len(), 64);
            assert_eq!(words.iter().map(|word| word.1).collect::<BTreeSet<_>>().len(), 64);
        }
    }

    #[test]
    fn every_byte_chooses_a_word() {
        for byte in 0..=255 {
            let name = Name::of(&PublicKey::from_bytes([byte; 32]));
            assert!(!name.english().contains('?'));
        }
    }
}
