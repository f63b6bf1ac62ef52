//! Gives each file a name that carries its content's hash, and rewrites what
//! refers to it.
//!
//! References are quoted names relative to the page, `"./style.css"`, or
//! `url(./image.png)`; wasm-bindgen's own, without the `./`, are known too. All
//! files end up beside each other.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

/// A file before bundling.
#[derive(Debug, Clone)]
pub(crate) struct File {
    /// Its path relative to the page, with forward slashes.
    pub(crate) name: String,
    /// Its content.
    pub(crate) bytes: Vec<u8>,
    /// Whether it was written by hand. Generated code has strings that look like
    /// references and are none.
    pub(crate) by_hand: bool,
}

/// A file as it is served.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bundled {
    /// Its path: `/` for the page, else `/name.hash.extension`.
    pub(crate) path: String,
    /// The first hex digits of its content's SHA-256.
    pub(crate) hash: String,
    /// Its media type.
    pub(crate) content_type: &'static str,
    /// Its content, references rewritten.
    pub(crate) bytes: Vec<u8>,
}

/// Why files make no page.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BundleError {
    /// There must be one.
    #[error("there is no index.html")]
    NoPage,
    /// Two parts of the page have a file of one name.
    #[error("there are two files named {0}")]
    Twice(String),
    /// A reference leads nowhere.
    #[error("{from} refers to ./{to}, and there is no such file")]
    Missing {
        /// The file that refers.
        from: String,
        /// What it refers to.
        to: String,
    },
    /// A name cannot depend on itself.
    #[error("{0} refers to itself, perhaps by way of others")]
    Cycle(String),
    /// Browsers would not know what to do with it.
    #[error("{0} has an extension without a known media type")]
    UnknownType(String),
    /// A text must be one.
    #[error("{0} is not UTF-8")]
    NotText(String),
}

const PAGE: &str = "index.html";

/// Hex digits in a name.
const HASH_DIGITS: usize = 12;

/// What may stand before and after a reference.
const DELIMITERS: [(char, char); 4] = [('"', '"'), ('\'', '\''), ('`', '`'), ('(', ')')];

/// Bundles the files of a page.
///
/// # Errors
/// [`BundleError`] with the first thing that is wrong.
pub(crate) fn bundle(files: Vec<File>) -> Result<Vec<Bundled>, BundleError> {
    let mut sources = BTreeMap::new();
    for file in files {
        if let Some(twice) = sources.insert(file.name.clone(), file) {
            return Err(BundleError::Twice(twice.name));
        }
    }
    if !sources.contains_key(PAGE) {
        return Err(BundleError::NoPage);
    }
    let mut work = Bundler { sources: &sources, done: BTreeMap::new() };
    for name in sources.keys() {
        work.resolve(name, &mut Vec::new())?;
    }
    let mut bundled: Vec<_> = work.done.into_values().collect();
    bundled.sort_by(|a, b| a.path.cmp(&b.path));
    // Equal files of equal names in different directories are one.
    bundled.dedup();
    Ok(bundled)
}

struct Bundler<'a> {
    sources: &'a BTreeMap<String, File>,
    done: BTreeMap<String, Bundled>,
}

impl Bundler<'_> {
    /// Bundles a file, those it refers to first; gives its path.
    fn resolve(&mut self, name: &str, within: &mut Vec<String>) -> Result<String, BundleError> {
        if let Some(done) = self.done.get(name) {
            return Ok(done.path.clone());
        }
        if within.iter().any(|outer| outer == name) {
            return Err(BundleError::Cycle(name.to_owned()));
        }
        let Some(file) = self.sources.get(name) else {
            return Err(BundleError::NoPage);
        };
        let (content_type, has_references) = media_type(name)?;
        let mut bytes = file.bytes.clone();
        if has_references {
            let text = String::from_utf8(bytes);
            let mut text = text.map_err(|_| BundleError::NotText(name.to_owned()))?;
            within.push(name.to_owned());
            for to in self.sources.keys().filter(|to| *to != PAGE) {
                if references(to).any(|(reference, _)| text.contains(&reference)) {
                    let path = self.resolve(to, within)?;
                    for (reference, (open, close)) in references(to) {
                        text = rewrite(&text, &reference, &format!("{open}.{path}{close}"));
                    }
                }
            }
            within.pop();
            if file.by_hand {
                self.refuse_missing(name, &text)?;
            }
            bytes = text.into_bytes();
        }
        let hash = hash(&bytes);
        let path = if name == PAGE { "/".to_owned() } else { hashed_path(name, &hash) };
        let bundled = Bundled { path: path.clone(), hash, content_type, bytes };
        self.done.insert(name.to_owned(), bundled);
        Ok(path)
    }

    /// After rewriting, a reference that is no file's path leads nowhere.
    fn refuse_missing(&self, from: &str, text: &str) -> Result<(), BundleError> {
        for (open, close) in DELIMITERS {
            for (start, opening) in text.match_indices(&format!("{open}./")) {
                let rest = text.get(start + opening.len()..).unwrap_or_default();
                let Some((to, _)) = rest.split_once(close) else { continue };
                let known = self.done.values().any(|done| done.path.strip_prefix('/') == Some(to));
                if !known && !to.is_empty() && !to.contains(char::is_whitespace) {
                    return Err(BundleError::Missing { from: from.to_owned(), to: to.to_owned() });
                }
            }
        }
        Ok(())
    }
}

/// Replaces a reference wherever it is one. As the key of an object it is not: in
/// wasm-bindgen's glue that is the name of a module's imports.
fn rewrite(text: &str, reference: &str, replacement: &str) -> String {
    let mut parts = text.split(reference);
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push_str(if part.starts_with(':') { reference } else { replacement });
        out.push_str(part);
    }
    out
}

/// All ways to refer to a file, with their delimiters.
fn references(name: &str) -> impl Iterator<Item = (String, (char, char))> {
    DELIMITERS.into_iter().flat_map(move |(open, close)| {
        ["./", ""].map(|prefix| (format!("{open}{prefix}{name}{close}"), (open, close)))
    })
}

fn hash(bytes: &[u8]) -> String {
    use std::fmt::Write;
    let digest = Sha256::digest(bytes);
    let mut hex = digest.iter().fold(String::new(), |mut hex, byte| {
        // Writing to a string cannot fail.
        let _ = write!(hex, "{byte:02x}");
        hex
    });
    hex.truncate(HASH_DIGITS);
    hex
}

fn hashed_path(name: &str, hash: &str) -> String {
    let base = name.rsplit('/').next().unwrap_or(name);
    match base.rsplit_once('.') {
        Some((stem, extension)) => format!("/{stem}.{hash}.{extension}"),
        None => format!("/{base}.{hash}"),
    }
}

/// A file's media type, and whether it may refer to others.
fn media_type(name: &str) -> Result<(&'static str, bool), BundleError> {
    let extension = name.rsplit_once('.').map_or("", |(_, extension)| extension);
    Ok(match extension {
        "html" => ("text/html; charset=utf-8", true),
        "js" | "mjs" => ("text/javascript; charset=utf-8", true),
        "css" => ("text/css; charset=utf-8", true),
        "webmanifest" => ("application/manifest+json", true),
        "wasm" => ("application/wasm", false),
        "svg" => ("image/svg+xml", false),
        "json" => ("application/json", false),
        "txt" => ("text/plain; charset=utf-8", false),
        "png" => ("image/png", false),
        "jpg" | "jpeg" => ("image/jpeg", false),
        "webp" => ("image/webp", false),
        "ico" => ("image/x-icon", false),
        "woff2" => ("font/woff2", false),
        _ => return Err(BundleError::UnknownType(name.to_owned())),
    })
}
