//! Blocks and entries of the room, made by its rules: what peers have to tell.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use chain_wasm::chain::authority;
use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::{Consensus, Spec, Writers};
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::tree::{HeaderVerdict, Tree};
use chain_wasm::primitives::{ChainId, Difficulty, Hash, Keypair, PublicKey, UnixMillis};
use chain_wasm::wire::Status;

/// Authors; the first is the node's own.
pub(crate) static KEYS: LazyLock<Vec<Keypair>> =
    LazyLock::new(|| (1..=6).map(|seed| Keypair::from_seed([seed; 32])).collect());

/// The most hashes to find a block with.
const MAX_HASHES: u32 = 1 << 12;

/// What all peers together know.
pub(crate) struct Room {
    pub(crate) spec: Spec,
    pub(crate) id: ChainId,
    pub(crate) tree: Tree,
    /// The genesis block first.
    pub(crate) hashes: Vec<Hash>,
    pub(crate) blocks: BTreeMap<Hash, Vec<u8>>,
    pub(crate) entries: Vec<Transaction>,
    salt: u128,
}

impl Room {
    /// A `work` room for each even number; else an `open` one, or one whose members are the
    /// first four authors.
    pub(crate) fn new(kind: u8) -> Self {
        let consensus = match kind % 8 {
            0 | 2 | 4 | 6 => Consensus::Work { floor: Difficulty::MIN, target: 1_000 },
            1 | 5 => Consensus::Open,
            other => {
                let mut members: Vec<PublicKey> =
                    KEYS.iter().take(4).map(Keypair::public).collect();
                members.sort_unstable();
                let writers = if other == 3 { Writers::Anyone } else { Writers::Members };
                Consensus::Authority { members, patience: 1_000, writers }
            }
        };
        let spec = Spec::new("fuzz", consensus, 50).expect("a name and a target in bounds");
        let id = chain_wasm::chain::genesis_hash(&spec);
        Self {
            tree: Tree::new(spec.clone()),
            spec,
            id,
            hashes: vec![id],
            blocks: BTreeMap::new(),
            entries: Vec::new(),
            salt: 0,
        }
    }

    /// One of the authors.
    pub(crate) fn key(n: u8) -> &'static Keypair {
        &KEYS[usize::from(n) % KEYS.len()]
    }

    /// One of the blocks.
    pub(crate) fn pick(&self, n: u8) -> Hash {
        // Mostly one of the last.
        let back = if n < 200 { usize::from(n % 4) } else { usize::from(n) };
        self.hashes[self.hashes.len() - 1 - back % self.hashes.len()]
    }

    /// A fresh entry: data, or a transfer that may or may not be paid.
    pub(crate) fn entry(&mut self, author: u8, kind: u8) -> Transaction {
        self.salt += 1;
        let body = if kind.is_multiple_of(4) {
            Body::Transfer { to: Self::key(kind / 4).public(), amount: u64::from(kind) }
        } else {
            Body::Data {
                media_type: "text/plain".to_owned(),
                bytes: vec![kind; 1 + usize::from(kind)],
            }
        };
        let author = Self::key(author);
        let content = Content {
            chain: self.id,
            author: author.public(),
            timestamp: UnixMillis(0),
            salt: self.salt.to_be_bytes(),
            body,
        };
        let entry = Transaction::sign(content, author);
        self.entries.push(entry.clone());
        entry
    }

    /// A block in its place; its entries are what the caller wants.
    pub(crate) fn block(
        &mut self,
        parent: Hash,
        miner: u8,
        time: u64,
        entries: Vec<Transaction>,
    ) -> Option<Block> {
        let context = self.tree.context(parent)?;
        let mut header = context.template(&self.spec, Hash::ZERO, UnixMillis(time));
        if let Some(authority) = self.spec.authority() {
            // A stranger takes the first member's place.
            let member = authority.index_of(&Self::key(miner).public()).unwrap_or(0);
            authority.prepare(&mut header, member, context.recent.last()?.timestamp);
        }
        let reward = self.spec.reward();
        let miner = Self::key(miner).public();
        let coinbase =
            Transaction::coinbase(self.id, miner, reward, header.height, header.timestamp);
        let transactions = std::iter::once(coinbase).chain(entries).collect();
        let mut block = Block { header, transactions };
        block.header.merkle_root = block.merkle_root();
        seal(&self.spec, &mut block).then_some(block)
    }

    /// Takes in a block that somebody made: others may have it now.
    pub(crate) fn note(&mut self, bytes: &[u8]) {
        let Ok(block) = Block::decode(bytes) else { return };
        let hash = block.header.hash();
        if self.tree.insert(&block.header) == Ok(HeaderVerdict::Inserted) {
            self.hashes.push(hash);
            self.entries.extend(block.entries().cloned());
            self.blocks.insert(hash, bytes.to_vec());
        }
    }

    /// What a peer says that is at a block.
    pub(crate) fn status(&self, author: u8, tip: Hash) -> Status {
        let height = self.tree.header(&tip).map_or(0, |header| header.height);
        let work = self.tree.rank(&tip).map_or(0, |rank| rank.work);
        Status::new(Self::key(author).public(), tip, height, work)
    }
}

/// Tries nonces; gives whether one was found. Where members seal, whoever the block pays
/// does.
pub(crate) fn seal(spec: &Spec, block: &mut Block) -> bool {
    if spec.authority().is_some() {
        let key = KEYS.iter().find(|key| Some(key.public()) == block.miner());
        block.header.seal = key.map(|key| authority::seal(&block.header.hash(), key));
        return block.header.seal.is_some();
    }
    (0..MAX_HASHES).any(|nonce| {
        block.header.nonce = nonce;
        block.header.difficulty.is_met_by(&block.header.hash())
    })
}
