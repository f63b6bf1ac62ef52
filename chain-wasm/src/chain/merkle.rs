//! Merkle tree hashes of RFC 9162, section 2.1 (Certificate Transparency 2.0).
//!
//! A [`Frontier`] holds the roots of the complete subtrees of a growing list, at
//! most 32 of them, so appending and reading the root need neither the list nor
//! the tree.

mod levels;
mod path;

pub use levels::levels;
pub use path::{MAX_PATH, audit_path, root_from_path};

use crate::primitives::Hash;

/// Hash of a leaf: SHA-256 of a zero byte and the leaf's bytes.
pub fn leaf_hash(leaf: &[u8]) -> Hash {
    Hash::of_parts(&[&[0], leaf])
}

/// Hash of an inner node: SHA-256 of a one byte and the children's hashes.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    Hash::of_parts(&[&[1], left.as_bytes(), right.as_bytes()])
}

/// What is needed to append to a list and know its root.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees, one for each bit of `size`, largest first.
    roots: Vec<Hash>,
}

impl Frontier {
    /// Number of leaves.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf.
    pub fn push(&mut self, leaf: &[u8]) {
        let mut hash = leaf_hash(leaf);
        // Each trailing one bit of the size is a subtree that this leaf completes.
        for _ in 0..self.size.trailing_ones() {
            if let Some(left) = self.roots.pop() {
                hash = node_hash(&left, &hash);
            }
        }
        self.roots.push(hash);
        self.size += 1;
    }

    /// Bytes of memory that it takes beside itself.
    pub(super) fn allocated(&self) -> usize {
        self.roots.capacity() * size_of::<Hash>()
    }

    /// The root; of an empty list, SHA-256 of nothing.
    pub fn root(&self) -> Hash {
        let mut roots = self.roots.iter().rev();
        let Some(last) = roots.next() else { return Hash::of(&[]) };
        roots.fold(*last, |right, left| node_hash(left, &right))
    }
}

/// The root of a list of leaves.
pub fn root<T: AsRef<[u8]>>(leaves: impl IntoIterator<Item = T>) -> Hash {
    let mut frontier = Frontier::default();
    for leaf in leaves {
        frontier.push(leaf.as_ref());
    }
    frontier.root()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    /// The inputs and roots that Certificate Transparency's own tests publish
    /// (google/certificate-transparency, `merkletree/merkle_tree_test.cc`).
    const LEAVES: [&str; 8] = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    const ROOTS: [&str; 8] = [
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn bytes(hex: &str) -> Vec<u8> {
        (0..hex.len() / 2)
            .map(|n| u8::from_str_radix(&hex[2 * n..2 * n + 2], 16).unwrap())
            .collect()
    }

    #[test]
    fn gives_the_published_roots() {
        assert_eq!(
            root(Vec::<Vec<u8>>::new()).to_string(),
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        );
        let mut frontier = Frontier::default();
        for (leaf, expected) in LEAVES.iter().zip(ROOTS) {
            frontier.push(&bytes(leaf));
            assert_eq!(frontier.root().to_string(), expected);
        }
        assert_eq!(frontier.size(), 8);
    }

    proptest! {
        #[test]
        fn agrees_with_ct_merkle(leaves in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..70)) {
            let mut tree = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
            for leaf in &leaves {
                tree.push(leaf.clone());
            }
            let theirs: [u8; 32] = (*tree.root().as_bytes()).into();
            prop_assert_eq!(root(&leaves), Hash::from_bytes(theirs));
        }
    }
}
