//! Reads the fenced blocks of PROTOCOL.md.

use std::collections::{BTreeMap, BTreeSet};

const DOCUMENT: &str = include_str!("../../PROTOCOL.md");

/// The `name = value` lines of all fenced blocks of a kind. A line that begins with
/// a space continues the one before.
pub(crate) fn fenced(kind: &str) -> BTreeMap<String, String> {
    let mut found: BTreeMap<String, String> = BTreeMap::new();
    let mut inside = false;
    let mut last = String::new();
    for line in DOCUMENT.lines() {
        if let Some(info) = line.strip_prefix("```") {
            inside = !inside && info == kind;
        } else if inside && line.starts_with(' ') {
            found.get_mut(&last).expect("a line to continue").push_str(line.trim());
        } else if inside && !line.is_empty() {
            let (name, value) = line.split_once('=').expect("name = value");
            name.trim().clone_into(&mut last);
            let twice = found.insert(last.clone(), value.trim().to_owned());
            assert_eq!(twice, None, "{last} stands there twice");
        }
    }
    found
}

/// The codes of the tables of rules: the first column of each row that begins with
/// a code.
pub(crate) fn rules() -> BTreeSet<String> {
    let rows = DOCUMENT.lines().filter_map(|line| line.strip_prefix("| `"));
    let codes = rows.filter_map(|row| row.split_once('`')).map(|(code, _)| code.to_owned());
    codes.collect()
}
