//! What cannot be seen, or not be reached, from outside the node.

mod explorer;
mod file_search;
mod hidden;
mod lab;
mod limits;
mod measuring;
mod mining;
mod packing;
mod private;
mod regressions;
mod search;
mod sync;
mod wallet;

use super::{Config, Input, Node, NodeCommand, Now, Output, Restored, StorageMode};
use crate::chain::spec::Spec;
use crate::primitives::{Instant, Keypair, PeerId, UnixMillis};
use crate::private::RoomSecret;
use crate::wire::{Message, Status};

const EPOCH: u64 = 1_700_000_000_000;

/// A node with a relay and a store that answers at once, and what it said since this
/// was last taken.
struct Bench {
    node: Node,
    now: u64,
    /// What the wall clock is ahead of the time that passes.
    skew: u64,
    /// Whether the store answers.
    stores: bool,
    outputs: Vec<Output>,
}

impl Bench {
    fn new(spec: Spec) -> Self {
        Self::with_secret(spec, None)
    }

    fn with_secret(spec: Spec, secret: Option<RoomSecret>) -> Self {
        let config = Config {
            spec,
            secret,
            wallet: Keypair::from_seed([1; 32]),
            peer: peer(0),
            seed: [7; 32],
            storage: StorageMode::Durable,
        };
        let now = Now { mono: Instant(0), wall: UnixMillis(EPOCH) };
        let node = Node::new(config, Restored::default(), now);
        let mut bench = Self { node, now: 0, skew: 0, stores: true, outputs: Vec::new() };
        bench.drain();
        let relay_time = UnixMillis(EPOCH);
        bench.input(Input::LinkUp { peers: Vec::new(), relay_time });
        bench
    }

    fn input(&mut self, input: Input) {
        let wall = UnixMillis(EPOCH + self.now + self.skew);
        self.node.handle(Now { mono: Instant(self.now), wall }, input);
        self.drain();
    }

    fn drain(&mut self) {
        while let Some(output) = self.node.poll_output() {
            if let Output::Store { store, .. } = &output
                && self.stores
            {
                let store = *store;
                self.outputs.push(output);
                self.input(Input::Stored { store });
            } else {
                self.outputs.push(output);
            }
        }
    }

    /// Lets time pass, with every wakeup that the node wants. Gives how many.
    fn run(&mut self, millis: u64) -> u32 {
        let end = self.now + millis;
        let mut wakeups = 0;
        while let Some(at) = self.node.next_wakeup().filter(|at| at.0 <= end) {
            assert!(wakeups < 10_000, "a timer fires for ever");
            wakeups += 1;
            self.now = self.now.max(at.0);
            self.input(Input::Wakeup);
        }
        self.now = end;
        wakeups
    }

    fn join(&mut self, peer: PeerId) {
        let genesis = self.node.chain.id();
        let status = Status::new(peer, genesis, 0, 0).encode();
        self.input(Input::PeerJoined { peer, status });
    }

    fn frame(&mut self, from: PeerId, message: &Message) {
        self.input(Input::Frame { from, bytes: message.encode() });
    }

    fn add(&mut self, text: &str) {
        let bytes = text.as_bytes().to_vec();
        let command = NodeCommand::AddEntry { media_type: "text/plain".to_owned(), bytes };
        self.input(Input::Command { request: 0, command });
    }

    fn taken<T>(&mut self, which: impl Fn(Output) -> Option<T>) -> Vec<T> {
        std::mem::take(&mut self.outputs).into_iter().filter_map(which).collect()
    }
}

/// The n-th peer's name.
fn peer(n: u32) -> PeerId {
    let mut seed = [200; 32];
    seed[..4].copy_from_slice(&n.to_be_bytes());
    Keypair::from_seed(seed).public()
}
