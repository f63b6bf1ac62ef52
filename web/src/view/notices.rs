//! What happened to the chain and deserves a sentence.

use chain_wasm::api::EntryKind;
use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use super::members::said;
use super::use_session;
use crate::model::format::{short, short_hash};

/// How many characters of an entry stand for it.
const SHOWN: usize = 40;

/// An entry that a change of branch sent back, and where it is now.
#[component]
fn Returned(
    /// The entry.
    id: Hash,
) -> impl IntoView {
    let session = use_session();
    let entry = Memo::new(move |_| {
        session.model.with(|model| {
            let node = model.node.as_ref()?;
            node.entry(&id).map(|entry| (beginning(&entry.kind), entry.state, node.tip.height))
        })
    });
    // What it says is known while it is shown somewhere, and does not change.
    let said = Memo::new(move |before: Option<&Option<String>>| {
        entry.get().map(|(said, ..)| said).or_else(|| before.cloned().flatten())
    });
    let place = move || match entry.get() {
        Some((_, state, tip)) => session.words().entry_state(state, tip),
        None => session.words().texts().older_block.into(),
    };
    view! {
        <li data-testid="returned" data-id=id.to_string()>
            <span dir="auto">{move || said.get().unwrap_or_else(|| short_hash(&id))}</span>
            ": "
            <b>{place}</b>
        </li>
    }
}

/// The first words of an entry.
fn beginning(kind: &EntryKind) -> String {
    match kind {
        EntryKind::Data { bytes, .. } => {
            let text = String::from_utf8_lossy(bytes);
            let mut first: String = text.chars().take(SHOWN).filter(|c| !c.is_control()).collect();
            if text.chars().nth(SHOWN).is_some() {
                first.push('…');
            }
            first
        }
        EntryKind::Transfer { to, amount } => format!("{amount} → {}", short(&to.to_string())),
    }
}

#[component]
pub(super) fn Notices() -> impl IntoView {
    let session = use_session();
    let reorganisation =
        Memo::new(move |_| session.model.with(|model| model.reorganisation.clone()));
    let refused = Memo::new(move |_| session.model.with(|model| model.refused.clone()));
    let double = Memo::new(move |_| session.model.with(|model| model.double_seal));
    let dismiss = move |_| {
        session.model.update(|model| {
            model.reorganisation = None;
            model.double_seal = None;
            model.refused.clear();
        });
    };
    let anything = move || {
        reorganisation.with(Option::is_some)
            || double.with(Option::is_some)
            || !refused.with(Vec::is_empty)
    };
    let refusals = move || {
        refused.get().into_iter().map(|(id, winner)| {
            let winner = winner.map(|winner| short_hash(&winner));
            view! { <p>{session.words().entry_refused(&short_hash(&id), winner.as_deref())}</p> }
        }).collect_view()
    };
    view! {
        <div role="status" data-testid="notices">
            <Show when=anything>
                <div class="notice">
                    <div>
                        {move || reorganisation.get().map(|what| view! {
                            <p>{session.words().reorganisation(&what)}</p>
                            <ul class="returned">
                                {what.returned.entries.into_iter().map(|id| view! {
                                    <Returned id/>
                                }).collect_view()}
                            </ul>
                        })}
                        {refusals}
                        {move || double.get().map(|pair| view! {
                            <p data-testid="double-seal-notice">{said(session, &pair)}</p>
                        })}
                    </div>
                    <button type="button" class="quiet small" on:click=dismiss>
                        {session.text(|t| t.dismiss)}
                    </button>
                </div>
            </Show>
        </div>
    }
}
