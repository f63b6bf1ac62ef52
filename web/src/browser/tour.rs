//! How far one is on the tour, remembered where the browser lets it.

use super::storage;
use crate::model::tour::Progress;

const KEY: &str = "tabchain.tour";

/// How far one was.
pub(crate) fn load() -> Progress {
    let known = storage().and_then(|storage| storage.get_item(KEY).ok()?);
    known.as_deref().map(Progress::read).unwrap_or_default()
}

/// Remembers how far one is.
pub(crate) fn keep(progress: Progress) {
    if let Some(storage) = storage() {
        drop(storage.set_item(KEY, &progress.write()));
    }
}
