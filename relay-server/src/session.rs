//! What one connection may say, and when: challenge, registration, then frames.
//!
//! Pure like [`rooms`](crate::rooms): bytes in, a verdict out, frames to the
//! connection's [`Link`].

use std::sync::Arc;

use bytes::Bytes;
use chain_wasm::codec::CodecError;
use chain_wasm::primitives::{Hash, PeerId, UnixMillis};
use chain_wasm::relay::{ClientFrame, Refusal, RelayFrame, VERSION, verify_registration};

use crate::rooms::{Link, Rooms, Seat};

/// One connection's side of the protocol. Dropping it leaves the room.
#[derive(Debug)]
pub struct Session<L: Link> {
    rooms: Arc<Rooms<L>>,
    link: L,
    nonce: Hash,
    seat: Option<Seat<L>>,
}

impl<L: Link + Clone> Session<L> {
    /// Begins with a challenge, which goes out at once. `nonce` must be 32 fresh
    /// random bytes.
    pub fn begin(rooms: Arc<Rooms<L>>, link: L, nonce: Hash) -> Self {
        link.send(Bytes::from(RelayFrame::Challenge { version: VERSION, nonce }.encode()));
        Self { rooms, link, nonce, seat: None }
    }

    /// Whether the connection has registered.
    pub fn is_registered(&self) -> bool {
        self.seat.is_some()
    }

    /// Takes one frame. `now` is what a `Welcome` gives as the relay's time.
    ///
    /// # Errors
    /// The reason to close the connection.
    pub fn receive(&mut self, bytes: &[u8], now: UnixMillis) -> Result<(), Refusal> {
        let frame = ClientFrame::decode(bytes).map_err(|error| refusal_of(&error))?;
        match (frame, &self.seat) {
            (ClientFrame::Register { version, room, peer, signature, status }, None) => {
                if version != VERSION {
                    return Err(Refusal::Version);
                }
                verify_registration(&self.nonce, &room, &peer, &signature)
                    .map_err(|_| Refusal::BadSignature)?;
                self.seat = Some(self.rooms.join(room, peer, status, self.link.clone(), now)?);
            }
            (ClientFrame::Register { .. }, Some(_)) | (_, None) => return Err(Refusal::OutOfOrder),
            (ClientFrame::Broadcast { payload }, Some(seat)) => seat.broadcast(payload),
            (ClientFrame::Send { to, payload }, Some(seat)) => seat.send(to, payload),
            (ClientFrame::SetStatus { status }, Some(seat)) => seat.set_status(status),
        }
        Ok(())
    }

    /// The registered peer.
    pub fn peer(&self) -> Option<PeerId> {
        self.seat.as_ref().map(Seat::peer)
    }
}

fn refusal_of(error: &CodecError) -> Refusal {
    match error {
        CodecError::TooLarge { .. } => Refusal::TooLarge,
        CodecError::Malformed(_) | CodecError::NotDeterministic => Refusal::Malformed,
    }
}
