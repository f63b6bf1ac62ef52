//! The genesis block, derived from a room's spec and nothing else.

use super::block::{Block, Header, VERSION};
use super::merkle;
use super::spec::Spec;
use crate::primitives::{ChainId, UnixMillis};

/// The first block of a chain: no transactions, no work, the spec's hash in the
/// place of a predecessor's.
pub fn genesis(spec: &Spec) -> Block {
    let empty = merkle::root(<[&[u8]; 0]>::default());
    let header = Header {
        version: VERSION,
        height: 0,
        previous_hash: spec.hash(),
        merkle_root: empty,
        history_root: empty,
        timestamp: UnixMillis(0),
        difficulty: spec.floor(),
        nonce: 0,
        seal: None,
    };
    Block { header, transactions: Vec::new() }
}

/// The genesis block's hash: the chain's id.
pub fn genesis_hash(spec: &Spec) -> ChainId {
    genesis(spec).header.hash()
}
