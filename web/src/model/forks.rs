//! Where each block of the fork drawing stands: the chain in the first lane, each branch
//! beside it in the first lane that is free at its heights.

use std::collections::BTreeMap;
use std::sync::Arc;

use chain_wasm::api::{BlockView, BranchView};
use chain_wasm::primitives::{Hash, PublicKey};

/// The most heights that are drawn, the newest.
pub(crate) const MAX_ROWS: u32 = 24;

/// A block of the drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawn {
    /// Its hash.
    pub(crate) hash: Hash,
    /// Its height.
    pub(crate) height: u32,
    /// Rows below the top.
    pub(crate) row: u32,
    /// Lanes from the chain's, which is 0.
    pub(crate) lane: u32,
    /// Who sealed it, if that is known.
    pub(crate) miner: Option<PublicKey>,
    /// How many entries it holds, if that is known.
    pub(crate) entries: Option<u32>,
    /// Lane and row of the block that it builds on, if that is drawn.
    pub(crate) below: Option<(u32, u32)>,
}

/// The drawing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// The blocks, the chain's first.
    pub(crate) blocks: Vec<Drawn>,
    /// How many lanes there are.
    pub(crate) lanes: u32,
    /// How many rows there are.
    pub(crate) rows: u32,
}

/// Draws the branches and as much of the chain as is beside them; nothing if there is no
/// branch.
pub(crate) fn draw(chain: &[Arc<BlockView>], branches: &[BranchView]) -> Drawing {
    let tip = chain.first().map_or(0, |block| block.height);
    let tops = branches.iter().filter_map(|branch| branch.blocks.last());
    let top = tops.map(|block| block.height).fold(tip, u32::max);
    let Some(fork) = branches.iter().map(|branch| branch.fork_height).min() else {
        return Drawing::default();
    };
    let lowest = fork.max(top.saturating_sub(MAX_ROWS - 1));
    let mut drawn: BTreeMap<Hash, Drawn> = BTreeMap::new();
    let mut order = Vec::new();
    let mut put = |block: Drawn| {
        order.push(block.hash);
        drawn.insert(block.hash, block);
    };
    for block in chain.iter().filter(|block| block.height >= lowest) {
        put(Drawn {
            hash: block.hash,
            height: block.height,
            row: top - block.height,
            lane: 0,
            miner: block.miner,
            entries: Some(block.entry_count),
            below: (block.height > lowest).then(|| (0, top - block.height + 1)),
        });
    }
    // Up to which height each lane beside the chain's is taken, and from which on.
    let mut lanes: Vec<Vec<(u32, u32)>> = Vec::new();
    let mut lane_of: BTreeMap<Hash, u32> = BTreeMap::new();
    for branch in branches {
        let new = branch.blocks.iter().filter(|block| block.height >= lowest);
        let new: Vec<_> = new.filter(|block| !lane_of.contains_key(&block.hash)).collect();
        let (Some(first), Some(last)) = (new.first(), new.last()) else { continue };
        let span = (first.height, last.height);
        let free =
            |taken: &Vec<(u32, u32)>| taken.iter().all(|(from, to)| span.1 < *from || span.0 > *to);
        let at = lanes.iter().position(free).unwrap_or(lanes.len());
        if at == lanes.len() {
            lanes.push(Vec::new());
        }
        if let Some(taken) = lanes.get_mut(at) {
            taken.push(span);
        }
        let lane = u32::try_from(at).unwrap_or(u32::MAX).saturating_add(1);
        for block in new {
            // What it builds on is of the chain, of this branch, or of one drawn before.
            let below = lane_of.get(&block.previous).copied().unwrap_or(0);
            lane_of.insert(block.hash, lane);
            put(Drawn {
                hash: block.hash,
                height: block.height,
                row: top - block.height,
                lane,
                miner: block.miner,
                entries: block.entries,
                below: (block.height > lowest).then(|| (below, top - block.height + 1)),
            });
        }
    }
    let lanes = u32::try_from(lanes.len()).unwrap_or(u32::MAX).saturating_add(1);
    let blocks = order.iter().filter_map(|hash| drawn.remove(hash)).collect();
    Drawing { blocks, lanes, rows: top - lowest + 1 }
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::BranchBlock;
    use chain_wasm::primitives::UnixMillis;

    use super::*;

    fn hash(n: u8) -> Hash {
        Hash::from_bytes([n; 32])
    }

    /// Blocks 0 to `tip`, newest first; block n has the hash n.
    fn chain(tip: u8) -> Vec<Arc<BlockView>> {
        let block = |n: u8| BlockView {
            version: 1,
            height: n.into(),
            hash: hash(n),
            previous_hash: hash(n.saturating_sub(1)),
            merkle_root: Hash::ZERO,
            history_root: Hash::ZERO,
            timestamp: UnixMillis(0),
            difficulty: 1.0,
            nonce: 0,
            miner: None,
            reward: 0,
            size: 0,
            entry_count: 2,
            entries: Vec::new(),
        };
        (0..=tip).rev().map(|n| Arc::new(block(n))).collect()
    }

    /// A branch whose blocks have these hashes, on the chain's block at `fork`.
    fn branch(fork: u8, hashes: &[u8]) -> BranchView {
        let mut previous = hash(fork);
        let blocks = (fork + 1..).zip(hashes).map(|(height, n)| {
            let below = std::mem::replace(&mut previous, hash(*n));
            BranchBlock {
                hash: hash(*n),
                previous: below,
                height: height.into(),
                miner: None,
                entries: None,
            }
        });
        BranchView {
            fork_height: fork.into(),
            blocks: blocks.collect(),
            length: u32::try_from(hashes.len()).unwrap(),
            work: 1.0,
            chain_work: 1.0,
        }
    }

    /// The first byte of a block's hash, its lane, its row, and what it builds on.
    type Place = (u8, u32, u32, Option<(u32, u32)>);

    fn places(drawing: &Drawing) -> Vec<Place> {
        let place = |block: &Drawn| (block.hash.as_bytes()[0], block.lane, block.row, block.below);
        drawing.blocks.iter().map(place).collect()
    }

    #[test]
    fn without_a_branch_nothing_is_drawn() {
        assert_eq!(draw(&chain(5), &[]), Drawing::default());
    }

    #[test]
    fn a_branch_stands_beside_the_chain_from_where_it_leaves_it() {
        let drawing = draw(&chain(5), &[branch(3, &[104, 105])]);
        assert_eq!((drawing.lanes, drawing.rows), (2, 3));
        let wanted = [
            (5, 0, 0, Some((0, 1))),
            (4, 0, 1, Some((0, 2))),
            (3, 0, 2, None),
            (104, 1, 1, Some((0, 2))),
            (105, 1, 0, Some((1, 1))),
        ];
        assert_eq!(places(&drawing), wanted);
    }

    #[test]
    fn a_branch_ahead_of_the_chain_stands_above_its_tip() {
        let drawing = draw(&chain(2), &[branch(2, &[103, 104])]);
        assert_eq!((drawing.lanes, drawing.rows), (2, 3));
        assert_eq!(places(&drawing)[0], (2, 0, 2, None));
    }

    #[test]
    fn branches_share_a_lane_if_their_heights_do_not_meet_and_what_they_share_is_drawn_once() {
        let branches = [branch(7, &[108, 109]), branch(2, &[103, 104]), branch(7, &[108, 119])];
        let drawing = draw(&chain(9), &branches);
        assert_eq!((drawing.lanes, drawing.rows), (3, 8));
        let beside: Vec<_> = places(&drawing).into_iter().filter(|place| place.1 > 0).collect();
        let wanted = [
            (108, 1, 1, Some((0, 2))),
            (109, 1, 0, Some((1, 1))),
            (103, 1, 6, Some((0, 7))),
            (104, 1, 5, Some((1, 6))),
            (119, 2, 0, Some((1, 1))),
        ];
        assert_eq!(beside, wanted);
    }

    #[test]
    fn only_the_newest_heights_are_drawn() {
        let drawing = draw(&chain(100), &[branch(10, &[111]), branch(90, &[191])]);
        assert_eq!(drawing.rows, MAX_ROWS);
        let lowest = drawing.blocks.iter().map(|block| block.height).min();
        assert_eq!(lowest, Some(100 - (MAX_ROWS - 1)));
        assert!(drawing.blocks.iter().all(|block| block.row < MAX_ROWS));
    }
}
