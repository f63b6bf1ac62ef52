//! Says that a tab did not become the member that it was made to be, and tries again.

use leptos::prelude::*;

use super::use_session;

#[component]
pub(super) fn OwnKey() -> impl IntoView {
    let session = use_session();
    let running = session.running();
    let failed = Memo::new(move |_| session.own_key_fault.with(Option::is_some));
    view! {
        <Show when=move || failed.get()>
            <section
                class="card invitation"
                aria-labelledby="own-key-title"
                data-testid="own-key-failed"
                role="alert"
            >
                <h2 id="own-key-title">{session.room_text(|t| t.own_key_failed)}</h2>
                <p class="error">
                    {move || {
                        let words = session.words();
                        session.own_key_fault.with(|fault| {
                            fault.as_ref().map(|error| words.call_error(error))
                        })
                    }}
                </p>
                <p>{move || {
                    let texts = session.words().rooms();
                    let kept = session.keeps_own_key();
                    if kept { texts.own_key_failed_hint } else { texts.own_key_only_here }
                }}</p>
                <div class="buttons">
                    <button
                        type="button"
                        class="primary"
                        data-testid="own-key-again"
                        disabled=move || !running.get()
                        on:click=move |_| session.take_own_key()
                    >
                        {session.text(|t| t.try_again)}
                    </button>
                </div>
            </section>
        </Show>
    }
}
