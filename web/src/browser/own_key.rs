//! The key of the maker of a room, in `localStorage` until the room's node has stored it:
//! nobody else has it, so it must outlive the tab that made it.

use chain_wasm::api::RoomChoice;
use chain_wasm::primitives::Seed;

use super::storage;
use crate::model::own_key;

/// Keeps a key. Gives whether the browser let it.
pub(crate) fn keep(room: &RoomChoice, key: Seed) -> bool {
    let (name, text) = (own_key::record(room), own_key::write(key));
    storage().is_some_and(|storage| {
        storage.set_item(&name, &text).is_ok()
            && storage.get_item(&name).is_ok_and(|kept| kept.as_ref() == Some(&text))
    })
}

/// The key that is kept for a room.
pub(crate) fn find(room: &RoomChoice) -> Option<Seed> {
    let kept = storage()?.get_item(&own_key::record(room)).ok()??;
    own_key::read(&kept)
}

/// Forgets the key of a room, whose node has it.
pub(crate) fn forget(room: &RoomChoice) {
    if let Some(storage) = storage() {
        drop(storage.remove_item(&own_key::record(room)));
    }
}
