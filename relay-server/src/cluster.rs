//! Several relays as one: rooms that have peers at each of them.
//!
//! Relays meet at a NATS server (or cluster of them). A room's changes of presence and its
//! broadcasts go to a subject that every relay with peers in this room has subscribed to,
//! directed messages to one of the receiver's relay, so that a relay hears of no room but
//! its own. NATS delivers at most once; [changes are numbered](RoomMessage) and what was
//! missed is asked for, and what peers miss they get from each other, as after any loss.
//!
//! Without NATS a relay goes on alone: its tabs see the others leave, and are told
//! ([`RelayFrame::Reach`](chain_wasm::relay::RelayFrame::Reach)), `/readyz` says so, and
//! when NATS is back the rooms are one again.
//!
//! Relays believe each other: whoever may publish at the NATS server can say who is in a
//! room. It cannot forge what peers sign, which is all that counts in a chain.

mod message;
mod nats;
mod outbox;
mod subject;

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use chain_wasm::primitives::UnixMillis;
use chain_wasm::relay::RoomId;

pub use message::{
    DirectMessage, MAX_MESSAGE, RelayId, RoomMessage, Seated, Stamp, VERSION as MESSAGE_VERSION,
};
pub use nats::{ClusterError, Nats, NatsConfig};
pub use outbox::{Outbox, To};
pub use subject::{Prefix, PrefixError};

/// How often a relay says in each of its rooms that it is there. One that is not heard for
/// [some of these](crate::rooms::SILENT_TICKS) is taken for gone.
pub const BEAT: Duration = Duration::from_secs(2);

/// The way to other relays.
pub trait Backplane: Debug + Send + Sync {
    /// Who this relay is to the others.
    fn relay(&self) -> RelayId;

    /// Whether the others are in reach.
    fn is_connected(&self) -> bool;

    /// A room has its first peer here. From now on until the outbox is closed, what comes
    /// into the outbox is to be published, and the room to be told what others publish.
    /// Called under a lock: it must not wait, nor call the room.
    fn open(&self, id: RoomId, outbox: Arc<Outbox>, room: Arc<dyn RoomSide>);
}

/// A room as its line to other relays sees it.
pub trait RoomSide: Send + Sync {
    /// Others are in reach, and hear what is published from now on.
    fn hello(&self);

    /// Others are out of reach.
    fn cut(&self);

    /// A [`BEAT`] has passed.
    fn tick(&self);

    /// Another relay has published something, and this one's clock says `now`.
    fn hear(&self, message: &RoomMessage<'_>, now: UnixMillis);

    /// Another relay has said something to this one.
    fn hear_direct(&self, message: &DirectMessage<'_>);
}
