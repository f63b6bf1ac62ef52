//! Decoders: what they take, they write as the very same bytes, and it keeps to its
//! limits; what they refuse, they refuse without a panic.

use std::fmt::{Debug, Display};
use std::str::FromStr;

use chain_wasm::api;
use chain_wasm::chain::block::{
    Block, HEADER_SIZE, Header, MAX_BLOCK, MAX_TRANSACTIONS, SEALED_HEADER_SIZE,
};
use chain_wasm::chain::pack::{self, Summary};
use chain_wasm::chain::proof::{MAX_PROOF, Proof};
use chain_wasm::chain::spec::{MAX_NAME, Spec, Terms};
use chain_wasm::chain::transaction::{MAX_TRANSACTION, Transaction, is_media_type};
use chain_wasm::chain::{genesis, genesis_hash};
use chain_wasm::codec;
use chain_wasm::node::Packed;
use chain_wasm::primitives::{
    Difficulty, Hash, Keypair, PublicKey, Signature, SignatureItem, verify_batch,
};
use chain_wasm::private::{NONCE, Place, RoomSecret};
use chain_wasm::relay::{
    ClientFrame, MAX_FRAME, MAX_PAYLOAD, MAX_STATUS, RelayFrame, verify_registration,
};
use chain_wasm::wire::{MAX_HASHES, MAX_MESSAGE, MAX_NICKNAME, Message, Status};

/// Gives the input to every decoder.
pub fn run(data: &[u8]) {
    header(data);
    transaction(data);
    block(data);
    message(data);
    status(data);
    frames(data);
    spec(data);
    packs(data);
    proof(data);
    sealed(data);
    difficulty(data);
    text(data);
    signatures(data);
}

/// As the entry of the private room of PROTOCOL.md.
fn sealed(data: &[u8]) {
    let secret = RoomSecret::from_bytes([4; 32]);
    let terms = Terms { private: Some(secret.commitment()), ..Terms::default() };
    let spec = Spec::work("lobby").expect("a name").with_terms(terms);
    let author = Keypair::from_seed([1; 32]).public();
    let place = Place { chain: genesis_hash(&spec), author };
    if let Ok(plain) = secret.open(&place, data) {
        let nonce = *data.first_chunk::<NONCE>().expect("it was opened");
        assert_eq!(secret.seal(nonce, &place, &plain).as_deref(), Ok(data));
        let key = secret.key_of(&place, data).expect("it was opened");
        assert_eq!(key.open(&place, data), Ok(plain));
    }
}

fn header(data: &[u8]) {
    if let Ok(header) = Header::decode(data) {
        let size = if header.seal.is_some() { SEALED_HEADER_SIZE } else { HEADER_SIZE };
        assert_eq!(data.len(), size);
        assert_eq!(header.encode_sealed(), data);
        assert_eq!(header.hash(), Hash::of(&data[..HEADER_SIZE]));
    }
}

fn transaction(data: &[u8]) {
    if let Ok(transaction) = Transaction::decode(data) {
        assert!(data.len() <= MAX_TRANSACTION);
        assert_eq!(transaction.encode(), data);
        assert_eq!(transaction.id(), Hash::of(&transaction.content().preimage()));
        let chain = transaction.content().chain;
        if transaction.check(&chain).is_ok() {
            assert_eq!(verify_batch(&[transaction.signature_item()]), Ok(()));
        }
    }
}

fn block(data: &[u8]) {
    if let Ok(block) = Block::decode(data) {
        assert!(data.len() <= MAX_BLOCK && block.transactions.len() <= MAX_TRANSACTIONS);
        assert_eq!(block.encode(), data);
        assert!(block.entries().count() <= block.transactions.len());
        let _ = (block.merkle_root(), block.miner());
    }
}

/// What is read of either form is written as that form and read as the same.
fn proof(data: &[u8]) {
    if let Ok(proof) = Proof::read(data) {
        let bytes = proof.encode();
        assert!(bytes.len() <= MAX_PROOF || data.len() > MAX_PROOF);
        if Proof::decode(data).is_ok() {
            assert_eq!(bytes, data);
        }
        let json = proof.to_json();
        assert_eq!(Proof::from_json(json.as_bytes()).as_ref(), Ok(&proof));
        if let Ok(proven) = proof.check() {
            assert_eq!(proven.chain, genesis_hash(&proof.spec));
            assert!(proof.block.height <= proof.tip.height);
        }
    }
}

fn message(data: &[u8]) {
    if let Ok(message) = Message::decode(data) {
        assert!(data.len() <= MAX_MESSAGE);
        assert_eq!(message.encode(), data);
        match message {
            Message::Transactions { transactions: list }
            | Message::SentTransactions { transactions: list, .. }
            | Message::Blocks { blocks: list, .. } => assert!(list.len() <= MAX_HASHES),
            _ => {}
        }
    }
}

fn status(data: &[u8]) {
    if let Ok(status) = Status::decode(data) {
        assert!(data.len() <= MAX_STATUS && status.nickname.len() <= MAX_NICKNAME);
        assert_eq!(status.encode(), data);
    }
}

fn frames(data: &[u8]) {
    if let Ok(frame) = ClientFrame::decode(data) {
        assert!(data.len() <= MAX_FRAME);
        assert_eq!(frame.encode(), data);
        match frame {
            ClientFrame::Register { room, peer, signature, status, .. } => {
                assert!(status.len() <= MAX_STATUS);
                let _ = verify_registration(&room, &room, &peer, &signature);
            }
            ClientFrame::SetStatus { status } => assert!(status.len() <= MAX_STATUS),
            ClientFrame::Broadcast { payload } | ClientFrame::Send { payload, .. } => {
                assert!(payload.len() <= MAX_PAYLOAD);
            }
        }
    }
    if let Ok(frame) = RelayFrame::decode(data) {
        assert!(data.len() <= MAX_FRAME);
        assert_eq!(frame.encode(), data);
    }
}

fn spec(data: &[u8]) {
    if let Ok(spec) = codec::decode::<Spec>(data, 1_024) {
        assert_eq!(codec::encode(&spec), data);
        let again = Spec::new(spec.name(), spec.consensus().clone(), spec_reward(&spec));
        assert_eq!(again.map(|again| again.with_terms(spec.terms())).as_ref(), Ok(&spec));
        assert_eq!(genesis(&spec).header.hash(), genesis_hash(&spec));
    }
}

/// Packs of blocks and their summaries, as a store may hold them.
fn packs(data: &[u8]) {
    let mut packed = Packed::new(Spec::open("packs").expect("a name"), [0; 2]);
    if let Ok(summary) = Summary::decode(data) {
        assert_eq!(summary.encode(), data);
        let _ = packed.push(summary.first(), data);
    }
    for (height, block) in (1..).zip(pack::split(1, data)) {
        assert_eq!(pack::find_block(1, data, height), Some(block));
        let _ = pack::hash_of(block);
    }
    if let Ok(summary) = packed.rebuild(1, data) {
        assert_eq!(Summary::decode(&summary).map(|summary| summary.encode()), Ok(summary));
    }
}

fn spec_reward(spec: &Spec) -> u32 {
    u32::try_from(spec.reward()).expect("a reward is below 2^32")
}

fn difficulty(data: &[u8]) {
    if let Some(bits) = data.first_chunk().map(|bits| u32::from_be_bytes(*bits))
        && let Ok(difficulty) = Difficulty::from_bits(bits)
    {
        assert_eq!(difficulty.to_bits(), bits);
        assert_eq!(Difficulty::from_hashes(difficulty.hashes()), difficulty);
        let _ = difficulty.is_met_by(&Hash::of(data));
    }
    if let Some(hashes) = data.first_chunk().map(|hashes| u128::from_be_bytes(*hashes)) {
        let difficulty = Difficulty::from_hashes(hashes);
        assert!(difficulty.hashes() <= hashes.max(1));
        assert_eq!(Difficulty::from_bits(difficulty.to_bits()), Ok(difficulty));
    }
}

fn text(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    parsed_is_shown_alike::<Hash>(text);
    if let Some(key) = PublicKey::parse(text) {
        assert_eq!(PublicKey::parse(&key.to_string()), Some(key));
    }
    let named = Spec::open(text);
    assert_eq!(named.is_ok(), Spec::work(text).is_ok());
    assert_eq!(named.is_ok(), api::is_valid_room_name(text));
    if let Ok(spec) = named {
        assert!((1..=MAX_NAME).contains(&spec.name().len()));
        assert_eq!(codec::decode::<Spec>(&codec::encode(&spec), 1_024).as_ref(), Ok(&spec));
    }
    if is_media_type(text) {
        assert!(text.is_ascii() && !text.is_empty());
    }
}

fn parsed_is_shown_alike<T: FromStr + Display + PartialEq + Debug>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text.to_ascii_lowercase());
    }
}

/// One check and a batch give one verdict, whatever key and signature are made of.
fn signatures(data: &[u8]) {
    let Some((key, rest)) = data.split_first_chunk::<32>() else { return };
    let Some((signature, message)) = rest.split_first_chunk::<64>() else { return };
    let (key, signature) = (PublicKey::from_bytes(*key), Signature::from_bytes(*signature));
    let single = key.verify(message, &signature).is_ok();
    let batch = verify_batch(&[SignatureItem::new(key, message, signature)]).is_ok();
    assert_eq!(single, batch);
}
