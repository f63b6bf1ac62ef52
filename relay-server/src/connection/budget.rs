//! What may wait for all connections together.

use std::sync::atomic::{AtomicUsize, Ordering};

/// A queue may take one part in so many of what is left.
const SHARE: usize = 8;

/// The memory that all queues share, in bytes. Each has [some](super::queue::FREE) of its
/// own beside it, so that in quiet times nobody touches this.
///
/// No queue may take more than an eighth of what is left. So where many receivers do not
/// read, it is the longest queues that meet the limit, and a short one has place however
/// many long ones there are (Choudhury and Hahne, "Dynamic queue length thresholds for
/// shared-memory packet switches", IEEE/ACM Transactions on Networking 6, 1998).
#[derive(Debug)]
pub struct Budget {
    used: AtomicUsize,
    limit: usize,
}

impl Budget {
    /// Nothing used of `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { used: AtomicUsize::new(0), limit }
    }

    /// Takes some more for a queue that has taken `held`; `false` if that is too much.
    pub fn take(&self, held: usize, bytes: usize) -> bool {
        let more = |used: usize| {
            let left = self.limit.saturating_sub(used);
            let wanted = held.saturating_add(bytes);
            (bytes <= left && wanted <= left / SHARE).then(|| used + bytes)
        };
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, more).is_ok()
    }

    /// Gives back what was taken.
    pub fn give(&self, bytes: usize) {
        let less = |used: usize| Some(used.saturating_sub(bytes));
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }

    /// How much is used.
    pub fn used(&self) -> usize {
        self.used.load(Ordering::Relaxed)
    }
}
