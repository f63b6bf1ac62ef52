//! Rooms whose members seal: each rule of them, and that a seal goes where its header goes.

use super::forge::{
    Forge, NOW, PATIENCE, START, adopt, authority_spec, block_in, data, finish, give, keypair,
    open_spec, public, settle, transfer, work_spec,
};
use crate::chain::authority::seal;
use crate::chain::block::{Block, Header};
use crate::chain::pack::{self, PackFault, Summary};
use crate::chain::proof::{Proof, ProofError};
use crate::chain::spec::{Consensus, Spec, Writers};
use crate::chain::transaction::{Transaction, TransactionFault};
use crate::chain::validate::Validator;
use crate::chain::verify::BlockFault;
use crate::chain::{BlockVerdict, Chain, TransactionRefusal, Trust};
use crate::primitives::{Difficulty, Hash, PublicKey, Signature, UnixMillis};

/// Three members, whose keys are those of 1 to 3 in some order.
fn spec() -> Spec {
    authority_spec(1..4, Writers::Anyone)
}

/// The member at a place, counted from whose turn it is at a height.
fn member_at(spec: &Spec, height: u32, place: usize) -> u8 {
    let authority = spec.authority().unwrap();
    let index = (authority.turn(height) + place) % authority.members().len();
    (0..=u8::MAX).find(|n| public(*n) == authority.members()[index]).unwrap()
}

/// A chain in which each member has sealed in turn, an entry in each block.
fn chain_of(spec: &Spec, length: u32) -> (Forge, Vec<Block>) {
    let mut forge = Forge::new(spec.clone());
    let mut blocks: Vec<Block> = Vec::new();
    for height in 1..=length {
        let parent = blocks.last().map_or(forge.id, |block| block.header.hash());
        let entry = forge.entry(1);
        blocks.push(forge.block(parent, member_at(spec, height, 0), vec![entry]));
    }
    (forge, blocks)
}

/// The verdict on a block upon two good ones, as the node and the full check give it.
fn verdict(spec: &Spec, block: &Block) -> &'static str {
    let (_, blocks) = chain_of(spec, 2);
    let mut chain = Chain::new(spec.clone());
    adopt(&mut chain, &blocks);
    let [given] = &give(&mut chain, std::slice::from_ref(block))[..] else { panic!("one block") };
    let mut validator = Validator::new(spec.clone());
    for block in &blocks {
        validator.push(&block.encode(), None).unwrap();
    }
    let checked = validator.push(&block.encode(), None);
    match (given, checked) {
        (BlockVerdict::Inserted, Ok(())) => "",
        (BlockVerdict::Invalid(fault), Err(other)) => {
            assert_eq!(*fault, other);
            fault.code()
        }
        other => panic!("{other:?}"),
    }
}

/// A block upon two good ones by the member who comes so many places after whose turn it is.
fn third(spec: &Spec, place: usize, entries: Vec<Transaction>) -> (u8, Block) {
    let (mut forge, blocks) = chain_of(spec, 2);
    let member = member_at(spec, 3, place);
    (member, forge.block(blocks[1].header.hash(), member, entries))
}

#[test]
fn any_member_may_seal_and_the_one_whose_turn_it_is_weighs_double() {
    let spec = spec();
    for place in 0..3 {
        let (_, block) = third(&spec, place, Vec::new());
        assert_eq!(verdict(&spec, &block), "");
        let weight = if place == 0 { 2 } else { 1 };
        assert_eq!(block.header.difficulty.hashes(), weight);
    }
    // One member alone: always in turn.
    let alone = authority_spec(1..2, Writers::Anyone);
    let (_, blocks) = chain_of(&alone, 4);
    assert!(blocks.iter().all(|block| block.header.difficulty.hashes() == 2));
    let mut chain = Chain::new(alone);
    adopt(&mut chain, &blocks);
    assert_eq!(chain.tip_rank().work, 8);
}

#[test]
fn each_rule_of_sealing_is_named() {
    let spec = spec();
    let changed = |place: usize, change: &dyn Fn(&mut Block)| {
        let (member, mut block) = third(&spec, place, Vec::new());
        change(&mut block);
        finish(&spec, block, member)
    };
    let none = changed(0, &|block| block.header.nonce = 3);
    assert_eq!(verdict(&spec, &none), "sealer");
    let most = changed(0, &|block| block.header.nonce = u32::MAX);
    assert_eq!(verdict(&spec, &most), "sealer");
    for hashes in [1, 3] {
        let weight = Difficulty::from_hashes(hashes);
        let block = changed(0, &|block| block.header.difficulty = weight);
        assert_eq!(verdict(&spec, &block), "difficulty");
    }
    let heavy = changed(1, &|block| block.header.difficulty = Difficulty::from_hashes(2));
    assert_eq!(verdict(&spec, &heavy), "difficulty");
    // Another member's place with one's own seal.
    let other = changed(0, &|block| {
        block.header.nonce = (block.header.nonce + 1) % 3;
        block.header.difficulty = Difficulty::from_hashes(1);
    });
    assert_eq!(verdict(&spec, &other), "seal");
    // The reward is the sealer's.
    let thief = changed(0, &|block| {
        let (height, time) = (block.header.height, block.header.timestamp);
        let chain = block.transactions[0].content().chain;
        block.transactions[0] = Transaction::coinbase(chain, public(9), 50, height, time);
    });
    assert_eq!(verdict(&spec, &thief), "reward");
}

#[test]
fn out_of_turn_a_block_is_patience_later_than_the_one_before_it() {
    let spec = spec();
    let (forge, blocks) = chain_of(&spec, 2);
    let before = blocks[1].header.timestamp;
    for (place, later, code) in [
        (0, 1, ""),
        (1, u64::from(PATIENCE) - 1, "patience"),
        (2, 1, "patience"),
        (1, u64::from(PATIENCE), ""),
    ] {
        let member = member_at(&spec, 3, place);
        let mut tree = crate::chain::tree::Tree::new(spec.clone());
        for block in &blocks {
            tree.insert(&block.header).unwrap();
        }
        let context = tree.context(blocks[1].header.hash()).unwrap();
        let mut block = block_in(&spec, &context, member, START, Vec::new());
        block.header.timestamp = before.after(later);
        block.transactions[0] =
            Transaction::coinbase(forge.id, public(member), 50, 3, block.header.timestamp);
        assert_eq!(verdict(&spec, &finish(&spec, block, member)), code, "{place} {later}");
    }
}

#[test]
fn a_strangers_seal_none_and_any_other_signature_are_refused_and_the_right_one_is_taken() {
    let spec = spec();
    let (member, block) = third(&spec, 0, Vec::new());
    let right = block.header.seal.unwrap();
    let hash = block.header.hash();
    let mut flipped = *right.as_bytes();
    flipped[3] ^= 1;
    let wrong = [
        None,
        Some(Signature::EMPTY),
        Some(Signature::from_bytes(flipped)),
        Some(seal(&hash, &keypair(9))),
        // The hash alone, without the seal's domain.
        Some(keypair(member).sign(hash.as_bytes())),
        Some(seal(&block.header.previous_hash, &keypair(member))),
    ];
    let (_, blocks) = chain_of(&spec, 2);
    let mut chain = Chain::new(spec.clone());
    adopt(&mut chain, &blocks);
    for seal in wrong {
        let mut forged = block.clone();
        forged.header.seal = seal;
        assert_eq!(verdict(&spec, &forged), "seal");
        let invalid = BlockVerdict::Invalid(BlockFault::Seal);
        assert_eq!(give(&mut chain, std::slice::from_ref(&forged)), [invalid]);
        let header = chain.insert_header(&forged.header, NOW);
        assert_eq!(header, Err(BlockFault::Seal));
        assert!(!chain.tree().contains(&hash));
    }
    // No forged copy keeps the block itself out.
    adopt(&mut chain, std::slice::from_ref(&block));
    assert_eq!(chain.tip(), hash);
    // Nor does one in the same call.
    let mut chain = Chain::new(spec);
    adopt(&mut chain, &blocks);
    let mut forged = block.clone();
    forged.header.seal = Some(Signature::EMPTY);
    let verdicts = give(&mut chain, &[forged, block]);
    assert_eq!(verdicts, [BlockVerdict::Invalid(BlockFault::Seal), BlockVerdict::Inserted]);
}

#[test]
fn a_seal_in_a_room_without_members_is_refused() {
    for spec in [work_spec(), open_spec()] {
        let mut forge = Forge::new(spec.clone());
        let block = forge.block(forge.id, 1, Vec::new());
        let sealed = block.clone().sealed_by(&keypair(1));
        let mut chain = Chain::new(spec.clone());
        let refused = [BlockVerdict::Invalid(BlockFault::Seal)];
        assert_eq!(give(&mut chain, std::slice::from_ref(&sealed)), refused);
        let checked = Validator::new(spec).push(&sealed.encode(), None);
        assert_eq!(checked, Err(BlockFault::Seal));
        // Where the header came first, too; and the block is none the worse for it.
        chain.insert_header(&block.header, NOW).unwrap();
        assert_eq!(give(&mut chain, &[sealed]), refused);
        adopt(&mut chain, &[block]);
    }
}

/// A batch of which some are wrong: each is told, and the others are not blamed.
#[test]
fn of_many_blocks_only_those_with_a_forged_seal_are_refused() {
    let spec = spec();
    let (_, blocks) = chain_of(&spec, 6);
    let mut forged = blocks.clone();
    forged[4].header.seal = Some(Signature::EMPTY);
    let mut chain = Chain::new(spec);
    let verdicts = give(&mut chain, &forged);
    assert!(verdicts[..4].iter().all(|verdict| *verdict == BlockVerdict::Inserted));
    assert_eq!(verdicts[4], BlockVerdict::Invalid(BlockFault::Seal));
    assert_eq!(verdicts[5], BlockVerdict::Orphan);
    settle(&mut chain);
    assert_eq!(chain.height(), 4);
    adopt(&mut chain, &blocks[4..]);
    assert_eq!(chain.height(), 6);
}

/// A member can make several signatures that fit. A node keeps the one that came first, so
/// that header and block never disagree. (With a key of small order anybody can, by ZIP-215.)
#[test]
fn a_block_gets_the_seal_that_its_header_came_with() {
    let [key, order_2] = ["01", "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"]
        .map(|hex| PublicKey::parse(&format!("{hex:0<64}")).unwrap());
    let seal_with = |r: PublicKey| {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(r.as_bytes());
        Some(Signature::from_bytes(bytes))
    };
    let members =
        Consensus::Authority { members: vec![key], patience: PATIENCE, writers: Writers::Anyone };
    let mut chain = Chain::new(Spec::new("t", members, 50).unwrap());
    let mut block = chain.empty_template(key, NOW).unwrap();
    block.header.seal = seal_with(key);
    let other = Header { seal: seal_with(order_2), ..block.header.clone() };
    chain.insert_header(&other, NOW).unwrap();
    adopt(&mut chain, std::slice::from_ref(&block));
    let body = chain.body(&block.header.hash()).unwrap();
    assert_eq!(body.block.header.seal, other.seal);
    assert_eq!(Block::decode(&body.bytes).as_ref(), Ok(&body.block));
    // From the store the block comes back with that one, or it is damaged.
    let (hash, bytes) = (block.header.hash(), body.bytes.clone());
    chain.forget_bodies();
    assert!(chain.body_loaded(&hash, Some(bytes)));
    chain.forget_bodies();
    assert!(!chain.body_loaded(&hash, Some(block.encode())));
}

#[test]
fn only_members_may_write_where_the_spec_says_so() {
    let closed = authority_spec(1..4, Writers::Members);
    let id = crate::chain::genesis_hash(&closed);
    for (author, code) in [(1, ""), (3, ""), (4, "transaction-writer")] {
        let (_, block) = third(&closed, 0, vec![data(id, author, 7, 5)]);
        assert_eq!(verdict(&closed, &block), code);
    }
    let (_, block) = third(&closed, 0, vec![transfer(id, 4, 8, 1, 1)]);
    assert_eq!(verdict(&closed, &block), "transaction-writer");
    let mut chain = Chain::new(closed);
    let stranger = data(id, 4, 7, 5);
    let refused = Err(TransactionRefusal::Invalid(TransactionFault::Writer));
    assert_eq!(chain.check_transaction(&stranger), refused);
    assert_eq!(chain.insert_transaction(stranger.clone()), refused);
    assert!(chain.mempool().is_empty());
    assert_eq!(chain.insert_transaction(data(id, 1, 7, 5)), Ok(()));
    // Coins of a stranger, who got them from a member, stay where they are.
    let (mut forge, blocks) = chain_of(chain.spec(), 1);
    let gift = transfer(id, member_at(chain.spec(), 1, 0), 20, 4, 10);
    let gift = forge.block(blocks[0].header.hash(), member_at(chain.spec(), 2, 0), vec![gift]);
    adopt(&mut chain, &blocks);
    adopt(&mut chain, &[gift]);
    assert_eq!(chain.ledger().balance(&public(4)), 10);
    assert_eq!(chain.insert_transaction(transfer(id, 4, 21, 1, 5)), refused);
    // Anybody may, where it does not.
    let mut open = Chain::new(spec());
    let entry = data(open.id(), 4, 7, 5);
    assert_eq!(open.insert_transaction(entry), Ok(()));
}

#[test]
fn a_template_is_the_members_own_and_a_stranger_gets_none() {
    let spec = spec();
    let (_, blocks) = chain_of(&spec, 2);
    let mut chain = Chain::new(spec.clone());
    adopt(&mut chain, &blocks);
    let entry = data(chain.id(), 7, 1, 5);
    chain.insert_transaction(entry).unwrap();
    assert_eq!(chain.template(public(7), NOW), None);
    for place in 0..3 {
        let member = member_at(&spec, 3, place);
        // A clock that is behind: the rules are kept all the same.
        let template = chain.template(public(member), UnixMillis(START)).unwrap();
        let block = template.sealed_by(&keypair(member));
        assert_eq!(verdict(&spec, &block), "");
        adopt(&mut chain.clone(), &[block]);
    }
}

#[test]
fn a_damaged_seal_in_the_store_is_noticed() {
    let spec = spec();
    let (_, blocks) = chain_of(&spec, 3);
    let mut chain = Chain::new(spec.clone());
    adopt(&mut chain, &blocks);
    let hash = blocks[1].header.hash();
    let mut bytes = blocks[1].encode();
    let seal = bytes.windows(64).position(|at| at == blocks[1].header.seal.unwrap().as_bytes());
    bytes[seal.unwrap() + 10] ^= 4;
    chain.forget_bodies();
    assert!(chain.body_loaded(&hash, Some(blocks[1].encode())));
    chain.forget_bodies();
    assert!(!chain.body_loaded(&hash, Some(bytes.clone())));
    // At the start, when nothing is known of the block yet.
    let mut chain = Chain::new(spec);
    let verdicts = chain.insert_blocks(vec![blocks[0].encode(), bytes], Trust::Store, NOW);
    assert_eq!(verdicts[1].1, BlockVerdict::Invalid(BlockFault::Seal));
}

/// In packs and their summaries, and from there into the tree again.
#[test]
fn seals_come_through_packs_and_summaries() {
    let spec = spec();
    let (_, blocks) = chain_of(&spec, 9);
    let encoded: Vec<Vec<u8>> = blocks.iter().map(Block::encode).collect();
    let bytes = pack::join(encoded.iter().map(Vec::as_slice));
    assert!(pack::split(1, &bytes).eq(encoded.iter().map(Vec::as_slice)));
    for (block, height) in encoded.iter().zip(1..) {
        assert_eq!(pack::find_block(1, &bytes, height), Some(&block[..]));
    }
    // Behind one whose length is lost the next is found.
    let mut damaged = bytes.clone();
    damaged[encoded[0].len()] ^= 0x20;
    assert_eq!(pack::split(1, &damaged).nth(2), Some(&encoded[2][..]));
    let summary = Summary::of_pack(1, &bytes).unwrap();
    let read = Summary::decode(&summary.encode()).unwrap();
    assert_eq!(read, summary);
    let mut chain = Chain::new(spec.clone());
    chain.restore_pack(&read).unwrap();
    assert_eq!(chain.height(), 9);
    for block in &blocks {
        assert_eq!(chain.tree().header(&block.header.hash()).as_ref(), Some(&block.header));
        assert!(chain.body_loaded(&block.header.hash(), Some(block.encode())));
    }
    // A summary that lost them is none of this room.
    let mut bare = summary;
    for block in &mut bare.blocks {
        block.header.seal = None;
    }
    let bare = Summary::decode(&bare.encode()).unwrap();
    let refused = Chain::new(spec).restore_pack(&bare);
    assert_eq!(refused, Err(PackFault::Header(BlockFault::Seal)));
}

/// A change of one thing in a proof.
type Change = fn(&mut Proof);

#[test]
fn a_proof_holds_by_the_seals_of_members_only() {
    let spec = authority_spec(1..4, Writers::Members);
    let (_, blocks) = chain_of(&spec, 5);
    let mut chain = Chain::new(spec);
    adopt(&mut chain, &blocks);
    let entry = blocks[1].entries().next().unwrap();
    let proof = chain.prove(&entry.id()).unwrap();
    for read in [Proof::read(&proof.encode()), Proof::read(proof.to_json().as_bytes())] {
        let read = read.unwrap();
        assert_eq!(read, proof);
        assert_eq!(read.check().unwrap().confirmations, 4);
    }
    let changes: [(Change, u32); 6] = [
        (|proof| proof.tip.seal = None, 5),
        (|proof| proof.block.seal = None, 2),
        (|proof| proof.tip.seal = Some(Signature::EMPTY), 5),
        (|proof| proof.block.seal = proof.tip.seal, 2),
        (|proof| proof.tip.nonce = 7, 5),
        // Made up by a stranger.
        (|proof| proof.tip.seal = Some(seal(&proof.tip.hash(), &keypair(9))), 5),
    ];
    for (change, height) in changes {
        let mut forged = proof.clone();
        change(&mut forged);
        assert_eq!(forged.check(), Err(ProofError::Seal(height)));
    }
    // A member's seal under a stranger's entry.
    let mut forged = proof;
    forged.entry = data(chain.id(), 8, 1, 5);
    assert_eq!(forged.check(), Err(ProofError::Entry(TransactionFault::Writer)));
}

/// 64 more than in other rooms.
#[test]
fn a_header_takes_less_than_264_bytes_seal_included() {
    for length in [1_000_usize, 15_000] {
        let spec = authority_spec(1..2, Writers::Anyone);
        let mut chain = Chain::new(spec.clone());
        for n in 0..length {
            let context = chain.next_context().unwrap();
            let mut header = context.template(&spec, Hash::of(&n.to_be_bytes()), UnixMillis(0));
            let before = context.recent.last().unwrap().timestamp;
            spec.authority().unwrap().prepare(&mut header, 0, before);
            // No matter which: it is not looked at here.
            header.seal = Some(Signature::EMPTY);
            let hash = header.hash();
            assert_eq!(chain.insert_header_as(hash, &header, NOW), Ok(BlockVerdict::Inserted));
            chain.take_for_main(hash);
        }
        let allocated = chain.allocated();
        assert!(allocated <= 264 * length, "{allocated} bytes for {length} headers");
    }
}
