//! Asks whether the key that came with an invitation is to be this tab's.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::use_session;
use crate::node_link::CallError;

#[component]
pub(super) fn Invitation() -> impl IntoView {
    let session = use_session();
    let running = session.running();
    let taking = RwSignal::new(false);
    let refused = RwSignal::new(None::<CallError>);
    let take = move |_| {
        if taking.get_untracked() {
            return;
        }
        taking.set(true);
        refused.set(None);
        spawn_local(async move {
            refused.set(session.accept_invitation().await.err());
            taking.set(false);
        });
    };
    let invited = Memo::new(move |_| session.invitation.with(Option::is_some) && !session.locked());
    view! {
        <Show when=move || invited.get()>
            <section class="card invitation" aria-labelledby="invited-title" data-testid="invitation">
                <h2 id="invited-title">{session.room_text(|t| t.invited_title)}</h2>
                <p>{session.room_text(|t| t.invited_hint)}</p>
                <p class="error" aria-live="polite">
                    {move || refused.get().map(|error| session.words().call_error(&error))}
                </p>
                <div class="buttons">
                    <button
                        type="button"
                        class="primary"
                        data-testid="invited-take"
                        disabled=move || !running.get()
                        aria-disabled=move || taking.get().then_some("true")
                        on:click=take
                    >
                        {session.room_text(|t| t.invited_take)}
                    </button>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="invited-decline"
                        on:click=move |_| session.forget_invitation()
                    >
                        {session.room_text(|t| t.invited_decline)}
                    </button>
                </div>
            </section>
        </Show>
    }
}
