//! Nicknames in `localStorage`: one record a key, so that two tabs do not write over
//! each other's.

use chain_wasm::primitives::PublicKey;

use super::storage;
use crate::model::nickname::{MAX_NICKNAMES, Nicknames};

/// What the records' names begin with; a key in hex follows.
const PREFIX: &str = "tabchain.nickname.";

/// All that there are.
pub(crate) fn load() -> Nicknames {
    let mut names = Nicknames::default();
    let Some(storage) = storage() else { return names };
    let mut read = 0;
    for at in 0..storage.length().unwrap_or_default() {
        let Some(record) = storage.key(at).ok().flatten() else { continue };
        let Some(key) = record.strip_prefix(PREFIX).and_then(PublicKey::parse) else { continue };
        if let Some(name) = storage.get_item(&record).ok().flatten() {
            names.set(key, &name);
            read += 1;
        }
        if read >= MAX_NICKNAMES {
            break;
        }
    }
    names
}

/// Keeps a key's nickname, or drops it, where the browser lets it.
pub(crate) fn keep(key: &PublicKey, name: Option<&str>) {
    let record = format!("{PREFIX}{key}");
    if let Some(storage) = storage() {
        drop(match name {
            Some(name) => storage.set_item(&record, name),
            None => storage.remove_item(&record),
        });
    }
}
