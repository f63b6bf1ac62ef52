//! Transactions: the signed unit of data.

use minicbor::{Decode, Encode};

use crate::codec::{self, CodecError};
use crate::primitives::{ChainId, Hash, Keypair, PublicKey, Signature, SignatureItem, UnixMillis};
use crate::private;

/// The longest data of one transaction, in bytes.
pub const MAX_DATA: usize = 32 * 1024;

/// The longest media type, in bytes.
pub const MAX_MEDIA_TYPE: usize = 64;

/// The longest encoding of a transaction, in bytes: the longest data and media
/// type, and 256 bytes for all else (169 are needed).
pub const MAX_TRANSACTION: usize = MAX_DATA + MAX_MEDIA_TYPE + 256;

/// Length of an encoded signature in bytes, with the two that say how long it is.
const SIGNATURE_SIZE: usize = 66;

/// Domain of the signature and the id: no signature made for another purpose fits.
const DOMAIN: &[u8] = b"tabchain/transaction/1";

/// What a transaction says.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum Body {
    /// Creates a block's reward; the first transaction of each block, and only that.
    #[n(0)]
    Coinbase {
        /// Who sealed the block and gets the reward.
        #[n(0)]
        to: PublicKey,
        /// Coins created, as the spec says.
        #[n(1)]
        reward: u64,
        /// The block's height; makes the id unique.
        #[n(2)]
        height: u32,
    },
    /// Data, of a type that the author declares.
    #[n(1)]
    Data {
        /// An RFC 6838 media type, 1 to [`MAX_MEDIA_TYPE`] bytes of printable ASCII.
        #[n(0)]
        media_type: String,
        /// 1 to [`MAX_DATA`] bytes.
        #[cbor(n(1), with = "minicbor::bytes")]
        bytes: Vec<u8>,
    },
    /// Coins from the author to another key.
    #[n(2)]
    Transfer {
        /// The receiver.
        #[n(0)]
        to: PublicKey,
        /// At least 1.
        #[n(1)]
        amount: u64,
    },
}

/// What is signed: everything but the signature.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Content {
    /// The chain: a transaction cannot be replayed on another.
    #[n(0)]
    pub chain: ChainId,
    /// Who signs.
    #[n(1)]
    pub author: PublicKey,
    /// When it was signed, as the author says; no rule depends on it.
    #[n(2)]
    pub timestamp: UnixMillis,
    /// Random: tells apart two entries that are alike otherwise.
    #[cbor(n(3), with = "minicbor::bytes")]
    pub salt: [u8; 16],
    /// What it says.
    #[n(4)]
    pub body: Body,
}

/// A signed transaction. Its id covers what is signed, so another signature on the
/// same content is the same transaction.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    content: Content,
    signature: Signature,
    id: Hash,
}

#[derive(Encode, Decode)]
struct Encoded {
    #[n(0)]
    content: Content,
    #[n(1)]
    signature: Signature,
}

/// A rule of transactions that is broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TransactionFault {
    /// It belongs to another chain.
    #[error("it belongs to another chain")]
    Chain,
    /// Its signature does not fit.
    #[error("its signature does not fit")]
    Signature,
    /// Its data is empty or too long.
    #[error("its data is not 1 to {MAX_DATA} bytes")]
    DataSize,
    /// Its media type is empty, too long or not printable ASCII.
    #[error("its media type is not 1 to {MAX_MEDIA_TYPE} printable ASCII characters")]
    MediaType,
    /// It transfers nothing.
    #[error("it transfers nothing")]
    Amount,
    /// It is a coinbase outside of its place.
    #[error("a coinbase stands first in a block and nowhere else")]
    Coinbase,
    /// Only members may write in the room, and its author is none.
    #[error("its author may not write in this room")]
    Writer,
}

impl Content {
    fn coinbase(
        chain: ChainId,
        to: PublicKey,
        reward: u64,
        height: u32,
        timestamp: UnixMillis,
    ) -> Self {
        let body = Body::Coinbase { to, reward, height };
        Self { chain, author: to, timestamp, salt: [0; 16], body }
    }

    /// The bytes that are signed, and whose hash is the id.
    pub fn preimage(&self) -> Vec<u8> {
        let mut preimage = DOMAIN.to_vec();
        codec::encode_into(self, &mut preimage);
        preimage
    }
}

impl Transaction {
    /// Signs content with its author's key.
    pub fn sign(content: Content, author: &Keypair) -> Self {
        let preimage = content.preimage();
        Self { signature: author.sign(&preimage), id: Hash::of(&preimage), content }
    }

    /// The coinbase of a block: not signed, for the block's own rules fix it.
    pub fn coinbase(
        chain: ChainId,
        to: PublicKey,
        reward: u64,
        height: u32,
        timestamp: UnixMillis,
    ) -> Self {
        let content = Content::coinbase(chain, to, reward, height, timestamp);
        let id = Hash::of(&content.preimage());
        Self { content, signature: Signature::EMPTY, id }
    }

    /// Puts content and a signature together, whether they fit or not: for experiments.
    pub(crate) fn with_signature(content: Content, signature: Signature) -> Self {
        let id = Hash::of(&content.preimage());
        Self { content, signature, id }
    }

    /// Whether it is what [`Self::coinbase`] makes of the same.
    pub(super) fn is_coinbase(
        &self,
        chain: ChainId,
        to: PublicKey,
        reward: u64,
        height: u32,
        timestamp: UnixMillis,
    ) -> bool {
        // The id follows from the content.
        self.content == Content::coinbase(chain, to, reward, height, timestamp)
            && self.signature == Signature::EMPTY
    }

    /// SHA-256 of what is signed.
    pub const fn id(&self) -> Hash {
        self.id
    }

    /// What is signed.
    pub const fn content(&self) -> &Content {
        &self.content
    }

    /// Who signed.
    pub const fn author(&self) -> PublicKey {
        self.content.author
    }

    /// What it says.
    pub const fn body(&self) -> &Body {
        &self.content.body
    }

    /// The signature.
    pub const fn signature(&self) -> Signature {
        self.signature
    }

    /// Coins that it takes from its author.
    pub const fn spends(&self) -> u64 {
        match self.content.body {
            Body::Transfer { amount, .. } => amount,
            _ => 0,
        }
    }

    /// Of an entry that is sealed, by what it declares: its place and its bytes.
    pub fn sealed(&self) -> Option<(private::Place, &[u8])> {
        let Body::Data { media_type, bytes } = &self.content.body else { return None };
        let place = private::Place { chain: self.content.chain, author: self.content.author };
        (media_type == private::MEDIA_TYPE).then_some((place, bytes))
    }

    /// Writes the transaction: a CBOR array of content and signature.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(&Encoded { content: self.content.clone(), signature: self.signature })
    }

    /// Reads a transaction. Nothing but its form is checked.
    ///
    /// # Errors
    /// [`CodecError`] if it is not the encoding of one.
    pub fn decode(bytes: &[u8]) -> Result<Self, CodecError> {
        let Encoded { content, signature } = codec::decode(bytes, MAX_TRANSACTION)?;
        // The content's encoding is there already: after the byte that says that there are
        // two parts, up to the signature.
        let end = bytes.len().saturating_sub(SIGNATURE_SIZE);
        let id = Hash::of_parts(&[DOMAIN, bytes.get(1..end).unwrap_or_default()]);
        Ok(Self { content, signature, id })
    }

    /// Checks everything that can be said without the chain, except for the
    /// signature: see [`Self::signature_item`].
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check_content(&self, chain: &ChainId) -> Result<(), TransactionFault> {
        if self.content.chain != *chain {
            return Err(TransactionFault::Chain);
        }
        match &self.content.body {
            Body::Coinbase { .. } => Err(TransactionFault::Coinbase),
            Body::Data { media_type, .. } if !is_media_type(media_type) => {
                Err(TransactionFault::MediaType)
            }
            Body::Data { bytes, .. } if !(1..=MAX_DATA).contains(&bytes.len()) => {
                Err(TransactionFault::DataSize)
            }
            Body::Transfer { amount: 0, .. } => Err(TransactionFault::Amount),
            Body::Data { .. } | Body::Transfer { .. } => Ok(()),
        }
    }

    /// Checks everything that can be said without the chain.
    ///
    /// # Errors
    /// The rule that is broken.
    pub fn check(&self, chain: &ChainId) -> Result<(), TransactionFault> {
        self.check_content(chain)?;
        self.author()
            .verify(&self.content.preimage(), &self.signature)
            .map_err(|_| TransactionFault::Signature)
    }

    /// The signature, for a batch.
    pub fn signature_item(&self) -> SignatureItem {
        SignatureItem::hashed(self.author(), &self.content.preimage(), &self.id, self.signature)
    }
}

/// Whether a media type is 1 to [`MAX_MEDIA_TYPE`] bytes of printable ASCII.
pub fn is_media_type(text: &str) -> bool {
    (1..=MAX_MEDIA_TYPE).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
}
