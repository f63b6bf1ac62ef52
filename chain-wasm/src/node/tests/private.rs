//! Private rooms: members see what was written, everybody else what is sealed.

use super::explorer::Stored;
use super::{Bench, peer};
use crate::api::{
    ApiError, EntryKind, EntryView, Find, MAX_MEDIA_TYPE, MAX_PRIVATE_ENTRY, MiningMode, Outcome,
    Privacy, ProofFault, ProofFile, ProofStanding, ProvenView, SearchHit,
};
use crate::chain::spec::{Spec, Terms};
use crate::chain::transaction::{Body, MAX_DATA};
use crate::node::{Change, Config, Input, Node, NodeCommand, Now, Output, Restored, StorageMode};
use crate::notarisation::{MEDIA_TYPE, Notarisation};
use crate::primitives::{Hash, Instant, UnixMillis};
use crate::private::{self, RoomSecret};
use crate::wire::Message;

const SECRET: RoomSecret = RoomSecret::from_bytes([4; 32]);
const OTHER: RoomSecret = RoomSecret::from_bytes([5; 32]);

fn spec() -> Spec {
    let terms = Terms { private: Some(SECRET.commitment()), ..Terms::default() };
    Spec::open("explorer").unwrap().with_terms(terms)
}

fn bench(secret: Option<RoomSecret>) -> Bench {
    Bench::with_secret(spec(), secret)
}

/// A room with these entries, a block each.
fn stored(texts: &[&str]) -> Stored {
    let mut bench = bench(Some(SECRET));
    for text in texts {
        bench.add(text);
        bench.run(200);
    }
    assert_eq!(bench.node.chain.height() as usize, texts.len());
    Stored::of(bench)
}

fn text(entry: &EntryView) -> String {
    let EntryKind::Data { bytes, .. } = &entry.kind else { panic!("{entry:?}") };
    String::from_utf8_lossy(bytes).into_owned()
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Another node of the room, with the blocks of this one.
fn copy(of: &Bench, secret: Option<RoomSecret>) -> Bench {
    let mut copy = bench(secret);
    copy.join(peer(1));
    for height in 1..=of.node.chain.height() {
        let hash = of.node.chain.hash_at(height).unwrap();
        let block = of.node.chain.body(&hash).unwrap().bytes.clone();
        copy.frame(peer(1), &Message::Block { block });
    }
    assert_eq!(copy.node.chain.tip(), of.node.chain.tip());
    copy
}

fn prove(stored: &mut Stored, id: Hash, opening: bool) -> ProofFile {
    match stored.ask(NodeCommand::Prove { id, opening }) {
        Ok(Outcome::Proof(file)) => file,
        other => panic!("{other:?}"),
    }
}

fn check(stored: &mut Stored, bytes: Vec<u8>) -> Result<ProvenView, ApiError> {
    match stored.ask(NodeCommand::CheckProof { bytes })? {
        Outcome::Proven(proven) => Ok(*proven),
        other => panic!("{other:?}"),
    }
}

#[test]
fn what_leaves_the_node_for_store_and_relay_is_sealed_and_what_is_shown_is_not() {
    let mut bench = bench(Some(SECRET));
    bench.join(peer(1));
    bench.taken(Some);
    bench.add("the meeting is at noon");
    bench.run(2_000);
    let mut left = 0;
    for output in bench.taken(Some) {
        let parts = match output {
            Output::Broadcast(bytes) | Output::Send { bytes, .. } | Output::SetStatus(bytes) => {
                vec![bytes]
            }
            Output::Store { changes, .. } => changes
                .into_iter()
                .filter_map(|change| match change {
                    Change::PutBlock { bytes, .. } | Change::PutTransaction { bytes, .. } => {
                        Some(bytes)
                    }
                    _ => None,
                })
                .collect(),
            _ => continue,
        };
        for bytes in parts {
            left += 1;
            assert!(!holds(&bytes, b"meeting") && !holds(&bytes, b"text/plain"));
            assert!(!holds(&bytes, SECRET.as_bytes()));
        }
    }
    assert!(left >= 4, "{left}");
    let view = bench.node.view();
    let entry = &view.blocks[0].entries[0];
    assert_eq!((text(entry).as_str(), entry.privacy), ("the meeting is at noon", Privacy::Opened));
    assert_eq!(
        view.room.private.map(|room| (room.commitment, room.secret)),
        Some((SECRET.commitment(), None))
    );
}

#[test]
fn what_waits_is_shown_opened_too() {
    let mut bench = bench(Some(SECRET));
    let command = NodeCommand::SetMining { mode: MiningMode::Never };
    bench.input(Input::Command { request: 0, command });
    bench.add("not yet");
    let entry = bench.node.view().pending.entries.remove(0);
    assert_eq!((text(&entry).as_str(), entry.privacy), ("not yet", Privacy::Opened));
}

#[test]
fn text_and_files_are_found_in_what_was_opened() {
    let mut stored = {
        let mut bench = bench(Some(SECRET));
        bench.add("The kettle is mine");
        bench.run(200);
        let bytes = Notarisation::new("a.txt", 5, Hash::of(b"file")).encode();
        let command = NodeCommand::AddEntry { media_type: MEDIA_TYPE.to_owned(), bytes };
        bench.input(Input::Command { request: 0, command });
        bench.run(200);
        Stored::of(bench)
    };
    let hits = stored.found("KETTLE");
    let [SearchHit::Text { entry, excerpt }] = hits.as_slice() else { panic!("{hits:?}") };
    assert_eq!((excerpt.found.as_str(), text(entry).as_str()), ("kettle", "The kettle is mine"));
    assert!(stored.found("vnd.tabchain.sealed").is_empty());
    match stored.ask(NodeCommand::FindFile { sha256: Hash::of(b"file") }) {
        Ok(Outcome::File(Some(found))) => {
            assert_eq!(found.entry.kind.file().unwrap().name(), "a.txt");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn without_the_secret_the_chain_is_the_same_and_nothing_can_be_read_or_written() {
    let mut writer = bench(Some(SECRET));
    writer.add("at noon");
    writer.run(200);
    for secret in [None, Some(OTHER)] {
        let mut blind = copy(&writer, secret);
        let entry = blind.node.view().blocks[0].entries[0].clone();
        assert_eq!(entry.privacy, Privacy::Unreadable);
        assert!(!text(&entry).contains("noon"));
        blind.taken(Some);
        blind.add("from outside");
        let replies = blind.taken(|output| match output {
            Output::Reply { outcome, .. } => Some(outcome),
            _ => None,
        });
        assert_eq!(replies, [Err(ApiError::WrongSecret)]);
        let mut blind = Stored::of(blind);
        let find = Find::Text { text: "noon".to_owned(), name: None };
        assert!(blind.search(find, None).unwrap().hits.is_empty());
        let id = blind.id_at(1);
        let proof = prove(&mut blind, id, true);
        assert_eq!(check(&mut blind, proof.cbor).unwrap().entry.privacy, Privacy::Unreadable);
    }
    let reader = copy(&writer, Some(SECRET));
    assert_eq!(text(&reader.node.view().blocks[0].entries[0]), "at noon");
}

#[test]
fn after_a_restart_with_the_secret_all_is_read_again() {
    let mut before = bench(Some(SECRET));
    before.add("in a block");
    before.run(200);
    let command = NodeCommand::SetMining { mode: MiningMode::Never };
    before.input(Input::Command { request: 0, command });
    before.add("waiting");
    let hash = before.node.chain.tip();
    let restored = Restored {
        blocks: vec![before.node.chain.body(&hash).unwrap().bytes.clone()],
        transactions: before.node.chain.mempool().iter().map(|w| w.transaction.encode()).collect(),
        ..Restored::default()
    };
    for (secret, privacy) in [(SECRET, Privacy::Opened), (OTHER, Privacy::Unreadable)] {
        let config = Config {
            spec: spec(),
            secret: Some(secret),
            wallet: crate::primitives::Keypair::from_seed([2; 32]),
            peer: peer(0),
            seed: [8; 32],
            storage: StorageMode::Durable,
        };
        let now = Now { mono: Instant(0), wall: UnixMillis(super::EPOCH + 10_000) };
        let view = Node::new(config, restored.clone(), now).view();
        let [block, waiting] = [&view.blocks[0].entries[0], &view.pending.entries[0]];
        assert_eq!((block.privacy, waiting.privacy), (privacy, privacy));
        assert_eq!(text(block) == "in a block", privacy == Privacy::Opened);
        assert_eq!(text(waiting) == "waiting", privacy == Privacy::Opened);
    }
}

/// Whoever knows no secret can still write to the chain, which cannot tell; it is shown as
/// what it is.
#[test]
fn an_entry_that_is_not_sealed_or_not_for_this_room_is_shown_as_such() {
    let mut bench = bench(Some(SECRET));
    bench.join(peer(1));
    let garbage = vec![7; 100];
    let keys = crate::primitives::Keypair::from_seed([9; 32]);
    for (media_type, bytes) in
        [("text/plain", b"in the open".to_vec()), (private::MEDIA_TYPE, garbage.clone())]
    {
        let content = crate::chain::transaction::Content {
            chain: bench.node.chain.id(),
            author: keys.public(),
            timestamp: crate::primitives::UnixMillis(super::EPOCH),
            salt: [1; 16],
            body: Body::Data { media_type: media_type.to_owned(), bytes },
        };
        let entry = crate::chain::transaction::Transaction::sign(content, &keys);
        let transactions = vec![entry.encode().into()];
        bench.frame(peer(1), &Message::Transactions { transactions });
    }
    let view = bench.node.view();
    let shown: Vec<_> =
        view.pending.entries.iter().map(|entry| (entry.privacy, entry.kind.clone())).collect();
    let data = |media_type: &str, bytes: &[u8]| EntryKind::Data {
        media_type: media_type.to_owned(),
        size: u32::try_from(bytes.len()).unwrap(),
        bytes: bytes.to_vec(),
    };
    assert_eq!(shown.len(), 2);
    assert!(shown.contains(&(Privacy::Public, data("text/plain", b"in the open"))));
    assert!(shown.contains(&(Privacy::Unreadable, data(private::MEDIA_TYPE, &garbage))));
}

#[test]
fn a_proof_with_its_opening_shows_the_entry_in_any_room_and_without_it_only_here() {
    let mut room = stored(&["The kettle is mine", "Nobody else's business"]);
    let mut outsider = Stored::new(1);
    let id = room.id_at(1);
    let (open, shut) = (prove(&mut room, id, true), prove(&mut room, id, false));
    assert!(open.json.contains("The kettle is mine") && !shut.json.contains("kettle"));
    for (proof, privacy) in [(&open, Privacy::Opened), (&shut, Privacy::Unreadable)] {
        for bytes in [proof.cbor.clone(), proof.json.clone().into_bytes()] {
            let here = check(&mut room, bytes.clone()).unwrap();
            assert_eq!(
                (here.standing, here.entry.privacy),
                (ProofStanding::InChain, Privacy::Opened)
            );
            assert_eq!(text(&here.entry), "The kettle is mine");
            let there = check(&mut outsider, bytes).unwrap();
            assert_eq!((there.standing, there.entry.privacy), (ProofStanding::OtherRoom, privacy));
            assert_eq!(text(&there.entry) == "The kettle is mine", privacy == Privacy::Opened);
        }
    }
    // Its last 32 bytes are the key.
    let mut forged = open.cbor;
    *forged.last_mut().unwrap() ^= 1;
    let refused = check(&mut outsider, forged).unwrap_err();
    assert_eq!(refused, ApiError::InvalidProof(ProofFault::Opening));
    // Nothing of the room's secret is in it, nor of the other entry.
    assert!(!holds(&shut.cbor, SECRET.as_bytes()));
}

#[test]
fn the_longest_entry_of_a_private_room_is_told_and_kept_to() {
    let mut stored = stored(&[]);
    let mut add = |media_type: &str, size: usize| {
        let bytes = vec![b'x'; size];
        let command = NodeCommand::AddEntry { media_type: media_type.to_owned(), bytes };
        let outcome = stored.ask(command);
        stored.bench.run(200);
        outcome
    };
    let longest = "m".repeat(MAX_MEDIA_TYPE);
    assert!(add(&longest, MAX_PRIVATE_ENTRY).is_ok());
    assert!(add("text/plain", MAX_PRIVATE_ENTRY).is_ok());
    let [size, limit] =
        [MAX_PRIVATE_ENTRY + 1, MAX_PRIVATE_ENTRY].map(|size| u32::try_from(size).unwrap());
    let refused = add("text/plain", MAX_PRIVATE_ENTRY + 1).unwrap_err();
    assert_eq!(refused, ApiError::EntryTooLarge { size, limit });
    // Not a byte is given away.
    let sealed = stored.bench.node.chain.height();
    assert_eq!(sealed, 2);
    let hash = stored.bench.node.chain.hash_at(1).unwrap();
    let body = stored.bench.node.chain.body(&hash).unwrap();
    let entry = body.block.entries().next().unwrap();
    let Body::Data { bytes, .. } = entry.body() else { panic!() };
    assert_eq!(bytes.len(), MAX_DATA);
}

#[test]
fn who_knows_only_a_rooms_id_is_told_its_spec_unless_it_is_private() {
    let public = Spec::open("explorer").unwrap();
    for (spec, told) in [(public.clone(), crate::codec::encode(&public)), (spec(), Vec::new())] {
        let mut bench = Bench::new(spec);
        bench.join(peer(1));
        bench.outputs.clear();
        bench.frame(peer(1), &Message::GetSpec { request: 7 });
        let answer = Message::SentSpec { request: 7, spec: told }.encode();
        let sent = bench.taken(|output| match output {
            Output::Send { to, bytes } => Some((to, bytes)),
            _ => None,
        });
        assert_eq!(sent, [(peer(1), answer)]);
        // What was not asked for is no fault.
        bench.frame(peer(1), &Message::SentSpec { request: 7, spec: vec![1] });
        assert_eq!(bench.node.peers.fault(&peer(1)), None);
    }
}
