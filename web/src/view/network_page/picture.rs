//! The drawing of the room. What it shows stands in the list below it, too.

use chain_wasm::api::{LinkView, PeerView};
use leptos::prelude::*;

use super::Known;
use super::peer_called;
use super::sign::{Mark, shapes};
use crate::model::cells::{CELL, CELLS};
use crate::model::network::{CARD, Card, Drawing, Frame, Group, Relay, Stands, Tie};
use crate::model::peer::Relation;
use crate::view::strip::cells_of;
use crate::view::{Session, use_session};

/// The height of a card's strip.
const STRIP: u32 = 8;
/// From a card's edge to what is in it.
const INSET: u32 = 10;

#[component]
pub(super) fn Picture(
    /// Where everything stands.
    drawing: Drawing,
    /// What is known.
    known: Known,
) -> impl IntoView {
    let session = use_session();
    let Drawing { width, height, groups, cards, lines, relay, left_out } = drawing;
    let peers = known.peers.get_untracked().unwrap_or_default();
    let tabs = peers.len() + 1;
    let same = groups.iter().find(|group| group.stands == Stands::As(Relation::Same));
    let same = same.map_or(1, |group| group.size);
    let online = move || matches!(known.link.get(), Some(LinkView::Online { .. }));
    let strips = groups.iter().enumerate().filter_map(|(at, group)| {
        let hash = group.tip?;
        Some(view! { <g id=format!("tip-of-{at}") class="tree-strip">{cells_of(&hash)}</g> })
    });
    let ties = lines.into_iter().map(|(tie, d)| {
        let class = match tie {
            Tie::Same => "tie same",
            Tie::Other => "tie other",
            Tie::Ignored => "tie cut",
        };
        view! { <path class=class d=d></path> }
    });
    let frames = groups.iter().filter_map(|group| Some(frame(session, group, group.frame?)));
    let faces = cards.iter().map(|card| {
        let group = groups.get(card.group)?;
        let peer = match card.peer {
            Some(at) => Some(peers.get(at)?.clone()),
            None => None,
        };
        Some(view! { <Face card=*card stands=group.stands framed=group.frame.is_some() peer/> })
    });
    view! {
        <div class="picture">
            <svg
                class="network"
                class:cut-off=move || !online()
                width=width
                height=height
                viewBox=format!("0 0 {width} {height}")
                role="img"
                data-testid="network-picture"
                data-cards=cards.len()
                data-groups=groups.len()
                aria-label=move || session.words().picture(tabs, same)
            >
                <defs>{strips.collect_view()}</defs>
                {ties.collect_view()}
                {relay_of(session, relay, known)}
                {frames.collect_view()}
                {faces.collect_view()}
            </svg>
        </div>
        {(left_out > 0).then(|| view! {
            <p class="hint" data-testid="not-drawn">
                {move || session.words().not_drawn(left_out)}
            </p>
        })}
    }
}

/// The relay, with its state in words.
fn relay_of(session: Session, relay: Relay, known: Known) -> impl IntoView {
    let said = move || {
        let words = session.words();
        let state = known.link.get().map(|link| words.link(&link)).unwrap_or_default();
        let time = known.round_trip.get().map(|millis| words.millis(millis));
        let parts = [Some(words.network().relay.to_owned()), Some(state), time];
        parts.into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    match relay {
        Relay::Ring { x, y, across, down } => view! {
            <ellipse class="relay" cx=x cy=y rx=across ry=down></ellipse>
            <text class="relay-said" x=x y=y - down + 24 text-anchor="middle">{said}</text>
        }
        .into_any(),
        Relay::Bar(bar) => view! {
            <rect
                class="relay"
                x=bar.x
                y=bar.y
                width=bar.width
                height=bar.height
                rx="8"
            ></rect>
            <text class="relay-said" x=bar.x + bar.width / 2 y=bar.y + 19 text-anchor="middle">
                {said}
            </text>
        }
        .into_any(),
    }
}

/// The frame around those who are at one tip.
fn frame(session: Session, group: &Group, frame: Frame) -> impl IntoView + use<> {
    let (stands, height, size) = (group.stands, group.height, group.size);
    let at_tip = group.tip.is_some();
    let class = if stands == Stands::As(Relation::Same) { "island same" } else { "island" };
    let title = move || standing(session, stands);
    let counted = move || {
        let words = session.words();
        if at_tip { words.group(height, size) } else { words.tabs(size) }
    };
    view! {
        <rect
            class=class
            x=frame.x
            y=frame.y
            width=frame.width
            height=frame.height
            rx="10"
        ></rect>
        <text class="island-title" x=frame.x + INSET y=frame.y + 18>{title}</text>
        <text class="island-count" x=frame.x + INSET y=frame.y + 35>{counted}</text>
    }
}

/// How a group stands to this tab, in words.
fn standing(session: Session, stands: Stands) -> String {
    match stands {
        Stands::As(relation) => session.words().relation(relation),
        Stands::Ignored => session.words().texts().ignored.into(),
    }
}

/// A tab's card: its sign and name, the strip of its tip, and what is to be said of it.
#[component]
fn Face(
    card: Card,
    stands: Stands,
    /// Whether it stands in a frame that says how it stands.
    framed: bool,
    /// The peer; `None`: this tab.
    peer: Option<PeerView>,
) -> impl IntoView {
    let session = use_session();
    let own = peer.is_none();
    let mark = peer.as_ref().map_or(Mark::This, Mark::of);
    let class = match (own, mark) {
        (true, _) => "face own",
        (_, Mark::Ignored) => "face bad",
        _ => "face",
    };
    let (id, author) = peer.as_ref().map_or((None, None), |peer| (Some(peer.peer), peer.author));
    let name = move || match id {
        Some(peer) => peer_called(session, peer, author),
        None => session.words().texts().this_tab.into(),
    };
    let said = move || {
        let words = session.words();
        let mut said = Vec::new();
        if let Some(peer) = &peer {
            match mark {
                Mark::Ignored if !framed => return words.texts().ignored.to_owned(),
                Mark::Mining => said.push(words.texts().peer_sealing.to_owned()),
                Mark::Hidden => said.push(words.texts().hidden.to_owned()),
                Mark::Ignored | Mark::Plain | Mark::This => {}
            }
            if !framed {
                said.insert(0, standing(session, stands));
            }
            said.extend(peer.round_trip.map(|millis| words.millis(millis)));
        } else {
            let height = session.model.with(|model| model.node.as_ref().map(|n| n.tip.height));
            said.extend(height.map(|height| words.block(height)));
            let active = session
                .model
                .with(|model| model.node.as_ref().is_some_and(|node| node.sealing.active));
            if active {
                said.push(words.texts().peer_sealing.to_owned());
            }
        }
        said.join(" · ")
    };
    let strip = u32::try_from(CELLS).unwrap_or_default() * CELL;
    let across = f64::from(CARD.0 - 2 * INSET) / f64::from(strip);
    let down = f64::from(STRIP) / f64::from(CELL);
    let has_tip = mark != Mark::Ignored && stands != Stands::As(Relation::Unknown);
    view! {
        <g
            class=class
            transform=format!("translate({} {})", card.x, card.y)
            data-testid="network-card"
        >
            <rect class="face-ground" width=CARD.0 height=CARD.1 rx="8"></rect>
            <g transform=format!("translate({INSET} 8)")>{shapes(mark)}</g>
            // A long name is cut off at the edge.
            <svg width=CARD.0 - 4 height=CARD.1>
                <text class="face-name" x=INSET + 17 y="18.5">{name}</text>
                <text class="face-said" x=INSET y="52">{said}</text>
            </svg>
            {has_tip.then(|| view! {
                <use
                    href=format!("#tip-of-{}", card.group)
                    transform=format!("translate({INSET} 27) scale({across} {down})")
                ></use>
            })}
        </g>
    }
}
