//! A whole tree, for drawing.

use super::{leaf_hash, node_hash};
use crate::primitives::Hash;

/// All levels of the tree over a list of leaves, the root's first, the leaves' last; none
/// of an empty list. A hash without a sibling goes up as it is, which gives the tree of
/// RFC 9162: its left subtrees are the largest complete ones.
pub fn levels<T: AsRef<[u8]>>(leaves: impl IntoIterator<Item = T>) -> Vec<Vec<Hash>> {
    let mut level: Vec<Hash> = leaves.into_iter().map(|leaf| leaf_hash(leaf.as_ref())).collect();
    let mut levels = Vec::new();
    while level.len() > 1 {
        let above = level.chunks(2).filter_map(|pair| match pair {
            [left, right] => Some(node_hash(left, right)),
            alone => alone.first().copied(),
        });
        let above = above.collect();
        levels.push(std::mem::replace(&mut level, above));
    }
    if !level.is_empty() {
        levels.push(level);
    }
    levels.reverse();
    levels
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chain::merkle::root;

    #[test]
    fn its_top_is_the_root_of_the_list_for_every_length() {
        for count in 1_u8..=40 {
            let leaves: Vec<[u8; 1]> = (0..count).map(|n| [n]).collect();
            let levels = levels(&leaves);
            assert_eq!(levels.first(), Some(&vec![root(&leaves)]), "{count} leaves");
            let widths: Vec<usize> = levels.iter().map(Vec::len).collect();
            assert_eq!(widths.last(), Some(&usize::from(count)));
            assert!(widths.windows(2).all(|pair| pair[0] == pair[1].div_ceil(2)), "{widths:?}");
        }
        assert!(levels(Vec::<[u8; 1]>::new()).is_empty());
    }
}
