//! What a room's chain is made of: its name and its consensus parameters.
//!
//! The genesis block is derived from the spec and nothing else, so every tab that
//! enters a room computes the same genesis block, and the genesis hash names the
//! chain.

use minicbor::decode::{self, Decoder};
use minicbor::{Decode, Encode};

use crate::codec;
use crate::primitives::{Difficulty, Hash, PublicKey};

/// The longest room name in bytes of UTF-8.
pub const MAX_NAME: usize = 64;

/// The longest time between blocks to aim at: an hour, in milliseconds.
pub const MAX_TARGET: u32 = 3_600_000;

/// The most members an `authority` room has.
pub const MAX_MEMBERS: usize = 32;

/// The longest encoding of a spec, in bytes: one of [`MAX_MEMBERS`] members has a little over
/// 1,200.
pub const MAX_SPEC: usize = 4 * 1024;

/// The least expected hashes of a block of a `work` room whose maker does not say.
pub const USUAL_FLOOR: u32 = 1 << 16;

/// Coins that each block creates in a room whose maker does not say.
pub const USUAL_REWARD: u32 = 50;

/// How blocks are agreed on.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Consensus {
    /// Proof of work, mined on demand, difficulty adjusted at each block.
    #[n(0)]
    Work {
        /// The least difficulty, and the genesis block's.
        #[n(0)]
        floor: Difficulty,
        /// The time between blocks to aim at under load, in milliseconds: 1 to
        /// [`MAX_TARGET`].
        #[n(1)]
        target: u32,
    },
    /// Difficulty 1 for ever: any hash will do.
    #[n(1)]
    Open,
    /// Blocks sealed by the signatures of listed members, in turn, without work.
    #[n(2)]
    Authority {
        /// Who may seal: 1 to [`MAX_MEMBERS`] different keys, in ascending order of
        /// their bytes.
        #[n(0)]
        members: Vec<PublicKey>,
        /// How much later than its predecessor a block must be whose sealer's turn it
        /// is not, in milliseconds: 1 to [`MAX_TARGET`].
        #[n(1)]
        patience: u32,
        /// Who may write.
        #[n(2)]
        writers: Writers,
    },
}

/// Whose entries a room's blocks may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Writers {
    /// Everybody's who is in the room.
    #[n(0)]
    Anyone,
    /// The members' only.
    #[n(1)]
    Members,
}

/// What a room is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
#[cbor(index_only)]
pub enum Purpose {
    /// Records that are kept.
    #[default]
    #[n(0)]
    Records,
    /// Experiments: the page offers to tamper with a copy, to cut a tab off and to mine
    /// in secret.
    #[n(1)]
    Lab,
}

/// What a spec says beyond the least. It is left out where it says nothing but the
/// defaults.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Encode, Decode)]
pub struct Terms {
    /// What the room is for.
    #[n(0)]
    pub purpose: Purpose,
    /// Of a private room: the [commitment](crate::private::RoomSecret::commitment) to the
    /// secret that its members share.
    #[n(1)]
    pub private: Option<Hash>,
}

/// A room's chain: everything its genesis block is derived from.
#[derive(Debug, Clone, PartialEq, Eq, Encode)]
pub struct Spec {
    /// The room's name.
    #[n(0)]
    name: String,
    /// How blocks are agreed on.
    #[n(1)]
    consensus: Consensus,
    /// Coins created by each block; below 2^32, so that 2^32 blocks' rewards fit in
    /// 64 bits.
    #[n(2)]
    reward: u32,
    /// `None` for the defaults.
    #[n(3)]
    terms: Option<Terms>,
}

/// Why a spec was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SpecError {
    /// The name is empty, too long or has control characters.
    #[error("a room's name is 1 to {MAX_NAME} bytes without control characters")]
    Name,
    /// The target is zero or above an hour.
    #[error("the time between blocks is 1 to {MAX_TARGET} ms")]
    Target,
    /// There are no members or too many, or they are not in ascending order.
    #[error("an authority room has 1 to {MAX_MEMBERS} different members in ascending order")]
    Members,
}

impl Spec {
    /// A `work` room with the default parameters: 2^16 hashes at least, 1 second
    /// between blocks under load, 50 coins a block.
    ///
    /// # Errors
    /// [`SpecError`] if the name is not one.
    pub fn work(name: &str) -> Result<Self, SpecError> {
        let floor = Difficulty::from_hashes(USUAL_FLOOR.into());
        Self::new(name, Consensus::Work { floor, target: 1_000 }, USUAL_REWARD)
    }

    /// An `open` room: 50 coins a block.
    ///
    /// # Errors
    /// [`SpecError`] if the name is not one.
    pub fn open(name: &str) -> Result<Self, SpecError> {
        Self::new(name, Consensus::Open, USUAL_REWARD)
    }

    /// A room with parameters of its own.
    ///
    /// # Errors
    /// [`SpecError`] if a parameter is out of its bounds.
    pub fn new(name: &str, consensus: Consensus, reward: u32) -> Result<Self, SpecError> {
        match &consensus {
            Consensus::Work { target: time, .. } | Consensus::Authority { patience: time, .. }
                if !(1..=MAX_TARGET).contains(time) =>
            {
                return Err(SpecError::Target);
            }
            Consensus::Authority { members, .. }
                if !(1..=MAX_MEMBERS).contains(&members.len())
                    || !members.is_sorted_by(|a, b| a < b) =>
            {
                return Err(SpecError::Members);
            }
            _ => {}
        }
        let fits = (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
        if fits {
            Ok(Self { name: name.to_owned(), consensus, reward, terms: None })
        } else {
            Err(SpecError::Name)
        }
    }

    /// The same room on other terms.
    #[must_use]
    pub fn with_terms(mut self, terms: Terms) -> Self {
        self.terms = (terms != Terms::default()).then_some(terms);
        self
    }

    /// What the spec says beyond the least.
    pub fn terms(&self) -> Terms {
        self.terms.unwrap_or_default()
    }

    /// The room's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How blocks are agreed on.
    pub const fn consensus(&self) -> &Consensus {
        &self.consensus
    }

    /// Coins created by each block.
    pub fn reward(&self) -> u64 {
        self.reward.into()
    }

    /// The least difficulty, and the genesis block's.
    pub const fn floor(&self) -> Difficulty {
        match self.consensus {
            Consensus::Work { floor, .. } => floor,
            Consensus::Open | Consensus::Authority { .. } => Difficulty::MIN,
        }
    }

    /// The hash that the genesis block carries as its predecessor's: SHA-256 of
    /// `tabchain/spec/1` and the spec's encoding.
    pub fn hash(&self) -> Hash {
        Hash::of_parts(&[b"tabchain/spec/1", &codec::encode(self)])
    }
}

/// A spec's fields, not judged yet.
#[derive(Decode)]
struct Fields {
    #[n(0)]
    name: String,
    #[n(1)]
    consensus: Consensus,
    #[n(2)]
    reward: u32,
    #[n(3)]
    terms: Option<Terms>,
}

impl<'b, C> Decode<'b, C> for Spec {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let Fields { name, consensus, reward, terms } = Fields::decode(d, context)?;
        let spec = Self::new(&name, consensus, reward).map_err(decode::Error::message)?;
        // Default terms that are written out are another encoding than `encode`'s.
        Ok(spec.with_terms(terms.unwrap_or_default()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(target: u32) -> Consensus {
        Consensus::Work { floor: Difficulty::MIN, target }
    }

    fn authority(members: u8, patience: u32, writers: Writers) -> Consensus {
        let members = (0..members).map(|n| PublicKey::from_bytes([n; 32])).collect();
        Consensus::Authority { members, patience, writers }
    }

    fn private_terms(secret: u8) -> Terms {
        let secret = crate::private::RoomSecret::from_bytes([secret; 32]);
        Terms { private: Some(secret.commitment()), ..Terms::default() }
    }

    #[test]
    fn members_are_bounded_and_in_order() {
        let most = u8::try_from(MAX_MEMBERS).unwrap();
        assert!(Spec::new("t", authority(most, MAX_TARGET, Writers::Anyone), 0).is_ok());
        for consensus in
            [authority(0, 1, Writers::Anyone), authority(most + 1, 1, Writers::Members)]
        {
            assert_eq!(Spec::new("t", consensus, 0), Err(SpecError::Members));
        }
        for patience in [0, MAX_TARGET + 1] {
            let consensus = authority(1, patience, Writers::Anyone);
            assert_eq!(Spec::new("t", consensus, 0), Err(SpecError::Target));
        }
        let [a, b] = [1, 2].map(|n| PublicKey::from_bytes([n; 32]));
        for members in [vec![a, a], vec![b, a]] {
            let consensus = Consensus::Authority { members, patience: 1, writers: Writers::Anyone };
            assert_eq!(Spec::new("t", consensus, 0), Err(SpecError::Members));
        }
    }

    #[test]
    fn default_terms_are_left_out() {
        let plain = Spec::open("t").unwrap();
        let lab = plain.clone().with_terms(Terms { purpose: Purpose::Lab, private: None });
        assert_eq!(codec::decode::<Spec>(&codec::encode(&lab), 1_000), Ok(lab.clone()));
        assert_eq!(lab.with_terms(Terms::default()), plain);
        let private = plain.clone().with_terms(private_terms(1));
        assert_eq!(codec::decode::<Spec>(&codec::encode(&private), 1_000), Ok(private));
        let written_out = Spec { terms: Some(Terms::default()), ..plain };
        assert!(codec::decode::<Spec>(&codec::encode(&written_out), 1_000).is_err());
    }

    #[test]
    fn a_spec_keeps_within_its_bounds() {
        assert!(Spec::new("t", work(MAX_TARGET), u32::MAX).is_ok());
        for target in [0, MAX_TARGET + 1] {
            assert_eq!(Spec::new("t", work(target), 50), Err(SpecError::Target));
        }
        assert!(Spec::open(&"é".repeat(MAX_NAME / 2)).is_ok());
        for name in ["", "a\nb", "\u{7f}", "\u{85}", &"x".repeat(MAX_NAME + 1)] {
            assert_eq!(Spec::open(name), Err(SpecError::Name), "{name:?}");
        }
    }

    #[test]
    fn regression_a_spec_out_of_its_bounds_is_not_read() {
        let spec = Spec::work("t").unwrap();
        assert_eq!(codec::decode::<Spec>(&codec::encode(&spec), 1_000), Ok(spec));
        let bad = [
            Spec { name: String::new(), consensus: Consensus::Open, reward: 1, terms: None },
            Spec { name: "t".to_owned(), consensus: work(0), reward: 1, terms: None },
        ];
        for spec in bad {
            assert!(codec::decode::<Spec>(&codec::encode(&spec), 1_000).is_err());
        }
    }

    #[test]
    fn every_parameter_makes_another_chain() {
        let floor = Difficulty::from_hashes(2);
        let specs = [
            Spec::new("t", work(1), 50).unwrap(),
            Spec::new("u", work(1), 50).unwrap(),
            Spec::new("t", work(2), 50).unwrap(),
            Spec::new("t", work(1), 51).unwrap(),
            Spec::new("t", Consensus::Work { floor, target: 1 }, 50).unwrap(),
            Spec::new("t", Consensus::Open, 50).unwrap(),
            Spec::open("t").unwrap().with_terms(Terms { purpose: Purpose::Lab, private: None }),
            Spec::open("t").unwrap().with_terms(private_terms(1)),
            Spec::open("t").unwrap().with_terms(private_terms(2)),
            Spec::new("t", authority(1, 1, Writers::Anyone), 50).unwrap(),
            Spec::new("t", authority(2, 1, Writers::Anyone), 50).unwrap(),
            Spec::new("t", authority(1, 2, Writers::Anyone), 50).unwrap(),
            Spec::new("t", authority(1, 1, Writers::Members), 50).unwrap(),
        ];
        let ids: std::collections::BTreeSet<_> =
            specs.iter().map(crate::chain::genesis_hash).collect();
        assert_eq!(ids.len(), specs.len());
    }
}
