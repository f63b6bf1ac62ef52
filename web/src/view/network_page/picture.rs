//! The drawing of the room. What it shows stands in the list below it, too.

use chain_wasm::api::{LinkView, PeerView};
use chain_wasm::primitives::{PeerId, PublicKey};
use leptos::prelude::*;

use super::Known;
use super::peer_called;
use super::sign::{Mark, shapes};
use crate::model::cells::{CELL, CELLS, markup};
use crate::model::network::{Card, Drawing, Frame, Group, Relay, Stands, Tie};
use crate::model::peer::Relation;
use crate::view::{Session, use_session};

/// The height of a card's strip.
const STRIP: u32 = 8;
/// From a card's edge to what is in it.
const INSET: u32 = 8;

#[component]
pub(super) fn Picture(
    /// Where everything stands.
    drawing: Drawing,
    /// What is known.
    known: Known,
) -> impl IntoView {
    let session = use_session();
    let Drawing { width, height, groups, card, cards, lines, relay, left_out } = drawing;
    let tabs = known.peers.with_untracked(|peers| peers.as_ref().map_or(1, |all| all.len() + 1));
    let count = cards.len();
    let same = groups.iter().find(|group| group.stands == Stands::As(Relation::Same));
    let same = same.map_or(1, |group| group.size);
    let online = move || matches!(known.link.get(), Some(LinkView::Online { .. }));
    let places: Vec<(Card, Stands, bool)> = cards
        .iter()
        .filter_map(|card| {
            let group = groups.get(card.group)?;
            Some((*card, group.stands, group.frame.is_some()))
        })
        .collect();
    // Only whose card says something new is drawn anew.
    let faces = move || -> Vec<Face> {
        let peers = known.peers.get().unwrap_or_default();
        places
            .iter()
            .filter_map(|(card, stands, framed)| {
                let peer = match card.peer {
                    Some(at) => Some(Said::of(peers.get(at)?)),
                    None => None,
                };
                Some(Face { card: *card, stands: *stands, framed: *framed, peer })
            })
            .collect()
    };
    let strips = groups.iter().enumerate().filter_map(|(at, group)| {
        let hash = group.tip?;
        Some(
            view! { <g id=format!("tip-of-{at}") class="tree-strip" inner_html=markup(&hash)></g> },
        )
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
                data-cards=count
                data-groups=groups.len()
                aria-label=move || session.words().picture(tabs, same)
            >
                <defs>{strips.collect_view()}</defs>
                {ties.collect_view()}
                {relay_of(session, relay, known)}
                {frames.collect_view()}
                <For each=faces key=|face| face.clone() let:face>
                    <Drawn face size=card/>
                </For>
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
            <text class="relay-said" x=x y=y - down + 36 text-anchor="middle">{said}</text>
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

/// A tab's card, and what is on it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Face {
    card: Card,
    stands: Stands,
    /// Whether it stands in a frame that says how it stands.
    framed: bool,
    /// The peer; `None`: this tab.
    peer: Option<Said>,
}

/// What a peer says that is on its card.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Said {
    peer: PeerId,
    author: Option<PublicKey>,
    mark: Mark,
    round_trip: Option<u32>,
}

impl Said {
    const fn of(peer: &PeerView) -> Self {
        Self {
            peer: peer.peer,
            author: peer.author,
            mark: Mark::of(peer),
            round_trip: peer.round_trip,
        }
    }
}

/// What is to be said on a card below its strip, in two lines or, in a frame, in one.
fn remarks(session: Session, face: &Face) -> [String; 2] {
    let words = session.words();
    let mut said = Vec::new();
    let Some(peer) = &face.peer else {
        let known = session.model.with(|model| {
            let node = model.node.as_ref()?;
            Some((node.tip.height, node.sealing.active))
        });
        let Some((height, mining)) = known else { return Default::default() };
        let mining = if mining { words.texts().peer_sealing } else { "" };
        return if face.framed && !mining.is_empty() {
            [mining.to_owned(), String::new()]
        } else {
            [words.block(height), mining.to_owned()]
        };
    };
    match peer.mark {
        Mark::Mining => said.push(words.texts().peer_sealing.to_owned()),
        Mark::Hidden => said.push(words.texts().hidden.to_owned()),
        Mark::Ignored | Mark::Plain | Mark::This => {}
    }
    said.extend(peer.round_trip.map(|millis| words.millis(millis)));
    let said = said.join(" · ");
    if face.framed { [said, String::new()] } else { [standing(session, face.stands), said] }
}

/// A tab's card: its sign and name, the strip of its tip, and what is to be said of it.
#[component]
fn Drawn(
    face: Face,
    /// The card's width and height.
    size: (u32, u32),
) -> impl IntoView {
    let session = use_session();
    let (card, stands) = (face.card, face.stands);
    let mark = face.peer.as_ref().map_or(Mark::This, |peer| peer.mark);
    let class = match mark {
        Mark::This => "face own",
        Mark::Ignored => "face bad",
        _ => "face",
    };
    let who = face.peer.as_ref().map(|peer| (peer.peer, peer.author));
    let name = move || match who {
        Some((peer, author)) => peer_called(session, peer, author),
        None => session.words().network().this_tab.into(),
    };
    let said = Memo::new(move |_| remarks(session, &face));
    let line = move |at: usize| move || said.with(|said| said.get(at).cloned());
    let strip = u32::try_from(CELLS).unwrap_or_default() * CELL;
    let across = f64::from(size.0 - 2 * INSET) / f64::from(strip);
    let down = f64::from(STRIP) / f64::from(CELL);
    let has_tip = mark != Mark::Ignored && stands != Stands::As(Relation::Unknown);
    view! {
        <g
            class=class
            transform=format!("translate({} {})", card.x, card.y)
            data-testid="network-card"
        >
            <rect class="face-ground" width=size.0 height=size.1 rx="8"></rect>
            <g transform=format!("translate({INSET} 8)")>{shapes(mark)}</g>
            // A long name is cut off at the edge.
            <svg width=size.0 - 4 height=size.1>
                <text class="face-name" x=INSET + 16 y="18.5">{name}</text>
                <text class="face-said" x=INSET y="52">{line(0)}</text>
                <text class="face-said" x=INSET y="67">{line(1)}</text>
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
