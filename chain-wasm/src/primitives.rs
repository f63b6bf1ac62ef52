//! The words every other module uses: hashes, keys, times, difficulty.
//!
//! Nothing here knows what a block is.

mod difficulty;
mod hash;
mod keys;
mod time;

pub use difficulty::{Difficulty, InvalidDifficulty};
pub use hash::{Hash, Hasher, ParseHashError};
pub(crate) use hash::{parse_hex, write_hex};
pub use keys::{Keypair, PublicKey, Seed, Signature, SignatureError, SignatureItem, verify_batch};
pub use time::{Instant, UnixMillis};

/// The hash of a room's genesis block; names the chain, and the relay's room.
pub type ChainId = Hash;

/// A peer's name on the relay: the public key of its session.
pub type PeerId = PublicKey;
