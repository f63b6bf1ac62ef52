//! A frame for each tip, on shelves below the relay.

use super::{CARD, Card, Drawing, Frame, Group, Relay, Room, Stands, count};
use crate::model::peer::Relation;

/// Between cards, and between a frame and what is in it.
const GAP: u32 = 8;
/// The height of a frame's two lines of words.
const HEAD: u32 = 44;
/// Where the relay's line goes down, and how far frames stand from it.
const TRUNK: u32 = 8;
/// The frames' left edge.
const LEFT: u32 = 20;
/// The relay's height.
const BAR: u32 = 30;
/// Between shelves, for the lines.
const BETWEEN: u32 = 20;

pub(super) fn draw(mut groups: Vec<Group>, room: Room) -> Drawing {
    let columns = match room {
        Room::Wide => 5,
        Room::Narrow => 2,
    };
    let width = LEFT + frame_width(columns);
    let (mut cards, mut lines) = (Vec::new(), Vec::new());
    let (mut x, mut y, mut shelf) = (LEFT, BAR + BETWEEN, 0);
    for (at, group) in groups.iter_mut().enumerate() {
        let own = group.stands == Stands::As(Relation::Same);
        let tabs = own.then_some(None).into_iter().chain(group.drawn.iter().copied().map(Some));
        let tabs: Vec<Option<usize>> = tabs.collect();
        let across = count(tabs.len()).clamp(1, columns);
        let frame_width = frame_width(across);
        if x > LEFT && x + frame_width > width {
            (x, y, shelf) = (LEFT, y + shelf + BETWEEN, 0);
        }
        let rows = count(tabs.len()).div_ceil(across);
        let frame = Frame { x, y, width: frame_width, height: HEAD + rows * (CARD.1 + GAP) };
        for (n, peer) in (0..).zip(tabs) {
            let (column, row) = (n % across, n / across);
            cards.push(Card {
                peer,
                group: at,
                x: x + GAP + column * (CARD.0 + GAP),
                y: y + HEAD + row * (CARD.1 + GAP),
            });
        }
        let (above, middle) = (y - BETWEEN / 2, x + frame_width / 2);
        lines.push((group.stands.tie(), format!("M{TRUNK} {BAR}V{above}H{middle}V{y}")));
        group.frame = Some(frame);
        x += frame_width + GAP;
        shelf = shelf.max(frame.height);
    }
    Drawing {
        width,
        height: y + shelf + 2,
        groups,
        cards,
        lines,
        relay: Relay::Bar(Frame { x: 1, y: 1, width: width - 2, height: BAR - 1 }),
        left_out: 0,
    }
}

/// The width of a frame with so many cards beside each other.
const fn frame_width(columns: u32) -> u32 {
    columns * (CARD.0 + GAP) + GAP
}
