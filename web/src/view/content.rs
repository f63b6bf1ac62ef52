//! An entry's data as text; what is long is cut until somebody asks for all.

use chain_wasm::api::EntryKind;
use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::use_session;
use crate::model::content::{Form, content};
use crate::model::json::{Token, tokens};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Whole {
    Not,
    Asked,
    Failed,
    Shown,
}

#[component]
pub(super) fn DataContent(
    /// The entry's id.
    id: Hash,
    /// As its author declared it.
    media_type: String,
    /// All its bytes, counted.
    size: u32,
    /// Its first bytes.
    bytes: Vec<u8>,
    /// Whether all that is here is shown at once.
    #[prop(optional)]
    open: bool,
) -> impl IntoView {
    let session = use_session();
    let whole = RwSignal::new(Whole::Not);
    let first = content(&media_type, &bytes, size, open);
    let (cut, complete) = (first.cut, usize::try_from(size).is_ok_and(|size| bytes.len() >= size));
    let shown = RwSignal::new(first);
    let place = NodeRef::<leptos::html::Div>::new();
    // The button that was pressed goes away, and the focus with it. The text can
    // take the focus only once the page has been redrawn.
    let read_on = move || {
        spawn_local(async move {
            gloo_timers::future::TimeoutFuture::new(0).await;
            if let Some(Some(place)) = place.try_get_untracked() {
                drop(place.focus());
            }
        });
    };
    let is_whole = move || whole.get() == Whole::Shown;
    let show_all = move |_| {
        if whole.get_untracked() == Whole::Asked {
            return;
        }
        if complete {
            shown.set(content(&media_type, &bytes, size, true));
            whole.set(Whole::Shown);
            return read_on();
        }
        whole.set(Whole::Asked);
        spawn_local(async move {
            let kind = session.whole_entry(id).await.ok().flatten().map(|entry| entry.kind);
            // The card may have left the page meanwhile; then nobody waits for this.
            if let Some(EntryKind::Data { media_type, size, bytes }) = kind {
                shown.try_set(content(&media_type, &bytes, size, true));
                whole.try_set(Whole::Shown);
                read_on();
            } else {
                whole.try_set(Whole::Failed);
            }
        });
    };
    let text = move || {
        shown.with(|shown| {
            let text = shown.text.clone();
            let ending = (shown.cut && whole.get() != Whole::Shown).then_some("…");
            match shown.form {
                Form::Text => view! { <p class="content" dir="auto">{text}{ending}</p> }.into_any(),
                Form::Json => {
                    view! { <pre class="content code" data-testid="json">{coloured(&text)}{ending}</pre> }
                        .into_any()
                }
                Form::Binary => view! {
                    <p class="hint">{session.text(|t| t.binary_data)}</p>
                    <p class="content code">{text}{ending}</p>
                }
                .into_any(),
            }
        })
    };
    let more = move || {
        let texts = session.words().texts();
        match whole.get() {
            Whole::Not => texts.show_all,
            Whole::Asked => texts.loading,
            Whole::Failed => texts.show_all_failed,
            Whole::Shown => "",
        }
    };
    view! {
        // What is shown whole scrolls, so the keyboard must get at it.
        <div
            class="data"
            class:whole=is_whole
            node_ref=place
            role=move || is_whole().then_some("group")
            tabindex=move || is_whole().then_some("0")
            aria-label=move || is_whole().then(|| session.words().texts().whole_entry)
        >
            {text}
        </div>
        <Show when=move || cut && !is_whole()>
            <button
                type="button"
                class="quiet small"
                // Truly disabled, it would lose the keyboard's focus.
                aria-disabled=move || (whole.get() == Whole::Asked).then_some("true")
                on:click=show_all.clone()
            >
                {more}
            </button>
        </Show>
    }
}

/// JSON with its tokens told apart; all of it stays text.
fn coloured(text: &str) -> impl IntoView + use<> {
    let spans = tokens(text).into_iter().map(|(token, piece)| {
        let piece = piece.to_owned();
        let class = match token {
            Token::Plain => return piece.into_any(),
            Token::Key => "json-key",
            Token::Text => "json-text",
            Token::Number => "json-number",
            Token::Word => "json-word",
        };
        view! { <span class=class>{piece}</span> }.into_any()
    });
    spans.collect_view()
}
