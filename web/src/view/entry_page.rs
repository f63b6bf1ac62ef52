//! An entry's own page: all that it says, and where it is.

use chain_wasm::api::{Command, EntryDetails, EntryKind, EntryState, Outcome};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use super::content::DataContent;
use super::entry::Transfer;
use super::entry_status::state_name;
use super::explorer::{Title, missing};
use super::fetched::fetched;
use super::link::{AuthorLink, BlockLink};
use super::strip::Strip;
use super::time::{Time, exact};
use super::use_session;
use crate::model::format::{bytes, short_hash};

#[component]
pub(super) fn EntryPage(
    /// Its id.
    id: Hash,
) -> impl IntoView {
    let session = use_session();
    let answer = fetched(Command::GetEntryDetails { id }, |outcome| match outcome {
        Outcome::EntryDetails(details) => Some(*details),
        _ => None,
    });
    let here = Memo::new(move |_| answer.get().here());
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
    let tip = session.part(|node| node.tip.height);
    let stands = move || match state {
        EntryState::InBlock { height, .. } => {
            let confirmed = move || {
                let tip = tip.get().unwrap_or(height);
                session.words().confirmations(crate::model::confirmations(tip, height))
            };
            view! { <BlockLink height/> " · " {confirmed} }.into_any()
        }
        _ => (move || session.words().entry_state(state, 0)).into_any(),
    };
    let media_type = match &entry.kind {
        EntryKind::Data { media_type, .. } => Some(media_type.clone()),
        EntryKind::Transfer { .. } => None,
    };
    let content = match entry.kind {
        EntryKind::Data { media_type, size, bytes } => {
            view! { <DataContent id media_type size bytes open=true/> }.into_any()
        }
        EntryKind::Transfer { to, amount } => view! { <Transfer to amount/> }.into_any(),
    };
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
        <dl class="explained" data-testid="entry-facts">
            <dt>{session.text(|t| t.author)}</dt>
            <dd>
                <AuthorLink author/>
                {entry.mine.then(|| view! {
                    " "
                    <span class="tag">{session.text(|t| t.you)}</span>
                })}
                <p class="hint">{session.text(|t| t.about_author)}</p>
            </dd>
            <dt>{session.text(|t| t.time)}</dt>
            <dd>
                {exact(timestamp)} " · " <Time at=timestamp/>
                <p class="hint">{session.text(|t| t.about_entry_time)}</p>
            </dd>
            <dt>{session.text(|t| t.status)}</dt>
            <dd>
                {stands}
                {place.map(|(at, of)| view! {
                    <p class="hint" data-testid="entry-place">
                        {move || session.words().place_in_block(at, of)}
                    </p>
                })}
            </dd>
            {media_type.map(|media_type| view! {
                <dt>{session.text(|t| t.media_type)}</dt>
                <dd>
                    <span class="code">{media_type}</span>
                    <p class="hint">{session.text(|t| t.about_media_type)}</p>
                </dd>
            })}
            <dt>{session.text(|t| t.size)}</dt>
            <dd>
                {bytes(size.into())}
                <p class="hint">{session.text(|t| t.about_entry_size)}</p>
            </dd>
            <dt>{session.text(|t| t.entry_id)}</dt>
            <dd>
                <span class="code">{id.to_string()}</span>
                <div class="big-strip"><Strip hash=id/></div>
                <p class="hint">{session.text(|t| t.about_entry_id)}</p>
            </dd>
        </dl>
    }
}
