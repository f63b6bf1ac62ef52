//! The wallet's own history: what it wrote, sent and got, as far as this page knows.

use std::sync::Arc;

use chain_wasm::api::{BlockView, EntryKind, EntryView};
use chain_wasm::primitives::PublicKey;

/// The most entries that are shown.
pub(crate) const MAX_HISTORY: usize = 20;

/// The newest entries that are the wallet's or pay it: first those that wait, then those
/// of the blocks, newest first.
pub(crate) fn history(
    author: &PublicKey,
    pending: &[EntryView],
    blocks: &[Arc<BlockView>],
) -> Vec<EntryView> {
    let waiting = pending.iter().rev();
    let confirmed = blocks.iter().flat_map(|block| block.entries.iter().rev());
    let concerned = waiting.chain(confirmed).filter(|entry| concerns(entry, author));
    concerned.take(MAX_HISTORY).cloned().collect()
}

fn concerns(entry: &EntryView, author: &PublicKey) -> bool {
    let pays = matches!(&entry.kind, EntryKind::Transfer { to, .. } if to == author);
    entry.author == *author || pays
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::EntryState;
    use chain_wasm::primitives::Hash;

    use super::super::tests::{chain, entry};
    use super::*;

    #[test]
    fn what_is_the_wallets_comes_newest_first_and_not_without_end() {
        let own = PublicKey::from_bytes([1; 32]);
        let mut blocks = chain(1..=30);
        for block in &mut blocks {
            let state = EntryState::InBlock { height: block.height, block: block.hash };
            block.entries = vec![entry(9, state), entry(1, state)];
        }
        let blocks: Vec<_> = blocks.into_iter().map(Arc::new).collect();
        let mut paid = entry(8, EntryState::Announced);
        paid.kind = EntryKind::Transfer { to: own, amount: 3 };
        paid.id = Hash::of(b"paid");
        let pending = [entry(9, EntryState::Announced), entry(1, EntryState::Stored), paid.clone()];
        let shown = history(&own, &pending, &blocks);
        assert_eq!(shown.len(), MAX_HISTORY);
        assert_eq!(shown[0], paid);
        assert_eq!(shown[1].state, EntryState::Stored);
        assert!(matches!(shown[2].state, EntryState::InBlock { height: 30, .. }));
        assert!(matches!(shown[3].state, EntryState::InBlock { height: 29, .. }));
        assert!(history(&PublicKey::from_bytes([5; 32]), &pending, &blocks).is_empty());
    }
}
