//! The order of a batch's changes: whatever part of it, from its beginning, a crash leaves
//! in the store, nothing is lost.

use std::collections::BTreeMap;

use crate::node::Change;
use crate::primitives::Hash;

/// Puts the records of waiting entries first: before the blocks of a branch that lacks them,
/// since what is not in the chain and not stored as waiting is nowhere. The others keep their
/// order, but a record that is put again later is not deleted before that.
pub(super) fn in_safe_order(changes: Vec<Change>) -> Vec<Change> {
    let mut last_put: BTreeMap<Hash, usize> = BTreeMap::new();
    for (at, change) in changes.iter().enumerate() {
        if let Change::PutTransaction { id, .. } = change {
            last_put.insert(*id, at);
        }
    }
    let is_moot = |at: usize, change: &Change| match change {
        Change::DeleteTransaction { id } => last_put.get(id).is_some_and(|put| *put > at),
        _ => false,
    };
    let (mut first, mut rest) = (Vec::new(), Vec::with_capacity(changes.len()));
    for (at, change) in changes.into_iter().enumerate() {
        match change {
            Change::PutTransaction { .. } => first.push(change),
            moot if is_moot(at, &moot) => {}
            other => rest.push(other),
        }
    }
    first.append(&mut rest);
    first
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use proptest::prelude::*;

    use super::*;

    fn id(n: u8) -> Hash {
        Hash::from_bytes([n; 32])
    }

    /// The entries that wait by a store that was empty.
    fn waiting(changes: &[Change]) -> BTreeSet<Hash> {
        let mut waiting = BTreeSet::new();
        for change in changes {
            match change {
                Change::PutTransaction { id, .. } => _ = waiting.insert(*id),
                Change::DeleteTransaction { id } => _ = waiting.remove(id),
                _ => {}
            }
        }
        waiting
    }

    proptest! {
        #[test]
        fn no_part_of_a_batch_is_without_what_waits_in_the_end(
            steps in proptest::collection::vec((0..3_u8, 0..6_u8), 0..40),
        ) {
            let changes: Vec<Change> = steps
                .iter()
                .map(|(kind, n)| match kind {
                    0 => Change::PutTransaction { id: id(*n), bytes: vec![*n] },
                    1 => Change::DeleteTransaction { id: id(*n) },
                    _ => Change::PutBlock { hash: id(*n), bytes: vec![*n] },
                })
                .collect();
            let blocks = |changes: &[Change]| -> Vec<Hash> {
                let hash = |change: &Change| match change {
                    Change::PutBlock { hash, .. } => Some(*hash),
                    _ => None,
                };
                changes.iter().filter_map(hash).collect()
            };
            let ordered = in_safe_order(changes.clone());
            prop_assert_eq!(waiting(&ordered), waiting(&changes));
            prop_assert_eq!(blocks(&ordered), blocks(&changes));
            let first_block = ordered.iter().position(|change| matches!(change, Change::PutBlock { .. }));
            for part in first_block.unwrap_or(ordered.len())..=ordered.len() {
                let left = waiting(&ordered[..part]);
                prop_assert!(waiting(&changes).is_subset(&left), "{part} of {ordered:?}");
            }
        }
    }
}
