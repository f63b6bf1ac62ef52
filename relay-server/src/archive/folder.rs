//! An archive's folder: one folder for each room, named by the room's id, with its database
//! and its key.

use std::fs::{self, DirBuilder, OpenOptions};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use chain_wasm::chain::spec::Spec;
use chain_wasm::primitives::{Hash, Keypair};
use chain_wasm::relay::RoomId;
use data_encoding::HEXLOWER;

use super::store::{Budget, Store, StoreError};

/// The name of a room's database.
const DATABASE: &str = "chain.redb";

/// The name of the file that holds a room's key: the seed of RFC 8032 as 64 hex digits.
const KEY: &str = "key";

/// Why an archive's folder cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// A file or folder cannot be read or written.
    #[error("{path}: {error}")]
    Io {
        /// Its path.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// A key is none.
    #[error("{0}: it is not a key of 64 hex digits")]
    Key(PathBuf),
    /// Others than its owner may read a key.
    #[error("{0}: others may read it; it must have mode 0600")]
    OpenKey(PathBuf),
    /// A room's store.
    #[error("{path}: {error}")]
    Store {
        /// Its path.
        path: PathBuf,
        /// Why.
        error: StoreError,
    },
    /// No random numbers.
    #[error("no random numbers for a key: {0}")]
    Random(#[from] getrandom::Error),
}

/// An archive's folder.
#[derive(Debug, Clone)]
pub struct Folder {
    path: PathBuf,
}

/// A room's store and key.
#[derive(Debug)]
pub struct Opened {
    /// The store.
    pub store: Store,
    /// The key that signs what is written through the archive.
    pub wallet: Keypair,
    /// Where a database was put aside that is damaged beyond repair.
    pub set_aside: Option<PathBuf>,
}

impl Folder {
    /// Uses a folder; makes it, for its owner alone, if there is none.
    ///
    /// # Errors
    /// [`FolderError`]
    pub fn create(path: &Path) -> Result<Self, FolderError> {
        make(path)?;
        Ok(Self { path: path.to_owned() })
    }

    /// A folder that is there.
    pub fn at(path: &Path) -> Self {
        Self { path: path.to_owned() }
    }

    /// The rooms that it has.
    ///
    /// # Errors
    /// [`FolderError`]
    pub fn rooms(&self) -> Result<Vec<RoomId>, FolderError> {
        let mut rooms = Vec::new();
        for entry in fs::read_dir(&self.path).map_err(|error| io_error(&self.path, error))? {
            let entry = entry.map_err(|error| io_error(&self.path, error))?;
            let id = entry.file_name().to_str().and_then(|name| name.parse::<Hash>().ok());
            let is_room = |id: &RoomId| self.database(id).is_file();
            rooms.extend(id.filter(is_room));
        }
        rooms.sort_unstable();
        Ok(rooms)
    }

    /// Where a room's database is.
    pub fn database(&self, room: &RoomId) -> PathBuf {
        self.room(room).join(DATABASE)
    }

    fn room(&self, room: &RoomId) -> PathBuf {
        self.path.join(room.to_string())
    }

    /// Opens a room, which is made if it is not there. A database that is damaged beyond
    /// repair is put aside, and a new one begun, which the room's peers fill again.
    ///
    /// # Errors
    /// [`FolderError`]
    pub fn open(
        &self,
        id: &RoomId,
        spec: &Spec,
        budget: &Arc<Budget>,
    ) -> Result<Opened, FolderError> {
        make(&self.room(id))?;
        let path = self.database(id);
        let failed = |error| FolderError::Store { path: path.clone(), error };
        let (store, set_aside) = match Store::open(&path, spec, Arc::clone(budget)) {
            Err(StoreError::Damaged(why)) => {
                tracing::error!(path = %path.display(), why, "a database is damaged beyond repair");
                let aside = set_aside(&path)?;
                let store = Store::open(&path, spec, Arc::clone(budget)).map_err(failed)?;
                (store, Some(aside))
            }
            store => (store.map_err(failed)?, None),
        };
        Ok(Opened { store, wallet: self.wallet(id)?, set_aside })
    }

    /// Opens a room that is there.
    ///
    /// # Errors
    /// [`FolderError`]
    pub fn open_known(
        &self,
        id: &RoomId,
        budget: &Arc<Budget>,
    ) -> Result<(Store, Spec), FolderError> {
        let path = self.database(id);
        let opened = Store::open_known(&path, Arc::clone(budget));
        opened.map_err(|error| FolderError::Store { path, error })
    }

    /// Whether a room's key, if it has one, can be used.
    ///
    /// # Errors
    /// [`FolderError`]
    pub fn check_key(&self, room: &RoomId) -> Result<(), FolderError> {
        let path = self.room(room).join(KEY);
        if path.exists() { read_key(&path).map(drop) } else { Ok(()) }
    }

    /// The room's key; a new one, if it has none.
    fn wallet(&self, room: &RoomId) -> Result<Keypair, FolderError> {
        let path = self.room(room).join(KEY);
        if path.exists() {
            return read_key(&path);
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)?;
        // Under its name only once it is whole.
        let new = path.with_extension("new");
        write_key(&new, &seed).map_err(|error| io_error(&new, error))?;
        let named = fs::rename(&new, &path).and_then(|()| sync_folder(&self.room(room)));
        named.map_err(|error| io_error(&path, error))?;
        Ok(Keypair::from_seed(seed))
    }
}

fn write_key(path: &Path, seed: &[u8; 32]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    writeln!(file, "{}", HEXLOWER.encode(seed))?;
    file.sync_all()
}

fn read_key(path: &Path) -> Result<Keypair, FolderError> {
    let mut file = fs::File::open(path).map_err(|error| io_error(path, error))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let metadata = file.metadata().map_err(|error| io_error(path, error))?;
        if metadata.permissions().mode() & 0o077 != 0 {
            return Err(FolderError::OpenKey(path.to_owned()));
        }
    }
    let mut text = String::new();
    let read = Read::by_ref(&mut file).take(100).read_to_string(&mut text);
    read.map_err(|error| io_error(path, error))?;
    let seed = HEXLOWER.decode(text.trim().as_bytes()).ok();
    let seed = seed.and_then(|seed| seed.try_into().ok());
    seed.map(Keypair::from_seed).ok_or_else(|| FolderError::Key(path.to_owned()))
}

/// Makes a folder for its owner alone.
fn make(path: &Path) -> Result<(), FolderError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(|error| io_error(path, error))
}

/// Gives a damaged database a name of its own, beside where it was.
fn set_aside(path: &Path) -> Result<PathBuf, FolderError> {
    let free = |aside: &PathBuf| !aside.exists();
    let mut names = (1_u32..).map(|n| path.with_extension(format!("damaged-{n}")));
    let aside = names.find(free).unwrap_or_else(|| path.with_extension("damaged"));
    fs::rename(path, &aside).map_err(|error| io_error(path, error))?;
    Ok(aside)
}

#[cfg(unix)]
fn sync_folder(path: &Path) -> io::Result<()> {
    fs::File::open(path)?.sync_all()
}

/// Windows has no such thing.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

fn io_error(path: &Path, error: io::Error) -> FolderError {
    FolderError::Io { path: path.to_owned(), error }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_keeps_its_key_which_only_its_owner_may_read() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(&place.path().join("archive")).unwrap();
        let spec = Spec::open("a").unwrap();
        let id = chain_wasm::node::room_of(&spec);
        let budget = Arc::new(Budget::new(u64::MAX));
        let first = folder.open(&id, &spec, &budget).unwrap().wallet.public();
        let again = folder.open(&id, &spec, &budget).unwrap().wallet.public();
        assert_eq!(first, again);
        assert_eq!(folder.rooms().unwrap(), [id]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let key = folder.room(&id).join(KEY);
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&key), mode(&folder.room(&id))), (0o600, 0o700));
            fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
            assert!(matches!(folder.open(&id, &spec, &budget), Err(FolderError::OpenKey(_))));
        }
    }

    #[test]
    fn what_is_no_key_is_refused() {
        let place = tempfile::tempdir().unwrap();
        let folder = Folder::create(place.path()).unwrap();
        let spec = Spec::open("a").unwrap();
        let id = chain_wasm::node::room_of(&spec);
        let budget = Arc::new(Budget::new(u64::MAX));
        drop(folder.open(&id, &spec, &budget).unwrap());
        fs::write(folder.room(&id).join(KEY), "no key").unwrap();
        assert!(matches!(folder.open(&id, &spec, &budget), Err(FolderError::Key(_))));
    }
}
