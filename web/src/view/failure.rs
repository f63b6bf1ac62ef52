//! What is shown when there is no node: why, and what can be done.

use chain_wasm::api::ApiError;
use leptos::prelude::*;

use super::use_session;
use crate::browser;
use crate::model::Phase;
use crate::node_link::Failure;

#[component]
pub(super) fn FailurePanel() -> impl IntoView {
    let session = use_session();
    let phase = Memo::new(move |_| session.model.with(|model| model.phase.clone()));
    let restart = move || {
        view! {
            <button type="button" data-testid="restart" on:click=move |_| session.restart()>
                {session.text(|t| t.restart)}
            </button>
        }
    };
    let reload = move || {
        view! {
            <button type="button" data-testid="reload" on:click=|_| browser::reload()>
                {session.text(|t| t.reload)}
            </button>
        }
    };
    move || match phase.get() {
        Phase::Failed(failure) => {
            let words = session.words();
            let outdated = needs_reload(&failure);
            Some(
                view! {
                    <section class="fatal" role="alert" data-testid="fatal">
                        <h2>{words.failure_title(&failure)}</h2>
                        <p>{words.failure_text(&failure)}</p>
                        <p class="actions">
                            {outdated.then(reload)}
                            {restart()}
                        </p>
                    </section>
                }
                .into_any(),
            )
        }
        Phase::SlowStart => Some(
            view! {
                <section class="fatal mild" role="status">
                    <p>{session.text(|t| t.slow_start)}</p>
                    <p class="actions">{restart()}</p>
                </section>
            }
            .into_any(),
        ),
        Phase::Starting | Phase::Running => None,
    }
}

/// Whether only another version of the page helps.
const fn needs_reload(failure: &Failure) -> bool {
    matches!(
        failure,
        Failure::Version { .. } | Failure::Unreadable { .. } | Failure::Start(ApiError::NewerStore)
    )
}
