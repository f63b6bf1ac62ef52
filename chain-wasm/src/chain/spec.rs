//! What a room's chain is made of: its name and its consensus parameters.
//!
//! The genesis block is derived from the spec and nothing else, so every tab that
//! enters a room computes the same genesis block, and the genesis hash names the
//! chain.

use minicbor::decode::{self, Decoder};
use minicbor::{Decode, Encode};

use crate::codec;
use crate::primitives::{Difficulty, Hash};

/// The longest room name in bytes of UTF-8.
pub const MAX_NAME: usize = 64;

/// The longest time between blocks to aim at: an hour, in milliseconds.
pub const MAX_TARGET: u32 = 3_600_000;

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
}

impl Spec {
    /// A `work` room with the default parameters: 2^16 hashes at least, 1 second
    /// between blocks under load, 50 coins a block.
    ///
    /// # Errors
    /// [`SpecError`] if the name is not one.
    pub fn work(name: &str) -> Result<Self, SpecError> {
        let floor = Difficulty::from_hashes(1 << 16);
        Self::new(name, Consensus::Work { floor, target: 1_000 }, 50)
    }

    /// An `open` room: 50 coins a block.
    ///
    /// # Errors
    /// [`SpecError`] if the name is not one.
    pub fn open(name: &str) -> Result<Self, SpecError> {
        Self::new(name, Consensus::Open, 50)
    }

    /// A room with parameters of its own.
    ///
    /// # Errors
    /// [`SpecError`] if a parameter is out of its bounds.
    pub fn new(name: &str, consensus: Consensus, reward: u32) -> Result<Self, SpecError> {
        if let Consensus::Work { target, .. } = consensus
            && !(1..=MAX_TARGET).contains(&target)
        {
            return Err(SpecError::Target);
        }
        let fits = (1..=MAX_NAME).contains(&name.len()) && !name.chars().any(char::is_control);
        if fits {
            Ok(Self { name: name.to_owned(), consensus, reward })
        } else {
            Err(SpecError::Name)
        }
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
            Consensus::Open => Difficulty::MIN,
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
}

impl<'b, C> Decode<'b, C> for Spec {
    fn decode(d: &mut Decoder<'b>, context: &mut C) -> Result<Self, decode::Error> {
        let Fields { name, consensus, reward } = Fields::decode(d, context)?;
        Self::new(&name, consensus, reward).map_err(decode::Error::message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn work(target: u32) -> Consensus {
        Consensus::Work { floor: Difficulty::MIN, target }
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
            Spec { name: String::new(), consensus: Consensus::Open, reward: 1 },
            Spec { name: "t".to_owned(), consensus: work(0), reward: 1 },
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
        ];
        let ids: std::collections::BTreeSet<_> =
            specs.iter().map(crate::chain::genesis_hash).collect();
        assert_eq!(ids.len(), specs.len());
    }
}
