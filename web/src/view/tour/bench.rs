//! What a step of the tour is tried with.

use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::say;
use crate::browser::file;
use crate::model::route;
use crate::model::tour::Step;
use crate::node_link::CallError;
use crate::session::Session;
use crate::view::lab::{CutOff, Tamper};
use crate::view::strip::Strip;
use crate::view::use_session;

#[component]
pub(super) fn Bench(step: Step, hashed: RwSignal<usize>) -> impl IntoView {
    let session = use_session();
    match step {
        Step::Hash => view! { <Hasher hashed/> }.into_any(),
        Step::Block => view! { <p class="hint">{say(session, |t| t.look_below)}</p> }.into_any(),
        Step::Chain => view! { <Check/> }.into_any(),
        Step::Network => view! { <Second/> }.into_any(),
        Step::Fork => view! { <CutOff/> }.into_any(),
        Step::Tampering => view! { <Tamper/> }.into_any(),
        Step::Proof => view! { <Proof/> }.into_any(),
    }
}

/// A text and its hash.
#[component]
fn Hasher(hashed: RwSignal<usize>) -> impl IntoView {
    let session = use_session();
    let text = RwSignal::new(session.words().lab().hash_example.to_owned());
    let hash = Memo::new(move |_| text.with(|text| Hash::of(text.as_bytes())));
    let typed = move |event| {
        text.set(event_target_value(&event));
        hashed.update(|hashed| *hashed = hashed.saturating_add(1));
    };
    view! {
        <label>
            <span class="label">{say(session, |t| t.hash_type)}</span>
            <input type="text" autocomplete="off" data-testid="hash-input" prop:value=text on:input=typed/>
        </label>
        <div class="big-strip">{move || view! { <Strip hash=hash.get()/> }}</div>
        <p class="code" data-testid="hash-output">{move || hash.get().to_string()}</p>
    }
}

/// The check of the whole chain.
#[component]
fn Check() -> impl IntoView {
    let session = use_session();
    view! {
        <p class="hint">{say(session, |t| t.look_below)}</p>
        <button type="button" data-testid="tour-validate" on:click=move |_| session.validate()>
            {say(session, |t| t.own_second)}
        </button>
    }
}

/// The way to a second tab.
#[component]
fn Second() -> impl IntoView {
    let session = use_session();
    let href =
        move || session.room.with(|room| room.as_ref().map(route::write).unwrap_or_default());
    view! {
        <p>
            <a class="button" target="_blank" rel="noopener" href=href data-testid="open-second">
                {say(session, |t| t.open_second)}
            </a>
        </p>
    }
}

/// What a check of a proof came to.
#[derive(Clone, PartialEq)]
enum Checked {
    Not,
    Intact(bool),
    Altered(bool),
    Refused(CallError),
}

/// The proof of this tab's newest entry: saved, checked, and checked altered.
#[component]
fn Proof() -> impl IntoView {
    let session = use_session();
    let newest = session.part(|node| {
        let mut entries = node.window.blocks().iter().flat_map(|block| &block.entries);
        entries.find(|entry| entry.mine).map(|entry| entry.id)
    });
    let newest = Memo::new(move |_| newest.get().flatten());
    let checked = RwSignal::new(Checked::Not);
    let with_proof = move |act: fn(Session, Vec<u8>, RwSignal<Checked>)| {
        let Some(id) = newest.get_untracked() else { return };
        spawn_local(async move {
            match session.prove(id, false).await {
                Ok(proof) => act(session, proof.cbor, checked),
                Err(error) => drop(checked.try_set(Checked::Refused(error))),
            }
        });
    };
    let verdict = move || {
        let (words, texts) = (session.words(), session.words().lab());
        match checked.get() {
            Checked::Not => None,
            Checked::Intact(holds) => Some((holds, texts.intact_holds.to_owned())),
            Checked::Altered(false) => Some((true, texts.altered_fails.to_owned())),
            Checked::Altered(true) => Some((false, texts.intact_holds.to_owned())),
            Checked::Refused(error) => Some((false, words.call_error(&error))),
        }
    };
    view! {
        <Show when=move || newest.get().is_none()>
            <p class="hint">{say(session, |t| t.no_own_entry)}</p>
        </Show>
        <p class="buttons">
            <button type="button" data-testid="tour-save" disabled=move || newest.get().is_none() on:click=move |_| with_proof(save)>
                {say(session, |t| t.save_proof_of_mine)}
            </button>
            <button type="button" data-testid="tour-check" disabled=move || newest.get().is_none() on:click=move |_| with_proof(check)>
                {say(session, |t| t.check_it_here)}
            </button>
            <button type="button" class="quiet" data-testid="tour-alter" disabled=move || newest.get().is_none() on:click=move |_| with_proof(check_altered)>
                {say(session, |t| t.check_it_altered)}
            </button>
        </p>
        <div role="status">
            {move || verdict().map(|(good, said)| view! {
                <p class="verdict" class:bad=!good data-testid="tour-verdict">{said}</p>
            })}
        </div>
    }
}

fn save(_: Session, proof: Vec<u8>, _: RwSignal<Checked>) {
    file::download("my-entry.tabproof", "application/cbor", &proof);
}

fn check(session: Session, proof: Vec<u8>, checked: RwSignal<Checked>) {
    spawn_local(async move {
        let outcome = match session.check_proof(proof).await {
            Ok(_) => Checked::Intact(true),
            Err(error) => Checked::Refused(error),
        };
        checked.try_set(outcome);
    });
}

fn check_altered(session: Session, mut proof: Vec<u8>, checked: RwSignal<Checked>) {
    // In the middle are hashes and the entry, not the form of the file.
    let middle = proof.len() / 2;
    if let Some(byte) = proof.get_mut(middle) {
        *byte ^= 1;
    }
    spawn_local(async move {
        let holds = session.check_altered(proof).await;
        checked.try_set(Checked::Altered(holds));
    });
}
