//! The form: one entry, text or JSON.

use leptos::ev::{Event, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry_status::EntryStatus;
use super::{Session, use_session};
use crate::browser;
use crate::model::form::{self, FormFault, Mode};
use crate::node_link::CallError;

/// Why the entry was not taken.
#[derive(Clone)]
enum Refusal {
    Form(FormFault),
    Call(CallError),
}

/// What the form holds.
#[derive(Clone, Copy)]
struct Form {
    session: Session,
    text: RwSignal<String>,
    mode: RwSignal<Mode>,
    refusal: RwSignal<Option<Refusal>>,
    sending: RwSignal<bool>,
    running: Memo<bool>,
}

impl Form {
    fn submit(self) {
        if self.sending.get_untracked() || !self.running.get_untracked() {
            return;
        }
        let (mode, text) = (self.mode.get_untracked(), self.text.get_untracked());
        if let Err(fault) = form::check(mode, &text) {
            self.refusal.set(Some(Refusal::Form(fault)));
            return browser::focus("entry");
        }
        self.refusal.set(None);
        self.sending.set(true);
        spawn_local(async move {
            match self.session.add(mode, text.clone()).await {
                // What was typed meanwhile stays.
                Ok(()) if self.text.get_untracked() == text => self.text.set(String::new()),
                Ok(()) => {}
                Err(error) => self.refusal.set(Some(Refusal::Call(error))),
            }
            self.sending.set(false);
        });
    }

    /// A fault that is gone is no longer shown; a new one waits for the submit.
    fn changed(self) {
        let refused = self.refusal.with_untracked(Option::is_some);
        if refused {
            let checked =
                self.text.with_untracked(|text| form::check(self.mode.get_untracked(), text));
            self.refusal.set(checked.err().map(Refusal::Form));
        }
    }

    fn error(self) -> Option<String> {
        let words = self.session.words();
        self.refusal.get().map(|refusal| match refusal {
            Refusal::Form(fault) => words.form_fault(fault),
            Refusal::Call(error) => words.call_error(&error),
        })
    }
}

#[component]
pub(super) fn EntryForm() -> impl IntoView {
    let session = use_session();
    let form = Form {
        session,
        text: RwSignal::new(String::new()),
        mode: RwSignal::new(Mode::Text),
        refusal: RwSignal::new(None),
        sending: RwSignal::new(false),
        running: session.running(),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        form.submit();
    };
    let on_key = move |event: KeyboardEvent| {
        let keys = form::Keys {
            enter: event.key() == "Enter",
            control: event.ctrl_key() || event.meta_key(),
            composing: event.is_composing(),
            repeated: event.repeat(),
        };
        if keys.submit() {
            event.prevent_default();
            form.submit();
        }
    };
    let on_input = move |event: Event| {
        form.text.set(event_target_value(&event));
        form.changed();
    };
    let placeholder = move || {
        let texts = session.words().texts();
        if form.mode.get() == Mode::Text { texts.placeholder_text } else { texts.placeholder_json }
    };
    view! {
        <section class="card write" aria-labelledby="add-title">
            <h2 id="add-title">{session.text(|t| t.add_title)}</h2>
            <p class="hint" id="entry-hint">{session.text(|t| t.add_hint)}</p>
            <form novalidate on:submit=submit>
                <div class="field-head">
                    <label for="entry">{session.text(|t| t.entry_label)}</label>
                    <Modes form/>
                </div>
                <textarea
                    id="entry"
                    rows="3"
                    dir="auto"
                    data-testid="entry-input"
                    class:code=move || form.mode.get() == Mode::Json
                    placeholder=placeholder
                    aria-describedby="entry-error entry-hint"
                    aria-invalid=move || form.refusal.with(Option::is_some).then_some("true")
                    prop:value=form.text
                    on:input=on_input
                    on:keydown=on_key
                ></textarea>
                <p id="entry-error" class="error" data-testid="entry-error" aria-live="polite">
                    {move || form.error()}
                </p>
                <div class="submit-line">
                    <button
                        type="submit"
                        class="primary"
                        aria-keyshortcuts="Control+Enter"
                        data-testid="add-block"
                        disabled=move || !form.running.get()
                        // Truly disabled, it would lose the keyboard's focus.
                        aria-disabled=move || form.sending.get().then_some("true")
                    >
                        {move || {
                            let texts = session.words().texts();
                            if form.sending.get() { texts.adding } else { texts.add_block }
                        }}
                    </button>
                    <EntryStatus/>
                    <span class="typed">
                        {move || session.words().typed(form.text.with(String::len))}
                    </span>
                </div>
            </form>
        </section>
    }
}

#[component]
fn Modes(form: Form) -> impl IntoView {
    let session = form.session;
    let choice = move |mode: Mode, id: &'static str, value: &'static str| {
        view! {
            <label>
                <input
                    type="radio"
                    name="entry-kind"
                    data-testid=id
                    value=value
                    prop:checked=move || form.mode.get() == mode
                    on:change=move |_| {
                        form.mode.set(mode);
                        form.changed();
                    }
                />
                <span>
                    {move || {
                        let texts = session.words().texts();
                        if mode == Mode::Text { texts.as_text } else { texts.as_json }
                    }}
                </span>
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend class="unseen">{session.text(|t| t.entry_kind)}</legend>
            {choice(Mode::Text, "entry-mode-text", "text")}
            {choice(Mode::Json, "entry-mode-json", "json")}
        </fieldset>
    }
}
