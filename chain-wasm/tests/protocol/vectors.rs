//! The vectors, made by the code: a small history of one `work` room.

use std::fmt::Write;

use chain_wasm::chain::authority::preimage;
use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::{Consensus, Spec, Terms, Writers};
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::validate::Validator;
use chain_wasm::chain::work::{Pace, next_difficulty};
use chain_wasm::chain::{BlockVerdict, Chain, Trust, genesis, merkle};
use chain_wasm::codec;
use chain_wasm::primitives::{ChainId, Difficulty, Hash, Keypair, UnixMillis};
use chain_wasm::private::{NONCE, Place, Plain, RoomSecret};
use chain_wasm::relay::{
    ClientFrame, Presence, Refusal, RelayFrame, VERSION, register, registration_preimage,
};
use chain_wasm::wire::{Message, Status};

/// The time of the vectors: 2023-11-14T22:13:20Z.
const TIME: UnixMillis = UnixMillis(1_700_000_000_000);

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[derive(Default)]
struct Vectors(Vec<(String, String)>);

impl Vectors {
    fn bytes(&mut self, name: &str, bytes: &[u8]) {
        self.0.push((name.to_owned(), hex(bytes)));
    }

    fn hash(&mut self, name: &str, hash: Hash) {
        self.bytes(name, hash.as_bytes());
    }
}

fn author() -> Keypair {
    Keypair::from_seed([0x01; 32])
}

fn receiver() -> Keypair {
    Keypair::from_seed([0x02; 32])
}

fn session() -> Keypair {
    Keypair::from_seed([0x03; 32])
}

fn signed(chain: ChainId, salt: u8, timestamp: UnixMillis, body: Body) -> Transaction {
    let author = author();
    let content = Content { chain, author: author.public(), timestamp, salt: [salt; 16], body };
    Transaction::sign(content, &author)
}

fn sealed(chain: &mut Chain, entry: &Transaction, time: UnixMillis) -> Block {
    chain.insert_transaction(entry.clone()).expect("it is valid");
    let mut block = chain.template(author().public(), time).expect("an entry waits");
    if chain.spec().authority().is_some() {
        block = block.sealed_by(&author());
    }
    while chain.spec().authority().is_none()
        && !block.header.difficulty.is_met_by(&block.header.hash())
    {
        block.header.nonce += 1;
    }
    let later = time.after(1_000);
    let verdicts = chain.insert_blocks(vec![block.encode()], Trust::Peer, later);
    assert_eq!(verdicts, [(block.header.hash(), BlockVerdict::Inserted)]);
    while chain.advance() != chain_wasm::chain::Advance::Done {}
    assert_eq!(chain.tip(), block.header.hash());
    block
}

/// All of them, by name.
pub(crate) fn all() -> Vec<(String, String)> {
    let mut vectors = Vectors::default();
    vectors.bytes("public-key-01", author().public().as_bytes());
    vectors.bytes("public-key-02", receiver().public().as_bytes());
    vectors.bytes("public-key-03", session().public().as_bytes());
    difficulties(&mut vectors);
    rooms(&mut vectors);
    let mut chain = Chain::new(Spec::work("lobby").expect("a name"));
    let id = chain.id();
    let data = signed(
        id,
        0xaa,
        TIME,
        Body::Data { media_type: "text/plain".to_owned(), bytes: b"Hello, tabs!".to_vec() },
    );
    transaction(&mut vectors, "data", &data);
    let first = sealed(&mut chain, &data, TIME);
    block(&mut vectors, "block-1", &first);
    let later = TIME.after(250);
    let to = receiver().public();
    let transfer = signed(id, 0xbb, later, Body::Transfer { to, amount: 7 });
    transaction(&mut vectors, "transfer", &transfer);
    let second = sealed(&mut chain, &transfer, later);
    block(&mut vectors, "block-2", &second);
    let leaves = [id, first.header.hash()];
    assert_eq!(second.header.history_root, merkle::root(leaves.iter().map(Hash::as_bytes)));
    vectors.hash("history-root-2", second.header.history_root);
    let mut validator = Validator::new(chain.spec().clone());
    for block in [&first, &second] {
        validator.push(&block.encode(), Some(&block.header.hash())).expect("it is valid");
    }
    assert_eq!(validator.ledger().balance(&to), 7);
    let proof = chain.prove(&data.id()).expect("it is in the chain");
    vectors.bytes("proof", &proof.encode());
    private_room(&mut vectors);
    messages(&mut vectors, &chain, &data, &first);
    authority(&mut vectors);
    frames(&mut vectors, id);
    vectors.0
}

fn difficulties(vectors: &mut Vectors) {
    for hashes in [1, 65_536, 16_777_215, 16_777_216, 16_777_217, 1_000_000_007, 1 << 60] {
        let bits = Difficulty::from_hashes(hashes).to_bits();
        vectors.bytes(&format!("difficulty-{hashes}"), &bits.to_be_bytes());
    }
    vectors.bytes("difficulty-greatest", &Difficulty::MAX.to_bits().to_be_bytes());
    // Solve times of 1,000, 250, 0 (clamped to 1) and 60,000 (clamped to 6,000) ms at
    // difficulties of 700,000, 800,000, 900,000 and 1,000,000, the genesis block first.
    let mut recent = vec![Pace::from(&genesis(&Spec::work("lobby").expect("a name")).header)];
    let times = [1_000, 1_250, 1_250, 61_250];
    for (time, hashes) in times.into_iter().zip([700_000, 800_000, 900_000, 1_000_000]) {
        let timestamp = UnixMillis(time);
        let difficulty = Difficulty::from_hashes(hashes);
        recent.push(Pace { timestamp, difficulty });
    }
    let spec = Spec::work("lobby").expect("a name");
    for count in 3..=5 {
        let next = next_difficulty(&spec, &recent[..count]);
        vectors.bytes(&format!("retarget-after-{}", count - 1), &next.to_bits().to_be_bytes());
    }
    let difficulty = Difficulty::from_hashes(1_000_000);
    let fast: Vec<Pace> =
        (0..=30).map(|time| Pace { timestamp: UnixMillis(time), difficulty }).collect();
    let next = next_difficulty(&spec, &fast);
    vectors.bytes("retarget-most", &next.to_bits().to_be_bytes());
}

/// A room whose members are the author and the receiver.
fn authority_spec() -> Spec {
    let mut members = vec![author().public(), receiver().public()];
    members.sort_unstable();
    let consensus = Consensus::Authority { members, patience: 1_000, writers: Writers::Anyone };
    Spec::new("lobby", consensus, 50).expect("it is one")
}

/// Two blocks of such a room: the first in turn, the second not, both by the author.
fn authority(vectors: &mut Vectors) {
    let mut chain = Chain::new(authority_spec());
    let body = || Body::Data { media_type: "text/plain".to_owned(), bytes: b"Hello!".to_vec() };
    let first = signed(chain.id(), 0xaa, TIME, body());
    let second = signed(chain.id(), 0xbb, TIME, body());
    let blocks = [sealed(&mut chain, &first, TIME), sealed(&mut chain, &second, TIME)];
    let weights = [2, 1];
    for ((number, block), weight) in (1..).zip(&blocks).zip(weights) {
        assert_eq!(block.header.difficulty.hashes(), weight);
        let hash = block.header.hash();
        let name = format!("authority-block-{number}");
        vectors.bytes(&format!("{name}-header"), &block.header.encode());
        vectors.hash(&format!("{name}-hash"), hash);
        vectors.bytes(&format!("{name}-seal-preimage"), &preimage(&hash));
        vectors.bytes(&format!("{name}-seal"), block.header.seal.expect("sealed").as_bytes());
        vectors.bytes(&name, &block.encode());
    }
    let headers = blocks.iter().map(|block| block.header.encode_sealed().into()).collect();
    let message = Message::Headers { request: 1, headers };
    vectors.bytes("authority-message-headers", &message.encode());
    let proof = chain.prove(&first.id()).expect("it is in the chain");
    assert!(proof.check().is_ok());
    vectors.bytes("authority-proof", &proof.encode());
}

fn rooms(vectors: &mut Vectors) {
    let specs = [
        ("work", Spec::work("lobby").expect("a name")),
        ("open", Spec::open("lobby").expect("a name")),
        ("authority", authority_spec()),
    ];
    for (name, spec) in specs {
        vectors.bytes(&format!("{name}-spec"), &codec::encode(&spec));
        vectors.hash(&format!("{name}-spec-hash"), spec.hash());
        let genesis = genesis(&spec);
        vectors.bytes(&format!("{name}-genesis-header"), &genesis.header.encode());
        vectors.hash(&format!("{name}-chain-id"), genesis.header.hash());
    }
}

/// The room `lobby` (`work`), private, and the entry above in its block 1.
fn private_room(vectors: &mut Vectors) {
    let secret = RoomSecret::from_bytes([0x04; 32]);
    vectors.hash("private-commitment", secret.commitment());
    let terms = Terms { private: Some(secret.commitment()), ..Terms::default() };
    let spec = Spec::work("lobby").expect("a name").with_terms(terms);
    vectors.bytes("private-spec", &codec::encode(&spec));
    let mut chain = Chain::new(spec);
    vectors.hash("private-chain-id", chain.id());
    let place = Place { chain: chain.id(), author: author().public() };
    let plain = Plain { media_type: "text/plain".to_owned(), bytes: b"Hello, tabs!".to_vec() };
    let sealed_bytes = secret.seal([0xcc; NONCE], &place, &plain).expect("it is short");
    vectors.bytes("private-plain", &codec::encode(&plain));
    vectors.bytes("private-sealed", &sealed_bytes);
    let key = secret.key_of(&place, &sealed_bytes).expect("it opens");
    vectors.bytes("private-entry-key", key.as_bytes());
    let media_type = chain_wasm::private::MEDIA_TYPE.to_owned();
    let entry = signed(chain.id(), 0xaa, TIME, Body::Data { media_type, bytes: sealed_bytes });
    vectors.hash("private-entry-id", entry.id());
    sealed(&mut chain, &entry, TIME);
    let mut proof = chain.prove(&entry.id()).expect("it is in the chain");
    proof.opening = Some(key);
    assert!(proof.check().is_ok());
    vectors.bytes("private-proof", &proof.encode());
}

fn transaction(vectors: &mut Vectors, name: &str, transaction: &Transaction) {
    vectors.bytes(&format!("{name}-preimage"), &transaction.content().preimage());
    vectors.hash(&format!("{name}-id"), transaction.id());
    vectors.bytes(&format!("{name}-signature"), transaction.signature().as_bytes());
    vectors.bytes(&format!("{name}-transaction"), &transaction.encode());
}

fn block(vectors: &mut Vectors, name: &str, block: &Block) {
    vectors.bytes(&format!("{name}-coinbase"), &block.transactions[0].encode());
    vectors.hash(&format!("{name}-merkle-root"), block.merkle_root());
    vectors.bytes(&format!("{name}-header"), &block.header.encode());
    vectors.hash(&format!("{name}-hash"), block.header.hash());
    vectors.bytes(name, &block.encode());
}

fn messages(vectors: &mut Vectors, chain: &Chain, data: &Transaction, first: &Block) {
    let work = chain.tip_rank().work;
    let mut status = Status::new(author().public(), chain.tip(), chain.height(), work);
    "Jin".clone_into(&mut status.nickname);
    vectors.bytes("status", &status.encode());
    let (id, hash) = (chain.id(), first.header.hash());
    let messages = [
        ("transactions", Message::Transactions { transactions: vec![data.encode().into()] }),
        ("block", Message::Block { block: first.encode() }),
        ("get-headers", Message::GetHeaders { request: 1, locator: vec![hash, id] }),
        (
            "headers",
            Message::Headers { request: 1, headers: vec![first.header.encode_sealed().into()] },
        ),
        ("get-blocks", Message::GetBlocks { request: 2, hashes: vec![hash] }),
        ("blocks", Message::Blocks { request: 2, blocks: Vec::new() }),
        ("get-mempool", Message::GetMempool { request: 300 }),
        ("mempool", Message::Mempool { request: 300, ids: vec![data.id()] }),
        ("get-transactions", Message::GetTransactions { request: 4, ids: vec![data.id()] }),
        (
            "sent-transactions",
            Message::SentTransactions { request: 4, transactions: vec![data.encode().into()] },
        ),
        ("verdict", Message::Verdict { block: hash, verdict: "work".to_owned() }),
        ("lab-reset", Message::LabReset),
        ("get-spec", Message::GetSpec { request: 5 }),
        ("sent-spec", Message::SentSpec { request: 5, spec: codec::encode(chain.spec()) }),
    ];
    for (name, message) in messages {
        vectors.bytes(&format!("message-{name}"), &message.encode());
    }
}

fn frames(vectors: &mut Vectors, room: ChainId) {
    let (peer, nonce) = (session().public(), Hash::from_bytes([0x11; 32]));
    vectors.bytes("registration-preimage", &registration_preimage(&nonce, &room, &peer));
    let status = b"s";
    let registration = register(&session(), &nonce, room, status);
    let ClientFrame::Register { signature, .. } = &registration else { unreachable!() };
    vectors.bytes("registration-signature", signature.as_bytes());
    let from_tab = [
        ("register", registration),
        ("broadcast", ClientFrame::Broadcast { payload: b"hi" }),
        ("send", ClientFrame::Send { to: peer, payload: b"hi" }),
        ("set-status", ClientFrame::SetStatus { status }),
    ];
    for (name, frame) in from_tab {
        vectors.bytes(&format!("frame-{name}"), &frame.encode());
    }
    let from_relay = [
        ("challenge", RelayFrame::Challenge { version: VERSION, nonce }),
        ("welcome", RelayFrame::Welcome { time: TIME, peers: vec![Presence { peer, status }] }),
        ("peer-joined", RelayFrame::PeerJoined { peer, status }),
        ("peer-left", RelayFrame::PeerLeft { peer }),
        ("peer-status", RelayFrame::PeerStatus { peer, status }),
        ("deliver", RelayFrame::Deliver { from: peer, payload: b"hi" }),
        ("undeliverable", RelayFrame::Undeliverable { to: peer }),
        ("refused", RelayFrame::Refused { reason: Refusal::TooSlow }),
        ("going-away", RelayFrame::GoingAway { retry_after: 500 }),
        ("reach", RelayFrame::Reach { whole: false }),
    ];
    for (name, frame) in from_relay {
        vectors.bytes(&format!("frame-{name}"), &frame.encode());
    }
}
