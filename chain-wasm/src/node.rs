//! The node: a sans-IO state machine.
//!
//! The driver feeds it [`Input`]s with both clocks' readings and carries out the
//! [`Output`]s it drains afterwards. The node does no I/O, reads no clock and draws
//! its randomness from the seed in its [`Config`]: the same seed and inputs give
//! the same outputs, bit for bit.
//!
//! One concern a file: [`limits`], timers, peers, storing, packing, gossip, sync, lost blocks, serving
//! others, sealing, private rooms, the page's commands, the lab, the explorer, searches,
//! validation, the wallet, views.

mod commands;
mod events;
mod explorer;
mod file_search;
mod gauges;
mod gossip;
mod io;
mod lab;
pub mod limits;
mod lost;
mod measuring;
mod packed;
mod packing;
mod peers;
mod private;
mod progress;
mod proving;
mod restore;
mod room;
pub mod round_trips;
mod sealing;
mod search;
mod serving;
mod storing;
mod sync;
mod timers;
mod validation;
mod views;
mod wallet;

use std::collections::VecDeque;

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

pub use gauges::Gauge;
pub use io::{
    BlockRef, Change, Config, Input, JobId, LoadId, NodeCommand, Now, Output, Restored, SealJob,
    StorageMode, StoreId,
};

pub use packed::Packed;
pub use room::{room_of, spec_of};

use crate::api::{Event, PeerFault};
use crate::chain::Chain;
use crate::chain::pack::PackLimits;
use crate::primitives::{Hash, Instant, Keypair, PeerId, PublicKey, UnixMillis};
use crate::private::RoomSecret;
use crate::wire::{Message, Status};
use events::Events;
use file_search::FileSearch;
use gossip::Gossip;
use lab::Lab;
use lost::Lost;
use packing::Packing;
use peers::Peers;
use sealing::Sealing;
use search::Search;
use serving::Reads;
use storing::Storing;
use sync::Sync;
use timers::{Timer, Timers};
use validation::Validation;

/// One node of one chain.
///
/// Contract: call [`handle`](Self::handle) for each input in the order they
/// happened, then drain [`poll_output`](Self::poll_output) until it gives `None`,
/// then arm one timer for [`next_wakeup`](Self::next_wakeup). Nothing re-enters.
/// After [`new`](Self::new), drain and arm likewise.
pub struct Node {
    chain: Chain,
    peer: PeerId,
    wallet: Keypair,
    /// The keys that were this tab's before: what they signed is its own as ever.
    former: Vec<PublicKey>,
    /// Of a private room, if it is the room's.
    secret: Option<RoomSecret>,
    rng: ChaCha8Rng,
    mono: Instant,
    wall: UnixMillis,
    /// What is added to the device's clock.
    clock_offset: i64,
    linked: bool,
    hidden: bool,
    peers: Peers,
    sync: Sync,
    gossip: Gossip,
    sealing: Sealing,
    storing: Storing,
    packing: Packing,
    lost: Lost,
    /// How many headers were left when side branches were last cut down.
    pruned_at: usize,
    reads: Reads,
    validation: Option<Validation>,
    search: Option<Search>,
    file_search: Option<FileSearch>,
    lab: Lab,
    events: Events,
    timers: Timers,
    outputs: VecDeque<Output>,
}

impl Node {
    /// Starts from what the store held.
    pub fn new(config: Config, restored: Restored, now: Now) -> Self {
        let mut rng = ChaCha8Rng::from_seed(config.seed);
        let sync = Sync::new(rng.next_u32());
        let key = index_key(&config.seed);
        let Restored { packed, blocks, transactions, former } = restored;
        let secret = private::fitting(config.secret, &config.spec);
        let packed = packed.filter(|packed| *packed.chain().spec() == config.spec);
        let (chain, packs) =
            packed.map_or_else(|| (Chain::keyed(config.spec, key), Vec::new()), Packed::into_parts);
        let mut node = Self {
            packing: Packing::new(packs, chain.height()),
            chain,
            peer: config.peer,
            wallet: config.wallet,
            former,
            secret,
            rng,
            mono: now.mono,
            wall: now.wall,
            clock_offset: 0,
            linked: false,
            hidden: false,
            peers: Peers::default(),
            sync,
            gossip: Gossip::default(),
            sealing: Sealing::default(),
            storing: Storing::new(config.storage),
            lost: Lost::default(),
            pruned_at: 0,
            reads: Reads::default(),
            validation: None,
            search: None,
            file_search: None,
            lab: Lab::default(),
            events: Events::default(),
            timers: Timers::default(),
            outputs: VecDeque::new(),
        };
        node.keep_all_own();
        node.restore(blocks, transactions);
        node.send_status();
        node.settle();
        node
    }

    /// Packs otherwise than by default, from now on.
    #[must_use]
    pub const fn with_packs(mut self, limits: PackLimits) -> Self {
        self.packing.set_limits(limits);
        self
    }

    /// Takes one input. Never fails: what a peer or the store did wrong comes out
    /// as an event or a reply.
    pub fn handle(&mut self, now: Now, input: Input) {
        self.mono = now.mono.max(self.mono);
        self.wall = UnixMillis(now.wall.0.saturating_add_signed(self.clock_offset));
        match input {
            Input::LinkUp { peers, relay_time } => self.link_up(now.wall, peers, relay_time),
            Input::LinkDown => self.link_down(),
            Input::PeerJoined { peer, status } | Input::PeerStatus { peer, status } => {
                self.peer_status(peer, &status);
            }
            Input::PeerLeft { peer } | Input::Undeliverable { to: peer } => self.peer_left(&peer),
            Input::Frame { from, bytes } => self.frame(from, &bytes),
            Input::Command { request, command } => self.command(request, command),
            Input::Hidden(hidden) => {
                self.hidden = hidden;
                self.status_changed();
                if !hidden {
                    self.events.shown(self.mono);
                }
            }
            Input::Sealed { job, nonce } => self.sealed(job, nonce),
            Input::SealExhausted { job } => self.seal_exhausted(job),
            Input::Stored { store } => self.stored(store),
            Input::StorageFailed { store, reason } => self.storage_failed(store, reason),
            Input::Loaded { load, blocks } => self.loaded(load, blocks),
            Input::Wakeup => {}
        }
        for timer in self.timers.take_due(self.mono) {
            self.fire(timer);
        }
        self.settle();
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.outputs.pop_front()
    }

    /// When to call [`handle`](Self::handle) with [`Input::Wakeup`] at the latest,
    /// if nothing else happens first.
    pub fn next_wakeup(&self) -> Option<Instant> {
        self.timers.next()
    }

    /// The chain as this node has it.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// How many other peers there are.
    pub fn peer_count(&self) -> usize {
        self.peers.len()
    }

    /// What follows from any change: move the tip, ask for what is missing, seal,
    /// store, tell.
    fn settle(&mut self) {
        self.advance();
        self.return_owed();
        self.plan_leaving();
        self.plan_sync();
        self.plan_sealing();
        self.plan_packing();
        self.flush_changes();
        self.flush_events();
        self.flush_lab();
    }

    fn fire(&mut self, timer: Timer) {
        match timer {
            Timer::Status => self.send_status(),
            Timer::Requests => self.expire_requests(),
            Timer::Announce => self.announce_due(),
            Timer::Compare => self.compare_mempool(),
            Timer::Early => self.retry_early(),
            Timer::Unstored => self.store_lingering(),
            // What these are for happens in `settle`.
            Timer::Events | Timer::Seal => {}
        }
    }

    fn link_up(&mut self, wall: UnixMillis, peers: Vec<(PeerId, Vec<u8>)>, relay_time: UnixMillis) {
        self.link_down();
        self.linked = true;
        self.correct_clock(wall, relay_time);
        for (peer, status) in peers {
            self.peer_status(peer, &status);
        }
        self.ask_anew();
        self.announce_all_own();
        self.timers.set_by(Timer::Compare, self.mono.after(limits::COMPARE_SOON));
    }

    fn link_down(&mut self) {
        self.linked = false;
        self.peers.clear();
        self.drop_requests();
        self.events.peers = true;
    }

    fn correct_clock(&mut self, wall: UnixMillis, relay_time: UnixMillis) {
        let ahead = i64::try_from(relay_time.0).unwrap_or(i64::MAX);
        let offset = ahead.saturating_sub(i64::try_from(wall.0).unwrap_or(i64::MAX));
        self.clock_offset =
            if offset.unsigned_abs() > limits::CLOCK_TOLERANCE { offset } else { 0 };
        self.wall = UnixMillis(wall.0.saturating_add_signed(self.clock_offset));
    }

    fn peer_status(&mut self, peer: PeerId, status: &[u8]) {
        if let Ok(status) = Status::decode(status) {
            let differs = status.mempool_digest != self.chain.mempool().digest();
            self.peers.set_status(peer, Some(status));
            if differs {
                self.compare_soon();
            }
        } else {
            self.peers.set_status(peer, None);
            self.fault(peer, PeerFault::UnreadableStatus);
        }
        self.events.peers = true;
    }

    fn peer_left(&mut self, peer: &PeerId) {
        self.peers.remove(peer);
        self.drop_requests_to(peer);
        self.events.peers = true;
    }

    fn frame(&mut self, from: PeerId, bytes: &[u8]) {
        if self.begins_anew(&from, bytes) || self.peers.get(&from).is_none() {
            return;
        }
        match Message::decode(bytes) {
            Ok(message) => self.message(from, message),
            Err(_) => self.fault(from, PeerFault::UnreadableMessage),
        }
    }

    fn message(&mut self, from: PeerId, message: Message) {
        if let Message::Headers { request, .. }
        | Message::Blocks { request, .. }
        | Message::Mempool { request, .. }
        | Message::SentTransactions { request, .. } = &message
        {
            self.note_answer(from, *request);
        }
        match message {
            Message::Transactions { transactions } => {
                self.transactions(from, &transactions);
            }
            Message::Block { block } => self.block_announced(from, block),
            Message::GetHeaders { request, locator } => self.serve_headers(from, request, &locator),
            Message::Headers { request, headers } => self.headers(from, request, &headers),
            Message::GetBlocks { request, hashes } => self.serve_blocks(from, request, hashes),
            Message::Blocks { request, blocks } => self.blocks(from, request, blocks),
            Message::GetMempool { request } => self.serve_mempool(from, request),
            Message::Mempool { request, ids } => self.mempool_ids(from, request, &ids),
            Message::GetTransactions { request, ids } => {
                self.serve_transactions(from, request, &ids);
            }
            // Where nobody makes experiments, nobody has a word for them.
            Message::Verdict { .. } | Message::LabReset if !self.is_lab() => {
                self.fault(from, PeerFault::UnreadableMessage);
            }
            Message::Verdict { block, verdict } => self.verdict(from, block, verdict),
            // A node knows its room's spec, and asks nobody for it.
            Message::LabReset | Message::SentSpec { .. } => {}
            Message::GetSpec { request } => self.serve_spec(from, request),
            Message::SentTransactions { request, transactions } => {
                self.transactions_sent(from, request, &transactions);
            }
        }
    }

    /// A peer did what no honest peer does: it is ignored from now on.
    fn fault(&mut self, peer: PeerId, fault: PeerFault) {
        self.fault_by(peer, fault, None);
    }

    /// As [`Self::fault`], with the rule that was broken, by its code.
    fn fault_by(&mut self, peer: PeerId, fault: PeerFault, rule: Option<&'static str>) {
        if self.peers.set_fault(peer, fault) {
            self.drop_requests_to(&peer);
            self.event(Event::Fault { peer, fault, rule: rule.map(str::to_owned) });
            self.events.peers = true;
        }
    }

    fn send(&mut self, to: PeerId, message: &Message) {
        self.note_question(to, message);
        self.outputs.push_back(Output::Send { to, bytes: message.encode() });
    }

    fn event(&mut self, event: Event) {
        self.outputs.push_back(Output::Event(event));
    }

    /// The status is to be sent, at once or when one may be sent again.
    fn status_changed(&mut self) {
        self.timers.set_by(Timer::Status, self.events.next_status.max(self.mono));
    }

    fn send_status(&mut self) {
        let rank = self.chain.tip_rank();
        let mempool = self.chain.mempool();
        let mut status =
            Status::new(self.wallet.public(), rank.hash.0, self.chain.height(), rank.work);
        status.mempool_count = u32::try_from(mempool.len()).unwrap_or(u32::MAX);
        status.mempool_digest = mempool.digest();
        status.hidden = self.hidden;
        status.sealing = self.sealing.is_active();
        let peers = u64::try_from(self.peers.len()).unwrap_or(u64::MAX);
        let interval =
            limits::STATUS_INTERVAL + peers.saturating_mul(limits::STATUS_INTERVAL_PER_PEER);
        self.events.next_status = self.mono.after(interval);
        self.outputs.push_back(Output::SetStatus(status.encode()));
    }

    /// A random number below `bound`, or 0.
    fn random_below(&mut self, bound: u64) -> u64 {
        // The bias of a remainder of 64 random bits is of no account here.
        self.rng.next_u64().checked_rem(bound).unwrap_or(0)
    }

    fn random_bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.rng.fill_bytes(&mut bytes);
        bytes
    }
}

/// A key for the index of headers, which others must not know.
fn index_key(seed: &[u8; 32]) -> [u64; 2] {
    let key = Hash::of_parts(&[b"tabchain/index/1", seed]);
    let (words, _) = key.as_bytes().as_chunks::<8>();
    let mut words = words.iter().map(|word| u64::from_le_bytes(*word));
    std::array::from_fn(|_| words.next().unwrap_or_default())
}

#[cfg(test)]
mod tests;
