//! A file in the form: it is read here, and only what the chain keeps of it is sent.

use chain_wasm::api::EntryState;
use chain_wasm::notarisation::Notarisation;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, HtmlInputElement};

use super::file_card::FileCard;
use super::time::exact;
use super::{Session, use_session};
use crate::browser;
use crate::model::file::{FileStep, ReadError, percent};

/// The file that is chosen, and how far it is.
#[derive(Clone, Copy)]
pub(super) struct ChosenFile {
    session: Session,
    /// How far it is.
    pub(super) step: RwSignal<FileStep>,
    /// Counts what was chosen and given up: what an earlier one leads to is dropped.
    turn: RwSignal<u32>,
}

impl ChosenFile {
    pub(super) fn new(session: Session) -> Self {
        Self { session, step: RwSignal::new(FileStep::None), turn: RwSignal::new(0) }
    }

    /// Lets go of the file, whatever is being done with it.
    pub(super) fn clear(self) {
        self.turn.update(|turn| *turn = turn.wrapping_add(1));
        self.step.set(FileStep::None);
    }

    /// Reads and hashes a file, then looks for it in the chain.
    pub(super) fn take(self, file: File) {
        self.clear();
        let turn = self.turn.get_untracked();
        spawn_local(async move {
            let (name, size) = (file.name(), browser::file::size(&file));
            let shown = name.clone();
            let hashed = browser::file::hash(&file, move |done| {
                self.show(turn, FileStep::Hashing { name: shown.clone(), done, size })
            });
            match hashed.await {
                Ok(sha256) => self.look_for(turn, Notarisation::new(&name, size, sha256)).await,
                // Another one was chosen, or none: that is shown by now.
                Err(ReadError::GivenUp) => {}
                Err(error) => drop(self.show(turn, FileStep::Failed(error))),
            }
        });
    }

    async fn look_for(self, turn: u32, file: Notarisation) {
        if !self.show(turn, FileStep::Searching(file.clone())) {
            return;
        }
        self.show(
            turn,
            match self.session.find_file(file.sha256()).await {
                Ok(Some(known)) => FileStep::Known(known),
                Ok(None) => FileStep::New(file),
                Err(error) => FileStep::Unsearched(error),
            },
        );
    }

    /// Shows a step, unless something else was chosen meanwhile. Returns whether it did.
    fn show(self, turn: u32, step: FileStep) -> bool {
        let current = self.turn.try_get_untracked() == Some(turn);
        if current {
            self.step.set(step);
        }
        current
    }
}

#[component]
pub(super) fn FileField(
    /// The file.
    file: ChosenFile,
    /// Whether something is being dragged over the form.
    over: RwSignal<bool>,
) -> impl IntoView {
    let session = use_session();
    let step = file.step;
    let choose = move |event: leptos::ev::Event| {
        if let Some(chosen) = browser::file::chosen(&event_target::<HtmlInputElement>(&event)) {
            file.take(chosen);
        }
    };
    let card = move || {
        step.with(|step| match step {
            FileStep::Searching(file) | FileStep::New(file) => Some(file.clone()),
            FileStep::Known(known) => known.entry.kind.file(),
            _ => None,
        })
        .map(|file| view! { <FileCard file/> })
    };
    view! {
        <div class="drop" class:over=over data-testid="file-step" data-state=move || step.with(FileStep::name)>
            <p>{session.text(|t| t.drop_file)}</p>
            <label class="button pick">
                <input
                    type="file"
                    id="entry-file"
                    data-testid="entry-file"
                    aria-describedby="entry-error file-hint"
                    on:change=choose
                />
                {session.text(|t| t.choose_file)}
            </label>
            <p class="hint" id="file-hint">{session.text(|t| t.file_stays)}</p>
        </div>
        <Progress file/>
        {card}
        <p class="file-said" role="status" data-testid="file-said">
            {move || step.with(|step| said(session, step))}
        </p>
    }
}

#[component]
fn Progress(file: ChosenFile) -> impl IntoView {
    let session = file.session;
    let hashing = move || {
        file.step.with(|step| match step {
            FileStep::Hashing { name, done, size } => Some((name.clone(), *done, *size)),
            _ => None,
        })
    };
    let running = Memo::new(move |_| hashing().is_some());
    view! {
        <Show when=move || running.get()>
            <div class="progress-line hashing">
                <p>{move || hashing().map(|(name, done, size)| session.words().hashing(&name, done, size))}</p>
                <progress
                    max="100"
                    aria-label=move || session.words().texts().hashing
                    value=move || hashing().map(|(_, done, size)| percent(done, size).to_string())
                ></progress>
                <button
                    type="button"
                    class="quiet small"
                    data-testid="file-cancel"
                    on:click=move |_| {
                        file.clear();
                        browser::focus("entry-file");
                    }
                >
                    {session.text(|t| t.cancel)}
                </button>
            </div>
        </Show>
    }
}

/// What there is to say of a file.
fn said(session: Session, step: &FileStep) -> String {
    let words = session.words();
    match step {
        FileStep::None | FileStep::Hashing { .. } => String::new(),
        FileStep::Failed(error) => words.file_unreadable(&error.to_string()),
        FileStep::Searching(_) => words.texts().file_searching.into(),
        FileStep::Unsearched(error) => words.call_error(error),
        FileStep::New(_) => words.texts().file_new.into(),
        FileStep::Known(known) => {
            let author = session.called_now(&known.entry.author);
            match (known.entry.state, known.sealed) {
                (EntryState::InBlock { height, .. }, Some(sealed)) => {
                    words.file_known(height, &exact(sealed), &author)
                }
                _ => words.file_waits(&author),
            }
        }
    }
}
