use super::*;

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

fn client_frames(session: &Keypair) -> Vec<ClientFrame<'static>> {
    let room = Hash::of(b"room");
    vec![
        register(session, &Hash::of(b"nonce"), room, b"st"),
        ClientFrame::Broadcast { payload: b"to all" },
        ClientFrame::Send { to: session.public(), payload: b"" },
        ClientFrame::SetStatus { status: b"new" },
    ]
}

fn relay_frames(peer: PeerId) -> Vec<RelayFrame<'static>> {
    let mut frames = vec![
        RelayFrame::Challenge { version: VERSION, nonce: Hash::of(b"nonce") },
        RelayFrame::Welcome {
            time: UnixMillis(1_700_000_000_000),
            peers: vec![Presence { peer, status: b"a" }, Presence { peer, status: b"" }],
        },
        RelayFrame::PeerJoined { peer, status: b"s" },
        RelayFrame::PeerLeft { peer },
        RelayFrame::PeerStatus { peer, status: b"s" },
        RelayFrame::Deliver { from: peer, payload: b"p" },
        RelayFrame::Undeliverable { to: peer },
        RelayFrame::GoingAway { retry_after: 500 },
        RelayFrame::Reach { whole: false },
    ];
    frames.extend(Refusal::ALL.map(|reason| RelayFrame::Refused { reason }));
    frames
}

#[test]
fn frames_keep_their_bytes() {
    assert_eq!(hex(&ClientFrame::Broadcast { payload: b"hi" }.encode()), "8201426869");
    assert_eq!(hex(&ClientFrame::SetStatus { status: b"s" }.encode()), "82034173");
    assert_eq!(hex(&RelayFrame::GoingAway { retry_after: 500 }.encode()), "82081901f4");
    assert_eq!(hex(&RelayFrame::Refused { reason: Refusal::TooSlow }.encode()), "82070a");
}

#[test]
fn what_is_written_is_read_again_and_nothing_shorter_or_longer_is() {
    let session = Keypair::from_seed([7; 32]);
    for frame in client_frames(&session) {
        let bytes = frame.encode();
        assert_eq!(ClientFrame::decode(&bytes), Ok(frame));
        for cut in 0..bytes.len() {
            assert!(ClientFrame::decode(&bytes[..cut]).is_err());
        }
        assert!(ClientFrame::decode(&[bytes.as_slice(), &[0]].concat()).is_err());
    }
    for frame in relay_frames(session.public()) {
        let bytes = frame.encode();
        assert_eq!(RelayFrame::decode(&bytes), Ok(frame));
        for cut in 0..bytes.len() {
            assert!(RelayFrame::decode(&bytes[..cut]).is_err());
        }
    }
}

#[test]
fn a_flipped_bit_is_never_read_as_the_same_frame() {
    let session = Keypair::from_seed([7; 32]);
    for frame in client_frames(&session) {
        let bytes = frame.encode();
        for bit in 0..bytes.len() * 8 {
            let mut flipped = bytes.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);
            assert_ne!(ClientFrame::decode(&flipped).as_ref(), Ok(&frame));
        }
    }
}

#[test]
fn a_registration_serves_for_its_own_challenge_room_and_peer_only() {
    let session = Keypair::from_seed([7; 32]);
    let (nonce, room) = (Hash::of(b"nonce"), Hash::of(b"room"));
    let ClientFrame::Register { peer, signature, .. } = register(&session, &nonce, room, b"")
    else {
        panic!("not a registration")
    };
    assert_eq!(verify_registration(&nonce, &room, &peer, &signature), Ok(()));
    let other = Keypair::from_seed([8; 32]).public();
    assert!(verify_registration(&Hash::of(b"later"), &room, &peer, &signature).is_err());
    assert!(verify_registration(&nonce, &Hash::of(b"next"), &peer, &signature).is_err());
    assert!(verify_registration(&nonce, &room, &other, &signature).is_err());
}

#[test]
fn refuses_statuses_and_frames_over_their_limits() {
    let long = vec![0; MAX_STATUS + 1];
    let frame = ClientFrame::SetStatus { status: &long }.encode();
    assert_eq!(
        ClientFrame::decode(&frame),
        Err(CodecError::TooLarge { got: MAX_STATUS + 1, limit: MAX_STATUS })
    );
    let long = vec![0; MAX_PAYLOAD + 1];
    let frame = ClientFrame::Broadcast { payload: &long }.encode();
    assert!(matches!(ClientFrame::decode(&frame), Err(CodecError::TooLarge { .. })));
}

#[test]
fn each_refusal_has_its_own_close_code() {
    for reason in Refusal::ALL {
        assert_eq!(Refusal::from_close_code(reason.close_code()), Some(reason));
    }
    assert_eq!(Refusal::from_close_code(1006), None);
}
