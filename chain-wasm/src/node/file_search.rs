//! Where the chain has a file: the blocks are looked through from the oldest on, a few at
//! a time, so that the node goes on meanwhile. The oldest entry is what counts: it shows
//! since when the file is known.

use super::Node;
use super::limits::FILE_SEARCH_STEP;
use super::serving::Read;
use crate::api::{ApiError, EntryState, NotarisedView, Outcome, RequestId};
use crate::chain::Body as StoredBlock;
use crate::chain::transaction::Transaction;
use crate::notarisation::Notarisation;
use crate::primitives::{Hash, UnixMillis};

/// A search under way.
#[derive(Debug)]
pub(super) struct FileSearch {
    request: RequestId,
    sha256: Hash,
    /// The blocks that have been looked through, from height 1 on.
    searched: Vec<Hash>,
    /// The first block of those that are being read.
    asked: Option<Hash>,
}

/// An entry, where it is, and when its block was sealed.
type Found = (Transaction, EntryState, Option<UnixMillis>);

impl Node {
    pub(super) fn find_file(&mut self, request: RequestId, sha256: Hash) {
        if let Some(earlier) = self.file_search.take() {
            // Whoever chose another file does not wait for this one any more.
            self.reply(earlier.request, Err(ApiError::Busy));
        }
        self.file_search = Some(FileSearch { request, sha256, searched: Vec::new(), asked: None });
        self.read_for_file_search();
    }

    /// Reads the next few blocks, or ends with what waits for a block.
    fn read_for_file_search(&mut self) {
        let Some(search) = &mut self.file_search else { return };
        // A reorganisation may have replaced some that have been looked through.
        let main = |index: usize, hash: &Hash| {
            u32::try_from(index + 1).ok().and_then(|height| self.chain.hash_at(height))
                == Some(*hash)
        };
        while let Some(last) = search.searched.last()
            && !main(search.searched.len() - 1, last)
        {
            search.searched.pop();
        }
        let next = u32::try_from(search.searched.len() + 1).unwrap_or(u32::MAX);
        let hashes: Vec<Hash> = (next..=self.chain.height())
            .take(FILE_SEARCH_STEP)
            .filter_map(|height| self.chain.hash_at(height))
            .collect();
        search.asked = hashes.first().copied();
        if hashes.is_empty() {
            return self.end_file_search_in_mempool();
        }
        self.read(Read::FileSearch, hashes);
    }

    pub(super) fn file_search_loaded(&mut self, blocks: Vec<(Hash, Option<Vec<u8>>)>) {
        let Some(search) = &self.file_search else { return };
        if blocks.first().map(|(hash, _)| *hash) != search.asked {
            // They were read for an earlier search, which was given up.
            return;
        }
        let sha256 = search.sha256;
        for (hash, bytes) in blocks {
            if let Some(search) = &mut self.file_search {
                search.searched.push(hash);
            }
            let read = bytes.and_then(|bytes| StoredBlock::read(&hash, bytes));
            if read.is_none() && self.chain.is_main(&hash) && self.chain.body(&hash).is_none() {
                // It is fetched again from now on; it is not waited for.
                self.chain.body_loaded(&hash, None);
            }
            let entry = read.as_ref().and_then(|body| {
                let mut entries = body.block.entries();
                let entry = entries.find(|entry| self.notarises(entry, &sha256))?;
                let header = &body.block.header;
                Some((entry.clone(), header.height, header.timestamp))
            });
            if let Some((entry, height, time)) = entry
                && self.chain.is_main(&hash)
            {
                let state = EntryState::InBlock { height, block: hash };
                return self.end_file_search(Some((entry, state, Some(time))));
            }
        }
        self.read_for_file_search();
    }

    fn end_file_search_in_mempool(&mut self) {
        let Some(sha256) = self.file_search.as_ref().map(|search| search.sha256) else { return };
        let found = self.waiting_notarisation(&sha256);
        self.end_file_search(found);
    }

    fn waiting_notarisation(&self, sha256: &Hash) -> Option<Found> {
        let mut waiting = self.chain.mempool().iter();
        let found = waiting.find(|waiting| self.notarises(&waiting.transaction, sha256))?;
        let state = self.waiting_state(&found.transaction, found.returned);
        Some((found.transaction.clone(), state, None))
    }

    fn end_file_search(&mut self, found: Option<Found>) {
        let Some(search) = self.file_search.take() else { return };
        let found = found.map(|(entry, state, sealed)| NotarisedView {
            entry: self.view_of(&entry, state, true),
            sealed,
        });
        self.reply(search.request, Ok(Outcome::File(found.map(Box::new))));
    }

    /// Whether an entry is about this very file.
    fn notarises(&self, entry: &Transaction, sha256: &Hash) -> bool {
        let file = self
            .data_of(entry)
            .and_then(|data| Notarisation::decode(&data.media_type, &data.bytes));
        file.is_some_and(|file| file.sha256() == *sha256)
    }
}
