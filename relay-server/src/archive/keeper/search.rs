//! The search for nonces, natively: one at a time for all rooms of an archive, in slices, so
//! that one that is not called for any more ends soon.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use chain_wasm::chain::seal;
use chain_wasm::node::{Input, SealJob};
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Nonces tried between two looks at whether the job still stands: some milliseconds.
const SLICE: u64 = 1 << 16;

/// Nonces tried until another room has its turn: about a second.
const TURN: u64 = 1 << 24;

/// How many nonces there are.
const ALL: u64 = 1 << 32;

/// A search that runs; dropping it ends it.
pub(super) struct Search {
    ended: Arc<AtomicBool>,
}

impl Search {
    /// Begins a search. `turns` is shared by all rooms; `tell` is given what came of it.
    pub(super) fn begin<T>(
        job: SealJob,
        turns: Arc<Semaphore>,
        tell: impl FnOnce(Input) -> T + Send + 'static,
    ) -> Self
    where
        T: Future<Output = ()> + Send,
    {
        let ended = Arc::new(AtomicBool::new(false));
        let end = Arc::clone(&ended);
        tokio::spawn(async move {
            if let Some(input) = run(&job, &turns, &end).await {
                tell(input).await;
            }
        });
        Self { ended }
    }
}

impl Drop for Search {
    fn drop(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// What came of it; `None` if it was ended.
async fn run(job: &SealJob, turns: &Semaphore, end: &Arc<AtomicBool>) -> Option<Input> {
    let mut from = 0;
    while from < ALL {
        let turn = turns.acquire().await.ok()?;
        let (slice, end) = (job.clone(), Arc::clone(end));
        let found = spawn_blocking(move || search(&slice, from, &end)).await.ok()?;
        drop(turn);
        match found {
            Progress::Found(nonce) => return Some(Input::Sealed { job: job.job, nonce }),
            Progress::Ended => return None,
            Progress::Nothing => from += TURN,
        }
    }
    Some(Input::SealExhausted { job: job.job })
}

/// What a turn led to.
enum Progress {
    Found(u32),
    Nothing,
    Ended,
}

fn search(job: &SealJob, from: u64, end: &AtomicBool) -> Progress {
    let mut next = from;
    while next < (from + TURN).min(ALL) {
        if end.load(Ordering::Relaxed) {
            return Progress::Ended;
        }
        let Ok(start) = u32::try_from(next) else { return Progress::Nothing };
        if let Some(nonce) = seal::search(&job.header, job.difficulty, start, SLICE) {
            return Progress::Found(nonce);
        }
        next += SLICE;
    }
    Progress::Nothing
}
