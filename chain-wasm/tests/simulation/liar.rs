//! Peers that lie, and go on lying under new names.

use std::sync::Arc;

use chain_wasm::chain::Chain;
use chain_wasm::chain::block::HEADER_SIZE;
use chain_wasm::chain::transaction::{Body, Transaction};
use chain_wasm::node::Input;
use chain_wasm::primitives::{Hash, Keypair, PeerId, UnixMillis};
use chain_wasm::wire::{MAX_HASHES, MAX_HEADERS, MAX_MEMPOOL_IDS, MAX_MESSAGE, Message, Status};

use super::forgery::{self, RULES, SEALING_RULES};
use super::statistics::Fault;
use super::stranger::{extend, honest_answer};
use super::tab::{Link, seed_of};
use super::trace::{Detail, describe};
use super::world::{EPOCH, World};

/// What a liar is fond of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trick {
    InvalidBlocks,
    FalseBodies,
    WithheldBlocks,
    FakeTips,
    Orphans,
    Replays,
    ForeignTransactions,
    EdgeTimes,
    Noise,
    DoubleSpends,
}

const TRICKS: [Trick; 10] = [
    Trick::InvalidBlocks,
    Trick::FalseBodies,
    Trick::WithheldBlocks,
    Trick::FakeTips,
    Trick::Orphans,
    Trick::Replays,
    Trick::ForeignTransactions,
    Trick::EdgeTimes,
    Trick::Noise,
    Trick::DoubleSpends,
];

/// A peer that lies.
pub struct Liar {
    pub relay: u32,
    pub status: Vec<u8>,
    pub trick: Trick,
    pair: Keypair,
    /// The number that its keys come from.
    number: usize,
    /// A branch that it has and does not give.
    branch: Option<Chain>,
}

impl Liar {
    /// Its name at present.
    pub fn peer(&self) -> PeerId {
        self.pair.public()
    }
}

impl World {
    /// Adds a liar to a relay.
    pub fn add_liar(&mut self, relay: u32) -> usize {
        let liar = self.liars.len();
        // Above all tabs' numbers.
        let number = 100_000 + liar;
        let pair = Keypair::from_seed(seed_of(number));
        let trick = TRICKS[self.random_index(TRICKS.len())];
        let status = self.false_status(pair.public(), trick);
        self.liars.push(Liar { relay, status, trick, pair, number, branch: None });
        self.statistics.injected(Fault::Liar);
        self.trace.log_world(Detail::Steps, self.now, || format!("liar {liar} comes: {trick:?}"));
        self.liar_joins(liar);
        liar
    }

    fn liar_joins(&mut self, liar: usize) {
        let (peer, status) = (self.liars[liar].peer(), self.liars[liar].status.clone());
        for tab in self.liar_audience(liar) {
            self.send_later(tab, Input::PeerJoined { peer, status: status.clone() });
        }
    }

    /// A liar goes to another relay.
    pub fn move_liar(&mut self, liar: usize, relay: u32) {
        self.liar_leaves(liar);
        self.liars[liar].relay = relay;
        self.liar_joins(liar);
    }

    fn liar_leaves(&mut self, liar: usize) {
        let peer = self.liars[liar].peer();
        for tab in self.liar_audience(liar) {
            self.send_later(tab, Input::PeerLeft { peer });
        }
    }

    fn liar_audience(&self, liar: usize) -> Vec<usize> {
        self.others_at(usize::MAX, self.liars[liar].relay)
    }

    pub(super) fn liar_at(&self, peer: PeerId, relay: u32) -> Option<usize> {
        self.liars.iter().position(|liar| liar.relay == relay && liar.peer() == peer)
    }

    fn false_status(&mut self, peer: PeerId, trick: Trick) -> Vec<u8> {
        let genesis = chain_wasm::chain::genesis_hash(&self.spec);
        let random = Hash::of(&self.random(u64::MAX).to_be_bytes());
        match trick {
            Trick::FakeTips => {
                let work = u128::MAX - u128::from(self.random(1 << 40));
                Status::new(peer, random, 1_000_000, work).encode()
            }
            Trick::Noise if self.random(4) == 0 => random.as_bytes().to_vec(),
            _ => Status::new(peer, genesis, 0, 0).encode(),
        }
    }

    fn set_false_status(&mut self, liar: usize, status: &[u8]) {
        let peer = self.liars[liar].peer();
        self.liars[liar].status = status.to_vec();
        for tab in self.liar_audience(liar) {
            self.send_later(tab, Input::PeerStatus { peer, status: status.to_vec() });
        }
    }

    /// Says something to all, or to some.
    fn lie(&mut self, liar: usize, to_all: bool, message: &[u8]) {
        let mut audience = self.liar_audience(liar);
        if !to_all && !audience.is_empty() {
            let some = audience[self.random_index(audience.len())];
            audience = vec![some];
        }
        let bytes: Arc<[u8]> = message.into();
        self.statistics.injected(Fault::Lie);
        self.trace.log_world(Detail::Steps, self.now, || {
            format!("liar {liar} to {} nodes: {}", audience.len(), describe(&bytes))
        });
        let peer = self.liars[liar].peer();
        for tab in audience {
            self.frame(peer, Link::default(), tab, &bytes);
        }
    }

    /// Says something to one that asked.
    fn lie_to(&mut self, liar: usize, to: PeerId, message: &Message) {
        let bytes: Arc<[u8]> = message.encode().into();
        let Some(tab) = self.by_peer.get(&to).copied() else { return };
        if self.tabs[tab].relay == Some(self.liars[liar].relay) {
            self.trace.log_world(Detail::Messages, self.now, || {
                format!("liar {liar} answers {tab}: {}", describe(&bytes))
            });
            let peer = self.liars[liar].peer();
            self.frame(peer, Link::default(), tab, &bytes);
        }
    }

    /// The chain of one of the nodes that a liar can see.
    fn spied(&mut self, liar: usize) -> Option<Chain> {
        let audience = self.liar_audience(liar);
        if audience.is_empty() {
            return None;
        }
        let tab = audience[self.random_index(audience.len())];
        self.tabs[tab].node.as_ref().map(|node| node.chain().clone())
    }

    /// A liar does something.
    pub fn liar_turn(&mut self, liar: usize) {
        if self.random(6) == 0 {
            // Whoever found it out does not know it under its next name.
            self.liar_leaves(liar);
            self.liars[liar].number += 1_000;
            self.liars[liar].pair = Keypair::from_seed(seed_of(self.liars[liar].number));
            let (peer, trick) = (self.liars[liar].peer(), self.liars[liar].trick);
            self.liars[liar].status = self.false_status(peer, trick);
            self.liar_joins(liar);
        }
        let usual = self.random(5) > 0;
        let trick = if usual { self.liars[liar].trick } else { TRICKS[self.random_index(10)] };
        let Some(chain) = self.spied(liar) else { return };
        let pair = self.liars[liar].pair.clone();
        let salt = self.random(1 << 60);
        let now = UnixMillis(EPOCH + self.now);
        let to_all = self.random(3) == 0;
        let block = match trick {
            Trick::InvalidBlocks => {
                let mut rule = RULES[self.random_index(RULES.len())];
                if self.spec.authority().is_some() && self.random(2) == 0 {
                    rule = SEALING_RULES[self.random_index(SEALING_RULES.len())];
                }
                forgery::invalid(&chain, &pair, salt, now, rule)
            }
            Trick::Orphans => {
                let block = forgery::valid(&chain, &pair, salt, now);
                block.map(|mut block| {
                    block.header.previous_hash = Hash::of(&salt.to_be_bytes());
                    block.header.height += 1;
                    forgery::mine(chain.spec(), &mut block, &pair);
                    block
                })
            }
            Trick::EdgeTimes => forgery::at_the_edge(&chain, &pair, salt, now),
            Trick::WithheldBlocks => return self.withhold(liar, &chain, salt),
            Trick::FakeTips => {
                let status = self.false_status(pair.public(), trick);
                return self.set_false_status(liar, &status);
            }
            Trick::FalseBodies => return self.false_body(liar, &chain, salt, to_all),
            Trick::DoubleSpends => return self.double_spend(liar, &chain, salt),
            Trick::Replays | Trick::ForeignTransactions | Trick::Noise => {
                let bytes = self.odd_message(trick, &chain, &pair, salt);
                return self.lie(liar, to_all, &bytes);
            }
        };
        if let Some(block) = block {
            self.lie(liar, to_all, &Message::Block { block: block.encode() }.encode());
        }
    }

    /// A valid header, with the body that belongs to it for one and another for the rest.
    fn false_body(&mut self, liar: usize, chain: &Chain, salt: u64, to_all: bool) {
        let now = UnixMillis(EPOCH + self.now);
        let pair = self.liars[liar].pair.clone();
        let mut block = if salt.is_multiple_of(2) {
            // The best block there is, with another body.
            let Some(body) = chain.body(&chain.tip()) else { return };
            body.block.clone()
        } else {
            let Some(block) = forgery::valid(chain, &pair, salt, now) else { return };
            let honest = Message::Block { block: block.encode() }.encode();
            self.lie(liar, false, &honest);
            block
        };
        block.transactions.push(forgery::data(chain.id(), &pair, salt, 5));
        self.lie(liar, to_all, &Message::Block { block: block.encode() }.encode());
    }

    /// Claims a branch of real work whose blocks it does not give.
    fn withhold(&mut self, liar: usize, chain: &Chain, salt: u64) {
        let pair = self.liars[liar].pair.clone();
        let mut branch = chain.clone();
        for n in 0..2 + salt % 6 {
            let now = UnixMillis(EPOCH + self.now);
            let Some(block) = forgery::valid(&branch, &pair, salt + n, now) else { break };
            extend(&mut branch, &block);
        }
        let rank = branch.tip_rank();
        let status = Status::new(pair.public(), rank.hash.0, branch.height(), rank.work).encode();
        self.liars[liar].branch = Some(branch);
        self.statistics.injected(Fault::Lie);
        self.trace.log_world(Detail::Steps, self.now, || {
            format!("liar {liar} withholds a branch that ends in {:?}", rank.hash.0)
        });
        self.set_false_status(liar, &status);
    }

    /// Spends the same coins twice, before different people. It must earn them first.
    fn double_spend(&mut self, liar: usize, chain: &Chain, salt: u64) {
        let pair = self.liars[liar].pair.clone();
        let balance = chain.ledger().balance(&pair.public());
        if balance == 0 {
            let now = UnixMillis(EPOCH + self.now);
            if let Some(block) = forgery::valid(chain, &pair, salt, now) {
                self.lie(liar, true, &Message::Block { block: block.encode() }.encode());
            }
            return;
        }
        for n in 0..2 {
            let to = Keypair::from_seed([40 + n; 32]).public();
            let body = Body::Transfer { to, amount: balance };
            let transfer = forgery::signed(chain.id(), &pair, salt + u64::from(n), body);
            let transactions = vec![transfer.encode().into()];
            self.lie(liar, false, &Message::Transactions { transactions }.encode());
        }
    }

    /// A message that no honest peer would send, or not now.
    fn odd_message(&mut self, trick: Trick, chain: &Chain, pair: &Keypair, salt: u64) -> Vec<u8> {
        match trick {
            Trick::Replays => {
                let height = 1 + u32::try_from(self.random(u64::from(chain.height()) + 1)).unwrap();
                let body = chain.hash_at(height).and_then(|hash| chain.body(&hash));
                let old =
                    body.and_then(|body| body.block.entries().next().map(Transaction::encode));
                let mut bytes =
                    old.unwrap_or_else(|| forgery::data(chain.id(), pair, salt, 7).encode());
                if salt.is_multiple_of(2) {
                    let at = self.random_index(bytes.len());
                    bytes[at] ^= 1 << (salt % 8);
                }
                Message::Transactions { transactions: vec![bytes.into()] }.encode()
            }
            Trick::ForeignTransactions => {
                let foreign = forgery::data(Hash::of(b"another chain"), pair, salt, 7);
                Message::Transactions { transactions: vec![foreign.encode().into()] }.encode()
            }
            _ => self.noise(salt),
        }
    }

    fn noise(&mut self, salt: u64) -> Vec<u8> {
        let request = u32::try_from(self.random(1 << 32)).unwrap();
        let hashes = |count: usize| vec![Hash::of(&salt.to_be_bytes()); count];
        match salt % 9 {
            0 => (0..self.random(300))
                .map(|n| Hash::of(&(salt + n).to_be_bytes()).as_bytes()[0])
                .collect(),
            1 => vec![1; MAX_MESSAGE],
            2 => Message::Headers {
                request,
                headers: vec![vec![7; HEADER_SIZE].into(); MAX_HEADERS],
            }
            .encode(),
            3 => Message::Mempool { request, ids: hashes(MAX_MEMPOOL_IDS) }.encode(),
            4 => Message::GetBlocks { request, hashes: hashes(MAX_HASHES) }.encode(),
            5 => Message::GetTransactions { request, ids: hashes(MAX_HASHES) }.encode(),
            6 => Message::GetHeaders { request, locator: hashes(3) }.encode(),
            7 => Message::Blocks { request, blocks: vec![vec![0; 500_000].into()] }.encode(),
            _ => Message::GetMempool { request }.encode(),
        }
    }

    /// A liar is told something; if it is a question, it may answer.
    pub(super) fn liar_told(&mut self, liar: usize, from: PeerId, bytes: &[u8]) {
        let Ok(message) = Message::decode(bytes) else { return };
        let mood = self.random(4);
        let answer = match message {
            Message::GetHeaders { request, .. } => match (&self.liars[liar].branch, mood) {
                (Some(branch), _) => honest_answer(branch, &message),
                (None, 0) => Some(Message::Headers { request, headers: Vec::new() }),
                (None, 1) => Some(Message::Headers {
                    request,
                    headers: vec![vec![7; HEADER_SIZE].into(); 3],
                }),
                (None, _) => None,
            },
            Message::GetBlocks { request, .. } => match (&self.liars[liar].branch, mood) {
                (Some(branch), 0) => partial_answer(branch, &message),
                (_, 1) => Some(Message::Blocks { request, blocks: Vec::new() }),
                (Some(branch), 2) => spoiled_answer(branch, &message),
                _ => None,
            },
            Message::GetMempool { request } if mood < 2 => {
                let ids = vec![Hash::of(&request.to_be_bytes()); 20];
                Some(Message::Mempool { request, ids })
            }
            Message::GetTransactions { request, .. } if mood < 2 => {
                Some(Message::SentTransactions { request, transactions: vec![vec![7].into()] })
            }
            _ => None,
        };
        if let Some(answer) = answer {
            self.lie_to(liar, from, &answer);
        }
    }
}

/// The last of the blocks that were asked for.
fn partial_answer(branch: &Chain, question: &Message) -> Option<Message> {
    let Some(Message::Blocks { request, mut blocks }) = honest_answer(branch, question) else {
        return None;
    };
    let keep = blocks.len().saturating_sub(1);
    Some(Message::Blocks { request, blocks: blocks.split_off(keep) })
}

/// The blocks that were asked for, the first of which is not whole.
fn spoiled_answer(branch: &Chain, question: &Message) -> Option<Message> {
    let Some(Message::Blocks { request, mut blocks }) = honest_answer(branch, question) else {
        return None;
    };
    if let Some(byte) = blocks.first_mut().and_then(|block| block.last_mut()) {
        *byte ^= 1;
    }
    Some(Message::Blocks { request, blocks })
}
