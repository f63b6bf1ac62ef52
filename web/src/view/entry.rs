//! One entry: who, when, what, and where it is.

use chain_wasm::api::{EntryKind, EntryState, EntryView};
use leptos::prelude::*;

use super::content::DataContent;
use super::entry_status::state_name;
use super::prove::Prove;
use super::time::Time;
use super::use_session;
use crate::model::format::{bytes, short};
use crate::model::name::Name;

#[component]
pub(super) fn Entry(
    /// The entry.
    entry: EntryView,
    /// Whether it waits for a block; in a block's list its place goes without saying.
    #[prop(optional)]
    pending: bool,
) -> impl IntoView {
    let session = use_session();
    let EntryView { id, author, mine, timestamp, kind, state } = entry;
    let name = Name::of(&author);
    let test_id = if pending { "pending-entry" } else { "entry" };
    let about = match &kind {
        EntryKind::Data { media_type, size, .. } => {
            let size = bytes(u64::from(*size));
            match media_type.as_str() {
                "text/plain" => size,
                "application/json" => format!("JSON · {size}"),
                other => format!("{other} · {size}"),
            }
        }
        EntryKind::Transfer { .. } => String::new(),
    };
    let in_chain = matches!(state, EntryState::InBlock { .. });
    let body = match kind {
        EntryKind::Data { media_type, size, bytes } => {
            view! { <DataContent id media_type size bytes/> }.into_any()
        }
        EntryKind::Transfer { to, amount } => {
            let receiver = Name::of(&to);
            let said = move || {
                let words = session.words();
                words.transfer(amount, &words.name(&receiver))
            };
            view! { <p class="content">{said}</p> }.into_any()
        }
    };
    let place = move || {
        let waiting = !matches!(state, EntryState::InBlock { .. });
        (pending || waiting).then(|| {
            view! {
                <span class="state">{move || session.words().entry_state(state, 0)}</span>
            }
        })
    };
    view! {
        <li
            class="entry"
            class:mine=mine
            data-testid=test_id
            data-id=id.to_string()
            data-state=state_name(state)
        >
            <p class="entry-head">
                <span class="author" title=author.to_string()>{session.name(name)}</span>
                {mine.then(|| view! { <span class="tag">{session.text(|t| t.mine)}</span> })}
                {place}
                <span class="entry-about" title=short(&id.to_string())>{about}</span>
                <Time at=timestamp/>
            </p>
            {body}
            {in_chain.then(|| view! { <Prove id/> })}
        </li>
    }
}
