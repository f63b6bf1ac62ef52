//! Proofs: what is in the chain is proven by a small file, and nothing else is.

use super::forge::{Forge, adopt, data, open_spec, seal, signed, work_spec};
use crate::chain::Chain;
use crate::chain::block::{Block, HEADER_SIZE};
use crate::chain::merkle::MAX_PATH;
use crate::chain::proof::{JsonError, MAX_JSON, MAX_PROOF, Proof, ProofError, ProveError, Proven};
use crate::chain::spec::{
    Consensus, MAX_MEMBERS, MAX_NAME, MAX_TARGET, Purpose, Spec, Terms, Writers,
};
use crate::chain::transaction::{Body, MAX_DATA, MAX_MEDIA_TYPE, Transaction, TransactionFault};
use crate::primitives::{Difficulty, Hash, PublicKey};
use crate::private::{self, EntryKey, Plain, RoomSecret};

/// A chain of so many blocks, the n-th with n % 5 entries.
fn chain(spec: Spec, length: usize) -> Chain {
    let mut forge = Forge::new(spec.clone());
    let mut blocks: Vec<Block> = Vec::new();
    for n in 1..=length {
        let parent = blocks.last().map_or(forge.id, |block| block.header.hash());
        let entries = (0..n % 5).map(|_| forge.entry(2)).collect();
        blocks.push(forge.block(parent, 1, entries));
    }
    let mut chain = Chain::new(spec);
    adopt(&mut chain, &blocks);
    chain
}

fn entries(chain: &Chain) -> Vec<(u32, Transaction)> {
    let heights = 1..=chain.height();
    let bodies = heights.filter_map(|height| Some((height, chain.body(&chain.hash_at(height)?)?)));
    let each = |(height, body): (u32, std::sync::Arc<crate::chain::Body>)| {
        body.block.entries().map(|entry| (height, entry.clone())).collect::<Vec<_>>()
    };
    bodies.flat_map(each).collect()
}

#[test]
fn every_entry_of_a_chain_is_proven_in_both_forms() {
    for spec in [work_spec(), open_spec()] {
        let chain = chain(spec, 23);
        let all = entries(&chain);
        assert!(all.len() > 40);
        for (height, entry) in all {
            let proof = chain.prove(&entry.id()).unwrap();
            let shown = Proven {
                chain: chain.id(),
                block: chain.hash_at(height).unwrap(),
                tip: chain.tip(),
                confirmations: chain.height() - height + 1,
            };
            for bytes in [proof.encode(), proof.to_json().into_bytes()] {
                let read = Proof::read(&bytes).unwrap();
                assert_eq!(read, proof);
                assert_eq!(read.entry, entry);
                assert_eq!(read.check(), Ok(shown));
            }
        }
    }
}

#[test]
fn what_is_not_in_the_chain_or_not_in_memory_is_not_proven() {
    let chain = chain(work_spec(), 3);
    let waiting = data(chain.id(), 9, 1, 10);
    assert_eq!(chain.prove(&waiting.id()), Err(ProveError::NotInChain));
    let coinbase = chain.body(&chain.tip()).unwrap().block.transactions[0].id();
    assert_eq!(chain.prove(&coinbase), Err(ProveError::NotInChain));
}

/// Whether a proof that was tampered with passes for what the real one shows.
fn passes(bytes: &[u8], real: &Proven) -> bool {
    Proof::read(bytes).is_ok_and(|proof| {
        proof.check().is_ok_and(|shown| shown.tip == real.tip || shown.block == real.block)
    })
}

#[test]
fn no_bit_of_a_proof_can_be_flipped() {
    let chain = chain(work_spec(), 9);
    for (_, entry) in entries(&chain).into_iter().step_by(5) {
        let proof = chain.prove(&entry.id()).unwrap();
        let real = proof.check().unwrap();
        let bytes = proof.encode();
        for at in 0..bytes.len() {
            for bit in 0..8 {
                let mut forged = bytes.clone();
                forged[at] ^= 1 << bit;
                // A tip of one's own making, with the work that this room asks for, is
                // another tip, which nobody has.
                let tip = bytes.len() - HEADER_SIZE..bytes.len();
                let other = Proof::read(&forged)
                    .is_ok_and(|proof| proof.check().is_ok_and(|shown| shown.tip != real.tip));
                assert!(
                    !passes(&forged, &real) || (tip.contains(&at) && other),
                    "byte {at}, bit {bit}"
                );
            }
        }
    }
}

#[test]
fn each_claim_is_checked_by_itself() {
    let chain = chain(work_spec(), 12);
    let (_, entry) = entries(&chain).remove(0);
    let (_, other) = entries(&chain).remove(3);
    let proof = chain.prove(&entry.id()).unwrap();
    let forged = |change: &dyn Fn(&mut Proof)| {
        let mut forged = proof.clone();
        change(&mut forged);
        forged.check().unwrap_err()
    };
    assert_eq!(forged(&|p| p.entry = other.clone()), ProofError::Block);
    assert_eq!(forged(&|p| p.index = 0), ProofError::Block);
    assert_eq!(forged(&|p| p.count += 1), ProofError::Block);
    assert_eq!(forged(&|p| p.block_path.push(Hash::ZERO)), ProofError::Block);
    assert_eq!(forged(&|p| p.history_path.clear()), ProofError::History);
    assert_eq!(forged(&|p| p.tip = chain.tree().header(&chain.id()).unwrap()), ProofError::History);
    let stranger = signed(Hash::of(b"another chain"), 2, 1, entry.body().clone());
    assert_eq!(forged(&|p| p.entry = stranger.clone()), ProofError::Entry(TransactionFault::Chain));
    assert_eq!(
        forged(&|p| p.spec = Spec::work("another room").unwrap()),
        ProofError::Entry(TransactionFault::Chain)
    );
    // A tip made to fit, but cheaper than the room allows.
    let cheap = forged(&|p| {
        p.tip.difficulty = Difficulty::MIN;
        p.tip.nonce ^= 1;
    });
    assert_eq!(cheap, ProofError::Work(proof.tip.height));
    // The coinbase is no entry.
    let coinbase = chain.body(&proof.block.hash()).unwrap().block.transactions[0].clone();
    assert_eq!(
        forged(&|p| {
            p.entry = coinbase.clone();
            p.index = 0;
        }),
        ProofError::Entry(TransactionFault::Coinbase)
    );
}

#[test]
fn the_tip_is_its_own_history() {
    let chain = chain(work_spec(), 4);
    let (_, entry) = entries(&chain).pop().unwrap();
    let mut proof = chain.prove(&entry.id()).unwrap();
    assert_eq!((proof.check().unwrap().confirmations, proof.history_path.len()), (1, 0));
    proof.history_path.push(Hash::ZERO);
    assert_eq!(proof.check(), Err(ProofError::History));
}

#[test]
fn the_json_form_says_what_its_bytes_hold_and_nothing_else() {
    let chain = chain(work_spec(), 6);
    let (_, entry) = entries(&chain).remove(0);
    let json = chain.prove(&entry.id()).unwrap().to_json();
    let refused = |from: &str, to: &str| {
        assert!(json.contains(from), "{from}");
        Proof::read(json.replacen(from, to, 1).as_bytes()).unwrap_err()
    };
    let contradiction = ProofError::Json(JsonError::Contradiction);
    assert_eq!(refused("xxxxx", "yyyyy"), contradiction);
    assert_eq!(refused("\"height\": 6", "\"height\": 7"), contradiction);
    assert_eq!(refused("text/plain", "text/html"), contradiction);
    assert_eq!(refused("proof/1", "proof/2"), ProofError::Mark);
    assert_eq!(
        refused("\"reward\": 50", "\"reward\": 4294967296"),
        ProofError::Json(JsonError::Room)
    );
    assert!(matches!(refused("\"entry\"", "\"entri\""), ProofError::Json(JsonError::Malformed(_))));
    assert!(matches!(
        refused("\"encoding\": \"", "\"encoding\": \"0"),
        ProofError::Json(JsonError::Hex(_))
    ));
    let long = vec![b' '; MAX_JSON + 1];
    assert_eq!(Proof::from_json(&long), Err(ProofError::Json(JsonError::TooLarge(MAX_JSON + 1))));
    assert_eq!(Proof::read(b""), Proof::decode(b""));
}

const SECRET: RoomSecret = RoomSecret::from_bytes([4; 32]);

/// A chain of a private room with two sealed entries, and a proof of the first with its key.
fn private_proof() -> (Chain, Proof) {
    let terms = Terms { private: Some(SECRET.commitment()), ..Terms::default() };
    let spec = work_spec().with_terms(terms);
    let mut forge = Forge::new(spec.clone());
    let author = super::forge::keypair(2).public();
    let place = private::Place { chain: forge.id, author };
    let entries = [b"at noon".as_slice(), b"at midnight"].map(|text| {
        let plain = Plain { media_type: "text/plain".to_owned(), bytes: text.to_vec() };
        let bytes = SECRET.seal([text[3]; 24], &place, &plain).unwrap();
        let body = Body::Data { media_type: private::MEDIA_TYPE.to_owned(), bytes };
        signed(forge.id, 2, 1, body)
    });
    let block = forge.block(forge.id, 1, entries.to_vec());
    let mut chain = Chain::new(spec);
    adopt(&mut chain, &[block]);
    let mut proof = chain.prove(&entries[0].id()).unwrap();
    let (place, sealed) = proof.entry.sealed().unwrap();
    proof.opening = Some(SECRET.key_of(&place, sealed).unwrap());
    (chain, proof)
}

#[test]
fn a_proof_of_a_sealed_entry_shows_it_to_whoever_has_its_key() {
    let (_, proof) = private_proof();
    for bytes in [proof.encode(), proof.to_json().into_bytes()] {
        let read = Proof::read(&bytes).unwrap();
        assert_eq!(read, proof);
        assert!(read.check().is_ok());
        assert_eq!(read.opened().unwrap().unwrap().bytes, b"at noon");
    }
    assert!(proof.to_json().contains("\"text\": \"at noon\""));
    let shut = Proof { opening: None, ..proof };
    assert_eq!(Proof::read(&shut.encode()), Ok(shut.clone()));
    assert!(shut.check().is_ok() && shut.opened().is_none());
    assert!(!shut.to_json().contains("opened"));
}

#[test]
fn a_key_that_does_not_open_the_entry_is_refused() {
    let (chain, proof) = private_proof();
    let key = proof.opening.unwrap();
    for bit in 0..256 {
        let mut forged = *key.as_bytes();
        forged[bit / 8] ^= 1 << (bit % 8);
        let forged = Proof { opening: Some(EntryKey::from_bytes(forged)), ..proof.clone() };
        assert_eq!(forged.check(), Err(ProofError::Opening), "bit {bit}");
        assert_eq!(Proof::read(forged.to_json().as_bytes()), Ok(forged), "its form is right");
    }
    let other = entries(&chain).pop().unwrap().1;
    let of_another = Proof { opening: Some(key), ..chain.prove(&other.id()).unwrap() };
    assert_eq!(of_another.check(), Err(ProofError::Opening));
    // A key to what is not sealed.
    let open = super::proof::chain(work_spec(), 3);
    let (_, entry) = entries(&open).remove(0);
    let opened = Proof { opening: Some(key), ..open.prove(&entry.id()).unwrap() };
    assert_eq!(opened.check(), Err(ProofError::Opening));
    // What it says in words is what the key shows.
    let json = proof.to_json().replace("\"at noon\"", "\"at nine\"");
    assert_eq!(Proof::read(json.as_bytes()), Err(ProofError::Json(JsonError::Contradiction)));
}

#[test]
fn the_greatest_proof_keeps_to_its_limits() {
    // The longest name, entry and paths, the most members, all numbers at their greatest.
    let members =
        (0..u8::try_from(MAX_MEMBERS).unwrap()).map(|n| PublicKey::from_bytes([n; 32])).collect();
    let consensus =
        Consensus::Authority { members, patience: MAX_TARGET, writers: Writers::Members };
    let spec = Spec::new(&"n".repeat(MAX_NAME), consensus, u32::MAX)
        .unwrap()
        .with_terms(Terms { purpose: Purpose::Lab, private: Some(Hash::of(b"commitment")) });
    // A control character takes six characters of JSON.
    let body = Body::Data { media_type: "m".repeat(MAX_MEDIA_TYPE), bytes: vec![1; MAX_DATA] };
    let mut forge = Forge::new(spec.clone());
    let entry = signed(forge.id, 2, u64::MAX - super::forge::START, body);
    let mut block = forge.block(forge.id, 1, vec![entry.clone()]).header;
    block.nonce = u32::MAX;
    seal(&mut block);
    let path = vec![Hash::of(b"longest"); MAX_PATH];
    let proof = Proof {
        spec,
        entry,
        index: u32::MAX,
        count: u32::MAX,
        block_path: path.clone(),
        tip: block.clone(),
        block,
        history_path: path,
        opening: Some(EntryKey::from_bytes([0xff; 32])),
    };
    let (bytes, json) = (proof.encode(), proof.to_json());
    assert!(bytes.len() > MAX_PROOF - 256 && bytes.len() <= MAX_PROOF, "{}", bytes.len());
    assert!(json.len() > MAX_JSON / 2 && json.len() <= MAX_JSON, "{}", json.len());
    assert_eq!(Proof::read(&bytes), Ok(proof.clone()));
    assert_eq!(Proof::read(json.as_bytes()), Ok(proof));
    let mut long = bytes;
    long.resize(MAX_PROOF + 1, 0);
    assert!(matches!(Proof::decode(&long), Err(ProofError::Codec(_))));
}
