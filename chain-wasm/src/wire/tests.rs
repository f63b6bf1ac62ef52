//! Messages and statuses: their bytes, their limits, and what is refused.

use minicbor::bytes::ByteVec;
use proptest::prelude::*;

use super::*;
use crate::chain::block::{HEADER_SIZE, MAX_BLOCK, SEALED_HEADER_SIZE};
use crate::primitives::{Hash, PublicKey};

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn hash(byte: u8) -> Hash {
    Hash::from_bytes([byte; 32])
}

fn bytes(list: &[&[u8]]) -> Vec<ByteVec> {
    list.iter().map(|one| one.to_vec().into()).collect()
}

fn status() -> Status {
    let mut status =
        Status::new(PublicKey::from_bytes([0x11; 32]), hash(0x22), 300, 0x0102_0304_0506);
    status.mempool_count = 3;
    status.mempool_digest = [0x33; 16];
    status.sealing = true;
    status.nickname = "Jin 진".to_owned();
    status
}

/// One of each message.
fn messages() -> Vec<Message> {
    let header = ByteVec::from(vec![7; HEADER_SIZE]);
    vec![
        Message::Transactions { transactions: bytes(&[b"one", b""]) },
        Message::Block { block: b"block".to_vec() },
        Message::GetHeaders { request: 1, locator: vec![hash(1), hash(2)] },
        Message::Headers { request: 1, headers: vec![header] },
        Message::GetBlocks { request: 24, hashes: vec![hash(3)] },
        Message::Blocks { request: 24, blocks: bytes(&[b"b"]) },
        Message::GetMempool { request: u32::MAX },
        Message::Mempool { request: u32::MAX, ids: vec![] },
        Message::GetTransactions { request: 0, ids: vec![hash(4)] },
        Message::SentTransactions { request: 0, transactions: bytes(&[b"t"]) },
        Message::Verdict { block: hash(5), verdict: "work".to_owned() },
        Message::LabReset,
        Message::GetSpec { request: 7 },
        Message::SentSpec { request: 7, spec: b"spec".to_vec() },
    ]
}

#[test]
fn messages_keep_their_bytes() {
    let (one, two, three, four) =
        ("01".repeat(32), "02".repeat(32), "03".repeat(32), "04".repeat(32));
    let expected = [
        "01820082436f6e6540".to_owned(),
        "018201 45626c6f636b".replace(' ', ""),
        format!("018302 01 82 5820{one} 5820{two}").replace(' ', ""),
        format!("018303 01 81 5875{}", "07".repeat(117)).replace(' ', ""),
        format!("018304 1818 81 5820{three}").replace(' ', ""),
        "018305 1818 81 4162".replace(' ', ""),
        "018206 1affffffff".replace(' ', ""),
        "018307 1affffffff 80".replace(' ', ""),
        format!("018308 00 81 5820{four}").replace(' ', ""),
        "018309 00 81 4174".replace(' ', ""),
        format!("01830a 5820{} 64776f726b", "05".repeat(32)).replace(' ', ""),
        "01810b".to_owned(),
        "01820c07".to_owned(),
        "01830d07 4473706563".replace(' ', ""),
    ];
    for (message, expected) in messages().iter().zip(expected) {
        assert_eq!(hex(&message.encode()), expected, "{message:?}");
    }
}

#[test]
fn a_status_keeps_its_bytes() {
    let expected = format!(
        "01 89 5820{} 5820{} 19012c 50{}010203040506 03 50{} f4 f5 674a696e20eca784",
        "11".repeat(32),
        "22".repeat(32),
        "00".repeat(10),
        "33".repeat(16),
    )
    .replace(' ', "");
    assert_eq!(hex(&status().encode()), expected);
    assert_eq!(status().work(), 0x0102_0304_0506);
}

#[test]
fn what_is_written_is_read_again_and_nothing_shorter_or_longer_is() {
    for message in messages() {
        let bytes = message.encode();
        assert_eq!(Message::decode(&bytes), Ok(message));
        for cut in 0..bytes.len() {
            assert!(Message::decode(&bytes[..cut]).is_err());
        }
        assert!(Message::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
    let bytes = status().encode();
    assert_eq!(Status::decode(&bytes), Ok(status()));
    for cut in 0..bytes.len() {
        assert!(Status::decode(&bytes[..cut]).is_err());
    }
    assert!(Status::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn a_flipped_bit_is_never_read_as_the_same() {
    for message in messages() {
        let bytes = message.encode();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(Message::decode(&flipped).as_ref(), Ok(&message));
        }
    }
    let bytes = status().encode();
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        assert_ne!(Status::decode(&flipped), Ok(status()));
    }
}

#[test]
fn another_version_and_nothing_at_all_are_named() {
    assert_eq!(Message::decode(&[]), Err(WireError::Empty));
    assert_eq!(Status::decode(&[]), Err(WireError::Empty));
    for version in [0, 2, 255] {
        let mut message = messages()[0].encode();
        message[0] = version;
        assert_eq!(Message::decode(&message), Err(WireError::Version(version)));
        let mut other = status().encode();
        other[0] = version;
        assert_eq!(Status::decode(&other), Err(WireError::Version(version)));
    }
}

#[test]
fn unknown_numbers_and_missing_or_further_fields_are_refused() {
    for body in [
        &[0x82, 0x0a, 0x00][..],
        &[0x80],
        &[0x81, 0x06],
        &[0x83, 0x06, 0x00, 0x00],
        &[0x82, 0x06, 0xf6],
        &[0xa1, 0x06, 0x00],
        &[0x82, 0x26, 0x00],
    ] {
        let payload = [&[VERSION], body].concat();
        let refused = Message::decode(&payload);
        assert!(matches!(refused, Err(WireError::Codec(_))), "{body:02x?}: {refused:?}");
    }
}

/// Each list at its limit is read, and one longer is not.
#[test]
fn each_list_has_its_limit() {
    fn bounded(limit: usize, message: impl Fn(usize) -> Message) {
        let whole = message(limit).encode();
        assert!(whole.len() <= MAX_MESSAGE);
        assert_eq!(Message::decode(&whole), Ok(message(limit)));
        let over = Message::decode(&message(limit + 1).encode());
        assert_eq!(over, Err(WireError::TooMany { got: limit + 1, limit }));
    }
    let header = ByteVec::from(vec![7; SEALED_HEADER_SIZE]);
    let (request, empty) = (1, ByteVec::from(Vec::new()));
    bounded(MAX_VERDICT, |n| Message::Verdict { block: hash(1), verdict: "x".repeat(n) });
    bounded(MAX_HASHES, |n| Message::Transactions { transactions: vec![empty.clone(); n] });
    bounded(MAX_LOCATOR, |n| Message::GetHeaders { request, locator: vec![hash(1); n] });
    bounded(MAX_HEADERS, |n| Message::Headers { request, headers: vec![header.clone(); n] });
    bounded(MAX_HASHES, |n| Message::GetBlocks { request, hashes: vec![hash(1); n] });
    bounded(MAX_HASHES, |n| Message::Blocks { request, blocks: vec![empty.clone(); n] });
    bounded(MAX_MEMPOOL_IDS, |n| Message::Mempool { request, ids: vec![hash(1); n] });
    bounded(MAX_HASHES, |n| Message::GetTransactions { request, ids: vec![hash(1); n] });
    let transactions = |n| vec![empty.clone(); n];
    bounded(MAX_HASHES, |n| Message::SentTransactions { request, transactions: transactions(n) });
}

#[test]
fn a_message_over_the_relays_limit_is_refused() {
    let block = |size| Message::Block { block: vec![0; size] };
    let head = block(100_000).encode().len() - 100_000;
    let most = MAX_MESSAGE - head;
    assert_eq!(block(most).encode().len(), MAX_MESSAGE);
    assert!(Message::decode(&block(most).encode()).is_ok());
    let refused = Message::decode(&block(most + 1).encode());
    assert!(matches!(refused, Err(WireError::Codec(CodecError::TooLarge { .. }))));
    // What a sender may put into one message fits.
    assert!(MAX_BLOCK + head <= MAX_MESSAGE);
    let large = vec![ByteVec::from(vec![0; MAX_RESPONSE / MAX_HASHES]); MAX_HASHES];
    let blocks = Message::Blocks { request: u32::MAX, blocks: large };
    assert!(Message::decode(&blocks.encode()).is_ok());
}

#[test]
fn the_greatest_status_fits_and_a_longer_nickname_does_not() {
    let mut most = Status::new(PublicKey::from_bytes([1; 32]), hash(1), u32::MAX, u128::MAX);
    most.mempool_count = u32::MAX;
    most.mempool_digest = [0xff; 16];
    most.hidden = true;
    most.sealing = true;
    most.nickname = "n".repeat(MAX_NICKNAME);
    assert!(most.encode().len() <= MAX_STATUS);
    assert_eq!(Status::decode(&most.encode()), Ok(most.clone()));
    most.nickname.push('n');
    let over = WireError::TooMany { got: MAX_NICKNAME + 1, limit: MAX_NICKNAME };
    assert_eq!(Status::decode(&most.encode()), Err(over));
    most.nickname = "n".repeat(MAX_STATUS);
    let refused = Status::decode(&most.encode());
    assert!(matches!(refused, Err(WireError::Codec(CodecError::TooLarge { .. }))));
}

#[test]
fn a_claimed_length_costs_nothing() {
    // A list of 2^40, 2^63 and so on, in a few bytes.
    for number in 0..10_u8 {
        for length in [[0, 0, 1, 0, 0, 0, 0, 0], [0x7f; 8], [0xff; 8]] {
            for request in [&[][..], &[0]] {
                for head in [0x9b, 0x5b] {
                    let body = [&[VERSION, 0x82, number], request, &[head], &length[..]].concat();
                    assert!(matches!(Message::decode(&body), Err(WireError::Codec(_))));
                }
            }
        }
    }
}

fn any_hash() -> impl Strategy<Value = Hash> {
    any::<[u8; 32]>().prop_map(Hash::from_bytes)
}

fn any_bytes() -> impl Strategy<Value = Vec<ByteVec>> {
    let one = prop::collection::vec(any::<u8>(), 0..300).prop_map(ByteVec::from);
    prop::collection::vec(one, 0..6)
}

fn any_message() -> impl Strategy<Value = Message> {
    let hashes = || prop::collection::vec(any_hash(), 0..9);
    let header = any::<u8>().prop_map(|byte| ByteVec::from(vec![byte; HEADER_SIZE]));
    prop_oneof![
        any_bytes().prop_map(|transactions| Message::Transactions { transactions }),
        prop::collection::vec(any::<u8>(), 0..900).prop_map(|block| Message::Block { block }),
        (any::<u32>(), hashes())
            .prop_map(|(request, locator)| Message::GetHeaders { request, locator }),
        (any::<u32>(), prop::collection::vec(header, 0..5))
            .prop_map(|(request, headers)| Message::Headers { request, headers }),
        (any::<u32>(), hashes())
            .prop_map(|(request, hashes)| Message::GetBlocks { request, hashes }),
        (any::<u32>(), any_bytes())
            .prop_map(|(request, blocks)| Message::Blocks { request, blocks }),
        any::<u32>().prop_map(|request| Message::GetMempool { request }),
        (any::<u32>(), hashes()).prop_map(|(request, ids)| Message::Mempool { request, ids }),
        (any::<u32>(), hashes())
            .prop_map(|(request, ids)| Message::GetTransactions { request, ids }),
        (any::<u32>(), any_bytes()).prop_map(|(request, transactions)| Message::SentTransactions {
            request,
            transactions
        }),
    ]
}

proptest! {
    #[test]
    fn any_message_is_read_as_it_was_written(message in any_message()) {
        prop_assert_eq!(Message::decode(&message.encode()), Ok(message));
    }

    #[test]
    fn any_status_is_read_as_it_was_written(
        author: [u8; 32], tip in any_hash(), height: u32, work: u128,
        count: u32, digest: [u8; 16], hidden: bool, sealing: bool, nickname in ".{0,8}",
    ) {
        let mut status = Status::new(PublicKey::from_bytes(author), tip, height, work);
        status.mempool_count = count;
        status.mempool_digest = digest;
        status.hidden = hidden;
        status.sealing = sealing;
        status.nickname = nickname;
        prop_assert_eq!(status.work(), work);
        prop_assert_eq!(Status::decode(&status.encode()), Ok(status));
    }

    #[test]
    fn garbage_never_panics_and_what_is_read_is_written_again(
        bytes in prop::collection::vec(any::<u8>(), 0..200), number in 0_u8..12,
    ) {
        // As it is, and with a beginning that gets further into the decoder.
        for payload in [bytes.clone(), [&[VERSION, 0x82, number], &bytes[..]].concat(), [&[VERSION, 0x83, number], &bytes[..]].concat()] {
            if let Ok(message) = Message::decode(&payload) {
                prop_assert_eq!(message.encode(), payload.clone());
            }
            if let Ok(status) = Status::decode(&payload) {
                prop_assert_eq!(status.encode(), payload);
            }
        }
    }

    #[test]
    fn damage_never_panics_and_never_hides(message in any_message(), at: prop::sample::Index, byte: u8, cut: prop::sample::Index) {
        let whole = message.encode();
        let mut damaged = whole.clone();
        let at = at.index(damaged.len());
        damaged[at] = byte;
        damaged.truncate(damaged.len() - cut.index(damaged.len()) / 16);
        if damaged != whole {
            prop_assert_ne!(Message::decode(&damaged), Ok(message));
        }
    }
}
