//! Back to how all was.

use chain_wasm::api::LabCommand;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Experiment, say, told};
use crate::model::lab::Happened;
use crate::view::use_session;

#[component]
pub(super) fn Reset() -> impl IntoView {
    let session = use_session();
    let running = session.running();
    let happened = RwSignal::new(None::<Happened>);
    let reset = move |_| {
        session.set_connected(true);
        spawn_local(async move {
            let outcome = match session.experiment(LabCommand::Reset).await {
                Ok(_) => Happened::Reset,
                Err(error) => Happened::Refused(error),
            };
            happened.try_set(Some(outcome));
        });
    };
    view! {
        <Experiment name="reset" title=|t| t.reset_title about=|t| t.reset_about happened=told(session, happened)>
            <button type="button" data-testid="lab-reset" disabled=move || !running.get() on:click=reset>
                {say(session, |t| t.reset_go)}
            </button>
        </Experiment>
    }
}
