//! Text in entries, found whatever its case.

use std::ops::Range;

use crate::api::Excerpt;

/// The most characters of an excerpt before what was found, and after it.
const BEFORE: usize = 48;
const AFTER: usize = 96;

/// What is looked for, in lower case.
#[derive(Debug, Clone)]
pub(super) struct Needle(String);

impl Needle {
    pub(super) fn new(text: &str) -> Self {
        Self(lower(text))
    }

    /// The text, in lower case.
    pub(super) fn text(&self) -> &str {
        &self.0
    }

    /// Where it first stands in a text, with what is around it. The time this takes grows
    /// with the text's length alone, whatever the texts are.
    pub(super) fn find_in(&self, text: &str) -> Option<Excerpt> {
        let at = lower(text).find(&self.0)?;
        excerpt(text, in_original(text, at..at + self.0.len()))
    }
}

/// Character by character, so that a place can be found again in the original.
fn lower(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    text.chars().flat_map(char::to_lowercase).collect()
}

/// The range of a text that a range of it in lower case comes from.
fn in_original(text: &str, lowered: Range<usize>) -> Range<usize> {
    let (mut length, mut start, mut end) = (0, None, text.len());
    for (at, c) in text.char_indices() {
        if length >= lowered.end {
            end = at;
            break;
        }
        length += c.to_lowercase().map(char::len_utf8).sum::<usize>();
        if length > lowered.start {
            start.get_or_insert(at);
        }
    }
    start.unwrap_or(end)..end
}

fn excerpt(text: &str, found: Range<usize>) -> Option<Excerpt> {
    let (before, after) = (text.get(..found.start)?, text.get(found.end..)?);
    let from = before.char_indices().rev().take(BEFORE).last().map_or(found.start, |(at, _)| at);
    let to = after.char_indices().nth(AFTER).map_or(after.len(), |(at, _)| at);
    Some(Excerpt {
        before: before.get(from..)?.to_owned(),
        found: text.get(found)?.to_owned(),
        after: after.get(..to)?.to_owned(),
        cut_before: from > 0,
        cut_after: to < after.len(),
    })
}

/// An entry's data as text, if it is text or JSON by what its author says and by its bytes.
pub(super) fn of<'a>(media_type: &str, bytes: &'a [u8]) -> Option<&'a str> {
    // Without parameters such as the character set.
    let kind = media_type.split(';').next()?.trim().to_ascii_lowercase();
    let is_text =
        kind.starts_with("text/") || kind == "application/json" || kind.ends_with("+json");
    if is_text { std::str::from_utf8(bytes).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(needle: &str, text: &str) -> Option<String> {
        Needle::new(needle).find_in(text).map(|excerpt| excerpt.found)
    }

    #[test]
    fn finds_text_in_either_case_and_gives_it_as_written() {
        assert_eq!(found("hello", "Say HeLLo!").as_deref(), Some("HeLLo"));
        assert_eq!(found("GRÜẞE", "viele grüße").as_deref(), Some("grüße"));
        assert_eq!(found("블록", "첫 블록").as_deref(), Some("블록"));
        assert_eq!(found("x", "Say HeLLo!"), None);
    }

    #[test]
    fn finds_its_way_back_where_lower_case_has_another_length() {
        // `İ` has two bytes, in lower case three; `K` (Kelvin) has three, in lower case one.
        assert_eq!(found("z", "İİİz").as_deref(), Some("z"));
        assert_eq!(found("kz", "İ\u{212a}Z!").as_deref(), Some("\u{212a}Z"));
        assert_eq!(found("i", "aİb").as_deref(), Some("İ"));
    }

    #[test]
    fn cuts_what_is_around_at_characters() {
        let text = format!("{}needle{}", "가".repeat(100), "나".repeat(200));
        let excerpt = Needle::new("NEEDLE").find_in(&text).unwrap();
        assert_eq!(excerpt.before.chars().count(), BEFORE);
        assert_eq!(excerpt.after.chars().count(), AFTER);
        assert!(excerpt.cut_before && excerpt.cut_after);
        let whole = Needle::new("b").find_in("abc").unwrap();
        assert_eq!((whole.before.as_str(), whole.after.as_str()), ("a", "c"));
        assert!(!whole.cut_before && !whole.cut_after);
    }

    #[test]
    fn only_text_and_json_are_text() {
        for kind in ["text/plain", "TEXT/html; charset=utf-8", "application/json", "a/b+json"] {
            assert_eq!(of(kind, b"a"), Some("a"), "{kind}");
        }
        for kind in ["image/png", "application/octet-stream", "texts/plain", ""] {
            assert_eq!(of(kind, b"a"), None, "{kind}");
        }
        assert_eq!(of("text/plain", &[0xff]), None);
    }
}
