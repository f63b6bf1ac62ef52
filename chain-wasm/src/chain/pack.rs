//! Packs: runs of blocks deep in the chain, kept as one record each, with a summary
//! from which a node starts without reading the blocks.
//!
//! A **pack** holds neighbouring blocks of the chain, lowest first: a CBOR sequence
//! (RFC 8742) of their encodings as they are. [`split`] finds them again, also behind
//! one that is damaged.
//!
//! A **summary** is a function of the pack's blocks and of nothing else: their headers,
//! the ids of their entries, and what each key's balance changed by. It can be made
//! again from the pack at any time ([`Summary::of_pack`]). Its record is
//!
//! | bytes | what |
//! |---|---|
//! | 32 | SHA-256 of the rest |
//! | rest | CBOR array: headers, 117 bytes each, in an `authority` room 181 with their seals; entries in each block; ids, 32 bytes each; changes, each a key of 32 bytes and a signed big-endian number of 16 |
//!
//! **What is trusted at the start, and why.** The blocks of a pack were checked in full
//! before they were stored, and the checksum shows that the summary is still the one
//! that was made from them. So [`Chain::restore_pack`](super::Chain::restore_pack)
//! checks what is cheap and ties the parts together (each header's hash, work and
//! predecessor; the history root over all of them at each pack's end; that no entry is
//! there twice, no balance negative, and the supply is what the height gives) and
//! leaves out what only another tab's liar could have broken: signatures, Merkle roots,
//! and the rules that were checked header by header. Whoever can write to the store
//! can do as much to the page itself. The page's *Validate* relies on none of this and
//! checks every rule from the blocks' bytes.

use std::collections::BTreeMap;

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Decoder, Encode};

use super::block::{Block, HEADER_SIZE, Header, MAX_BLOCK, SEALED_HEADER_SIZE, VERSION};
use super::transaction::Body;
use super::verify::BlockFault;
use crate::codec::{self, CodecError};
use crate::primitives::{Hash, PublicKey};

/// How blocks are packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PackLimits {
    /// The most blocks of a pack.
    pub blocks: usize,
    /// The most bytes of a pack of more than one block.
    pub bytes: usize,
    /// How far below the tip a pack's last block must be: a fork so deep is rare, and
    /// costs taking the pack apart.
    pub depth: u32,
}

impl Default for PackLimits {
    fn default() -> Self {
        Self { blocks: 256, bytes: 1024 * 1024, depth: 512 }
    }
}

/// The longest record of a summary, in bytes: above what any pack's can be.
pub const MAX_SUMMARY: usize = 8 * 1024 * 1024;

/// How a block's encoding begins: an array of two, the header's byte string, the version. The
/// second way is that of an `authority` room, with the seal behind the header.
const HEADS: [[u8; 4]; 2] = [[0x82, 0x58, 117, VERSION], [0x82, 0x58, 181, VERSION]];

/// Why a summary, or the pack it should be made from, cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackFault {
    /// The record is not what was written.
    #[error("its checksum does not fit")]
    Checksum,
    /// It is not the encoding of a summary.
    #[error("it is not a summary: {0}")]
    Codec(#[from] CodecError),
    /// The lengths of its parts do not fit together.
    #[error("its parts do not fit together")]
    Parts,
    /// A block of the pack cannot be read or is not the one that it should be.
    #[error("block {0} of the pack is damaged")]
    Block(u32),
    /// It does not begin where the chain ends.
    #[error("it does not follow the chain at height {0}")]
    Gap(u32),
    /// A header breaks a rule.
    #[error("a header in it breaks a rule: {0}")]
    Header(#[from] BlockFault),
    /// An entry is in the chain already.
    #[error("it holds an entry twice")]
    Duplicate,
    /// Balances do not add up.
    #[error("its balances do not add up")]
    Balance,
}

/// A block as a summary has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlockSummary {
    /// Its header.
    pub header: Header,
    /// The ids of its entries, in order.
    pub entries: Vec<Hash>,
}

/// What a node needs to know of a pack's blocks.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Summary {
    /// The blocks, lowest first.
    pub blocks: Vec<BlockSummary>,
    /// What each key's balance changes by; keys in order, none by nothing.
    pub changes: BTreeMap<PublicKey, i128>,
}

/// The parts of a record behind its checksum.
#[derive(Encode, Decode)]
struct Parts {
    #[n(0)]
    headers: ByteVec,
    #[n(1)]
    counts: Vec<u16>,
    #[n(2)]
    ids: ByteVec,
    #[n(3)]
    changes: ByteVec,
}

impl Summary {
    /// The summary of these blocks.
    pub fn of<'b>(blocks: impl IntoIterator<Item = &'b Block>) -> Self {
        let mut summary = Self::default();
        for block in blocks {
            let mut entries = Vec::with_capacity(block.transactions.len().saturating_sub(1));
            for transaction in &block.transactions {
                match *transaction.body() {
                    Body::Coinbase { to, reward, .. } => {
                        summary.change(to, reward.into());
                        continue;
                    }
                    Body::Transfer { to, amount } => {
                        summary.change(transaction.author(), -i128::from(amount));
                        summary.change(to, amount.into());
                    }
                    Body::Data { .. } => {}
                }
                entries.push(transaction.id());
            }
            summary.blocks.push(BlockSummary { header: block.header.clone(), entries });
        }
        summary.changes.retain(|_, change| *change != 0);
        summary
    }

    fn change(&mut self, key: PublicKey, by: i128) {
        // Far from overflow: a pack has less than 2^19 transactions of less than 2^64.
        let change = self.changes.entry(key).or_insert(0);
        *change = change.saturating_add(by);
    }

    /// Makes the summary of a pack again.
    ///
    /// # Errors
    /// [`PackFault::Block`], with its place, if a block cannot be read or its
    /// transactions are not those of its header.
    pub fn of_pack(first: u32, pack: &[u8]) -> Result<Self, PackFault> {
        let mut blocks = Vec::new();
        for (height, bytes) in (first..=u32::MAX).zip(split(first, pack)) {
            let block = Block::decode(bytes).map_err(|_| PackFault::Block(height))?;
            let fits =
                block.header.height == height && block.header.merkle_root == block.merkle_root();
            if !fits {
                return Err(PackFault::Block(height));
            }
            blocks.push(block);
        }
        if blocks.is_empty() {
            return Err(PackFault::Block(first));
        }
        Ok(Self::of(&blocks))
    }

    /// The height of the first block.
    pub fn first(&self) -> u32 {
        self.blocks.first().map_or(0, |block| block.header.height)
    }

    /// Writes the record.
    pub fn encode(&self) -> Vec<u8> {
        let mut parts = Parts {
            headers: Vec::with_capacity(self.blocks.len() * SEALED_HEADER_SIZE).into(),
            counts: Vec::with_capacity(self.blocks.len()),
            ids: Vec::new().into(),
            changes: Vec::new().into(),
        };
        for block in &self.blocks {
            parts.headers.extend_from_slice(&block.header.encode_sealed());
            // No block has more than 1,024 transactions.
            parts.counts.push(u16::try_from(block.entries.len()).unwrap_or(u16::MAX));
            for id in &block.entries {
                parts.ids.extend_from_slice(id.as_bytes());
            }
        }
        for (key, change) in &self.changes {
            parts.changes.extend_from_slice(key.as_bytes());
            parts.changes.extend_from_slice(&change.to_be_bytes());
        }
        let body = codec::encode(&parts);
        let mut record = Hash::of(&body).as_bytes().to_vec();
        record.extend_from_slice(&body);
        record
    }

    /// Reads a record.
    ///
    /// # Errors
    /// [`PackFault`] if it is not one as [`Self::encode`] wrote it.
    pub fn decode(record: &[u8]) -> Result<Self, PackFault> {
        let (checksum, body) = record.split_first_chunk::<32>().ok_or(PackFault::Checksum)?;
        if Hash::of(body).as_bytes() != checksum {
            return Err(PackFault::Checksum);
        }
        let parts: Parts = codec::decode(body, MAX_SUMMARY)?;
        let mut ids = parts.ids.as_chunks::<32>().0.iter();
        // A chain's blocks all have seals, or none has.
        let sealed = parts.headers.len() == parts.counts.len() * SEALED_HEADER_SIZE;
        let size = if sealed { SEALED_HEADER_SIZE } else { HEADER_SIZE };
        let headers = parts.headers.chunks_exact(size);
        let total: usize = parts.counts.iter().map(|count| usize::from(*count)).sum();
        let fits = parts.headers.len() == parts.counts.len() * size
            && parts.ids.len() == total * 32
            && parts.changes.len().is_multiple_of(48);
        if !fits || headers.len() == 0 {
            return Err(PackFault::Parts);
        }
        let mut blocks = Vec::with_capacity(headers.len());
        for (header, count) in headers.zip(&parts.counts) {
            let header = Header::decode(header).map_err(|_| PackFault::Parts)?;
            let entries = ids.by_ref().take((*count).into()).map(|id| Hash::from_bytes(*id));
            blocks.push(BlockSummary { header, entries: entries.collect() });
        }
        let mut changes = BTreeMap::new();
        for change in parts.changes.as_chunks::<48>().0 {
            let Some((key, by)) = change.split_first_chunk::<32>() else { continue };
            let by: [u8; 16] = by.try_into().map_err(|_| PackFault::Parts)?;
            changes.insert(PublicKey::from_bytes(*key), i128::from_be_bytes(by));
        }
        Ok(Self { blocks, changes })
    }
}

/// Puts blocks' encodings, lowest first, into one pack.
pub fn join<'b>(blocks: impl IntoIterator<Item = &'b [u8]>) -> Vec<u8> {
    blocks.into_iter().flatten().copied().collect()
}

/// The blocks of a pack that begins at height `first`, lowest first: slices that hold
/// the blocks' encodings, unless they are damaged. Behind one whose length cannot be
/// told any more, the next is looked for by how its encoding begins.
pub fn split(first: u32, pack: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = pack;
    let mut height = first;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        height = height.checked_add(1)?;
        let next = heads_of(height);
        let end = length(rest);
        let goes_on = |at: usize| {
            let starts = |rest: &[u8]| next.iter().any(|head| rest.starts_with(head));
            rest.get(at..).is_some_and(|rest| rest.is_empty() || starts(rest))
        };
        // Where the next block is recognised, or else where this one says that it ends.
        let length = end
            .filter(|end| goes_on(*end))
            .or_else(|| find(rest, &next))
            .or(end)
            .unwrap_or(rest.len());
        let (block, behind) = rest.split_at_checked(length)?;
        rest = behind;
        Some(block)
    })
}

/// The block at a height, if the pack that begins at `first` has one.
pub fn find_block(first: u32, pack: &[u8], height: u32) -> Option<&[u8]> {
    let index = usize::try_from(height.checked_sub(first)?).ok()?;
    split(first, pack).nth(index)
}

/// The hash of the header that an encoded block begins with.
pub fn hash_of(block: &[u8]) -> Option<Hash> {
    // An array's head, a byte string's, then the header.
    Some(Hash::of(block.get(3..3 + HEADER_SIZE)?))
}

/// The ways in which the encoding of a block of this height may begin.
fn heads_of(height: u32) -> [[u8; 8]; 2] {
    HEADS.map(|kind| {
        let mut head = [0; 8];
        for (to, from) in head.iter_mut().zip(kind.into_iter().chain(height.to_be_bytes())) {
            *to = from;
        }
        head
    })
}

/// The length of the CBOR item at the beginning.
fn length(bytes: &[u8]) -> Option<usize> {
    let mut decoder = Decoder::new(bytes.get(..MAX_BLOCK.min(bytes.len()))?);
    decoder.skip().ok()?;
    Some(decoder.position())
}

fn find(bytes: &[u8], what: &[[u8; 8]]) -> Option<usize> {
    let is_one = |window: &[u8]| what.iter().any(|one| window == one);
    // Not at the very beginning: an empty slice would be no block at all.
    bytes.windows(8).skip(1).position(is_one).map(|at| at + 1)
}
