//! The run of blocks that the page shows, without a gap: from the tip downwards, or,
//! once it has been followed far down, from somewhere below the tip.

use std::sync::Arc;

use chain_wasm::api::{self, BlockView};

/// How many blocks are shown at first, and how many more at each asking.
pub(crate) const PAGE: u32 = api::MAX_BLOCKS_TOLD;

/// The most blocks that are held to be shown, however long the chain is: when more are
/// asked for at one end, those at the other end, far from what is looked at, are let go.
pub(crate) const MAX_WINDOW: u32 = 500;

/// Blocks of the current chain, newest first, each the predecessor of the one
/// before it.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    blocks: Vec<Arc<BlockView>>,
    wanted: u32,
    /// Whether the newest blocks were let go: then new ones do not come in either.
    below_tip: bool,
    revision: u64,
}

impl Window {
    /// Takes the newest blocks, newest first.
    pub(crate) fn new(blocks: Vec<BlockView>) -> Self {
        let mut window = Self { blocks: Vec::new(), wanted: PAGE, below_tip: false, revision: 0 };
        window.append(blocks);
        window.trim();
        window
    }

    /// Goes back to the newest blocks, given newest first.
    pub(crate) fn reset(&mut self, blocks: Vec<BlockView>) {
        let revision = self.revision + 1;
        *self = Self { revision, ..Self::new(blocks) };
    }

    /// The blocks, newest first.
    pub(crate) fn blocks(&self) -> &[Arc<BlockView>] {
        &self.blocks
    }

    /// Changes whenever [`Self::blocks`] does.
    pub(crate) const fn revision(&self) -> u64 {
        self.revision
    }

    /// The chain has other blocks above `fork_height`: these, newest first, perhaps
    /// without the older of them. What then no longer hangs together is let go.
    pub(crate) fn replace_above(&mut self, fork_height: u32, blocks: Vec<BlockView>) {
        let kept = self.blocks.iter().position(|block| block.height <= fork_height);
        let kept = kept.unwrap_or(self.blocks.len());
        if self.below_tip && kept < self.blocks.len() {
            // What is looked at stays where it is, as far as it is still in the chain.
            if kept > 0 {
                self.blocks.drain(..kept);
                self.revision += 1;
            }
            return;
        }
        if self.below_tip {
            return self.reset(blocks);
        }
        let old = self.blocks.split_off(kept);
        self.blocks.clear();
        self.append(blocks);
        let meets = match (self.blocks.last(), old.first()) {
            (Some(last), Some(first)) => last.previous_hash == first.hash,
            _ => true,
        };
        if meets {
            self.blocks.extend(old);
        }
        self.trim();
        self.revision += 1;
    }

    /// Adds blocks older than those held, newest first. Returns whether they were
    /// the predecessors: a reorganisation may have come while they were asked for.
    pub(crate) fn add_older(&mut self, blocks: Vec<BlockView>) -> bool {
        let oldest = self.blocks.last().map(|block| block.height);
        self.append(blocks);
        let added = self.blocks.last().map(|block| block.height) != oldest;
        let too_many = self.blocks.len().saturating_sub(MAX_WINDOW as usize);
        if too_many > 0 {
            self.blocks.drain(..too_many);
            self.below_tip = true;
        }
        self.wanted = self.wanted.saturating_sub(u32::try_from(too_many).unwrap_or(u32::MAX));
        self.trim();
        self.revision += 1;
        added
    }

    /// Adds blocks newer than those held, newest first, up to a tip of this height.
    /// Returns whether they were the successors.
    pub(crate) fn add_newer(&mut self, blocks: Vec<BlockView>, tip: u32) -> bool {
        let mut joined = Self { blocks: Vec::new(), ..self.clone() };
        joined.append(blocks);
        let meets = match (joined.blocks.last(), self.blocks.first()) {
            (Some(last), Some(first)) => last.previous_hash == first.hash,
            _ => false,
        };
        if meets {
            joined.blocks.append(&mut self.blocks);
            joined.below_tip = joined.blocks.first().is_some_and(|first| first.height < tip);
            joined.wanted = joined.len().clamp(PAGE, MAX_WINDOW);
            joined.trim();
            joined.revision += 1;
            *self = joined;
        }
        meets
    }

    /// Makes room for one page more than is held.
    pub(crate) fn want_older(&mut self) {
        self.wanted = self.len().max(PAGE) + PAGE;
    }

    /// From which height on older blocks are to be asked for, and how many; `None`
    /// if as many are held as are wanted or exist.
    pub(crate) fn missing(&self) -> Option<(u32, u32)> {
        let from = self.next_older()?;
        Some((from, self.wanted.saturating_sub(self.len()))).filter(|(_, count)| *count > 0)
    }

    /// From which height on the next newer blocks are to be asked for, and how many,
    /// below a tip of this height; `None` if the newest are held.
    pub(crate) fn missing_newer(&self, tip: u32) -> Option<(u32, u32)> {
        let count = self.newer(tip).min(PAGE);
        let first = self.blocks.first().filter(|_| count > 0)?;
        Some((first.height.saturating_add(count), count))
    }

    /// How many blocks there are above those held, below a tip of this height and with it.
    pub(crate) fn newer(&self, tip: u32) -> u32 {
        let first = self.blocks.first().filter(|_| self.below_tip);
        first.map_or(0, |first| tip.saturating_sub(first.height))
    }

    /// Whether older blocks exist.
    pub(crate) fn has_older(&self) -> bool {
        self.next_older().is_some()
    }

    fn next_older(&self) -> Option<u32> {
        self.blocks.last()?.height.checked_sub(1)
    }

    fn len(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap_or(u32::MAX)
    }

    /// Appends as far as each block is the predecessor of the one before it.
    fn append(&mut self, blocks: Vec<BlockView>) {
        for block in blocks {
            let fits = self.blocks.last().is_none_or(|newer| {
                newer.previous_hash == block.hash
                    && newer.height.checked_sub(1) == Some(block.height)
            });
            if !fits {
                break;
            }
            self.blocks.push(Arc::new(block));
        }
    }

    fn trim(&mut self) {
        let most = self.wanted.min(MAX_WINDOW);
        self.blocks.truncate(usize::try_from(most).unwrap_or(usize::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::tests::{chain, fork};

    fn heights(window: &Window) -> Vec<u32> {
        window.blocks().iter().map(|block| block.height).collect()
    }

    #[test]
    fn holds_the_newest_page() {
        let window = Window::new(chain(0..=30));
        assert_eq!(heights(&window), (11..=30).rev().collect::<Vec<_>>());
        assert!(window.has_older());
    }

    #[test]
    fn a_new_block_goes_on_top_and_pushes_the_oldest_out() {
        let mut window = Window::new(chain(0..=30));
        let before = window.revision();
        window.replace_above(30, chain(31..=31));
        assert_eq!(heights(&window), (12..=31).rev().collect::<Vec<_>>());
        assert_ne!(window.revision(), before);
    }

    #[test]
    fn a_reorganisation_replaces_what_is_above_the_fork() {
        let mut window = Window::new(chain(0..=5));
        window.replace_above(3, fork(3, 4..=7));
        assert_eq!(heights(&window), (0..=7).rev().collect::<Vec<_>>());
        let links = window.blocks().windows(2).all(|pair| match pair {
            [newer, older] => newer.previous_hash == older.hash,
            _ => false,
        });
        assert!(links);
        assert!(!window.has_older());
    }

    #[test]
    fn a_gap_lets_go_of_what_no_longer_hangs_together() {
        let mut window = Window::new(chain(0..=5));
        window.replace_above(5, chain(50..=149));
        assert_eq!(heights(&window), (130..=149).rev().collect::<Vec<_>>());
        window.want_older();
        assert_eq!(window.missing(), Some((129, PAGE)));
        assert!(window.add_older(chain(110..=129)));
        assert_eq!(window.blocks().len(), 40);
    }

    #[test]
    fn a_reorganisation_below_the_window_starts_it_anew() {
        let mut window = Window::new(chain(0..=60));
        window.replace_above(10, fork(10, 11..=12));
        assert_eq!(heights(&window), [12, 11]);
        assert!(window.has_older());
        assert_eq!(window.missing(), Some((10, 18)));
    }

    #[test]
    fn older_blocks_of_another_branch_are_not_taken() {
        let mut window = Window::new(chain(0..=60));
        assert_eq!(window.missing(), None);
        window.want_older();
        assert_eq!(window.missing(), Some((40, PAGE)));
        assert!(!window.add_older(fork(3, 21..=40)));
        assert!(!window.add_older(chain(0..=39)));
        assert_eq!(window.blocks().len(), 20);
        assert!(window.add_older(chain(21..=40)));
        assert_eq!(heights(&window), (21..=60).rev().collect::<Vec<_>>());
    }

    /// Follows a chain down to some height.
    fn followed(all: &[BlockView], down_to: u32) -> Window {
        let mut window = Window::new(all.to_vec());
        while window.blocks().last().is_some_and(|last| last.height > down_to) {
            window.want_older();
            let (from, count) = window.missing().expect("older blocks");
            let older = all.iter().filter(|b| b.height <= from).take(count as usize).cloned();
            assert!(window.add_older(older.collect()));
        }
        window
    }

    #[test]
    fn followed_down_it_lets_go_of_the_newest_and_comes_back() {
        let all = chain(0..=1_000);
        let mut window = followed(&all, 0);
        assert_eq!(heights(&window), (0..MAX_WINDOW).rev().collect::<Vec<_>>());
        assert!(!window.has_older());
        assert_eq!(window.newer(1_000), 501);
        // What comes on top is not shown, for it would not hang together.
        let before = window.revision();
        window.replace_above(1_000, chain(1_001..=1_001));
        assert_eq!((window.blocks().len(), window.revision()), (MAX_WINDOW as usize, before));
        while let Some((from, count)) = window.missing_newer(1_000) {
            let newer = all.iter().filter(|b| b.height <= from).take(count as usize).cloned();
            assert!(window.add_newer(newer.collect(), 1_000));
            assert!(window.blocks().len() <= MAX_WINDOW as usize);
        }
        assert_eq!(heights(&window), (501..=1_000).rev().collect::<Vec<_>>());
        window.replace_above(1_000, chain(1_001..=1_001));
        assert_eq!(heights(&window), (502..=1_001).rev().collect::<Vec<_>>());
    }

    #[test]
    fn newer_blocks_of_another_branch_are_not_taken() {
        let all = chain(0..=1_000);
        let mut window = followed(&all, 300);
        let (from, count) = window.missing_newer(1_000).expect("newer blocks");
        let first = window.blocks()[0].height;
        assert_eq!((from, count), (first + PAGE, PAGE));
        assert!(!window.add_newer(fork(3, first + 1..=from), 1_000));
        assert!(!window.add_newer(chain(first + 2..=from), 1_000));
        assert!(!window.add_newer(Vec::new(), 1_000));
        assert_eq!(window.blocks()[0].height, first);
    }

    #[test]
    fn a_reorganisation_takes_only_what_left_the_chain_from_what_is_looked_at() {
        let all = chain(0..=1_000);
        let mut window = followed(&all, 300);
        let oldest = window.blocks().last().map(|block| block.height);
        window.replace_above(600, fork(600, 990..=1_009));
        assert_eq!(window.blocks().first().map(|block| block.height), Some(600));
        assert_eq!(window.blocks().last().map(|block| block.height), oldest);
        assert_eq!(window.newer(1_009), 409);
        // Nothing is left of it: it begins anew.
        window.replace_above(100, fork(100, 991..=1_010));
        assert_eq!(heights(&window), (991..=1_010).rev().collect::<Vec<_>>());
        assert_eq!(window.newer(1_010), 0);
    }

    #[test]
    fn goes_back_to_the_newest_at_once() {
        let mut window = followed(&chain(0..=1_000), 0);
        let before = window.revision();
        window.reset(chain(981..=1_000));
        assert_eq!(heights(&window), (981..=1_000).rev().collect::<Vec<_>>());
        assert!(window.newer(1_000) == 0 && window.revision() != before);
    }

    #[test]
    fn ends_at_the_genesis_block() {
        let mut window = Window::new(chain(0..=25));
        window.want_older();
        assert_eq!(window.missing(), Some((5, PAGE)));
        assert!(window.add_older(chain(0..=5)));
        assert!(!window.has_older());
        window.want_older();
        assert_eq!(window.missing(), None);
    }
}
