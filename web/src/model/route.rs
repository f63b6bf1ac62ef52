//! The room and the place in it that the page's address names: `#/r/NAME`, or
//! `#/r/NAME/block/HEIGHT-or-HASH`, `/entry/ID`, `/author/KEY`, `/search/TEXT`, `/network`,
//! `/log`, `/lab`, `/tour` and `/new` below it, each followed by what [`terms`] says of the
//! room. `#/new` is the default room's.

mod terms;

use chain_wasm::api::{BlockAt, RoomChoice, is_valid_room_name};
use chain_wasm::primitives::{Hash, PublicKey, Seed};
use chain_wasm::private::RoomSecret;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

/// The room of an address that names none.
pub(crate) const DEFAULT_ROOM: &str = "lobby";

/// What RFC 3986 leaves unreserved stands as it is.
const NAME: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// What an address names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// The room.
    pub(crate) room: RoomChoice,
    /// What of it is looked at.
    pub(crate) place: Place,
    /// The key that came with an invitation.
    pub(crate) key: Option<Seed>,
}

/// What of a room is looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    /// The chain, and the form to write into it.
    Chain,
    /// One block.
    Block(BlockAt),
    /// One entry, by its id.
    Entry(Hash),
    /// One author, by its key.
    Author(PublicKey),
    /// What a search for this finds.
    Search(String),
    /// The form for a new room, which leaves this one as it is.
    NewRoom,
    /// The other tabs, and the relay.
    Network,
    /// What happened.
    Log,
    /// The experiments.
    Lab,
    /// The guided tour, beside the chain.
    Tour,
    /// The address names something that rooms do not have.
    Nowhere,
}

/// Why an address names no room.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RouteFault {
    /// It does not begin with `#/r/`.
    #[error("the address does not have the form #/r/NAME")]
    Form,
    /// The name is empty, too long, or has control characters or broken escapes.
    #[error("the room's name is not valid")]
    Name,
    /// It asks for a way to agree on blocks that is not known, or one that is not whole.
    #[error("the address asks for an unknown consensus")]
    Consensus,
    /// What it says of a private room cannot be read.
    #[error("the address of the private room is not whole")]
    Private,
}

/// Reads the fragment of an address, with or without its `#`.
///
/// # Errors
/// The first [`RouteFault`].
pub(crate) fn parse(fragment: &str) -> Result<Route, RouteFault> {
    let fragment = fragment.strip_prefix('#').unwrap_or(fragment);
    let route = fragment.strip_prefix('/').unwrap_or(fragment);
    if route.is_empty() || route == "new" {
        let place = if route.is_empty() { Place::Chain } else { Place::NewRoom };
        return Ok(Route { room: RoomChoice::named(DEFAULT_ROOM.into()), place, key: None });
    }
    let room = route.strip_prefix("r/").ok_or(RouteFault::Form)?;
    let (path, query) = room.split_once('?').unwrap_or((room, ""));
    let (name, place) = path.split_once('/').unwrap_or((path, ""));
    let name = percent_decode_str(name).decode_utf8().map_err(|_| RouteFault::Name)?;
    if !is_valid_room_name(&name) {
        return Err(RouteFault::Name);
    }
    let room = terms::parse(name.into_owned(), query)?;
    let place = parse_place(place).unwrap_or(Place::Nowhere);
    Ok(Route { room, place, key: terms::parse_key(query) })
}

fn parse_place(path: &str) -> Option<Place> {
    let path = path.strip_suffix('/').unwrap_or(path);
    if path.is_empty() {
        return Some(Place::Chain);
    }
    match path {
        "new" => return Some(Place::NewRoom),
        "network" => return Some(Place::Network),
        "log" => return Some(Place::Log),
        "lab" => return Some(Place::Lab),
        "tour" => return Some(Place::Tour),
        _ => {}
    }
    let (kind, what) = path.split_once('/')?;
    match kind {
        "block" => Some(Place::Block(parse_block(what)?)),
        "entry" => what.parse().ok().map(Place::Entry),
        "author" => PublicKey::parse(what).map(Place::Author),
        "search" => {
            let text = percent_decode_str(what).decode_utf8().ok()?;
            Some(text.trim()).filter(|text| !text.is_empty()).map(|text| Place::Search(text.into()))
        }
        _ => None,
    }
}

/// 64 digits are a hash, even if they are all decimal: no height has as many.
fn parse_block(text: &str) -> Option<BlockAt> {
    let hash = text.parse().ok().map(BlockAt::Hash);
    // Without the sign that a number may have.
    let digits = !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    hash.or_else(|| text.parse().ok().filter(|_| digits).map(BlockAt::Height))
}

/// Writes the fragment of a room's address, with its `#`.
pub(crate) fn write(room: &RoomChoice) -> String {
    write_place(room, &Place::Chain)
}

/// Writes the fragment of the address of a place in a room, with its `#`.
pub(crate) fn write_place(room: &RoomChoice, place: &Place) -> String {
    let name = utf8_percent_encode(&room.name, NAME);
    let place = match place {
        Place::Chain | Place::Nowhere => String::new(),
        Place::Block(BlockAt::Height(height)) => format!("/block/{height}"),
        Place::Block(BlockAt::Hash(hash)) => format!("/block/{hash}"),
        Place::Entry(id) => format!("/entry/{id}"),
        Place::Author(key) => format!("/author/{key}"),
        Place::Network => "/network".into(),
        Place::Log => "/log".into(),
        Place::Lab => "/lab".into(),
        Place::Tour => "/tour".into(),
        Place::Search(text) => format!("/search/{}", utf8_percent_encode(text, NAME)),
        Place::NewRoom => "/new".into(),
    };
    let query = terms::write(room);
    format!("#/r/{name}{place}{query}")
}

/// Writes the fragment of an invitation: a room's address that brings a key.
pub(crate) fn write_invitation(room: &RoomChoice, key: &Seed) -> String {
    let name = utf8_percent_encode(&room.name, NAME);
    format!("#/r/{name}{}", terms::write_with_key(room, key))
}

/// Reads the secret of a private room from what somebody pastes: the secret itself, or an
/// address that holds it. `None` if nothing was pasted.
pub(crate) fn pasted_secret(text: &str) -> Option<RoomSecret> {
    let text = text.trim();
    let query = text.split_once('?').map(|(_, query)| query);
    match query {
        _ if text.is_empty() => None,
        Some(query) => terms::secret_in(query).or_else(|| Some(terms::parse_secret(text))),
        None => Some(terms::parse_secret(text)),
    }
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::{ConsensusChoice, PrivateRoom};

    use super::*;

    fn room(name: &str, consensus: ConsensusChoice) -> RoomChoice {
        RoomChoice { consensus, ..RoomChoice::named(name.into()) }
    }

    #[test]
    fn a_new_room_is_a_place_of_any_room() {
        assert_eq!(place("#/r/a/new?lab=1"), Place::NewRoom);
        let route = parse("#/new").expect("a room");
        assert_eq!((route.room.name.as_str(), route.place), (DEFAULT_ROOM, Place::NewRoom));
    }

    #[test]
    fn an_invitation_is_the_rooms_address_and_a_key() {
        let private = Some(PrivateRoom::of(RoomSecret::from_bytes([4; 32])));
        for private in [None, private] {
            let room = RoomChoice { private, ..room("tea time", ConsensusChoice::Open) };
            let key = Seed([6; 32]);
            let route = Route { room: room.clone(), place: Place::Chain, key: Some(key) };
            assert_eq!(parse(&write_invitation(&room, &key)), Ok(route));
        }
    }

    #[test]
    fn a_secret_is_pasted_alone_or_with_its_address() {
        let secret = RoomSecret::from_bytes([4; 32]);
        let private = Some(PrivateRoom::of(secret));
        let room = RoomChoice { private, ..RoomChoice::named("a".into()) };
        let address = format!("http://192.168.1.7:8080/{}", write_place(&room, &Place::NewRoom));
        assert_eq!(pasted_secret(&address), Some(secret));
        let alone = address.split_once("secret=").expect("a secret").1;
        assert_eq!(pasted_secret(&format!(" {alone}\n")), Some(secret));
        assert_eq!(pasted_secret("  "), None);
        for other in ["abc", "http://a/#/r/a?lab=1", "?"] {
            assert!(pasted_secret(other).is_some_and(|other| other != secret), "{other}");
        }
    }

    fn parse_room(fragment: &str) -> Result<RoomChoice, RouteFault> {
        let route = parse(fragment)?;
        assert_eq!(route.place, Place::Chain, "{fragment}");
        Ok(route.room)
    }

    fn place(fragment: &str) -> Place {
        parse(fragment).expect("a room").place
    }

    #[test]
    fn no_room_is_the_lobby() {
        for fragment in ["", "#", "#/"] {
            assert_eq!(parse_room(fragment), Ok(room("lobby", ConsensusChoice::USUAL)));
        }
    }

    #[test]
    fn reads_name_and_consensus() {
        let work = || ConsensusChoice::USUAL;
        assert_eq!(parse_room("#/r/kitchen"), Ok(room("kitchen", work())));
        assert_eq!(parse_room("#/r/kitchen/"), Ok(room("kitchen", work())));
        assert_eq!(parse_room("#/r/tea%20time"), Ok(room("tea time", work())));
        assert_eq!(parse_room("#/r/%EB%B6%80%EC%97%8C"), Ok(room("부엌", work())));
        assert_eq!(parse_room("#/r/부엌"), Ok(room("부엌", work())));
        assert_eq!(parse_room("#/r/a%2Fb%3Fc"), Ok(room("a/b?c", work())));
        assert_eq!(parse_room("#/r/a?consensus=work&x=y"), Ok(room("a", work())));
        assert_eq!(parse_room("#/r/a?consensus=open"), Ok(room("a", ConsensusChoice::Open)));
    }

    #[test]
    fn reads_places() {
        let hash = Hash::of(b"abc");
        assert_eq!(place("#/r/a/block/12"), Place::Block(BlockAt::Height(12)));
        assert_eq!(place(&format!("#/r/a/block/{hash}")), Place::Block(BlockAt::Hash(hash)));
        let decimal = "1".repeat(64);
        let by_hash = Place::Block(BlockAt::Hash(decimal.parse().expect("hex")));
        assert_eq!(place(&format!("#/r/a/block/{decimal}/")), by_hash);
        let upper = hash.to_string().to_uppercase();
        assert_eq!(place(&format!("#/r/a/entry/{upper}?consensus=open")), Place::Entry(hash));
        let key = PublicKey::from_bytes([7; 32]);
        assert_eq!(place(&format!("#/r/a/author/{key}")), Place::Author(key));
        assert_eq!(place("#/r/a/search/50%25%2Fa%3F"), Place::Search("50%/a?".into()));
        assert_eq!(place("#/r/a/network/"), Place::Network);
        assert_eq!(place("#/r/a/log?consensus=open"), Place::Log);
        assert_eq!(place("#/r/a/search/%20tea%20time%20"), Place::Search("tea time".into()));
    }

    #[test]
    fn a_place_that_rooms_do_not_have_is_in_the_room_all_the_same() {
        for path in [
            "b",
            "block",
            "block/",
            "block/x",
            "block/-1",
            "block/+1",
            "block/4294967296",
            "block/12/x",
            "entry/12",
            "author/",
            "lab/1",
            "tours",
            "search/%20",
            "search/%ff",
            "x/y",
            "network/x",
        ] {
            let route = parse(&format!("#/r/a/{path}")).expect("a room");
            assert_eq!((route.room.name.as_str(), route.place), ("a", Place::Nowhere), "{path}");
        }
    }

    #[test]
    fn says_what_is_wrong_with_an_address() {
        for fragment in ["#top", "#/x/a", "#/r"] {
            assert_eq!(parse(fragment), Err(RouteFault::Form), "{fragment}");
        }
        let long = format!("#/r/{}", "a".repeat(65));
        for fragment in ["#/r/", "#/r/%00", "#/r/%ff", "#/r/?consensus=open", "#/r//block/1", &long]
        {
            assert_eq!(parse(fragment), Err(RouteFault::Name), "{fragment}");
        }
        assert_eq!(parse("#/r/a?consensus=dice"), Err(RouteFault::Consensus));
    }

    #[test]
    fn reads_what_it_writes() {
        let hash = Hash::of(b"abc");
        let places = [
            Place::Chain,
            Place::Lab,
            Place::Tour,
            Place::Block(BlockAt::Height(u32::MAX)),
            Place::Block(BlockAt::Hash(hash)),
            Place::Entry(hash),
            Place::Author(PublicKey::from_bytes([9; 32])),
            Place::Network,
            Place::Log,
            Place::Search("한글 a/b?c=d&e#f% ..".into()),
            Place::NewRoom,
        ];
        for name in ["lobby", "tea time", "부엌", "a/b?c=d&e#f%", "..", "+", &"가".repeat(21)] {
            for consensus in [ConsensusChoice::USUAL, ConsensusChoice::Open] {
                for place in &places {
                    let room = room(name, consensus.clone());
                    let written = write_place(&room, place);
                    let route = Route { room, place: place.clone(), key: None };
                    assert_eq!(parse(&written), Ok(route), "{written}");
                }
            }
        }
        assert_eq!(write(&room("lobby", ConsensusChoice::USUAL)), "#/r/lobby");
        let block = Place::Block(BlockAt::Height(7));
        let open = room("a", ConsensusChoice::Open);
        assert_eq!(write_place(&open, &block), "#/r/a/block/7?consensus=open");
    }
}
