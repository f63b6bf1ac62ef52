//! Nodes: a sync between two, a new block, a start from what is stored.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use chain_wasm::chain::pack;
use chain_wasm::chain::spec::Spec;
use chain_wasm::node::{Change, Config, Input, Node, Now, Output, Restored, StorageMode};
use chain_wasm::primitives::{self, Hash, Keypair, PeerId, UnixMillis};
use chain_wasm::wire::Message;

use super::Options;
use super::blocks::{Maker, NOW, spec};
use super::report::{Report, float, median};

/// A node with a store in memory that answers at once.
struct Tab {
    node: Node,
    name: PeerId,
    store: BTreeMap<Hash, Vec<u8>>,
    status: Vec<u8>,
    /// Spent in the node itself.
    busy: Duration,
}

fn name(n: u8) -> PeerId {
    Keypair::from_seed([n; 32]).public()
}

fn now(mono: u64) -> Now {
    Now { mono: primitives::Instant(mono), wall: UnixMillis(NOW.0 + mono) }
}

impl Tab {
    fn new(spec: Spec, n: u8, blocks: Vec<Vec<u8>>, store: BTreeMap<Hash, Vec<u8>>) -> Self {
        let config = Config {
            spec,
            secret: None,
            wallet: Keypair::from_seed([100 + n; 32]),
            peer: name(n),
            seed: [n; 32],
            storage: StorageMode::Durable,
        };
        let restored = Restored { blocks, ..Restored::default() };
        let began = Instant::now();
        let node = Node::new(config, restored, now(0));
        Self { node, name: name(n), store, status: Vec::new(), busy: began.elapsed() }
    }

    fn handle(&mut self, mono: u64, input: Input) {
        let began = Instant::now();
        self.node.handle(now(mono), input);
        self.busy += began.elapsed();
    }

    /// Does what the node wants; gives what it sends.
    fn drain(&mut self, mono: u64) -> Vec<(Option<PeerId>, Vec<u8>)> {
        let mut sent = Vec::new();
        while let Some(output) = self.node.poll_output() {
            match output {
                Output::Broadcast(bytes) => sent.push((None, bytes)),
                Output::Send { to, bytes } => sent.push((Some(to), bytes)),
                Output::SetStatus(status) => self.status = status,
                Output::Store { store, changes } => {
                    for change in changes {
                        match change {
                            Change::PutBlock { hash, bytes } => {
                                self.store.insert(hash, bytes);
                            }
                            Change::PutPack { first, bytes, .. } => {
                                for block in pack::split(first, &bytes) {
                                    if let Some(hash) = pack::hash_of(block) {
                                        self.store.insert(hash, block.to_vec());
                                    }
                                }
                            }
                            Change::DeleteBlock { hash } => {
                                self.store.remove(&hash);
                            }
                            Change::Unpack { .. }
                            | Change::PutTransaction { .. }
                            | Change::DeleteTransaction { .. }
                            | Change::PutWallet { .. } => {}
                        }
                    }
                    self.handle(mono, Input::Stored { store });
                }
                Output::Load { load, blocks } => {
                    let blocks =
                        blocks.iter().map(|block| self.store.get(&block.hash).cloned()).collect();
                    self.handle(mono, Input::Loaded { load, blocks });
                }
                _ => {}
            }
        }
        sent
    }
}

/// What a sync took.
struct Sync {
    seconds: f64,
    receiving: f64,
    bytes: usize,
    frames: usize,
}

/// Two nodes in one room, until the second has all that the first has.
fn sync(full: &mut Tab, fresh: &mut Tab) -> Sync {
    let mut mono = 1;
    full.drain(mono);
    fresh.drain(mono);
    full.busy = Duration::ZERO;
    fresh.busy = Duration::ZERO;
    let goal = full.node.chain().tip();
    let (mut bytes, mut frames) = (0, 0);
    let began = Instant::now();
    let relay_time = now(mono).wall;
    let peers = vec![(fresh.name, fresh.status.clone())];
    full.handle(mono, Input::LinkUp { peers, relay_time });
    let peers = vec![(full.name, full.status.clone())];
    fresh.handle(mono, Input::LinkUp { peers, relay_time });
    let mut queue = VecDeque::new();
    while fresh.node.chain().tip() != goal {
        queue.extend(full.drain(mono).into_iter().map(|sent| (true, sent)));
        queue.extend(fresh.drain(mono).into_iter().map(|sent| (false, sent)));
        if let Some((from_full, (_, payload))) = queue.pop_front() {
            bytes += payload.len();
            frames += 1;
            let (from, to) =
                if from_full { (full.name, &mut *fresh) } else { (fresh.name, &mut *full) };
            to.handle(mono, Input::Frame { from, bytes: payload });
        } else {
            let wakeups = [full.node.next_wakeup(), fresh.node.next_wakeup()];
            let next = wakeups.into_iter().flatten().min().expect("a wakeup");
            mono = mono.max(next.0);
            assert!(mono < 3_600_000, "the sync does not end");
            full.handle(mono, Input::Wakeup);
            fresh.handle(mono, Input::Wakeup);
        }
    }
    // The last blocks are held back for a while, to be stored in a pack.
    fresh.drain(mono);
    let blocks = usize::try_from(fresh.node.chain().height()).unwrap();
    while fresh.store.len() < blocks {
        mono = mono.max(fresh.node.next_wakeup().expect("a wakeup").0);
        assert!(mono < 3_600_000, "not all is stored");
        fresh.handle(mono, Input::Wakeup);
        fresh.drain(mono);
    }
    let seconds = began.elapsed().as_secs_f64();
    Sync { seconds, receiving: fresh.busy.as_secs_f64(), bytes, frames }
}

/// What depends on how long the chain is, or should not.
pub(crate) fn lengths(report: &mut Report, length: usize, options: &Options) {
    let mut maker = Maker::new();
    let blocks = maker.blocks(length, 1);
    let runs = if length > 10_000 { 1 } else { 3 };
    let store: BTreeMap<Hash, Vec<u8>> = blocks
        .iter()
        .map(|bytes| {
            let block = chain_wasm::chain::block::Block::decode(bytes).unwrap();
            (block.header.hash(), bytes.clone())
        })
        .collect();
    let start = || Tab::new(spec(), 1, blocks.clone(), store.clone());
    let mut full = start();
    assert_eq!(usize::try_from(full.node.chain().height()), Ok(length));
    if options.wants("start") {
        let mut times = vec![full.busy.as_secs_f64()];
        times.extend((1..runs).map(|_| start().busy.as_secs_f64()));
        let seconds = median(times);
        let figures = [("s", seconds), ("blocks/s", float(length) / seconds)];
        report.row(format!("start from {length} blocks"), &figures);
    }
    if options.wants("sync") {
        let mut syncs: Vec<Sync> = Vec::new();
        for _ in 0..runs {
            let mut fresh = Tab::new(spec(), 2, Vec::new(), BTreeMap::new());
            syncs.push(sync(&mut full, &mut fresh));
            assert_eq!(fresh.store.len(), length, "all is stored");
            full.handle(2_000, Input::LinkDown);
        }
        let seconds = median(syncs.iter().map(|sync| sync.seconds).collect());
        let receiving = median(syncs.iter().map(|sync| sync.receiving).collect());
        let figures = [
            ("s", seconds),
            ("blocks/s", float(length) / seconds),
            ("blocks/s receiving", float(length) / receiving),
            ("bytes a block", float(syncs[0].bytes) / float(length)),
            ("frames", float(syncs[0].frames)),
        ];
        report.row(format!("sync {length} blocks"), &figures);
    }
    if options.wants("new-block") {
        new_block(report, &mut full, &mut maker, length);
    }
}

/// A block of one entry that a peer has just made, until it is stored.
fn new_block(report: &mut Report, tab: &mut Tab, maker: &mut Maker, length: usize) {
    let peer = name(3);
    let genesis = tab.node.chain().id();
    let status = chain_wasm::wire::Status::new(peer, genesis, 0, 0).encode();
    let mut mono = 1_000_000;
    let peers = vec![(peer, status)];
    tab.handle(mono, Input::LinkUp { peers, relay_time: now(mono).wall });
    tab.drain(mono);
    let mut times = Vec::new();
    for _ in 0..200 {
        let block = maker.block(1).encode();
        let frame = Message::Block { block }.encode();
        mono += 10_000;
        tab.busy = Duration::ZERO;
        tab.handle(mono, Input::Frame { from: peer, bytes: frame });
        tab.drain(mono);
        times.push(tab.busy.as_secs_f64() * 1e6);
    }
    assert_eq!(tab.node.chain().tip(), maker.tip);
    report.row(format!("new block on {length} blocks"), &[("us", median(times))]);
}
