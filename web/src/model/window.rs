//! The run of blocks that the page shows: from the tip downwards, without a gap.

use std::sync::Arc;

use chain_wasm::api::{self, BlockView};

/// How many blocks are shown at first, and how many more at each asking.
pub(crate) const PAGE: u32 = api::MAX_BLOCKS_TOLD;

/// The most blocks that are held to be shown; a peer cannot make the page hold
/// more, however long its chain is.
pub(crate) const MAX_WINDOW: u32 = 500;

/// Blocks of the current chain, newest first, each the predecessor of the one
/// before it.
#[derive(Debug, Clone)]
pub(crate) struct Window {
    blocks: Vec<Arc<BlockView>>,
    wanted: u32,
    revision: u64,
}

impl Window {
    /// Takes the newest blocks, newest first.
    pub(crate) fn new(blocks: Vec<BlockView>) -> Self {
        let mut window = Self { blocks: Vec::new(), wanted: PAGE, revision: 0 };
        window.append(blocks);
        window.trim();
        window
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
        let old = self.blocks.split_off(kept.unwrap_or(self.blocks.len()));
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
        let before = self.blocks.len();
        self.append(blocks);
        self.trim();
        self.revision += 1;
        self.blocks.len() > before
    }

    /// Makes room for one page more than is held.
    pub(crate) fn want_older(&mut self) {
        self.wanted = (self.len().max(PAGE) + PAGE).min(MAX_WINDOW);
    }

    /// From which height on older blocks are to be asked for, and how many; `None`
    /// if as many are held as are wanted or exist.
    pub(crate) fn missing(&self) -> Option<(u32, u32)> {
        let from = self.next_older()?;
        Some((from, self.wanted.saturating_sub(self.len()))).filter(|(_, count)| *count > 0)
    }

    /// Whether older blocks exist that could still be shown.
    pub(crate) fn has_older(&self) -> bool {
        self.next_older().is_some() && !self.is_full()
    }

    /// Whether as many blocks are held as may be, and older ones exist.
    pub(crate) fn is_cut(&self) -> bool {
        self.next_older().is_some() && self.is_full()
    }

    fn is_full(&self) -> bool {
        self.len() >= MAX_WINDOW
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
        self.blocks.truncate(usize::try_from(self.wanted).unwrap_or(usize::MAX));
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

    #[test]
    fn never_holds_more_than_its_limit() {
        let all = chain(0..=700);
        let mut window = Window::new(all.clone());
        window.want_older();
        while let Some((from, count)) = window.missing() {
            let older = all.iter().filter(|b| b.height <= from).take(count as usize).cloned();
            assert!(window.add_older(older.collect()));
            window.want_older();
        }
        assert_eq!(window.blocks().len(), MAX_WINDOW as usize);
        assert!(!window.has_older());
        assert!(window.is_cut());
        window.replace_above(700, chain(701..=710));
        assert_eq!(window.blocks().len(), MAX_WINDOW as usize);
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
