//! All tabs of the room as a table: what the drawing shows, and a little more.

use chain_wasm::api::{PeerView, TipView};
use chain_wasm::primitives::{Hash, PeerId, PublicKey};
use leptos::prelude::*;

use super::sign::{Mark, shapes};
use super::{Known, peer_called, text};
use crate::model::format::grouped;
use crate::model::peer::{Relation, relation};
use crate::model::route::Place;
use crate::view::strip::Strip;
use crate::view::use_session;

/// Rows that are shown at first, and added at a time.
const PAGE: usize = 60;

#[component]
pub(super) fn Tabs(
    /// What is known.
    known: Known,
) -> impl IntoView {
    let session = use_session();
    let shown = RwSignal::new(PAGE);
    let count =
        Memo::new(move |_| known.peers.with(|peers| peers.as_ref().map_or(0, |peers| peers.len())));
    let rows = move || -> Vec<PeerView> {
        let peers = known.peers.get().unwrap_or_default();
        peers.iter().take(shown.get()).cloned().collect()
    };
    let more = move || count.get().saturating_sub(shown.get());
    view! {
        <section aria-labelledby="tabs-title">
            <h3 id="tabs-title">{text(session, |t| t.room_rows)}</h3>
            <Show when=move || count.get() == 0>
                <p class="hint">{text(session, |t| t.no_peers)}</p>
            </Show>
            <Show when=move || { count.get() > 0 }>
                <table class="tabs" data-testid="network-tabs">
                    <thead>
                        <tr>
                            <th scope="col">{text(session, |t| t.column_tab)}</th>
                            <th scope="col">{text(session, |t| t.column_chain)}</th>
                            <th scope="col">{text(session, |t| t.column_newest)}</th>
                            <th scope="col">{text(session, |t| t.column_state)}</th>
                            <th scope="col">{text(session, |t| t.column_answer)}</th>
                            <th scope="col">{text(session, |t| t.column_waiting)}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=rows key=shown_of let:peer>
                            <Row peer tip=known.tip/>
                        </For>
                    </tbody>
                </table>
            </Show>
            <Show when=move || { more() > 0 }>
                <button
                    type="button"
                    class="quiet"
                    data-testid="more-tabs"
                    on:click=move |_| shown.update(|shown| *shown += PAGE)
                >
                    {move || {
                        let count = u32::try_from(more().min(PAGE)).unwrap_or(u32::MAX);
                        session.words().show_more(count)
                    }}
                </button>
            </Show>
        </section>
    }
}

/// All that a row shows: one that says anything new is drawn anew.
type Shown =
    ((PeerId, Option<PublicKey>, u32, Option<Hash>), (u32, bool, bool, Option<u8>, Option<u32>));

fn shown_of(peer: &PeerView) -> Shown {
    let PeerView { peer, author, height, tip, pending, hidden, sealing, fault, round_trip } = peer;
    let fault = fault.map(|fault| fault as u8);
    ((*peer, *author, *height, *tip), (*pending, *hidden, *sealing, fault, *round_trip))
}

#[component]
fn Row(
    /// The tab.
    peer: PeerView,
    /// This tab's newest block.
    tip: Memo<Option<TipView>>,
) -> impl IntoView {
    let session = use_session();
    let PeerView { peer: id, author, height, tip: hash, pending, fault, round_trip, .. } = peer;
    let mark = Mark::of(&peer);
    let (hidden, sealing) = (peer.hidden, peer.sealing);
    let stands =
        Memo::new(move |_| tip.get().map_or(Relation::Unknown, |tip| relation(&peer, &tip)));
    let state = move || {
        let words = session.words();
        let texts = words.texts();
        let mut said = Vec::new();
        if let Some(fault) = fault {
            said.push(format!("{} ({})", texts.ignored, words.peer_fault(fault)));
        }
        said.extend(sealing.then(|| texts.peer_sealing.to_owned()));
        said.extend(hidden.then(|| texts.hidden.to_owned()));
        if said.is_empty() { "–".to_owned() } else { said.join(" · ") }
    };
    let answers = move || match round_trip {
        Some(millis) => session.words().millis(millis),
        None => session.words().network().not_measured.into(),
    };
    let name = move || peer_called(session, id, author);
    let label = move |label: fn(&'static crate::i18n::NetworkTexts) -> &'static str| {
        view! { <span class="cell-label" aria-hidden="true">{text(session, label)}</span> }
    };
    view! {
        <tr
            data-testid="network-tab"
            data-peer=id.to_string()
            data-stands=move || relation_name(stands.get())
            data-millis=round_trip
        >
            <th scope="row">
                <svg class="sign" viewBox="0 0 12 12" aria-hidden="true">{shapes(mark)}</svg>
                {match author {
                    Some(author) => {
                        let href = session.href(&Place::Author(author));
                        view! { <a class="author" href=href>{name}</a> }.into_any()
                    }
                    None => view! { <span class="author">{name}</span> }.into_any(),
                }}
            </th>
            <td>{label(|t| t.column_chain)}{move || session.words().relation(stands.get())}</td>
            <td class="newest">
                {label(|t| t.column_newest)}
                {hash.map(|hash| view! {
                    {move || session.words().block(height)}
                    <Strip hash/>
                })}
            </td>
            <td>{label(|t| t.column_state)}{state}</td>
            <td class="number">{label(|t| t.column_answer)}{answers}</td>
            <td class="number">{label(|t| t.column_waiting)}{grouped(pending.into())}</td>
        </tr>
    }
}

/// A relation's name for tests and style sheets.
const fn relation_name(relation: Relation) -> &'static str {
    match relation {
        Relation::Same => "same",
        Relation::Behind(_) => "behind",
        Relation::Ahead(_) => "ahead",
        Relation::Branch => "branch",
        Relation::Unknown => "unknown",
    }
}
