//! What relays say to each other about a room.
//!
//! Deterministic CBOR like everything else; each message fits into a frame of the relay
//! protocol, so that a NATS server with its default `max_payload` of 1 MiB carries it.

use chain_wasm::codec::{self, CodecError};
use chain_wasm::primitives::PeerId;
use chain_wasm::relay::{MAX_FRAME, MAX_PAYLOAD, MAX_STATUS};
use minicbor::{Decode, Encode};

/// The version of these messages, a part of every subject: relays of different versions
/// do not hear each other.
pub const VERSION: u16 = 1;

/// The longest message, in bytes.
pub const MAX_MESSAGE: usize = MAX_FRAME;

/// Tells relays apart: 16 random bytes, fresh at each start.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Encode, Decode)]
#[cbor(transparent)]
pub struct RelayId(#[cbor(n(0), with = "minicbor::bytes")] pub [u8; 16]);

impl std::fmt::Debug for RelayId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        std::fmt::Display::fmt(self, f)
    }
}

impl std::fmt::Display for RelayId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// When a connection registered, in milliseconds since 1970, and at least one more than
/// that of any older connection of the same peer that its relay knew of. Of two
/// connections of a peer the one with the greater stamp is the newer; of equal ones, the
/// one at the greater [`RelayId`]. Clocks of relays should agree within a second or so: by
/// them is decided between connections that began at about the same time.
pub type Stamp = u64;

/// A peer that a relay has.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Seated<'a> {
    /// The peer.
    #[n(0)]
    pub peer: PeerId,
    /// Its connection's stamp.
    #[n(1)]
    pub stamp: Stamp,
    /// What the others are shown.
    #[cbor(b(2), with = "minicbor::bytes")]
    pub status: &'a [u8],
}

/// To every relay that has peers in the room.
///
/// `seq` counts a relay's changes of presence in a room, so that a relay that misses one
/// notices, and [asks](Self::Ask) for all of it. A room that is made anew begins above
/// whatever its relay has used before.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum RoomMessage<'a> {
    /// All peers that a relay has.
    #[n(0)]
    Present {
        /// Which relay.
        #[n(0)]
        relay: RelayId,
        /// Its latest change, included here.
        #[n(1)]
        seq: u64,
        /// Whether the others are to say the same of themselves.
        #[n(2)]
        answer: bool,
        /// They.
        #[cbor(b(3))]
        peers: Vec<Seated<'a>>,
    },
    /// A peer joined.
    #[n(1)]
    Joined {
        /// At which relay.
        #[n(0)]
        relay: RelayId,
        /// The number of this change.
        #[n(1)]
        seq: u64,
        /// Who.
        #[cbor(b(2))]
        peer: Seated<'a>,
    },
    /// A connection left.
    #[n(2)]
    Left {
        /// Which relay.
        #[n(0)]
        relay: RelayId,
        /// The number of this change.
        #[n(1)]
        seq: u64,
        /// Whose connection it was.
        #[n(2)]
        peer: PeerId,
        /// Its stamp.
        #[n(3)]
        stamp: Stamp,
    },
    /// A peer's status changed.
    #[n(3)]
    Status {
        /// At which relay.
        #[n(0)]
        relay: RelayId,
        /// The number of this change.
        #[n(1)]
        seq: u64,
        /// Whose.
        #[n(2)]
        peer: PeerId,
        /// The new one.
        #[cbor(b(3), with = "minicbor::bytes")]
        status: &'a [u8],
    },
    /// The relay is there, and nothing changed after `seq`. Sent every [`BEAT`](super::BEAT).
    #[n(4)]
    Beat {
        /// Which relay.
        #[n(0)]
        relay: RelayId,
        /// Its latest change.
        #[n(1)]
        seq: u64,
    },
    /// Another relay is to say who it has.
    #[n(5)]
    Ask {
        /// Who asks.
        #[n(0)]
        relay: RelayId,
        /// Which one.
        #[n(1)]
        of: RelayId,
    },
    /// A payload to every peer of the room.
    #[n(6)]
    Broadcast {
        /// The sender's relay.
        #[n(0)]
        relay: RelayId,
        /// The sender.
        #[n(1)]
        from: PeerId,
        /// As the sender gave it.
        #[cbor(b(2), with = "minicbor::bytes")]
        payload: &'a [u8],
    },
}

/// To one relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum DirectMessage<'a> {
    /// A payload to one of its peers.
    #[n(0)]
    Deliver {
        /// The sender's relay.
        #[n(0)]
        relay: RelayId,
        /// The sender.
        #[n(1)]
        from: PeerId,
        /// The receiver.
        #[n(2)]
        to: PeerId,
        /// As the sender gave it.
        #[cbor(b(3), with = "minicbor::bytes")]
        payload: &'a [u8],
    },
    /// The receiver is not there.
    #[n(1)]
    Undeliverable {
        /// The sender, at the relay that this goes to.
        #[n(0)]
        from: PeerId,
        /// The receiver.
        #[n(1)]
        to: PeerId,
    },
}

impl<'a> RoomMessage<'a> {
    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a message of at most [`MAX_MESSAGE`] bytes, its statuses and payload as short
    /// as those of tabs.
    ///
    /// # Errors
    /// [`CodecError`] for anything else.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let message = codec::decode(bytes, MAX_MESSAGE)?;
        let (got, limit) = match &message {
            Self::Present { peers, .. } => {
                let longest = peers.iter().map(|seated| seated.status.len()).max();
                (longest.unwrap_or_default(), MAX_STATUS)
            }
            Self::Joined { peer, .. } => (peer.status.len(), MAX_STATUS),
            Self::Status { status, .. } => (status.len(), MAX_STATUS),
            Self::Broadcast { payload, .. } => (payload.len(), MAX_PAYLOAD),
            Self::Left { .. } | Self::Beat { .. } | Self::Ask { .. } => (0, 0),
        };
        if got > limit { Err(CodecError::TooLarge { got, limit }) } else { Ok(message) }
    }

    /// Who sent it.
    pub fn relay(&self) -> RelayId {
        match self {
            Self::Present { relay, .. }
            | Self::Joined { relay, .. }
            | Self::Left { relay, .. }
            | Self::Status { relay, .. }
            | Self::Beat { relay, .. }
            | Self::Ask { relay, .. }
            | Self::Broadcast { relay, .. } => *relay,
        }
    }
}

impl<'a> DirectMessage<'a> {
    /// Writes the message.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a message of at most [`MAX_MESSAGE`] bytes.
    ///
    /// # Errors
    /// [`CodecError`] for anything else.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        codec::decode(bytes, MAX_MESSAGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::MAX_PEERS_PER_ROOM;

    const RELAY: RelayId = RelayId([255; 16]);
    const PEER: PeerId = PeerId::from_bytes([255; 32]);

    #[test]
    fn the_largest_of_each_fits_into_one_nats_message() {
        let peer = Seated { peer: PEER, stamp: u64::MAX, status: &[255; MAX_STATUS] };
        let peers = vec![peer; MAX_PEERS_PER_ROOM];
        let present = RoomMessage::Present { relay: RELAY, seq: u64::MAX, answer: true, peers };
        assert!(present.encode().len() <= MAX_MESSAGE, "{}", present.encode().len());
        let payload = &vec![255; MAX_PAYLOAD];
        let broadcast = RoomMessage::Broadcast { relay: RELAY, from: PEER, payload };
        assert!(broadcast.encode().len() <= MAX_MESSAGE);
        let deliver = DirectMessage::Deliver { relay: RELAY, from: PEER, to: PEER, payload };
        assert!(deliver.encode().len() <= MAX_MESSAGE);
    }

    #[test]
    fn a_status_longer_than_a_tab_may_have_is_refused() {
        let status = &[0; MAX_STATUS + 1];
        let message = RoomMessage::Status { relay: RELAY, seq: 0, peer: PEER, status };
        let refused = CodecError::TooLarge { got: MAX_STATUS + 1, limit: MAX_STATUS };
        assert_eq!(RoomMessage::decode(&message.encode()), Err(refused));
    }

    #[test]
    fn what_is_written_is_read_and_a_flipped_bit_is_something_else_or_nothing() {
        let peer = Seated { peer: PEER, stamp: 7, status: b"s" };
        let all = [
            RoomMessage::Present { relay: RELAY, seq: 1, answer: false, peers: vec![peer.clone()] },
            RoomMessage::Joined { relay: RELAY, seq: 2, peer },
            RoomMessage::Left { relay: RELAY, seq: 3, peer: PEER, stamp: 7 },
            RoomMessage::Status { relay: RELAY, seq: 4, peer: PEER, status: b"t" },
            RoomMessage::Beat { relay: RELAY, seq: 5 },
            RoomMessage::Ask { relay: RELAY, of: RELAY },
            RoomMessage::Broadcast { relay: RELAY, from: PEER, payload: b"p" },
        ];
        for message in all {
            let bytes = message.encode();
            assert_eq!(RoomMessage::decode(&bytes).as_ref(), Ok(&message));
            for bit in 0..bytes.len() * 8 {
                let mut other = bytes.clone();
                other[bit / 8] ^= 1 << (bit % 8);
                assert_ne!(RoomMessage::decode(&other).as_ref(), Ok(&message));
            }
            assert!(RoomMessage::decode(&bytes[..bytes.len() - 1]).is_err());
        }
    }
}
