//! The full check of the chain, and what it checked.

use chain_wasm::api::ValidationReport;
use leptos::prelude::*;

use super::{Session, use_session};
use crate::model::Validation;
use crate::model::format::percent;

#[component]
pub(super) fn ValidationPanel() -> impl IntoView {
    let session = use_session();
    let validation = Memo::new(move |_| session.model.with(|model| model.validation.clone()));
    let running = Memo::new(move |_| matches!(validation.get(), Validation::Running { .. }));
    let ready = session.running();
    let progress = move || match validation.get() {
        Validation::Running { checked, total } => Some(view! {
            <div class="progress-line">
                <span id="check-progress">
                    {session.words().validation_progress(checked, total)}
                </span>
                <progress
                    max="100"
                    value=(total > 0).then(|| percent(checked, total))
                    aria-labelledby="check-progress"
                ></progress>
            </div>
        }),
        _ => None,
    };
    view! {
        <section class="card check-chain" aria-labelledby="check-title">
            <h2 id="check-title">{session.text(|t| t.check_title)}</h2>
            <p class="hint">{session.text(|t| t.check_hint)}</p>
            <button
                type="button"
                data-testid="validate"
                disabled=move || !ready.get()
                // Truly disabled, it would lose the keyboard's focus.
                aria-disabled=move || running.get().then_some("true")
                on:click=move |_| session.validate()
            >
                {move || {
                    let texts = session.words().texts();
                    if running.get() { texts.validating } else { texts.validate }
                }}
            </button>
            {progress}
            <div role="status">{move || result(session, &validation.get())}</div>
        </section>
    }
}

fn result(session: Session, validation: &Validation) -> Option<AnyView> {
    match validation {
        Validation::Done(report) => Some(done(session, report).into_any()),
        Validation::Refused(error) => {
            let said = session.words().api_error(error);
            Some(view! { <p class="error" data-testid="validate-result">{said}</p> }.into_any())
        }
        Validation::None | Validation::Running { .. } => None,
    }
}

fn done(session: Session, report: &ValidationReport) -> impl IntoView + use<> {
    let words = session.words();
    let verdict = if report.fault.is_none() { words.texts().valid } else { words.texts().invalid };
    let fault = report.fault.as_ref().map(|(height, code)| words.block_fault(*height, code));
    view! {
        <div data-testid="validate-result" data-valid=report.fault.is_none().to_string()>
            <p class="verdict" class:bad=report.fault.is_some()>
                {verdict}
            </p>
            {fault.map(|fault| view! { <p class="error">{fault}</p> })}
            <p class="hint">{words.validation(report)}</p>
        </div>
    }
}
