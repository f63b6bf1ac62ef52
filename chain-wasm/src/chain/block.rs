//! Blocks and their headers.

use minicbor::{Decode, Encode};

use super::merkle;
use super::transaction::{Body, MAX_TRANSACTION, Transaction};
use crate::codec::{self, CodecError};
use crate::primitives::{Difficulty, Hash, InvalidDifficulty, PublicKey, Signature, UnixMillis};

/// The rules' version, the first byte of each header.
pub const VERSION: u8 = 1;

/// Length of an encoded header in bytes. The nonce is in the second of the two
/// SHA-256 blocks, so a search compresses the first once.
pub const HEADER_SIZE: usize = 117;

/// Length of a header with the seal that it has in an `authority` room, in bytes.
pub const SEALED_HEADER_SIZE: usize = HEADER_SIZE + 64;

/// The longest encoding of a block, in bytes.
pub const MAX_BLOCK: usize = 512 * 1024;

/// The most transactions of a block, the coinbase counted.
pub const MAX_TRANSACTIONS: usize = 1024;

/// A block's header. Its SHA-256 is the block's hash.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// The rules' version: [`VERSION`].
    pub version: u8,
    /// Number of blocks before this one.
    pub height: u32,
    /// The predecessor's hash; the genesis block has its spec's hash here.
    pub previous_hash: Hash,
    /// RFC 9162 root over the transactions' encodings.
    pub merkle_root: Hash,
    /// RFC 9162 root over the hashes of all earlier blocks, genesis first.
    pub history_root: Hash,
    /// When it was made, by the maker's clock.
    pub timestamp: UnixMillis,
    /// What the hash meets.
    pub difficulty: Difficulty,
    /// Varied until the hash meets the difficulty; in an `authority` room the place of its
    /// sealer among the members.
    pub nonce: u32,
    /// In an `authority` room the sealer's signature of the header, see
    /// [`authority`](super::authority). It travels with the header, but is no part of
    /// what is hashed.
    pub seal: Option<Signature>,
}

/// Bytes that are not a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeaderError {
    /// Neither [`HEADER_SIZE`] nor [`SEALED_HEADER_SIZE`] bytes.
    #[error("a header has {HEADER_SIZE} bytes, or {SEALED_HEADER_SIZE} with a seal")]
    Length,
    /// The difficulty is not in its one form.
    #[error(transparent)]
    Difficulty(#[from] InvalidDifficulty),
}

impl Header {
    /// `version u8 | height u32 | previous_hash | merkle_root | history_root |
    /// timestamp u64 | difficulty u32 | nonce u32`, big-endian: what is hashed.
    pub fn encode(&self) -> [u8; HEADER_SIZE] {
        let mut out = [0; HEADER_SIZE];
        let parts: [&[u8]; 8] = [
            &[self.version],
            &self.height.to_be_bytes(),
            self.previous_hash.as_bytes(),
            self.merkle_root.as_bytes(),
            self.history_root.as_bytes(),
            &self.timestamp.0.to_be_bytes(),
            &self.difficulty.to_bits().to_be_bytes(),
            &self.nonce.to_be_bytes(),
        ];
        let mut rest = &mut out[..];
        for part in parts {
            // The parts' lengths add up to the whole.
            let Some((to, after)) = rest.split_at_mut_checked(part.len()) else { break };
            to.copy_from_slice(part);
            rest = after;
        }
        out
    }

    /// As [`Self::encode`], and the seal behind it if there is one: what is sent and stored.
    pub fn encode_sealed(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(SEALED_HEADER_SIZE);
        out.extend_from_slice(&self.encode());
        out.extend(self.seal.iter().flat_map(Signature::as_bytes));
        out
    }

    /// Reads an encoded header, with or without a seal. Nothing but its form is checked.
    ///
    /// # Errors
    /// [`HeaderError`] if it is not the encoding of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, HeaderError> {
        fn take<const N: usize>(rest: &mut &[u8]) -> Result<[u8; N], HeaderError> {
            let (head, tail) = rest.split_first_chunk().ok_or(HeaderError::Length)?;
            *rest = tail;
            Ok(*head)
        }
        let rest = &mut &*bytes;
        let [version] = take(rest)?;
        let mut header = Self {
            version,
            height: u32::from_be_bytes(take(rest)?),
            previous_hash: Hash::from_bytes(take(rest)?),
            merkle_root: Hash::from_bytes(take(rest)?),
            history_root: Hash::from_bytes(take(rest)?),
            timestamp: UnixMillis(u64::from_be_bytes(take(rest)?)),
            difficulty: Difficulty::from_bits(u32::from_be_bytes(take(rest)?))?,
            nonce: u32::from_be_bytes(take(rest)?),
            seal: None,
        };
        if !rest.is_empty() {
            header.seal = Some(Signature::from_bytes(take(rest)?));
        }
        if rest.is_empty() { Ok(header) } else { Err(HeaderError::Length) }
    }

    /// SHA-256 of the encoded header: the article's `calculate_hash`.
    pub fn hash(&self) -> Hash {
        Hash::of(&self.encode())
    }
}

/// A block: a header and the transactions that its Merkle root covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Block {
    /// The header.
    pub header: Header,
    /// The coinbase, then the entries.
    pub transactions: Vec<Transaction>,
}

/// Transactions stay byte strings inside a block, so that the leaves of the Merkle
/// tree can be hashed as they are.
#[derive(Encode, Decode)]
struct Encoded {
    /// With its seal, if it has one.
    #[n(0)]
    header: minicbor::bytes::ByteVec,
    #[n(1)]
    transactions: Vec<minicbor::bytes::ByteVec>,
}

/// Bytes that are not a block.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Not the encoding of a block.
    #[error(transparent)]
    Codec(#[from] CodecError),
    /// The header cannot be read.
    #[error("header: {0}")]
    Header(#[from] HeaderError),
    /// More than [`MAX_TRANSACTIONS`].
    #[error("{0} transactions, more than {MAX_TRANSACTIONS}")]
    TooManyTransactions(usize),
}

impl Block {
    /// Writes the block: a CBOR array of the header and the transactions' encodings.
    pub fn encode(&self) -> Vec<u8> {
        let transactions = self.transactions.iter().map(|t| t.encode().into()).collect();
        codec::encode(&Encoded { header: self.header.encode_sealed().into(), transactions })
    }

    /// Reads a block. Nothing but its form is checked.
    ///
    /// # Errors
    /// [`BlockError`] if it is not the encoding of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, BlockError> {
        Self::decode_with_root(bytes).map(|(block, _)| block)
    }

    /// Reads a block; gives its [`Self::merkle_root`] too, which costs less here.
    ///
    /// # Errors
    /// As [`Self::decode`].
    pub(super) fn decode_with_root(bytes: &[u8]) -> Result<(Self, Hash), BlockError> {
        let encoded: Encoded = codec::decode(bytes, MAX_BLOCK)?;
        let count = encoded.transactions.len();
        if count > MAX_TRANSACTIONS {
            return Err(BlockError::TooManyTransactions(count));
        }
        let header = Header::decode(&encoded.header)?;
        let transactions = encoded
            .transactions
            .iter()
            .map(|bytes| Transaction::decode(bytes))
            .collect::<Result<_, _>>()?;
        // A transaction has one encoding, so these are the bytes that it would be written as.
        let root = merkle::root(encoded.transactions.iter().map(|bytes| &bytes[..]));
        Ok((Self { header, transactions }, root))
    }

    /// The root that the header must carry.
    pub fn merkle_root(&self) -> Hash {
        merkle::root(self.transactions.iter().map(Transaction::encode))
    }

    /// Who sealed it; nobody sealed a genesis block.
    pub fn miner(&self) -> Option<PublicKey> {
        match self.transactions.first()?.body() {
            Body::Coinbase { to, .. } => Some(*to),
            _ => None,
        }
    }

    /// The transactions other than the coinbase.
    pub fn entries(&self) -> impl Iterator<Item = &Transaction> {
        self.transactions.iter().filter(|t| !matches!(t.body(), Body::Coinbase { .. }))
    }
}

// A transaction of the greatest size must fit in a block beside the coinbase.
const _: () = assert!(SEALED_HEADER_SIZE + 2 * MAX_TRANSACTION < MAX_BLOCK);
