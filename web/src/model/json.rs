//! JSON set out on lines, for reading: only white space changes.
//!
//! Values are never parsed and written again: that would round numbers, reorder
//! keys and drop repeated ones, and the page must show what was signed.

use serde::de::IgnoredAny;

/// How much longer than the text its layout may be, so that deep nesting cannot
/// turn a small entry into megabytes of spaces.
const MAX_GROWTH: usize = 4;

/// Sets JSON out on lines. `None` if the text is not JSON, or would grow too much:
/// then it is best shown as it is.
pub(crate) fn lay_out(text: &str) -> Option<String> {
    serde_json::from_str::<IgnoredAny>(text).ok()?;
    let limit = text.len().saturating_mul(MAX_GROWTH) + 256;
    let mut out = String::with_capacity(text.len() * 2);
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    let mut opened = false;
    for c in text.chars() {
        if quoted {
            out.push(c);
            quoted = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            continue;
        }
        if c.is_ascii_whitespace() {
            continue;
        }
        let closes = matches!(c, '}' | ']');
        if opened && !closes {
            new_line(&mut out, depth);
        }
        match c {
            '{' | '[' => depth += 1,
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                if !opened {
                    new_line(&mut out, depth);
                }
            }
            _ => quoted = c == '"',
        }
        out.push(c);
        opened = matches!(c, '{' | '[');
        match c {
            ',' => new_line(&mut out, depth),
            ':' => out.push(' '),
            _ => {}
        }
        if out.len() > limit {
            return None;
        }
    }
    Some(out)
}

/// What a piece of JSON is, for its colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Token {
    /// Brackets, commas, white space.
    Plain,
    /// A member's name.
    Key,
    /// Any other string.
    Text,
    /// A number.
    Number,
    /// `true`, `false` or `null`.
    Word,
}

/// The most tokens that are told apart; what follows them is plain. Each is an element of
/// the page.
pub(crate) const MAX_TOKENS: usize = 4_000;

/// Splits JSON, or its beginning, into tokens: put together they are the text.
pub(crate) fn tokens(text: &str) -> Vec<(Token, &str)> {
    let mut tokens = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (token, end) = if tokens.len() + 1 >= MAX_TOKENS {
            (Token::Plain, rest.len())
        } else {
            match first {
                '"' => {
                    let end = string_end(rest);
                    let after = rest.get(end..).unwrap_or_default().trim_start();
                    (if after.starts_with(':') { Token::Key } else { Token::Text }, end)
                }
                '-' | '0'..='9' => (Token::Number, run(rest, is_of_number)),
                'a'..='z' => (Token::Word, run(rest, |c| c.is_ascii_lowercase())),
                _ => (Token::Plain, run(rest, |c| !begins_token(c))),
            }
        };
        let (piece, left) = rest.split_at_checked(end).unwrap_or((rest, ""));
        tokens.push((token, piece));
        rest = left;
    }
    tokens
}

const fn begins_token(c: char) -> bool {
    matches!(c, '"' | '-' | '0'..='9' | 'a'..='z')
}

const fn is_of_number(c: char) -> bool {
    matches!(c, '-' | '+' | '.' | 'e' | 'E' | '0'..='9')
}

/// Where a run of such characters ends: after the first one at least.
fn run(text: &str, belongs: impl Fn(char) -> bool) -> usize {
    let end = text.char_indices().skip(1).find(|(_, c)| !belongs(*c));
    end.map_or(text.len(), |(at, _)| at)
}

/// Where the string that the text begins with ends.
fn string_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            '"' if !escaped => return at + 1,
            _ => escaped = c == '\\' && !escaped,
        }
    }
    text.len()
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_objects_and_lists_out_on_lines() {
        let text = r#"{"a":[1, 2.50,{}],"b" : "x, {y}: \"z\" \\","c":[]}"#;
        let expected = "{\n  \"a\": [\n    1,\n    2.50,\n    {}\n  ],\n  \
                        \"b\": \"x, {y}: \\\"z\\\" \\\\\",\n  \"c\": []\n}";
        assert_eq!(lay_out(text).as_deref(), Some(expected));
    }

    #[test]
    fn keeps_numbers_repeated_keys_and_their_order() {
        let text = r#"{"z":1.000000000000000000001,"a":1e400,"z":3}"#;
        let laid = lay_out(text).expect("JSON");
        assert_eq!(laid.split_whitespace().collect::<String>(), text);
    }

    #[test]
    fn tokens_are_told_apart_and_add_up_to_the_text() {
        let text = r#"{"a" : [-1.5e3, "b\"c", true], "나": null}"#;
        let shown = tokens(text);
        assert_eq!(shown.iter().map(|(_, piece)| *piece).collect::<String>(), text);
        let told: Vec<_> = shown.into_iter().filter(|(token, _)| *token != Token::Plain).collect();
        let expected = [
            (Token::Key, "\"a\""),
            (Token::Number, "-1.5e3"),
            (Token::Text, "\"b\\\"c\""),
            (Token::Word, "true"),
            (Token::Key, "\"나\""),
            (Token::Word, "null"),
        ];
        assert_eq!(told, expected);
        for beginning in (0..text.len()).filter_map(|end| text.get(..end)) {
            let pieces: String = tokens(beginning).iter().map(|(_, piece)| *piece).collect();
            assert_eq!(pieces, beginning);
        }
    }

    #[test]
    fn tokens_are_not_told_apart_without_end() {
        let long = "1,".repeat(MAX_TOKENS);
        let shown = tokens(&long);
        assert_eq!(shown.len(), MAX_TOKENS);
        assert_eq!(shown.iter().map(|(_, piece)| piece.len()).sum::<usize>(), long.len());
    }

    #[test]
    fn leaves_single_values_alone() {
        for text in ["1", "\"a b\"", "null"] {
            assert_eq!(lay_out(text).as_deref(), Some(text));
        }
    }

    #[test]
    fn gives_up_on_what_is_not_json_or_would_grow_too_much() {
        assert_eq!(lay_out("{oops}"), None);
        let deep = format!("{}{}{}", "[".repeat(100), "1,".repeat(9000) + "1", "]".repeat(100));
        // 9,000 lines, each with 200 spaces.
        assert!(deep.len() * MAX_GROWTH < 9_000 * 200);
        assert_eq!(lay_out(&deep), None);
    }
}
