//! Where the entry is that was added last, followed up to its block and beyond.

use chain_wasm::api::EntryState;
use leptos::prelude::*;

use super::icon::{Icon, Sign};
use super::use_session;

#[component]
pub(super) fn EntryStatus() -> impl IntoView {
    let session = use_session();
    let last = Memo::new(move |_| session.model.with(|model| model.last_entry));
    let tip = session.part(|node| node.tip.height);
    let state = move || last.get().map(|last| last.state.map_or("refused", state_name));
    let said = move || {
        let last = last.get()?;
        Some(session.words().last_entry(last.state, tip.get().unwrap_or_default()))
    };
    view! {
        <p
            class="entry-status"
            role="status"
            data-testid="entry-status"
            data-state=state
            data-id=move || last.get().map(|last| last.id.to_string())
        >
            {move || last.get().map(|last| view! { <Icon sign=Sign::of(last.state)/> })}
            {said}
            {move || last.get().is_none().then(|| view! { <kbd>{session.text(|t| t.shortcut)}</kbd> })}
        </p>
    }
}

/// A state's name for tests and style sheets.
pub(super) const fn state_name(state: EntryState) -> &'static str {
    match state {
        EntryState::Stored => "stored",
        EntryState::Announced => "announced",
        EntryState::Returned => "returned",
        EntryState::InBlock { .. } => "in-block",
    }
}
