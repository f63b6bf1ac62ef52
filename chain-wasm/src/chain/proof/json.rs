//! The JSON form of a proof: for people to read, and for programs without a CBOR reader.
//!
//! It says everything twice: as hex of the exact bytes that are hashed and signed, and in
//! words. What the words say must be what the bytes hold, or it is refused: nobody is
//! shown another text than the one that is proven.

use serde::{Deserialize, Serialize};

use super::{MARK, MAX_PROOF, Proof, ProofError};
use crate::chain::block::Header;
use crate::chain::spec::{Consensus, Purpose, Spec, Terms, Writers};
use crate::chain::transaction::{Body, Transaction};
use crate::primitives::{Difficulty, Hash, PublicKey};
use crate::private::{EntryKey, Plain};

/// The longest JSON form of a proof, in bytes: a byte of an entry takes two digits in the
/// encoding, and at most six characters in its text.
pub const MAX_JSON: usize = 10 * MAX_PROOF;

/// Why a text is not the JSON form of a proof.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JsonError {
    /// Longer than [`MAX_JSON`].
    #[error("{0} bytes, more than the limit of {MAX_JSON}")]
    TooLarge(usize),
    /// Not JSON of that form.
    #[error("{0}")]
    Malformed(String),
    /// A string that should be hex digits.
    #[error("{0} is not hex digits of the right length")]
    Hex(&'static str),
    /// The room has a parameter that no room can have.
    #[error("there can be no such room")]
    Room,
    /// What it says in words is not what its bytes hold.
    #[error("what it says is not what its bytes hold")]
    Contradiction,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Document {
    format: String,
    room: Room,
    entry: Entry,
    place: Place,
    block: Covered,
    history: History,
    tip: Covered,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Room {
    name: String,
    consensus: Rule,
    reward: u64,
    #[serde(default, skip_serializing_if = "is_false")]
    lab: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    private: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Rule {
    Work { floor: u32, target_ms: u32 },
    Open,
    Authority { members: Vec<String>, patience_ms: u32, members_write: bool },
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    author: String,
    time_ms: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer: Option<Transfer>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    opened: Option<Opened>,
    encoding: String,
}

/// What a sealed entry says, and the key that shows it.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Opened {
    key: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Transfer {
    to: String,
    amount: u64,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Place {
    index: u32,
    count: u32,
    path: Vec<String>,
}

#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct History {
    path: Vec<String>,
}

/// A header.
#[derive(Serialize, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
struct Covered {
    hash: String,
    height: u32,
    time_ms: u64,
    encoding: String,
}

impl Proof {
    /// Writes the proof as JSON.
    pub fn to_json(&self) -> String {
        // Strings, numbers and lists of them: nothing in it can fail to be written.
        serde_json::to_string_pretty(&Document::of(self)).unwrap_or_default()
    }

    /// Reads a proof from its JSON form. Checked is its form, and that it does not
    /// contradict itself.
    ///
    /// # Errors
    /// [`ProofError`] if it is not the JSON form of one.
    pub fn from_json(json: &[u8]) -> Result<Self, ProofError> {
        if json.len() > MAX_JSON {
            return Err(JsonError::TooLarge(json.len()).into());
        }
        let document: Document =
            serde_json::from_slice(json).map_err(|e| JsonError::Malformed(e.to_string()))?;
        if document.format != MARK {
            return Err(ProofError::Mark);
        }
        let proof = document.proof()?;
        if Document::of(&proof) == document {
            Ok(proof)
        } else {
            Err(JsonError::Contradiction.into())
        }
    }
}

impl Document {
    fn of(proof: &Proof) -> Self {
        Self {
            format: MARK.to_owned(),
            room: Room::of(&proof.spec),
            entry: Entry::of(proof),
            place: Place {
                index: proof.index,
                count: proof.count,
                path: proof.block_path.iter().map(Hash::to_string).collect(),
            },
            block: Covered::of(&proof.block),
            history: History { path: proof.history_path.iter().map(Hash::to_string).collect() },
            tip: Covered::of(&proof.tip),
        }
    }

    /// What its bytes hold.
    fn proof(&self) -> Result<Proof, ProofError> {
        let entry = unhex(&self.entry.encoding).ok_or(JsonError::Hex("the entry's encoding"))?;
        Ok(Proof {
            spec: self.room.spec()?,
            entry: Transaction::decode(&entry)?,
            index: self.place.index,
            count: self.place.count,
            block_path: hashes(&self.place.path)?,
            block: self.block.header()?,
            history_path: hashes(&self.history.path)?,
            tip: self.tip.header()?,
            opening: self.entry.opening()?,
        })
    }
}

impl Room {
    fn of(spec: &Spec) -> Self {
        let consensus = match spec.consensus() {
            Consensus::Work { floor, target } => {
                Rule::Work { floor: floor.to_bits(), target_ms: *target }
            }
            Consensus::Open => Rule::Open,
            Consensus::Authority { members, patience, writers } => Rule::Authority {
                members: members.iter().map(ToString::to_string).collect(),
                patience_ms: *patience,
                members_write: *writers == Writers::Members,
            },
        };
        let Terms { purpose, private } = spec.terms();
        Self {
            name: spec.name().to_owned(),
            consensus,
            reward: spec.reward(),
            lab: purpose == Purpose::Lab,
            private: private.as_ref().map(Hash::to_string),
        }
    }

    fn spec(&self) -> Result<Spec, JsonError> {
        let consensus = match &self.consensus {
            &Rule::Work { floor, target_ms } => Consensus::Work {
                floor: Difficulty::from_bits(floor).map_err(|_| JsonError::Room)?,
                target: target_ms,
            },
            Rule::Open => Consensus::Open,
            Rule::Authority { members, patience_ms, members_write } => Consensus::Authority {
                members: members
                    .iter()
                    .map(|key| PublicKey::parse(key).ok_or(JsonError::Room))
                    .collect::<Result<_, _>>()?,
                patience: *patience_ms,
                writers: if *members_write { Writers::Members } else { Writers::Anyone },
            },
        };
        let purpose = if self.lab { Purpose::Lab } else { Purpose::Records };
        let private = self.private.as_ref().map(|hash| hash.parse()).transpose();
        let private = private.map_err(|_| JsonError::Hex("the commitment to the secret"))?;
        let reward = u32::try_from(self.reward).map_err(|_| JsonError::Room)?;
        let spec = Spec::new(&self.name, consensus, reward).map_err(|_| JsonError::Room)?;
        Ok(spec.with_terms(Terms { purpose, private }))
    }
}

impl Entry {
    fn of(proof: &Proof) -> Self {
        let entry = &proof.entry;
        let (mut media_type, mut text, mut transfer) = (None, None, None);
        match entry.body() {
            Body::Data { media_type: kind, bytes } => {
                media_type = Some(kind.clone());
                text = str::from_utf8(bytes).ok().map(str::to_owned);
            }
            Body::Transfer { to, amount } => {
                transfer = Some(Transfer { to: to.to_string(), amount: *amount });
            }
            // Not an entry: the check refuses it.
            Body::Coinbase { .. } => {}
        }
        Self {
            id: entry.id().to_string(),
            author: entry.author().to_string(),
            time_ms: entry.content().timestamp.0,
            media_type,
            text,
            transfer,
            opened: proof.opening.map(|key| Opened::of(&key, proof.opened().and_then(Result::ok))),
            encoding: hex(&entry.encode()),
        }
    }

    fn opening(&self) -> Result<Option<EntryKey>, JsonError> {
        let Some(opened) = &self.opened else { return Ok(None) };
        let key = unhex(&opened.key).and_then(|key| key.try_into().ok());
        key.map(|key| Some(EntryKey::from_bytes(key))).ok_or(JsonError::Hex("the entry's key"))
    }
}

impl Opened {
    /// Without what it says if the key opens nothing: the check refuses it.
    fn of(key: &EntryKey, plain: Option<Plain>) -> Self {
        let (media_type, bytes) = plain.map(|plain| (plain.media_type, plain.bytes)).unzip();
        let text = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
        Self { key: hex(key.as_bytes()), media_type, text }
    }
}

impl Covered {
    fn of(header: &Header) -> Self {
        Self {
            hash: header.hash().to_string(),
            height: header.height,
            time_ms: header.timestamp.0,
            encoding: hex(&header.encode_sealed()),
        }
    }

    fn header(&self) -> Result<Header, ProofError> {
        let bytes = unhex(&self.encoding).ok_or(JsonError::Hex("a header's encoding"))?;
        Ok(Header::decode(&bytes)?)
    }
}

fn hashes(path: &[String]) -> Result<Vec<Hash>, JsonError> {
    path.iter().map(|hash| hash.parse().map_err(|_| JsonError::Hex("a hash of a path"))).collect()
}

fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.extend(
            [byte >> 4, byte & 15].iter().filter_map(|n| char::from_digit((*n).into(), 16)),
        );
    }
    text
}

fn unhex(text: &str) -> Option<Vec<u8>> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let digit = |byte: u8| char::from(byte).to_digit(16);
    let byte = |[high, low]: &[u8; 2]| u8::try_from(digit(*high)? * 16 + digit(*low)?).ok();
    if rest.is_empty() { pairs.iter().map(byte).collect() } else { None }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes references")]
const fn is_false(value: &bool) -> bool {
    !*value
}
