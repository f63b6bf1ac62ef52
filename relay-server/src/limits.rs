//! How much of everything others may take.

use std::time::Duration;

use chain_wasm::relay::{MAX_FRAME, MAX_STATUS};

/// What one queued frame counts beside its own bytes, so that a queue of empty
/// frames is bounded as well.
pub const FRAME_OVERHEAD: usize = 64;

/// What one peer takes in a `Welcome` beside its status, in bytes, at most.
const PRESENCE_OVERHEAD: usize = 48;

/// The most peers whose presence is sure to fit into one `Welcome` frame.
pub const MAX_PEERS_PER_ROOM: usize = (MAX_FRAME - 64) / (MAX_STATUS + PRESENCE_OVERHEAD);

/// The least that a connection's queue must hold: one frame of any size.
pub const MIN_QUEUE_BYTES: usize = MAX_FRAME + FRAME_OVERHEAD;

/// How many seconds' worth of frames and bytes a connection may send at once.
pub const BURST: u32 = 4;

/// The relay's limits. Every one can be reached by a stranger and none be passed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// WebSocket connections at a time.
    pub max_connections: usize,
    /// WebSocket connections at a time from one address: one IPv4 address, or one IPv6
    /// network of 64 bits, since that is what one customer gets.
    pub max_per_address: usize,
    /// Frames that one connection may send in a second on average; [`BURST`] times as
    /// many at once.
    pub frames_per_second: u32,
    /// Bytes likewise, at least [`MAX_FRAME`].
    pub bytes_per_second: u32,
    /// How long a connection may go on sending more than that, while it is read more
    /// slowly, until it is closed.
    pub rate_patience: Duration,
    /// Rooms at a time. A room exists while somebody is in it.
    pub max_rooms: usize,
    /// Peers in one room, at most [`MAX_PEERS_PER_ROOM`].
    pub max_peers_per_room: usize,
    /// What may wait for one receiver, in bytes, [`FRAME_OVERHEAD`] for each frame
    /// included; at least [`MIN_QUEUE_BYTES`]. A receiver with more is closed.
    pub queue_bytes: usize,
    /// What may wait for all receivers together, in bytes, [`FREE`](crate::connection::FREE)
    /// for each not counted. A receiver for which more than an eighth of what is left waits
    /// is closed.
    pub queue_total: usize,
    /// How long a connection may take to register.
    pub register_timeout: Duration,
    /// How long a connection may be silent until it is pinged.
    pub ping_interval: Duration,
    /// How long it may then stay silent until it is closed.
    pub ping_timeout: Duration,
    /// How long a connection being closed may take to read the reason.
    pub close_timeout: Duration,
    /// How long a stopping relay waits for its connections to close.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_connections: 12_000,
            max_per_address: 1_000,
            frames_per_second: 1_000,
            bytes_per_second: 32 * 1024 * 1024,
            rate_patience: Duration::from_secs(30),
            max_rooms: 10_000,
            max_peers_per_room: 1_000,
            queue_bytes: 4 * 1024 * 1024,
            queue_total: 1024 * 1024 * 1024,
            register_timeout: Duration::from_secs(10),
            ping_interval: Duration::from_secs(20),
            ping_timeout: Duration::from_secs(20),
            close_timeout: Duration::from_secs(5),
            drain: Duration::from_secs(5),
        }
    }
}

/// Limits the relay cannot work with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum LimitsError {
    /// Too small for one frame.
    #[error("a queue of {0} bytes cannot hold one frame: give at least {MIN_QUEUE_BYTES}")]
    QueueTooSmall(usize),
    /// Too many for one `Welcome`.
    #[error(
        "the presence of {0} peers does not fit into one frame: give at most {MAX_PEERS_PER_ROOM}"
    )]
    RoomTooLarge(usize),
    /// No frame of the greatest size could ever be read.
    #[error("{0} bytes a second are less than one frame: give at least {MAX_FRAME}")]
    TooFewBytes(u32),
    /// Nobody could ever connect.
    #[error("{0} must be more than zero")]
    Zero(&'static str),
}

impl Limits {
    /// Checks that the relay can work with these limits.
    ///
    /// # Errors
    /// [`LimitsError`] with the first that it cannot work with.
    pub fn check(&self) -> Result<(), LimitsError> {
        let zeros = [
            ("the number of connections", self.max_connections == 0),
            ("the number of connections of an address", self.max_per_address == 0),
            ("the number of frames in a second", self.frames_per_second == 0),
            ("the number of rooms", self.max_rooms == 0),
            ("the number of peers in a room", self.max_peers_per_room == 0),
            ("the time to register", self.register_timeout.is_zero()),
            ("the ping interval", self.ping_interval.is_zero()),
            ("the ping timeout", self.ping_timeout.is_zero()),
        ];
        if let Some((name, _)) = zeros.into_iter().find(|(_, zero)| *zero) {
            return Err(LimitsError::Zero(name));
        }
        if self.queue_bytes < MIN_QUEUE_BYTES {
            return Err(LimitsError::QueueTooSmall(self.queue_bytes));
        }
        if (self.bytes_per_second as usize) < MAX_FRAME {
            return Err(LimitsError::TooFewBytes(self.bytes_per_second));
        }
        if self.max_peers_per_room > MAX_PEERS_PER_ROOM {
            return Err(LimitsError::RoomTooLarge(self.max_peers_per_room));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use chain_wasm::primitives::{PublicKey, UnixMillis};
    use chain_wasm::relay::{Presence, RelayFrame};

    use super::*;

    #[test]
    fn the_largest_room_fits_into_one_welcome() {
        let presence =
            Presence { peer: PublicKey::from_bytes([255; 32]), status: &[255; MAX_STATUS] };
        let welcome = RelayFrame::Welcome {
            time: UnixMillis(u64::MAX),
            peers: vec![presence; MAX_PEERS_PER_ROOM],
        };
        let length = welcome.encode().len();
        assert!(length <= MAX_FRAME, "{length}");
    }

    #[test]
    fn refuses_limits_it_cannot_work_with() {
        let good = Limits::default();
        assert_eq!(good.check(), Ok(()));
        let small = Limits { queue_bytes: MIN_QUEUE_BYTES - 1, ..good.clone() };
        assert_eq!(small.check(), Err(LimitsError::QueueTooSmall(MIN_QUEUE_BYTES - 1)));
        let large = Limits { max_peers_per_room: MAX_PEERS_PER_ROOM + 1, ..good.clone() };
        assert_eq!(large.check(), Err(LimitsError::RoomTooLarge(MAX_PEERS_PER_ROOM + 1)));
        let few = Limits { bytes_per_second: 1_000, ..good.clone() };
        assert_eq!(few.check(), Err(LimitsError::TooFewBytes(1_000)));
        let none = Limits { max_rooms: 0, ..good };
        assert!(matches!(none.check(), Err(LimitsError::Zero(_))));
    }
}
