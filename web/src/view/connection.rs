//! The state of the connection in words, and the way out of it and back.

use chain_wasm::api::{LinkReason, LinkView, StorageView};
use leptos::prelude::*;

use super::{sync::Sync, use_session};
use crate::model::Phase;
use crate::model::format::seconds_left;

/// The relay's clock is worth a word if it differs by more than this, in ms.
const CLOCK_TOLERANCE: i64 = 3000;

#[component]
pub(super) fn Connection() -> impl IntoView {
    let session = use_session();
    let link = session.part(|node| (node.link.clone(), node.link_told));
    let peers = session.part(|node| node.peers.len());
    let running = session.running();
    let phase = Memo::new(move |_| session.model.with(|model| model.phase.clone()));
    let state = move || match (phase.get(), link.get()) {
        (Phase::Running, Some((link, _))) => state_name(&link),
        (Phase::Failed(_), _) => "offline",
        _ if session.room.with(Result::is_err) || session.locked() => "offline",
        _ => "connecting",
    };
    let headline = move || match (running.get(), link.get()) {
        (true, Some((link, _))) => session.words().link(&link),
        _ => starting_or_not(phase.get(), session),
    };
    let reason = move || {
        let (link, _) = link.get().filter(|_| running.get())?;
        match link {
            LinkView::Waiting { reason, .. } | LinkView::Offline { reason } => {
                Some(session.words().link_reason(reason))
            }
            LinkView::Online { clock_offset, .. } if clock_offset.abs() > CLOCK_TOLERANCE => {
                Some(session.words().clock_offset(clock_offset / 1000))
            }
            LinkView::Online { .. } => peers
                .get()
                .filter(|count| *count > 0)
                .map(|count| session.words().peer_count(count)),
            LinkView::Connecting { .. } => None,
        }
    };
    let next = move || {
        let (link, _) = link.get().filter(|_| running.get())?;
        let words = session.words();
        let alone = matches!(link, LinkView::Online { whole: true, .. }) && peers.get() == Some(0);
        Some(if alone { words.texts().alone_short.into() } else { words.link_next(&link) })
    };
    // Counts down each second, so it stands outside of what is read aloud.
    let retry = move || match link.get().filter(|_| running.get()) {
        Some((LinkView::Waiting { retry_in, attempt, .. }, told)) => {
            let seconds = seconds_left(retry_in, told, session.clock.get());
            Some(session.words().retry(seconds, attempt))
        }
        _ => None,
    };
    let left = Memo::new(
        move |_| matches!(link.get(), Some((LinkView::Offline { reason }, _)) if may_rejoin(reason)),
    );
    view! {
        <section class="connection" aria-label=session.text(|t| t.network_title)>
            <div class="connection-text">
                <p class="link-state" data-testid="link-state" data-state=state role="status">
                    <span class="dot" aria-hidden="true"></span>
                    <strong>{headline}</strong>
                    " "
                    <span class="reason">{reason}</span>
                </p>
                <p class="next">{retry} " " {next}</p>
            </div>
            <Sync/>
            <button
                type="button"
                class="quiet"
                data-testid="link-toggle"
                disabled=move || !running.get()
                on:click=move |_| session.set_connected(left.get_untracked())
            >
                {move || {
                    let texts = session.words().texts();
                    if left.get() { texts.rejoin } else { texts.leave }
                }}
            </button>
        </section>
        <StorageWarning/>
    }
}

#[component]
fn StorageWarning() -> impl IntoView {
    let session = use_session();
    let storage = session.part(|node| node.storage);
    move || match storage.get() {
        Some(StorageView::Memory { reason }) => Some(view! {
            <p class="warning" role="alert" data-testid="storage-warning">
                {session.words().memory_only(reason)}
            </p>
        }),
        _ => None,
    }
}

const fn state_name(link: &LinkView) -> &'static str {
    match link {
        LinkView::Connecting { .. } => "connecting",
        LinkView::Online { .. } => "online",
        LinkView::Waiting { .. } => "waiting",
        LinkView::Offline { .. } => "offline",
    }
}

/// A browser without a network reconnects by itself; from any other rest only the
/// user brings the node back.
const fn may_rejoin(reason: LinkReason) -> bool {
    !matches!(reason, LinkReason::BrowserOffline)
}

fn starting_or_not(phase: Phase, session: super::Session) -> String {
    let words = session.words();
    match phase {
        Phase::Failed(failure) => words.failure_title(&failure),
        _ if session.locked() => words.rooms().locked.into(),
        _ => match session.room.get() {
            Ok(_) => words.texts().starting.into(),
            Err(fault) => words.route_fault(fault),
        },
    }
}
