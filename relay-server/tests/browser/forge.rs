//! Long valid chains of an `open` room, made quickly.

use std::collections::HashMap;

use chain_wasm::chain::block::Block;
use chain_wasm::chain::genesis;
use chain_wasm::chain::merkle::Frontier;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::verify::HeaderContext;
use chain_wasm::chain::work::{Pace, WINDOW};
use chain_wasm::primitives::{ChainId, Hash, Keypair, UnixMillis};

/// Who signs the entries: each the next one.
const AUTHORS: u8 = 16;

/// Between two blocks, in milliseconds.
const STEP: u64 = 1_000;

/// A chain as a peer serves it.
pub(crate) struct LongChain {
    pub(crate) spec: Spec,
    pub(crate) id: ChainId,
    entries_per_block: usize,
    authors: Vec<Keypair>,
    recent: Vec<Pace>,
    history: Frontier,
    /// The headers above the genesis block, lowest first.
    pub(crate) headers: Vec<Vec<u8>>,
    /// Their hashes.
    hashes: Vec<Hash>,
    /// The blocks.
    blocks: Vec<Vec<u8>>,
    /// Where in these lists a hash is.
    at: HashMap<Hash, usize>,
    /// The work of the whole chain.
    pub(crate) work: u128,
}

impl LongChain {
    /// A chain of so many blocks, until now, with so many signed entries in each.
    pub(crate) fn forge(room: &str, blocks: usize, entries_per_block: usize) -> Self {
        let spec = Spec::open(room).unwrap();
        let first = genesis(&spec).header;
        let id = first.hash();
        let mut history = Frontier::default();
        history.push(id.as_bytes());
        let mut chain = Self {
            spec,
            id,
            entries_per_block,
            authors: (1..=AUTHORS).map(|n| Keypair::from_seed([n; 32])).collect(),
            work: first.difficulty.hashes(),
            recent: vec![Pace::from(&first)],
            history,
            headers: Vec::new(),
            hashes: Vec::new(),
            blocks: Vec::new(),
            at: HashMap::new(),
        };
        let end = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        let end = u64::try_from(end.as_millis()).unwrap();
        let begin = end - u64::try_from(blocks).unwrap() * STEP;
        for (n, entries) in chain.sign(blocks).into_iter().enumerate() {
            chain.push(UnixMillis(begin + u64::try_from(n).unwrap() * STEP), entries);
        }
        chain
    }

    /// Signs the entries of so many blocks, on all processors.
    fn sign(&self, blocks: usize) -> Vec<Vec<Transaction>> {
        let all: Vec<usize> = (0..blocks).collect();
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let share = blocks.div_ceil(threads).max(1);
        std::thread::scope(|scope| {
            let parts: Vec<_> = all
                .chunks(share)
                .map(|part| {
                    scope.spawn(move || part.iter().map(|n| self.entries(*n)).collect::<Vec<_>>())
                })
                .collect();
            parts.into_iter().flat_map(|part| part.join().unwrap()).collect()
        })
    }

    fn entries(&self, block: usize) -> Vec<Transaction> {
        let entry = |n: usize| {
            let number = block * self.entries_per_block + n;
            let author = &self.authors[number % self.authors.len()];
            let text = format!("entry {number} of a long chain");
            let content = Content {
                chain: self.id,
                author: author.public(),
                timestamp: UnixMillis(u64::try_from(number).unwrap()),
                salt: [0; 16],
                body: Body::Data { media_type: "text/plain".to_owned(), bytes: text.into_bytes() },
            };
            Transaction::sign(content, author)
        };
        (0..self.entries_per_block).map(entry).collect()
    }

    /// Adds a block with the next entries, and gives it.
    pub(crate) fn grow(&mut self) -> Vec<u8> {
        let entries = self.entries(self.blocks.len());
        let time = self.recent.last().unwrap().timestamp.0 + 1;
        self.push(UnixMillis(time), entries);
        self.blocks.last().unwrap().clone()
    }

    fn push(&mut self, time: UnixMillis, entries: Vec<Transaction>) {
        let context = HeaderContext {
            parent: self.tip(),
            height: self.height() + 1,
            recent: self.recent.clone(),
            history_root: self.history.root(),
        };
        let miner = self.authors[0].public();
        let (reward, height) = (self.spec.reward(), context.height);
        let coinbase = Transaction::coinbase(self.id, miner, reward, height, time);
        let transactions = std::iter::once(coinbase).chain(entries).collect();
        let header = context.template(&self.spec, Hash::ZERO, time);
        let mut block = Block { header, transactions };
        block.header.merkle_root = block.merkle_root();
        self.append(&block);
    }

    /// Takes a block that another peer has made, if it is the next one.
    pub(crate) fn take(&mut self, block: &[u8]) {
        if let Ok(block) = Block::decode(block)
            && block.header.previous_hash == self.tip()
        {
            self.append(&block);
        }
    }

    fn append(&mut self, block: &Block) {
        let hash = block.header.hash();
        self.at.insert(hash, self.blocks.len());
        self.history.push(hash.as_bytes());
        self.work += block.header.difficulty.hashes();
        self.hashes.push(hash);
        self.headers.push(block.header.encode_sealed());
        self.blocks.push(block.encode());
        if self.recent.len() > WINDOW {
            self.recent.remove(0);
        }
        self.recent.push(Pace::from(&block.header));
    }

    /// The tip's hash.
    pub(crate) fn tip(&self) -> Hash {
        self.hashes.last().copied().unwrap_or(self.id)
    }

    /// The tip's height.
    pub(crate) fn height(&self) -> u32 {
        u32::try_from(self.blocks.len()).unwrap()
    }

    /// The height of a block of this chain.
    pub(crate) fn height_of(&self, hash: &Hash) -> Option<usize> {
        if *hash == self.id { Some(0) } else { self.at.get(hash).map(|at| at + 1) }
    }

    /// A block's encoding.
    pub(crate) fn block(&self, hash: &Hash) -> Option<&[u8]> {
        self.at.get(hash).map(|at| self.blocks[*at].as_slice())
    }

    /// Bytes of all blocks.
    pub(crate) fn size(&self) -> usize {
        self.blocks.iter().map(Vec::len).sum()
    }
}
