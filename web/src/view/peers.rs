//! The other peers of the room, each with its chain beside this one.

use std::sync::Arc;

use chain_wasm::api::{PeerFault, PeerView, TipView};
use chain_wasm::primitives::PeerId;
use leptos::prelude::*;

use super::strip::Strip;
use super::use_session;
use crate::browser;
use crate::model::format::short;
use crate::model::peer::{Relation, listed, relation};
use crate::model::route::{self, Place};

#[component]
pub(super) fn Peers() -> impl IntoView {
    let session = use_session();
    let peers = session.part(|node| node.peers.clone());
    let tip = session.part(|node| node.tip.clone());
    let list = Memo::new(move |_| {
        peers.with(|peers| {
            let (listed, _) = listed(peers.as_deref().unwrap_or_default());
            listed.iter().map(|peer| peer.peer).collect::<Vec<_>>()
        })
    });
    let count = move || peers.with(|peers| peers.as_ref().map_or(0, |peers| peers.len()));
    let hidden_peers = move || {
        let others = peers.with(|peers| peers.as_ref().map_or(0, |peers| listed(peers).1));
        u32::try_from(others).unwrap_or(u32::MAX)
    };
    let address = move || {
        let fragment =
            session.room.with(|room| room.as_ref().map(route::write).unwrap_or_default());
        browser::address_with(&fragment)
    };
    view! {
        <section class="card peers" aria-labelledby="peers-title">
            <div class="title-line">
                <h2 id="peers-title">{session.text(|t| t.peers_title)}</h2>
                <span class="count" data-testid="peer-count">{count}</span>
            </div>
            <p class="unseen" role="status">{move || session.words().peer_count(count())}</p>
            <ul class="peer-list">
                <For each=move || list.get() key=|peer| *peer let:peer>
                    <Peer peer peers tip/>
                </For>
            </ul>
            <Show when=move || count() == 0>
                <p class="hint">{session.text(|t| t.alone)}</p>
            </Show>
            <Show when=move || { hidden_peers() > 0 }>
                <p class="hint" data-testid="more-peers">{move || session.words().and_more(hidden_peers())}</p>
            </Show>
            <p class="peer-links">
                <a href=move || session.href(&Place::Network) data-testid="to-network">
                    {move || session.words().network().to_network}
                </a>
                <a href=move || session.href(&Place::Log) data-testid="to-log">
                    {move || session.words().network().to_log}
                </a>
            </p>
            <a class="button quiet" href=address target="_blank" rel="noopener">
                {session.text(|t| t.open_tab)}
            </a>
            <Faults/>
        </section>
    }
}

/// One peer. What it says changes often, and all peers' at about the same time: only what
/// is another than before is drawn anew.
#[component]
fn Peer(
    /// The peer.
    peer: PeerId,
    /// What all peers say.
    peers: Memo<Option<Arc<[PeerView]>>>,
    /// This tab's tip.
    tip: Memo<Option<TipView>>,
) -> impl IntoView {
    let session = use_session();
    let said = Memo::new(move |before: Option<&Option<PeerView>>| {
        peers.with(|peers| {
            let (listed, _) = listed(peers.as_deref().unwrap_or_default());
            let now = listed.iter().find(|view| view.peer == peer).cloned();
            // Who has left is shown for a moment more.
            now.or_else(|| before.cloned().flatten())
        })
    });
    let height = Memo::new(move |_| said.with(|said| said.as_ref().map(|peer| peer.height)));
    let author = Memo::new(move |_| said.with(|said| said.as_ref()?.author));
    let hash = Memo::new(move |_| said.with(|said| said.as_ref()?.tip));
    let fault = Memo::new(move |_| said.with(|said| said.as_ref()?.fault));
    let id = peer.to_string();
    let data_peer = id.clone();
    let short_id = id.get(..4).unwrap_or_default().to_owned();
    let called = move || match author.get() {
        Some(author) => session.called_now(&author),
        None => format!("{}\u{a0}{short_id}", session.words().texts().unnamed_peer),
    };
    let stands = Memo::new(move |_| {
        let known = said.with(|said| tip.with(|tip| Some(relation(said.as_ref()?, tip.as_ref()?))));
        known.unwrap_or(Relation::Unknown)
    });
    let does = Memo::new(move |_| {
        said.with(|said| said.as_ref().map(|peer| (peer.sealing, peer.hidden))).unwrap_or_default()
    });
    let remarks = move || {
        let (words, (sealing, hidden)) = (session.words(), does.get());
        let mut remarks = Vec::new();
        if sealing {
            remarks.push(words.texts().peer_sealing.to_owned());
        }
        if hidden {
            remarks.push(words.texts().hidden.to_owned());
        }
        if let Some(fault) = fault.get() {
            remarks.push(format!("{} ({})", words.texts().ignored, words.peer_fault(fault)));
        }
        remarks.join(" · ")
    };
    view! {
        <li
            class="peer"
            class:faulty=move || fault.get().is_some()
            class:same=move || stands.get() == Relation::Same
            data-testid="peer"
            data-peer=data_peer
            data-height=move || height.get()
            data-fault=move || fault.get().map(fault_name)
        >
            <p class="peer-head">
                <span class="author" title=id>{called}</span>
                <span class="relation">{move || session.words().relation(stands.get())}</span>
            </p>
            <p class="peer-tip">
                <span>{move || height.get().map(|height| session.words().block(height))}</span>
                {move || hash.get().map(|hash| view! { <Strip hash/> })}
            </p>
            <p class="remarks">{remarks}</p>
        </li>
    }
}

/// A fault's name for tests and style sheets.
const fn fault_name(fault: PeerFault) -> &'static str {
    match fault {
        PeerFault::UnreadableMessage => "unreadable-message",
        PeerFault::UnreadableStatus => "unreadable-status",
        PeerFault::InvalidHeader => "invalid-header",
        PeerFault::InvalidBlock => "invalid-block",
        PeerFault::InvalidTransaction => "invalid-transaction",
        PeerFault::Unasked => "unasked",
    }
}

#[component]
fn Faults() -> impl IntoView {
    let session = use_session();
    let faults = Memo::new(move |_| session.model.with(|model| model.faults.clone()));
    let list = move || {
        faults
            .get()
            .into_iter()
            .map(|(peer, fault)| {
                let author = session.model.with_untracked(|model| {
                    let node = model.node.as_ref()?;
                    node.peers.iter().find(|known| known.peer == peer)?.author
                });
                let words = session.words();
                let name = author.map_or_else(
                    || format!("{} {}", words.texts().unnamed_peer, short(&peer.to_string())),
                    |author| session.called_now(&author),
                );
                view! { <p class="fault">{words.fault_notice(&name, fault)}</p> }
            })
            .collect_view()
    };
    view! { <div role="status" data-testid="peer-faults">{list}</div> }
}
