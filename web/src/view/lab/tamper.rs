//! Changing a copy of a block: what, and to what.

use std::sync::Arc;

use chain_wasm::api::{BlockView, EntryKind, LabCommand, TamperField, TamperView, Tampering};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::tampered::{Tampered, first_answer};
use super::{Experiment, say, told};
use crate::model::lab::{Happened, changed};
use crate::view::{Session, use_session};

/// How many blocks can be chosen from, the newest.
const OFFERED: usize = 20;

#[component]
pub(in crate::view) fn Tamper() -> impl IntoView {
    let session = use_session();
    let revision = session.part(|node| node.window.revision());
    let blocks = Memo::new(move |_| {
        revision.get();
        session.model.with_untracked(|model| model.node.as_ref().map(offered).unwrap_or_default())
    });
    let height = RwSignal::new(None::<u32>);
    let field = RwSignal::new(TamperField::EntryText);
    let entry = RwSignal::new(0_u32);
    let value = RwSignal::new(String::new());
    let copy = RwSignal::new(None::<TamperView>);
    let happened = RwSignal::new(None::<Happened>);
    let chosen = Memo::new(move |_| choice(&blocks.get(), height.get()));
    let any = Memo::new(move |_| chosen.with(Option::is_some));
    let go = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let Some(block) = chosen.get_untracked() else { return };
        let change = Tampering {
            field: field.get_untracked(),
            entry: entry.get_untracked(),
            value: value.get_untracked(),
        };
        spawn_local(async move {
            let answer = session.tamper(LabCommand::Tamper { block: block.hash, change }).await;
            let outcome = match answer {
                Ok(view) => {
                    let outcome = changed(&view);
                    copy.try_set(Some(view));
                    outcome
                }
                Err(error) => Happened::Refused(error),
            };
            happened.try_set(Some(outcome));
        });
    };
    let said = told(session, happened);
    // Once it was sent, what happens is what the others say.
    let what = Signal::derive(move || {
        let was_sent = happened.with(|happened| matches!(happened, Some(Happened::Sent(_))));
        let height = copy.with(|copy| copy.as_ref().map(|copy| copy.height));
        let answer = height.filter(|_| was_sent).and_then(|height| first_answer(session, height));
        answer.or_else(|| said.get())
    });
    view! {
        <Experiment name="tamper" title=|t| t.tamper_title about=|t| t.tamper_about happened=what>
            <Show when=move || !any.get()>
                <p class="hint">{say(session, |t| t.tamper_none)}</p>
            </Show>
            <Show when=move || any.get()>
                <form class="tamper-form" novalidate on:submit=go>
                    <BlockChoice blocks chosen height/>
                    <FieldChoice chosen field entry/>
                    <ValueField field value/>
                    <button type="submit" data-testid="tamper-go">{say(session, |t| t.tamper_go)}</button>
                </form>
            </Show>
            {move || copy.get().map(|view| view! { <Tampered view copy happened/> })}
        </Experiment>
    }
}

/// The newest blocks, as far as they are shown; not the genesis block, which nobody made.
fn offered(node: &crate::model::Node) -> Vec<Arc<BlockView>> {
    let mined = node.window.blocks().iter().filter(|block| block.miner.is_some());
    mined.take(OFFERED).cloned().collect()
}

/// The chosen block; else the newest one with an entry that has one above it, so that it is
/// seen not to fit any more.
fn choice(blocks: &[Arc<BlockView>], height: Option<u32>) -> Option<Arc<BlockView>> {
    let wanted = blocks.iter().find(|block| Some(block.height) == height);
    let usual = || blocks.iter().skip(1).find(|block| block.entry_count > 0);
    let with_entry = || blocks.iter().find(|block| block.entry_count > 0);
    wanted.or_else(usual).or_else(with_entry).or_else(|| blocks.first()).cloned()
}

#[component]
fn BlockChoice(
    blocks: Memo<Vec<Arc<BlockView>>>,
    chosen: Memo<Option<Arc<BlockView>>>,
    height: RwSignal<Option<u32>>,
) -> impl IntoView {
    let session = use_session();
    let current = Memo::new(move |_| chosen.with(|block| block.as_ref().map(|block| block.height)));
    view! {
        <label>
            <span class="label">{say(session, |t| t.tamper_block)}</span>
            <select
                data-testid="tamper-block"
                on:change=move |event| height.set(event_target_value(&event).parse().ok())
            >
                {move || blocks.get().iter().map(|block| {
                    let height = block.height;
                    view! {
                        <option value=height.to_string() selected=move || current.get() == Some(height)>
                            {move || session.words().block(height)}
                        </option>
                    }
                }).collect_view()}
            </select>
        </label>
    }
}

#[component]
fn FieldChoice(
    chosen: Memo<Option<Arc<BlockView>>>,
    field: RwSignal<TamperField>,
    entry: RwSignal<u32>,
) -> impl IntoView {
    let session = use_session();
    let several = Memo::new(move |_| {
        let entries = chosen.with(|block| block.as_ref().map_or(0, |block| block.entries.len()));
        entries > 1 && field.get().is_of_entry()
    });
    let choose = move |event: leptos::ev::Event| {
        let at = event_target_value(&event).parse::<usize>().ok();
        if let Some(chosen) = at.and_then(|at| TamperField::ALL.get(at)) {
            field.set(*chosen);
        }
    };
    view! {
        <label>
            <span class="label">{say(session, |t| t.tamper_field)}</span>
            <select data-testid="tamper-field" on:change=choose>
                {TamperField::ALL.into_iter().enumerate().map(|(at, choice)| view! {
                    <option value=at.to_string() selected=move || field.get() == choice>
                        {move || session.words().tamper_field(choice)}
                    </option>
                }).collect_view()}
            </select>
        </label>
        <Show when=move || several.get()>
            <label>
                <span class="label">{say(session, |t| t.tamper_entry)}</span>
                <select
                    data-testid="tamper-entry"
                    on:change=move |event| entry.set(event_target_value(&event).parse().unwrap_or(0))
                >
                    {move || chosen.get().map(|block| entries(session, &block))}
                </select>
            </label>
        </Show>
    }
}

fn entries(session: Session, block: &BlockView) -> AnyView {
    let options = block.entries.iter().enumerate().map(|(at, entry)| {
        let said = match &entry.kind {
            EntryKind::Data { bytes, .. } => {
                String::from_utf8_lossy(bytes).chars().take(40).collect()
            }
            EntryKind::Transfer { amount, .. } => session.words().coins(*amount),
        };
        view! { <option value=at.to_string()>{session.words().nth_entry(at + 1, &said)}</option> }
    });
    options.collect_view().into_any()
}

#[component]
fn ValueField(field: RwSignal<TamperField>, value: RwSignal<String>) -> impl IntoView {
    let session = use_session();
    let takes = Memo::new(move |_| field.get().takes_value());
    // What was typed for one field is no value of another.
    Effect::new(move |before: Option<TamperField>| {
        let now = field.get();
        if before.is_some_and(|before| before != now) {
            value.set(String::new());
        }
        now
    });
    view! {
        <Show when=move || takes.get()>
            <label class="wide-field">
                <span class="label">{say(session, |t| t.tamper_value)}</span>
                <input
                    type="text"
                    autocomplete="off"
                    data-testid="tamper-value"
                    aria-describedby="tamper-value-hint"
                    prop:value=value
                    on:input=move |event| value.set(event_target_value(&event))
                />
                <span class="hint" id="tamper-value-hint">{say(session, |t| t.tamper_value_hint)}</span>
            </label>
        </Show>
    }
}
