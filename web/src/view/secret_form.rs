//! Asks for the secret of a private room whose address does not have it.

use chain_wasm::api::Access;
use leptos::prelude::*;

use super::use_session;
use crate::browser;
use crate::model::route;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Fault {
    Missing,
    Wrong,
}

#[component]
pub(super) fn SecretForm() -> impl IntoView {
    let session = use_session();
    let access = Memo::new(move |_| session.private_room().map(|room| room.access()));
    move || match access.get() {
        None | Some(Access::Granted(_)) => None,
        Some(Access::Missing) => Some(view! { <Ask wrong=false/> }),
        Some(Access::Wrong) => Some(view! { <Ask wrong=true/> }),
    }
}

#[component]
fn Ask(
    /// Whether the address has another secret.
    wrong: bool,
) -> impl IntoView {
    let session = use_session();
    let text = RwSignal::new(String::new());
    let fault = RwSignal::new(wrong.then_some(Fault::Wrong));
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let refused = match text.with_untracked(|text| route::pasted_secret(text)) {
            None => Fault::Missing,
            Some(secret) if session.give_secret(secret) => return,
            Some(_) => Fault::Wrong,
        };
        fault.set(Some(refused));
        browser::focus("secret");
    };
    let said = move || {
        let texts = session.words().rooms();
        fault.get().map(|fault| match fault {
            Fault::Missing => texts.secret_missing,
            Fault::Wrong => texts.secret_wrong,
        })
    };
    view! {
        <section class="card secret-form" aria-labelledby="secret-title" data-testid="secret-form">
            <h2 id="secret-title">{session.room_text(|t| t.secret_title)}</h2>
            <p class="hint" id="secret-hint">{session.room_text(|t| t.secret_hint)}</p>
            <form class="rows" novalidate on:submit=submit>
                <label for="secret">{session.room_text(|t| t.secret)}</label>
                <input
                    id="secret"
                    type="password"
                    autocomplete="off"
                    spellcheck="false"
                    data-testid="secret"
                    aria-describedby="secret-hint secret-error"
                    aria-invalid=move || fault.get().map(|_| "true")
                    prop:value=text
                    on:input=move |event| {
                        text.set(event_target_value(&event));
                        fault.set(None);
                    }
                />
                <p id="secret-error" class="error" data-testid="secret-error" aria-live="polite">
                    {said}
                </p>
                <button type="submit" class="primary" data-testid="secret-open">
                    {session.room_text(|t| t.secret_open)}
                </button>
            </form>
        </section>
    }
}
