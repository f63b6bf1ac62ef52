//! What an address says of its room beside the name, as a query:
//!
//! | key | value | without it |
//! |---|---|---|
//! | `consensus` | `work`, `open`, `authority` | `work` |
//! | `target` | of `work`: the time between blocks, in ms | 1000 |
//! | `members` | of `authority`: keys in base64url, with commas between them | an error |
//! | `patience` | of `authority`: the wait for another's turn, in ms | 2000 |
//! | `write` | of `authority`: `anyone`, `members` | `anyone` |
//! | `lab` | `1`: a room for experiments | a room for records |
//!
//! Each changes the chain. Other keys are passed over.

use std::fmt::Write as _;

use chain_wasm::api::{ConsensusChoice, MAX_MEMBERS, RoomChoice};
use chain_wasm::primitives::PublicKey;
use data_encoding::BASE64URL_NOPAD;

use super::RouteFault;

/// The time between blocks of a `work` room whose address does not say, in ms.
const TARGET: u32 = 1_000;

/// The patience of an `authority` room whose address does not say, in ms.
pub(crate) const PATIENCE: u32 = 2_000;

/// Reads a query.
///
/// # Errors
/// [`RouteFault::Consensus`] if it asks for something that no room has.
pub(super) fn parse(name: String, query: &str) -> Result<RoomChoice, RouteFault> {
    let value = |wanted: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == wanted).then_some(value))
    };
    let number = |key: &str, usual: u32| match value(key) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| RouteFault::Consensus),
    };
    let consensus = match value("consensus").unwrap_or("work") {
        "work" => ConsensusChoice::Work { target: number("target", TARGET)? },
        "open" => ConsensusChoice::Open,
        "authority" => ConsensusChoice::Authority {
            members: parse_members(value("members").unwrap_or(""))?,
            patience: number("patience", PATIENCE)?,
            members_write: match value("write") {
                None | Some("anyone") => false,
                Some("members") => true,
                Some(_) => return Err(RouteFault::Consensus),
            },
        },
        _ => return Err(RouteFault::Consensus),
    };
    Ok(RoomChoice { name, consensus, lab: value("lab") == Some("1") })
}

fn parse_members(text: &str) -> Result<Vec<PublicKey>, RouteFault> {
    let mut members = Vec::new();
    for key in text.split(',').take(MAX_MEMBERS + 1) {
        // In hex, as the page shows it, it may stand there, too.
        let hex = PublicKey::parse(key);
        let bytes = BASE64URL_NOPAD.decode(key.as_bytes()).ok();
        let bytes = bytes.and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
        members.push(hex.or(bytes.map(PublicKey::from_bytes)).ok_or(RouteFault::Consensus)?);
    }
    members.sort_unstable();
    members.dedup();
    if members.len() > MAX_MEMBERS { Err(RouteFault::Consensus) } else { Ok(members) }
}

/// Writes a room's query with its `?`, or nothing for a room as usual.
pub(super) fn write(room: &RoomChoice) -> String {
    let mut query = String::new();
    let mut add = |key: &str, value: &str| {
        let sign = if query.is_empty() { '?' } else { '&' };
        // Writing to a `String` cannot fail.
        let _ = write!(query, "{sign}{key}={value}");
    };
    match &room.consensus {
        ConsensusChoice::Work { target: TARGET } => {}
        ConsensusChoice::Work { target } => add("target", &target.to_string()),
        ConsensusChoice::Open => add("consensus", "open"),
        ConsensusChoice::Authority { members, patience, members_write } => {
            add("consensus", "authority");
            let keys: Vec<_> =
                members.iter().map(|key| BASE64URL_NOPAD.encode(key.as_bytes())).collect();
            add("members", &keys.join(","));
            if *patience != PATIENCE {
                add("patience", &patience.to_string());
            }
            if *members_write {
                add("write", "members");
            }
        }
    }
    if room.lab {
        add("lab", "1");
    }
    query
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(count: u8) -> Vec<PublicKey> {
        (0..count).map(|n| PublicKey::from_bytes([n; 32])).collect()
    }

    fn again(room: &RoomChoice) -> Result<RoomChoice, RouteFault> {
        parse(room.name.clone(), write(room).trim_start_matches('?'))
    }

    #[test]
    fn reads_what_it_writes() {
        let authority = |count, patience, members_write| ConsensusChoice::Authority {
            members: keys(count),
            patience,
            members_write,
        };
        for consensus in [
            ConsensusChoice::USUAL,
            ConsensusChoice::Work { target: 10_000 },
            ConsensusChoice::Open,
            authority(1, PATIENCE, false),
            authority(32, 500, true),
        ] {
            for lab in [false, true] {
                let room = RoomChoice { name: "a".into(), consensus: consensus.clone(), lab };
                assert_eq!(again(&room), Ok(room));
            }
        }
        let usual = RoomChoice { name: "a".into(), consensus: ConsensusChoice::USUAL, lab: false };
        assert_eq!(write(&usual), "");
        assert_eq!(write(&RoomChoice { lab: true, ..usual }), "?lab=1");
    }

    #[test]
    fn members_are_put_in_order_and_bounded() {
        let [a, b] = [1, 2].map(|n| BASE64URL_NOPAD.encode(&[n; 32]));
        let read = |members: &str| {
            let room = parse("a".into(), &format!("consensus=authority&members={members}"))?;
            let ConsensusChoice::Authority { members, .. } = room.consensus else {
                panic!("an authority room")
            };
            Ok(members)
        };
        let both = [1, 2].map(|n| PublicKey::from_bytes([n; 32]));
        assert_eq!(read(&format!("{b},{a},{b}")), Ok(both.to_vec()));
        // In hex, too.
        let [c, d] = both;
        assert_eq!(read(&format!("{d},{c}")), Ok(both.to_vec()));
        let many: Vec<_> = (0..33).map(|n| BASE64URL_NOPAD.encode(&[n; 32])).collect();
        let bad = ["", ",", "a", &format!("{a},"), &a[1..], &many.join(",")].map(read);
        assert_eq!(bad, [const { Err(RouteFault::Consensus) }; 6]);
    }

    #[test]
    fn says_what_no_room_has() {
        let member = BASE64URL_NOPAD.encode(&[1; 32]);
        for query in [
            "consensus=dice".to_owned(),
            "target=x".to_owned(),
            "target=-1".to_owned(),
            "target=4294967296".to_owned(),
            "consensus=authority".to_owned(),
            format!("consensus=authority&members={member}&write=some"),
            format!("consensus=authority&members={member}&patience="),
        ] {
            assert_eq!(parse("a".into(), &query), Err(RouteFault::Consensus), "{query}");
        }
    }
}
