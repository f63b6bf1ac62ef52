//! What this wallet wrote, sent and got.

use chain_wasm::api::{EntryKind, EntryState, EntryView};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use super::super::entry_status::state_name;
use super::super::icon::{Icon, Sign};
use super::super::time::Time;
use super::super::use_session;
use crate::model::format::short_hash;
use crate::model::history::{MAX_HISTORY, history};

#[component]
pub(super) fn History() -> impl IntoView {
    let session = use_session();
    let shown = session
        .part(|node| history(&node.wallet.author, &node.pending.entries, node.window.blocks()));
    let list = move || shown.get().unwrap_or_default();
    view! {
        <p class="hint">{move || session.words().history_known(MAX_HISTORY)}</p>
        <Show when=move || list().is_empty()>
            <p class="hint">{session.text(|t| t.history_none)}</p>
        </Show>
        <ul class="history">
            <For each=list key=place let:entry>
                <Line entry/>
            </For>
        </ul>
    }
}

/// An entry that is elsewhere now is drawn anew.
fn place(entry: &EntryView) -> (Hash, &'static str, Option<Hash>) {
    let block = match entry.state {
        EntryState::InBlock { block, .. } => Some(block),
        _ => None,
    };
    (entry.id, state_name(entry.state), block)
}

#[component]
fn Line(
    /// The entry.
    entry: EntryView,
) -> impl IntoView {
    let session = use_session();
    let EntryView { id, author, timestamp, kind, state, .. } = entry;
    let own = session.part(|node| node.wallet.author);
    let tip = session.part(|node| node.tip.height);
    let said = move || {
        let words = session.words();
        match &kind {
            EntryKind::Transfer { to, amount } if own.get() == Some(author) => {
                words.sent(*amount, &session.called_now(to))
            }
            EntryKind::Transfer { amount, .. } => {
                words.received(*amount, &session.called_now(&author))
            }
            EntryKind::Data { .. } => match kind.file() {
                Some(file) => words.wrote_file(file.name()),
                None => words.wrote(&short_hash(&id)),
            },
        }
    };
    view! {
        <li data-testid="history-entry" data-id=id.to_string() data-state=state_name(state)>
            <p><bdi>{said}</bdi></p>
            <p class="history-state">
                <Icon sign=Sign::of(Some(state))/>
                <span>
                    {move || session.words().entry_state(state, tip.get().unwrap_or_default())}
                </span>
                <Time at=timestamp/>
            </p>
        </li>
    }
}
