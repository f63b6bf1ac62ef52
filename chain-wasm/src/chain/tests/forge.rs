//! Makes keys, signed entries and sealed blocks, also such as no honest node would.

use crate::chain::block::{Block, Header};
use crate::chain::genesis_hash;
use crate::chain::spec::{Consensus, Spec, Writers};
use crate::chain::transaction::{Body, Content, Transaction};
use crate::chain::tree::Tree;
use crate::chain::verify::HeaderContext;
use crate::chain::{Advance, BlockVerdict, Chain, TipMove, Trust};
use crate::primitives::{ChainId, Difficulty, Hash, Keypair, PublicKey, UnixMillis};

/// What every test takes as now: far above all timestamps in it.
pub(super) const NOW: UnixMillis = UnixMillis(1_700_000_000_000);

/// Timestamp of the first block.
pub(super) const START: u64 = 1_600_000_000_000;

/// A room where sealing is work, but next to none.
pub(super) fn work_spec() -> Spec {
    let floor = Difficulty::from_hashes(4);
    Spec::new("t", Consensus::Work { floor, target: 1_000 }, 50).unwrap()
}

pub(super) fn open_spec() -> Spec {
    Spec::open("t").unwrap()
}

/// How long members wait out of turn.
pub(super) const PATIENCE: u32 = 2_000;

/// A room of these members.
pub(super) fn authority_spec(members: std::ops::Range<u8>, writers: Writers) -> Spec {
    let mut members: Vec<PublicKey> = members.map(public).collect();
    members.sort_unstable();
    Spec::new("t", Consensus::Authority { members, patience: PATIENCE, writers }, 50).unwrap()
}

pub(super) fn keypair(author: u8) -> Keypair {
    Keypair::from_seed([author; 32])
}

pub(super) fn public(author: u8) -> PublicKey {
    keypair(author).public()
}

/// Signs any body at all.
pub(super) fn signed(chain: ChainId, author: u8, salt: u64, body: Body) -> Transaction {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&salt.to_be_bytes());
    let pair = keypair(author);
    let content = Content {
        chain,
        author: pair.public(),
        timestamp: UnixMillis(START + salt),
        salt: bytes,
        body,
    };
    Transaction::sign(content, &pair)
}

pub(super) fn data(chain: ChainId, author: u8, salt: u64, size: usize) -> Transaction {
    let body = Body::Data { media_type: "text/plain".to_owned(), bytes: vec![b'x'; size] };
    signed(chain, author, salt, body)
}

pub(super) fn transfer(chain: ChainId, author: u8, salt: u64, to: u8, amount: u64) -> Transaction {
    signed(chain, author, salt, Body::Transfer { to: public(to), amount })
}

/// Tries nonces until the header's hash meets its difficulty.
pub(super) fn seal(header: &mut Header) {
    header.nonce = 0;
    while !header.difficulty.is_met_by(&header.hash()) {
        header.nonce += 1;
    }
}

/// Does to a block whose content is final what makes it one: work, or the miner's seal.
pub(super) fn finish(spec: &Spec, mut block: Block, miner: u8) -> Block {
    block.header.merkle_root = block.merkle_root();
    if spec.authority().is_some() {
        return block.sealed_by(&keypair(miner));
    }
    seal(&mut block.header);
    block
}

/// A sealed block in its place, of whatever entries. In a room of members who is none seals
/// in the place of the first.
pub(super) fn block_in(
    spec: &Spec,
    context: &HeaderContext,
    miner: u8,
    time: u64,
    entries: Vec<Transaction>,
) -> Block {
    let mut header = context.template(spec, Hash::ZERO, UnixMillis(time));
    if let Some(authority) = spec.authority() {
        let member = authority.index_of(&public(miner)).unwrap_or(0);
        authority.prepare(&mut header, member, context.recent.last().unwrap().timestamp);
    }
    let coinbase = Transaction::coinbase(
        genesis_hash(spec),
        public(miner),
        spec.reward(),
        header.height,
        header.timestamp,
    );
    let transactions = std::iter::once(coinbase).chain(entries).collect();
    finish(spec, Block { header, transactions }, miner)
}

/// Makes trees of blocks. Their headers are valid; their entries are what the test
/// wants them to be.
pub(super) struct Forge {
    pub(super) spec: Spec,
    pub(super) id: ChainId,
    tree: Tree,
    salt: u64,
}

impl Forge {
    pub(super) fn new(spec: Spec) -> Self {
        let id = genesis_hash(&spec);
        Self { tree: Tree::new(spec.clone()), spec, id, salt: 0 }
    }

    /// Builds on a header that was made elsewhere.
    pub(super) fn learn(&mut self, header: &Header) {
        self.tree.insert(header).unwrap();
    }

    /// A fresh entry of a few bytes.
    pub(super) fn entry(&mut self, author: u8) -> Transaction {
        self.salt += 1;
        data(self.id, author, self.salt, 5)
    }

    /// A fresh transfer.
    pub(super) fn transfer(&mut self, author: u8, to: u8, amount: u64) -> Transaction {
        self.salt += 1;
        transfer(self.id, author, self.salt, to, amount)
    }

    /// A block on `parent`, `step` ms after it.
    pub(super) fn block_after(
        &mut self,
        parent: Hash,
        miner: u8,
        step: u64,
        entries: Vec<Transaction>,
    ) -> Block {
        let context = self.tree.context(parent).unwrap();
        let before = context.recent.last().unwrap().timestamp.0.max(START);
        let block = block_in(&self.spec, &context, miner, before + step, entries);
        self.tree.insert(&block.header).unwrap();
        block
    }

    /// A block on `parent`, five seconds after it.
    pub(super) fn block(&mut self, parent: Hash, miner: u8, entries: Vec<Transaction>) -> Block {
        self.block_after(parent, miner, 5_000, entries)
    }

    /// Blocks without entries, one on the other.
    pub(super) fn branch(&mut self, parent: Hash, miner: u8, length: usize) -> Vec<Block> {
        let mut blocks: Vec<Block> = Vec::new();
        for _ in 0..length {
            let parent = blocks.last().map_or(parent, |block| block.header.hash());
            blocks.push(self.block(parent, miner, Vec::new()));
        }
        blocks
    }
}

pub(super) fn hashes(blocks: &[Block]) -> Vec<Hash> {
    blocks.iter().map(|block| block.header.hash()).collect()
}

/// Hands blocks to a chain, as from a peer.
pub(super) fn give(chain: &mut Chain, blocks: &[Block]) -> Vec<BlockVerdict> {
    let bytes = blocks.iter().map(Block::encode).collect();
    let verdicts = chain.insert_blocks(bytes, Trust::Peer, NOW);
    verdicts.into_iter().map(|(_, verdict)| verdict).collect()
}

/// Advances to the end; all blocks must be in memory.
pub(super) fn settle(chain: &mut Chain) -> Vec<TipMove> {
    let mut moves = Vec::new();
    loop {
        match chain.advance() {
            Advance::Done => return moves,
            Advance::Moved(tip_move) => moves.push(tip_move),
            Advance::Rejected { .. } => {}
            Advance::Lost => panic!("a block is lost"),
            Advance::NeedBodies(hashes) => panic!("not in memory: {hashes:?}"),
        }
    }
}

/// Gives valid blocks and advances.
pub(super) fn adopt(chain: &mut Chain, blocks: &[Block]) -> Vec<TipMove> {
    let verdicts = give(chain, blocks);
    assert!(verdicts.iter().all(|verdict| *verdict == BlockVerdict::Inserted), "{verdicts:?}");
    settle(chain)
}
