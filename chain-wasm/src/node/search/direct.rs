//! What is found without reading a block: heights, and what begins with hex digits.

use super::{Search, Wanted};
use crate::api::{MAX_HITS, MIN_PREFIX, SearchHit};
use crate::node::Node;
use crate::primitives::{Hash, PublicKey};

/// What begins with certain hex digits: all between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Prefix {
    low: Hash,
    high: Hash,
}

impl Prefix {
    /// Of [`MIN_PREFIX`] to 64 hex digits, of either case.
    pub(super) fn of(text: &str) -> Option<Self> {
        let digits = text.bytes().all(|digit| digit.is_ascii_hexdigit());
        if !digits || text.len() < MIN_PREFIX {
            return None;
        }
        let low = format!("{text:0<64}").parse().ok()?;
        let high = format!("{text:f<64}").parse().ok()?;
        Some(Self { low, high })
    }

    /// Whether 32 bytes begin with the digits.
    pub(super) fn fits(&self, bytes: &[u8; 32]) -> bool {
        self.low.as_bytes() <= bytes && bytes <= self.high.as_bytes()
    }

    fn keys(&self) -> (PublicKey, PublicKey) {
        (PublicKey::from_bytes(*self.low.as_bytes()), PublicKey::from_bytes(*self.high.as_bytes()))
    }
}

impl Node {
    /// Finds what is in memory: blocks, ids of entries, and who has coins.
    pub(super) fn find_directly(&self, search: &mut Search) {
        let Wanted::Text { needle, prefix, name } = &search.wanted else { return };
        let (prefix, name) = (*prefix, *name);
        // As the page writes heights: with commas.
        let height = needle.text().replace(',', "").parse().ok();
        let block = height.and_then(|height| Some((height, self.chain.hash_at(height)?)));
        if let Some((height, hash)) = block {
            search.found(SearchHit::Block { height, hash });
        }
        let ledger = self.chain.ledger();
        if let Some(prefix) = prefix {
            self.blocks_with(prefix).for_each(|hit| search.found(hit));
            let waiting = self.chain.mempool().iter().map(|waiting| waiting.transaction.id());
            let waiting = waiting.filter(|id| prefix.fits(id.as_bytes())).map(|id| (id, None));
            let placed = ledger.entries_between(prefix.low, prefix.high);
            let placed = placed.map(|(id, height)| (id, Some(height)));
            for (id, height) in waiting.chain(placed).take(MAX_HITS) {
                search.found(SearchHit::Id { id, height });
            }
            let (low, high) = prefix.keys();
            for author in ledger.keys_between(low, high).take(MAX_HITS) {
                search.found(self.author_hit(author));
            }
        }
        if let Some(name) = name {
            let named = ledger.balances().map(|(key, _)| *key).filter(|key| name.fits(key));
            for author in named.take(MAX_HITS) {
                search.found(self.author_hit(author));
            }
        }
    }

    /// The chain's blocks whose hashes begin so. There is no index of them in order, but
    /// a look at a hash takes some tens of nanoseconds, so all of them take no longer than a few
    /// blocks' signatures.
    fn blocks_with(&self, prefix: Prefix) -> impl Iterator<Item = SearchHit> + '_ {
        let hashes = (0..=self.chain.height())
            .filter_map(|height| Some((height, self.chain.hash_at(height)?)));
        hashes
            .filter(move |(_, hash)| prefix.fits(hash.as_bytes()))
            .map(|(height, hash)| SearchHit::Block { height, hash })
            .take(MAX_HITS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn six_to_64_hex_digits_are_a_prefix() {
        let hash = Hash::of(b"abc");
        let digits = hash.to_string();
        for length in MIN_PREFIX..=64 {
            let prefix = Prefix::of(&digits[..length]).unwrap();
            assert!(prefix.fits(hash.as_bytes()), "{length}");
            assert_eq!(prefix, Prefix::of(&digits[..length].to_uppercase()).unwrap());
            assert!(!prefix.fits(Hash::of(b"d").as_bytes()));
        }
        for text in ["", "ba781", "ba781g", &format!("{digits}0"), "가나다라마바"] {
            assert_eq!(Prefix::of(text), None, "{text}");
        }
    }
}
