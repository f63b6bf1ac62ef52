//! What is around the node, and what must always hold of it.

use std::collections::{BTreeMap, BTreeSet};

use chain_wasm::api::{Event, Outcome, RequestId};
use chain_wasm::chain::tree::Rank;
use chain_wasm::node::{
    BlockRef, Config, Gauge, Input, LoadId, Node, NodeCommand, Now, Output, Restored, SealJob,
    StorageMode,
};
use chain_wasm::primitives::{Hash, Instant, PeerId, UnixMillis};
use chain_wasm::wire::{MAX_MESSAGE, Message, Status};

use super::disk::Disk;
use super::room::Room;

/// The device's clock at the start.
pub(crate) const EPOCH: u64 = 1_700_000_000_000;

/// Wakeups that may follow each other while the clock stands still.
const MAX_WAKEUPS: u32 = 32;

/// Outputs that one input may cause.
const MAX_OUTPUTS: u32 = 2_000;

/// Questions of the node that are remembered.
const MAX_ASKED: usize = 64;

/// A node with its link, store, miner and clocks.
pub(crate) struct Driver {
    pub(crate) node: Node,
    pub(crate) room: Room,
    pub(crate) disk: Disk,
    pub(crate) mono: u64,
    pub(crate) wall: u64,
    pub(crate) linked: bool,
    pub(crate) present: BTreeSet<PeerId>,
    /// What the node wants to know, of whom.
    pub(crate) asked: Vec<(PeerId, Message)>,
    pub(crate) job: Option<SealJob>,
    pub(crate) loads: Vec<(LoadId, Vec<BlockRef>)>,
    /// The store lost or damaged what it was given: the chain may begin anew.
    pub(crate) damaged: bool,
    /// Commands that have not been answered; whether they add an entry.
    commands: BTreeMap<RequestId, bool>,
    next_request: RequestId,
    /// Entries that the node said are accepted.
    accepted: BTreeSet<Hash>,
    /// Transfers that it refused with a word.
    pub(crate) refused: BTreeSet<Hash>,
    rank: Option<Rank>,
    life: u8,
    trace: Option<Hash>,
}

impl Driver {
    pub(crate) fn new(kind: u8, traced: bool) -> Self {
        let room = Room::new(kind);
        let now = Now { mono: Instant(0), wall: UnixMillis(EPOCH) };
        let node = Node::new(config(&room, 0), Restored::default(), now);
        let mut driver = Self {
            node,
            room,
            disk: Disk::default(),
            mono: 0,
            wall: EPOCH,
            linked: false,
            present: BTreeSet::new(),
            asked: Vec::new(),
            job: None,
            loads: Vec::new(),
            damaged: false,
            commands: BTreeMap::new(),
            next_request: 0,
            accepted: BTreeSet::new(),
            refused: BTreeSet::new(),
            rank: None,
            life: 0,
            trace: traced.then_some(Hash::ZERO),
        };
        driver.drain();
        driver
    }

    pub(crate) fn trace(&self) -> Hash {
        self.trace.unwrap_or(Hash::ZERO)
    }

    fn now(&self) -> Now {
        Now { mono: Instant(self.mono), wall: UnixMillis(self.wall) }
    }

    /// Ends the node and starts it again from what its store holds.
    pub(crate) fn restart(&mut self, damage: impl FnOnce(&mut Restored) -> bool) {
        // Only what was stored, and lasts, is there again.
        let lasts = self.disk.lasts();
        let whole = lasts && !self.disk.is_busy();
        if !lasts {
            self.accepted.clear();
        }
        let mut restored = self.disk.restart(&self.room.spec);
        self.damaged |= damage(&mut restored);
        self.start(restored);
        if !whole {
            self.rank = None;
        }
    }

    /// Starts a node from what a store holds.
    pub(crate) fn start(&mut self, restored: Restored) {
        self.life = self.life.wrapping_add(1);
        self.node = Node::new(config(&self.room, self.life), restored, self.now());
        self.linked = false;
        self.present.clear();
        self.asked.clear();
        self.loads.clear();
        self.commands.clear();
        self.job = None;
        self.drain();
    }

    pub(crate) fn input(&mut self, input: Input) {
        self.node.handle(self.now(), input);
        self.drain();
    }

    pub(crate) fn command(&mut self, command: NodeCommand) {
        let request = self.next_request;
        self.next_request += 1;
        let adds = matches!(command, NodeCommand::AddEntry { .. } | NodeCommand::Transfer { .. });
        self.commands.insert(request, adds);
        self.input(Input::Command { request, command });
    }

    /// Lets time pass, then wakes the node as often as it wants.
    pub(crate) fn pass(&mut self, millis: u64) {
        self.mono = self.mono.saturating_add(millis);
        self.wall = self.wall.saturating_add(millis);
        let mut wakeups = 0;
        while self.node.next_wakeup().is_some_and(|at| at.0 <= self.mono) {
            wakeups += 1;
            assert!(wakeups <= MAX_WAKEUPS, "a timer fires for ever");
            self.input(Input::Wakeup);
        }
    }

    /// Ends the oldest batch on its way to the store well; gives whether there was one.
    pub(crate) fn end_batch(&mut self) -> bool {
        let ended = self.disk.end_batch(false);
        if let Some(store) = ended {
            self.input(Input::Stored { store });
        }
        ended.is_some()
    }

    fn drain(&mut self) {
        let mut outputs = 0;
        while let Some(output) = self.node.poll_output() {
            outputs += 1;
            assert!(outputs <= MAX_OUTPUTS, "one input causes a storm");
            if let Some(trace) = self.trace {
                let text = format!("{output:?}");
                self.trace = Some(Hash::of_parts(&[trace.as_bytes(), text.as_bytes()]));
            }
            self.carry_out(output);
        }
    }

    fn carry_out(&mut self, output: Output) {
        match output {
            Output::Broadcast(bytes) => {
                assert!(self.linked, "nobody is there to hear it");
                self.overhear(&bytes);
            }
            Output::Send { to, bytes } => {
                assert!(self.present.contains(&to), "the receiver is not in the room");
                let message = self.overhear(&bytes);
                self.asked.truncate(MAX_ASKED - 1);
                self.asked.insert(0, (to, message));
            }
            Output::SetStatus(status) => {
                Status::decode(&status).expect("a node's status can be read");
            }
            Output::Store { store, changes } => self.disk.give(store, changes),
            Output::Load { load, blocks } => self.loads.push((load, blocks)),
            Output::Seal(job) => self.job = Some(job),
            Output::StopSealing => self.job = None,
            Output::Event(Event::EntryRefused { id, .. }) => {
                self.accepted.remove(&id);
                self.refused.insert(id);
            }
            Output::Event(_) => {}
            Output::Reply { request, outcome } => {
                let adds = self.commands.remove(&request).expect("an answer for each command");
                if let Ok(Outcome::Entry(entry)) = outcome
                    && adds
                {
                    self.accepted.insert(entry.id);
                }
            }
        }
    }

    /// What the node says: others know it then.
    fn overhear(&mut self, bytes: &[u8]) -> Message {
        assert!(bytes.len() <= MAX_MESSAGE);
        let message = Message::decode(bytes).expect("a node's message can be read");
        if let Message::Block { block } = &message {
            self.room.note(block);
        }
        message
    }

    /// What must hold after each input.
    pub(crate) fn check(&mut self) {
        for Gauge { name, used, limit } in self.node.gauges() {
            assert!(used <= limit, "{name}: {used} above {limit}");
        }
        let chain = self.node.chain();
        let rank = chain.tip_rank();
        assert!(self.damaged || self.rank.is_none_or(|before| rank >= before), "the tip fell");
        self.rank = Some(rank);
        let supply = chain.spec().reward() * u64::from(chain.height());
        assert_eq!(chain.ledger().supply(), supply, "supply is reward x height");
        for id in &self.accepted {
            let kept = chain.mempool().get(id).is_some() || chain.ledger().height_of(id).is_some();
            assert!(self.damaged || kept, "an accepted entry is lost");
        }
    }
}

fn config(room: &Room, life: u8) -> Config {
    Config {
        spec: room.spec.clone(),
        secret: None,
        wallet: Room::key(0).clone(),
        peer: PeerId::from_bytes([0; 32]),
        seed: [life; 32],
        storage: StorageMode::Durable,
    }
}
