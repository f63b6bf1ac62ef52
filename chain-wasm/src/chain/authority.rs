//! `authority` rooms: blocks sealed by the signatures of listed members, in turn, without
//! work.
//!
//! After Clique (EIP-225): the members take turns by height, and a block of the one whose
//! turn it is weighs twice as much as another member's, so that branches part for a moment
//! only. Three things are other than there:
//!
//! - Who seals is named in the header (its nonce is the member's place in the list), and the
//!   seal is no part of what is hashed: it travels beside the header. So headers have the
//!   length that they have in any room.
//! - Another member may seal only [`patience`](Authority::patience) after the predecessor,
//!   by the block's own timestamp. In Clique that is left to courtesy.
//! - There is no rule against sealing again soon. Clique keeps a member from sealing twice
//!   among the last half of the members, so that a minority cannot go on alone. Here one
//!   member that is left must be able to, since an entry that was accepted shall come into
//!   the chain; patience bounds how quickly.

use std::collections::BTreeSet;

use super::block::{Block, Header};
use super::spec::{Consensus, Spec, Writers};
use super::verify::BlockFault;
use super::work::Pace;
use crate::primitives::{
    Difficulty, Hash, Keypair, PublicKey, Signature, SignatureItem, UnixMillis, verify_batch,
};

/// Domain of a seal: no signature made for another purpose fits.
const DOMAIN: &[u8] = b"tabchain/seal/1";

/// What a block weighs whose sealer's turn it is.
const IN_TURN: u128 = 2;

/// What any other block weighs.
const OUT_OF_TURN: u128 = 1;

/// The parameters of an `authority` room.
#[derive(Debug, Clone, Copy)]
pub struct Authority<'s> {
    members: &'s [PublicKey],
    patience: u32,
    writers: Writers,
}

impl Spec {
    /// The parameters of an `authority` room; `None` for any other.
    pub fn authority(&self) -> Option<Authority<'_>> {
        let Consensus::Authority { members, patience, writers } = self.consensus() else {
            return None;
        };
        Some(Authority { members, patience: *patience, writers: *writers })
    }

    /// Whether an author's entries may be in the room's blocks.
    pub fn may_write(&self, author: &PublicKey) -> bool {
        self.authority().is_none_or(|authority| {
            authority.writers == Writers::Anyone || authority.index_of(author).is_some()
        })
    }
}

impl<'s> Authority<'s> {
    /// The members, in order.
    pub const fn members(&self) -> &'s [PublicKey] {
        self.members
    }

    /// How much later than its predecessor a block out of turn is, in milliseconds.
    pub fn patience(&self) -> u64 {
        self.patience.into()
    }

    /// A key's place among the members.
    pub fn index_of(&self, key: &PublicKey) -> Option<usize> {
        self.members.binary_search(key).ok()
    }

    /// Whose turn a height is: the member at this place.
    pub fn turn(&self, height: u32) -> usize {
        let height = usize::try_from(height).unwrap_or(usize::MAX);
        height.checked_rem(self.members.len()).unwrap_or(0)
    }

    /// The member that a header names as its sealer.
    pub fn sealer(&self, header: &Header) -> Option<&'s PublicKey> {
        self.members.get(usize::try_from(header.nonce).ok()?)
    }

    /// What a block weighs at a height, by its sealer's place.
    pub fn difficulty(&self, height: u32, member: usize) -> Difficulty {
        let in_turn = self.turn(height) == member;
        Difficulty::from_hashes(if in_turn { IN_TURN } else { OUT_OF_TURN })
    }

    /// The least timestamp of a block after a predecessor's, by its sealer's place.
    pub fn earliest(&self, height: u32, member: usize, previous: UnixMillis) -> UnixMillis {
        let in_turn = self.turn(height) == member;
        if in_turn { UnixMillis(0) } else { previous.after(self.patience()) }
    }

    /// Makes a header that keeps to the rules of all rooms one of the member at a place, but
    /// for the seal.
    pub fn prepare(&self, header: &mut Header, member: usize, previous: UnixMillis) {
        let earliest = self.earliest(header.height, member, previous);
        header.timestamp = header.timestamp.max(earliest);
        header.difficulty = self.difficulty(header.height, member);
        header.nonce = u32::try_from(member).unwrap_or(u32::MAX);
    }

    /// Checks what a header alone, after its predecessor, can break; its seal is only looked
    /// for, see [`Self::seal_item`].
    ///
    /// # Errors
    /// The first rule that is broken.
    pub(super) fn check(&self, header: &Header, previous: &Pace) -> Result<(), BlockFault> {
        let member = usize::try_from(header.nonce).unwrap_or(usize::MAX);
        if member >= self.members.len() {
            return Err(BlockFault::Sealer(header.nonce));
        }
        if header.difficulty != self.difficulty(header.height, member) {
            return Err(BlockFault::Difficulty);
        }
        if header.timestamp < self.earliest(header.height, member, previous.timestamp) {
            return Err(BlockFault::Patience);
        }
        if header.seal.is_some() { Ok(()) } else { Err(BlockFault::Seal) }
    }

    /// The seal of a header as a signature to be verified; `None` if it has none, or names
    /// no member.
    pub fn seal_item(&self, header: &Header, hash: &Hash) -> Option<SignatureItem> {
        let sealer = self.sealer(header)?;
        Some(SignatureItem::new(*sealer, &preimage(hash), header.seal?))
    }
}

/// What a member signs to seal the header of a hash.
pub fn preimage(hash: &Hash) -> Vec<u8> {
    [DOMAIN, hash.as_bytes()].concat()
}

/// A member's seal of the header of a hash.
pub fn seal(hash: &Hash, member: &Keypair) -> Signature {
    member.sign(&preimage(hash))
}

impl Block {
    /// The block with a member's seal.
    #[must_use]
    pub fn sealed_by(mut self, member: &Keypair) -> Self {
        self.header.seal = Some(seal(&self.header.hash(), member));
        self
    }
}

/// The places of those of these headers whose seal does not fit, found in one batch; headers
/// without one, or that name no member, are left to the other rules. In a room without
/// members there are none.
pub(super) fn wrong_seals<'h>(
    spec: &Spec,
    headers: impl IntoIterator<Item = (usize, &'h Hash, &'h Header)>,
) -> BTreeSet<usize> {
    let Some(authority) = spec.authority() else { return BTreeSet::new() };
    let (places, items): (Vec<usize>, Vec<SignatureItem>) = headers
        .into_iter()
        .filter_map(|(place, hash, header)| Some((place, authority.seal_item(header, hash)?)))
        .unzip();
    if verify_batch(&items).is_ok() {
        return BTreeSet::new();
    }
    let wrong = items.iter().map(|item| verify_batch(std::slice::from_ref(item)).is_err());
    places.into_iter().zip(wrong).filter_map(|(place, wrong)| wrong.then_some(place)).collect()
}
