//! The node's state as the page is shown it.

use super::Node;
use super::events::count;
use super::private::Data;
use crate::api::{
    self, BlockView, BranchBlock, BranchView, ConsensusChoice, EntryKind, EntryState, EntryView,
    LinkReason, LinkView, NodeView, PeerView, PendingView, PrivateRoom, RoomChoice, TipView,
    TrafficView, WalletView,
};
use crate::chain::spec::{Consensus, Purpose, Writers};
use crate::chain::transaction::{self, Transaction};
use crate::chain::{Body, Branch};
use crate::primitives::{Hash, PublicKey};

/// Blocks in a [`NodeView`].
const FIRST_BLOCKS: u32 = 20;

impl Node {
    /// The whole state, for the page. The driver fills in what only it knows:
    /// `slot`, `link`, `traffic` and `hash_rate`.
    pub fn view(&self) -> NodeView {
        let spec = self.chain.spec();
        let consensus = match spec.consensus() {
            Consensus::Work { target, .. } => ConsensusChoice::Work { target: *target },
            Consensus::Open => ConsensusChoice::Open,
            Consensus::Authority { members, patience, writers } => ConsensusChoice::Authority {
                members: members.clone(),
                patience: *patience,
                members_write: *writers == Writers::Members,
            },
        };
        NodeView {
            room: RoomChoice {
                name: spec.name().to_owned(),
                consensus,
                lab: spec.terms().purpose == Purpose::Lab,
                private: spec
                    .terms()
                    .private
                    .map(|commitment| PrivateRoom { commitment, secret: None }),
            },
            chain: self.chain.id(),
            peer: self.peer,
            slot: 0,
            wallet: self.wallet_view(),
            tip: self.tip_view(),
            blocks: self.block_views(self.chain.height(), FIRST_BLOCKS),
            branches: self.branch_views(),
            pending: self.pending_view(),
            peers: self.peer_views(),
            link: LinkView::Offline { reason: LinkReason::Disconnected },
            traffic: TrafficView::default(),
            sync: self.sync_view(),
            storage: self.storing.view(),
            sealing: self.sealing.view(),
            authority: self.authority_view(),
            hash_rate: None,
        }
    }

    pub(super) fn wallet_view(&self) -> WalletView {
        self.wallet_of(self.wallet.public())
    }

    /// Anybody's wallet.
    pub(super) fn wallet_of(&self, author: PublicKey) -> WalletView {
        WalletView { author, balance: self.chain.ledger().balance(&author) }
    }

    pub(super) fn tip_view(&self) -> TipView {
        let rank = self.chain.tip_rank();
        TipView { height: self.chain.height(), hash: rank.hash.0, work: rank.work.to_string() }
    }

    /// Up to `wanted` blocks of the chain from a height downwards, as far as they are in
    /// memory.
    pub(super) fn block_views(&self, from: u32, wanted: u32) -> Vec<BlockView> {
        let lowest = from.saturating_add(1).saturating_sub(wanted);
        (lowest..=from)
            .rev()
            .filter_map(|height| self.chain.hash_at(height))
            .map_while(|hash| Some((hash, self.chain.body(&hash)?)))
            .map(|(hash, body)| self.block_view(hash, &body, 0))
            .collect()
    }

    /// A block with its entries after the first `skip`.
    pub(super) fn block_view(&self, hash: Hash, body: &Body, skip: usize) -> BlockView {
        let header = &body.block.header;
        let state = EntryState::InBlock { height: header.height, block: hash };
        let miner = body.block.miner();
        BlockView {
            version: header.version,
            height: header.height,
            hash,
            previous_hash: header.previous_hash,
            merkle_root: header.merkle_root,
            history_root: header.history_root,
            timestamp: header.timestamp,
            #[expect(clippy::cast_precision_loss, reason = "it is for showing")]
            difficulty: header.difficulty.hashes() as f64,
            nonce: header.nonce,
            miner,
            reward: miner.map_or(0, |_| self.chain.spec().reward()),
            size: count(body.bytes.len()),
            entry_count: count(body.block.entries().count()),
            entries: body
                .block
                .entries()
                .skip(skip)
                .take(api::MAX_ENTRIES_IN_VIEW)
                .map(|entry| self.view_of(entry, state, false))
                .collect(),
        }
    }

    /// The branches beside the chain.
    pub(super) fn branch_views(&self) -> Vec<BranchView> {
        let branches = self.chain.branches(api::BRANCH_DEPTH, api::MAX_BRANCHES);
        branches.iter().filter_map(|branch| self.branch_view(branch)).collect()
    }

    #[expect(clippy::cast_precision_loss, reason = "work is for showing")]
    fn branch_view(&self, branch: &Branch) -> Option<BranchView> {
        let tree = self.chain.tree();
        let fork = self.chain.hash_at(branch.fork_height)?;
        let below = tree.rank(&fork)?.work;
        let left_off = branch.blocks.len().saturating_sub(api::MAX_BRANCH_BLOCKS);
        let blocks = branch.blocks.iter().skip(left_off).filter_map(|hash| {
            let header = tree.header(hash)?;
            let body = self.chain.body(hash);
            Some(BranchBlock {
                hash: *hash,
                previous: header.previous_hash,
                height: header.height,
                // Where members seal, the header says who did.
                miner: body.as_ref().and_then(|body| body.block.miner()).or_else(|| {
                    let authority = self.chain.spec().authority()?;
                    authority.sealer(&header).copied()
                }),
                entries: body.map(|body| count(body.block.entries().count())),
            })
        });
        Some(BranchView {
            fork_height: branch.fork_height,
            blocks: blocks.collect(),
            length: count(branch.blocks.len()),
            work: branch.tip.work.saturating_sub(below) as f64,
            chain_work: self.chain.tip_rank().work.saturating_sub(below) as f64,
        })
    }

    pub(super) fn pending_view(&self) -> PendingView {
        let mempool = self.chain.mempool();
        let own = mempool.iter().filter(|waiting| self.is_own(&waiting.transaction.author()));
        let others = mempool.iter().filter(|waiting| !self.is_own(&waiting.transaction.author()));
        PendingView {
            count: count(mempool.len()),
            entries: own
                .chain(others)
                .take(api::MAX_ENTRIES_IN_VIEW)
                .map(|waiting| self.waiting_view(&waiting.transaction, waiting.returned, false))
                .collect(),
        }
    }

    pub(super) fn peer_views(&self) -> Vec<PeerView> {
        let views = self.peers.iter().map(|(id, peer)| {
            let status = peer.status.as_ref();
            PeerView {
                peer: *id,
                author: status.map(|status| status.author),
                height: status.map_or(0, |status| status.height),
                tip: status.map(|status| status.tip),
                pending: status.map_or(0, |status| status.mempool_count),
                hidden: status.is_some_and(|status| status.hidden),
                sealing: status.is_some_and(|status| status.sealing),
                fault: self.peers.fault(id),
                round_trip: peer.round_trips.median(),
            }
        });
        views.collect()
    }

    /// An entry, wherever it is; `None` if it is unknown, or if its block is not in
    /// memory.
    pub(super) fn entry_view(&self, id: &Hash, whole: bool) -> Option<EntryView> {
        if let Some(waiting) = self.chain.mempool().get(id) {
            return Some(self.waiting_view(&waiting.transaction, waiting.returned, whole));
        }
        let height = self.chain.ledger().height_of(id)?;
        let block = self.chain.hash_at(height)?;
        let body = self.chain.body(&block)?;
        let entry = body.block.entries().find(|entry| entry.id() == *id)?;
        Some(self.view_of(entry, EntryState::InBlock { height, block }, whole))
    }

    fn waiting_view(&self, entry: &Transaction, returned: bool, whole: bool) -> EntryView {
        self.view_of(entry, self.waiting_state(entry, returned), whole)
    }

    pub(super) fn waiting_state(&self, entry: &Transaction, returned: bool) -> EntryState {
        if returned {
            EntryState::Returned
        } else if !self.is_own(&entry.author()) || self.gossip.is_announced(&entry.id()) {
            EntryState::Announced
        } else {
            EntryState::Stored
        }
    }

    pub(super) fn view_of(&self, entry: &Transaction, state: EntryState, whole: bool) -> EntryView {
        self.view_as(entry, state, whole, self.data_of(entry))
    }

    /// An entry, if it is data, as it was opened.
    pub(super) fn view_as(
        &self,
        entry: &Transaction,
        state: EntryState,
        whole: bool,
        data: Option<Data<'_>>,
    ) -> EntryView {
        let privacy = data.as_ref().map(|data| data.privacy).unwrap_or_default();
        let kind = match (entry.body(), data) {
            (
                transaction::Body::Transfer { to, amount }
                | transaction::Body::Coinbase { to, reward: amount, .. },
                _,
            ) => EntryKind::Transfer { to: *to, amount: *amount },
            (transaction::Body::Data { media_type, bytes }, data) => {
                let data = data.unwrap_or_else(|| Data {
                    media_type: media_type.as_str().into(),
                    bytes: bytes.as_slice().into(),
                    privacy,
                });
                data.kind(if whole { usize::MAX } else { api::MAX_PREVIEW })
            }
        };
        EntryView {
            id: entry.id(),
            author: entry.author(),
            mine: self.is_own(&entry.author()),
            timestamp: entry.content().timestamp,
            kind,
            privacy,
            state,
        }
    }
}
