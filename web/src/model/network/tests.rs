use chain_wasm::api::PeerFault;
use chain_wasm::primitives::PublicKey;

use super::*;

fn tip() -> TipView {
    TipView { height: 10, hash: Hash::of(b"tip"), work: "10".into() }
}

fn peer(n: u32, height: u32, tip: &[u8]) -> PeerView {
    let mut id = [0; 32];
    id[..4].copy_from_slice(&n.to_be_bytes());
    PeerView {
        peer: PublicKey::from_bytes(id),
        author: None,
        height,
        tip: Some(Hash::of(tip)),
        pending: 0,
        hidden: false,
        sealing: false,
        fault: None,
        round_trip: None,
    }
}

fn many(count: u32, tips: u32) -> Vec<PeerView> {
    (0..count).map(|n| peer(n, n % tips, &(n % tips).to_be_bytes())).collect()
}

/// No card lies on another, and each is within the drawing.
fn assert_apart(drawing: &Drawing) {
    let (width, height) = drawing.card;
    for (n, one) in drawing.cards.iter().enumerate() {
        assert!(one.x + width <= drawing.width && one.y + height <= drawing.height, "{one:?}");
        for other in drawing.cards.iter().skip(n + 1) {
            let apart = one.x.abs_diff(other.x) >= width || one.y.abs_diff(other.y) >= height;
            assert!(apart, "{one:?} {other:?}");
        }
    }
}

#[test]
fn alone_this_tab_stands_in_the_middle() {
    let drawing = draw(&[], &tip(), Room::Wide);
    assert_eq!(drawing.cards.len(), 1);
    let card = drawing.cards[0];
    assert_eq!((card.peer, card.group), (None, 0));
    assert_eq!(
        (card.x + drawing.card.0 / 2, card.y + drawing.card.1 / 2),
        (drawing.width / 2, drawing.height / 2)
    );
    assert!(drawing.lines.is_empty());
}

#[test]
fn gathers_peers_by_their_tips_the_highest_first() {
    let mut peers = vec![
        peer(1, 3, b"old"),
        peer(2, 10, b"tip"),
        peer(3, 12, b"new"),
        peer(4, 10, b"branch"),
        peer(5, 10, b"tip"),
        peer(6, 12, b"new"),
        peer(7, 10, b"tip"),
    ];
    peers[6].fault = Some(PeerFault::InvalidBlock);
    peers.push(PeerView { tip: None, height: 0, ..peer(8, 0, b"") });
    let drawing = draw(&peers, &tip(), Room::Wide);
    let seen: Vec<_> = drawing
        .groups
        .iter()
        .map(|group| (group.stands, group.size, group.drawn.clone()))
        .collect();
    assert_eq!(
        seen,
        [
            (Stands::As(Relation::Ahead(2)), 2, vec![2, 5]),
            (Stands::As(Relation::Same), 3, vec![1, 4]),
            (Stands::As(Relation::Branch), 1, vec![3]),
            (Stands::As(Relation::Behind(7)), 1, vec![0]),
            (Stands::As(Relation::Unknown), 1, vec![7]),
            (Stands::Ignored, 1, vec![6]),
        ]
    );
    // Those at one tip stand beside each other.
    let order: Vec<_> = drawing.cards.iter().map(|card| card.group).collect();
    assert_eq!(order, [1, 0, 0, 1, 1, 2, 3, 4, 5]);
    let ties: Vec<_> = drawing.lines.iter().map(|(tie, _)| *tie).collect();
    let (same, other) = (Tie::Same, Tie::Other);
    assert_eq!(ties, [other, other, same, same, other, other, other, Tie::Ignored]);
    assert_apart(&drawing);
}

#[test]
fn few_stand_around_and_more_in_frames_and_none_on_another() {
    for count in 0..=count(MAX_AROUND) {
        let drawing = draw(&many(count, 3), &tip(), Room::Wide);
        assert!(matches!(drawing.relay, Relay::Ring { .. }), "{count}");
        assert_eq!((drawing.cards.len(), drawing.left_out), (count as usize + 1, 0));
        assert_apart(&drawing);
    }
    for (count, tips) in [(13, 1), (30, 4), (60, 12), (60, 1)] {
        for room in [Room::Wide, Room::Narrow] {
            let drawing = draw(&many(count, tips), &tip(), room);
            assert!(matches!(drawing.relay, Relay::Bar(_)), "{count}");
            assert_apart(&drawing);
            for (at, group) in drawing.groups.iter().enumerate() {
                let frame = group.frame.expect("a frame");
                assert!(frame.x + frame.width <= drawing.width);
                assert!(frame.y + frame.height <= drawing.height);
                for card in drawing.cards.iter().filter(|card| card.group == at) {
                    assert!(card.x >= frame.x && card.x + drawing.card.0 <= frame.x + frame.width);
                    assert!(card.y >= frame.y && card.y + drawing.card.1 <= frame.y + frame.height);
                }
            }
        }
    }
    let narrow = draw(&many(1, 1), &tip(), Room::Narrow);
    assert!(matches!(narrow.relay, Relay::Bar(_)));
    assert!(narrow.width <= 340, "a phone's width: {}", narrow.width);
}

#[test]
fn the_same_peers_make_the_same_drawing() {
    let peers = many(40, 5);
    assert_eq!(draw(&peers, &tip(), Room::Wide), draw(&peers, &tip(), Room::Wide));
}

#[test]
fn of_too_many_each_group_shows_some() {
    let mut peers = many(500, 1);
    peers.extend((500..540).map(|n| peer(n, 20, b"ahead")));
    peers.push(peer(540, 3, b"behind"));
    let drawing = draw(&peers, &tip(), Room::Wide);
    assert_eq!(drawing.cards.len(), MAX_DRAWN + 1);
    assert_eq!(drawing.left_out, 541 - MAX_DRAWN);
    assert!(drawing.groups.iter().all(|group| group.size == 1 || !group.drawn.is_empty()));
    assert_apart(&drawing);
    // As many tips as there are peers.
    let drawing = draw(&many(400, 400), &tip(), Room::Narrow);
    assert_eq!(drawing.groups.len(), MAX_GROUPS);
    assert!(drawing.groups.iter().any(|group| group.stands == Stands::As(Relation::Same)));
    assert_eq!(drawing.left_out, 401 - MAX_GROUPS);
}
