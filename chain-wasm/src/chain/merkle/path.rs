//! Audit paths of RFC 9162, section 2.1.3: what shows that a leaf is in a tree.

use super::node_hash;
use crate::primitives::Hash;

/// The longest audit path: of a tree with 2^32 leaves, the most that a chain has.
pub const MAX_PATH: usize = 32;

/// The audit path of a leaf, from the hashes of all leaves; `None` if there is no such
/// leaf. Hashes as many nodes as there are leaves.
///
/// The tree of RFC 9162 has the nodes of one that is built level by level, each node
/// without a sibling going up as it is.
pub fn audit_path(leaves: Vec<Hash>, index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let mut path = Vec::new();
    let (mut level, mut at) = (leaves, index);
    while level.len() > 1 {
        path.extend(level.get(at ^ 1).copied());
        level = level
            .chunks(2)
            .map(|pair| match pair {
                [left, right] => node_hash(left, right),
                [.., last] => *last,
                [] => Hash::ZERO,
            })
            .collect();
        at /= 2;
    }
    Some(path)
}

/// The root that an audit path leads to from a leaf's hash; `None` if the path does not
/// fit a tree of that size. The algorithm of RFC 9162, section 2.1.3.2.
pub fn root_from_path(leaf: Hash, index: u64, size: u64, path: &[Hash]) -> Option<Hash> {
    if index >= size {
        return None;
    }
    let (mut at, mut last) = (index, size - 1);
    let mut root = leaf;
    for sibling in path {
        if last == 0 {
            return None;
        }
        if at % 2 == 1 || at == last {
            root = node_hash(sibling, &root);
            while at.is_multiple_of(2) && at != 0 {
                at /= 2;
                last /= 2;
            }
        } else {
            root = node_hash(&root, sibling);
        }
        at /= 2;
        last /= 2;
    }
    (last == 0).then_some(root)
}

#[cfg(test)]
mod tests {
    use ct_merkle::mem_backed_tree::MemoryBackedTree;
    use proptest::prelude::*;

    use super::super::{leaf_hash, root};
    use super::*;

    fn leaves(count: usize) -> Vec<Vec<u8>> {
        (0..count).map(|n| n.to_be_bytes().to_vec()).collect()
    }

    fn hashes(leaves: &[Vec<u8>]) -> Vec<Hash> {
        leaves.iter().map(|leaf| leaf_hash(leaf)).collect()
    }

    #[test]
    fn each_leaf_of_each_size_leads_to_the_root_and_to_no_other_place() {
        for count in 1..40 {
            let leaves = leaves(count);
            let (size, root) = (count as u64, root(&leaves));
            for (index, leaf) in leaves.iter().enumerate() {
                let path = audit_path(hashes(&leaves), index).unwrap();
                let to = |index: usize, path: &[Hash]| {
                    root_from_path(leaf_hash(leaf), index as u64, size, path)
                };
                assert_eq!(to(index, &path), Some(root));
                for other in (0..count + 2).filter(|other| *other != index) {
                    assert_ne!(to(other, &path), Some(root), "{index} as {other} of {count}");
                }
                let mut longer = path.clone();
                longer.push(Hash::ZERO);
                assert_ne!(to(index, &longer), Some(root));
                if let Some((_, shorter)) = path.split_last() {
                    assert_ne!(to(index, shorter), Some(root));
                }
            }
            assert_eq!(audit_path(hashes(&leaves), count), None);
        }
        assert_eq!(audit_path(Vec::new(), 0), None);
        assert_eq!(root_from_path(Hash::ZERO, 0, 0, &[]), None);
    }

    #[test]
    fn the_longest_path_is_that_of_the_most_leaves() {
        let path = vec![Hash::ZERO; MAX_PATH];
        assert!(root_from_path(Hash::ZERO, 0, 1 << 32, &path).is_some());
        assert!(root_from_path(Hash::ZERO, 0, (1 << 32) + 1, &path).is_none());
    }

    proptest! {
        #[test]
        fn agrees_with_ct_merkle(count in 1_usize..200, at in any::<prop::sample::Index>()) {
            let leaves = leaves(count);
            let index = at.index(count);
            let mut tree = MemoryBackedTree::<sha2::Sha256, Vec<u8>>::new();
            for leaf in &leaves {
                tree.push(leaf.clone());
            }
            let theirs = tree.prove_inclusion(index);
            let ours: Vec<u8> = audit_path(hashes(&leaves), index)
                .unwrap()
                .iter()
                .flat_map(|hash| *hash.as_bytes())
                .collect();
            prop_assert_eq!(theirs.as_bytes(), ours.as_slice());
        }
    }
}
