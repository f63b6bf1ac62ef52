//! An entry's own page: all that it says, and where it is.

use chain_wasm::api::{Command, EntryDetails, EntryKind, EntryState, Outcome, Privacy};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use super::content::DataContent;
use super::entry::{Transfer, Unreadable};
use super::entry_status::state_name;
use super::explorer::{Title, missing};
use super::fetched::fetched;
use super::link::{AuthorLink, BlockLink};
use super::paper::Paper;
use super::prove::Prove;
use super::row::{changing, code, plain, row};
use super::strip::Strip;
use super::time::{Time, exact};
use super::use_session;
use crate::model::confirmations;
use crate::model::format::{bytes, short_hash};

#[component]
pub(super) fn EntryPage(
    /// Its id.
    id: Hash,
) -> impl IntoView {
    let session = use_session();
    let answer = fetched(Command::GetEntryDetails { id });
    let here = Memo::new(move |_| match answer.get() {
        Some(Ok(Outcome::EntryDetails(details))) => Some(*details),
        _ => None,
    });
    view! {
        <Head id/>
        {move || answer.with(|answer| missing(session, answer, |t| t.entry_absent))}
        {move || here.get().map(|details| view! { <Details details/> })}
    }
}

/// The page's first row: its title, and beside it what can be done with the entry.
#[component]
fn Head(id: Hash) -> impl IntoView {
    let session = use_session();
    view! {
        <div class="page-head">
            <Title>
                {session.text(|t| t.entry_title)} " " <span class="code">{short_hash(&id)}</span>
            </Title>
        </div>
    }
}

#[component]
fn Details(details: EntryDetails) -> impl IntoView {
    let session = use_session();
    let EntryDetails { entry, size, place } = details;
    let (id, author, timestamp, state) = (entry.id, entry.author, entry.timestamp, entry.state);
    let media_type = match &entry.kind {
        EntryKind::Data { media_type, .. } => Some(media_type.clone()),
        EntryKind::Transfer { .. } => None,
    };
    let (privacy, is_data) = (entry.privacy, media_type.is_some());
    let content = match entry.kind {
        _ if privacy == Privacy::Unreadable => view! { <Unreadable/> }.into_any(),
        EntryKind::Data { media_type, size, bytes } => {
            view! { <DataContent id media_type size bytes open=true/> }.into_any()
        }
        EntryKind::Transfer { to, amount } => view! { <Transfer to amount/> }.into_any(),
    };
    let signed = view! {
        <AuthorLink author/>
        {entry.mine.then(|| view! { " " <span class="tag">{session.text(|t| t.you)}</span> })}
    };
    let at = view! { {exact(timestamp)} " · " <Time at=timestamp/> };
    let standing = view! { <Standing state place/> }.into_any();
    let id_shown = view! { {code(id.to_string())} <div class="big-strip"><Strip hash=id/></div> };
    let mut rows = vec![
        row(session, |t| t.author, signed.into_any(), Some(|t| t.about_author)),
        row(session, |t| t.time, at.into_any(), Some(|t| t.about_entry_time)),
        row(session, |t| t.status, standing, None),
    ];
    if let Some(media_type) = media_type {
        rows.push(row(session, |t| t.media_type, code(media_type), Some(|t| t.about_media_type)));
    }
    if is_data && untrack(|| session.private_room().is_some()) {
        let readers = changing("readers", move || {
            let texts = session.words().rooms();
            match privacy {
                Privacy::Opened => texts.readable_sealed,
                Privacy::Public => texts.readable_all,
                Privacy::Unreadable => texts.readable_unknown,
            }
            .to_owned()
        });
        let name = session.room_text(|t| t.readable);
        rows.push(view! { <dt>{name}</dt><dd><div>{readers}</div></dd> }.into_any());
    }
    let size = plain(bytes(size.into()));
    rows.push(row(session, |t| t.size, size, Some(|t| t.about_entry_size)));
    rows.push(row(session, |t| t.entry_id, id_shown.into_any(), Some(|t| t.about_entry_id)));
    view! {
        <div
            class="entry whole-entry"
            class:mine=entry.mine
            data-testid="entry-content"
            data-id=id.to_string()
            data-state=state_name(state)
        >
            {content}
        </div>
        <dl class="explained" data-testid="entry-facts">{rows}</dl>
        {matches!(state, EntryState::InBlock { .. }).then(|| {
            let sealed = privacy == Privacy::Opened;
            view! { <Prove id sealed/> <Paper id sealed/> }
        })}
    }
}

/// Where an entry is: its block and its place in it, or that it waits.
#[component]
fn Standing(state: EntryState, place: Option<(u32, u32)>) -> impl IntoView {
    let session = use_session();
    let tip = session.part(|node| node.tip.height);
    let said = move || match state {
        EntryState::InBlock { height, .. } => {
            let tip = tip.get().unwrap_or(height);
            session.words().confirmations(confirmations(tip, height))
        }
        waiting => session.words().entry_state(waiting, 0),
    };
    let block = match state {
        EntryState::InBlock { height, .. } => Some(view! { <BlockLink height/> " · " }),
        _ => None,
    };
    view! {
        {block}
        {changing("entry-standing", said)}
        {place.map(|(at, of)| view! {
            <p class="hint">
                {changing("entry-place", move || session.words().place_in_block(at, of))}
            </p>
        })}
    }
}
