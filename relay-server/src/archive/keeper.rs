//! One room that is kept: the node that a tab runs, on a thread of its own.
//!
//! The driver does what a tab's does: it hands the node what happens, one thing after the
//! other, and carries out what it says. Storing is done in place and in order, so that the
//! node hears of a batch only once it is on the disk. When storing fails (the archive is full,
//! or the disk), the room is **stopped**: it leaves its relays and takes in nothing more, but
//! goes on answering from what it has.

mod ask;
mod driver;
mod links;
mod search;
mod socket;

use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{SystemTime, UNIX_EPOCH};

use chain_wasm::api::{ApiError, Outcome};
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::{Config, Node, NodeCommand, Now, StorageMode};
use chain_wasm::primitives::{Instant, Keypair, UnixMillis};
use chain_wasm::relay::RoomId;
use tokio::sync::{Semaphore, mpsc, oneshot, watch};
use tokio_util::sync::CancellationToken;

pub use ask::{Ask, Keeping, Place, RegisterError, Registered, RoomState, SyncReport};
pub use socket::OwnRelay;
pub(super) use socket::own_relay;

use super::folder::Opened;
use super::relay_url::RelayUrl;
use super::store::{Found, Store};
use driver::Driver;

/// The most relays at which a room is kept, beside the archive's own.
pub const MAX_RELAYS: usize = 8;

/// The most questions that wait for a room's thread.
pub const MAX_ASKED: usize = 64;

/// What a room is kept with.
#[derive(Debug)]
pub struct Kept {
    /// The room.
    pub spec: Spec,
    /// Its store.
    pub store: Store,
    /// What was in it.
    pub found: Found,
    /// Signs what is written through the archive.
    pub wallet: Keypair,
}

/// What the rooms of an archive share.
#[derive(Debug, Clone)]
pub struct Shared {
    /// The relay that they are kept at.
    pub relay: OwnRelay,
    /// Whose turn it is to search for a block.
    pub turns: Arc<Semaphore>,
    /// Ends all of them.
    pub stop: CancellationToken,
}

/// Why a room's thread does not answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KeeperError {
    /// Too many questions wait.
    #[error("too many requests wait for this room")]
    Busy,
    /// It has ended.
    #[error("the archive is stopping")]
    Ended,
    /// It has panicked.
    #[error("the archive of this room has crashed: it answers once the archive is started again")]
    Crashed,
}

/// Why a room's thread was not started.
#[derive(Debug, thiserror::Error)]
pub enum BeginError {
    /// No random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// No thread.
    #[error("no thread: {0}")]
    Thread(#[from] io::Error),
}

/// A room that is kept.
#[derive(Debug)]
pub struct Keeper {
    id: RoomId,
    spec: Spec,
    asks: mpsc::Sender<Ask>,
    /// How it stood when its thread was last done with something.
    last: watch::Receiver<RoomState>,
    stop: CancellationToken,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Kept {
    /// Reads all that the store has.
    ///
    /// # Errors
    /// [`super::folder::FolderError`], or no random numbers.
    pub fn restore(spec: Spec, opened: Opened) -> Result<Self, RestoreError> {
        let Opened { mut store, wallet, .. } = opened;
        let (a, b) = (random()?, random()?);
        let found = store.restore(&spec, [u64::from_le_bytes(a), u64::from_le_bytes(b)])?;
        for damage in &found.damage {
            tracing::warn!(room = spec.name(), %damage, "damaged on the disk: fetched again from peers");
        }
        Ok(Self { spec, store, found, wallet })
    }
}

/// Why what a store has cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// No random numbers.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
    /// The store.
    #[error(transparent)]
    Store(#[from] super::store::StoreError),
}

impl Keeper {
    /// Begins to keep a room.
    ///
    /// # Errors
    /// [`BeginError`]
    pub fn begin(kept: Kept, shared: Shared) -> Result<Self, BeginError> {
        let Kept { spec, store, found, wallet } = kept;
        let id = chain_wasm::node::room_of(&spec);
        let peer = Keypair::from_seed(random()?);
        let config = Config {
            spec: spec.clone(),
            secret: None,
            wallet,
            peer: peer.public(),
            seed: random()?,
            storage: StorageMode::Durable,
        };
        let (asks, queue) = mpsc::channel(MAX_ASKED);
        let damaged = found.damage.len();
        let author = config.wallet.public();
        let (told, last) = watch::channel(RoomState::at_genesis(id, author, damaged));
        let stop = shared.stop.clone();
        let room = spec.name().to_owned();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let named = thread::Builder::new().name("archive".to_owned());
        let keep = move || {
            let clock = Clock::new();
            let node = Node::new(config, found.restored, clock.now());
            let driver = Driver::new(node, store, shared, clock, damaged, told);
            runtime.block_on(driver.run(peer, queue));
        };
        let thread = named.spawn(move || {
            // All that it had is dropped, so that nobody sees it half done.
            if catch_unwind(AssertUnwindSafe(keep)).is_err() {
                tracing::error!(room, "crashed: the room is not kept until the next start");
            }
        })?;
        Ok(Self { id, spec, asks, last, stop, thread: Mutex::new(Some(thread)) })
    }

    /// The room's id.
    pub const fn id(&self) -> RoomId {
        self.id
    }

    /// Its spec.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    /// Asks what a tab's page may ask its node.
    ///
    /// # Errors
    /// [`KeeperError`]
    pub async fn command(
        &self,
        command: NodeCommand,
    ) -> Result<Result<Outcome, ApiError>, KeeperError> {
        self.ask(|answer| Ask::Command(command, answer)).await
    }

    /// Waits until an entry is in a block; as long as the caller does.
    ///
    /// # Errors
    /// [`KeeperError`]
    pub async fn block_of(
        &self,
        entry: chain_wasm::primitives::Hash,
    ) -> Result<Place, KeeperError> {
        self.ask(|answer| Ask::Block(entry, answer)).await
    }

    /// Synchronises now, and waits for it, but not for ever.
    ///
    /// # Errors
    /// [`KeeperError`]
    pub async fn sync(&self) -> Result<SyncReport, KeeperError> {
        self.ask(Ask::Sync).await
    }

    /// How the room stands; of one that has crashed, how it stood.
    ///
    /// # Errors
    /// [`KeeperError`], but for [`KeeperError::Crashed`].
    pub async fn state(&self) -> Result<Box<RoomState>, KeeperError> {
        match self.ask(Ask::State).await {
            Err(KeeperError::Crashed) => Ok(Box::new(self.last_state())),
            answer => answer,
        }
    }

    /// How the room stood when its thread was last done with something: waits for nothing.
    pub fn last_state(&self) -> RoomState {
        let last = self.last.borrow().clone();
        if self.asks.is_closed() && self.ended() == KeeperError::Crashed {
            last.crashed()
        } else {
            last
        }
    }

    /// Keeps the room at another relay, too.
    ///
    /// # Errors
    /// [`KeeperError`]
    pub async fn register(
        &self,
        relay: RelayUrl,
    ) -> Result<Result<Registered, RegisterError>, KeeperError> {
        self.ask(|answer| Ask::Register(relay, answer)).await
    }

    async fn ask<T>(
        &self,
        question: impl FnOnce(oneshot::Sender<T>) -> Ask,
    ) -> Result<T, KeeperError> {
        let (sender, answer) = oneshot::channel();
        self.asks.try_send(question(sender)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => KeeperError::Busy,
            mpsc::error::TrySendError::Closed(_) => self.ended(),
        })?;
        answer.await.map_err(|_| self.ended())
    }

    /// Why its thread has ended, if it has.
    fn ended(&self) -> KeeperError {
        if self.stop.is_cancelled() { KeeperError::Ended } else { KeeperError::Crashed }
    }

    /// Waits until the room's thread has ended, its store closed.
    pub fn join(&self) {
        let thread = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take();
        // A panic was told when it came.
        drop(thread.map(JoinHandle::join));
    }
}

/// Both clocks.
#[derive(Debug, Clone, Copy)]
struct Clock {
    start: tokio::time::Instant,
}

impl Clock {
    fn new() -> Self {
        Self { start: tokio::time::Instant::now() }
    }

    fn now(self) -> Now {
        let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let millis =
            |time: std::time::Duration| u64::try_from(time.as_millis()).unwrap_or(u64::MAX);
        Now { mono: Instant(millis(self.start.elapsed())), wall: UnixMillis(millis(wall)) }
    }

    /// When a time of the node is.
    fn at(self, time: Instant) -> tokio::time::Instant {
        self.start + std::time::Duration::from_millis(time.0)
    }
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
impl Keeper {
    /// Has the room's thread panic, and waits until it has ended: whoever it answers is woken by
    /// it, and so can be the one to panic.
    pub(in crate::archive) async fn crash(&self) {
        struct Panics;

        impl std::task::Wake for Panics {
            fn wake(self: Arc<Self>) {
                panic!("a test wants it");
            }
        }

        let (sender, mut answer) = oneshot::channel();
        let waker = Arc::new(Panics).into();
        let waiting = std::pin::Pin::new(&mut answer);
        assert!(waiting.poll(&mut std::task::Context::from_waker(&waker)).is_pending());
        self.asks.try_send(Ask::State(sender)).unwrap();
        self.asks.closed().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn so_many_questions_wait_for_a_room() {
        let (asks, _unread) = mpsc::channel(MAX_ASKED);
        let spec = Spec::open("t").unwrap();
        let id = chain_wasm::node::room_of(&spec);
        let author = Keypair::from_seed([1; 32]).public();
        let (_, last) = watch::channel(RoomState::at_genesis(id, author, 0));
        let stop = CancellationToken::new();
        let keeper = Keeper { id, spec, asks, last, stop, thread: Mutex::new(None) };
        for _ in 0..MAX_ASKED {
            // Asked, and not answered.
            assert!(futures_util::FutureExt::now_or_never(keeper.state()).is_none());
        }
        assert_eq!(keeper.state().await.unwrap_err(), KeeperError::Busy);
    }
}
