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
//! | `private` | the commitment to the secret, in base64url | a public room |
//! | `secret` | of a private room: the secret, in base64url | it is asked for |
//! | `key` | of an invitation: a key for whoever opens it, in base64url | none |
//!
//! Each but the last two changes the chain; those two are what the address of a room must
//! not show to everybody. Other keys are passed over. A fragment never leaves the browser, so
//! no relay sees any of this.

use std::fmt::Write as _;

use chain_wasm::api::{ConsensusChoice, MAX_MEMBERS, PrivateRoom, RoomChoice};
use chain_wasm::primitives::{Hash, PublicKey, Seed};
use chain_wasm::private::RoomSecret;

use super::super::base64url;
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
    let value = |wanted: &str| value(query, wanted);
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
    let private = parse_private(value("private"), value("secret"))?;
    Ok(RoomChoice { name, consensus, lab: value("lab") == Some("1"), private })
}

fn value<'a>(query: &'a str, wanted: &str) -> Option<&'a str> {
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find_map(|(key, value)| (key == wanted).then_some(value))
}

fn parse_private(
    commitment: Option<&str>,
    secret: Option<&str>,
) -> Result<Option<PrivateRoom>, RouteFault> {
    let secret = secret.map(parse_secret);
    match (commitment, secret) {
        (None, None) => Ok(None),
        (None, Some(secret)) => Ok(Some(PrivateRoom::of(secret))),
        (Some(commitment), secret) => {
            let commitment = base64url::decode(commitment).map(Hash::from_bytes);
            let commitment = commitment.ok_or(RouteFault::Private)?;
            Ok(Some(PrivateRoom { commitment, secret }))
        }
    }
}

/// Reads a secret. What is none, such as one of which a part was lost, becomes one that is
/// no room's, so that it is told like any other that is wrong.
pub(super) fn parse_secret(text: &str) -> RoomSecret {
    let bytes = base64url::decode(text).unwrap_or_else(|| *Hash::of(text.as_bytes()).as_bytes());
    RoomSecret::from_bytes(bytes)
}

/// The key that an invitation brings, if it brings one.
pub(super) fn parse_key(query: &str) -> Option<Seed> {
    value(query, "key").and_then(base64url::decode).map(Seed)
}

/// The secret of a query, if it has one.
pub(super) fn secret_in(query: &str) -> Option<RoomSecret> {
    value(query, "secret").map(parse_secret)
}

/// A room's query with the key of an invitation.
pub(super) fn write_with_key(room: &RoomChoice, key: &Seed) -> String {
    let query = write(room);
    let sign = if query.is_empty() { '?' } else { '&' };
    format!("{query}{sign}key={}", base64url::encode(&key.0))
}

fn parse_members(text: &str) -> Result<Vec<PublicKey>, RouteFault> {
    let mut members = Vec::new();
    for key in text.split(',').take(MAX_MEMBERS + 1) {
        // In hex, as the page shows it, it may stand there, too.
        let key =
            PublicKey::parse(key).or_else(|| base64url::decode(key).map(PublicKey::from_bytes));
        members.push(key.ok_or(RouteFault::Consensus)?);
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
                members.iter().map(|key| base64url::encode(key.as_bytes())).collect();
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
    if let Some(private) = &room.private {
        add("private", &base64url::encode(private.commitment.as_bytes()));
        if let Some(secret) = private.secret {
            add("secret", &base64url::encode(secret.as_bytes()));
        }
    }
    query
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::Access;

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
                let shown = PrivateRoom::of(RoomSecret::from_bytes([4; 32]));
                let hidden = PrivateRoom { secret: None, ..shown };
                for private in [None, Some(shown), Some(hidden)] {
                    let consensus = consensus.clone();
                    let room = RoomChoice { name: "a".into(), consensus, lab, private };
                    assert_eq!(again(&room), Ok(room));
                }
            }
        }
        let usual = RoomChoice::named("a".into());
        assert_eq!(write(&usual), "");
        assert_eq!(write(&RoomChoice { lab: true, ..usual }), "?lab=1");
    }

    #[test]
    fn members_are_put_in_order_and_bounded() {
        let [a, b] = [1, 2].map(|n| base64url::encode(&[n; 32]));
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
        let many: Vec<_> = (0..33).map(|n| base64url::encode(&[n; 32])).collect();
        let bad = ["", ",", "a", &format!("{a},"), &a[1..], &many.join(",")].map(read);
        assert_eq!(bad, [const { Err(RouteFault::Consensus) }; 6]);
    }

    #[test]
    fn a_secret_that_is_not_the_rooms_is_kept_to_be_told_so() {
        let private = PrivateRoom::of(RoomSecret::from_bytes([4; 32]));
        let room = RoomChoice { private: Some(private), ..RoomChoice::named("a".into()) };
        let query = write(&room);
        let query = query.trim_start_matches('?');
        let secret = query.split_once("secret=").expect("a secret").1;
        let access = |secret: &str| {
            let room = parse("a".into(), &query.replace(secret_of(query), secret));
            room.expect("a room").private.expect("private").access()
        };
        assert_eq!(access(secret), Access::Granted(RoomSecret::from_bytes([4; 32])));
        let other = base64url::encode(&[5; 32]);
        for wrong in [&other, &secret[1..], &secret[..42], "", "what?"] {
            assert_eq!(access(wrong), Access::Wrong, "{wrong}");
        }
        // A secret alone says which room it is of.
        let alone = parse("a".into(), &format!("secret={secret}")).expect("a room");
        assert_eq!(alone.private, Some(private));
        assert_eq!(parse("a".into(), "private=abc"), Err(RouteFault::Private));
    }

    fn secret_of(query: &str) -> &str {
        query.split_once("secret=").expect("a secret").1
    }

    #[test]
    fn an_invitation_brings_a_key() {
        let room = RoomChoice::named("a".into());
        let lab = RoomChoice { lab: true, ..room.clone() };
        for room in [room, lab] {
            let query = write_with_key(&room, &Seed([6; 32]));
            let query = query.trim_start_matches('?');
            assert_eq!(parse_key(query), Some(Seed([6; 32])));
            assert_eq!(parse("a".into(), query), Ok(room));
        }
        for none in ["", "key=", "key=abc", "lab=1"] {
            assert_eq!(parse_key(none), None, "{none}");
        }
    }

    #[test]
    fn says_what_no_room_has() {
        let member = base64url::encode(&[1; 32]);
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
