//! Chains to measure with.

use chain_wasm::chain::block::{Block, Header};
use chain_wasm::chain::genesis_hash;
use chain_wasm::chain::spec::{Consensus, Spec};
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::tree::Tree;
use chain_wasm::primitives::{Difficulty, Hash, Keypair, UnixMillis};

/// What every node takes as now: above all timestamps.
pub(crate) const NOW: UnixMillis = UnixMillis(1_700_000_000_000);
const START: u64 = 1_500_000_000_000;
const AUTHORS: u8 = 16;

/// A room with all rules, where any hash is work enough.
pub(crate) fn spec() -> Spec {
    let work = Consensus::Work { floor: Difficulty::MIN, target: 1_000 };
    Spec::new("bench", work, 50).unwrap()
}

/// Makes blocks, each on the one before or on any other.
pub(crate) struct Maker {
    tree: Tree,
    pub(crate) tip: Hash,
    authors: Vec<Keypair>,
    salt: u64,
}

impl Maker {
    pub(crate) fn new() -> Self {
        let authors = (0..AUTHORS).map(|n| Keypair::from_seed([n + 1; 32])).collect();
        Self { tree: Tree::new(spec()), tip: genesis_hash(&spec()), authors, salt: 0 }
    }

    fn entry(&mut self) -> Transaction {
        self.salt += 1;
        let author = &self.authors[usize::try_from(self.salt).unwrap() % self.authors.len()];
        let mut salt = [0; 16];
        salt[..8].copy_from_slice(&self.salt.to_be_bytes());
        let content = Content {
            chain: genesis_hash(&spec()),
            author: author.public(),
            timestamp: UnixMillis(START),
            salt,
            body: Body::Data { media_type: "text/plain".to_owned(), bytes: vec![b'x'; 100] },
        };
        Transaction::sign(content, author)
    }

    /// A block on the tip, with so many entries.
    pub(crate) fn block(&mut self, entries: usize) -> Block {
        let context = self.tree.context(self.tip).unwrap();
        let before = context.recent.last().unwrap().timestamp.0.max(START);
        let mut header = context.template(&spec(), Hash::ZERO, UnixMillis(before + 1_000));
        let to = self.authors[0].public();
        let coinbase = Transaction::coinbase(
            genesis_hash(&spec()),
            to,
            spec().reward(),
            header.height,
            header.timestamp,
        );
        let entries: Vec<Transaction> = (0..entries).map(|_| self.entry()).collect();
        let transactions = std::iter::once(coinbase).chain(entries).collect();
        let mut block = Block { header: header.clone(), transactions };
        header.merkle_root = block.merkle_root();
        while !header.difficulty.is_met_by(&header.hash()) {
            header.nonce += 1;
        }
        self.tree.insert(&header).unwrap();
        self.tip = header.hash();
        block.header = header;
        block
    }

    /// So many blocks, encoded.
    pub(crate) fn blocks(&mut self, count: usize, entries: usize) -> Vec<Vec<u8>> {
        (0..count).map(|_| self.block(entries).encode()).collect()
    }
}

/// So many headers of blocks that nobody made.
pub(crate) fn headers(count: usize) -> Vec<Header> {
    let mut tree = Tree::new(spec());
    let mut tip = genesis_hash(&spec());
    let mut headers = Vec::with_capacity(count);
    for n in 0..count {
        let context = tree.context(tip).unwrap();
        let before = context.recent.last().unwrap().timestamp.0.max(START);
        let root = Hash::of(&n.to_be_bytes());
        let mut header = context.template(&spec(), root, UnixMillis(before + 1_000));
        while !header.difficulty.is_met_by(&header.hash()) {
            header.nonce += 1;
        }
        tree.insert(&header).unwrap();
        tip = header.hash();
        headers.push(header);
    }
    headers
}
