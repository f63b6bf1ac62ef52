//! Takes a proof of an entry home: a file that anybody can check without this page.

use chain_wasm::api::{ApiError, ProofFile};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::use_session;
use crate::browser::file;
use crate::node_link::CallError;

#[derive(Clone, PartialEq)]
enum Saving {
    Not,
    Asked,
    Saved(String),
    Refused(CallError),
}

#[derive(Clone, Copy)]
enum Form {
    Cbor,
    Json,
}

#[component]
pub(super) fn Prove(
    /// The entry, which is in the chain.
    id: Hash,
    /// Whether it is sealed, and could be shown to whoever has the proof.
    sealed: bool,
) -> impl IntoView {
    let session = use_session();
    let opening = RwSignal::new(sealed);
    let saving = RwSignal::new(Saving::Not);
    let save = move |form: Form| {
        if saving.get_untracked() == Saving::Asked {
            return;
        }
        saving.set(Saving::Asked);
        spawn_local(async move {
            let outcome = match session.prove(id, opening.get_untracked()).await {
                Ok(proof) => match save_as(form, id, &proof) {
                    Some(name) => Saving::Saved(name),
                    None => Saving::Refused(CallError::Refused(ApiError::NotFound)),
                },
                Err(error) => Saving::Refused(error),
            };
            // The card may have left the page meanwhile.
            saving.try_set(outcome);
        });
    };
    let said =
        move || {
            match saving.get() {
        Saving::Not | Saving::Asked => None,
        Saving::Saved(name) => Some(view! {
            <p class="hint" data-testid="proof-saved">{session.words().proof_saved(&name)}</p>
        }.into_any()),
        Saving::Refused(error) => Some(view! {
            <p class="error">{session.words().call_error(&error)}</p>
        }.into_any()),
    }
        };
    view! {
        <details class="prove" data-testid="prove">
            <summary>{session.text(|t| t.prove)}</summary>
            <p class="hint">{session.text(|t| t.prove_hint)}</p>
            {sealed.then(|| view! {
                <label class="check">
                    <input
                        type="checkbox"
                        data-testid="prove-opening"
                        prop:checked=opening
                        on:change=move |event| opening.set(event_target_checked(&event))
                    />
                    <span>
                        {session.room_text(|t| t.opening)}
                        <span class="hint">" " {session.room_text(|t| t.opening_hint)}</span>
                    </span>
                </label>
            })}
            <div class="buttons">
                <button type="button" class="small" data-testid="prove-cbor" on:click=move |_| save(Form::Cbor)>
                    {session.text(|t| t.save_proof)}
                </button>
                <button type="button" class="quiet small" data-testid="prove-json" on:click=move |_| save(Form::Json)>
                    {session.text(|t| t.save_proof_json)}
                </button>
            </div>
            <div role="status">{said}</div>
        </details>
    }
}

/// Gives the file to be saved, and its name.
fn save_as(form: Form, id: Hash, proof: &ProofFile) -> Option<String> {
    let hex = id.to_string();
    let short = hex.get(..12).unwrap_or(&hex);
    let (name, media_type, bytes) = match form {
        Form::Cbor => (format!("{short}.tabproof"), "application/cbor", proof.cbor.as_slice()),
        Form::Json => (format!("{short}.tabproof.json"), "application/json", proof.json.as_bytes()),
    };
    file::download(&name, media_type, bytes).then_some(name)
}
