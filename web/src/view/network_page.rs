//! The network: the relay and the tabs of the room, drawn and as a list.

mod picture;
mod sign;
mod tabs;

use chain_wasm::api::{LinkView, PeerView, TipView};
use chain_wasm::primitives::{PeerId, PublicKey};
use leptos::prelude::*;

use super::explorer::Title;
use super::{Session, use_session};
use crate::browser;
use crate::i18n::NetworkTexts;
use crate::model::network::{Room, draw};
use crate::model::route::Place;
use picture::Picture;
use tabs::Tabs;

/// So often it is measured how long others take to answer while one looks, in seconds.
const MEASURED_EVERY: u64 = 3;

/// What the page is made of, followed as it changes.
#[derive(Clone, Copy)]
struct Known {
    peers: Memo<Option<std::sync::Arc<[PeerView]>>>,
    tip: Memo<Option<TipView>>,
    link: Memo<Option<LinkView>>,
    /// Of the relay, in milliseconds.
    round_trip: Memo<Option<u32>>,
}

/// One of the texts; followed as it changes.
fn text(
    session: Session,
    text: fn(&'static NetworkTexts) -> &'static str,
) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || text(session.words().network())
}

/// What a tab is called; followed as it changes.
pub(super) fn peer_called(session: Session, peer: PeerId, author: Option<PublicKey>) -> String {
    if let Some(author) = author {
        return session.called_now(&author);
    }
    let id = peer.to_string();
    format!("{}\u{a0}{}", session.words().texts().unnamed_peer, id.get(..4).unwrap_or_default())
}

#[component]
pub(super) fn NetworkPage() -> impl IntoView {
    let session = use_session();
    let known = Known {
        peers: session.part(|node| node.peers.clone()),
        tip: session.part(|node| node.tip.clone()),
        link: session.part(|node| node.link.clone()),
        round_trip: Memo::new(move |_| {
            session.model.with(|model| model.node.as_ref()?.traffic.round_trip)
        }),
    };
    let running = session.running();
    Effect::new(move |_| {
        let seconds = session.clock.get() / 1000;
        if running.get() && seconds.is_multiple_of(MEASURED_EVERY) && !browser::hidden() {
            session.measure();
        }
    });
    // Looked at once a second: nobody turns a phone more often.
    let room = Memo::new(move |_| {
        session.clock.track();
        if browser::is_narrow() { Room::Narrow } else { Room::Wide }
    });
    let drawing = Memo::new(move |_| {
        let tip = known.tip.get()?;
        let peers = known.peers.get().unwrap_or_default();
        Some(draw(&peers, &tip, room.get()))
    });
    view! {
        <div class="page-head">
            <Title>{text(session, |t| t.title)}</Title>
            <a class="button quiet small" href=session.href(&Place::Log) data-testid="to-log">
                {text(session, |t| t.to_log)}
            </a>
        </div>
        <p class="hint">{text(session, |t| t.hint)}</p>
        {move || drawing.get().map(|drawing| view! { <Picture drawing known/> })}
        <sign::Legend/>
        <Relay known/>
        <Tabs known/>
    }
}

/// The relay in words and numbers.
#[component]
fn Relay(known: Known) -> impl IntoView {
    let session = use_session();
    let traffic = session.part(|node| node.traffic);
    let state = move || known.link.get().map(|link| session.words().link(&link));
    let answers = move || match known.round_trip.get() {
        Some(millis) => session.words().millis(millis),
        None => session.words().network().not_measured.into(),
    };
    let sent = move || {
        let traffic = traffic.get().unwrap_or_default();
        session.words().messages(traffic.sent, traffic.sent_bytes)
    };
    let received = move || {
        let traffic = traffic.get().unwrap_or_default();
        session.words().messages(traffic.received, traffic.received_bytes)
    };
    view! {
        <section aria-labelledby="relay-title">
            <h3 id="relay-title">{text(session, |t| t.relay)}</h3>
            <dl class="facts relay-facts">
                <div>
                    <dt>{text(session, |t| t.relay_row)}</dt>
                    <dd data-testid="relay-state">{state}</dd>
                </div>
                <div>
                    <dt>{text(session, |t| t.answers_in)}</dt>
                    <dd
                        data-testid="relay-answers"
                        data-millis=move || known.round_trip.get()
                    >
                        {answers}
                    </dd>
                </div>
                <div>
                    <dt>{text(session, |t| t.sent)}</dt>
                    <dd
                        data-testid="traffic-sent"
                        data-count=move || traffic.get().map(|traffic| traffic.sent)
                    >
                        {sent}
                    </dd>
                </div>
                <div>
                    <dt>{text(session, |t| t.received)}</dt>
                    <dd
                        data-testid="traffic-received"
                        data-count=move || traffic.get().map(|traffic| traffic.received)
                    >
                        {received}
                    </dd>
                </div>
            </dl>
        </section>
    }
}
