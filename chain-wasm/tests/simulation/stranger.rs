//! A peer that a test plays itself, and chains for it to have.

use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::{Advance, BlockVerdict, Chain, Trust};
use chain_wasm::node::{Input, Restored};
use chain_wasm::primitives::{Keypair, PeerId, UnixMillis};
use chain_wasm::wire::{Message, Status};

use super::world::{EPOCH, World};

/// A peer that the test plays itself.
pub fn stranger() -> PeerId {
    Keypair::from_seed([250; 32]).public()
}

/// A chain of so many blocks in an `open` room, unlike that of any other author.
pub fn open_chain(room: &str, author: u8, blocks: u32) -> Chain {
    chain_of(Spec::open(room).unwrap(), author, blocks)
}

/// A chain of so many blocks, unlike that of any other author.
pub fn chain_of(spec: Spec, author: u8, blocks: u32) -> Chain {
    let mut chain = Chain::new(spec);
    for _ in 0..blocks {
        let block = next_block_of(&mut chain, author);
        extend(&mut chain, &block);
    }
    assert_eq!(chain.height(), blocks);
    chain
}

pub fn entry(chain: &Chain, author: u8, text: &str) -> Transaction {
    let author = Keypair::from_seed([author; 32]);
    let body = Body::Data { media_type: "text/plain".to_owned(), bytes: text.as_bytes().to_vec() };
    let content = Content {
        chain: chain.id(),
        author: author.public(),
        timestamp: UnixMillis(0),
        salt: [0; 16],
        body,
    };
    Transaction::sign(content, &author)
}

/// A valid block on a chain's tip, with one entry.
pub fn next_block(chain: &Chain, author: u8) -> Block {
    next_block_of(&mut chain.clone(), author)
}

fn next_block_of(chain: &mut Chain, author: u8) -> Block {
    let text = format!("entry {}", chain.height());
    chain.insert_transaction(entry(chain, author, &text)).unwrap();
    sealed_block(chain, author)
}

/// A block on a chain's tip, with what waits.
pub fn sealed_block(chain: &mut Chain, author: u8) -> Block {
    let miner = Keypair::from_seed([author; 32]).public();
    let mut block = chain.template(miner, UnixMillis(EPOCH)).unwrap();
    if chain.spec().authority().is_some() {
        return block.sealed_by(&Keypair::from_seed([author; 32]));
    }
    while !block.header.difficulty.is_met_by(&block.header.hash()) {
        block.header.nonce += 1;
    }
    block
}

/// A block on a chain's tip whose only mistake is that its entry is in the chain.
pub fn block_with_a_known_entry(chain: &Chain, author: u8) -> Block {
    let mut block = next_block(chain, author);
    let old = chain.body(&chain.hash_at(1).unwrap()).unwrap();
    block.transactions[1] = old.block.transactions[1].clone();
    block.header.merkle_root = block.merkle_root();
    block
}

pub fn extend(chain: &mut Chain, block: &Block) {
    let verdicts = chain.insert_blocks(vec![block.encode()], Trust::Peer, UnixMillis(u64::MAX));
    assert_eq!(verdicts, [(block.header.hash(), BlockVerdict::Inserted)]);
    while chain.advance() != Advance::Done {}
}

pub fn blocks_of(chain: &Chain) -> Vec<Vec<u8>> {
    let hashes = (1..=chain.height()).map(|height| chain.hash_at(height).unwrap());
    hashes.map(|hash| chain.body(&hash).unwrap().bytes.clone()).collect()
}

pub fn status_of(chain: &Chain) -> Vec<u8> {
    let rank = chain.tip_rank();
    Status::new(stranger(), rank.hash.0, chain.height(), rank.work).encode()
}

/// What an honest peer with this chain answers, if it is asked something.
pub fn honest_answer(chain: &Chain, question: &Message) -> Option<Message> {
    match question {
        Message::GetHeaders { request, locator } => {
            let shared = locator.iter().find(|hash| chain.is_main(hash)).unwrap();
            let from = chain.tree().header(shared).unwrap().height + 1;
            let headers = (from..=chain.height())
                .take(chain_wasm::wire::MAX_HEADERS)
                .map(|height| chain.tree().header(&chain.hash_at(height).unwrap()).unwrap())
                .map(|header| header.encode_sealed().into())
                .collect();
            Some(Message::Headers { request: *request, headers })
        }
        Message::GetBlocks { request, hashes } => {
            let bodies = hashes.iter().filter_map(|hash| chain.body(hash));
            let blocks = bodies.map(|body| body.bytes.clone().into()).collect();
            Some(Message::Blocks { request: *request, blocks })
        }
        _ => None,
    }
}

pub fn tell(world: &mut World, tab: usize, message: &Message) {
    world.input(tab, Input::Frame { from: stranger(), bytes: message.encode() });
}

/// Lets an honest peer with this chain meet a tab and answer all that it is asked.
pub fn sync_from_stranger(world: &mut World, tab: usize, chain: &Chain) {
    world.strangers.insert(stranger(), Vec::new());
    world.input(tab, Input::PeerJoined { peer: stranger(), status: status_of(chain) });
    sync_from(world, tab, stranger(), chain);
}

/// Lets an honest peer with this chain answer all that it is asked.
pub fn sync_from(world: &mut World, tab: usize, peer: PeerId, chain: &Chain) {
    loop {
        let asked = world.asked(peer);
        let answers: Vec<Message> = asked.iter().filter_map(|q| honest_answer(chain, q)).collect();
        if answers.is_empty() {
            break;
        }
        for answer in answers {
            world.input(tab, Input::Frame { from: peer, bytes: answer.encode() });
        }
    }
}

pub fn node_chain(world: &World, tab: usize) -> &Chain {
    world.tabs[tab].node.as_ref().unwrap().chain()
}

pub fn restored(blocks: Vec<Vec<u8>>) -> Restored {
    Restored { blocks, ..Restored::default() }
}
