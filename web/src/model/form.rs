//! What the form takes: the checks that need no node.

use chain_wasm::notarisation;
use serde::de::IgnoredAny;

/// How the typed text is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    /// As it stands.
    #[default]
    Text,
    /// As JSON (RFC 8259).
    Json,
    /// Not typed: what the chain keeps of a file.
    File,
}

impl Mode {
    /// The media type of its entries.
    pub(crate) const fn media_type(self) -> &'static str {
        match self {
            Self::Text => "text/plain",
            Self::Json => "application/json",
            Self::File => notarisation::MEDIA_TYPE,
        }
    }
}

/// Why the typed text cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum FormFault {
    /// Nothing was typed.
    #[error("nothing was typed")]
    Empty,
    /// There is no file that can be added: none was chosen, or it is in the chain.
    #[error("no file to add")]
    NoFile,
    /// It is too long.
    #[error("{size} bytes are more than {limit}")]
    TooLarge {
        /// Its size in bytes of UTF-8.
        size: usize,
        /// The most that the room takes.
        limit: usize,
    },
    /// It is not JSON.
    #[error("not JSON at line {line}, column {column}")]
    Json {
        /// The line, from 1.
        line: usize,
        /// The column, from 1, counted in characters.
        column: usize,
        /// Whether it only ends too early.
        ends_early: bool,
    },
}

/// Checks what was typed for a room that takes entries of so many bytes. What passes is
/// sent exactly as typed.
///
/// # Errors
/// The first [`FormFault`].
pub(crate) fn check(mode: Mode, text: &str, limit: usize) -> Result<(), FormFault> {
    if text.is_empty() {
        return Err(FormFault::Empty);
    }
    if text.len() > limit {
        return Err(FormFault::TooLarge { size: text.len(), limit });
    }
    match mode {
        Mode::Text | Mode::File => Ok(()),
        Mode::Json => serde_json::from_str::<IgnoredAny>(text).map(drop).map_err(|error| {
            let line = error.line().max(1);
            FormFault::Json {
                line,
                column: column_in_characters(text, line, error.column()),
                ends_early: error.is_eof(),
            }
        }),
    }
}

/// The parser counts bytes; people count characters.
fn column_in_characters(text: &str, line: usize, column: usize) -> usize {
    let line = text.split('\n').nth(line - 1).unwrap_or_default();
    line.char_indices().take_while(|(at, _)| *at < column).count().max(1)
}

/// What a key press in the field is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts of one event")]
pub(crate) struct Keys {
    /// Enter is pressed.
    pub(crate) enter: bool,
    /// With Control or Command.
    pub(crate) control: bool,
    /// An input method is in the middle of a character.
    pub(crate) composing: bool,
    /// The key is held down.
    pub(crate) repeated: bool,
}

impl Keys {
    /// Whether they send the entry. Not while a character is composed: the input
    /// method would write it once more, into the field that has just been emptied.
    pub(crate) const fn submit(self) -> bool {
        self.enter && self.control && !self.composing && !self.repeated
    }
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::{MAX_ENTRY, MAX_PRIVATE_ENTRY};

    use super::*;

    fn check(mode: Mode, text: &str) -> Result<(), FormFault> {
        super::check(mode, text, MAX_ENTRY)
    }

    #[test]
    fn control_and_enter_send_once_and_never_within_a_character() {
        let keys = Keys { enter: true, control: true, composing: false, repeated: false };
        assert!(keys.submit());
        assert!(!Keys { control: false, ..keys }.submit());
        assert!(!Keys { enter: false, ..keys }.submit());
        assert!(!Keys { composing: true, ..keys }.submit());
        assert!(!Keys { repeated: true, ..keys }.submit());
    }

    #[test]
    fn only_nothing_is_empty() {
        assert_eq!(check(Mode::Text, ""), Err(FormFault::Empty));
        assert_eq!(check(Mode::Json, ""), Err(FormFault::Empty));
        assert_eq!(check(Mode::Text, " "), Ok(()));
    }

    #[test]
    fn the_size_is_counted_in_bytes_up_to_the_limit() {
        assert_eq!(check(Mode::Text, &"a".repeat(MAX_ENTRY)), Ok(()));
        let size = MAX_ENTRY + 1;
        assert_eq!(
            check(Mode::Text, &"a".repeat(size)),
            Err(FormFault::TooLarge { size, limit: MAX_ENTRY })
        );
        let korean = "가".repeat(MAX_ENTRY / 3 + 1);
        assert_eq!(
            check(Mode::Text, &korean),
            Err(FormFault::TooLarge { size: korean.len(), limit: MAX_ENTRY })
        );
        let limit = MAX_PRIVATE_ENTRY;
        assert_eq!(super::check(Mode::Text, &"a".repeat(limit), limit), Ok(()));
        let refused = super::check(Mode::Text, &"a".repeat(limit + 1), limit);
        assert_eq!(refused, Err(FormFault::TooLarge { size: limit + 1, limit }));
    }

    #[test]
    fn json_is_checked_only_where_it_is_meant() {
        assert_eq!(check(Mode::Text, "{oops"), Ok(()));
        for good in ["{}", "[1, 2.5e3, null]", "\"text\"", " {\"a\": {\"b\": []}} "] {
            assert_eq!(check(Mode::Json, good), Ok(()), "{good}");
        }
        for bad in ["oops", "{\"a\": 1,}", "[1 2]", "{} {}", "'a'", "\"\u{1}\""] {
            assert!(matches!(check(Mode::Json, bad), Err(FormFault::Json { .. })), "{bad}");
        }
    }

    #[test]
    fn a_json_fault_has_its_place() {
        assert_eq!(
            check(Mode::Json, "{\n  \"a\": oops\n}"),
            Err(FormFault::Json { line: 2, column: 8, ends_early: false })
        );
        // Four Korean characters are four columns, not twelve.
        assert_eq!(
            check(Mode::Json, "[\"가나다라\" x"),
            Err(FormFault::Json { line: 1, column: 9, ends_early: false })
        );
        assert!(matches!(check(Mode::Json, "[1,"), Err(FormFault::Json { ends_early: true, .. })));
        assert!(matches!(check(Mode::Json, " "), Err(FormFault::Json { ends_early: true, .. })));
    }

    #[test]
    fn json_nested_without_end_is_refused_and_not_followed() {
        let deep = "[".repeat(MAX_ENTRY);
        assert!(matches!(check(Mode::Json, &deep), Err(FormFault::Json { .. })));
    }
}
