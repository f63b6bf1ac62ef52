//! What a search found, and how far it is.

use chain_wasm::api::{EntryView, Excerpt, SearchHit};
use leptos::prelude::*;

use super::entry::Entry;
use super::explorer::Title;
use super::link::{AuthorLink, BlockLink, EntryLink};
use super::time::Time;
use super::{Session, use_session};
use crate::model::format::{percent, short, short_hash};
use crate::model::search::{Searching, Stage};

#[component]
pub(super) fn SearchPage(
    /// What is looked for.
    text: String,
) -> impl IntoView {
    let session = use_session();
    view! {
        <Title>{move || session.words().search_title(&text)}</Title>
        <Results/>
    }
}

impl Session {
    /// What was looked for last, followed as it changes.
    pub(super) fn searching(self) -> Memo<Option<Searching>> {
        Memo::new(move |_| self.model.with(|model| model.search.clone()))
    }
}

/// The list of what was found, newest first, and the way to more.
#[component]
pub(super) fn Results() -> impl IntoView {
    let session = use_session();
    let search = session.searching();
    let hits = move || search.get().map(|search| search.hits.to_vec()).unwrap_or_default();
    let stage = Memo::new(move |_| search.with(|search| search.as_ref().map(|s| s.stage.clone())));
    let passed = Memo::new(move |_| search.with(|s| s.as_ref().map_or(0, |s| s.passed)));
    let shown = Memo::new(move |_| search.with(|s| s.as_ref().map_or(0, |s| s.hits.len())));
    let count = move || passed.get() + shown.get();
    let running = Memo::new(move |_| matches!(stage.get(), Some(Stage::Running { .. }) | None));
    let progress = move || {
        let words = session.words();
        let (searched, total) = match stage.get() {
            Some(Stage::Running { searched, total }) => (searched, total),
            None => (0, 0),
            Some(_) => return None,
        };
        Some(view! {
            <div class="progress-line">
                <span id="search-progress">{words.search_progress(searched, total)}</span>
                <progress
                    max="100"
                    value=(total > 0).then(|| percent(searched, total))
                    aria-labelledby="search-progress"
                ></progress>
            </div>
        })
    };
    // Read aloud once it ends, not at each step.
    let ended = move || {
        let words = session.words();
        match stage.get()? {
            Stage::Running { .. } => None,
            Stage::Refused(error) => Some(words.api_error(&error)),
            Stage::Done => Some(words.found(count(), true)),
            Stage::More(_) => Some(words.found(count(), false)),
        }
    };
    let may_go_on = Memo::new(move |_| matches!(stage.get(), Some(Stage::More(_))));
    view! {
        <div data-testid="results" data-running=move || running.get().to_string()>
            <p class="hint">
                {move || (passed.get() > 0).then(|| session.words().hits_passed(passed.get()))}
            </p>
            <ul class="hits">
                <For each=hits key=key_of let:hit>
                    <Hit hit/>
                </For>
            </ul>
            {progress}
            <p class="hint" role="status" data-testid="search-status">{ended}</p>
            <Show when=move || may_go_on.get()>
                <button
                    type="button"
                    class="quiet wide"
                    data-testid="search-more"
                    on:click=move |_| session.search_on()
                >
                    {session.text(|t| t.search_on)}
                </button>
            </Show>
        </div>
    }
}

/// What tells hits apart.
fn key_of(hit: &SearchHit) -> (u8, [u8; 32]) {
    match hit {
        SearchHit::Block { hash, .. } => (0, *hash.as_bytes()),
        SearchHit::Id { id, .. } => (1, *id.as_bytes()),
        SearchHit::Author { author, .. } => (2, *author.as_bytes()),
        SearchHit::Text { entry, .. } => (3, *entry.id.as_bytes()),
        SearchHit::Entry { entry } => (4, *entry.id.as_bytes()),
    }
}

#[component]
fn Hit(hit: SearchHit) -> impl IntoView {
    let session = use_session();
    match hit {
        SearchHit::Block { height, hash } => view! {
            <li class="hit" data-testid="hit-block" data-height=height>
                <BlockLink height/>
                <span class="hint code">{short_hash(&hash)}</span>
            </li>
        }
        .into_any(),
        SearchHit::Id { id, height } => view! {
            <li class="hit" data-testid="hit-entry" data-id=id.to_string()>
                <EntryLink id>
                    {session.text(|t| t.entry_title)} " " <span class="code">{short_hash(&id)}</span>
                </EntryLink>
                {height.map(|height| view! { <BlockLink height/> })}
            </li>
        }
        .into_any(),
        SearchHit::Author { author, balance } => view! {
            <li class="hit" data-testid="hit-author" data-author=author.to_string()>
                <AuthorLink author/>
                <span class="hint code">{short(&author.to_string())}</span>
                <span class="hint">{move || session.words().coins(balance)}</span>
            </li>
        }
        .into_any(),
        SearchHit::Text { entry, excerpt } => {
            view! { <TextHit entry=*entry excerpt/> }.into_any()
        }
        SearchHit::Entry { entry } => view! { <Entry entry=*entry placed=true/> }.into_any(),
    }
}

/// An entry with the text that was looked for.
#[component]
fn TextHit(entry: EntryView, excerpt: Excerpt) -> impl IntoView {
    let EntryView { id, author, mine, timestamp, state, .. } = entry;
    let height = match state {
        chain_wasm::api::EntryState::InBlock { height, .. } => Some(height),
        _ => None,
    };
    let ellipsis = |cut: bool| cut.then_some("…");
    view! {
        <li class="entry" class:mine=mine data-testid="hit-text" data-id=id.to_string()>
            <p class="entry-head">
                <AuthorLink author/>
                {height.map(|height| view! { <span class="state"><BlockLink height/></span> })}
                <EntryLink id><Time at=timestamp/></EntryLink>
            </p>
            <p class="content" dir="auto">
                {ellipsis(excerpt.cut_before)}
                {excerpt.before}
                <mark>{excerpt.found}</mark>
                {excerpt.after}
                {ellipsis(excerpt.cut_after)}
            </p>
        </li>
    }
}
