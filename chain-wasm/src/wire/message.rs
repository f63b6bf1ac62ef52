//! The messages.

use minicbor::bytes::ByteVec;
use minicbor::{Decode, Encode};

use super::WireError;
use crate::chain::spec::MAX_SPEC;
use crate::primitives::Hash;
use crate::relay;

/// The longest message, in bytes, the version byte counted: what the relay allows.
pub const MAX_MESSAGE: usize = relay::MAX_PAYLOAD;

/// How many bytes of blocks or transactions a sender puts into one answer at the
/// most, unless a single one is longer.
pub const MAX_RESPONSE: usize = 768 * 1024;

/// The most headers in one [`Message::Headers`].
pub const MAX_HEADERS: usize = 2_000;

/// The most hashes in one [`Message::GetHeaders`].
pub const MAX_LOCATOR: usize = 64;

/// The most hashes in one [`Message::GetBlocks`] or [`Message::GetTransactions`], and
/// blocks or transactions in any message.
pub const MAX_HASHES: usize = 256;

/// The most ids in one [`Message::Mempool`].
pub const MAX_MEMPOOL_IDS: usize = 16_384;

/// The longest verdict in a [`Message::Verdict`], in bytes: longer than any rule's code.
pub const MAX_VERDICT: usize = 32;

/// Names a question; its answer carries it back. Chosen by who asks.
pub type RequestId = u32;

/// What tabs say to each other.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Message {
    /// Announces transactions that wait for a block. To the room.
    #[n(0)]
    Transactions {
        /// Their encodings; at most [`MAX_HASHES`].
        #[n(0)]
        transactions: Vec<ByteVec>,
    },
    /// Announces a block, from who sealed it. To the room.
    #[n(1)]
    Block {
        /// Its encoding.
        #[cbor(n(0), with = "minicbor::bytes")]
        block: Vec<u8>,
    },
    /// Asks for headers.
    #[n(2)]
    GetHeaders {
        /// Comes back with the answer.
        #[n(0)]
        request: RequestId,
        /// Hashes of the asker's best branch, newest first, ever sparser, the genesis
        /// hash last; at most [`MAX_LOCATOR`].
        #[n(1)]
        locator: Vec<Hash>,
    },
    /// Answers [`Message::GetHeaders`]: the sender's chain above the first hash of
    /// the locator that is in it, lowest first. Fewer than [`MAX_HEADERS`] means that
    /// these are all.
    #[n(3)]
    Headers {
        /// The question's.
        #[n(0)]
        request: RequestId,
        /// Encoded headers, each with its seal if it has one; at most [`MAX_HEADERS`].
        #[n(1)]
        headers: Vec<ByteVec>,
    },
    /// Asks for blocks.
    #[n(4)]
    GetBlocks {
        /// Comes back with the answer.
        #[n(0)]
        request: RequestId,
        /// Their hashes; at most [`MAX_HASHES`].
        #[n(1)]
        hashes: Vec<Hash>,
    },
    /// Answers [`Message::GetBlocks`]: those the sender has, in the order asked, as
    /// many as fit in [`MAX_RESPONSE`] bytes. What is missing may be asked for again,
    /// elsewhere if none came.
    #[n(5)]
    Blocks {
        /// The question's.
        #[n(0)]
        request: RequestId,
        /// Encoded blocks.
        #[n(1)]
        blocks: Vec<ByteVec>,
    },
    /// Asks which transactions wait.
    #[n(6)]
    GetMempool {
        /// Comes back with the answer.
        #[n(0)]
        request: RequestId,
    },
    /// Answers [`Message::GetMempool`].
    #[n(7)]
    Mempool {
        /// The question's.
        #[n(0)]
        request: RequestId,
        /// The ids, oldest first; at most [`MAX_MEMPOOL_IDS`].
        #[n(1)]
        ids: Vec<Hash>,
    },
    /// Asks for waiting transactions.
    #[n(8)]
    GetTransactions {
        /// Comes back with the answer.
        #[n(0)]
        request: RequestId,
        /// Their ids; at most [`MAX_HASHES`].
        #[n(1)]
        ids: Vec<Hash>,
    },
    /// Answers [`Message::GetTransactions`], by the rules of [`Message::Blocks`].
    #[n(9)]
    SentTransactions {
        /// The question's.
        #[n(0)]
        request: RequestId,
        /// Encoded transactions.
        #[n(1)]
        transactions: Vec<ByteVec>,
    },
    /// Tells who announced a block what became of it. In rooms for experiments only; in
    /// any other it is taken for a message that cannot be read.
    #[n(10)]
    Verdict {
        /// The block's hash.
        #[n(0)]
        block: Hash,
        /// The code of the rule that it breaks, or `taken`, `known`, `orphan`, `ahead`; at
        /// most [`MAX_VERDICT`] bytes.
        #[n(1)]
        verdict: String,
    },
    /// Asks to be listened to again after an experiment. To the room; where it may be
    /// sent, as [`Message::Verdict`].
    #[n(11)]
    LabReset,
    /// Asks for the room's spec, of which the room's name on the relay shows nothing.
    #[n(12)]
    GetSpec {
        /// Comes back with the answer.
        #[n(0)]
        request: RequestId,
    },
    /// Answers [`Message::GetSpec`]; who asked compares the hash of the spec's genesis block
    /// with the room's.
    #[n(13)]
    SentSpec {
        /// The question's.
        #[n(0)]
        request: RequestId,
        /// The spec's encoding, at most [`MAX_SPEC`] bytes; none in a private room, whose name
        /// is not for everybody.
        #[cbor(n(1), with = "minicbor::bytes")]
        spec: Vec<u8>,
    },
}

impl Message {
    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        super::encode(self)
    }

    /// Reads a message of at most [`MAX_MESSAGE`] bytes. What it holds is not judged,
    /// only how much it holds.
    ///
    /// # Errors
    /// [`WireError`] if it is not one.
    pub fn decode(payload: &[u8]) -> Result<Self, WireError> {
        let message: Self = super::decode(payload, MAX_MESSAGE - 1)?;
        let (got, limit) = match &message {
            Self::Transactions { transactions } | Self::SentTransactions { transactions, .. } => {
                (transactions.len(), MAX_HASHES)
            }
            Self::GetHeaders { locator, .. } => (locator.len(), MAX_LOCATOR),
            Self::Headers { headers, .. } => (headers.len(), MAX_HEADERS),
            Self::GetBlocks { hashes, .. } => (hashes.len(), MAX_HASHES),
            Self::Blocks { blocks, .. } => (blocks.len(), MAX_HASHES),
            Self::Mempool { ids, .. } => (ids.len(), MAX_MEMPOOL_IDS),
            Self::GetTransactions { ids, .. } => (ids.len(), MAX_HASHES),
            Self::Verdict { verdict, .. } => (verdict.len(), MAX_VERDICT),
            Self::SentSpec { spec, .. } => (spec.len(), MAX_SPEC),
            Self::Block { .. }
            | Self::GetMempool { .. }
            | Self::LabReset
            | Self::GetSpec { .. } => (0, 0),
        };
        if got > limit { Err(WireError::TooMany { got, limit }) } else { Ok(message) }
    }
}
