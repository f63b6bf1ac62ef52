//! What waits for one connection, bounded in bytes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use chain_wasm::relay::Refusal;
use tokio::sync::Notify;
use tokio::time::Instant;

use super::Budget;
use crate::limits::FRAME_OVERHEAD;
use crate::rooms::Link;

/// Frames are taken in batches of about this many bytes, written, then flushed
/// once.
const BATCH_BYTES: usize = 64 * 1024;

/// So many bytes may wait for each connection, whatever waits for others.
pub const FREE: usize = 64 * 1024;

/// A queue that is emptied gives memory for more frames than this back.
const KEPT_CAPACITY: usize = 16;

/// The frames that wait for one connection.
///
/// The room pushes, the connection's task takes. A push that would pass the limit
/// closes the connection instead with [`Refusal::TooSlow`]; nobody waits for a
/// slow receiver.
#[derive(Debug)]
pub struct Queue {
    state: Mutex<State>,
    /// Frames, a ping or an end are there to be taken.
    ready: Notify,
    /// Closed at once.
    closed: Notify,
    limit: usize,
    budget: Arc<Budget>,
}

#[derive(Debug, Default)]
struct State {
    frames: VecDeque<Bytes>,
    bytes: usize,
    /// How many of them are taken from the budget.
    counted: usize,
    /// Since when something has been waiting.
    since: Option<Instant>,
    ping: bool,
    end: Option<End>,
}

/// Frames on their way to the socket.
#[derive(Debug, Default)]
pub struct Batch {
    /// The oldest first.
    pub frames: VecDeque<Bytes>,
    /// Their bytes.
    pub bytes: usize,
    /// Since when the oldest has been waiting.
    pub since: Option<Instant>,
}

#[derive(Debug, Clone, Copy)]
struct End {
    reason: Refusal,
    at_once: bool,
}

/// What [`Queue::take`] gives.
#[derive(Debug, PartialEq, Eq)]
pub enum Taken {
    /// Frames are in the batch; a ping is to follow them if `ping`.
    Batch {
        /// Whether the peer is to be pinged.
        ping: bool,
    },
    /// Nothing comes any more.
    End(Refusal),
}

impl Queue {
    /// An empty queue for at most `limit` bytes, [`FRAME_OVERHEAD`] for each frame
    /// included. What waits beyond [`FREE`] is taken from the budget.
    pub fn new(limit: usize, budget: Arc<Budget>) -> Self {
        let (ready, closed) = (Notify::new(), Notify::new());
        Self { state: Mutex::default(), ready, closed, limit, budget }
    }

    /// Closes the queue once what waits is taken.
    pub fn finish(&self, reason: Refusal) {
        let mut state = self.lock();
        if state.end.is_none() {
            state.end = Some(End { reason, at_once: false });
            self.ready.notify_one();
        }
    }

    /// Asks for a ping.
    pub fn ping(&self) {
        self.lock().ping = true;
        self.ready.notify_one();
    }

    /// Waits for frames, and moves some of them to the end of `batch`. For one
    /// caller at a time; nothing is lost if it stops waiting.
    pub async fn take(&self, batch: &mut Batch) -> Taken {
        loop {
            if let Some(taken) = self.lock().take(batch, &self.budget) {
                return taken;
            }
            self.ready.notified().await;
        }
    }

    /// Waits until the queue is closed at once, and says why. For one caller at a
    /// time.
    pub async fn closed(&self) -> Refusal {
        loop {
            if let Some(End { reason, at_once: true }) = self.lock().end {
                return reason;
            }
            self.closed.notified().await;
        }
    }

    /// How many bytes wait.
    pub fn bytes(&self) -> usize {
        self.lock().bytes
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn close_locked(&self, state: &mut State, reason: Refusal) {
        if state.end.is_some_and(|end| end.at_once) {
            return;
        }
        self.budget.give(state.counted);
        *state = State { end: Some(End { reason, at_once: true }), ..State::default() };
        self.ready.notify_one();
        self.closed.notify_one();
    }
}

impl Drop for Queue {
    fn drop(&mut self) {
        self.budget.give(self.lock().counted);
    }
}

impl State {
    /// Takes what waits beyond [`FREE`] from the budget; `false` if it is not there.
    fn count(&mut self, bytes: usize, budget: &Budget) -> bool {
        let beyond = bytes.saturating_sub(FREE);
        let counted = beyond <= self.counted || budget.take(self.counted, beyond - self.counted);
        if counted {
            budget.give(self.counted.saturating_sub(beyond));
            self.counted = beyond;
        }
        counted
    }

    fn take(&mut self, batch: &mut Batch, budget: &Budget) -> Option<Taken> {
        let mut taken = 0;
        while taken < BATCH_BYTES
            && let Some(frame) = self.frames.pop_front()
        {
            taken += cost(&frame);
            batch.bytes += frame.len();
            batch.frames.push_back(frame);
        }
        self.bytes = self.bytes.saturating_sub(taken);
        self.count(self.bytes, budget);
        if taken > 0 {
            batch.since = batch.since.or(self.since);
            self.since = if self.frames.is_empty() { None } else { Some(Instant::now()) };
        }
        if self.frames.is_empty() && self.frames.capacity() > KEPT_CAPACITY {
            self.frames = VecDeque::new();
        }
        let ping = std::mem::take(&mut self.ping);
        if taken > 0 || ping {
            Some(Taken::Batch { ping })
        } else {
            self.end.map(|end| Taken::End(end.reason))
        }
    }
}

impl Link for Arc<Queue> {
    fn send(&self, frame: Bytes) -> bool {
        let mut state = self.lock();
        if state.end.is_some() {
            return false;
        }
        let bytes = state.bytes.saturating_add(cost(&frame));
        if bytes > self.limit || !state.count(bytes, &self.budget) {
            self.close_locked(&mut state, Refusal::TooSlow);
            return false;
        }
        state.bytes = bytes;
        if state.since.is_none() {
            state.since = Some(Instant::now());
        }
        state.frames.push_back(frame);
        self.ready.notify_one();
        true
    }

    fn close(&self, reason: Refusal) {
        self.close_locked(&mut self.lock(), reason);
    }

    fn waiting(&self) -> usize {
        self.bytes()
    }
}

fn cost(frame: &Bytes) -> usize {
    frame.len().saturating_add(FRAME_OVERHEAD)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queue(limit: usize) -> Queue {
        Queue::new(limit, Arc::new(Budget::new(usize::MAX)))
    }

    fn frame(length: usize) -> Bytes {
        Bytes::from(vec![7; length])
    }

    #[tokio::test]
    async fn a_push_over_the_limit_closes_and_frees_what_waited() {
        let queue = Arc::new(queue(1_000));
        assert!(queue.send(frame(500)));
        assert!(queue.send(frame(1_000 - 500 - 2 * FRAME_OVERHEAD)));
        assert_eq!(queue.bytes(), 1_000);
        assert!(!queue.send(frame(0)));
        assert_eq!(queue.bytes(), 0);
        assert_eq!(queue.closed().await, Refusal::TooSlow);
        assert!(!queue.send(frame(1)));
        let mut batch = Batch::default();
        assert_eq!(queue.take(&mut batch).await, Taken::End(Refusal::TooSlow));
        assert!(batch.frames.is_empty());
    }

    #[tokio::test]
    async fn empty_frames_are_bounded_too() {
        let queue = Arc::new(queue(10 * FRAME_OVERHEAD));
        assert!((0..10).all(|_| queue.send(frame(0))));
        assert!(!queue.send(frame(0)));
    }

    #[tokio::test]
    async fn a_finished_queue_gives_what_waits_and_then_its_end() {
        let queue = Arc::new(queue(usize::MAX));
        for _ in 0..3 {
            queue.send(frame(BATCH_BYTES));
        }
        queue.finish(Refusal::Stopping);
        assert!(!queue.send(frame(1)));
        queue.ping();
        let mut batch = Batch::default();
        assert_eq!(queue.take(&mut batch).await, Taken::Batch { ping: true });
        assert_eq!(queue.take(&mut batch).await, Taken::Batch { ping: false });
        assert_eq!(queue.take(&mut batch).await, Taken::Batch { ping: false });
        assert_eq!((batch.frames.len(), batch.bytes), (3, 3 * BATCH_BYTES));
        assert!(batch.since.is_some());
        assert_eq!(queue.take(&mut batch).await, Taken::End(Refusal::Stopping));
    }

    #[tokio::test]
    async fn closing_at_once_overtakes_finishing() {
        let queue = Arc::new(queue(usize::MAX));
        queue.send(frame(1));
        queue.finish(Refusal::Stopping);
        queue.close(Refusal::Replaced);
        queue.close(Refusal::TooSlow);
        assert_eq!(queue.closed().await, Refusal::Replaced);
        assert_eq!(queue.bytes(), 0);
    }

    #[tokio::test]
    async fn all_queues_share_a_budget_of_which_the_long_ones_meet_the_end() {
        let budget = Arc::new(Budget::new(900_000));
        let queue = || Arc::new(Queue::new(usize::MAX, Arc::clone(&budget)));
        let send = |queue: &Arc<Queue>, bytes: usize| queue.send(frame(bytes - FRAME_OVERHEAD));
        let long: Vec<_> = (0..8).map(|_| queue()).collect();
        // Each takes a little less than what is left allows it.
        for queue in &long {
            let most = (900_000 - budget.used()) / 8;
            assert!(send(queue, FREE + most - 1_000));
        }
        let used = budget.used();
        assert!(used > 550_000, "{used}");
        // One that has most of it gets no more, one that has little does.
        assert!(!send(&long[0], 1_000));
        assert_eq!(long[0].closed().await, Refusal::TooSlow);
        let short = queue();
        assert!(send(&short, FREE) && send(&short, 20_000));
        // What is read, closed or dropped is given back.
        long[1].take(&mut Batch::default()).await;
        long[2].close(Refusal::Replaced);
        drop(long);
        assert_eq!(budget.used(), 20_000);
        short.take(&mut Batch::default()).await;
        assert_eq!(budget.used(), 0);
    }
}
