//! Tab <-> relay: registration, and the frames of the relay protocol.
//!
//! A frame is one binary WebSocket message: a CBOR array whose first element is
//! the frame's number. Payloads and statuses are opaque byte strings to the
//! relay; it never looks inside.
//!
//! 1. The relay opens with [`RelayFrame::Challenge`].
//! 2. The tab answers with [`ClientFrame::Register`], signed by its session key
//!    over [`registration_preimage`].
//! 3. The relay answers [`RelayFrame::Welcome`], or [`RelayFrame::Refused`] and
//!    closes with [`Refusal::close_code`].
//!
//! A second registration of the same key in a room replaces the first: the newest
//! connection wins, the older one is closed with [`Refusal::Replaced`].

use minicbor::{Decode, Encode};

use crate::codec::{self, CodecError};
use crate::primitives::{Hash, Keypair, PeerId, Signature, SignatureError, UnixMillis};

/// The relay protocol's version. A relay refuses any other.
pub const VERSION: u16 = 1;

/// The longest frame either side may send, in bytes.
pub const MAX_FRAME: usize = 1024 * 1024;

/// The longest payload of a broadcast or directed message, in bytes: a frame less
/// its header.
pub const MAX_PAYLOAD: usize = MAX_FRAME - 128;

/// The longest status, in bytes.
pub const MAX_STATUS: usize = 256;

/// A room's name on the relay: opaque to it (the tabs use their chain's genesis
/// hash), 32 bytes.
pub type RoomId = Hash;

/// What a tab sends to the relay.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum ClientFrame<'a> {
    /// Joins a room. The first frame of a connection, and only the first.
    #[n(0)]
    Register {
        /// The protocol version the tab speaks: [`VERSION`].
        #[n(0)]
        version: u16,
        /// The room to join.
        #[n(1)]
        room: RoomId,
        /// The session's public key.
        #[n(2)]
        peer: PeerId,
        /// Over [`registration_preimage`], by the session's key.
        #[n(3)]
        signature: Signature,
        /// What the room's other peers are shown; at most [`MAX_STATUS`] bytes.
        #[cbor(b(4), with = "minicbor::bytes")]
        status: &'a [u8],
    },
    /// To every other peer of the room.
    #[n(1)]
    Broadcast {
        /// At most [`MAX_PAYLOAD`] bytes.
        #[cbor(b(0), with = "minicbor::bytes")]
        payload: &'a [u8],
    },
    /// To one peer of the room.
    #[n(2)]
    Send {
        /// The receiver.
        #[n(0)]
        to: PeerId,
        /// At most [`MAX_PAYLOAD`] bytes.
        #[cbor(b(1), with = "minicbor::bytes")]
        payload: &'a [u8],
    },
    /// Replaces the status that the room's other peers are shown.
    #[n(3)]
    SetStatus {
        /// At most [`MAX_STATUS`] bytes.
        #[cbor(b(0), with = "minicbor::bytes")]
        status: &'a [u8],
    },
}

/// One peer of a room.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
pub struct Presence<'a> {
    /// The peer.
    #[n(0)]
    pub peer: PeerId,
    /// Its latest status.
    #[cbor(b(1), with = "minicbor::bytes")]
    pub status: &'a [u8],
}

/// What the relay sends to a tab.
#[derive(Debug, Clone, PartialEq, Eq, Encode, Decode)]
#[cbor(flat)]
pub enum RelayFrame<'a> {
    /// The first frame of a connection: what the registration must sign.
    #[n(0)]
    Challenge {
        /// The protocol version the relay speaks: [`VERSION`].
        #[n(0)]
        version: u16,
        /// 32 random bytes, fresh for each connection.
        #[n(1)]
        nonce: Hash,
    },
    /// The registration holds.
    #[n(1)]
    Welcome {
        /// The relay's clock; tabs correct their own by it.
        #[n(0)]
        time: UnixMillis,
        /// The other peers of the room.
        #[cbor(b(1))]
        peers: Vec<Presence<'a>>,
    },
    /// A peer joined the room.
    #[n(2)]
    PeerJoined {
        /// The peer.
        #[n(0)]
        peer: PeerId,
        /// Its status.
        #[cbor(b(1), with = "minicbor::bytes")]
        status: &'a [u8],
    },
    /// A peer left the room.
    #[n(3)]
    PeerLeft {
        /// The peer.
        #[n(0)]
        peer: PeerId,
    },
    /// A peer's status changed.
    #[n(4)]
    PeerStatus {
        /// The peer.
        #[n(0)]
        peer: PeerId,
        /// Its new status.
        #[cbor(b(1), with = "minicbor::bytes")]
        status: &'a [u8],
    },
    /// A payload from another peer of the room.
    #[n(5)]
    Deliver {
        /// The sender.
        #[n(0)]
        from: PeerId,
        /// As the sender gave it.
        #[cbor(b(1), with = "minicbor::bytes")]
        payload: &'a [u8],
    },
    /// The receiver of a [`ClientFrame::Send`] is not in the room (any more).
    #[n(6)]
    Undeliverable {
        /// The receiver.
        #[n(0)]
        to: PeerId,
    },
    /// The tab did something the relay does not accept. The relay closes the
    /// connection after it, with [`Refusal::close_code`].
    #[n(7)]
    Refused {
        /// What.
        #[n(0)]
        reason: Refusal,
    },
    /// The relay is about to stop.
    #[n(8)]
    GoingAway {
        /// When to connect again, in milliseconds from now.
        #[n(0)]
        retry_after: u32,
    },
    /// Whether the relay reaches the other relays that share its rooms; the peers at those
    /// have left otherwise. Sent only by a relay that has others: when it changes, and
    /// after a `Welcome` if they are out of reach.
    #[n(9)]
    Reach {
        /// It does.
        #[n(0)]
        whole: bool,
    },
}

/// Why the relay closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Encode, Decode, thiserror::Error)]
#[cbor(index_only)]
pub enum Refusal {
    /// The frame is not one of the protocol's, or not binary.
    #[n(0)]
    #[error("the frame is malformed")]
    Malformed,
    /// Longer than [`MAX_FRAME`], [`MAX_PAYLOAD`] or [`MAX_STATUS`].
    #[n(1)]
    #[error("the frame, payload or status is too large")]
    TooLarge,
    /// The tab speaks another version of the protocol: reload the page.
    #[n(2)]
    #[error("the relay speaks another version of the protocol")]
    Version,
    /// The registration's signature does not fit this connection's challenge.
    #[n(3)]
    #[error("the registration's signature is wrong")]
    BadSignature,
    /// Something else came before the registration, or a second registration.
    #[n(4)]
    #[error("a connection registers once, with its first frame")]
    OutOfOrder,
    /// No registration within the time allowed.
    #[n(5)]
    #[error("no registration came in time")]
    RegistrationTimeout,
    /// The room has as many peers as it may.
    #[n(6)]
    #[error("the room is full")]
    RoomFull,
    /// The relay has as many rooms as it may.
    #[n(7)]
    #[error("the relay has no place for another room")]
    TooManyRooms,
    /// The relay has as many connections as it may, in all or from one address.
    #[n(8)]
    #[error("the relay has no place for another connection")]
    TooManyConnections,
    /// More frames or bytes than the relay allows in that time.
    #[n(9)]
    #[error("too many frames or bytes")]
    RateLimited,
    /// The tab did not read what was sent to it; it should come back and sync.
    #[n(10)]
    #[error("the receiver does not read fast enough")]
    TooSlow,
    /// The same key registered again, on a newer connection.
    #[n(11)]
    #[error("replaced by a newer connection of the same peer")]
    Replaced,
    /// No answer to the relay's pings.
    #[n(12)]
    #[error("no answer to pings")]
    PingTimeout,
    /// The relay stops.
    #[n(13)]
    #[error("the relay is stopping")]
    Stopping,
}

impl Refusal {
    /// Every reason, in the order of their numbers.
    pub const ALL: [Self; 14] = [
        Self::Malformed,
        Self::TooLarge,
        Self::Version,
        Self::BadSignature,
        Self::OutOfOrder,
        Self::RegistrationTimeout,
        Self::RoomFull,
        Self::TooManyRooms,
        Self::TooManyConnections,
        Self::RateLimited,
        Self::TooSlow,
        Self::Replaced,
        Self::PingTimeout,
        Self::Stopping,
    ];

    /// The WebSocket close code (RFC 6455 leaves 4000 to 4999 to applications):
    /// 4000 plus the reason's number.
    pub const fn close_code(self) -> u16 {
        4000 + self as u16
    }

    /// The reason of a close code.
    pub fn from_close_code(code: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.close_code() == code)
    }
}

/// What a registration signs: the challenge of this connection, the room and the
/// peer, under a domain of its own, so that no signature made for another purpose,
/// connection or room can serve.
pub fn registration_preimage(nonce: &Hash, room: &RoomId, peer: &PeerId) -> Vec<u8> {
    [b"tabchain/register/1".as_slice(), nonce.as_bytes(), room.as_bytes(), peer.as_bytes()].concat()
}

/// Makes the answer to a challenge.
pub fn register<'a>(
    session: &Keypair,
    nonce: &Hash,
    room: RoomId,
    status: &'a [u8],
) -> ClientFrame<'a> {
    let peer = session.public();
    let signature = session.sign(&registration_preimage(nonce, &room, &peer));
    ClientFrame::Register { version: VERSION, room, peer, signature, status }
}

/// Checks a registration's signature.
///
/// # Errors
/// [`SignatureError`] if it was not made by `peer` for this challenge and room.
pub fn verify_registration(
    nonce: &Hash,
    room: &RoomId,
    peer: &PeerId,
    signature: &Signature,
) -> Result<(), SignatureError> {
    peer.verify(&registration_preimage(nonce, room, peer), signature)
}

impl<'a> ClientFrame<'a> {
    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a frame of at most [`MAX_FRAME`] bytes, its payload at most
    /// [`MAX_PAYLOAD`] and its status at most [`MAX_STATUS`].
    ///
    /// # Errors
    /// [`CodecError`] for anything else.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        let frame = codec::decode(bytes, MAX_FRAME)?;
        let (got, limit) = match &frame {
            Self::Register { status, .. } | Self::SetStatus { status } => {
                (status.len(), MAX_STATUS)
            }
            Self::Broadcast { payload } | Self::Send { payload, .. } => {
                (payload.len(), MAX_PAYLOAD)
            }
        };
        if got > limit { Err(CodecError::TooLarge { got, limit }) } else { Ok(frame) }
    }
}

impl<'a> RelayFrame<'a> {
    /// Writes the frame.
    pub fn encode(&self) -> Vec<u8> {
        codec::encode(self)
    }

    /// Reads a frame of at most [`MAX_FRAME`] bytes.
    ///
    /// # Errors
    /// [`CodecError`] for anything else.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, CodecError> {
        codec::decode(bytes, MAX_FRAME)
    }
}

#[cfg(test)]
mod tests;
