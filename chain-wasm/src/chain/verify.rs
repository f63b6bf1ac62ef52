//! The rules of blocks, one fault for each.

use super::block::{Block, BlockError, Header, MAX_BLOCK, VERSION};
use super::spec::Spec;
use super::transaction::{Body, Transaction, TransactionFault};
use super::work::{Pace, next_difficulty};
use crate::primitives::{ChainId, Hash, SignatureItem, UnixMillis, verify_batch};

/// A block's timestamp is above the median of this many blocks before it.
pub const MEDIAN_BLOCKS: usize = 11;

/// How far a block may be ahead of local time, in milliseconds. One further ahead
/// waits; it is not invalid.
pub const MAX_AHEAD: u64 = 120_000;

/// A rule of blocks that is broken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BlockFault {
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Encoding(#[from] BlockError),
    /// It has another version than the rules.
    #[error("its version is {0}, not {VERSION}")]
    Version(u8),
    /// Its height is not its predecessor's plus one.
    #[error("its height is {got}, not {expected}")]
    Height {
        /// The predecessor's height plus one.
        expected: u32,
        /// What it says.
        got: u32,
    },
    /// It names another predecessor.
    #[error("it does not name the block before it")]
    PreviousHash,
    /// It is kept under another hash than its own.
    #[error("its hash is not the one it is kept under")]
    Hash,
    /// Its history root is not that of all earlier hashes.
    #[error("its history root is not that of the blocks before it")]
    HistoryRoot,
    /// Its timestamp is not above the median of the blocks before it.
    #[error("its timestamp is not above the median of the {MEDIAN_BLOCKS} blocks before it")]
    Timestamp,
    /// Its difficulty is not what the rule gives.
    #[error("its difficulty is not what the blocks before it call for")]
    Difficulty,
    /// Its hash does not meet its difficulty.
    #[error("its hash does not meet its difficulty")]
    Work,
    /// In an `authority` room: it names no member as its sealer.
    #[error("its sealer would be member {0}, whom there is not")]
    Sealer(u32),
    /// In an `authority` room: its sealer's turn it was not, and did not wait.
    #[error("it is sealed out of turn, too soon after the block before it")]
    Patience,
    /// In an `authority` room it has no seal, or not its sealer's; in any other room it
    /// has one.
    #[error("its seal is not that of the member it names")]
    Seal,
    /// Its Merkle root is not that of its transactions.
    #[error("its Merkle root is not that of its transactions")]
    MerkleRoot,
    /// It is longer than [`MAX_BLOCK`].
    #[error("it has {0} bytes, more than {MAX_BLOCK}")]
    Size(usize),
    /// Its first transaction is not the coinbase that the spec calls for.
    #[error("its first transaction is not the coinbase that the rules call for")]
    Coinbase,
    /// In an `authority` room: its reward is not its sealer's.
    #[error("its reward does not go to its sealer")]
    Reward,
    /// One of its transactions breaks a rule.
    #[error("transaction {index}: {fault}")]
    Transaction {
        /// Which, the coinbase being 0.
        index: usize,
        /// The rule.
        fault: TransactionFault,
    },
    /// One of its transactions is in the chain already.
    #[error("transaction {index} is in the chain already")]
    Duplicate {
        /// Which.
        index: usize,
    },
    /// One of its transfers exceeds the author's balance.
    #[error("transaction {index} transfers more than its author has")]
    Overdraft {
        /// Which.
        index: usize,
    },
}

impl BlockFault {
    /// A stable code for each rule.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Encoding(_) => "encoding",
            Self::Version(_) => "version",
            Self::Height { .. } => "height",
            Self::PreviousHash => "previous-hash",
            Self::Hash => "hash",
            Self::HistoryRoot => "history-root",
            Self::Timestamp => "timestamp",
            Self::Difficulty => "difficulty",
            Self::Work => "work",
            Self::Sealer(_) => "sealer",
            Self::Patience => "patience",
            Self::Seal => "seal",
            Self::MerkleRoot => "merkle-root",
            Self::Size(_) => "size",
            Self::Coinbase => "coinbase",
            Self::Reward => "reward",
            Self::Transaction { fault, .. } => match fault {
                TransactionFault::Chain => "transaction-chain",
                TransactionFault::Signature => "transaction-signature",
                TransactionFault::DataSize => "transaction-data-size",
                TransactionFault::MediaType => "transaction-media-type",
                TransactionFault::Amount => "transaction-amount",
                TransactionFault::Coinbase => "transaction-coinbase",
                TransactionFault::Writer => "transaction-writer",
            },
            Self::Duplicate { .. } => "transaction-duplicate",
            Self::Overdraft { .. } => "transaction-overdraft",
        }
    }
}

/// What a header is judged against: the chain up to its predecessor.
#[derive(Debug, Clone)]
pub struct HeaderContext {
    /// The predecessor's hash.
    pub parent: Hash,
    /// The height of a block here.
    pub height: u32,
    /// Of the last headers up to the predecessor, oldest first: all of them, or
    /// [`WINDOW`](super::work::WINDOW)` + 1` at least.
    pub recent: Vec<Pace>,
    /// The Merkle root over all block hashes up to the predecessor's.
    pub history_root: Hash,
}

impl HeaderContext {
    /// What a block's timestamp must be above.
    pub fn median_time(&self) -> UnixMillis {
        let from = self.recent.len().saturating_sub(MEDIAN_BLOCKS);
        let mut times: Vec<_> = self.recent.iter().skip(from).map(|h| h.timestamp).collect();
        times.sort_unstable();
        times.get(times.len() / 2).copied().unwrap_or_default()
    }

    /// A header that follows every rule but that of work, or in an `authority` room those
    /// of its sealer; its nonce is 0.
    pub fn template(&self, spec: &Spec, merkle_root: Hash, now: UnixMillis) -> Header {
        Header {
            version: VERSION,
            height: self.height,
            previous_hash: self.parent,
            merkle_root,
            history_root: self.history_root,
            timestamp: now.max(self.median_time().after(1)),
            difficulty: next_difficulty(spec, &self.recent),
            nonce: 0,
            seal: None,
        }
    }

    /// Checks a header against all rules but that its seal, if it has one, is its
    /// sealer's: that is for the caller to see to, in batches. So is how far it is ahead of
    /// local time, since that is no fault.
    ///
    /// # Errors
    /// The first rule that is broken.
    pub fn check(&self, spec: &Spec, header: &Header, hash: &Hash) -> Result<(), BlockFault> {
        let expected = self.height;
        if header.version != VERSION {
            return Err(BlockFault::Version(header.version));
        }
        if header.previous_hash != self.parent {
            return Err(BlockFault::PreviousHash);
        }
        if header.height != expected {
            return Err(BlockFault::Height { expected, got: header.height });
        }
        if header.history_root != self.history_root {
            return Err(BlockFault::HistoryRoot);
        }
        if header.timestamp <= self.median_time() {
            return Err(BlockFault::Timestamp);
        }
        if let Some(authority) = spec.authority() {
            let previous = self.recent.last().ok_or(BlockFault::PreviousHash)?;
            return authority.check(header, previous);
        }
        if header.difficulty != next_difficulty(spec, &self.recent) {
            return Err(BlockFault::Difficulty);
        }
        if !header.difficulty.is_met_by(hash) {
            return Err(BlockFault::Work);
        }
        if header.seal.is_none() { Ok(()) } else { Err(BlockFault::Seal) }
    }
}

/// Checks what can be said of a block's transactions without the chain, signatures
/// left out; gives those back for a batch, in order of the transactions from the
/// second on.
///
/// # Errors
/// The first rule that is broken.
pub fn check_body(
    spec: &Spec,
    chain: &ChainId,
    block: &Block,
    size: usize,
) -> Result<Vec<SignatureItem>, BlockFault> {
    check_rooted_body(spec, chain, block, &block.merkle_root(), size)
}

/// As [`check_body`], where the transactions' Merkle root is known.
///
/// # Errors
/// As [`check_body`].
pub(super) fn check_rooted_body(
    spec: &Spec,
    chain: &ChainId,
    block: &Block,
    root: &Hash,
    size: usize,
) -> Result<Vec<SignatureItem>, BlockFault> {
    if size > MAX_BLOCK {
        return Err(BlockFault::Size(size));
    }
    if *root != block.header.merkle_root {
        return Err(BlockFault::MerkleRoot);
    }
    let Some((coinbase, entries)) = block.transactions.split_first() else {
        return Err(BlockFault::Coinbase);
    };
    check_coinbase(spec, chain, &block.header, coinbase)?;
    for (index, entry) in (1..).zip(entries) {
        let checked = entry.check_content(chain).and_then(|()| check_writer(spec, entry));
        checked.map_err(|fault| BlockFault::Transaction { index, fault })?;
    }
    Ok(entries.iter().map(Transaction::signature_item).collect())
}

fn check_coinbase(
    spec: &Spec,
    chain: &ChainId,
    header: &Header,
    coinbase: &Transaction,
) -> Result<(), BlockFault> {
    let Body::Coinbase { to, .. } = *coinbase.body() else { return Err(BlockFault::Coinbase) };
    let fits = coinbase.is_coinbase(*chain, to, spec.reward(), header.height, header.timestamp);
    if !fits {
        return Err(BlockFault::Coinbase);
    }
    let sealer = spec.authority().and_then(|authority| authority.sealer(header));
    if sealer.is_none_or(|sealer| *sealer == to) { Ok(()) } else { Err(BlockFault::Reward) }
}

/// Checks whether the author of an entry may write in a room.
pub(super) fn check_writer(spec: &Spec, entry: &Transaction) -> Result<(), TransactionFault> {
    if spec.may_write(&entry.author()) { Ok(()) } else { Err(TransactionFault::Writer) }
}

/// Checks the signatures of one block's entries, as [`check_body`] gave them.
///
/// # Errors
/// The first that does not fit.
pub fn check_signatures(items: &[SignatureItem]) -> Result<(), BlockFault> {
    verify_batch(items).map_err(signature_fault)
}

/// The signature at a position does not fit, the coinbase's place not counted.
pub(super) const fn signature_fault(position: usize) -> BlockFault {
    BlockFault::Transaction { index: position + 1, fault: TransactionFault::Signature }
}
