//! `relay-server verify`, as a user runs it.
// A test may.
#![allow(clippy::expect_used, clippy::unwrap_used)]

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Output};

use chain_wasm::chain::proof::{MAX_JSON, Proof};
use chain_wasm::chain::spec::{Consensus, Spec, Terms, Writers};
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::{Advance, Chain, Trust};
use chain_wasm::primitives::{Keypair, UnixMillis};
use chain_wasm::private::{EntryKey, MEDIA_TYPE, Place, Plain, RoomSecret};

const TIME: UnixMillis = UnixMillis(1_700_000_000_000);

/// A proof that an entry with this text is in a chain of two blocks.
fn proof(text: &str) -> Proof {
    let mut chain = Chain::new(Spec::open("notebook").unwrap());
    let author = Keypair::from_seed([7; 32]);
    let entries = [text, "a later one"].map(|text| {
        let body =
            Body::Data { media_type: "text/plain".to_owned(), bytes: text.as_bytes().to_vec() };
        let content = Content {
            chain: chain.id(),
            author: author.public(),
            timestamp: TIME,
            salt: [3; 16],
            body,
        };
        Transaction::sign(content, &author)
    });
    for entry in &entries {
        chain.insert_transaction(entry.clone()).unwrap();
        let block = chain.template(author.public(), TIME).unwrap();
        chain.insert_blocks(vec![block.encode()], Trust::Peer, TIME);
        while chain.advance() != Advance::Done {}
    }
    assert_eq!(chain.height(), 2);
    chain.prove(&entries[0].id()).unwrap()
}

fn verify<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Output {
    Command::new(env!("CARGO_BIN_EXE_relay-server")).arg("verify").args(args).output().unwrap()
}

fn text(bytes: &[u8]) -> &str {
    str::from_utf8(bytes).unwrap()
}

#[test]
fn a_proof_of_an_authority_room_names_the_member_who_sealed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tabproof");
    let member = Keypair::from_seed([8; 32]);
    let consensus = Consensus::Authority {
        members: vec![member.public()],
        patience: 1_000,
        writers: Writers::Members,
    };
    let mut chain = Chain::new(Spec::new("board", consensus, 50).unwrap());
    let content = Content {
        chain: chain.id(),
        author: member.public(),
        timestamp: TIME,
        salt: [0; 16],
        body: Body::Data { media_type: "text/plain".to_owned(), bytes: b"agreed".to_vec() },
    };
    let entry = Transaction::sign(content, &member);
    let id = entry.id();
    chain.insert_transaction(entry).unwrap();
    let block = chain.template(member.public(), TIME).unwrap().sealed_by(&member);
    chain.insert_blocks(vec![block.encode()], Trust::Peer, TIME);
    while chain.advance() != Advance::Done {}
    let mut proof = chain.prove(&id).unwrap();
    fs::write(&path, proof.encode()).unwrap();
    let held = verify([&path]);
    let said = text(&held.stdout);
    let sealed = format!("sealed by      {}, a member", member.public());
    assert!(held.status.success() && said.contains(&sealed), "{said}");
    // Sealed by somebody else.
    let other = Keypair::from_seed([9; 32]);
    proof.tip.seal = Some(chain_wasm::chain::authority::seal(&proof.tip.hash(), &other));
    proof.block.seal = proof.tip.seal;
    fs::write(&path, proof.encode()).unwrap();
    assert!(!verify([&path]).status.success());
}

#[test]
fn a_proof_that_holds_is_reported_and_one_that_does_not_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tabproof");
    let proof = proof("The kettle\nis mine.");
    let tip = proof.tip.hash().to_string();
    for bytes in [proof.encode(), proof.to_json().into_bytes()] {
        fs::write(&path, bytes).unwrap();
        let held = verify([&path]);
        let said = text(&held.stdout);
        assert!(held.status.success() && said.starts_with("The proof holds."), "{said}");
        for part in [
            "notebook",
            "| The kettle\n",
            "| is mine.\n",
            "2023-11-14T22:13:20Z",
            &proof.entry.id().to_string(),
            &tip,
            "confirmations  2",
            "Compare the last hash",
        ] {
            assert!(said.contains(part), "{part} is not in:\n{said}");
        }
    }
    let compared = verify([path.as_os_str(), "--tip".as_ref(), tip.as_ref()]);
    assert!(compared.status.success());
    assert!(text(&compared.stdout).contains("The tip is the one that you gave."));
    let other = "0".repeat(64);
    let compared = verify([path.as_os_str(), "--tip".as_ref(), other.as_ref()]);
    assert_eq!(compared.status.code(), Some(1));
    assert!(compared.stdout.is_empty() && text(&compared.stderr).contains("another tip"));

    let mut forged = proof.encode();
    let at = forged.windows(6).position(|part| part == b"kettle").unwrap();
    forged[at] ^= 1;
    for (bytes, why) in [
        (forged, "signature does not fit"),
        (b"not a proof".to_vec(), "not a proof file"),
        (Vec::new(), "not a proof file"),
        (vec![b' '; MAX_JSON + 100], "not a proof file"),
    ] {
        fs::write(&path, bytes).unwrap();
        let refused = verify([&path]);
        let said = text(&refused.stderr);
        assert_eq!(refused.status.code(), Some(1));
        assert!(refused.stdout.is_empty() && said.contains(why), "{said}");
    }
    let missing = verify([folder.path().join("missing")]);
    assert_eq!(missing.status.code(), Some(1));
    assert!(text(&missing.stderr).contains("missing"));
}

/// A proof of an entry of a private room, with the key that opens it.
fn private_proof(text: &str) -> Proof {
    let secret = RoomSecret::from_bytes([4; 32]);
    let terms = Terms { private: Some(secret.commitment()), ..Terms::default() };
    let mut chain = Chain::new(Spec::open("notebook").unwrap().with_terms(terms));
    let author = Keypair::from_seed([7; 32]);
    let place = Place { chain: chain.id(), author: author.public() };
    let plain = Plain { media_type: "text/plain".to_owned(), bytes: text.as_bytes().to_vec() };
    let bytes = secret.seal([5; 24], &place, &plain).unwrap();
    let opening = secret.key_of(&place, &bytes).unwrap();
    let body = Body::Data { media_type: MEDIA_TYPE.to_owned(), bytes };
    let content = Content {
        chain: chain.id(),
        author: author.public(),
        timestamp: TIME,
        salt: [3; 16],
        body,
    };
    let entry = Transaction::sign(content, &author);
    chain.insert_transaction(entry.clone()).unwrap();
    let block = chain.template(author.public(), TIME).unwrap();
    chain.insert_blocks(vec![block.encode()], Trust::Peer, TIME);
    while chain.advance() != Advance::Done {}
    Proof { opening: Some(opening), ..chain.prove(&entry.id()).unwrap() }
}

#[test]
fn a_sealed_entry_is_shown_if_the_proof_opens_it_and_a_wrong_key_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tabproof");
    let open = private_proof("The kettle is mine.");
    let shut = Proof { opening: None, ..open.clone() };
    let forged = Proof { opening: Some(EntryKey::from_bytes([1; 32])), ..open.clone() };
    for (proof, shows) in [(&open, true), (&shut, false)] {
        for bytes in [proof.encode(), proof.to_json().into_bytes()] {
            fs::write(&path, bytes).unwrap();
            let held = verify([&path]);
            let said = text(&held.stdout);
            assert!(held.status.success(), "{said}");
            assert_eq!(said.contains("| The kettle is mine."), shows, "{said}");
            assert_eq!(said.contains("opened by the key"), shows, "{said}");
            assert_eq!(said.contains("only members"), !shows, "{said}");
        }
    }
    for bytes in [forged.encode(), forged.to_json().into_bytes()] {
        fs::write(&path, bytes).unwrap();
        let refused = verify([&path]);
        assert_eq!(refused.status.code(), Some(1));
        assert!(text(&refused.stderr).contains("does not open the entry"));
    }
}

#[test]
fn what_a_stranger_wrote_cannot_command_the_terminal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.tabproof");
    fs::write(&path, proof("\u{1b}[2Jgone \u{202e}sdrawkcab\rThe proof").encode()).unwrap();
    let held = verify([&path]);
    let said = text(&held.stdout);
    assert!(said.contains("\\u{1b}[2Jgone \\u{202e}sdrawkcab\\u{d}The proof"), "{said}");
}
