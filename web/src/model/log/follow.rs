//! What of that which the node tells is worth a line.

use chain_wasm::api::{EntryState, Event, LinkView, PeerView, SyncView, TipChange};
use chain_wasm::primitives::PeerId;

use super::{Happening, Log, MAX_NAMED, Who};
use crate::model::{Node, Reorganisation};

impl Log {
    /// The node tells something; `node` is what was known before.
    pub(crate) fn follow(&mut self, node: &Node, event: &Event, now: u64) {
        match event {
            Event::Chain { tip, change, source, blocks, .. } => {
                if let TipChange::Reorganised { abandoned, adopted, returned } = change {
                    let what = Reorganisation {
                        abandoned: *abandoned,
                        adopted: *adopted,
                        returned: returned.clone(),
                    };
                    self.note(now, Happening::Reorganised(what));
                }
                // While many come in each is the newest for a moment only.
                if self.behind_since.is_some() {
                    return;
                }
                let newest = blocks.first();
                let own = source.is_none()
                    && newest.is_some_and(|block| block.miner == Some(node.wallet.author));
                let (TipChange::Extended { added } | TipChange::Reorganised { adopted: added, .. }) =
                    change;
                let what = Happening::Block {
                    height: tip.height,
                    hash: tip.hash,
                    added: *added,
                    entries: newest.map_or(0, |block| block.entry_count),
                    from: source.map(|peer| who(node, peer)),
                    own,
                };
                self.note(now, what);
            }
            Event::Sync(sync) => self.follow_sync(node, *sync, now),
            Event::Entry(entry) => {
                // One that is stored is announced within a moment, if there is anybody.
                let silent = entry.state == EntryState::Stored && is_online(&node.link);
                if !silent {
                    self.note(now, Happening::Entry { id: entry.id, state: entry.state });
                }
            }
            Event::EntryRefused { id, winner } => {
                self.note(now, Happening::EntryRefused { id: *id, winner: *winner });
            }
            Event::Peers(peers) => self.follow_peers(node, peers, now),
            Event::Fault { peer, fault, rule } => {
                let (who, rule) = (who(node, *peer), rule.clone());
                self.note(now, Happening::Fault { who, fault: *fault, rule });
            }
            Event::Link(link) => self.follow_link(node, link, now),
            Event::Storage(storage) => self.note(now, Happening::Storage(*storage)),
            Event::Sealing(sealing) if sealing.mode != node.sealing.mode => {
                self.note(now, Happening::Mining(sealing.mode));
            }
            _ => {}
        }
    }

    fn follow_sync(&mut self, node: &Node, sync: SyncView, now: u64) {
        if sync.is_far() {
            self.behind_since.get_or_insert(node.tip.height);
        } else if sync == SyncView::Idle
            && let Some(since) = self.behind_since.take()
        {
            let height = node.tip.height;
            let blocks = height.saturating_sub(since);
            self.note(now, Happening::CaughtUp { height, blocks });
        }
    }

    fn follow_peers(&mut self, node: &Node, peers: &[PeerView], now: u64) {
        // Both lists are in the order of their ids.
        let missing = |from: &[PeerView], peer: &PeerView| {
            from.binary_search_by(|other| other.peer.cmp(&peer.peer)).is_err()
        };
        let came = peers.iter().filter(|peer| missing(&node.peers, peer)).map(seen).collect();
        let went = node.peers.iter().filter(|peer| missing(peers, peer)).map(seen).collect();
        // Without a connection nobody is there, which is told by itself.
        if is_online(&node.link) {
            self.note_all(now, went, Happening::Left, Happening::ManyLeft);
        }
        self.note_all(now, came, Happening::Joined, Happening::ManyJoined);
    }

    fn note_all(
        &mut self,
        now: u64,
        who: Vec<Who>,
        one: fn(Who) -> Happening,
        many: fn(usize) -> Happening,
    ) {
        if who.len() > MAX_NAMED {
            return self.note(now, many(who.len()));
        }
        for who in who {
            self.note(now, one(who));
        }
    }

    fn follow_link(&mut self, node: &Node, link: &LinkView, now: u64) {
        match link {
            LinkView::Online { .. } if !is_online(&node.link) => {
                self.note(now, Happening::Connected);
            }
            LinkView::Waiting { reason, .. } => {
                // Each further try fails like the one before.
                let again =
                    matches!(self.last_link(), Some(Happening::Disconnected(r)) if r == reason);
                if !again {
                    self.note(now, Happening::Disconnected(*reason));
                }
            }
            LinkView::Offline { reason } if node.link != *link => {
                self.note(now, Happening::Offline(*reason));
            }
            _ => {}
        }
    }

    /// The last word about the connection.
    fn last_link(&self) -> Option<&Happening> {
        let relay = |what: &Happening| what.kind() == super::Kind::Relay;
        self.newest_first().map(|event| &event.what).find(|what| relay(what))
    }
}

const fn is_online(link: &LinkView) -> bool {
    matches!(link, LinkView::Online { .. })
}

const fn seen(peer: &PeerView) -> Who {
    Who { peer: peer.peer, author: peer.author }
}

fn who(node: &Node, peer: PeerId) -> Who {
    let author = node.peers.iter().find(|known| known.peer == peer).and_then(|known| known.author);
    Who { peer, author }
}
