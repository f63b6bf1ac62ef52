//! The key of a file in the place of this tab's, after a warning of what that means.

use chain_wasm::key_file::{KeyFile, KeyFileFault, MAX_KEY_FILE};
use chain_wasm::primitives::PublicKey;
use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::{File, HtmlInputElement};

use super::super::icon::{Icon, Sign};
use super::super::use_session;
use crate::browser;
use crate::model::file::ReadError;
use crate::node_link::CallError;

/// How far the import is.
#[derive(Clone, PartialEq)]
enum Step {
    Nothing,
    /// The file cannot be used.
    Unusable(KeyFileFault),
    Unreadable(ReadError),
    /// The passphrase is asked for.
    Asked {
        text: String,
        author: PublicKey,
    },
    Done,
}

#[component]
pub(super) fn Import() -> impl IntoView {
    let session = use_session();
    let step = RwSignal::new(Step::Nothing);
    let choose = move |event: leptos::ev::Event| {
        if let Some(file) = browser::file::chosen(&event_target::<HtmlInputElement>(&event)) {
            spawn_local(async move {
                let read = read(&file).await;
                let asked = matches!(read, Step::Asked { .. });
                step.try_set(read);
                if asked {
                    // The field is there once the page has been redrawn.
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    browser::focus("import-passphrase");
                }
            });
        }
    };
    let said = move || {
        let words = session.words();
        step.with(|step| match step {
            Step::Nothing | Step::Asked { .. } => String::new(),
            Step::Unusable(fault) => words.key_file_fault(*fault),
            Step::Unreadable(error) => words.file_unreadable(&error.to_string()),
            Step::Done => words.texts().key_imported.into(),
        })
    };
    let is_fault =
        move || step.with(|step| matches!(step, Step::Unusable(_) | Step::Unreadable(_)));
    let confirm = move || {
        step.with(|step| match step {
            Step::Asked { text, author } => Some((text.clone(), *author)),
            _ => None,
        })
        .map(|(text, author)| view! { <Confirm text author step/> })
    };
    view! {
        <div class="rows">
            <h3>{session.text(|t| t.import_key)}</h3>
            <p class="hint" id="import-hint">{session.text(|t| t.import_hint)}</p>
            <label class="button pick">
                <input
                    type="file"
                    accept=".txt,.key,text/plain"
                    data-testid="import-file"
                    aria-describedby="import-hint import-said"
                    on:change=choose
                />
                {session.text(|t| t.choose_key_file)}
            </label>
            <p id="import-said" class="said" class:error=is_fault role="status" data-testid="import-said">
                {said}
            </p>
            {confirm}
        </div>
    }
}

async fn read(file: &File) -> Step {
    // Whatever somebody chose by mistake is not read whole.
    if browser::file::size(file) > MAX_KEY_FILE as u64 {
        return Step::Unusable(KeyFileFault::Foreign);
    }
    match browser::file::text(file).await {
        Err(error) => Step::Unreadable(error),
        Ok(text) => match KeyFile::parse(&text) {
            Ok(key) => Step::Asked { text, author: key.author },
            Err(fault) => Step::Unusable(fault),
        },
    }
}

/// The warning, the passphrase, and the button that does it.
#[component]
fn Confirm(
    /// The file's text.
    text: String,
    /// Whose key it is.
    author: PublicKey,
    /// Where it leads to.
    step: RwSignal<Step>,
) -> impl IntoView {
    let session = use_session();
    let wallet = session.part(|node| node.wallet);
    let running = session.running();
    let passphrase = RwSignal::new(String::new());
    let refusal = RwSignal::new(None::<CallError>);
    let busy = RwSignal::new(false);
    let warning = move || {
        let wallet = wallet.get()?;
        let (old, new) = (session.called_now(&wallet.author), session.called_now(&author));
        Some(if wallet.author == author {
            session.words().texts().same_key.into()
        } else {
            session.words().import_warning(&old, &new, wallet.balance)
        })
    };
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        if busy.get_untracked() {
            return;
        }
        busy.set(true);
        refusal.set(None);
        let (text, secret) = (text.clone(), passphrase.get_untracked());
        spawn_local(async move {
            match session.import_key(text, secret).await {
                Ok(()) => drop(step.try_set(Step::Done)),
                Err(error) => {
                    refusal.try_set(Some(error));
                    busy.try_set(false);
                    browser::focus("import-passphrase");
                }
            }
        });
    };
    view! {
        <form class="rows confirm" novalidate on:submit=submit data-testid="import-confirm">
            // By this a password manager knows whose passphrase it is.
            <input
                type="text"
                hidden
                readonly
                autocomplete="username"
                prop:value=move || author.to_string()
            />
            <p class="promise risky" data-testid="import-warning">
                <Icon sign=Sign::Warning/>
                <span>{warning}</span>
            </p>
            <p class="code">{author.to_string()}</p>
            <label for="import-passphrase">{session.text(|t| t.passphrase)}</label>
            <input
                type="password"
                id="import-passphrase"
                data-testid="import-passphrase"
                autocomplete="current-password"
                aria-describedby="import-error"
                aria-invalid=move || refusal.with(Option::is_some).then_some("true")
                prop:value=passphrase
                on:input=move |event| {
                    passphrase.set(event_target_value(&event));
                    refusal.set(None);
                }
            />
            <p id="import-error" class="error" aria-live="polite" data-testid="import-error">
                {move || refusal.with(|r| r.as_ref().map(|error| session.words().call_error(error)))}
            </p>
            <div class="actions">
                <button
                    type="submit"
                    data-testid="import-key"
                    disabled=move || !running.get()
                    aria-disabled=move || busy.get().then_some("true")
                >
                    {move || {
                        let texts = session.words().texts();
                        if busy.get() { texts.unlocking } else { texts.replace_key }
                    }}
                </button>
                <button type="button" class="quiet" on:click=move |_| step.set(Step::Nothing)>
                    {session.text(|t| t.cancel)}
                </button>
            </div>
        </form>
    }
}
