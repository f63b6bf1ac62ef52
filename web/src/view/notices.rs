//! What happened to the chain and deserves a sentence.

use leptos::prelude::*;

use super::use_session;
use crate::model::format::short_hash;

#[component]
pub(super) fn Notices() -> impl IntoView {
    let session = use_session();
    let reorganisation =
        Memo::new(move |_| session.model.with(|model| model.reorganisation.clone()));
    let refused = Memo::new(move |_| session.model.with(|model| model.refused.clone()));
    let dismiss = move |_| {
        session.model.update(|model| {
            model.reorganisation = None;
            model.refused.clear();
        });
    };
    let anything = move || reorganisation.with(Option::is_some) || !refused.with(Vec::is_empty);
    let refusals = move || {
        refused.get().into_iter().map(|(id, winner)| {
            let winner = winner.map(|winner| short_hash(&winner));
            view! { <p>{session.words().entry_refused(&short_hash(&id), winner.as_deref())}</p> }
        }).collect_view()
    };
    view! {
        <div role="status" data-testid="notices">
            <Show when=anything>
                <div class="notice">
                    <div>
                        {move || reorganisation.get().map(|what| view! {
                            <p>{session.words().reorganisation(&what)}</p>
                        })}
                        {refusals}
                    </div>
                    <button type="button" class="quiet small" on:click=dismiss>
                        {session.text(|t| t.dismiss)}
                    </button>
                </div>
            </Show>
        </div>
    }
}
