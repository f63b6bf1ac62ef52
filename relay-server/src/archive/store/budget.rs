//! The bound on what all of an archive's databases take on the disk.

use std::io::{self, ErrorKind};
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use redb::backends::FileBackend;
use redb::{BackendError, StorageBackend};

/// How many bytes the files of an archive may have together.
#[derive(Debug)]
pub struct Budget {
    most: u64,
    used: AtomicU64,
}

impl Budget {
    /// Nothing is used yet.
    pub const fn new(most: u64) -> Self {
        Self { most, used: AtomicU64::new(0) }
    }

    /// How many bytes the files have now.
    pub fn used(&self) -> u64 {
        self.used.load(Ordering::Relaxed)
    }

    /// How many they may have.
    pub const fn most(&self) -> u64 {
        self.most
    }

    /// A file grows, if there is room for it.
    fn grow(&self, by: u64) -> bool {
        let room = |used: u64| used.checked_add(by).filter(|after| *after <= self.most);
        self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, room).is_ok()
    }

    /// A file is there already, whether there is room for it or not.
    fn count(&self, bytes: u64) {
        self.used.fetch_add(bytes, Ordering::Relaxed);
    }

    fn give_back(&self, bytes: u64) {
        let less = |used: u64| Some(used.saturating_sub(bytes));
        // It never fails: there is always something less.
        let _ = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, less);
    }
}

/// A database's file, which grows only as far as the budget goes.
#[derive(Debug)]
pub(super) struct BoundedFile {
    file: FileBackend,
    budget: Arc<Budget>,
    /// What of the budget is this file's.
    length: AtomicU64,
}

impl BoundedFile {
    pub(super) fn new(file: FileBackend, budget: Arc<Budget>) -> io::Result<Self> {
        let length = file.len()?;
        budget.count(length);
        Ok(Self { file, budget, length: AtomicU64::new(length) })
    }
}

impl Drop for BoundedFile {
    fn drop(&mut self) {
        self.budget.give_back(self.length.load(Ordering::Relaxed));
    }
}

type Edge = Bound<u64>;

impl StorageBackend for BoundedFile {
    fn len(&self) -> io::Result<u64> {
        self.file.len()
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        self.file.read(offset, out)
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let before = self.length.load(Ordering::Relaxed);
        let more = len.saturating_sub(before);
        if !self.budget.grow(more) {
            return Err(io::Error::new(
                ErrorKind::StorageFull,
                format!("the archive may have no more than {} bytes", self.budget.most()),
            ));
        }
        if let Err(error) = self.file.set_len(len) {
            self.budget.give_back(more);
            return Err(error);
        }
        self.budget.give_back(before.saturating_sub(len));
        self.length.store(len, Ordering::Relaxed);
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        self.file.sync_data()
    }

    fn write(&self, offset: u64, data: &[u8]) -> io::Result<()> {
        self.file.write(offset, data)
    }

    fn close(&self) -> io::Result<()> {
        self.file.close()
    }

    fn try_lock_range(&self, start: Edge, end: Edge) -> Result<bool, BackendError> {
        self.file.try_lock_range(start, end)
    }

    fn try_lock_shared_range(&self, start: Edge, end: Edge) -> Result<bool, BackendError> {
        self.file.try_lock_shared_range(start, end)
    }

    fn lock_range(&self, start: Edge, end: Edge) -> Result<(), BackendError> {
        self.file.lock_range(start, end)
    }

    fn lock_shared_range(&self, start: Edge, end: Edge) -> Result<(), BackendError> {
        self.file.lock_shared_range(start, end)
    }

    fn unlock_range(&self, start: Edge, end: Edge) -> Result<(), BackendError> {
        self.file.unlock_range(start, end)
    }

    fn query_lock_range(&self, start: Edge, end: Edge) -> Result<bool, BackendError> {
        self.file.query_lock_range(start, end)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_grow_as_far_as_the_budget_goes_together() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let file = std::fs::File::create_new(folder.path().join(name)).unwrap();
            FileBackend::new(file).unwrap()
        };
        let budget = Arc::new(Budget::new(1_000));
        let first = BoundedFile::new(file("a"), Arc::clone(&budget)).unwrap();
        let second = BoundedFile::new(file("b"), Arc::clone(&budget)).unwrap();
        first.set_len(600).unwrap();
        second.set_len(400).unwrap();
        assert_eq!(second.set_len(401).unwrap_err().kind(), ErrorKind::StorageFull);
        assert_eq!((budget.used(), second.len().unwrap()), (1_000, 400));
        first.set_len(100).unwrap();
        second.set_len(900).unwrap();
        drop(second);
        assert_eq!(budget.used(), 100);
    }
}
