//! How the key of a room's maker is written down until the room's node has it.

use chain_wasm::api::{PrivateRoom, RoomChoice};
use chain_wasm::primitives::Seed;

use super::{base64url, route};

/// What the records' names begin with; the address of the room follows.
const PREFIX: &str = "tabchain.own-key.";

/// The name of a room's record. The room's secret is not in it: it is kept nowhere but in
/// the address.
pub(crate) fn record(room: &RoomChoice) -> String {
    let private = room.private.map(|private| PrivateRoom { secret: None, ..private });
    format!("{PREFIX}{}", route::write(&RoomChoice { private, ..room.clone() }))
}

/// Writes a key.
pub(crate) fn write(key: Seed) -> String {
    base64url::encode(&key.0)
}

/// Reads a key.
pub(crate) fn read(text: &str) -> Option<Seed> {
    base64url::decode(text).map(Seed)
}

#[cfg(test)]
mod tests {
    use chain_wasm::private::RoomSecret;

    use super::*;

    #[test]
    fn a_key_is_read_as_it_was_written_and_nothing_else_is_one() {
        let key = Seed([7; 32]);
        assert_eq!(read(&write(key)), Some(key));
        for text in ["", "AAAA", "neither digits nor letters"] {
            assert_eq!(read(text), None, "{text}");
        }
    }

    #[test]
    fn each_room_has_its_record_whether_or_not_its_secret_is_known() {
        let secret = RoomSecret::from_bytes([4; 32]);
        let public = RoomChoice::named("council".into());
        let known = RoomChoice { private: Some(PrivateRoom::of(secret)), ..public.clone() };
        let asked = PrivateRoom { secret: None, ..PrivateRoom::of(secret) };
        let bare = RoomChoice { private: Some(asked), ..public.clone() };
        assert_eq!(record(&known), record(&bare));
        assert!(!record(&known).contains("secret"));
        assert_ne!(record(&known), record(&public));
        assert_ne!(record(&public), record(&RoomChoice { lab: true, ..public.clone() }));
    }
}
