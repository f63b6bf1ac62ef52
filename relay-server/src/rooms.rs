//! The rooms and who is in them: (connection, frame) in, frames out.
//!
//! No sockets, no clock, no waiting: what goes to a peer is handed to its
//! [`Link`], under the room's lock, so that every member sees what happens in a
//! room in the same order.
//!
//! A [`Seat`] is a place in a room; whoever holds it may speak, and dropping it
//! leaves the room. A room exists while somebody has a seat in it.
//!
//! With a [`Backplane`] a room has peers at other relays as well, and a peer's newest
//! connection counts wherever it is.

mod remote;
mod room;

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chain_wasm::primitives::{PeerId, UnixMillis};
use chain_wasm::relay::{Refusal, RoomId};
pub use remote::{MAX_RELAYS, SILENT_TICKS};
use room::{Line, Room};

use crate::cluster::{Backplane, Outbox};
use crate::limits::Limits;

/// The way to one connected peer. Neither call may wait.
pub trait Link: Send + 'static {
    /// Takes a frame to deliver; `false` if the connection is being closed and
    /// the frame will not arrive.
    fn send(&self, frame: Bytes) -> bool;

    /// Closes the connection at once, what still waits for it included.
    fn close(&self, reason: Refusal);

    /// How many bytes wait for the peer.
    fn waiting(&self) -> usize;
}

/// How many there are, and what waits for them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Census {
    /// Rooms.
    pub rooms: usize,
    /// Peers of all rooms, at this relay.
    pub peers: usize,
    /// Peers of the same rooms at other relays.
    pub remote_peers: usize,
    /// Bytes that wait for all of them.
    pub queued: usize,
    /// Bytes that wait for the one for whom most do.
    pub queued_most: usize,
}

/// Tells two connections of one peer apart; never given twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ConnectionId(u64);

type SharedRoom<L> = Arc<Mutex<Room<L>>>;

/// All rooms of a relay. Locks are taken in the order directory, room.
#[derive(Debug)]
pub struct Rooms<L> {
    directory: Mutex<HashMap<RoomId, SharedRoom<L>>>,
    next_connection: AtomicU64,
    room_limit: usize,
    peer_limit: usize,
    outbox_limit: usize,
    backplane: Option<Arc<dyn Backplane>>,
    /// How many rooms have been made.
    made: AtomicU64,
}

/// A room that is made anew numbers its changes from here on, and never comes so far that
/// it meets the next.
const CHANGES_PER_ROOM: u64 = 1 << 32;

/// A peer's place in a room; dropping it leaves the room.
#[derive(Debug)]
pub struct Seat<L: Link> {
    rooms: Arc<Rooms<L>>,
    id: RoomId,
    room: SharedRoom<L>,
    peer: PeerId,
    connection: ConnectionId,
}

impl<L: Link> Rooms<L> {
    /// No rooms yet. With a backplane, rooms are shared with other relays.
    pub fn new(limits: &Limits, backplane: Option<Arc<dyn Backplane>>) -> Self {
        Self {
            directory: Mutex::default(),
            next_connection: AtomicU64::new(0),
            room_limit: limits.max_rooms,
            peer_limit: limits.max_peers_per_room,
            outbox_limit: limits.queue_bytes,
            backplane,
            made: AtomicU64::new(0),
        }
    }

    /// Lets a peer into a room: it is sent its `Welcome` with the relay's time
    /// `now`, the others learn that it joined. If the peer is there already, its
    /// older connection is closed with [`Refusal::Replaced`], and the others see
    /// it leave and join, since what they had under way with it is void.
    ///
    /// # Errors
    /// [`Refusal::TooManyRooms`] or [`Refusal::RoomFull`].
    pub fn join(
        self: &Arc<Self>,
        id: RoomId,
        peer: PeerId,
        status: &[u8],
        link: L,
        now: UnixMillis,
    ) -> Result<Seat<L>, Refusal> {
        let connection = ConnectionId(self.next_connection.fetch_add(1, Ordering::Relaxed));
        let mut directory = lock(&self.directory);
        let room = match directory.get(&id) {
            Some(room) => Arc::clone(room),
            None if directory.len() >= self.room_limit => return Err(Refusal::TooManyRooms),
            None => {
                let room = self.make(id);
                directory.insert(id, Arc::clone(&room));
                room
            }
        };
        // An existing room has a member, or a seat that removes it when it is dropped, and
        // a new one a free place: a refusal never leaves an empty room behind.
        lock(&room).join(connection, peer, status, link, now, self.peer_limit)?;
        drop(directory);
        Ok(Seat { rooms: Arc::clone(self), id, room, peer, connection })
    }

    fn make(&self, id: RoomId) -> SharedRoom<L> {
        let Some(backplane) = &self.backplane else { return Arc::new(Mutex::new(Room::new(None))) };
        let outbox = Arc::new(Outbox::new(self.outbox_limit));
        let seq = self.made.fetch_add(1, Ordering::Relaxed).wrapping_mul(CHANGES_PER_ROOM);
        let connected = backplane.is_connected();
        let room = Arc::new(Mutex::new(Room::new(Some(Line {
            relay: backplane.relay(),
            seq,
            connected,
            new_since: connected.then_some(seq),
            outbox: Arc::clone(&outbox),
        }))));
        backplane.open(id, outbox, Arc::clone(&room) as _);
        room
    }

    /// How many rooms there are.
    pub fn len(&self) -> usize {
        lock(&self.directory).len()
    }

    /// Counts rooms and peers. It looks at each peer, and locks one room at a time.
    pub fn census(&self) -> Census {
        let rooms: Vec<SharedRoom<L>> = lock(&self.directory).values().map(Arc::clone).collect();
        let mut census = Census { rooms: rooms.len(), ..Census::default() };
        for room in rooms {
            lock(&room).count(&mut census);
        }
        census
    }

    /// The rooms' ids, in no order.
    pub fn ids(&self) -> Vec<RoomId> {
        lock(&self.directory).keys().copied().collect()
    }

    /// Whether there is no room.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// What a peer says in its room. After its seat was taken over by a newer
/// connection, nobody hears it any more.
impl<L: Link> Seat<L> {
    /// Whose seat it is.
    pub fn peer(&self) -> PeerId {
        self.peer
    }

    /// To every other peer of the room.
    pub fn broadcast(&self, payload: &[u8]) {
        lock(&self.room).broadcast(self.connection, self.peer, payload);
    }

    /// To one peer of the room; if it is not there, the sender is told so.
    pub fn send(&self, to: PeerId, payload: &[u8]) {
        lock(&self.room).send(self.connection, self.peer, to, payload);
    }

    /// Replaces what the others are shown.
    pub fn set_status(&self, status: &[u8]) {
        lock(&self.room).set_status(self.connection, self.peer, status);
    }
}

impl<L: Link> Drop for Seat<L> {
    fn drop(&mut self) {
        let mut directory = lock(&self.rooms.directory);
        let mut room = lock(&self.room);
        room.leave(self.connection, self.peer);
        // A replaced seat may outlive its room, and another room may have its name.
        let listed = directory.get(&self.id).is_some_and(|here| Arc::ptr_eq(here, &self.room));
        if room.is_empty() && listed {
            room.end();
            directory.remove(&self.id);
        }
    }
}

/// No code under these locks panics midway, so a poisoned one is as good as any.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
