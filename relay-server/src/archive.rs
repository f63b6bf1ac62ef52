//! The archive: keeps rooms alive when all their tabs are closed, and answers scripts.
//!
//! It is no part of the relay: [`Archive`] runs the node that tabs run
//! ([`chain_wasm::node`]) as a peer of each room that it is told to keep, over a connection
//! like any tab's, and stores its chain durably. A relay without one is as blind to what tabs
//! say as ever, and has none of this at run time.
//!
//! - [`room_link`] and [`relay_url`] read what operators and scripts name;
//! - [`folder`] and [`store`] are what is on the disk;
//! - [`keeper`] is one room that is kept, on a thread of its own;
//! - [`discovery`] finds rooms to keep, if it is to keep all;
//! - [`http`] is what scripts see, [`metrics`] what Prometheus is told;
//! - [`export`] is a chain as a file, [`admin`] writes and reads those.

pub mod admin;
pub mod discovery;
pub mod export;
pub mod folder;
pub mod http;
pub mod keeper;
pub mod metrics;
pub mod relay_url;
pub mod room_link;
#[cfg(test)]
mod samples;
pub mod store;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard};

use bytesize::ByteSize;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node;
use chain_wasm::primitives::Hash;
use chain_wasm::relay::RoomId;
use prometheus_client::registry::Registry;
use tokio::sync::Semaphore;

use folder::{Folder, FolderError};
use http::Token;
use keeper::{BeginError, Keeper, Kept, OwnRelay, RestoreError, Shared};
use metrics::Metrics;
use room_link::Room;
use store::{Budget, StoreError};

/// The most rooms that an archive keeps: each has a thread.
pub const MAX_KEPT: usize = 256;

/// The least that an archive's bound may be, in bytes, for each room: a database begins with
/// more than one.
pub const LEAST_BYTES: u64 = 4 * 1024 * 1024;

/// How to run an archive.
#[derive(Debug, Clone)]
pub struct ArchiveConfig {
    /// Where it keeps what it keeps.
    pub folder: PathBuf,
    /// The rooms that it keeps.
    pub rooms: Vec<Room>,
    /// Whether it keeps all rooms, too, that its folder has or that its relay gets, but for
    /// private ones, whose spec nobody is told.
    pub all: bool,
    /// How many bytes its databases may have together.
    pub max_bytes: u64,
    /// What writing takes; without one nobody may write.
    pub token: Option<Token>,
}

/// Why an archive cannot start.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The folder.
    #[error("the archive: {0}")]
    Folder(#[from] FolderError),
    /// A room's records.
    #[error("the archive of the room {room}: {error}")]
    Restore {
        /// The room's name.
        room: String,
        /// Why.
        error: RestoreError,
    },
    /// A room's thread.
    #[error("the archive of the room {room}: {error}")]
    Begin {
        /// The room's name.
        room: String,
        /// Why.
        error: BeginError,
    },
    /// No rooms.
    #[error("the archive has no room to keep: name one with --archive-room, or take --archive-all")]
    NoRooms,
    /// Too many rooms.
    #[error("the archive would keep {0} rooms, more than {MAX_KEPT}")]
    TooManyRooms(usize),
    /// Too small a bound.
    #[error("an archive of {rooms} rooms needs an --archive-max-bytes of {} at least", ByteSize::b(*.least))]
    TooSmall {
        /// How many rooms.
        rooms: usize,
        /// The least bound, in bytes.
        least: u64,
    },
}

/// The rooms that are kept.
#[derive(Debug)]
pub struct Archive {
    rooms: RwLock<BTreeMap<RoomId, Arc<Keeper>>>,
    folder: Folder,
    budget: Arc<Budget>,
    token: Option<Token>,
    all: bool,
    shared: Shared,
    metrics: Metrics,
}

impl ArchiveConfig {
    /// The rooms to keep, and whether that many can be.
    ///
    /// # Errors
    /// [`ArchiveError`]
    pub fn rooms(&self) -> Result<BTreeMap<RoomId, Option<Room>>, ArchiveError> {
        let known = if self.all {
            Folder::at(&self.folder).rooms().unwrap_or_default()
        } else {
            Vec::new()
        };
        let mut rooms: BTreeMap<_, _> = known.into_iter().map(|id| (id, None)).collect();
        rooms.extend(self.rooms.iter().map(|room| (room.id(), Some(room.clone()))));
        if rooms.is_empty() && !self.all {
            return Err(ArchiveError::NoRooms);
        }
        if rooms.len() > MAX_KEPT {
            return Err(ArchiveError::TooManyRooms(rooms.len()));
        }
        let least = LEAST_BYTES.saturating_mul(rooms.len() as u64);
        if self.max_bytes < least {
            return Err(ArchiveError::TooSmall { rooms: rooms.len(), least });
        }
        Ok(rooms)
    }
}

/// An archive whose stores are open and checked, and that is no peer of its rooms yet.
#[derive(Debug)]
pub struct Checked {
    kept: Vec<Kept>,
    folder: Folder,
    budget: Arc<Budget>,
    token: Option<Token>,
    all: bool,
}

impl Checked {
    /// Opens the stores of all rooms, and checks all that is in them. Takes its time.
    ///
    /// # Errors
    /// [`ArchiveError`]
    pub fn open(config: &ArchiveConfig) -> Result<Self, ArchiveError> {
        let folder = Folder::create(&config.folder)?;
        let budget = Arc::new(Budget::new(config.max_bytes));
        let mut kept = Vec::new();
        for (id, room) in config.rooms()? {
            let spec = match room {
                Some(room) => room.spec().clone(),
                None => match folder.open_known(&id, &budget) {
                    Ok((_, spec)) => spec,
                    Err(FolderError::Store { path, error: StoreError::Damaged(why) }) => {
                        // Once a tab joins the room it is known, put aside, and begun anew.
                        tracing::error!(path = %path.display(), why, "damaged: not kept for now");
                        continue;
                    }
                    Err(error) => return Err(error.into()),
                },
            };
            kept.push(open(&folder, spec, &budget)?);
        }
        Ok(Self { kept, folder, budget, token: config.token.clone(), all: config.all })
    }

    /// Joins the rooms.
    ///
    /// # Errors
    /// [`ArchiveError`]
    pub fn begin(self, relay: &OwnRelay) -> Result<Archive, ArchiveError> {
        let shared = Shared {
            relay: relay.clone(),
            turns: Arc::new(Semaphore::new(1)),
            stop: relay.context.stop.clone(),
        };
        let Self { kept, folder, budget, token, all } = self;
        let (rooms, metrics) = (RwLock::default(), Metrics::new());
        let archive = Archive { rooms, folder, budget, token, all, shared, metrics };
        for kept in kept {
            archive.begin(kept)?;
        }
        Ok(archive)
    }
}

/// Opens a room, and checks all that is in it.
fn open(folder: &Folder, spec: Spec, budget: &Arc<Budget>) -> Result<Kept, ArchiveError> {
    let opened = folder.open(&node::room_of(&spec), &spec, budget)?;
    let room = spec.name().to_owned();
    if let Some(aside) = &opened.set_aside {
        tracing::error!(room, aside = %aside.display(), "begun anew: fetched from peers");
    }
    Kept::restore(spec, opened).map_err(|error| ArchiveError::Restore { room, error })
}

impl Archive {
    /// The rooms, in the order of their ids.
    pub fn rooms(&self) -> Vec<Arc<Keeper>> {
        self.read().values().map(Arc::clone).collect()
    }

    /// The room of an id, or of a name that no other room has.
    pub fn room(&self, text: &str) -> Option<Arc<Keeper>> {
        let rooms = self.read();
        if let Ok(id) = text.parse::<Hash>() {
            return rooms.get(&id).map(Arc::clone);
        }
        let mut named = rooms.values().filter(|room| room.spec().name() == text);
        named.next().filter(|_| named.next().is_none()).map(Arc::clone)
    }

    /// Whether a room is kept.
    pub fn keeps(&self, room: &RoomId) -> bool {
        self.read().contains_key(room)
    }

    /// Whether it is to keep all rooms.
    pub const fn keeps_all(&self) -> bool {
        self.all
    }

    /// Whether it can keep one more.
    pub fn has_place(&self) -> bool {
        self.read().len() < MAX_KEPT
    }

    /// Keeps one more room. Takes its time.
    ///
    /// # Errors
    /// [`ArchiveError`]
    pub fn keep(&self, spec: Spec) -> Result<(), ArchiveError> {
        if self.keeps(&node::room_of(&spec)) {
            return Ok(());
        }
        if !self.has_place() {
            return Err(ArchiveError::TooManyRooms(MAX_KEPT + 1));
        }
        self.begin(open(&self.folder, spec, &self.budget)?)
    }

    fn begin(&self, kept: Kept) -> Result<(), ArchiveError> {
        let room = kept.spec.name().to_owned();
        let keeper = Keeper::begin(kept, self.shared.clone());
        let keeper = keeper.map_err(|error| ArchiveError::Begin { room, error })?;
        let mut rooms = self.rooms.write().unwrap_or_else(PoisonError::into_inner);
        rooms.insert(keeper.id(), Arc::new(keeper));
        Ok(())
    }

    fn read(&self) -> RwLockReadGuard<'_, BTreeMap<RoomId, Arc<Keeper>>> {
        self.rooms.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// How much its databases take, and how much they may.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// What it counts.
    pub const fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// What Prometheus is to be told of it now.
    pub fn measure(&self) -> &Registry {
        self.metrics.measure(self)
    }

    /// What writing takes.
    pub const fn token(&self) -> Option<&Token> {
        self.token.as_ref()
    }

    /// Waits until every room's thread has ended, once they are told to stop.
    pub fn join(&self) {
        for keeper in self.rooms() {
            keeper.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(rooms: usize, max_bytes: u64) -> ArchiveConfig {
        let rooms = (0..rooms).map(|n| format!("room {n}").parse().unwrap()).collect();
        ArchiveConfig { folder: PathBuf::new(), rooms, all: false, max_bytes, token: None }
    }

    #[test]
    fn an_archive_keeps_so_many_rooms_and_has_enough_for_each() {
        assert_eq!(config(MAX_KEPT, u64::MAX).rooms().unwrap().len(), MAX_KEPT);
        let many = config(MAX_KEPT + 1, u64::MAX).rooms();
        assert!(matches!(many, Err(ArchiveError::TooManyRooms(_))));
        assert!(matches!(config(0, u64::MAX).rooms(), Err(ArchiveError::NoRooms)));
        let all = ArchiveConfig { all: true, ..config(0, u64::MAX) };
        assert!(all.rooms().unwrap().is_empty());
        assert!(config(2, 2 * LEAST_BYTES).rooms().is_ok());
        let small = config(2, 2 * LEAST_BYTES - 1).rooms();
        assert!(small.unwrap_err().to_string().contains("8.0 MiB"));
    }
}
