//! What can go wrong with a store.

use std::io::{self, ErrorKind};

use chain_wasm::api::StorageReason;
use redb::DatabaseError;

/// Why a store cannot be opened, read or written.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// Another process has it open.
    #[error("it is in use by another process: stop that first")]
    InUse,
    /// A newer version wrote it.
    #[error("it was written by a newer version")]
    Newer,
    /// It is the store of another room.
    #[error("it is the store of another room")]
    OtherRoom,
    /// The disk or the archive's bound is reached.
    #[error("there is no room for more: {0}")]
    Full(String),
    /// The file is damaged beyond what the database can repair.
    #[error("the file is damaged: {0}")]
    Damaged(String),
    /// An archive's key is not changed by its node.
    #[error("the key of an archive cannot be replaced")]
    Wallet,
    /// Anything else.
    #[error("the database failed: {0}")]
    Failed(String),
}

impl StoreError {
    /// What the node is told.
    pub const fn reason(&self) -> StorageReason {
        match self {
            Self::Full(_) => StorageReason::Full,
            Self::InUse => StorageReason::Lost,
            _ => StorageReason::Failed,
        }
    }
}

impl From<io::Error> for StoreError {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            ErrorKind::StorageFull | ErrorKind::QuotaExceeded | ErrorKind::FileTooLarge => {
                Self::Full(error.to_string())
            }
            ErrorKind::InvalidData | ErrorKind::UnexpectedEof => Self::Damaged(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl From<redb::Error> for StoreError {
    fn from(error: redb::Error) -> Self {
        match error {
            redb::Error::Io(error) => error.into(),
            redb::Error::DatabaseAlreadyOpen => Self::InUse,
            redb::Error::Corrupted(why) => Self::Damaged(why),
            other => Self::Failed(other.to_string()),
        }
    }
}

macro_rules! from_redb {
    ($($error:ident),*) => {
        $(impl From<redb::$error> for StoreError {
            fn from(error: redb::$error) -> Self {
                redb::Error::from(error).into()
            }
        })*
    };
}

from_redb!(CommitError, StorageError, TableError, TransactionError, SetDurabilityError);

impl From<DatabaseError> for StoreError {
    fn from(error: DatabaseError) -> Self {
        match error {
            DatabaseError::UpgradeRequired(_) => Self::Newer,
            other => redb::Error::from(other).into(),
        }
    }
}
