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
