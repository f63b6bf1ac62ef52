//! A frame for each tip, on shelves below the relay.

use super::{Card, Drawing, Frame, Group, Relay, Room, Stands, count};
use crate::model::peer::Relation;

/// Width and height of a tab's card where there is room, and on a phone.
const WIDE: (u32, u32) = (160, 62);
/// See [`WIDE`].
const NARROW: (u32, u32) = (148, 62);
/// Between cards, and between a frame and what is in it.
const GAP: u32 = 6;
/// The height of a frame's two lines of words.
const HEAD: u32 = 44;
/// Where the relay's line goes down, and how far frames stand from it.
const TRUNK: u32 = 6;
/// The frames' left edge.
const LEFT: u32 = 16;
/// The relay's height.
const BAR: u32 = 30;
/// Between shelves, for the lines.
const BETWEEN: u32 = 20;

pub(super) fn draw(mut groups: Vec<Group>, room: Room) -> Drawing {
    let (columns, card) = match room {
        Room::Wide => (5, WIDE),
        Room::Narrow => (2, NARROW),
    };
    let frame_width = |columns: u32| columns * (card.0 + GAP) + GAP;
    let width = LEFT + frame_width(columns) + 2;
    let (mut cards, mut lines) = (Vec::new(), Vec::new());
    let (mut x, mut y, mut shelf) = (LEFT, BAR + BETWEEN, 0);
    for (at, group) in groups.iter_mut().enumerate() {
        let own = group.stands == Stands::As(Relation::Same);
        let tabs = own.then_some(None).into_iter().chain(group.drawn.iter().copied().map(Some));
        let tabs: Vec<Option<usize>> = tabs.collect();
        let across = count(tabs.len()).clamp(1, columns);
        let frame_across = frame_width(across);
        if x > LEFT && x + frame_across > width {
            (x, y, shelf) = (LEFT, y + shelf + BETWEEN, 0);
        }
        let rows = count(tabs.len()).div_ceil(across);
        let frame = Frame { x, y, width: frame_across, height: HEAD + rows * (card.1 + GAP) };
        for (n, peer) in (0..).zip(tabs) {
            let (column, row) = (n % across, n / across);
            cards.push(Card {
                peer,
                group: at,
                x: x + GAP + column * (card.0 + GAP),
                y: y + HEAD + row * (card.1 + GAP),
            });
        }
        let (above, middle) = (y - BETWEEN / 2, x + frame_across / 2);
        lines.push((group.stands.tie(), format!("M{TRUNK} {BAR}V{above}H{middle}V{y}")));
        group.frame = Some(frame);
        x += frame_across + GAP;
        shelf = shelf.max(frame.height);
    }
    Drawing {
        width,
        height: y + shelf + 2,
        groups,
        card,
        cards,
        lines,
        relay: Relay::Bar(Frame { x: 1, y: 1, width: width - 2, height: BAR - 1 }),
        left_out: 0,
    }
}
