//! Taking in headers that were checked before.

use super::arena::Record;
use super::{BlockFault, Rank, Tree};
use crate::chain::block::{Header, VERSION};
use crate::primitives::Hash;

impl Tree {
    /// Takes in a run of headers, lowest first, that were checked against every rule
    /// before they were stored, and whose blocks are at hand in the store. Gives their
    /// hashes.
    ///
    /// What makes them one chain is checked again: each one's version, height,
    /// predecessor and work, and the last one's history root. The rest (timestamps, and
    /// which difficulty they call for) is the caller's to vouch for.
    ///
    /// # Errors
    /// What does not fit; nothing has changed then. [`BlockFault::PreviousHash`] also if
    /// the predecessor is not a complete block, or there is no room.
    pub(in crate::chain) fn restore(
        &mut self,
        headers: &[&Header],
    ) -> Result<Vec<Hash>, BlockFault> {
        let (Some(first), Some(last)) = (headers.first(), headers.last()) else {
            return Ok(Vec::new());
        };
        let parent = self.arena.find(&first.previous_hash).ok_or(BlockFault::PreviousHash)?;
        let above = self.arena.get(parent).filter(|above| above.complete);
        let above = above.ok_or(BlockFault::PreviousHash)?;
        let (rank, height) = (above.rank(), above.height);
        let hashes = check_links(headers, rank.hash.0, height, self.spec.authority().is_some())?;
        let room = self.limit.saturating_sub(self.len()) >= hashes.len();
        if !room || hashes.iter().any(|hash| self.contains(hash)) {
            return Err(BlockFault::PreviousHash);
        }
        let frontier = self.history.frontier(&self.arena, parent);
        let mut frontier = frontier.ok_or(BlockFault::PreviousHash)?;
        let before = frontier.clone();
        for hash in hashes.iter().take(hashes.len().saturating_sub(1)) {
            frontier.push(hash.as_bytes());
        }
        if frontier.root() != last.history_root {
            return Err(BlockFault::HistoryRoot);
        }
        frontier = before;
        self.leaves.remove(&rank);
        self.complete.remove(&rank);
        let (mut work, mut slot) = (rank.work, parent);
        for (header, hash) in headers.iter().zip(&hashes) {
            work = work.saturating_add(header.difficulty.hashes());
            let mut record = Record::new(header, *hash, work, slot);
            (record.has_body, record.complete) = (true, true);
            slot = self.arena.insert(record, header.seal);
            frontier.push(hash.as_bytes());
            self.history.keep(slot, header.height, &frontier);
        }
        let end = Rank::new(work, hashes.last().copied().unwrap_or(rank.hash.0));
        self.leaves.insert(end);
        self.complete.insert(end);
        Ok(hashes)
    }
}

/// The headers' hashes, if each follows the one before it and meets its difficulty, or has a
/// seal where that is what is called for.
fn check_links(
    headers: &[&Header],
    mut parent: Hash,
    mut height: u32,
    sealed: bool,
) -> Result<Vec<Hash>, BlockFault> {
    let mut hashes = Vec::with_capacity(headers.len());
    for header in headers {
        height = height.saturating_add(1);
        if header.version != VERSION {
            return Err(BlockFault::Version(header.version));
        }
        if header.previous_hash != parent {
            return Err(BlockFault::PreviousHash);
        }
        if header.height != height {
            return Err(BlockFault::Height { expected: height, got: header.height });
        }
        parent = header.hash();
        if header.seal.is_some() != sealed {
            return Err(BlockFault::Seal);
        }
        if !sealed && !header.difficulty.is_met_by(&parent) {
            return Err(BlockFault::Work);
        }
        hashes.push(parent);
    }
    Ok(hashes)
}
