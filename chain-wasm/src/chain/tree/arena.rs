//! The memory of the tree: compact records in chunks, found by hash.
//!
//! A record takes 152 bytes, its place in the index 6 to 12, and in an `authority` room its
//! seal 64. Chunks are never moved or
//! copied, so that a growing tree needs no second copy of itself; the places of removed
//! records are used again.

use hashbrown::HashTable;

use crate::chain::block::{Header, VERSION};
use crate::chain::tree::Rank;
use crate::chain::work::Pace;
use crate::primitives::{Difficulty, Hash, Signature, UnixMillis};

/// Records in a chunk: so many may be allocated in vain.
const CHUNK: usize = 256;

/// Headers at multiples of this height are what others find their way down by.
const SKIP: u32 = 256;

/// Where a record is. Good until the record is removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::chain) struct Slot(u32);

impl Slot {
    /// No record.
    pub(super) const NONE: Self = Self(u32::MAX);

    fn parts(self) -> (usize, usize) {
        let at = usize::try_from(self.0).unwrap_or(usize::MAX);
        (at / CHUNK, at % CHUNK)
    }
}

/// A header, without what its predecessor says, and its place in the tree.
#[derive(Debug, Clone)]
pub(super) struct Record {
    pub(super) hash: Hash,
    merkle_root: Hash,
    history_root: Hash,
    /// The upper and lower half: a `u128` would be aligned to 16 bytes.
    work: [u64; 2],
    pub(super) timestamp: UnixMillis,
    pub(super) difficulty: Difficulty,
    nonce: u32,
    pub(super) height: u32,
    pub(super) parent: Slot,
    first_child: Slot,
    /// The nearest record below at a multiple of [`SKIP`], to get down quickly.
    skip: Slot,
    /// Of the same parent; of a record that was removed, the next such one.
    next: Slot,
    live: bool,
    pub(super) has_body: bool,
    pub(super) complete: bool,
}

impl Record {
    /// Of a header that builds on the one at `parent`.
    pub(super) fn new(header: &Header, hash: Hash, work: u128, parent: Slot) -> Self {
        // The halves: the casts keep the bits that they are about.
        #[expect(clippy::cast_possible_truncation, reason = "the halves of a number")]
        let work = [(work >> 64) as u64, work as u64];
        Self {
            hash,
            merkle_root: header.merkle_root,
            history_root: header.history_root,
            work,
            timestamp: header.timestamp,
            difficulty: header.difficulty,
            nonce: header.nonce,
            height: header.height,
            parent,
            first_child: Slot::NONE,
            skip: Slot::NONE,
            next: Slot::NONE,
            live: true,
            has_body: false,
            complete: false,
        }
    }

    pub(super) fn work(&self) -> u128 {
        let [upper, lower] = self.work;
        u128::from(upper) << 64 | u128::from(lower)
    }

    pub(super) fn rank(&self) -> Rank {
        Rank::new(self.work(), self.hash)
    }

    pub(super) const fn pace(&self) -> Pace {
        Pace { timestamp: self.timestamp, difficulty: self.difficulty }
    }

    pub(super) const fn nonce(&self) -> u32 {
        self.nonce
    }

    pub(super) const fn is_leaf(&self) -> bool {
        self.first_child.0 == Slot::NONE.0
    }
}

/// All records.
#[derive(Debug, Clone)]
pub(super) struct Arena {
    chunks: Vec<Vec<Record>>,
    /// In an `authority` room the records' seals, each in its record's place.
    seals: Option<Vec<Vec<Signature>>>,
    /// Removed ones, linked by `next`.
    free: Slot,
    index: Index,
    /// What the genesis header has as its predecessor's hash.
    before_genesis: Hash,
}

impl Arena {
    /// `sealed` says whether headers have seals.
    pub(super) fn new(genesis: &Header, key: [u64; 2], sealed: bool) -> Self {
        let index = Index { key: Key(key), table: HashTable::new() };
        let seals = sealed.then(Vec::new);
        let before_genesis = genesis.previous_hash;
        Self { chunks: Vec::new(), seals, free: Slot::NONE, index, before_genesis }
    }

    /// How many records there are.
    pub(super) fn len(&self) -> usize {
        self.index.table.len()
    }

    pub(super) fn find(&self, hash: &Hash) -> Option<Slot> {
        let same = |slot: &Slot| self.get(*slot).is_some_and(|record| record.hash == *hash);
        self.index.table.find(self.index.key.of(hash), same).copied()
    }

    pub(super) fn get(&self, slot: Slot) -> Option<&Record> {
        let (chunk, at) = slot.parts();
        self.chunks.get(chunk)?.get(at).filter(|record| record.live)
    }

    pub(super) fn get_mut(&mut self, slot: Slot) -> Option<&mut Record> {
        let (chunk, at) = slot.parts();
        self.chunks.get_mut(chunk)?.get_mut(at).filter(|record| record.live)
    }

    pub(super) fn by_hash(&self, hash: &Hash) -> Option<&Record> {
        self.get(self.find(hash)?)
    }

    /// The header that the record at a place was made of.
    pub(super) fn header(&self, slot: Slot) -> Option<Header> {
        let record = self.get(slot)?;
        Some(Header {
            version: VERSION,
            height: record.height,
            previous_hash: self.get(record.parent).map_or(self.before_genesis, |above| above.hash),
            merkle_root: record.merkle_root,
            history_root: record.history_root,
            timestamp: record.timestamp,
            difficulty: record.difficulty,
            nonce: record.nonce,
            seal: if record.height == 0 { None } else { self.seal(slot) },
        })
    }

    /// The seal of the header at a place.
    pub(super) fn seal(&self, slot: Slot) -> Option<Signature> {
        let (chunk, at) = slot.parts();
        self.seals.as_ref()?.get(chunk)?.get(at).copied()
    }

    /// Puts a seal in a record's place.
    fn put_seal(&mut self, slot: Slot, seal: Signature) {
        let (chunk, at) = slot.parts();
        let Some(seals) = &mut self.seals else { return };
        if seals.len() <= chunk {
            seals.push(Vec::with_capacity(CHUNK));
        }
        let Some(seals) = seals.get_mut(chunk) else { return };
        match seals.get_mut(at) {
            Some(place) => *place = seal,
            None => seals.push(seal),
        }
    }

    /// Those that build on a record.
    pub(super) fn children(&self, slot: Slot) -> impl Iterator<Item = (Slot, &Record)> {
        let mut next = self.get(slot).map_or(Slot::NONE, |record| record.first_child);
        std::iter::from_fn(move || {
            let slot = next;
            let record = self.get(slot)?;
            next = record.next;
            Some((slot, record))
        })
    }

    /// A record and those before it, the genesis block's last.
    pub(super) fn ancestors(&self, slot: Slot) -> impl Iterator<Item = (Slot, &Record)> {
        let mut next = slot;
        std::iter::from_fn(move || {
            let slot = next;
            let record = self.get(slot)?;
            next = record.parent;
            Some((slot, record))
        })
    }

    /// The ancestor of a record at a height, which may be its own.
    pub(super) fn ancestor_at(&self, slot: Slot, height: u32) -> Option<&Record> {
        let mut record = self.get(slot)?;
        while record.height > height {
            let skipped = self.get(record.skip).filter(|below| below.height >= height);
            record = match skipped {
                Some(below) => below,
                None => self.get(record.parent)?,
            };
        }
        (record.height == height).then_some(record)
    }

    /// Puts a record in its place below its parent. Its hash is a new one. Where headers have
    /// seals, the genesis header's counts as empty.
    pub(super) fn insert(&mut self, mut record: Record, seal: Option<Signature>) -> Slot {
        let (hash, parent) = (record.hash, record.parent);
        if let Some(above) = self.get(parent) {
            record.next = above.first_child;
            record.skip = if above.height.is_multiple_of(SKIP) { parent } else { above.skip };
        }
        let slot = self.place(record);
        self.put_seal(slot, seal.unwrap_or(Signature::EMPTY));
        if let Some(above) = self.get_mut(parent) {
            above.first_child = slot;
        }
        self.index.insert(&self.chunks, &hash, slot);
        slot
    }

    fn place(&mut self, record: Record) -> Slot {
        let (chunk, at) = self.free.parts();
        if let Some(free) = self.chunks.get_mut(chunk).and_then(|chunk| chunk.get_mut(at)) {
            let slot = std::mem::replace(&mut self.free, free.next);
            *free = record;
            return slot;
        }
        if self.chunks.last().is_none_or(|chunk| chunk.len() == CHUNK) {
            self.chunks.push(Vec::with_capacity(CHUNK));
        }
        let before = (self.chunks.len().saturating_sub(1)) * CHUNK;
        let Some(chunk) = self.chunks.last_mut() else { return Slot::NONE };
        let slot = u32::try_from(before + chunk.len()).map_or(Slot::NONE, Slot);
        chunk.push(record);
        slot
    }

    /// Takes a record out of the list of its parent's children.
    pub(super) fn unlink(&mut self, slot: Slot) {
        let Some(record) = self.get(slot) else { return };
        let (parent, next) = (record.parent, record.next);
        let before = self.children(parent).find(|(_, child)| child.next == slot).map(|(at, _)| at);
        match before.and_then(|before| self.get_mut(before)) {
            Some(before) => before.next = next,
            None => {
                if let Some(above) = self.get_mut(parent) {
                    above.first_child = next;
                }
            }
        }
    }

    /// Frees the place of a record that is unlinked, or whose parent is freed too.
    pub(super) fn free(&mut self, slot: Slot) {
        let free = self.free;
        let Some(record) = self.get_mut(slot) else { return };
        record.live = false;
        record.next = free;
        let hash = record.hash;
        self.free = slot;
        self.index.remove(&hash, slot);
    }

    /// Bytes that are allocated.
    pub(super) fn allocated(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(Vec::capacity).sum();
        let seals = self.seals.iter().flatten();
        let sealed: usize = seals.map(|seals| seals.capacity() + 1).sum();
        chunks * size_of::<Record>()
            + sealed * size_of::<Signature>()
            + self.chunks.capacity() * size_of::<Vec<Record>>()
            + self.index.table.allocation_size()
    }
}

/// Finds records by hash, and does nothing else: its order, which is never looked at,
/// changes nothing that the tree says. Where a hash goes depends on a key that only this
/// node knows, since whoever makes blocks could choose hashes that all go to one place.
#[derive(Debug, Clone)]
struct Index {
    key: Key,
    table: HashTable<Slot>,
}

#[derive(Debug, Clone, Copy)]
struct Key([u64; 2]);

impl Key {
    /// A product of two words that are each changed by the key, its halves folded. Of the
    /// hash's end: work makes its beginning zeros.
    fn of(self, hash: &Hash) -> u64 {
        let [.., a, b] = hash.as_bytes().as_chunks::<8>().0 else { return 0 };
        let [c, d] = self.0;
        let (a, b) = (u64::from_le_bytes(*a) ^ c, u64::from_le_bytes(*b) ^ d);
        let product = u128::from(a) * u128::from(b);
        #[expect(clippy::cast_possible_truncation, reason = "the halves of a number")]
        let halves = ((product >> 64) as u64, product as u64);
        halves.0 ^ halves.1
    }
}

impl Index {
    fn insert(&mut self, chunks: &[Vec<Record>], hash: &Hash, slot: Slot) {
        let key = self.key;
        let again = |slot: &Slot| {
            let (chunk, at) = slot.parts();
            let record = chunks.get(chunk).and_then(|chunk| chunk.get(at));
            record.map_or(0, |record| key.of(&record.hash))
        };
        self.table.insert_unique(key.of(hash), slot, again);
    }

    fn remove(&mut self, hash: &Hash, slot: Slot) {
        if let Ok(entry) = self.table.find_entry(self.key.of(hash), |other| *other == slot) {
            entry.remove();
        }
    }
}

const _: () = assert!(size_of::<Record>() <= 152);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::genesis::genesis;
    use crate::chain::spec::Spec;

    fn record(n: u32, parent: Slot) -> Record {
        let header = Header { nonce: n, ..genesis(&Spec::open("t").unwrap()).header };
        Record::new(&header, Hash::of(&n.to_be_bytes()), u128::MAX - u128::from(n), parent)
    }

    fn arena() -> Arena {
        let mut arena = Arena::new(&genesis(&Spec::open("t").unwrap()).header, [1, 2], true);
        arena.insert(record(0, Slot::NONE), None);
        arena
    }

    fn seal(n: u32) -> Signature {
        let bytes = n.to_be_bytes();
        Signature::from_bytes(std::array::from_fn(|at| bytes[at % 4]))
    }

    fn insert(arena: &mut Arena, n: u32, parent: Slot) -> Slot {
        arena.insert(record(n, parent), Some(seal(n)))
    }

    fn names(arena: &Arena, slot: Slot) -> Vec<u32> {
        arena.children(slot).map(|(_, record)| record.nonce).collect()
    }

    #[test]
    fn places_of_removed_records_are_used_again() {
        let mut arena = arena();
        let root = Slot(0);
        let mut slots: Vec<Slot> = (1..2_000).map(|n| insert(&mut arena, n, root)).collect();
        let allocated = arena.allocated();
        for round in 0..10 {
            for slot in slots.drain(..) {
                arena.unlink(slot);
                arena.free(slot);
                assert!(arena.get(slot).is_none());
            }
            assert_eq!((arena.len(), names(&arena, root)), (1, Vec::new()));
            let from = 2_000 * (round + 1);
            slots.extend((from + 1..from + 2_000).map(|n| insert(&mut arena, n, root)));
            assert_eq!(arena.len(), 2_000);
            assert_eq!(arena.allocated(), allocated);
        }
        let found = slots.iter().all(|slot| {
            let record = arena.get(*slot).unwrap();
            arena.find(&record.hash) == Some(*slot)
                && record.work() == u128::MAX - u128::from(record.nonce)
                && arena.seal(*slot) == Some(seal(record.nonce))
        });
        assert!(found);
    }

    #[test]
    fn a_child_is_unlinked_wherever_it_stands() {
        for gone in 1..=3 {
            let mut arena = arena();
            let root = Slot(0);
            let slots: Vec<Slot> = (1..=3).map(|n| insert(&mut arena, n, root)).collect();
            assert_eq!(names(&arena, root), [3, 2, 1]);
            arena.unlink(slots[gone - 1]);
            arena.free(slots[gone - 1]);
            let left: Vec<u32> =
                (1..=3).rev().filter(|n| usize::try_from(*n) != Ok(gone)).collect();
            assert_eq!(names(&arena, root), left);
        }
    }
}
