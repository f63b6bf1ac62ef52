//! Looking into the chain: single blocks, entries and authors, and searching all of it.

use serde::{Deserialize, Serialize};

use super::view::{BlockView, EntryView};
use crate::primitives::{Hash, PublicKey};

/// Names a block of the current chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockAt {
    /// By its height; the genesis block's is 0.
    Height(u32),
    /// By its hash.
    Hash(Hash),
}

/// A block with what only its own page shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BlockDetails {
    /// The block. It lists the entries from [`Self::skipped`] on.
    pub block: BlockView,
    /// How many entries were passed over.
    pub skipped: u32,
    /// How many leaves its Merkle tree has: its transactions, the coinbase counted.
    pub leaves: u32,
    /// The upper levels of that tree, the root's first, as far down as a level has no
    /// more than [`MAX_MERKLE_LEVEL`](super::MAX_MERKLE_LEVEL) hashes. A hash without a
    /// sibling stands in the level above again.
    pub merkle: Vec<Vec<Hash>>,
}

/// An entry with what only its own page shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryDetails {
    /// The entry, its data whole.
    pub entry: EntryView,
    /// Its encoding's size in bytes, signature and all.
    pub size: u32,
    /// Its place among the block's transactions, from 0, the coinbase's, and how many
    /// those are; `None` while it waits for a block.
    pub place: Option<(u32, u32)>,
}

/// A header's hash, computed once more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HeaderCheck {
    /// The encoded header, 117 bytes.
    #[serde(with = "serde_bytes")]
    pub bytes: Vec<u8>,
    /// SHA-256 of them, as just computed.
    pub computed: Hash,
    /// Whether the computed hash is small enough for the header's difficulty; in an
    /// `authority` room whether the seal fits, as just checked.
    pub meets: bool,
    /// Who the header says has sealed it, in an `authority` room.
    pub sealer: Option<PublicKey>,
}

/// What is looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Find {
    /// Whatever a text may mean: a height, the first
    /// [`MIN_PREFIX`](super::MIN_PREFIX) or more hex digits of a block's hash, an
    /// entry's id or an author's key, or words in an entry of text or JSON, in either case.
    Text {
        /// The text, 1 to [`MAX_QUERY`](super::MAX_QUERY) bytes without the white
        /// space around it.
        text: String,
        /// What an author's key begins with, if the text is a name that the page gives.
        name: Option<KeyPattern>,
    },
    /// All that a key has signed or was sent.
    Author {
        /// The key.
        author: PublicKey,
    },
}

/// What the first four bytes of a key are like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyPattern {
    /// Their bits, where [`Self::mask`] has ones.
    pub value: [u8; 4],
    /// Which bits count.
    pub mask: [u8; 4],
}

impl KeyPattern {
    /// Whether a key is like this.
    pub fn fits(&self, key: &PublicKey) -> bool {
        let bits = self.value.iter().zip(&self.mask).zip(key.as_bytes());
        bits.into_iter().all(|((value, mask), byte)| byte & mask == value & mask)
    }
}

/// Where a search goes on, downwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cursor {
    /// The block's height.
    pub height: u32,
    /// Only the transactions of that block below this place are left to look at.
    pub below: u32,
}

/// Something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum SearchHit {
    /// A block of the chain, by its height or hash.
    Block {
        /// Its height.
        height: u32,
        /// Its hash.
        hash: Hash,
    },
    /// An entry, by its id.
    Id {
        /// Its id.
        id: Hash,
        /// Its block's height; `None` while it waits for one.
        height: Option<u32>,
    },
    /// Somebody who signed an entry, sealed a block or has coins, by key or name.
    Author {
        /// The key.
        author: PublicKey,
        /// Coins, by the current chain.
        balance: u64,
    },
    /// An entry that holds the text.
    Text {
        /// The entry, its data cut as in a list.
        entry: Box<EntryView>,
        /// The text with some of what stands around it.
        excerpt: Excerpt,
    },
    /// An entry that the author signed or a transfer to it.
    Entry {
        /// The entry, its data cut as in a list.
        entry: Box<EntryView>,
    },
}

/// A piece of an entry's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// What stands before, not from the beginning on if [`Self::cut_before`].
    pub before: String,
    /// What was found, written as in the entry.
    pub found: String,
    /// What stands after it, not to the end if [`Self::cut_after`].
    pub after: String,
    /// Whether more stands before it.
    pub cut_before: bool,
    /// Whether more stands after it.
    pub cut_after: bool,
}

/// What a search led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchView {
    /// What no [`Event::Search`](super::Event::Search) has told of yet, in order.
    pub hits: Vec<SearchHit>,
    /// Where to go on for more; `None` if all was looked through.
    pub next: Option<Cursor>,
    /// For [`Find::Author`] from the tip downwards: what there is in all.
    pub totals: Option<AuthorTotals>,
    /// The tip's height when the search began.
    pub tip: u32,
}

/// What the chain holds of an author.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorTotals {
    /// Entries that it signed.
    pub entries: u32,
    /// Transfers from others to it.
    pub received: u32,
    /// Blocks that it sealed.
    pub sealed: u32,
}
