//! This tab's key to a file, locked with a passphrase.

use chain_wasm::key_file::is_valid_passphrase;
use chain_wasm::primitives::PublicKey;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::super::{Session, use_session};
use crate::browser;
use crate::node_link::CallError;

/// What came of it.
#[derive(Clone, PartialEq)]
enum Said {
    Nothing,
    Busy,
    Short,
    Differs,
    Saved,
    NotSaved,
    Failed(CallError),
}

impl Said {
    /// Whether it is about the passphrase.
    const fn is_fault(&self) -> bool {
        !matches!(self, Self::Nothing | Self::Busy | Self::Saved)
    }
}

/// What the form holds.
#[derive(Clone, Copy)]
struct Form {
    session: Session,
    author: Memo<Option<PublicKey>>,
    passphrase: RwSignal<String>,
    again: RwSignal<String>,
    said: RwSignal<Said>,
}

impl Form {
    fn submit(self) {
        let Some(author) = self.author.get_untracked() else { return };
        if self.said.get_untracked() == Said::Busy {
            return;
        }
        let secret = self.passphrase.get_untracked();
        if !is_valid_passphrase(&secret) {
            self.said.set(Said::Short);
            return browser::focus("export-passphrase");
        }
        if secret != self.again.get_untracked() {
            self.said.set(Said::Differs);
            return browser::focus("export-again");
        }
        self.said.set(Said::Busy);
        spawn_local(async move {
            let outcome = match self.session.export_key(secret).await {
                Ok(text) => save(&author, &text),
                Err(error) => Said::Failed(error),
            };
            if outcome == Said::Saved {
                self.passphrase.try_set(String::new());
                self.again.try_set(String::new());
            }
            self.said.try_set(outcome);
        });
    }

    fn words(self) -> String {
        let words = self.session.words();
        self.said.with(|said| match said {
            Said::Nothing => String::new(),
            Said::Busy => words.texts().locking.into(),
            Said::Short => words.texts().passphrase_short.into(),
            Said::Differs => words.texts().passphrase_differs.into(),
            Said::Saved => words.texts().key_saved.into(),
            Said::NotSaved => words.texts().key_not_saved.into(),
            Said::Failed(error) => words.call_error(error),
        })
    }

    /// A passphrase's field; `fault` is what can be wrong with it.
    fn field(self, id: &'static str, value: RwSignal<String>, fault: Said) -> impl IntoView {
        let said = self.said;
        view! {
            <input
                type="password"
                id=id
                data-testid=id
                autocomplete="new-password"
                aria-describedby="export-said export-hint"
                aria-invalid=move || said.with(|said| *said == fault).then_some("true")
                prop:value=value
                on:input=move |event| {
                    value.set(event_target_value(&event));
                    if said.with_untracked(Said::is_fault) {
                        said.set(Said::Nothing);
                    }
                }
            />
        }
    }
}

fn save(author: &PublicKey, text: &str) -> Said {
    let key = author.to_string();
    let name = format!("tabchain-{}.key.txt", key.get(..8).unwrap_or_default());
    if browser::file::download(&name, "text/plain", text.as_bytes()) {
        Said::Saved
    } else {
        Said::NotSaved
    }
}

#[component]
pub(super) fn Export() -> impl IntoView {
    let session = use_session();
    let author = session.part(|node| node.wallet.author);
    let running = session.running();
    let form = Form {
        session,
        author,
        passphrase: RwSignal::new(String::new()),
        again: RwSignal::new(String::new()),
        said: RwSignal::new(Said::Nothing),
    };
    let said = form.said;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit();
    };
    view! {
        <form class="rows" novalidate on:submit=submit>
            // By this a password manager knows whose passphrase it is.
            <input
                type="text"
                hidden
                readonly
                autocomplete="username"
                prop:value=move || author.get().map(|author| author.to_string()).unwrap_or_default()
            />
            <h3>{session.text(|t| t.export_key)}</h3>
            <p class="hint" id="export-hint">{session.text(|t| t.export_hint)}</p>
            <label for="export-passphrase">{session.text(|t| t.passphrase)}</label>
            {form.field("export-passphrase", form.passphrase, Said::Short)}
            <label for="export-again">{session.text(|t| t.passphrase_again)}</label>
            {form.field("export-again", form.again, Said::Differs)}
            <p
                id="export-said"
                class="said"
                class:error=move || said.with(Said::is_fault)
                role="status"
                data-testid="export-said"
                data-saved=move || said.with(|said| *said == Said::Saved).then_some("true")
            >
                {move || form.words()}
            </p>
            <button
                type="submit"
                data-testid="export-key"
                disabled=move || !running.get()
                aria-disabled=move || said.with(|said| *said == Said::Busy).then_some("true")
            >
                {session.text(|t| t.save_key)}
            </button>
        </form>
    }
}
