//! What happened, in plain sentences, to be looked through and taken home.

use leptos::prelude::*;

use super::explorer::Title;
use super::network_page::peer_called;
use super::time::exact;
use super::{Session, use_session};
use crate::browser::{self, file};
use crate::i18n::NetworkTexts;
use crate::model::format::rfc_3339;
use crate::model::log::{self, Happening, Kind, Logged, MAX_LOGGED, Who};
use crate::model::route::Place;
use chain_wasm::primitives::UnixMillis;

/// Events that are shown at first, and added at a time.
const PAGE: usize = 100;

/// In what form a log is saved.
#[derive(Clone, Copy)]
enum Form {
    Text,
    Json,
}

fn text(
    session: Session,
    text: fn(&'static NetworkTexts) -> &'static str,
) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || text(session.words().network())
}

/// What happened, in the current language; followed as it changes.
fn sentence(session: Session, what: &Happening) -> String {
    let words = session.words();
    words.happening(what, &|who: &Who| peer_called(session, who.peer, who.author))
}

#[component]
pub(super) fn LogPage() -> impl IntoView {
    let session = use_session();
    let chosen = RwSignal::new(Kind::ALL.to_vec());
    let shown = RwSignal::new(PAGE);
    // The log itself is not compared: how many there were says whether it is another one.
    let count = Memo::new(move |_| session.model.with(|model| model.log.count()));
    let events = Memo::new(move |_| {
        count.track();
        session.model.with_untracked(|model| {
            let of_kinds: Vec<Logged> = chosen.with(|kinds| model.log.of(kinds).cloned().collect());
            of_kinds
        })
    });
    let some = move || -> Vec<Logged> {
        events.with(|events| events.iter().take(shown.get()).cloned().collect())
    };
    let more = move || events.with(Vec::len).saturating_sub(shown.get());
    view! {
        <div class="page-head">
            <Title>{text(session, |t| t.log_title)}</Title>
            <a class="button quiet small" href=session.href(&Place::Network)>
                {text(session, |t| t.to_network)}
            </a>
        </div>
        <p class="hint">{move || session.words().log_limit(MAX_LOGGED, count.get())}</p>
        <Filter chosen/>
        <Show when=move || events.with(Vec::is_empty)>
            <p class="hint" data-testid="log-empty">
                {move || {
                    let texts = session.words().network();
                    if count.get() == 0 { texts.log_empty } else { texts.log_none_of_these }
                }}
            </p>
        </Show>
        <ol class="log" reversed data-testid="log">
            <For each=some key=|event| event.number let:event>
                <Line event/>
            </For>
        </ol>
        <Show when=move || { more() > 0 }>
            <button
                type="button"
                class="quiet"
                data-testid="more-events"
                on:click=move |_| shown.update(|shown| *shown += PAGE)
            >
                {move || {
                    let count = u32::try_from(more().min(PAGE)).unwrap_or(u32::MAX);
                    session.words().show_more(count)
                }}
            </button>
        </Show>
        <Save events/>
    }
}

/// Which kinds are seen.
#[component]
fn Filter(chosen: RwSignal<Vec<Kind>>) -> impl IntoView {
    let session = use_session();
    let boxes = Kind::ALL.map(|kind| {
        let checked = move || chosen.with(|kinds| kinds.contains(&kind));
        let turn = move |_| {
            chosen.update(|kinds| {
                if kinds.contains(&kind) {
                    kinds.retain(|known| *known != kind);
                } else {
                    kinds.push(kind);
                }
            });
        };
        view! {
            <label class="check">
                <input
                    type="checkbox"
                    data-testid=format!("log-{}", kind.name())
                    prop:checked=checked
                    on:change=turn
                />
                {move || session.words().kind(kind)}
            </label>
        }
    });
    view! {
        <fieldset class="log-filter">
            <legend>{text(session, |t| t.log_filter)}</legend>
            {boxes.collect_view()}
        </fieldset>
    }
}

#[component]
fn Line(event: Logged) -> impl IntoView {
    let session = use_session();
    let Logged { at, what, .. } = event;
    let kind = what.kind();
    view! {
        <li data-testid="log-event" data-kind=kind.name()>
            <time datetime=rfc_3339(at)>{exact(UnixMillis(at))}</time>
            <span class="log-kind">{move || session.words().kind(kind)}</span>
            <span class="log-said">{move || sentence(session, &what)}</span>
        </li>
    }
}

/// Takes what is chosen home.
#[component]
fn Save(events: Memo<Vec<Logged>>) -> impl IntoView {
    let session = use_session();
    let saved = RwSignal::new(None::<Option<&'static str>>);
    let save = move |form: Form| {
        let said = |what: &Happening| untrack(|| sentence(session, what));
        let content = events.with_untracked(|events| match form {
            Form::Text => log::text(events.iter(), browser::offset_minutes, said),
            Form::Json => log::json(events.iter(), said),
        });
        let (name, media_type) = match form {
            Form::Text => ("tabchain-log.txt", "text/plain;charset=utf-8"),
            Form::Json => ("tabchain-log.json", "application/json"),
        };
        let done = file::download(name, media_type, content.as_bytes());
        saved.set(Some(done.then_some(name)));
    };
    let said = move || {
        saved.get().map(|saved| match saved {
            Some(name) => session.words().proof_saved(name),
            None => session.words().network().not_saved.into(),
        })
    };
    view! {
        <div class="buttons">
            <button
                type="button"
                class="small"
                data-testid="save-log-text"
                on:click=move |_| save(Form::Text)
            >
                {text(session, |t| t.save_text)}
            </button>
            <button
                type="button"
                class="quiet small"
                data-testid="save-log-json"
                on:click=move |_| save(Form::Json)
            >
                {text(session, |t| t.save_json)}
            </button>
        </div>
        <p class="hint" role="status" data-testid="log-saved">{said}</p>
    }
}
