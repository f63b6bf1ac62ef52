//! What the page is told, and how often.
//!
//! Views of things that can change a thousand times a second are gathered and sent
//! at most once in [`EVENT_INTERVAL`]; the first at once. A page that nobody sees is told
//! less often, and of everything as soon as it is seen.

use super::limits::{
    EVENT_INTERVAL, EVENT_INTERVAL_PER_PEER, FAR_INTERVAL, HIDDEN_INTERVAL, TOLD_WHEN_FAR,
};
use super::timers::Timer;
use super::{Node, Output};
use crate::api::{
    self, AuthorityView, BranchView, Event, Returned, SealingView, SyncView, TipChange,
};
use crate::chain::TipMove;
use crate::primitives::{Hash, Instant};

/// What the page has not been told yet.
#[derive(Debug, Clone, Default)]
pub(super) struct Events {
    pub(super) peers: bool,
    pub(super) pending: bool,
    chain: Option<ChainChange>,
    pub(super) told_balance: u64,
    told_sync: SyncView,
    told_sealing: SealingView,
    told_branches: Vec<BranchView>,
    told_authority: Option<AuthorityView>,
    /// How many double seals had been seen when the page was last told.
    told_seals: u64,
    /// The tip and how many headers there were when branches were last looked for.
    looked_at: (Hash, usize),
    next_chain: Instant,
    next_views: Instant,
    next_peers: Instant,
    /// Not an event, but kept in step like one.
    pub(super) next_status: Instant,
}

#[derive(Debug, Clone)]
struct ChainChange {
    fork_height: u32,
    abandoned: u32,
    adopted: u32,
    returned: Returned,
}

impl Events {
    /// The page is seen again: what it has not been told yet is due.
    pub(super) fn shown(&mut self, now: Instant) {
        for next in [&mut self.next_chain, &mut self.next_views, &mut self.next_peers] {
            *next = now.min(*next);
        }
    }

    /// The tip moved.
    pub(super) fn tip_moved(&mut self, tip_move: &TipMove) {
        let change = self.chain.get_or_insert(ChainChange {
            fork_height: tip_move.fork_height,
            abandoned: 0,
            adopted: 0,
            returned: Returned::default(),
        });
        change.fork_height = change.fork_height.min(tip_move.fork_height);
        change.abandoned += count(tip_move.abandoned.len());
        change.adopted += count(tip_move.adopted.len());
        change.returned.waiting += count(tip_move.returned.len());
        change.returned.kept += tip_move.kept;
        change.returned.refused += count(tip_move.refused.len());
        let told = &mut change.returned.entries;
        let room = api::MAX_RETURNED_TOLD.saturating_sub(told.len());
        told.extend(tip_move.returned.iter().take(room));
    }
}

impl Node {
    pub(super) fn flush_events(&mut self) {
        let sync = self.sync_view();
        let sealing = self.sealing.view();
        let moved = self.events.chain.is_some();
        let peers = self.events.peers && self.events.next_peers <= self.mono;
        if self.events.peers && !peers {
            self.timers.set_by(Timer::Events, self.events.next_peers);
        }
        let looked_at = (self.chain.tip(), self.chain.tree().len());
        let tree = self.events.looked_at != looked_at && !sync.is_far();
        let changed = peers
            || tree
            || self.events.pending
            || self.events.told_seals != self.chain.double_seals_seen()
            || self.events.told_sync != sync
            || self.events.told_sealing != sealing;
        if !moved && !changed {
            return;
        }
        let far = sync.is_far();
        let interval = if self.hidden { HIDDEN_INTERVAL } else { EVENT_INTERVAL };
        let wait = if far { FAR_INTERVAL.saturating_sub(interval) } else { 0 };
        let next = if moved { self.events.next_chain.after(wait) } else { self.events.next_views };
        if self.mono < next {
            if far && self.events.next_views <= self.mono {
                self.events.next_views = self.mono.after(interval);
                self.tell_sync(sync);
            }
            return self.timers.set_by(Timer::Events, next);
        }
        self.events.next_views = self.mono.after(interval);
        if moved {
            self.events.next_chain = self.events.next_views;
            self.tell_chain(if far { TOLD_WHEN_FAR } else { api::MAX_BLOCKS_TOLD });
        }
        // With the chain, never before it: the page must not see an entry that left a
        // block and does not wait yet, or the other way round.
        self.tell_views(sync, sealing);
        if peers {
            self.tell_peers(interval);
        }
        if tree {
            self.events.looked_at = looked_at;
            self.tell_branches();
        }
        self.tell_authority();
    }

    fn tell_authority(&mut self) {
        self.events.told_seals = self.chain.double_seals_seen();
        let view = self.authority_view();
        if self.events.told_authority != view {
            self.events.told_authority.clone_from(&view);
            if let Some(view) = view {
                self.event(Event::Authority(view));
            }
        }
    }

    fn tell_branches(&mut self) {
        let branches = self.branch_views();
        if branches != self.events.told_branches {
            self.events.told_branches.clone_from(&branches);
            self.event(Event::Branches(branches));
        }
    }

    fn tell_peers(&mut self, interval: u64) {
        self.events.peers = false;
        let view = self.peer_views();
        let more = u64::try_from(view.len()).unwrap_or(0).saturating_mul(EVENT_INTERVAL_PER_PEER);
        self.events.next_peers = self.mono.after(interval.saturating_add(more));
        self.event(Event::Peers(view));
    }

    fn tell_chain(&mut self, most: u32) {
        let Some(change) = self.events.chain.take() else { return };
        let above = self.chain.height().saturating_sub(change.fork_height);
        let blocks = self.block_views(self.chain.height(), above.min(most));
        let tip_change = if change.abandoned == 0 {
            TipChange::Extended { added: change.adopted }
        } else {
            TipChange::Reorganised {
                abandoned: change.abandoned,
                adopted: change.adopted,
                returned: change.returned,
            }
        };
        self.event(Event::Chain {
            fork_height: change.fork_height,
            tip: self.tip_view(),
            change: tip_change,
            source: self.sync.provider(&self.chain.tip()),
            blocks,
        });
        let wallet = self.wallet_view();
        if wallet.balance != self.events.told_balance {
            self.events.told_balance = wallet.balance;
            self.event(Event::Wallet(wallet));
        }
    }

    fn tell_views(&mut self, sync: SyncView, sealing: SealingView) {
        if std::mem::take(&mut self.events.pending) {
            let view = self.pending_view();
            self.outputs.push_back(Output::Event(Event::Pending(view)));
        }
        self.tell_sync(sync);
        if self.events.told_sealing != sealing {
            self.events.told_sealing = sealing;
            self.event(Event::Sealing(sealing));
        }
    }

    /// How the synchronisation is getting on, which has to do with nothing else.
    fn tell_sync(&mut self, sync: SyncView) {
        if self.events.told_sync != sync {
            self.events.told_sync = sync;
            self.event(Event::Sync(sync));
        }
    }
}

pub(super) fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
