//! An entry's bytes as text that can be shown.
//!
//! The media type is what a stranger says. Whatever it is, the bytes end up as
//! text in the page, never as markup, picture or script.

use super::json;

/// The most characters that are shown before somebody asks for all.
const CUT_CHARACTERS: usize = 600;

/// The most lines that are shown before somebody asks for all.
const CUT_LINES: usize = 12;

/// The most bytes that are written out for data that is not text.
const CUT_BYTES: usize = 64;

/// An entry's data, ready to be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    /// The text, perhaps only its beginning.
    pub(crate) text: String,
    /// Whether there is more.
    pub(crate) cut: bool,
    /// How it is to be set.
    pub(crate) form: Form,
}

/// How an entry's data is to be set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    /// As prose.
    Text,
    /// As JSON, set out on lines.
    Json,
    /// As hex: it is not text.
    Binary,
}

/// Makes the first `bytes` of `size` in all ready to be shown. With `whole`, all
/// the bytes that are there are shown.
pub(crate) fn content(media_type: &str, bytes: &[u8], size: u32, whole: bool) -> Content {
    let missing = usize::try_from(size).is_ok_and(|size| size > bytes.len());
    let text = match std::str::from_utf8(bytes) {
        Ok(text) => text,
        // A preview may end within a character; that is no reason to call it binary.
        Err(error) if missing && error.error_len().is_none() => {
            let valid = bytes.get(..error.valid_up_to()).unwrap_or_default();
            std::str::from_utf8(valid).unwrap_or_default()
        }
        Err(_) => return binary(bytes, missing, whole),
    };
    let laid_out = (is_json(media_type) && !missing).then(|| json::lay_out(text)).flatten();
    let form = if laid_out.is_some() { Form::Json } else { Form::Text };
    let text = laid_out.as_deref().unwrap_or(text);
    let end = if whole { text.len() } else { cut_at(text) };
    let cut = missing || end < text.len();
    Content { text: text.get(..end).unwrap_or_default().to_owned(), cut, form }
}

fn binary(bytes: &[u8], missing: bool, whole: bool) -> Content {
    let shown = if whole { bytes.len() } else { bytes.len().min(CUT_BYTES) };
    let hex: Vec<_> = bytes.iter().take(shown).map(|byte| format!("{byte:02x}")).collect();
    Content { text: hex.join(" "), cut: missing || shown < bytes.len(), form: Form::Binary }
}

/// Whether a media type is JSON: `application/json`, or one with the suffix `+json`.
fn is_json(media_type: &str) -> bool {
    let essence = media_type.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    essence == "application/json" || essence.ends_with("+json")
}

/// Where the first lines or characters end; a cut that would save little is not made.
fn cut_at(text: &str) -> usize {
    let line_end = text.match_indices('\n').nth(CUT_LINES - 1).map_or(text.len(), |(at, _)| at);
    let character = text.char_indices().nth(CUT_CHARACTERS).map_or(text.len(), |(at, _)| at);
    let end = line_end.min(character);
    if text.len() - end < 40 && line_end == text.len() { text.len() } else { end }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(media_type: &str, bytes: &[u8]) -> Content {
        content(media_type, bytes, u32::try_from(bytes.len()).expect("small"), false)
    }

    #[test]
    fn markup_stays_the_text_it_is() {
        let text = "<img src=x onerror=alert(1)>";
        assert_eq!(
            of("text/html", text.as_bytes()),
            Content { text: text.into(), cut: false, form: Form::Text }
        );
    }

    #[test]
    fn json_is_laid_out_and_broken_json_shown_as_it_is() {
        let json = of("application/json", b"{\"a\":1}");
        assert_eq!((json.text.as_str(), json.form), ("{\n  \"a\": 1\n}", Form::Json));
        assert_eq!(of("application/ld+json; charset=utf-8", b"[1]").form, Form::Json);
        assert_eq!(of("application/json", b"{a}").form, Form::Text);
        // What is no notarisation though its type says so.
        let media_type = chain_wasm::notarisation::MEDIA_TYPE;
        assert_eq!(of(media_type, b"{\"name\":1}").form, Form::Json);
        assert_eq!(of("text/plain", b"{\"a\":1}").text, "{\"a\":1}");
    }

    #[test]
    fn long_text_is_cut_by_lines_and_characters() {
        let lines = "line\n".repeat(50);
        let cut = of("text/plain", lines.as_bytes());
        assert!(cut.cut);
        assert_eq!(cut.text.lines().count(), CUT_LINES);
        let korean = "가".repeat(700);
        let cut = of("text/plain", korean.as_bytes());
        assert_eq!((cut.text.chars().count(), cut.cut), (CUT_CHARACTERS, true));
        assert!(!content("text/plain", korean.as_bytes(), 2100, true).cut);
    }

    #[test]
    fn a_preview_that_ends_within_a_character_is_still_text() {
        let bytes = "가나다".as_bytes();
        let preview = content("text/plain", &bytes[..7], 9, false);
        assert_eq!(preview, Content { text: "가나".into(), cut: true, form: Form::Text });
    }

    #[test]
    fn other_bytes_are_shown_in_hex() {
        let short = of("image/png", &[0xff, 0x00, 0x10]);
        assert_eq!((short.text.as_str(), short.form, short.cut), ("ff 00 10", Form::Binary, false));
        let long = of("image/png", &[0xff; 500]);
        assert_eq!((long.text.split(' ').count(), long.cut), (CUT_BYTES, true));
        assert_eq!(content("image/png", &[0xff; 500], 500, true).text.split(' ').count(), 500);
    }
}
