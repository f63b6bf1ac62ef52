//! Encoders: what is written is read again as the same value, and a changed byte never
//! goes unnoticed.

use arbitrary::{Arbitrary, Result, Unstructured};
use chain_wasm::chain::block::{Block, Header};
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::primitives::{Difficulty, Hash, Keypair, PublicKey, Signature, UnixMillis};
use chain_wasm::relay::{ClientFrame, Presence, Refusal, RelayFrame, register};
use chain_wasm::wire::{Message, Status};

/// Makes one value of each kind from the input.
pub fn run(data: &[u8]) {
    let _ = values(&mut Unstructured::new(data));
}

fn values(u: &mut Unstructured<'_>) -> Result<()> {
    let damage: (u16, u8) = u.arbitrary()?;
    let transaction = transaction(u)?;
    let bytes = transaction.encode();
    if let Ok(read) = Transaction::decode(&bytes) {
        assert_eq!(read, transaction);
    }
    damaged(&bytes, damage, |bytes| {
        Transaction::decode(bytes).is_ok_and(|read| read == transaction)
    });
    let block = Block { header: header(u)?, transactions: vec![transaction] };
    let bytes = block.encode();
    if let Ok(read) = Block::decode(&bytes) {
        assert_eq!(read, block);
    }
    damaged(&bytes, damage, |bytes| Block::decode(bytes).is_ok_and(|read| read == block));
    let message = message(u)?;
    let bytes = message.encode();
    if let Ok(read) = Message::decode(&bytes) {
        assert_eq!(read, message);
    }
    damaged(&bytes, damage, |bytes| Message::decode(bytes).is_ok_and(|read| read == message));
    let mut status = Status::new(key(u)?, hash(u)?, u.arbitrary()?, u.arbitrary()?);
    status.nickname = u.arbitrary()?;
    let bytes = status.encode();
    if let Ok(read) = Status::decode(&bytes) {
        assert_eq!(read, status);
    }
    damaged(&bytes, damage, |bytes| Status::decode(bytes).is_ok_and(|read| read == status));
    frames(u, damage)
}

/// The same bytes but for one are another value or none.
fn damaged(bytes: &[u8], (at, xor): (u16, u8), is_same: impl Fn(&[u8]) -> bool) {
    let mut other = bytes.to_vec();
    let length = other.len();
    other[usize::from(at) % length] ^= xor.max(1);
    assert!(!is_same(&other), "a changed byte goes unnoticed");
    assert!(!is_same(&bytes[..usize::from(at) % length]), "a cut goes unnoticed");
    other.clone_from_slice(bytes);
    other.push(xor);
    assert!(!is_same(&other), "a further byte goes unnoticed");
}

fn frames(u: &mut Unstructured<'_>, damage: (u16, u8)) -> Result<()> {
    let payload: &[u8] = u.arbitrary()?;
    let (peer, nonce) = (key(u)?, hash(u)?);
    let session = Keypair::from_seed(*nonce.as_bytes());
    let frame = match u.int_in_range(0..=3_u8)? {
        0 => register(&session, &nonce, hash(u)?, payload),
        1 => ClientFrame::Broadcast { payload },
        2 => ClientFrame::Send { to: peer, payload },
        _ => ClientFrame::SetStatus { status: payload },
    };
    let bytes = frame.encode();
    if let Ok(read) = ClientFrame::decode(&bytes) {
        assert_eq!(read, frame);
    }
    damaged(&bytes, damage, |bytes| ClientFrame::decode(bytes).is_ok_and(|read| read == frame));
    let frame = match u.int_in_range(0..=9_u8)? {
        0 => RelayFrame::Challenge { version: u.arbitrary()?, nonce },
        1 => {
            let peers = vec![Presence { peer, status: payload }; usize::from(damage.1 % 4)];
            RelayFrame::Welcome { time: UnixMillis(u.arbitrary()?), peers }
        }
        2 => RelayFrame::PeerJoined { peer, status: payload },
        3 => RelayFrame::PeerLeft { peer },
        4 => RelayFrame::PeerStatus { peer, status: payload },
        5 => RelayFrame::Deliver { from: peer, payload },
        6 => RelayFrame::Undeliverable { to: peer },
        7 => RelayFrame::Refused { reason: *u.choose(&Refusal::ALL)? },
        8 => RelayFrame::GoingAway { retry_after: u.arbitrary()? },
        _ => RelayFrame::Reach { whole: u.arbitrary()? },
    };
    let bytes = frame.encode();
    if let Ok(read) = RelayFrame::decode(&bytes) {
        assert_eq!(read, frame);
    }
    damaged(&bytes, damage, |bytes| RelayFrame::decode(bytes).is_ok_and(|read| read == frame));
    Ok(())
}

fn hash(u: &mut Unstructured<'_>) -> Result<Hash> {
    Ok(Hash::from_bytes(u.arbitrary()?))
}

fn key(u: &mut Unstructured<'_>) -> Result<PublicKey> {
    Ok(PublicKey::from_bytes(u.arbitrary()?))
}

fn list<T>(
    u: &mut Unstructured<'_>,
    make: impl Fn(&mut Unstructured<'_>) -> Result<T>,
) -> Result<Vec<T>> {
    let length = u.int_in_range(0..=5_u8)?;
    (0..length).map(|_| make(u)).collect()
}

fn bytes<'a, T: From<Vec<u8>>>(u: &mut Unstructured<'a>) -> Result<T> {
    Ok(<&'a [u8]>::arbitrary(u)?.to_vec().into())
}

/// A header of any content.
fn header(u: &mut Unstructured<'_>) -> Result<Header> {
    Ok(Header {
        version: u.arbitrary()?,
        height: u.arbitrary()?,
        previous_hash: hash(u)?,
        merkle_root: hash(u)?,
        history_root: hash(u)?,
        timestamp: UnixMillis(u.arbitrary()?),
        difficulty: Difficulty::from_hashes(u.arbitrary()?),
        nonce: u.arbitrary()?,
        seal: if u.arbitrary()? { Some(Signature::from_bytes(u.arbitrary()?)) } else { None },
    })
}

fn transaction(u: &mut Unstructured<'_>) -> Result<Transaction> {
    let body = match u.int_in_range(0..=3_u8)? {
        0 => Body::Coinbase { to: key(u)?, reward: u.arbitrary()?, height: u.arbitrary()? },
        1 => Body::Transfer { to: key(u)?, amount: u.arbitrary()? },
        _ => Body::Data { media_type: u.arbitrary()?, bytes: bytes(u)? },
    };
    let author = Keypair::from_seed([u.arbitrary()?; 32]);
    let content = Content {
        chain: hash(u)?,
        author: if u.arbitrary()? { author.public() } else { key(u)? },
        timestamp: UnixMillis(u.arbitrary()?),
        salt: u.arbitrary()?,
        body,
    };
    Ok(Transaction::sign(content, &author))
}

/// A message of any content.
pub(crate) fn message(u: &mut Unstructured<'_>) -> Result<Message> {
    let request = u.arbitrary()?;
    Ok(match u.int_in_range(0..=9_u8)? {
        0 => Message::Transactions { transactions: list(u, bytes)? },
        1 => Message::Block { block: bytes(u)? },
        2 => Message::GetHeaders { request, locator: list(u, hash)? },
        3 => Message::Headers {
            request,
            headers: list(u, |u| Ok(header(u)?.encode_sealed().into()))?,
        },
        4 => Message::GetBlocks { request, hashes: list(u, hash)? },
        5 => Message::Blocks { request, blocks: list(u, bytes)? },
        6 => Message::GetMempool { request },
        7 => Message::Mempool { request, ids: list(u, hash)? },
        8 => Message::GetTransactions { request, ids: list(u, hash)? },
        _ => Message::SentTransactions { request, transactions: list(u, bytes)? },
    })
}
