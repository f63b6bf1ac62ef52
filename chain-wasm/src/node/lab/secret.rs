//! A branch that is mined without a word to anybody. It is kept beside the chain until it is
//! released: what peers are told and given comes from the chain, so nothing of it leaks.

use super::Search;
use crate::api::{ApiError, MAX_SECRET_BLOCKS, MAX_SECRET_DEPTH, ReleasedView, SecretView};
use crate::chain::block::Block;
use crate::chain::merkle::Frontier;
use crate::chain::spec::Spec;
use crate::chain::transaction::Transaction;
use crate::chain::verify::HeaderContext;
use crate::chain::work::{Pace, WINDOW};
use crate::chain::{BlockVerdict, Trust};
use crate::node::Node;
use crate::node::events::count;
use crate::primitives::{ChainId, Hash, Instant, PublicKey, UnixMillis};

/// The branch.
#[derive(Debug, Clone)]
pub(super) struct Secret {
    fork: Hash,
    fork_height: u32,
    /// What the next block is made from.
    context: HeaderContext,
    history: Frontier,
    blocks: Vec<Block>,
    work: u128,
    /// The next one, without its nonce.
    template: Option<Block>,
    /// When the next one may be searched.
    pub(super) not_before: Instant,
}

impl Secret {
    /// Whether it has as many blocks as it may.
    pub(super) const fn is_full(&self) -> bool {
        self.blocks.len() >= MAX_SECRET_BLOCKS
    }

    fn make_template(
        &mut self,
        spec: &Spec,
        chain: ChainId,
        miner: PublicKey,
        now: UnixMillis,
    ) -> Block {
        let mut header = self.context.template(spec, Hash::ZERO, now);
        let coinbase =
            Transaction::coinbase(chain, miner, spec.reward(), header.height, header.timestamp);
        let mut block = Block { header: header.clone(), transactions: vec![coinbase] };
        header.merkle_root = block.merkle_root();
        block.header = header;
        self.template = Some(block.clone());
        block
    }

    fn push(&mut self, block: Block) {
        let hash = block.header.hash();
        self.work = self.work.saturating_add(block.header.difficulty.hashes());
        self.history.push(hash.as_bytes());
        if self.context.recent.len() > WINDOW {
            self.context.recent.remove(0);
        }
        self.context.recent.push(Pace::from(&block.header));
        self.context.parent = hash;
        self.context.height = self.context.height.saturating_add(1);
        self.context.history_root = self.history.root();
        self.blocks.push(block);
    }
}

impl Node {
    /// Begins a secret branch so many blocks below the tip.
    pub(super) fn begin_secret(&mut self, back: u32) -> Result<(), ApiError> {
        self.check_work()?;
        if self.lab.secret.is_some() {
            return Err(ApiError::Busy);
        }
        let fork_height = self.chain.height().saturating_sub(back.min(MAX_SECRET_DEPTH));
        let fork = self.chain.hash_at(fork_height).ok_or(ApiError::NotFound)?;
        let context = self.chain.context(fork).ok_or(ApiError::NotFound)?;
        let mut history = Frontier::default();
        for hash in (0..=fork_height).filter_map(|height| self.chain.hash_at(height)) {
            history.push(hash.as_bytes());
        }
        self.lab.released = None;
        self.lab.secret = Some(Secret {
            fork,
            fork_height,
            context,
            history,
            blocks: Vec::new(),
            work: 0,
            template: None,
            not_before: self.mono,
        });
        Ok(())
    }

    /// Searches the branch's next block.
    pub(super) fn seal_in_secret(&mut self) {
        let (chain, miner, now) = (self.chain.id(), self.wallet.public(), self.wall);
        let Some(secret) = &mut self.lab.secret else { return };
        let block = secret.make_template(self.chain.spec(), chain, miner, now);
        self.begin_search(&block.header, Search::Secret);
    }

    pub(super) fn sealed_in_secret(&mut self, nonce: u32) {
        let next = self.mono.after(self.lab.interval().max(crate::node::limits::EMPTY_INTERVAL));
        let Some(secret) = &mut self.lab.secret else { return };
        let Some(mut block) = secret.template.take() else { return };
        block.header.nonce = nonce;
        secret.not_before = next;
        secret.push(block);
    }

    pub(super) fn drop_secret(&mut self) {
        if self.lab.job.is_some_and(|(_, search)| search == Search::Secret) {
            self.end_lab_job();
        }
        self.lab.secret = None;
    }

    /// Takes the branch into the chain like any other, then announces its blocks.
    pub(super) fn release(&mut self) -> Result<(), ApiError> {
        let has_blocks = self.lab.secret.as_ref().is_some_and(|secret| !secret.blocks.is_empty());
        if !has_blocks {
            return Err(ApiError::NotFound);
        }
        let Some(secret) = self.lab.secret.clone() else { return Err(ApiError::NotFound) };
        self.drop_secret();
        let before = self.chain.height();
        let last = secret.blocks.last().map(|block| block.header.hash());
        let shared = self.chain.is_main(&secret.fork);
        let mut announced = Vec::new();
        for block in &secret.blocks {
            let bytes = block.encode();
            let blocks = vec![bytes.clone()];
            for (hash, verdict) in self.chain.insert_blocks(blocks, Trust::Peer, self.wall) {
                if verdict == BlockVerdict::Inserted {
                    self.store_block(hash);
                    announced.push(bytes.clone());
                }
            }
        }
        self.advance();
        for bytes in announced {
            self.announce_block(bytes);
        }
        let won = last.is_some_and(|last| self.chain.is_main(&last));
        let replaced = if won && shared { before.saturating_sub(secret.fork_height) } else { 0 };
        let blocks = count(secret.blocks.len());
        self.lab.released = Some(ReleasedView { blocks, replaced, won });
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "work is for showing")]
    pub(super) fn secret_view(&self, secret: &Secret) -> SecretView {
        let tree = self.chain.tree();
        let below = tree.rank(&secret.fork).map_or(0, |rank| rank.work);
        let chain_work = self.chain.tip_rank().work.saturating_sub(below);
        SecretView {
            fork_height: secret.fork_height,
            fork: secret.fork,
            blocks: secret.blocks.iter().map(|block| block.header.hash()).collect(),
            work: secret.work as f64,
            chain_work: chain_work as f64,
            chain_blocks: self.chain.height().saturating_sub(secret.fork_height),
            wins: secret.work > chain_work,
            full: secret.is_full(),
        }
    }
}
