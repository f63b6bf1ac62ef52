//! What a room has to say to other relays, bounded in bytes.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::Notify;

use super::message::RelayId;
use crate::limits::FRAME_OVERHEAD;

/// Whom a message goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum To {
    /// Every relay that has peers in the room.
    Room,
    /// One relay.
    Relay(RelayId),
}

/// The messages of one room that wait to be published.
///
/// The room pushes, its task takes. What would pass the limit is dropped: relays notice
/// missing changes of presence by their numbers, and peers missing blocks by theirs.
#[derive(Debug)]
pub struct Outbox {
    state: Mutex<State>,
    ready: Notify,
    ended: Notify,
    limit: usize,
}

#[derive(Debug, Default)]
struct State {
    messages: VecDeque<(To, Bytes)>,
    bytes: usize,
    dropped: u64,
    closed: bool,
}

impl Outbox {
    /// An empty one for at most `limit` bytes, [`FRAME_OVERHEAD`] for each message
    /// included.
    pub fn new(limit: usize) -> Self {
        Self { state: Mutex::default(), ready: Notify::new(), ended: Notify::new(), limit }
    }

    /// Adds a message; `false` if there is no place and it is dropped.
    pub fn push(&self, to: To, message: impl Into<Bytes>) -> bool {
        let message = message.into();
        let mut state = self.lock();
        let bytes = state.bytes.saturating_add(cost(&message));
        if bytes > self.limit {
            state.dropped += 1;
            return false;
        }
        state.bytes = bytes;
        state.messages.push_back((to, message));
        self.ready.notify_one();
        true
    }

    /// Puts a message before all that wait. There is always a place for it, since it
    /// stands for what may have been dropped.
    pub fn push_first(&self, to: To, message: impl Into<Bytes>) {
        let message = message.into();
        let mut state = self.lock();
        state.bytes = state.bytes.saturating_add(cost(&message));
        state.messages.push_front((to, message));
        self.ready.notify_one();
    }

    /// Waits for the next message; none once it is closed and empty. For one caller at a
    /// time; nothing is lost if it stops waiting.
    pub async fn take(&self) -> Option<(To, Bytes)> {
        loop {
            {
                let mut state = self.lock();
                if let Some((to, message)) = state.messages.pop_front() {
                    state.bytes = state.bytes.saturating_sub(cost(&message));
                    return Some((to, message));
                }
                state.messages.shrink_to(0);
                if state.closed {
                    return None;
                }
            }
            self.ready.notified().await;
        }
    }

    /// Drops what waits.
    pub fn clear(&self) {
        let mut state = self.lock();
        state.messages = VecDeque::new();
        state.bytes = 0;
    }

    /// Nothing comes any more.
    pub fn close(&self) {
        self.lock().closed = true;
        self.ready.notify_one();
        self.ended.notify_one();
    }

    /// Waits until it is closed, empty or not. For one caller at a time.
    pub async fn ended(&self) {
        while !self.is_closed() {
            self.ended.notified().await;
        }
    }

    /// Whether nothing comes any more.
    pub fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// How many messages were dropped since the last call.
    pub fn take_dropped(&self) -> u64 {
        std::mem::take(&mut self.lock().dropped)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn cost(message: &Bytes) -> usize {
    message.len().saturating_add(FRAME_OVERHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_passes_the_limit_is_dropped_and_counted() {
        let outbox = Outbox::new(2 * (FRAME_OVERHEAD + 1));
        let taken = [(); 5].map(|()| outbox.push(To::Room, vec![1]));
        assert_eq!(taken, [true, true, false, false, false]);
        assert_eq!((outbox.take_dropped(), outbox.take_dropped()), (3, 0));
        outbox.push_first(To::Room, vec![0]);
        assert_eq!(outbox.take().await, Some((To::Room, Bytes::from(vec![0]))));
        assert_eq!(outbox.take().await, Some((To::Room, Bytes::from(vec![1]))));
        outbox.push(To::Room, vec![2]);
        outbox.close();
        assert_eq!(outbox.take().await, Some((To::Room, Bytes::from(vec![1]))));
        assert_eq!(outbox.take().await, Some((To::Room, Bytes::from(vec![2]))));
        assert_eq!(outbox.take().await, None);
    }

    #[tokio::test]
    async fn a_cleared_one_has_all_its_place_again() {
        let outbox = Outbox::new(FRAME_OVERHEAD + 1);
        outbox.push(To::Room, vec![1]);
        outbox.clear();
        outbox.push(To::Relay(RelayId([1; 16])), vec![2]);
        assert_eq!(outbox.take_dropped(), 0);
        let expected = Some((To::Relay(RelayId([1; 16])), Bytes::from(vec![2])));
        assert_eq!(outbox.take().await, expected);
    }
}
