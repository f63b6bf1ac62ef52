//! An entry's data as text; what is long is cut until somebody asks for all.

use chain_wasm::api::EntryKind;
use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::use_session;
use crate::model::content::{Form, content};

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
) -> impl IntoView {
    let session = use_session();
    let whole = RwSignal::new(Whole::Not);
    let first = content(&media_type, &bytes, size, false);
    let (cut, complete) = (first.cut, usize::try_from(size).is_ok_and(|size| bytes.len() >= size));
    let shown = RwSignal::new(first);
    let show_all = move |_| {
        if complete {
            shown.set(content(&media_type, &bytes, size, true));
            return whole.set(Whole::Shown);
        }
        whole.set(Whole::Asked);
        spawn_local(async move {
            let kind = session.whole_entry(id).await.ok().flatten().map(|entry| entry.kind);
            // The card may have left the page meanwhile; then nobody waits for this.
            if let Some(EntryKind::Data { media_type, size, bytes }) = kind {
                shown.try_set(content(&media_type, &bytes, size, true));
                whole.try_set(Whole::Shown);
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
                Form::Json => view! { <pre class="content code">{text}{ending}</pre> }.into_any(),
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
        <div class="data" class:whole=move || whole.get() == Whole::Shown>{text}</div>
        <Show when=move || cut && whole.get() != Whole::Shown>
            <button
                type="button"
                class="quiet small"
                disabled=move || whole.get() == Whole::Asked
                on:click=show_all.clone()
            >
                {more}
            </button>
        </Show>
    }
}
