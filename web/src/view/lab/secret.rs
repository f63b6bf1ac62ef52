//! A branch that is mined in secret, beside everybody's chain.

use chain_wasm::api::{LabCommand, SecretView};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Experiment, say, told};
use crate::model::lab::Happened;
use crate::view::strip::Strip;
use crate::view::{Session, use_session};

/// How many blocks back a branch may begin, as offered.
const STARTS: [u32; 4] = [0, 1, 2, 3];

/// How many blocks of a lane are drawn, the newest.
const DRAWN: usize = 8;

#[component]
pub(super) fn Secret() -> impl IntoView {
    let session = use_session();
    let running = session.running();
    let back = RwSignal::new(1_u32);
    let happened = RwSignal::new(None::<Happened>);
    let secret = Memo::new(move |_| session.model.with(|model| model.lab.secret.clone()));
    let any = Memo::new(move |_| secret.with(Option::is_some));
    let ready = Memo::new(move |_| {
        secret.with(|secret| secret.as_ref().is_some_and(|secret| !secret.blocks.is_empty()))
    });
    let act = move |command: LabCommand| {
        spawn_local(async move {
            let ends = command == LabCommand::Release;
            let outcome = match session.experiment(command).await {
                Ok(view) => match (view.secret, view.released) {
                    (_, Some(released)) if ends => {
                        Happened::Released(released.blocks, released.replaced, released.won)
                    }
                    (Some(secret), _) => Happened::SecretBegan(secret.fork_height),
                    _ => Happened::SecretDropped,
                },
                Err(error) => Happened::Refused(error),
            };
            happened.try_set(Some(outcome));
        });
    };
    let begin = move |_| act(LabCommand::BeginSecret { back: back.get_untracked() });
    let stands =
        move || secret.with(|secret| secret.as_ref().map(|secret| session.words().secret(secret)));
    let wins = move || secret.with(|secret| secret.as_ref().map(|secret| secret.wins.to_string()));
    view! {
        <Experiment name="secret" title=|t| t.secret_title about=|t| t.secret_about happened=told(session, happened)>
            <Show when=move || !any.get()>
                <div class="fields-line">
                    <label>
                        <span class="label">{say(session, |t| t.secret_from)}</span>
                        <select
                            data-testid="secret-back"
                            on:change=move |event| {
                                back.set(event_target_value(&event).parse().unwrap_or(0));
                            }
                        >
                            {STARTS.map(|start| view! {
                                <option value=start.to_string() selected=move || back.get() == start>
                                    {move || session.words().secret_start(start)}
                                </option>
                            }).collect_view()}
                        </select>
                    </label>
                    <button type="button" data-testid="secret-begin" disabled=move || !running.get() on:click=begin>
                        {say(session, |t| t.secret_begin)}
                    </button>
                </div>
            </Show>
            <Show when=move || any.get()>
                <p data-testid="secret-stands" data-wins=wins>{stands}</p>
                {move || secret.get().map(|secret| view! { <Lanes secret/> })}
                <p class="buttons">
                    <button type="button" data-testid="secret-release" disabled=move || !ready.get() on:click=move |_| act(LabCommand::Release)>
                        {say(session, |t| t.secret_release)}
                    </button>
                    <button type="button" class="quiet" data-testid="secret-drop" on:click=move |_| act(LabCommand::DropSecret)>
                        {say(session, |t| t.secret_drop)}
                    </button>
                </p>
            </Show>
        </Experiment>
    }
}

/// Two lanes that hang on one strip.
#[component]
fn Lanes(secret: SecretView) -> impl IntoView {
    let session = use_session();
    let public = session.model.with_untracked(|model| {
        let blocks = model.node.as_ref().map(|node| node.window.blocks().to_vec());
        let above = blocks.unwrap_or_default().into_iter();
        above
            .filter(|block| block.height > secret.fork_height)
            .map(|block| (block.height, block.hash))
            .collect::<Vec<(u32, Hash)>>()
    });
    let first = secret.fork_height.saturating_add(1);
    let mut own: Vec<(u32, Hash)> = (first..).zip(secret.blocks.iter().copied()).collect();
    own.reverse();
    let fork = secret.fork;
    view! {
        <div class="lanes">
            <div class="lane secret-lane">
                <p class="label">{say(session, |t| t.secret_lane)}</p>
                {lane(session, own)}
            </div>
            <div class="lane">
                <p class="label">{say(session, |t| t.public_lane)}</p>
                {lane(session, public)}
            </div>
            <div class="lane-root">
                <Strip hash=fork/>
                <p class="hint">
                    {say(session, |t| t.forks_here)} ": " {move || session.words().block(secret.fork_height)}
                </p>
            </div>
        </div>
    }
}

/// Blocks, the newest on top.
fn lane(session: Session, blocks: Vec<(u32, Hash)>) -> AnyView {
    let left = blocks.len().saturating_sub(DRAWN);
    let more = (left > 0).then(|| {
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        view! { <p class="hint">{move || session.words().and_more(left)}</p> }
    });
    let cards = blocks.into_iter().take(DRAWN).map(|(height, hash)| {
        view! {
            <li class="mini">
                <Strip hash/>
                <span>{move || session.words().block(height)}</span>
            </li>
        }
    });
    view! { <ol class="mini-blocks">{cards.collect_view()}</ol>{more} }.into_any()
}
