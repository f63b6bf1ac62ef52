//! The network as a drawing: who is in the room, and how each one's chain stands to this
//! tab's.
//!
//! Peers are gathered by what they say their tip is. A few of them stand around this tab,
//! those at one tip beside each other; where that would be too narrow each tip has a frame
//! of its own, the highest first. The same peers always make the same drawing.

mod frames;
mod ring;

use chain_wasm::api::{PeerView, TipView};
use chain_wasm::primitives::Hash;

use super::peer::{Relation, relation};

/// Peers that are drawn at the most. All of them stand in the list beside it.
pub(crate) const MAX_DRAWN: usize = 60;

/// Tips that are drawn at the most, each with at least one peer.
pub(crate) const MAX_GROUPS: usize = 12;

/// Peers that stand around this tab at the most.
pub(crate) const MAX_AROUND: usize = 12;

/// How much room there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// A desktop's.
    Wide,
    /// A phone's.
    Narrow,
}

/// How those who are gathered stand to this tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Stands {
    /// By what they say of their tip.
    As(Relation),
    /// They are ignored, for what they did.
    Ignored,
}

/// Those who say that they have the same tip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Group {
    /// How they stand to this tab.
    pub(crate) stands: Stands,
    /// The tip.
    pub(crate) tip: Option<Hash>,
    /// Its height.
    pub(crate) height: u32,
    /// How many they are, this tab counted.
    pub(crate) size: usize,
    /// Those of them who are drawn, as places in the list of peers.
    pub(crate) drawn: Vec<usize>,
    /// The frame around them, if they have one.
    pub(crate) frame: Option<Frame>,
}

/// A rectangle.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Frame {
    /// Its left edge.
    pub(crate) x: u32,
    /// Its upper edge.
    pub(crate) y: u32,
    /// Its width.
    pub(crate) width: u32,
    /// Its height.
    pub(crate) height: u32,
}

/// A tab's card.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Card {
    /// Its place in the list of peers; `None`: this tab.
    pub(crate) peer: Option<usize>,
    /// Its place among the groups.
    pub(crate) group: usize,
    /// Its left edge.
    pub(crate) x: u32,
    /// Its upper edge.
    pub(crate) y: u32,
}

/// What a line says of those whom it leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tie {
    /// They are at this tab's tip.
    Same,
    /// They are at another.
    Other,
    /// They are ignored.
    Ignored,
}

/// The relay, through which everything goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Relay {
    /// A ring around this tab: its middle and its radii.
    Ring {
        /// The middle, across.
        x: u32,
        /// The middle, down.
        y: u32,
        /// The radius, across.
        across: u32,
        /// The radius, down.
        down: u32,
    },
    /// A bar above all tabs.
    Bar(Frame),
}

/// The drawing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Drawing {
    /// Its width.
    pub(crate) width: u32,
    /// Its height.
    pub(crate) height: u32,
    /// Who is gathered, in the order of their heights.
    pub(crate) groups: Vec<Group>,
    /// Width and height of a tab's card.
    pub(crate) card: (u32, u32),
    /// The tabs.
    pub(crate) cards: Vec<Card>,
    /// The lines to them, as SVG paths.
    pub(crate) lines: Vec<(Tie, String)>,
    /// The relay.
    pub(crate) relay: Relay,
    /// Peers that are not drawn, for they are too many.
    pub(crate) left_out: usize,
}

/// Draws a room.
pub(crate) fn draw(peers: &[PeerView], tip: &TipView, room: Room) -> Drawing {
    let groups = groups(peers, tip);
    let drawn: usize = groups.iter().map(|group| group.drawn.len()).sum();
    let left_out = peers.len() - drawn;
    let around = room == Room::Wide && drawn <= MAX_AROUND && left_out == 0;
    let mut drawing = if around { ring::draw(groups) } else { frames::draw(groups, room) };
    drawing.left_out = left_out;
    drawing
}

/// Gathers the peers by their tips. This tab's own group is always there.
fn groups(peers: &[PeerView], tip: &TipView) -> Vec<Group> {
    let own = Group {
        stands: Stands::As(Relation::Same),
        tip: Some(tip.hash),
        height: tip.height,
        size: 1,
        drawn: Vec::new(),
        frame: None,
    };
    let mut groups = vec![own];
    for (at, peer) in peers.iter().enumerate() {
        let stands = match peer.fault {
            Some(_) => Stands::Ignored,
            None => Stands::As(relation(peer, tip)),
        };
        // What those say who are ignored does not gather them.
        let of = |group: &Group| {
            group.stands == stands && (stands == Stands::Ignored || group.tip == peer.tip)
        };
        if let Some(group) = groups.iter_mut().find(|group| of(group)) {
            group.size += 1;
            group.drawn.push(at);
        } else {
            groups.push(Group {
                stands,
                tip: peer.tip.filter(|_| stands != Stands::Ignored),
                height: peer.height,
                size: 1,
                drawn: vec![at],
                frame: None,
            });
        }
    }
    // Many tips: those who are with this tab, and the largest groups.
    groups.sort_by_key(|group| {
        (group.stands != Stands::As(Relation::Same), std::cmp::Reverse(group.size))
    });
    groups.truncate(MAX_GROUPS);
    keep_to_limit(&mut groups);
    groups.sort_by_key(|group| (order(group.stands), std::cmp::Reverse(group.height), group.tip));
    groups
}

/// Draws no more than [`MAX_DRAWN`]: each group as many as the others, if it has so many.
fn keep_to_limit(groups: &mut [Group]) {
    let all: usize = groups.iter().map(|group| group.drawn.len()).sum();
    if all <= MAX_DRAWN {
        return;
    }
    let mut by_size: Vec<&mut Group> = groups.iter_mut().collect();
    by_size.sort_by_key(|group| group.drawn.len());
    let (mut left, mut count) = (MAX_DRAWN, by_size.len());
    for group in by_size {
        let share = left.checked_div(count).unwrap_or(0);
        group.drawn.truncate(share);
        left -= group.drawn.len();
        count -= 1;
    }
}

/// From those who are ahead to those who are ignored.
const fn order(stands: Stands) -> u8 {
    match stands {
        Stands::As(Relation::Ahead(_)) => 0,
        Stands::As(Relation::Same) => 1,
        Stands::As(Relation::Branch) => 2,
        Stands::As(Relation::Behind(_)) => 3,
        Stands::As(Relation::Unknown) => 4,
        Stands::Ignored => 5,
    }
}

impl Stands {
    /// What a line to such a group says.
    const fn tie(self) -> Tie {
        match self {
            Self::As(Relation::Same) => Tie::Same,
            Self::As(_) => Tie::Other,
            Self::Ignored => Tie::Ignored,
        }
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests;
