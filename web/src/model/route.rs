//! The room in the page's address: `#/r/NAME`, or `#/r/NAME?consensus=open`.

use chain_wasm::api::{ConsensusChoice, RoomChoice, is_valid_room_name};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The room of an address that names none.
pub(crate) const DEFAULT_ROOM: &str = "lobby";

/// What RFC 3986 leaves unreserved stands as it is.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Why an address names no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RouteFault {
    /// It does not begin with `#/r/`, or something follows the name.
    #[error("the address does not have the form #/r/NAME")]
    Form,
    /// The name is empty, too long, or has control characters or broken escapes.
    #[error("the room's name is not valid")]
    Name,
    /// It asks for a way to agree on blocks that is not known.
    #[error("the address asks for an unknown consensus")]
    Consensus,
}

/// Reads the fragment of an address, with or without its `#`.
///
/// # Errors
/// The first [`RouteFault`].
pub(crate) fn parse(fragment: &str) -> Result<RoomChoice, RouteFault> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let route = fragment.strip_prefix('/').unwrap_or(fragment);
    if route.is_empty() {
        return Ok(RoomChoice { name: DEFAULT_ROOM.into(), consensus: ConsensusChoice::Work });
    }
    let room = route.strip_prefix("r/").ok_or(RouteFault::Form)?;
    let (name, query) = room.split_once('?').unwrap_or((room, ""));
    let name = name.strip_suffix('/').unwrap_or(name);
    if name.contains('/') {
        return Err(RouteFault::Form);
    }
    let name = percent_decode_str(name).decode_utf8().map_err(|_| RouteFault::Name)?;
    if !is_valid_room_name(&name) {
        return Err(RouteFault::Name);
    }
    let mut consensus = ConsensusChoice::default();
    for (key, value) in query.split('&').filter_map(|pair| pair.split_once('=')) {
        if key == "consensus" {
            consensus = match value {
                "work" => ConsensusChoice::Work,
                "open" => ConsensusChoice::Open,
                _ => return Err(RouteFault::Consensus),
            };
        }
    }
    Ok(RoomChoice { name: name.into_owned(), consensus })
}

/// Writes the fragment of a room's address, with its `#`.
pub(crate) fn write(room: &RoomChoice) -> String {
    let name = utf8_percent_encode(&room.name, NAME);
    match room.consensus {
        ConsensusChoice::Work => format!("#/r/{name}"),
        ConsensusChoice::Open => format!("#/r/{name}?consensus=open"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(name: &str, consensus: ConsensusChoice) -> RoomChoice {
        RoomChoice { name: name.into(), consensus }
    }

    #[test]
    fn no_room_is_the_lobby() {
        for fragment in ["", "#", "#/"] {
            assert_eq!(parse(fragment), Ok(room("lobby", ConsensusChoice::Work)));
        }
    }

    #[test]
    fn reads_name_and_consensus() {
        let work = ConsensusChoice::Work;
        assert_eq!(parse("#/r/kitchen"), Ok(room("kitchen", work)));
        assert_eq!(parse("#/r/kitchen/"), Ok(room("kitchen", work)));
        assert_eq!(parse("#/r/tea%20time"), Ok(room("tea time", work)));
        assert_eq!(parse("#/r/%EB%B6%80%EC%97%8C"), Ok(room("부엌", work)));
        assert_eq!(parse("#/r/부엌"), Ok(room("부엌", work)));
        assert_eq!(parse("#/r/a%2Fb%3Fc"), Ok(room("a/b?c", work)));
        assert_eq!(parse("#/r/a?consensus=work&x=y"), Ok(room("a", work)));
        assert_eq!(parse("#/r/a?consensus=open"), Ok(room("a", ConsensusChoice::Open)));
    }

    #[test]
    fn says_what_is_wrong_with_an_address() {
        for fragment in ["#top", "#/x/a", "#/r/a/b", "#/r"] {
            assert_eq!(parse(fragment), Err(RouteFault::Form), "{fragment}");
        }
        let long = format!("#/r/{}", "a".repeat(65));
        for fragment in ["#/r/", "#/r/%00", "#/r/%ff", "#/r/?consensus=open", &long] {
            assert_eq!(parse(fragment), Err(RouteFault::Name), "{fragment}");
        }
        assert_eq!(parse("#/r/a?consensus=dice"), Err(RouteFault::Consensus));
    }

    #[test]
    fn reads_what_it_writes() {
        for name in ["lobby", "tea time", "부엌", "a/b?c=d&e#f%", "..", "+", &"가".repeat(21)] {
            for consensus in [ConsensusChoice::Work, ConsensusChoice::Open] {
                let room = room(name, consensus);
                assert_eq!(parse(&write(&room)), Ok(room), "{name}");
            }
        }
        assert_eq!(write(&room("lobby", ConsensusChoice::Work)), "#/r/lobby");
    }
}
