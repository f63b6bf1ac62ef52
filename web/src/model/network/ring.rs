//! This tab in the middle, the relay as a ring around it, the others around that.

use super::{Card, Drawing, Group, Relay, Stands, count};
use crate::model::peer::Relation;

/// The drawing's size.
const SIZE: (u32, u32) = (852, 520);
/// A tab's card, with two lines of words.
const CARD: (u32, u32) = (160, 76);
/// The middle.
const MIDDLE: (u32, u32) = (SIZE.0 / 2, SIZE.1 / 2);
/// The radii of the ring that the relay is.
const RELAY: (u32, u32) = (160, 98);
/// The radii of the ellipse on which the middles of the cards stand.
const AROUND: (f64, f64) = (342.0, 218.0);

pub(super) fn draw(groups: Vec<Group>) -> Drawing {
    let own = groups.iter().position(|group| group.stands == Stands::As(Relation::Same));
    let middle = (MIDDLE.0 - CARD.0 / 2, MIDDLE.1 - CARD.1 / 2);
    let mut cards =
        vec![Card { peer: None, group: own.unwrap_or_default(), x: middle.0, y: middle.1 }];
    let mut lines = Vec::new();
    let all: usize = groups.iter().map(|group| group.drawn.len()).sum();
    let peers = groups
        .iter()
        .enumerate()
        .flat_map(|(at, group)| group.drawn.iter().map(move |peer| (at, group.stands, *peer)));
    for (n, (group, stands, peer)) in peers.enumerate() {
        let (x, y) = place(n, all);
        lines.push((stands.tie(), format!("M{} {}L{x} {y}", MIDDLE.0, MIDDLE.1)));
        let (x, y) = (x - CARD.0 / 2, y - CARD.1 / 2);
        cards.push(Card { peer: Some(peer), group, x, y });
    }
    Drawing {
        width: SIZE.0,
        height: SIZE.1,
        groups,
        card: CARD,
        cards,
        lines,
        relay: Relay::Ring { x: MIDDLE.0, y: MIDDLE.1, across: RELAY.0, down: RELAY.1 },
        left_out: 0,
    }
}

/// The middle of the n-th of so many cards: clockwise from the top, or from the left and
/// the right if they are two.
fn place(n: usize, of: usize) -> (u32, u32) {
    let turn = f64::from(count(n)) / f64::from(count(of.max(1)));
    let start = if of == 2 { 0.5 } else { 0.25 };
    let angle = (turn - start) * std::f64::consts::TAU;
    let at = |middle: u32, radius: f64, part: f64| {
        // In the middle of a drawing that is larger than its ellipse: not negative.
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        {
            radius.mul_add(part, f64::from(middle)).round().max(0.0) as u32
        }
    };
    (at(MIDDLE.0, AROUND.0, angle.cos()), at(MIDDLE.1, AROUND.1, angle.sin()))
}
