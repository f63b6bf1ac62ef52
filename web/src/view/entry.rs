//! One entry: who, when, what, and where it is.

use chain_wasm::api::{EntryKind, EntryState, EntryView, Privacy};
use chain_wasm::primitives::PublicKey;
use leptos::prelude::*;

use super::content::DataContent;
use super::entry_status::state_name;
use super::file_card::FileCard;
use super::icon::{Icon, Sign};
use super::link::{AuthorLink, BlockLink, EntryLink};
use super::prove::Prove;
use super::time::Time;
use super::use_session;
use crate::model::format::{bytes, short};
use crate::model::route::Place;

#[component]
pub(super) fn Entry(
    /// The entry.
    entry: EntryView,
    /// Whether it waits for a block; in a block's list its place goes without saying.
    #[prop(optional)]
    pending: bool,
    /// Whether it says in which block it is: it is not in that block's list.
    #[prop(optional)]
    placed: bool,
) -> impl IntoView {
    let session = use_session();
    let EntryView { id, author, mine, timestamp, kind, privacy, state } = entry;
    let exposed = privacy == Privacy::Public
        && matches!(kind, EntryKind::Data { .. })
        && untrack(|| session.private_room().is_some());
    let file = kind.file();
    let test_id = if pending { "pending-entry" } else { "entry" };
    let about = match &kind {
        EntryKind::Data { media_type, size, .. } => {
            let size = bytes(u64::from(*size));
            match media_type.as_str() {
                _ if file.is_some() => String::new(),
                "text/plain" => size,
                "application/json" => format!("JSON · {size}"),
                other => format!("{other} · {size}"),
            }
        }
        EntryKind::Transfer { .. } => String::new(),
    };
    let in_chain = matches!(state, EntryState::InBlock { .. });
    let body = match (kind, file) {
        _ if privacy == Privacy::Unreadable => view! { <Unreadable/> }.into_any(),
        (EntryKind::Data { .. }, Some(file)) => view! { <FileCard file/> }.into_any(),
        (EntryKind::Data { media_type, size, bytes }, None) => {
            view! { <DataContent id media_type size bytes/> }.into_any()
        }
        (EntryKind::Transfer { to, amount }, _) => view! { <Transfer to amount/> }.into_any(),
    };
    let place = move || match state {
        EntryState::InBlock { height, .. } if placed => {
            Some(view! { <span class="state"><BlockLink height/></span> }.into_any())
        }
        EntryState::InBlock { .. } if !pending => None,
        _ => Some(
            view! {
                <span class="state">
                    <Icon sign=Sign::of(Some(state))/>
                    {move || session.words().entry_state(state, 0)}
                </span>
            }
            .into_any(),
        ),
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
                <AuthorLink author/>
                {mine.then(|| view! { <span class="tag">{session.text(|t| t.mine)}</span> })}
                {exposed.then(|| view! {
                    <span class="tag exposed" data-testid="not-sealed">
                        {session.room_text(|t| t.not_sealed)}
                    </span>
                })}
                {place}
                <span class="entry-about" title=short(&id.to_string())>{about}</span>
                <EntryLink id><Time at=timestamp/></EntryLink>
            </p>
            {body}
            {in_chain.then(|| view! { <Prove id sealed=privacy == Privacy::Opened/> })}
        </li>
    }
}

/// What is shown of an entry that this tab cannot read.
#[component]
pub(super) fn Unreadable() -> impl IntoView {
    let session = use_session();
    view! {
        <p class="content hint" data-testid="unreadable">{session.room_text(|t| t.unreadable)}</p>
    }
}

/// Coins sent, with the way to who gets them.
#[component]
pub(super) fn Transfer(
    /// To whom.
    to: PublicKey,
    /// How many.
    amount: u64,
) -> impl IntoView {
    let session = use_session();
    let receiver = session.called(to);
    let said = move || session.words().transfer(amount, &receiver());
    view! { <p class="content"><a href=session.href(&Place::Author(to))>{said}</a></p> }
}
