//! Blocks and transactions that no honest node would make.

use chain_wasm::chain::Chain;
use chain_wasm::chain::authority::seal;
use chain_wasm::chain::block::{Block, VERSION};
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, MAX_DATA, Transaction};
use chain_wasm::chain::verify::MAX_AHEAD;
use chain_wasm::primitives::{ChainId, Difficulty, Hash, Keypair, UnixMillis};

/// A rule of blocks, to be broken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    Version,
    Height,
    PreviousHash,
    HistoryRoot,
    Timestamp,
    LowDifficulty,
    HighDifficulty,
    Work,
    MerkleRoot,
    Size,
    NoCoinbase,
    GreedyCoinbase,
    TwoCoinbases,
    Signature,
    OtherChain,
    EmptyData,
    LongData,
    MediaType,
    EmptyTransfer,
    Duplicate,
    Replay,
    Overdraft,
    Sealer,
    Patience,
    Seal,
    StrangersSeal,
    Reward,
    Writer,
}

/// Further ones, of rooms whose members seal.
pub const SEALING_RULES: [Rule; 6] =
    [Rule::Sealer, Rule::Patience, Rule::Seal, Rule::StrangersSeal, Rule::Reward, Rule::Writer];

pub const RULES: [Rule; 22] = [
    Rule::Version,
    Rule::Height,
    Rule::PreviousHash,
    Rule::HistoryRoot,
    Rule::Timestamp,
    Rule::LowDifficulty,
    Rule::HighDifficulty,
    Rule::Work,
    Rule::MerkleRoot,
    Rule::Size,
    Rule::NoCoinbase,
    Rule::GreedyCoinbase,
    Rule::TwoCoinbases,
    Rule::Signature,
    Rule::OtherChain,
    Rule::EmptyData,
    Rule::LongData,
    Rule::MediaType,
    Rule::EmptyTransfer,
    Rule::Duplicate,
    Rule::Replay,
    Rule::Overdraft,
];

/// Signs any body at all; `salt` tells apart what is alike otherwise.
pub fn signed(chain: ChainId, author: &Keypair, salt: u64, body: Body) -> Transaction {
    let mut bytes = [0; 16];
    bytes[..8].copy_from_slice(&salt.to_be_bytes());
    let content =
        Content { chain, author: author.public(), timestamp: UnixMillis(0), salt: bytes, body };
    Transaction::sign(content, author)
}

/// An entry.
pub fn data(chain: ChainId, author: &Keypair, salt: u64, size: usize) -> Transaction {
    let body = Body::Data { media_type: "text/plain".to_owned(), bytes: vec![b'l'; size] };
    signed(chain, author, salt, body)
}

/// Searches for the nonce of what a block holds by now; where members seal, `author` does.
pub fn mine(spec: &Spec, block: &mut Block, author: &Keypair) {
    block.header.merkle_root = block.merkle_root();
    if spec.authority().is_some() {
        block.header.seal = Some(seal(&block.header.hash(), author));
        return;
    }
    block.header.nonce = 0;
    while !block.header.difficulty.is_met_by(&block.header.hash()) {
        block.header.nonce += 1;
    }
}

/// A valid block on a chain's tip, with an entry of its maker.
pub fn valid(chain: &Chain, author: &Keypair, salt: u64, now: UnixMillis) -> Option<Block> {
    let mut chain = chain.clone();
    chain.insert_transaction(data(chain.id(), author, salt, 8)).ok()?;
    let mut block = chain.template(author.public(), now)?;
    mine(chain.spec(), &mut block, author);
    Some(block)
}

/// A valid block whose timestamp is as early or as late as may be, or a little later.
pub fn at_the_edge(chain: &Chain, author: &Keypair, salt: u64, now: UnixMillis) -> Option<Block> {
    let mut block = valid(chain, author, salt, now)?;
    let timestamp = match salt % 4 {
        0 => chain.clone().next_context()?.median_time().after(1),
        1 => now.after(MAX_AHEAD),
        2 => now.after(MAX_AHEAD + 1),
        _ => now.after(MAX_AHEAD + 3_000),
    };
    set_time(&mut block, timestamp);
    mine(chain.spec(), &mut block, author);
    Some(block)
}

/// Sets a block's timestamp, which its coinbase repeats.
fn set_time(block: &mut Block, timestamp: UnixMillis) {
    block.header.timestamp = timestamp;
    if let Body::Coinbase { to, reward, height } = *block.transactions[0].body() {
        let chain = block.transactions[0].content().chain;
        block.transactions[0] = Transaction::coinbase(chain, to, reward, height, timestamp);
    }
}

/// A block on a chain's tip that breaks one rule.
pub fn invalid(
    chain: &Chain,
    author: &Keypair,
    salt: u64,
    now: UnixMillis,
    rule: Rule,
) -> Option<Block> {
    let mut block = valid(chain, author, salt, now)?;
    let bits = block.header.difficulty.to_bits();
    match rule {
        Rule::Version => block.header.version = VERSION + 1,
        Rule::Height => block.header.height += 1,
        Rule::PreviousHash => block.header.previous_hash = Hash::of(&salt.to_be_bytes()),
        Rule::HistoryRoot => block.header.history_root = Hash::ZERO,
        Rule::Timestamp => {
            let median = chain.clone().next_context()?.median_time();
            set_time(&mut block, median);
        }
        Rule::LowDifficulty => block.header.difficulty = Difficulty::from_bits(bits - 1).ok()?,
        Rule::HighDifficulty => block.header.difficulty = Difficulty::from_bits(bits + 1).ok()?,
        Rule::Work => {
            if chain.spec().authority().is_some() {
                return None;
            }
            while block.header.difficulty.is_met_by(&block.header.hash()) {
                // Any hash does at the least difficulty: then the rule cannot be broken.
                if block.header.nonce > 1_000 {
                    return None;
                }
                block.header.nonce += 1;
            }
            return Some(block);
        }
        Rule::MerkleRoot => {
            block.transactions.pop();
            return Some(block);
        }
        Rule::Sealer => block.header.nonce = u32::MAX,
        Rule::Patience => {
            // Out of turn, as early as the one before it allows.
            let authority = chain.spec().authority()?;
            let member = authority.index_of(&author.public())?;
            if member == authority.turn(block.header.height) {
                return None;
            }
            let median = chain.clone().next_context()?.median_time();
            set_time(&mut block, median.after(1));
            let before = chain.tree().header(&block.header.previous_hash)?.timestamp;
            if median.after(1) >= before.after(authority.patience()) {
                return None;
            }
        }
        Rule::Seal => {
            let other = block.header.previous_hash;
            block.header.seal = Some(seal(&other, author));
            return Some(block);
        }
        Rule::StrangersSeal => {
            let stranger = Keypair::from_seed([251; 32]);
            block.header.seal = Some(seal(&block.header.hash(), &stranger));
            return Some(block);
        }
        _ => spoil_body(&mut block, chain, author, salt, rule)?,
    }
    mine(chain.spec(), &mut block, author);
    Some(block)
}

fn spoil_body(
    block: &mut Block,
    chain: &Chain,
    author: &Keypair,
    salt: u64,
    rule: Rule,
) -> Option<()> {
    let id = chain.id();
    let entry = match rule {
        Rule::NoCoinbase => {
            block.transactions.remove(0);
            return Some(());
        }
        Rule::GreedyCoinbase | Rule::TwoCoinbases => {
            let Body::Coinbase { to, reward, height } = *block.transactions[0].body() else {
                return None;
            };
            let greedy = Transaction::coinbase(id, to, reward + 1, height, block.header.timestamp);
            if rule == Rule::GreedyCoinbase {
                block.transactions[0] = greedy;
            } else {
                block.transactions.push(block.transactions[0].clone());
            }
            return Some(());
        }
        Rule::Reward => {
            let Body::Coinbase { reward, height, .. } = *block.transactions[0].body() else {
                return None;
            };
            let thief = Keypair::from_seed([251; 32]).public();
            let time = block.header.timestamp;
            block.transactions[0] = Transaction::coinbase(id, thief, reward, height, time);
            return Some(());
        }
        Rule::Size => {
            let large = (0..17).map(|n| data(id, author, salt + n, MAX_DATA));
            block.transactions.extend(large);
            return Some(());
        }
        Rule::Signature => {
            let mut bytes = data(id, author, salt, 9).encode();
            *bytes.last_mut()? ^= 1;
            Transaction::decode(&bytes).ok()?
        }
        Rule::OtherChain => data(Hash::of(b"another chain"), author, salt, 9),
        Rule::EmptyData => data(id, author, salt, 0),
        Rule::LongData => data(id, author, salt, MAX_DATA + 1),
        Rule::MediaType => {
            let body = Body::Data { media_type: "\u{7f}".to_owned(), bytes: vec![1] };
            signed(id, author, salt, body)
        }
        Rule::EmptyTransfer => {
            signed(id, author, salt, Body::Transfer { to: author.public(), amount: 0 })
        }
        Rule::Writer => {
            let stranger = Keypair::from_seed([251; 32]);
            if chain.spec().may_write(&stranger.public()) {
                return None;
            }
            data(id, &stranger, salt, 9)
        }
        Rule::Duplicate => block.transactions.last()?.clone(),
        Rule::Replay => {
            let mut old = (1..=chain.height()).rev().filter_map(|height| {
                let body = chain.body(&chain.hash_at(height)?)?;
                body.block.entries().next().cloned()
            });
            old.next()?
        }
        _ => {
            let amount = chain.ledger().supply() + 1_000;
            signed(id, author, salt, Body::Transfer { to: author.public(), amount })
        }
    };
    block.transactions.push(entry);
    Some(())
}
