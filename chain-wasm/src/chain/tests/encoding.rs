//! Encode-decode is the identity; a flipped bit never goes unnoticed.

use proptest::prelude::*;

use super::forge::{Forge, NOW, data, give, open_spec, transfer, work_spec};
use crate::chain::block::{
    Block, BlockError, HEADER_SIZE, Header, HeaderError, MAX_BLOCK, MAX_TRANSACTIONS,
    SEALED_HEADER_SIZE,
};
use crate::chain::transaction::{
    Body, Content, MAX_DATA, MAX_MEDIA_TYPE, MAX_TRANSACTION, Transaction,
};
use crate::chain::validate::Validator;
use crate::chain::{BlockVerdict, Chain, Trust};
use crate::codec::CodecError;
use crate::primitives::{Difficulty, Hash, Keypair, PublicKey, Signature, UnixMillis};

fn key() -> impl Strategy<Value = PublicKey> {
    any::<[u8; 32]>().prop_map(PublicKey::from_bytes)
}

fn hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn body() -> impl Strategy<Value = Body> {
    prop_oneof![
        (key(), any::<u64>(), any::<u32>()).prop_map(|(to, reward, height)| Body::Coinbase {
            to,
            reward,
            height
        }),
        (".{0,20}", prop::collection::vec(any::<u8>(), 0..300))
            .prop_map(|(media_type, bytes)| Body::Data { media_type, bytes }),
        (key(), any::<u64>()).prop_map(|(to, amount)| Body::Transfer { to, amount }),
    ]
}

fn transaction() -> impl Strategy<Value = Transaction> {
    (hash(), any::<u64>(), any::<[u8; 16]>(), body(), any::<[u8; 32]>()).prop_map(
        |(chain, time, salt, body, seed)| {
            let pair = Keypair::from_seed(seed);
            let timestamp = UnixMillis(time);
            let author = pair.public();
            Transaction::sign(Content { chain, author, timestamp, salt, body }, &pair)
        },
    )
}

fn header() -> impl Strategy<Value = Header> {
    let fields = (any::<u8>(), any::<u32>(), hash(), hash(), hash());
    let seal =
        prop_oneof![Just(None), any::<u8>().prop_map(|b| Some(Signature::from_bytes([b; 64])))];
    let numbers = (any::<u64>(), 1_u128..(1 << 96), any::<u32>(), seal);
    (fields, numbers).prop_map(
        |(
            (version, height, previous_hash, merkle_root, history_root),
            (time, hashes, nonce, seal),
        )| {
            Header {
                version,
                height,
                previous_hash,
                merkle_root,
                history_root,
                timestamp: UnixMillis(time),
                difficulty: Difficulty::from_hashes(hashes),
                nonce,
                seal,
            }
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_transaction_is_read_as_it_was_written(transaction in transaction()) {
        let bytes = transaction.encode();
        let read = Transaction::decode(&bytes).unwrap();
        prop_assert_eq!(read.id(), transaction.id());
        prop_assert_eq!(&read, &transaction);
        prop_assert_eq!(read.encode(), bytes);
    }

    #[test]
    fn a_header_is_read_as_it_was_written(header in header()) {
        prop_assert_eq!(Header::decode(&header.encode_sealed()), Ok(header.clone()));
        // The seal is no part of what is hashed.
        let bare = Header { seal: None, ..header.clone() };
        prop_assert_eq!(bare.hash(), header.hash());
        prop_assert_eq!(Header::decode(&header.encode()), Ok(bare));
    }

    #[test]
    fn a_block_is_read_as_it_was_written(header in header(), transactions in prop::collection::vec(transaction(), 0..5)) {
        let block = Block { header, transactions };
        prop_assert_eq!(Block::decode(&block.encode()), Ok(block));
    }

    #[test]
    fn garbage_never_panics_and_what_is_read_is_written_again(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(transaction) = Transaction::decode(&bytes) {
            prop_assert_eq!(transaction.encode(), bytes.clone());
        }
        if let Ok(header) = Header::decode(&bytes) {
            prop_assert_eq!(header.encode_sealed(), bytes.clone());
        }
        prop_assert!(Block::decode(&bytes).is_err());
        let mut chain = Chain::new(open_spec());
        let verdicts = chain.insert_blocks(vec![bytes], Trust::Peer, NOW);
        prop_assert!(matches!(verdicts[0].1, BlockVerdict::Invalid(_)));
    }

    /// Bytes of a valid block changed in a few places: a decoder that trusts a
    /// length would fail here.
    #[test]
    fn a_damaged_block_never_panics(damage in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6), cut: prop::sample::Index) {
        let mut forge = Forge::new(work_spec());
        let entries = vec![forge.entry(1), forge.transfer(1, 2, 3)];
        let whole = forge.block(forge.id, 1, entries).encode();
        let mut bytes = whole.clone();
        for (at, byte) in damage {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        bytes.truncate(bytes.len() - cut.index(bytes.len()) / 8);
        let valid = Validator::new(work_spec()).push(&bytes, None).is_ok();
        prop_assert_eq!(valid, bytes == whole);
    }
}

#[test]
fn any_flipped_bit_of_a_block_is_noticed() {
    let mut forge = Forge::new(work_spec());
    let id = forge.id;
    let entries = vec![data(id, 2, 1, 40), transfer(id, 1, 2, 3, 50)];
    let block = forge.block(id, 1, entries);
    let (bytes, hash) = (block.encode(), block.header.hash());
    assert_eq!(Validator::new(work_spec()).push(&bytes, Some(&hash)), Ok(()));
    let mut given = Chain::new(work_spec());
    give(&mut given, &[block]);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        // By the full check, and without the signatures, as from the store.
        assert!(Validator::new(work_spec()).push(&flipped, Some(&hash)).is_err(), "bit {bit}");
        let mut chain = given.clone();
        assert!(!chain.body_loaded(&hash, Some(flipped)), "bit {bit}");
    }
}

#[test]
fn any_flipped_bit_of_a_transaction_is_noticed() {
    let id = Forge::new(work_spec()).id;
    for entry in [data(id, 2, 1, 40), transfer(id, 1, 2, 3, 50)] {
        let bytes = entry.encode();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            let passes = Transaction::decode(&flipped).is_ok_and(|entry| entry.check(&id).is_ok());
            assert!(!passes, "bit {bit}");
        }
    }
}

#[test]
fn a_header_has_its_length_and_a_difficulty_of_one_form() {
    let header = crate::chain::genesis(&work_spec()).header.encode();
    let between = (HEADER_SIZE + 1)..SEALED_HEADER_SIZE;
    for length in (0..HEADER_SIZE).chain(between).chain([SEALED_HEADER_SIZE + 1, 300]) {
        let bytes: Vec<u8> = header.iter().copied().cycle().take(length).collect();
        assert_eq!(Header::decode(&bytes), Err(HeaderError::Length), "{length}");
    }
    let mut bytes = header;
    bytes[109..113].copy_from_slice(&[0; 4]);
    assert!(matches!(Header::decode(&bytes), Err(HeaderError::Difficulty(_))));
}

#[test]
fn each_header_field_stands_at_its_offset() {
    let header = Header {
        version: 0x01,
        height: 0x0203_0405,
        previous_hash: Hash::from_bytes([0x11; 32]),
        merkle_root: Hash::from_bytes([0x22; 32]),
        history_root: Hash::from_bytes([0x33; 32]),
        timestamp: UnixMillis(0x0607_0809_0a0b_0c0d),
        difficulty: Difficulty::from_bits(0x1080_0001).unwrap(),
        nonce: 0x0e0f_1011,
        seal: None,
    };
    let bytes = header.encode();
    assert_eq!(bytes[..5], [1, 2, 3, 4, 5]);
    assert_eq!(bytes[5..37], [0x11; 32]);
    assert_eq!(bytes[37..69], [0x22; 32]);
    assert_eq!(bytes[69..101], [0x33; 32]);
    assert_eq!(bytes[101..109], [6, 7, 8, 9, 10, 11, 12, 13]);
    assert_eq!(bytes[109..113], [0x10, 0x80, 0, 1]);
    assert_eq!(bytes[113..], [0x0e, 0x0f, 0x10, 0x11]);
}

#[test]
fn the_greatest_transaction_fits_its_limit() {
    let pair = Keypair::from_seed([1; 32]);
    let content = Content {
        chain: Hash::ZERO,
        author: pair.public(),
        timestamp: UnixMillis(u64::MAX),
        salt: [0xff; 16],
        body: Body::Data { media_type: "x".repeat(MAX_MEDIA_TYPE), bytes: vec![0; MAX_DATA] },
    };
    let entry = Transaction::sign(content.clone(), &pair);
    let size = entry.encode().len();
    assert_eq!(size, MAX_DATA + MAX_MEDIA_TYPE + 169);
    assert_eq!(Transaction::decode(&entry.encode()), Ok(entry));
    let mut longer = content;
    longer.body = Body::Data { media_type: String::new(), bytes: vec![0; MAX_TRANSACTION] };
    let longer = Transaction::sign(longer, &pair).encode();
    let refused = Transaction::decode(&longer);
    assert_eq!(refused, Err(CodecError::TooLarge { got: longer.len(), limit: MAX_TRANSACTION }));
}

#[test]
fn a_block_has_1024_transactions_at_most() {
    let mut forge = Forge::new(open_spec());
    let entries = (0..MAX_TRANSACTIONS as u64).map(|n| transfer(forge.id, 1, n, 2, 1)).collect();
    let mut block = forge.block(forge.id, 1, entries);
    assert!(block.encode().len() < MAX_BLOCK);
    let refused = Block::decode(&block.encode());
    assert_eq!(refused, Err(BlockError::TooManyTransactions(MAX_TRANSACTIONS + 1)));
    block.transactions.pop();
    assert!(Block::decode(&block.encode()).is_ok());
}
