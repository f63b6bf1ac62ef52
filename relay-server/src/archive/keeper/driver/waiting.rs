//! Who waits for something to happen to the chain.

use chain_wasm::api::SyncView;
use chain_wasm::node::Node;
use chain_wasm::primitives::{Hash, Instant};
use tokio::sync::oneshot;

use super::super::ask::{Place, SyncReport};
use super::tip;

/// The longest that a synchronisation is waited for, in milliseconds.
const SYNC_PATIENCE: u64 = 10_000;

struct Entry {
    id: Hash,
    answer: oneshot::Sender<Place>,
}

struct Sync {
    before: Place,
    until: Instant,
    answer: oneshot::Sender<SyncReport>,
}

/// Those who wait.
#[derive(Default)]
pub(super) struct Waiting {
    entries: Vec<Entry>,
    syncs: Vec<Sync>,
    looked_at: Option<Hash>,
}

impl Waiting {
    /// Somebody waits for an entry to be in a block.
    pub(super) fn for_block(&mut self, id: Hash, answer: oneshot::Sender<Place>) {
        // Whoever has gone takes up no room.
        self.entries.retain(|entry| !entry.answer.is_closed());
        self.entries.push(Entry { id, answer });
        self.looked_at = None;
    }

    /// Somebody waits for a synchronisation.
    pub(super) fn for_sync(
        &mut self,
        now: Instant,
        before: Place,
        answer: oneshot::Sender<SyncReport>,
    ) {
        self.syncs.retain(|sync| !sync.answer.is_closed());
        self.syncs.push(Sync { before, until: now.after(SYNC_PATIENCE), answer });
    }

    pub(super) fn next_wakeup(&self) -> Option<Instant> {
        self.syncs.iter().map(|sync| sync.until).min()
    }

    /// Answers whom there is an answer for.
    pub(super) fn look(&mut self, now: Instant, node: &Node, online: bool) {
        let chain = node.chain();
        if !self.entries.is_empty() && self.looked_at != Some(chain.tip()) {
            self.looked_at = Some(chain.tip());
            for entry in std::mem::take(&mut self.entries) {
                let height = chain.ledger().height_of(&entry.id);
                let place =
                    height.and_then(|height| Some(Place { height, hash: chain.hash_at(height)? }));
                match place {
                    Some(place) => drop(entry.answer.send(place)),
                    None => self.entries.push(entry),
                }
            }
        }
        if self.syncs.is_empty() {
            return;
        }
        let complete = online && node.sync_view() == SyncView::Idle;
        for sync in std::mem::take(&mut self.syncs) {
            if !complete && now < sync.until {
                self.syncs.push(sync);
                continue;
            }
            // Nobody may be waiting any more.
            let _ = sync.answer.send(SyncReport {
                before: sync.before,
                after: tip(node),
                reorganised: !chain.is_main(&sync.before.hash),
                complete,
                peers: node.peer_count(),
            });
        }
    }
}
