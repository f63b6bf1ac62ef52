//! Rooms whose members seal in turn.

use std::collections::{BTreeMap, BTreeSet};

use chain_wasm::api::{ApiError, AuthorityView, Event};
use chain_wasm::chain::Chain;
use chain_wasm::chain::authority::seal;
use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::{Spec, Writers};
use chain_wasm::node::{Input, NodeCommand};
use chain_wasm::primitives::{Hash, Keypair, PublicKey, Seed, Signature};
use chain_wasm::wire::{Message, Status};

use super::forgery::{data, mine};
use super::stranger::{node_chain, status_of, stranger, tell};
use super::tab::{Crash, seed_of};
use super::world::{EPOCH, World, key_of};

/// Members and strangers; anybody may write.
fn room(members: usize, strangers: usize, seed: u64) -> World {
    World::new(members + strangers, World::of_members(members, Writers::Anyone), seed)
}

fn blocks(world: &World, tab: usize) -> Vec<Block> {
    let chain = node_chain(world, tab);
    let hashes = (1..=chain.height()).filter_map(|height| chain.hash_at(height));
    hashes.map(|hash| chain.body(&hash).unwrap().block.clone()).collect()
}

/// What a tab was told of the members last.
fn told(world: &World, tab: usize) -> AuthorityView {
    let mut events = world.tabs[tab].events.iter().rev();
    let found = events.find_map(|event| match event {
        Event::Authority(view) => Some(view.clone()),
        _ => None,
    });
    found.unwrap_or_else(|| world.tabs[tab].node.as_ref().unwrap().view().authority.unwrap())
}

/// No member has sealed two blocks on one predecessor, of all that anybody has stored or
/// knows.
#[track_caller]
fn check_no_double_seal(world: &World) {
    let mut sealed: BTreeMap<(u32, Hash), BTreeSet<Hash>> = BTreeMap::new();
    for bytes in world.tabs.iter().flat_map(|tab| tab.store.all_blocks()) {
        let header = Block::decode(&bytes).unwrap().header;
        let on = sealed.entry((header.nonce, header.previous_hash)).or_default();
        on.insert(header.hash());
        assert_eq!(on.len(), 1, "member {} sealed twice at {}", header.nonce, header.height);
    }
    for node in world.tabs.iter().filter_map(|tab| tab.node.as_ref()) {
        let pairs = node.chain().double_seals();
        assert!(!pairs.iter().any(chain_wasm::chain::DoubleSeal::on_one_predecessor), "{pairs:?}");
    }
}

#[test]
fn members_seal_everybodys_entries_in_turn_and_at_once() {
    let mut world = room(3, 2, 1);
    for n in 0..20 {
        let before = world.now;
        world.add_entry(n % 5, &format!("entry {n}"));
        world.settle_and_check(2_000);
        assert!(world.now - before <= 600, "{} ms", world.now - before);
        world.run(300);
    }
    let blocks = blocks(&world, 4);
    assert_eq!(blocks.len(), 20);
    assert!(blocks.iter().all(|block| block.header.difficulty.hashes() == 2), "in turn");
    let sealers: BTreeSet<PublicKey> = blocks.iter().filter_map(Block::miner).collect();
    assert_eq!(sealers, (0..3).map(key_of).collect());
    check_no_double_seal(&world);
    world.check_nobody_blamed();
    // Everybody knows who is here, whose turn it is, and which tab is its own.
    let view = told(&world, 1);
    assert_eq!(view.members.iter().filter(|member| member.here).count(), 3);
    assert!(view.is_member() && !told(&world, 4).is_member());
    assert_eq!(usize::try_from(view.turn), Ok(21 % 3));
}

#[test]
fn a_burst_of_entries_comes_in_few_blocks() {
    for seed in 1..=5 {
        let mut world = room(3, 3, seed);
        for n in 0..200 {
            world.add_entry(n % 6, &format!("entry {n}"));
            world.run(5);
        }
        world.settle_and_check(30_000);
        assert_eq!(world.accepted.len(), 200);
        let height = node_chain(&world, 0).height();
        assert!(height < 60, "{height} blocks");
        check_no_double_seal(&world);
        world.check_nobody_blamed();
    }
}

#[test]
fn any_one_member_goes_on_alone_as_quickly_as_patience_lets_it() {
    for left in 0..3 {
        let mut world = room(3, 2, 2);
        world.add_entry(3, "while all are here");
        world.settle_and_check(10_000);
        for tab in (0..3).filter(|tab| *tab != left) {
            world.crash(tab);
        }
        let before = world.now;
        for n in 0..30 {
            world.add_entry(3 + n % 2, &format!("entry {n}"));
            world.run(200);
        }
        world.settle_and_check(30_000);
        assert_eq!(world.accepted.len(), 31);
        let blocks = blocks(&world, left);
        for pair in blocks.windows(2) {
            let [first, second] = pair else { continue };
            let waited = second.header.timestamp.0 - first.header.timestamp.0;
            assert!(waited >= 500 || second.header.difficulty.hashes() == 2);
        }
        assert!(u64::try_from(blocks.len()).unwrap() <= 2 + (world.now - before) / 300);
        check_no_double_seal(&world);
        world.check_nobody_blamed();
    }
}

#[test]
fn the_only_member_of_a_room_seals_by_itself_without_a_relay() {
    let mut world = room(1, 1, 3);
    world.cut(0);
    world.add_entry(0, "alone");
    world.run_until(1_000, "sealed", |world| node_chain(world, 0).height() == 1);
    // A stranger's entries wait for as long as no member is there, and are kept.
    world.add_entry(1, "a stranger's");
    world.run(60_000);
    assert_eq!(node_chain(&world, 1).height(), 0);
    assert_eq!(node_chain(&world, 1).mempool().len(), 1);
    world.restart(1);
    world.join(0, 0);
    world.settle_and_check(20_000);
    assert_eq!(world.accepted.len(), 2);
    world.check_nobody_blamed();
}

/// It is here, says its status, and does nothing.
#[test]
fn a_member_that_sleeps_is_waited_for_no_longer_than_patience() {
    let mut world = room(3, 1, 4);
    world.run(1_000);
    world.tabs[0].throttle = Some(60_000);
    for n in 0..9 {
        let before = world.now;
        world.add_entry(3, &format!("entry {n}"));
        world.run_until(5_000, "in a block", |world| {
            let ledger = node_chain(world, 3).ledger();
            world.accepted.iter().all(|id| ledger.height_of(id).is_some())
        });
        assert!(world.now - before <= 1_500, "{} ms", world.now - before);
        world.run(700);
    }
    world.settle_and_check(200_000);
    check_no_double_seal(&world);
    world.check_nobody_blamed();
}

#[test]
fn sides_of_a_cut_with_members_on_both_heal_and_keep_every_entry() {
    for seed in 1..=25 {
        let mut world = room(3, 3, seed);
        for tab in [2, 4, 5] {
            world.join(tab, 1);
        }
        for n in 0..24 {
            world.add_entry(n % 6, &format!("entry {n}"));
            world.run(300);
        }
        for tab in [2, 4, 5] {
            world.join(tab, 0);
        }
        world.settle_and_check(120_000);
        assert_eq!(world.accepted.len(), 24);
        check_no_double_seal(&world);
        world.check_nobody_blamed();
    }
}

/// Members end at each batch in turn: what they have sealed they know afterwards.
#[test]
fn members_that_crash_at_any_batch_lose_nothing_and_never_seal_twice() {
    for crash in [Crash::Before, Crash::Torn, Crash::After] {
        for batch in 1..=14 {
            let mut world = room(3, 1, batch);
            for tab in 0..3 {
                world.tabs[tab].crash = crash;
                world.tabs[tab].crash_after = Some(batch);
                world.tabs[tab].crash_pause = 1_500 * u64::try_from(tab % 2).unwrap();
            }
            for n in 0..14 {
                let tab = n % 4;
                if world.tabs[tab].node.is_some() {
                    world.add_entry(tab, &format!("entry {n}"));
                }
                world.run(400);
            }
            world.run(2_000);
            world.settle_and_check(120_000);
            // A store that tears a batch is not as good as its word.
            if crash != Crash::Torn {
                check_no_double_seal(&world);
            }
            world.check_nobody_blamed();
        }
    }
}

#[test]
fn members_whose_disks_are_full_go_on_in_memory() {
    for after in 0..12 {
        let mut world = room(3, 1, after);
        for n in 0..10 {
            for tab in 0..3 {
                if world.tabs[tab].store.done >= after {
                    world.tabs[tab].disk_full = true;
                }
            }
            world.add_entry(n % 4, &format!("entry {n}"));
            world.run(500);
        }
        world.settle_and_check(60_000);
        check_no_double_seal(&world);
        world.check_nobody_blamed();
    }
}

#[test]
fn damaged_records_of_a_member_are_fetched_again() {
    for seed in 1..=25 {
        let mut world = room(2, 1, seed);
        for n in 0..15 {
            world.add_entry(n % 3, &format!("entry {n}"));
            world.run(600);
        }
        world.settle_and_check(60_000);
        world.crash(1);
        let mut restored = world.tabs[1].store.crash(&world.spec);
        let at = world.random_index(restored.blocks.len());
        // Any byte, one of its seal among them.
        let byte = world.random_index(restored.blocks[at].len().min(200));
        restored.blocks[at][byte] ^= 0x10;
        world.start_with(1, restored);
        world.join(1, 0);
        world.settle_and_check(60_000);
        world.check_nobody_blamed();
    }
}

#[test]
fn a_stranger_may_not_write_where_only_members_may() {
    let mut world = World::new(3, World::of_members(2, Writers::Members), 5);
    world.add_entry(2, "not mine to write");
    world.command(2, NodeCommand::Transfer { to: key_of(0), amount: 1 });
    let replies = std::mem::take(&mut world.tabs[2].replies);
    let poor = Err(ApiError::InsufficientBalance { balance: 0 });
    assert_eq!(replies, [Err(ApiError::NotAMember), poor]);
    world.add_entry(0, "a member's");
    world.settle_and_check(10_000);
    // One who has coins may not send them on.
    world.command(0, NodeCommand::Transfer { to: key_of(2), amount: 5 });
    world.settle_and_check(10_000);
    world.tabs[2].replies.clear();
    world.command(2, NodeCommand::Transfer { to: key_of(0), amount: 5 });
    assert_eq!(world.tabs[2].replies, [Err(ApiError::NotAMember)]);
    // Who sends one all the same is not listened to any more.
    world.strangers.insert(stranger(), Vec::new());
    let status = status_of(&Chain::new(world.spec.clone()));
    world.input(0, Input::PeerJoined { peer: stranger(), status });
    let chain = node_chain(&world, 0).id();
    let entry = data(chain, &Keypair::from_seed([77; 32]), 1, 5);
    tell(&mut world, 0, &Message::Transactions { transactions: vec![entry.encode().into()] });
    assert!(world.tabs[0].node.as_ref().unwrap().chain().mempool().is_empty());
    let view = world.tabs[0].node.as_ref().unwrap().view();
    assert!(view.peers.iter().any(|peer| peer.peer == stranger() && peer.fault.is_some()));
}

/// The member's key is all it takes, from the moment at which it is there.
#[test]
fn a_stranger_that_imports_a_members_key_seals_at_once() {
    let mut world = World::new(3, World::of_members(1, Writers::Members), 6);
    world.crash(0);
    world.add_entry(1, "too soon");
    assert_eq!(world.tabs[1].replies.pop(), Some(Err(ApiError::NotAMember)));
    world.command(1, NodeCommand::ImportKey { seed: Seed(seed_of(1)) });
    world.run(1_000);
    world.add_entry(1, "as a member");
    world.settle_and_check(1_500);
    assert_eq!(blocks(&world, 2)[0].miner(), Some(key_of(0)));
    assert!(told(&world, 1).is_member() && !told(&world, 2).is_member());
    world.check_nobody_blamed();
}

#[test]
fn two_tabs_with_one_key_do_not_seal_at_once() {
    for seed in 1..=10 {
        let mut world = room(1, 3, seed);
        for tab in 1..3 {
            world.command(tab, NodeCommand::ImportKey { seed: Seed(seed_of(1)) });
        }
        world.run(3_000);
        for n in 0..30 {
            world.add_entry(n % 4, &format!("entry {n}"));
            world.run(150);
        }
        world.settle_and_check(30_000);
        assert_eq!(world.accepted.len(), 30);
        check_no_double_seal(&world);
        world.check_nobody_blamed();
    }
}

/// A chain that a test extends as a member, on top of a tab's.
struct Member {
    pair: Keypair,
    chain: Chain,
}

impl Member {
    fn like(world: &World, tab: usize, key: usize) -> Self {
        let pair = Keypair::from_seed(seed_of(key + 1));
        Self { pair, chain: node_chain(world, tab).clone() }
    }

    /// A block with an entry of its own.
    fn block(&mut self, world: &World, salt: u64) -> Block {
        let mut chain = self.chain.clone();
        chain.insert_transaction(data(chain.id(), &self.pair, salt, 8)).unwrap();
        let now = chain_wasm::primitives::UnixMillis(EPOCH + world.now);
        chain.template(self.pair.public(), now).unwrap().sealed_by(&self.pair)
    }
}

/// Puts a peer into the room that the test plays.
fn meet(world: &mut World, tabs: std::ops::Range<usize>, chain: &Chain) {
    world.strangers.insert(stranger(), Vec::new());
    for tab in tabs {
        world.input(tab, Input::PeerJoined { peer: stranger(), status: status_of(chain) });
    }
}

#[test]
fn a_strangers_forged_blocks_and_headers_cost_it_its_standing() {
    for how in 0..4_u8 {
        let mut world = room(2, 1, 7);
        world.add_entry(0, "before");
        world.settle_and_check(10_000);
        // The member whose turn is not now is the one that is made out to have sealed.
        let mut member = Member::like(&world, 2, 0);
        let chain = member.chain.clone();
        meet(&mut world, 2..3, &chain);
        let mut block = member.block(&world, 9);
        let forger = Keypair::from_seed([66; 32]);
        let hash = block.header.hash();
        let tip = node_chain(&world, 2).tip();
        match how {
            0 => block.header.seal = None,
            1 => block.header.seal = Some(Signature::EMPTY),
            2 => block.header.seal = Some(seal(&hash, &forger)),
            _ => {
                // With all that a stranger can make fit.
                block.header.seal = None;
                mine(&world.spec, &mut block, &forger);
            }
        }
        if how == 1 {
            // As headers, in answer to the question that a greater claim leads to.
            let work = chain.tip_rank().work + 100;
            let status = Status::new(stranger(), hash, chain.height() + 1, work);
            let status = status.encode();
            world.input(2, Input::PeerStatus { peer: stranger(), status });
            let asked = world.asked(stranger());
            let Some(Message::GetHeaders { request, .. }) = asked.first() else { panic!() };
            let headers = vec![block.header.encode_sealed().into()];
            tell(&mut world, 2, &Message::Headers { request: *request, headers });
        } else {
            tell(&mut world, 2, &Message::Block { block: block.encode() });
        }
        assert_eq!(node_chain(&world, 2).tip(), tip);
        assert!(!node_chain(&world, 2).tree().contains(&hash));
        let view = world.tabs[2].node.as_ref().unwrap().view();
        let peer = view.peers.iter().find(|peer| peer.peer == stranger()).unwrap();
        assert!(peer.fault.is_some(), "{how}");
        // The member's own block is taken all the same, from whoever is honest.
        world.add_entry(2, "after");
        world.settle_and_check(10_000);
    }
}

#[test]
fn a_member_that_seals_twice_on_one_predecessor_is_shown_to_all_and_stops_nobody() {
    let mut world = room(2, 2, 8);
    world.crash(0);
    world.add_entry(3, "before");
    world.settle_and_check(20_000);
    let mut member = Member::like(&world, 1, 0);
    let chain = member.chain.clone();
    world.run(1_000);
    meet(&mut world, 1..4, &chain);
    let twins = [1, 2].map(|salt| member.block(&world, salt));
    assert_eq!(twins[0].header.previous_hash, twins[1].header.previous_hash);
    for tab in 1..4 {
        for block in &twins {
            tell(&mut world, tab, &Message::Block { block: block.encode() });
        }
    }
    world.run(1_000);
    for tab in 1..4 {
        let view = told(&world, tab);
        assert_eq!(view.double_seals.len(), 1, "{tab}");
        let seals = view.double_seals[0];
        assert!(seals.on_one_predecessor());
        assert_eq!(seals.member, key_of(0));
        let hashes: BTreeSet<Hash> = seals.blocks.into_iter().collect();
        assert_eq!(hashes, twins.iter().map(|block| block.header.hash()).collect());
    }
    // No rule is broken: it goes on being listened to, and the room goes on.
    world.add_entry(2, "after");
    world.settle_and_check(20_000);
    world.check_nobody_blamed();
    let ledger = node_chain(&world, 2).ledger();
    let held = twins.iter().flat_map(Block::entries);
    let confirmed = held.filter(|entry| ledger.height_of(&entry.id()).is_some()).count();
    assert_eq!(confirmed, 2, "what either of them held is in the chain");
    // And it is known again after a start.
    world.run(1_000);
    world.restart(2);
    world.run(500);
    assert_eq!(told(&world, 2).double_seals.len(), 1);
}

#[test]
fn a_newcomer_takes_a_long_chain_over_and_packs_its_seals() {
    let mut world = room(2, 1, 9);
    for n in 0..80 {
        world.add_entry(n % 3, &format!("entry {n}"));
        world.run(250);
    }
    world.settle_and_check(60_000);
    world.add_tab();
    world.settle_and_check(20_000);
    world.run(10_000);
    let tip = node_chain(&world, 3).tip();
    assert!(!world.tabs[3].store.packs.is_empty(), "nothing is packed");
    world.restart(3);
    assert_eq!(node_chain(&world, 3).tip(), tip);
    world.tabs[3].replies.clear();
    world.command(3, NodeCommand::Validate);
    world.run(2_000);
    let Some(Ok(chain_wasm::api::Outcome::Validation(report))) = world.tabs[3].replies.last()
    else {
        panic!("no report")
    };
    assert_eq!(report.fault, None);
    assert!(report.signatures > 80 + report.blocks / 2, "seals are checked, too");
    world.check_nobody_blamed();
}

/// One random fault, or the end of one.
fn random_fault(world: &mut World) {
    let tab = world.random_index(world.tabs.len());
    match world.random(10) {
        0 => world.cut(tab),
        1 => world.join(tab, 1),
        2 | 3 => world.join(tab, 0),
        4 => world.crash(tab),
        5 | 6 => world.restart(tab),
        7 => world.loss = world.random(300),
        8 => world.duplication = world.random(300),
        _ => world.restart_relay(0),
    }
}

#[test]
fn all_faults_at_once_lose_nothing_and_no_member_seals_twice() {
    for seed in 1..=40 {
        println!("seed {seed}");
        let writers = if seed % 2 == 0 { Writers::Anyone } else { Writers::Members };
        let spec: Spec = World::of_members(3, writers);
        let mut world = World::new(5, spec, seed);
        for n in 0..60 {
            let tab = world.random_index(if writers == Writers::Members { 3 } else { 5 });
            if world.tabs[tab].node.is_some() {
                world.add_entry(tab, &format!("entry {n}"));
            }
            if world.random(10) == 0 && world.tabs[tab].node.is_some() {
                world.command(tab, NodeCommand::Transfer { to: key_of((tab + 1) % 5), amount: 7 });
            }
            let pause = world.random(1_500);
            world.run(pause);
            if world.random(3) == 0 {
                random_fault(&mut world);
            }
        }
        world.loss = 0;
        world.duplication = 0;
        for tab in 0..5 {
            if world.tabs[tab].node.is_none() {
                world.restart(tab);
            }
            world.join(tab, 0);
        }
        world.settle_and_check(600_000);
        check_no_double_seal(&world);
        world.check_nobody_blamed();
    }
}
