//! The form: one entry, text, JSON or what the chain keeps of a file.

use leptos::ev::{Event, KeyboardEvent, SubmitEvent};
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::DragEvent;

use super::entry_status::EntryStatus;
use super::file_form::{ChosenFile, FileField};
use super::members::may_not_write;
use super::{Session, use_session};
use crate::browser;
use crate::model::file::FileStep;
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
    file: ChosenFile,
    refusal: RwSignal<Option<Refusal>>,
    sending: RwSignal<bool>,
    running: Memo<bool>,
}

impl Form {
    fn submit(self) {
        if self.sending.get_untracked() || !self.running.get_untracked() {
            return;
        }
        if self.mode.get_untracked() == Mode::File {
            return self.submit_file();
        }
        let (mode, text) = (self.mode.get_untracked(), self.text.get_untracked());
        if let Err(fault) = form::check(mode, &text, self.session.max_entry_now()) {
            self.refusal.set(Some(Refusal::Form(fault)));
            return browser::focus("entry");
        }
        self.refusal.set(None);
        self.sending.set(true);
        spawn_local(async move {
            match self.session.add(mode.media_type(), text.clone().into_bytes()).await {
                // What was typed meanwhile stays.
                Ok(()) if self.text.get_untracked() == text => self.text.set(String::new()),
                Ok(()) => {}
                Err(error) => self.refusal.set(Some(Refusal::Call(error))),
            }
            self.sending.set(false);
        });
    }

    fn submit_file(self) {
        let FileStep::New(file) = self.file.step.get_untracked() else {
            self.refusal.set(Some(Refusal::Form(FormFault::NoFile)));
            return browser::focus("entry-file");
        };
        self.refusal.set(None);
        self.sending.set(true);
        spawn_local(async move {
            match self.session.add(Mode::File.media_type(), file.encode()).await {
                // Another one may have been chosen meanwhile.
                Ok(()) if self.file.step.get_untracked() == FileStep::New(file) => {
                    self.file.clear();
                }
                Ok(()) => {}
                Err(error) => self.refusal.set(Some(Refusal::Call(error))),
            }
            self.sending.set(false);
        });
    }

    /// Takes a file that was dropped on the form, whatever was being typed.
    fn dropped(self, event: &DragEvent) {
        if let Some(file) = browser::file::dropped(event) {
            self.refusal.set(None);
            self.mode.set(Mode::File);
            self.file.take(file);
        }
    }

    /// A fault that is gone is no longer shown; a new one waits for the submit.
    fn changed(self) {
        if self.mode.get_untracked() == Mode::File {
            return self.refusal.set(None);
        }
        let refused = self.refusal.with_untracked(Option::is_some);
        if refused {
            let (mode, limit) = (self.mode.get_untracked(), self.session.max_entry_now());
            let checked = self.text.with_untracked(|text| form::check(mode, text, limit));
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
        file: ChosenFile::new(session),
        refusal: RwSignal::new(None),
        sending: RwSignal::new(false),
        running: session.running(),
    };
    let submit = move |event: SubmitEvent| {
        event.prevent_default();
        form.submit();
    };
    let by_file = Memo::new(move |_| form.mode.get() == Mode::File);
    let nothing_new =
        move || by_file.get() && !form.file.step.with(|step| matches!(step, FileStep::New(_)));
    let over = RwSignal::new(false);
    // What was wrong was wrong with another file.
    Effect::new(move |_| {
        form.file.step.track();
        form.refusal.set(None);
    });
    let on_drag_over = move |event: DragEvent| {
        if browser::file::has_files(&event) {
            // Without this the browser would open the file.
            event.prevent_default();
            over.set(true);
        }
    };
    let on_drop = move |event: DragEvent| {
        over.set(false);
        if browser::file::has_files(&event) {
            event.prevent_default();
            form.dropped(&event);
        }
    };
    view! {
        <section
            class="card write"
            aria-labelledby="add-title"
            data-testid="entry-form"
            on:dragover=on_drag_over
            on:dragleave=move |_| over.set(false)
            on:drop=on_drop
        >
            <h2 id="add-title">{session.text(|t| t.add_title)}</h2>
            <Hints/>
            <form novalidate on:submit=submit>
                <div class="field-head">
                    <label for=move || if by_file.get() { "entry-file" } else { "entry" }>
                        {session.text(|t| t.entry_label)}
                    </label>
                    <Modes form/>
                </div>
                <Show when=move || by_file.get()>
                    <FileField file=form.file over/>
                </Show>
                <TextField form/>
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
                        aria-disabled=move || (form.sending.get() || nothing_new()).then_some("true")
                    >
                        {move || {
                            let texts = session.words().texts();
                            if form.sending.get() {
                                texts.adding
                            } else if by_file.get() {
                                texts.add_file
                            } else {
                                texts.add_block
                            }
                        }}
                    </button>
                    <EntryStatus/>
                    <span class="typed" hidden=move || by_file.get()>
                        {move || session.words().typed(form.text.with(String::len), session.max_entry())}
                    </span>
                </div>
            </form>
        </section>
    }
}

/// What comes of an entry, and that none is taken from a stranger among members.
#[component]
fn Hints() -> impl IntoView {
    let session = use_session();
    let closed = may_not_write(session);
    view! {
        <p class="hint" id="entry-hint">
            {move || {
                let words = session.words();
                if session.private_room().is_some() {
                    words.rooms().add_private_hint
                } else {
                    words.texts().add_hint
                }
            }}
        </p>
        <Show when=move || closed.get()>
            <p class="warning" id="entry-closed" data-testid="entry-closed">
                {session.room_text(|t| t.writers_closed)}
            </p>
        </Show>
    }
}

/// Where an entry is typed.
#[component]
fn TextField(form: Form) -> impl IntoView {
    let session = form.session;
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
        <textarea
            // It stays, with what was typed, while a file is chosen.
            hidden=move || form.mode.get() == Mode::File
            id="entry"
            rows="3"
            dir="auto"
            data-testid="entry-input"
            class:code=move || form.mode.get() == Mode::Json
            placeholder=placeholder
            aria-describedby="entry-error entry-closed entry-hint"
            aria-invalid=move || form.refusal.with(Option::is_some).then_some("true")
            prop:value=form.text
            on:input=on_input
            on:keydown=on_key
        ></textarea>
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
                        match mode {
                            Mode::Text => texts.as_text,
                            Mode::Json => texts.as_json,
                            Mode::File => texts.as_file,
                        }
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
            {choice(Mode::File, "entry-mode-file", "file")}
        </fieldset>
    }
}
