//! The reducer, driven by what a node tells.

use std::ops::RangeInclusive;

use chain_wasm::api::{
    AuthorityView, BlockView, DoubleSealView, EntryKind, MiningMode, Privacy, RoomChoice,
    SealingView, StorageReason,
};
use chain_wasm::primitives::{PublicKey, UnixMillis};

use super::*;

/// The hash of the block at `height` on a branch that left the main one at `fork`.
fn hash_at(height: u32, fork: Option<u32>) -> Hash {
    let branch = fork.filter(|fork| height > *fork).map_or(0, |fork| fork + 1);
    Hash::of_parts(&[&height.to_be_bytes(), &branch.to_be_bytes()])
}

fn block(height: u32, fork: Option<u32>) -> BlockView {
    let previous = height.checked_sub(1).map_or(Hash::ZERO, |below| hash_at(below, fork));
    BlockView {
        version: 1,
        height,
        hash: hash_at(height, fork),
        previous_hash: previous,
        merkle_root: Hash::ZERO,
        history_root: Hash::ZERO,
        timestamp: UnixMillis(u64::from(height)),
        difficulty: 1.0,
        nonce: 0,
        miner: Some(PublicKey::from_bytes([7; 32])),
        reward: 50,
        size: 200,
        entry_count: 0,
        entries: Vec::new(),
    }
}

/// Blocks of the main branch, newest first.
pub(super) fn chain(heights: RangeInclusive<u32>) -> Vec<BlockView> {
    heights.rev().map(|height| block(height, None)).collect()
}

/// Blocks of a branch that left the main one above `at`, newest first.
pub(super) fn fork(at: u32, heights: RangeInclusive<u32>) -> Vec<BlockView> {
    heights.rev().map(|height| block(height, Some(at))).collect()
}

pub(super) fn tip(blocks: &[BlockView]) -> TipView {
    TipView { height: blocks[0].height, hash: blocks[0].hash, work: "9".into() }
}

pub(super) fn entry(n: u8, state: EntryState) -> EntryView {
    EntryView {
        id: Hash::of(&[n]),
        author: PublicKey::from_bytes([n; 32]),
        mine: true,
        timestamp: UnixMillis(1),
        kind: EntryKind::Data { media_type: "text/plain".into(), size: 1, bytes: vec![n] },
        privacy: Privacy::Public,
        state,
    }
}

pub(super) fn running(height: u32) -> Model {
    let blocks = chain(0..=height);
    let view = NodeView {
        room: RoomChoice::named("lobby".into()),
        chain: hash_at(0, None),
        peer: PublicKey::from_bytes([1; 32]),
        slot: 2,
        wallet: WalletView { author: PublicKey::from_bytes([2; 32]), balance: 0 },
        tip: tip(&blocks),
        blocks,
        branches: Vec::new(),
        pending: PendingView::default(),
        peers: Vec::new(),
        link: LinkView::Connecting { attempt: 1 },
        traffic: TrafficView::default(),
        sync: SyncView::Idle,
        storage: StorageView::Durable,
        sealing: SealingView::default(),
        authority: None,
        hash_rate: None,
    };
    let mut model = Model::default();
    model.started(view, 5);
    model
}

fn node(model: &Model) -> &Node {
    model.node.as_ref().expect("started")
}

#[test]
fn passes_over_events_before_the_start() {
    let mut model = Model::default();
    model.apply(Event::Sync(SyncView::Headers { height: 1, target: 2 }), 0);
    assert!(model.node.is_none());
    assert_eq!(model.phase, Phase::Starting);
}

#[test]
fn a_double_seal_is_noticed_once_and_again_when_another_is_found() {
    let mut model = running(3);
    let pair = |height| DoubleSealView {
        member: PublicKey::from_bytes([3; 32]),
        height,
        blocks: [Hash::of(b"a"), Hash::of(b"b")],
        predecessors: [Hash::ZERO; 2],
    };
    let view = |double_seals| AuthorityView { members: Vec::new(), turn: 0, double_seals };
    model.apply(Event::Authority(view(Vec::new())), 0);
    assert_eq!(model.double_seal, None);
    model.apply(Event::Authority(view(vec![pair(3)])), 0);
    assert_eq!(model.double_seal, Some(pair(3)));
    model.double_seal = None;
    model.apply(Event::Authority(AuthorityView { turn: 1, ..view(vec![pair(3)]) }), 0);
    assert_eq!(model.double_seal, None, "dismissed");
    model.apply(Event::Authority(view(vec![pair(3), pair(4)])), 0);
    assert_eq!(model.double_seal, Some(pair(4)));
    assert_eq!(node(&model).authority, Some(view(vec![pair(3), pair(4)])));
}

#[test]
fn a_longer_chain_moves_the_tip_and_the_window() {
    let mut model = running(3);
    let blocks = chain(4..=5);
    let (tip, change) = (tip(&blocks), TipChange::Extended { added: 2 });
    model.apply(Event::Chain { fork_height: 3, tip: tip.clone(), change, source: None, blocks }, 0);
    assert_eq!(node(&model).tip, tip);
    assert_eq!(node(&model).window.blocks().len(), 6);
    assert_eq!(model.reorganisation, None);
}

#[test]
fn a_reorganisation_is_told_with_what_became_of_the_entries() {
    let mut model = running(5);
    let blocks = fork(3, 4..=6);
    let returned = Returned { waiting: 2, kept: 1, refused: 0, entries: vec![Hash::ZERO] };
    let change = TipChange::Reorganised { abandoned: 2, adopted: 3, returned: returned.clone() };
    model
        .apply(Event::Chain { fork_height: 3, tip: tip(&blocks), change, source: None, blocks }, 0);
    assert_eq!(model.reorganisation, Some(Reorganisation { abandoned: 2, adopted: 3, returned }));
    assert_eq!(node(&model).tip.height, 6);
    assert_eq!(node(&model).window.blocks()[0].hash, node(&model).tip.hash);
    assert_eq!(node(&model).window.blocks().len(), 7);
}

#[test]
fn the_last_entry_is_followed_through_its_states() {
    let mut model = running(3);
    model.submitted(&entry(1, EntryState::Stored));
    let pending = PendingView {
        count: 2,
        entries: vec![entry(1, EntryState::Stored), entry(2, EntryState::Announced)],
    };
    model.apply(Event::Pending(pending), 0);
    model.apply(Event::Entry(entry(1, EntryState::Announced)), 0);
    assert_eq!(model.last_entry.and_then(|last| last.state), Some(EntryState::Announced));
    assert_eq!(node(&model).pending.entries[0].state, EntryState::Announced);

    let sealed = EntryState::InBlock { height: 4, block: hash_at(4, None) };
    model.apply(Event::Entry(entry(1, sealed)), 0);
    assert_eq!(model.last_entry.and_then(|last| last.state), Some(sealed));
    assert_eq!(node(&model).pending.count, 1);
    assert_eq!(node(&model).pending.entries, [entry(2, EntryState::Announced)]);

    // Another entry of this tab does not change the status of the last one.
    model.apply(Event::Entry(entry(2, EntryState::Returned)), 0);
    assert_eq!(model.last_entry.and_then(|last| last.state), Some(sealed));

    model.apply(Event::EntryRefused { id: Hash::of(&[1]), winner: None }, 0);
    assert_eq!(model.last_entry.map(|last| last.state), Some(None));
}

#[test]
fn lists_that_peers_can_grow_keep_to_their_limits() {
    let mut model = running(1);
    for n in 0..20 {
        let peer = PublicKey::from_bytes([n; 32]);
        model.apply(Event::Fault { peer, fault: PeerFault::InvalidBlock, rule: None }, 0);
        model.apply(Event::EntryRefused { id: Hash::of(&[n]), winner: None }, 0);
    }
    assert_eq!(model.faults.len(), MAX_FAULTS);
    assert_eq!(model.faults[0].0, PublicKey::from_bytes([19; 32]));
    assert_eq!(model.refused.len(), MAX_REFUSED);
    // The same fault again is told once.
    let again = model.faults[2];
    model.apply(Event::Fault { peer: again.0, fault: again.1, rule: None }, 0);
    assert_eq!(model.faults.len(), MAX_FAULTS);
    assert_eq!(model.faults[0], again);
}

#[test]
fn every_other_event_replaces_its_part() {
    let mut model = running(1);
    let wallet = WalletView { author: PublicKey::from_bytes([2; 32]), balance: 90 };
    let storage = StorageView::Memory { reason: StorageReason::Full };
    let sync = SyncView::Blocks { done: 1, total: 9, rate: 3 };
    let waiting = LinkView::Connecting { attempt: 3 };
    model.apply(Event::Wallet(wallet), 0);
    model.apply(Event::Storage(storage), 0);
    model.apply(Event::Sync(sync), 0);
    let sealing = SealingView { active: true, mode: MiningMode::Always };
    let rate = HashRateView { per_second: 12.5e6, workers: 3 };
    model.apply(Event::Sealing(sealing), 0);
    model.apply(Event::HashRate(rate), 0);
    let traffic = TrafficView { sent: 3, round_trip: Some(4), ..TrafficView::default() };
    model.apply(Event::Traffic(traffic), 0);
    model.apply(Event::Link(waiting.clone()), 77);
    let node = node(&model);
    assert_eq!((node.wallet, node.storage, node.sync), (wallet, storage, sync));
    assert_eq!((node.sealing, &node.link, node.link_told), (sealing, &waiting, 77));
    assert_eq!((node.hash_rate, node.traffic), (Some(rate), traffic));
}

#[test]
fn progress_counts_only_while_a_validation_runs() {
    let mut model = running(1);
    model.apply(Event::ValidationProgress { checked: 1, total: 2 }, 0);
    assert_eq!(model.validation, Validation::None);
    model.validation = Validation::Running { checked: 0, total: 0 };
    model.apply(Event::ValidationProgress { checked: 1, total: 2 }, 0);
    assert_eq!(model.validation, Validation::Running { checked: 1, total: 2 });
}

#[test]
fn a_failure_keeps_what_was_told_and_ends_what_was_running() {
    let mut model = running(2);
    model.validation = Validation::Running { checked: 1, total: 2 };
    model.failed(Failure::Crashed { message: "panic".into() }, 0);
    assert!(matches!(model.phase, Phase::Failed(_)));
    assert_eq!(model.validation, Validation::None);
    assert_eq!(node(&model).tip.height, 2);
}

#[test]
fn the_tip_has_one_confirmation() {
    assert_eq!(confirmations(7, 7), 1);
    assert_eq!(confirmations(9, 7), 3);
    assert_eq!(confirmations(3, 7), 1);
}
