//! Which room an operator means: by its name alone, or by its link.
//!
//! A room's id is a hash of its spec, so the id alone does not tell the spec. The link does,
//! as `#/r/NAME?...`, alone or at the end of the page's whole address; a name alone is that
//! of a `work` room as usual. A private room's secret in a link is passed over: an archive
//! keeps what it cannot read.

use std::str::FromStr;

use chain_wasm::api::{ConsensusChoice, PrivateRoom, RoomChoice, is_valid_room_name};
use chain_wasm::chain::spec::{Spec, SpecError};
use chain_wasm::node;
use chain_wasm::primitives::{Hash, PublicKey};
use chain_wasm::private::RoomSecret;
use chain_wasm::relay::RoomId;
use data_encoding::BASE64URL_NOPAD;
use percent_encoding::percent_decode_str;

/// The time between blocks of a `work` room whose link does not say, in ms.
const TARGET: u32 = 1_000;

/// The patience of an `authority` room whose link does not say, in ms.
const PATIENCE: u32 = 2_000;

/// A room that an archive is told to keep.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Room {
    spec: Spec,
}

/// Why a text names no room.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RoomLinkError {
    /// The name is none.
    #[error("a room's name is 1 to 64 bytes without control characters")]
    Name,
    /// What the link says of the room cannot be read.
    #[error("the link's {0} cannot be read")]
    Term(&'static str),
    /// No room is like that.
    #[error(transparent)]
    Spec(#[from] SpecError),
}

impl Room {
    /// The room of a spec.
    pub const fn of(spec: Spec) -> Self {
        Self { spec }
    }

    /// Its spec.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Its name on the relay, which is its chain's id.
    pub fn id(&self) -> RoomId {
        node::room_of(&self.spec)
    }
}

impl FromStr for Room {
    type Err = RoomLinkError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let choice = match text.split_once("#/r/") {
            None => RoomChoice::named(named(text.to_owned())?),
            Some((_, rest)) => {
                let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
                // What comes behind the name is a place in the room.
                let name = path.split('/').next().unwrap_or_default();
                let name = percent_decode_str(name).decode_utf8();
                choice(named(name.map_err(|_| RoomLinkError::Name)?.into_owned())?, query)?
            }
        };
        Ok(Self::of(node::spec_of(&choice)?))
    }
}

fn named(name: String) -> Result<String, RoomLinkError> {
    if is_valid_room_name(&name) { Ok(name) } else { Err(RoomLinkError::Name) }
}

fn choice(name: String, query: &str) -> Result<RoomChoice, RoomLinkError> {
    let value = |wanted: &str| {
        let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
        pairs.find_map(|(key, value)| (key == wanted).then_some(value))
    };
    let number = |key: &'static str, usual: u32| match value(key) {
        None => Ok(usual),
        Some(text) => text.parse().map_err(|_| RoomLinkError::Term(key)),
    };
    let consensus = match value("consensus").unwrap_or("work") {
        "work" => ConsensusChoice::Work { target: number("target", TARGET)? },
        "open" => ConsensusChoice::Open,
        "authority" => ConsensusChoice::Authority {
            members: members(value("members").unwrap_or_default())?,
            patience: number("patience", PATIENCE)?,
            members_write: match value("write") {
                None | Some("anyone") => false,
                Some("members") => true,
                Some(_) => return Err(RoomLinkError::Term("write")),
            },
        },
        _ => return Err(RoomLinkError::Term("consensus")),
    };
    let commitment = match (value("private"), value("secret")) {
        (Some(text), _) => {
            let bytes = bytes(text).ok_or(RoomLinkError::Term("private"))?;
            Some(Hash::from_bytes(bytes))
        }
        (None, Some(text)) => {
            let bytes = bytes(text).ok_or(RoomLinkError::Term("secret"))?;
            Some(RoomSecret::from_bytes(bytes).commitment())
        }
        (None, None) => None,
    };
    let private = commitment.map(|commitment| PrivateRoom { commitment, secret: None });
    Ok(RoomChoice { name, consensus, lab: value("lab") == Some("1"), private })
}

fn members(text: &str) -> Result<Vec<PublicKey>, RoomLinkError> {
    let key = |text| PublicKey::parse(text).or_else(|| bytes(text).map(PublicKey::from_bytes));
    let keys: Option<Vec<PublicKey>> = text.split(',').map(key).collect();
    let mut keys = keys.ok_or(RoomLinkError::Term("members"))?;
    keys.sort_unstable();
    keys.dedup();
    Ok(keys)
}

fn bytes(text: &str) -> Option<[u8; 32]> {
    BASE64URL_NOPAD.decode(text.as_bytes()).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use chain_wasm::chain::spec::{Consensus, Purpose, Writers};

    use super::*;

    fn spec(text: &str) -> Spec {
        text.parse::<Room>().unwrap().spec
    }

    #[test]
    fn a_name_alone_is_a_room_as_usual() {
        assert_eq!(spec("lobby"), Spec::work("lobby").unwrap());
        assert_eq!(spec("#/r/lobby"), Spec::work("lobby").unwrap());
        assert_eq!(spec("https://a.example/#/r/lobby/block/7"), Spec::work("lobby").unwrap());
        assert_eq!(spec("#/r/%EA%B0%80%20b"), Spec::work("가 b").unwrap());
    }

    #[test]
    fn a_link_says_what_kind_of_room_it_is() {
        assert_eq!(spec("#/r/a?consensus=open"), Spec::open("a").unwrap());
        assert_eq!(spec("#/r/a?consensus=open&lab=1").terms().purpose, Purpose::Lab);
        assert!(matches!(
            spec("#/r/a?target=250").consensus(),
            Consensus::Work { target: 250, .. }
        ));
        let key = BASE64URL_NOPAD.encode(&[7; 32]);
        let other = PublicKey::from_bytes([3; 32]);
        let link = format!("#/r/a?consensus=authority&members={key},{other}&write=members");
        let Consensus::Authority { members, patience, writers } = spec(&link).consensus().clone()
        else {
            panic!("no authority")
        };
        assert_eq!(members, [other, PublicKey::from_bytes([7; 32])]);
        assert_eq!((patience, writers), (PATIENCE, Writers::Members));
    }

    #[test]
    fn a_private_room_is_known_by_its_secret_or_its_commitment() {
        let secret = RoomSecret::from_bytes([4; 32]);
        let by_secret = format!("#/r/a?secret={}", BASE64URL_NOPAD.encode(&[4; 32]));
        let commitment = BASE64URL_NOPAD.encode(secret.commitment().as_bytes());
        let by_commitment = format!("#/r/a?private={commitment}");
        assert_eq!(spec(&by_secret), spec(&by_commitment));
        assert_eq!(spec(&by_secret).terms().private, Some(secret.commitment()));
    }

    #[test]
    fn what_names_no_room_is_refused() {
        for (text, why) in [
            ("", RoomLinkError::Name),
            ("#/r/", RoomLinkError::Name),
            ("#/r/%ff", RoomLinkError::Name),
            ("#/r/a?consensus=dice", RoomLinkError::Term("consensus")),
            ("#/r/a?target=soon", RoomLinkError::Term("target")),
            ("#/r/a?target=0", RoomLinkError::Spec(SpecError::Target)),
            ("#/r/a?consensus=authority", RoomLinkError::Term("members")),
            ("#/r/a?private=x", RoomLinkError::Term("private")),
            ("#/r/a?secret=x", RoomLinkError::Term("secret")),
        ] {
            assert_eq!(text.parse::<Room>(), Err(why), "{text}");
        }
    }
}
