//! Each limit is reached, and holds.

use super::{Bench, peer};
use crate::api::{
    ApiError, BlockView, EntryKind, Event, MAX_BLOCKS, MAX_BLOCKS_TOLD, MAX_ENTRIES_IN_VIEW,
    MAX_PREVIEW, Outcome, PeerFault,
};
use crate::chain::block::{Block, MAX_BLOCK};
use crate::chain::pack::PackLimits;
use crate::chain::spec::{Consensus, Spec};
use crate::chain::transaction::{Body, Content, MAX_DATA, Transaction};
use crate::chain::{Advance, Chain, Trust};
use crate::node::limits::{
    MAX_ACCEPTING, MAX_CUT_OFF, MAX_EARLY, MAX_FAULTY, MAX_ORPHANS, MAX_PACKING, MAX_PEERS,
    MAX_PROVIDERS, MAX_READING, MAX_SERVING, MAX_SERVING_PER_PEER, MAX_STORING,
};
use crate::node::serving::Read;
use crate::node::{Change, Input, NodeCommand, Output};
use crate::primitives::{Difficulty, Hash, Keypair, UnixMillis};
use crate::wire::Message;

fn room() -> Spec {
    Spec::open("limits").unwrap()
}

fn replies(bench: &mut Bench) -> Vec<ApiError> {
    bench.taken(|output| match output {
        Output::Reply { outcome: Err(error), .. } => Some(error),
        _ => None,
    })
}

fn answers(bench: &mut Bench) -> Vec<Message> {
    bench.taken(|output| match output {
        Output::Send { bytes, .. } => Some(Message::decode(&bytes).unwrap()),
        _ => None,
    })
}

/// A node with a chain of so many blocks, of which none is in memory any more.
fn with_blocks_in_store(blocks: u32) -> Bench {
    let mut bench = Bench::new(room());
    for n in 0..blocks {
        bench.add(&format!("entry {n}"));
        bench.run(200);
    }
    assert_eq!(bench.node.chain.height(), blocks);
    bench.node.chain.forget_bodies();
    bench.taken(Some);
    bench
}

#[test]
fn the_page_is_told_of_no_more_blocks_at_a_time_than_it_shows_at_first() {
    let mut source = Bench::new(room());
    let mut bench = Bench::new(room());
    bench.join(peer(1));
    bench.run(1_000);
    bench.taken(Some);
    // Of the first block it is told at once, of the others together.
    for n in 0..=MAX_BLOCKS_TOLD * 2 {
        source.add(&format!("entry {n}"));
        source.run(200);
        let block = source.node.chain.body(&source.node.chain.tip()).unwrap().bytes.clone();
        bench.frame(peer(1), &Message::Block { block });
    }
    bench.run(200);
    let told = bench.taken(|output| match output {
        Output::Event(Event::Chain { tip, blocks, .. }) => Some((tip.height, blocks)),
        _ => None,
    });
    let (height, blocks) = told.last().unwrap();
    assert_eq!(*height, MAX_BLOCKS_TOLD * 2 + 1);
    assert_eq!(blocks.len(), usize::try_from(MAX_BLOCKS_TOLD).unwrap());
    assert_eq!(blocks[0].height, *height);
}

#[test]
fn no_more_peers_are_known_than_a_room_may_have() {
    let mut bench = Bench::new(room());
    let status = crate::wire::Status::new(peer(0), Hash::ZERO, 0, 0).encode();
    for n in 0..u32::try_from(MAX_PEERS).unwrap() + 10 {
        let mut name = [0; 32];
        name[..4].copy_from_slice(&n.to_be_bytes());
        let peer = crate::primitives::PublicKey::from_bytes(name);
        bench.input(Input::PeerJoined { peer, status: status.clone() });
    }
    assert_eq!(bench.node.peers.len(), MAX_PEERS);
}

#[test]
fn no_more_faulty_peers_are_remembered_than_the_limit() {
    let mut bench = Bench::new(room());
    for n in 0..u32::try_from(MAX_FAULTY).unwrap() + 10 {
        bench.join(peer(n));
        bench.input(Input::Frame { from: peer(n), bytes: vec![0] });
        bench.input(Input::PeerLeft { peer: peer(n) });
    }
    let remembered = (0..u32::try_from(MAX_FAULTY).unwrap() + 10)
        .filter(|n| bench.node.peers.fault(&peer(*n)) == Some(PeerFault::UnreadableMessage));
    assert_eq!(remembered.count(), MAX_FAULTY);
}

/// A block that anybody could make.
fn block(bench: &Bench, change: impl FnOnce(&mut Block)) -> Message {
    let mut block = crate::chain::genesis(bench.node.chain.spec());
    block.header.height = 1;
    block.header.previous_hash = bench.node.chain.id();
    change(&mut block);
    Message::Block { block: block.encode() }
}

#[test]
fn no_more_orphans_are_kept_than_the_limit() {
    let mut bench = Bench::new(room());
    bench.join(peer(1));
    for n in 0..u32::try_from(MAX_ORPHANS).unwrap() + 10 {
        let orphan = block(&bench, |block| block.header.previous_hash = Hash::of(&n.to_be_bytes()));
        bench.frame(peer(1), &orphan);
    }
    assert_eq!(bench.node.sync.orphans(), MAX_ORPHANS);
}

#[test]
fn no_more_early_blocks_are_kept_than_the_limit_and_they_leave() {
    let mut bench = Bench::new(room());
    bench.join(peer(1));
    let ahead = super::EPOCH + 600_000;
    for n in 0..u32::try_from(MAX_EARLY).unwrap() + 10 {
        let early = block(&bench, |block| {
            block.header.timestamp = crate::primitives::UnixMillis(ahead);
            block.header.nonce = n;
        });
        bench.frame(peer(1), &early);
    }
    assert_eq!(bench.node.gossip.early_len(), MAX_EARLY);
    bench.run(700_000);
    assert_eq!(bench.node.gossip.early_len(), 0);
}

#[test]
fn a_peer_and_all_peers_have_so_many_reads_at_a_time() {
    let mut bench = with_blocks_in_store(1);
    let hashes = vec![bench.node.chain.tip()];
    let reads = |bench: &Bench| bench.node.reads.count(|read| matches!(read, Read::Peer { .. }));
    for n in 1..=u32::try_from(MAX_SERVING / MAX_SERVING_PER_PEER).unwrap() + 2 {
        bench.join(peer(n));
        for request in 0..10 {
            bench.frame(peer(n), &Message::GetBlocks { request, hashes: hashes.clone() });
        }
        let most = usize::try_from(n).unwrap() * MAX_SERVING_PER_PEER;
        assert_eq!(reads(&bench), most.min(MAX_SERVING));
    }
    let refused = answers(&mut bench);
    assert!(
        refused.iter().all(|m| matches!(m, Message::Blocks { blocks, .. } if blocks.is_empty()))
    );
    // And they end: the node serves on.
    for load in 0..u64::try_from(MAX_SERVING).unwrap() {
        bench.input(Input::Loaded { load, blocks: vec![None] });
    }
    assert_eq!(reads(&bench), 0);
}

#[test]
fn a_page_has_so_many_reads_at_a_time() {
    let mut bench = with_blocks_in_store(1);
    for request in 0..u32::try_from(MAX_READING).unwrap() + 10 {
        let command = NodeCommand::GetBlocks { from: None, count: 1 };
        bench.input(Input::Command { request, command });
    }
    assert_eq!(replies(&mut bench), vec![ApiError::Busy; 10]);
}

#[test]
fn so_many_entries_wait_for_the_store_at_a_time() {
    let floor = Difficulty::from_hashes(1 << 20);
    let spec = Spec::new("slow store", Consensus::Work { floor, target: 1_000 }, 0).unwrap();
    let mut bench = Bench::new(spec);
    bench.stores = false;
    for n in 0..MAX_ACCEPTING + 10 {
        bench.add(&format!("entry {n}"));
    }
    assert_eq!(replies(&mut bench), vec![ApiError::MempoolFull; 10]);
}

#[test]
fn so_many_providers_are_remembered() {
    let mut bench = Bench::new(room());
    for n in 0..u32::try_from(MAX_PROVIDERS).unwrap() + 10 {
        bench.node.sync.provided(Hash::of(&n.to_be_bytes()), peer(1));
    }
    assert_eq!(bench.node.sync.provider(&Hash::of(&0_u32.to_be_bytes())), None);
    assert_eq!(bench.node.sync.provider(&Hash::of(&10_u32.to_be_bytes())), Some(peer(1)));
}

#[test]
fn so_many_bytes_of_blocks_above_a_damaged_record_are_kept() {
    let mut bench = Bench::new(room());
    for n in 0..40_u32 {
        let (hash, previous) = (Hash::of(&n.to_be_bytes()), Hash::of(&n.to_le_bytes()));
        bench.node.sync.keep_cut_off(hash, previous, vec![0; 1024 * 1024]);
    }
    let name = "blocks above a damaged record, bytes";
    let gauge = bench.node.gauges().find(|gauge| gauge.name == name).unwrap();
    assert_eq!((gauge.used, gauge.limit), (MAX_CUT_OFF, MAX_CUT_OFF));
}

/// Blocks of a room's chain, one on the other, each with so many entries of a size.
pub(super) fn blocks_of(spec: Spec, blocks: u32, entries: u8, size: usize) -> Vec<Vec<u8>> {
    let mut chain = Chain::new(spec);
    let author = Keypair::from_seed([9; 32]);
    let mut made = Vec::new();
    for height in 0..blocks {
        for n in 0..entries {
            let body = Body::Data { media_type: "x/y".to_owned(), bytes: vec![n; size] };
            let content = Content {
                chain: chain.id(),
                author: author.public(),
                timestamp: UnixMillis(height.into()),
                salt: [n; 16],
                body,
            };
            chain.insert_transaction(Transaction::sign(content, &author)).unwrap();
        }
        let block = chain.template(author.public(), UnixMillis(super::EPOCH)).unwrap().encode();
        chain.insert_blocks(vec![block.clone()], Trust::Store, UnixMillis(u64::MAX));
        while chain.advance() != Advance::Done {}
        made.push(block);
    }
    assert_eq!(chain.height(), blocks);
    made
}

#[test]
fn a_store_that_does_not_answer_bounds_what_announced_blocks_put_on_the_way_to_it() {
    let mut bench = Bench::new(room());
    bench.join(peer(1));
    bench.stores = false;
    let blocks = blocks_of(room(), 80, 15, MAX_DATA);
    for block in blocks {
        bench.frame(peer(1), &Message::Block { block });
    }
    let bytes = bench.node.storing.queued();
    assert!((MAX_STORING..MAX_STORING + MAX_BLOCK).contains(&bytes), "{bytes}");
    let height = bench.node.chain.height();
    assert!(height < 80 && bench.node.chain.tree().len() == usize::try_from(height).unwrap() + 1);
}

/// The batches that go to the store, each with how many packs are in it.
fn packs(bench: &mut Bench) -> Vec<(u64, u32)> {
    let is_pack = |change: &&Change| matches!(change, Change::PutPack { .. });
    bench.taken(|output| match output {
        Output::Store { store, changes } => {
            Some((store, u32::try_from(changes.iter().filter(is_pack).count()).unwrap()))
        }
        _ => None,
    })
}

#[test]
fn a_store_that_does_not_answer_bounds_the_packs_on_their_way_to_it() {
    const BLOCKS: u32 = 24;
    const DEPTH: u32 = 2;
    let mut bench = Bench::new(room());
    bench.join(peer(1));
    for block in blocks_of(room(), BLOCKS, 15, MAX_DATA) {
        bench.frame(peer(1), &Message::Block { block });
    }
    assert_eq!(bench.node.storing.queued(), 0, "each is stored by itself");
    bench.taken(Some);
    // Each of these blocks is a pack, once the next one has come.
    let limits = PackLimits { blocks: 4, bytes: MAX_BLOCK, depth: DEPTH };
    bench.node = bench.node.with_packs(limits);
    bench.stores = false;
    bench.input(Input::Wakeup);
    let mut batches = packs(&mut bench);
    let bytes = bench.node.storing.queued();
    assert!((MAX_PACKING..MAX_PACKING + MAX_BLOCK).contains(&bytes), "{bytes}");
    let at_once: u32 = batches.iter().map(|(_, packs)| packs).sum();
    assert!(at_once < BLOCKS - DEPTH - 1, "{at_once} packs");
    // The store catches up: so do the packs.
    let mut all = 0;
    while let Some((store, packs_in_it)) = batches.pop() {
        all += packs_in_it;
        bench.input(Input::Stored { store });
        batches.extend(packs(&mut bench));
    }
    assert_eq!(all, BLOCKS - DEPTH - 1, "the last block that is deep enough waits for another");
}

#[test]
fn a_page_is_shown_so_many_blocks_and_entries_and_bytes_at_a_time() {
    let mut bench = Bench::new(room());
    bench.join(peer(1));
    let many = u8::try_from(MAX_ENTRIES_IN_VIEW + 20).unwrap();
    for block in blocks_of(room(), MAX_BLOCKS + 5, 1, 1) {
        bench.frame(peer(1), &Message::Block { block });
    }
    bench.taken(Some);
    let shown = |bench: &mut Bench| -> Vec<BlockView> {
        let command = NodeCommand::GetBlocks { from: None, count: u32::MAX };
        bench.input(Input::Command { request: 1, command });
        let views = bench.taken(|output| match output {
            Output::Reply { outcome: Ok(Outcome::Blocks(blocks)), .. } => Some(blocks),
            _ => None,
        });
        views.into_iter().flatten().collect()
    };
    assert_eq!(shown(&mut bench).len(), usize::try_from(MAX_BLOCKS).unwrap());

    let mut bench = Bench::new(room());
    bench.join(peer(1));
    for block in blocks_of(room(), 1, many, MAX_PREVIEW + 1) {
        bench.frame(peer(1), &Message::Block { block });
    }
    bench.taken(Some);
    let shown = shown(&mut bench);
    assert_eq!(shown[0].entry_count, u32::from(many));
    assert_eq!(shown[0].entries.len(), MAX_ENTRIES_IN_VIEW);
    let EntryKind::Data { bytes, .. } = &shown[0].entries[0].kind else { panic!("{shown:?}") };
    assert_eq!(bytes.len(), MAX_PREVIEW);
}
