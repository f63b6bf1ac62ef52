//! The field that finds anything in the chain.

use chain_wasm::api::MAX_QUERY;
use leptos::prelude::*;

use super::use_session;
use crate::browser;
use crate::model::route::Place;

#[component]
pub(super) fn SearchBox() -> impl IntoView {
    let session = use_session();
    let text = RwSignal::new(String::new());
    let refused = RwSignal::new(false);
    // A search that was linked to, or gone back to, stands in the field.
    Effect::new(move |_| {
        if let Place::Search(shown) = session.place.get() {
            text.set(shown);
            refused.set(false);
        }
    });
    let find = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let wanted = text.get_untracked();
        let valid = (1..=MAX_QUERY).contains(&wanted.trim().len());
        refused.set(!valid);
        if valid {
            session.search_for(&wanted);
        } else {
            browser::focus("search");
        }
    };
    view! {
        <form class="search" role="search" data-testid="search" novalidate on:submit=find>
            <label for="search">{session.text(|t| t.search_label)}</label>
            <div class="search-line">
                <input
                    id="search"
                    type="search"
                    data-testid="search-input"
                    autocomplete="off"
                    spellcheck="false"
                    enterkeyhint="search"
                    placeholder=session.text(|t| t.search_placeholder)
                    aria-describedby="search-error"
                    aria-invalid=move || refused.get().then_some("true")
                    prop:value=text
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        refused.set(false);
                    }
                />
                <button type="submit" data-testid="search-button">
                    {session.text(|t| t.search_button)}
                </button>
            </div>
            <p id="search-error" class="error" aria-live="polite">
                {move || refused.get().then(|| session.words().query_fault(MAX_QUERY))}
            </p>
        </form>
    }
}
