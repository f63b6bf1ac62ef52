//! Proofs: that an entry is in a chain, for somebody who has no copy of it.
//!
//! A [`Proof`] holds the entry, the header of its block, the header of a later block (the
//! tip when it was made), and the two audit paths of RFC 9162 that lead from the one to the
//! other: entry to the block's Merkle root, block to the tip's history root. At a million
//! blocks that is below 2 KiB beside the entry.
//!
//! [`Proof::check`] needs nothing else: no chain, no store, no network. What it shows is
//! that whoever made the tip's header had the entry below it, unaltered, and that the author
//! signed it. Whether that tip is part of *the* chain is for the checker to compare, with
//! any node of the room or with a hash written down elsewhere: in a room without proof of
//! work anybody can make a header.

mod json;

pub use json::{JsonError, MAX_JSON};

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::Chain;
use super::authority::wrong_seals;
use super::block::{Header, HeaderError, MAX_TRANSACTIONS, SEALED_HEADER_SIZE};
use super::genesis::genesis_hash;
use super::merkle::{MAX_PATH, audit_path, leaf_hash, root_from_path};
use super::spec::{MAX_MEMBERS, MAX_NAME, Spec};
use super::transaction::{MAX_TRANSACTION, Transaction, TransactionFault};
use super::verify::check_writer;
use crate::codec::{self, CodecError};
use crate::primitives::{ChainId, Hash};
use crate::private::{EntryKey, NotOpened, Plain};

/// Says which kind of file it is, and of which version.
pub const MARK: &str = "tabchain/proof/1";

/// The longest encoding of a proof, in bytes: entry, spec with its commitment, two headers,
/// two paths, the entry's key, and 128 bytes for the frame.
pub const MAX_PROOF: usize = MAX_TRANSACTION
    + MAX_NAME
    + MAX_MEMBERS * 34
    + 2 * SEALED_HEADER_SIZE
    + 2 * MAX_PATH * 34
    + 2 * 34
    + MARK.len()
    + 128;

/// That an entry is in a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The room, from which the chain's id follows.
    pub spec: Spec,
    /// The entry.
    pub entry: Transaction,
    /// Its place among the block's transactions; the coinbase has place 0.
    pub index: u32,
    /// How many transactions the block has: at most [`MAX_TRANSACTIONS`].
    pub count: u32,
    /// The audit path from the entry to the block's Merkle root.
    pub block_path: Vec<Hash>,
    /// The block's header.
    pub block: Header,
    /// The audit path from the block's hash to the tip's history root; empty if the block
    /// is the tip.
    pub history_path: Vec<Hash>,
    /// The header of the chain's last block when the proof was made.
    pub tip: Header,
    /// Of an entry of a private room: the key that opens it, if whoever has the proof may
    /// read it.
    pub opening: Option<EntryKey>,
}

/// What a proof shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Proven {
    /// The chain that the entry was signed for.
    pub chain: ChainId,
    /// The hash of the block that holds it.
    pub block: Hash,
    /// The hash of the tip.
    pub tip: Hash,
    /// Blocks from the entry's up to the tip, both counted.
    pub confirmations: u32,
}

/// Why an entry cannot be proven.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// It is not in the chain.
    #[error("the entry is not in the chain")]
    NotInChain,
    /// Its block must be read from the store first.
    #[error("the block is not in memory")]
    NeedsBlock(Hash),
}

/// Why bytes or a proof were refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// Not the encoding of a proof.
    #[error("not a proof file: {0}")]
    Codec(#[from] CodecError),
    /// Not the JSON form of a proof.
    #[error("not a proof file: {0}")]
    Json(#[from] JsonError),
    /// Another kind of file, or of another version.
    #[error("not a proof file of this version")]
    Mark,
    /// A header cannot be read.
    #[error("header: {0}")]
    Header(#[from] HeaderError),
    /// The entry breaks a rule: it is of another chain, or its signature does not fit.
    #[error("the entry: {0}")]
    Entry(#[from] TransactionFault),
    /// The entry is not among the transactions that the block's header covers.
    #[error("the entry does not lead to the block's Merkle root")]
    Block,
    /// The block is not among those that the tip's header covers.
    #[error("the block does not lead to the tip's history root")]
    History,
    /// The key that is to open the entry does not.
    #[error("the key in it does not open the entry")]
    Opening,
    /// A header's hash is not as rare as it must be in that room.
    #[error("the header of block {0} does not have the work that it must have")]
    Work(u32),
    /// A header does not have the seal of a member of that room.
    #[error("the header of block {0} is not sealed as it must be")]
    Seal(u32),
}

/// Entry and headers stay byte strings, as in a block.
#[derive(Encode, Decode)]
struct Encoded {
    #[n(0)]
    mark: String,
    #[n(1)]
    spec: Spec,
    #[n(2)]
    entry: ByteVec,
    #[n(3)]
    index: u32,
    #[n(4)]
    count: u32,
    #[n(5)]
    block_path: Vec<Hash>,
    #[n(6)]
    block: ByteVec,
    #[n(7)]
    history_path: Vec<Hash>,
    #[n(8)]
    tip: ByteVec,
    #[n(9)]
    opening: Option<EntryKey>,
}

impl Proof {
    /// Writes the proof as CBOR.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&Encoded {
            mark: MARK.to_owned(),
            spec: self.spec.clone(),
            entry: self.entry.encode().into(),
            index: self.index,
            count: self.count,
            block_path: self.block_path.clone(),
            block: self.block.encode_sealed().into(),
            history_path: self.history_path.clone(),
            tip: self.tip.encode_sealed().into(),
            opening: self.opening,
        })
    }

    /// Reads a proof from its CBOR form. Nothing but its form is checked.
    ///
    /// # Errors
    /// [`ProofError`] if it is not the encoding of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, ProofError> {
        let encoded: Encoded = codec::decode(bytes, MAX_PROOF)?;
        if encoded.mark != MARK {
            return Err(ProofError::Mark);
        }
        Ok(Self {
            spec: encoded.spec,
            entry: Transaction::decode(&encoded.entry)?,
            index: encoded.index,
            count: encoded.count,
            block_path: encoded.block_path,
            block: Header::decode(&encoded.block)?,
            history_path: encoded.history_path,
            tip: Header::decode(&encoded.tip)?,
            opening: encoded.opening,
        })
    }

    /// Reads a proof file of either form, which the first byte that is no white space
    /// tells: JSON begins with a brace.
    ///
    /// # Errors
    /// [`ProofError`] if it is not one.
    pub fn read(bytes: &[u8]) -> Result<Self, ProofError> {
        if bytes.trim_ascii_start().starts_with(b"{") {
            Self::from_json(bytes)
        } else {
            Self::decode(bytes)
        }
    }

    /// Checks everything that the proof claims.
    ///
    /// # Errors
    /// The first claim that does not hold.
    pub fn check(&self) -> Result<Proven, ProofError> {
        let chain = genesis_hash(&self.spec);
        self.entry.check(&chain)?;
        check_writer(&self.spec, &self.entry)?;
        if let Some(Err(NotOpened)) = self.opened() {
            return Err(ProofError::Opening);
        }
        let (block, tip) = (self.block.hash(), self.tip.hash());
        let leaf = leaf_hash(&self.entry.encode());
        let root = root_from_path(leaf, self.index.into(), self.count.into(), &self.block_path);
        let fits = usize::try_from(self.count).is_ok_and(|count| count <= MAX_TRANSACTIONS);
        // Place 0 is the coinbase's, which is no entry.
        if !fits || self.index == 0 || root != Some(self.block.merkle_root) {
            return Err(ProofError::Block);
        }
        let leads = if block == tip {
            self.history_path.is_empty()
        } else {
            // The leaves are the blocks below the tip, the genesis block the first.
            let (at, size) = (self.block.height.into(), self.tip.height.into());
            root_from_path(leaf_hash(block.as_bytes()), at, size, &self.history_path)
                == Some(self.tip.history_root)
        };
        if !leads {
            return Err(ProofError::History);
        }
        for (header, hash) in [(&self.block, &block), (&self.tip, &tip)] {
            self.check_maker(header, hash)?;
        }
        let confirmations = (self.tip.height - self.block.height.min(self.tip.height)) + 1;
        Ok(Proven { chain, block, tip, confirmations })
    }
}

impl Proof {
    /// Checks that a header took what it takes to make one in the room: work, or a member.
    fn check_maker(&self, header: &Header, hash: &Hash) -> Result<(), ProofError> {
        let (height, difficulty) = (header.height, header.difficulty);
        if let Some(authority) = self.spec.authority() {
            let sealed = wrong_seals(&self.spec, [(0, hash, header)]).is_empty();
            let index = usize::try_from(header.nonce).unwrap_or(usize::MAX);
            let fits = header.seal.is_some()
                && authority.sealer(header).is_some()
                && difficulty == authority.difficulty(height, index);
            let fits = height > 0 && sealed && fits;
            return if fits { Ok(()) } else { Err(ProofError::Seal(height)) };
        }
        let enough = difficulty.hashes() >= self.spec.floor().hashes();
        if height == 0 || !enough || !difficulty.is_met_by(hash) || header.seal.is_some() {
            return Err(ProofError::Work(height));
        }
        Ok(())
    }

    /// What the entry of a private room says, if the proof has the key to it.
    pub fn opened(&self) -> Option<Result<Plain, NotOpened>> {
        let key = self.opening?;
        Some(match self.entry.sealed() {
            Some((place, sealed)) => key.open(&place, sealed),
            None => Err(NotOpened),
        })
    }
}

impl Chain {
    /// Proves that an entry is in the chain, up to the tip. Hashes as many nodes as the
    /// chain has blocks.
    ///
    /// # Errors
    /// [`ProveError`]
    pub fn prove(&self, id: &Hash) -> Result<Proof, ProveError> {
        let not_in_chain = ProveError::NotInChain;
        let height = self.ledger.height_of(id).ok_or(not_in_chain)?;
        let hash = self.hash_at(height).ok_or(not_in_chain)?;
        let body = self.body(&hash).ok_or(ProveError::NeedsBlock(hash))?;
        let transactions = &body.block.transactions;
        let index = transactions.iter().position(|t| t.id() == *id).ok_or(not_in_chain)?;
        let leaves = transactions.iter().map(|t| leaf_hash(&t.encode())).collect();
        let block_path = audit_path(leaves, index).ok_or(not_in_chain)?;
        let tip = self.tree.header(&self.tip()).ok_or(not_in_chain)?;
        let history_path = if hash == self.tip() {
            Vec::new()
        } else {
            let below = (0..self.height()).filter_map(|height| self.hash_at(height));
            let leaves = below.map(|hash| leaf_hash(hash.as_bytes())).collect();
            let at = usize::try_from(height).map_err(|_| not_in_chain)?;
            audit_path(leaves, at).ok_or(not_in_chain)?
        };
        let number = |n: usize| u32::try_from(n).map_err(|_| not_in_chain);
        Ok(Proof {
            spec: self.spec.clone(),
            entry: transactions.get(index).cloned().ok_or(not_in_chain)?,
            index: number(index)?,
            count: number(transactions.len())?,
            block_path,
            block: body.block.header.clone(),
            history_path,
            tip,
            opening: None,
        })
    }
}
