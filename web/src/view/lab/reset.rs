//! Back to how all was: no experiment, and the chain as the others have it.

use chain_wasm::api::LabCommand;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Experiment, say, told};
use crate::model::lab::Happened;
use crate::session::Session;
use crate::view::use_session;

#[derive(Clone, Copy)]
struct Doing {
    session: Session,
    /// Whether it is asked first, since something would be lost.
    asked: RwSignal<bool>,
    happened: RwSignal<Option<Happened>>,
}

impl Doing {
    fn begin(self) {
        match self.session.copy_now() {
            (true, true) => self.forget(),
            (true, false) => self.asked.set(true),
            // The key lives as long as the node there.
            (false, _) => self.keep(),
        }
    }

    /// Ends the experiments and forgets the chain.
    fn forget(self) {
        self.asked.set(false);
        spawn_local(async move {
            let outcome = match self.session.forget_chain().await {
                Ok(()) => Happened::Forgotten,
                Err(error) => Happened::Refused(error),
            };
            self.happened.try_set(Some(outcome));
        });
    }

    /// Ends the experiments only.
    fn keep(self) {
        self.asked.set(false);
        self.session.set_connected(true);
        spawn_local(async move {
            let outcome = match self.session.experiment(LabCommand::Reset).await {
                Ok(_) => Happened::Reset,
                Err(error) => Happened::Refused(error),
            };
            self.happened.try_set(Some(outcome));
        });
    }
}

#[component]
pub(super) fn Reset() -> impl IntoView {
    let session = use_session();
    let running = session.running();
    let happened = RwSignal::new(None::<Happened>);
    let doing = Doing { session, asked: RwSignal::new(false), happened };
    view! {
        <Experiment name="reset" title=|t| t.reset_title about=|t| t.reset_about happened=told(session, happened)>
            <Show
                when=move || doing.asked.get()
                fallback=move || view! {
                    <button
                        type="button"
                        data-testid="lab-reset"
                        disabled=move || !running.get()
                        on:click=move |_| doing.begin()
                    >
                        {say(session, |t| t.reset_go)}
                    </button>
                }
            >
                <div role="alert" data-testid="reset-asked">
                    <p class="warning">{say(session, |t| t.reset_loses)}</p>
                    <p class="buttons">
                        <button type="button" data-testid="reset-keep" on:click=move |_| doing.keep()>
                            {say(session, |t| t.reset_keep)}
                        </button>
                        <button
                            type="button"
                            class="quiet"
                            data-testid="reset-forget"
                            disabled=move || !running.get()
                            on:click=move |_| doing.forget()
                        >
                            {say(session, |t| t.reset_forget)}
                        </button>
                    </p>
                </div>
            </Show>
        </Experiment>
    }
}
