//! No limit without a test: each constant `MAX_*` of the sources is named by a test. That
//! a test names it does not show that it reaches it, but a new limit cannot be forgotten.
// A test may.
#![allow(clippy::expect_used)]

use std::fs;
use std::path::{Path, PathBuf};

/// Limits whose tests cannot name them: the greatest difficulty's exponent, which is a
/// matter of form, and one that a test reaches by its number, since it cannot see it.
const UNNAMED: [&str; 2] = ["MAX_EXPONENT", "MAX_REJECTED"];

/// Where a file's tests begin, if it has any.
const TESTS: &str = "#[cfg(test)]\nmod tests {";

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for file in fs::read_dir(folder).expect("a folder of sources") {
        let path = file.expect("a file").path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
}

/// The constants `MAX_*` that a text declares.
fn limits(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| {
        let line = line.strip_prefix("pub").unwrap_or(line);
        let line = line.trim_start_matches("(super)").trim_start_matches("(crate)").trim_start();
        let name = line.strip_prefix("const ")?.split(':').next()?;
        name.starts_with("MAX_").then_some(name)
    })
}

#[test]
fn each_limit_is_named_by_a_test() {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let (mut code, mut tests) = (String::new(), String::new());
    for package in ["chain-wasm", "relay-server", "web"] {
        for folder in ["src", "tests"] {
            let folder = workspace.join(package).join(folder);
            let mut found = Vec::new();
            if folder.is_dir() {
                sources(&folder, &mut found);
            }
            for path in found {
                let text = fs::read_to_string(&path).expect("a source");
                // Wherever the workspace itself is.
                let inside = path.strip_prefix(&workspace).expect("a path in the workspace");
                let is_test = inside.components().any(|part| part.as_os_str() == "tests")
                    || inside.ends_with("tests.rs");
                let (own, its_tests) = if is_test {
                    ("", text.as_str())
                } else {
                    text.split_once(TESTS).unwrap_or((&text, ""))
                };
                // This file names some that it does not test.
                if inside != Path::new("chain-wasm/tests/limits.rs") {
                    tests.push_str(its_tests);
                }
                code.push_str(own);
            }
        }
    }
    let named = |name: &str| {
        tests.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == name)
    };
    let all: Vec<&str> = limits(&code).collect();
    assert!(all.len() > 40, "the limits are not found");
    let missing = all.iter().filter(|name| !UNNAMED.contains(*name) && !named(name));
    let missing: Vec<&&str> = missing.collect();
    assert!(missing.is_empty(), "no test names {missing:?}");
}
