//! What of the page is fetched only after the rest is seen: a module of its own, which
//! relay-server's build takes out of the page's. So the page is there sooner.
//!
//! It is fetched when something of it is to be seen, and else once the node runs: a tab whose
//! relay is gone meanwhile has it.

#![allow(
    clippy::unnecessary_wraps,
    reason = "what the macro makes of the function that fetches fails; the function itself cannot"
)]

use chain_wasm::api::{ProvenView, RoomChoice};
use leptos::prelude::*;
use leptos::task::spawn_local;
use leptos::wasm_split::{SplitLoaderError, wasm_split};

use super::tour::Tour;
use super::use_session;
use super::{explorer, invite, proof_check, tour, wallet};
use crate::model::Phase;
use crate::model::route::Place;
use crate::session::Session;

/// The views of that module.
#[derive(Clone, Copy)]
pub(super) struct Views {
    /// Everything but the chain that the address can name.
    pub(super) page: fn(Place) -> AnyView,
    /// What stands in the tour's card.
    pub(super) tour: fn(Tour) -> AnyView,
    /// The link of a room, with its code.
    pub(super) link: fn(RoomChoice) -> AnyView,
    /// What a proof shows.
    pub(super) proven: fn(Box<ProvenView>) -> AnyView,
    /// Sending coins that can be sent.
    pub(super) transfer: fn(Memo<Option<u64>>) -> AnyView,
    /// What went in and out.
    pub(super) history: fn() -> AnyView,
    /// What others are called.
    pub(super) nicknames: fn() -> AnyView,
    /// The key, to be taken out and in.
    pub(super) keys: fn() -> AnyView,
}

#[wasm_split(later, wasm_split_path = leptos::wasm_split, fallible)]
fn load() -> Result<Views, SplitLoaderError> {
    Ok(Views {
        page: explorer::page,
        tour: tour::steps,
        link: invite::link,
        proven: proof_check::proven,
        transfer: wallet::transfer,
        history: wallet::history,
        nicknames: wallet::nicknames,
        keys: wallet::keys,
    })
}

/// How far the module is.
#[derive(Clone, Copy)]
enum Stage {
    Absent,
    UnderWay,
    Failed,
    Here(Views),
}

/// The module; of each page one.
#[derive(Clone, Copy)]
pub(super) struct Later(RwSignal<Stage>);

impl Later {
    /// Fetches the module once there is nothing else to be fetched.
    pub(super) fn follow(session: Session) -> Self {
        let later = Self(RwSignal::new(Stage::Absent));
        Effect::new(move |_| {
            if session.model.with(|model| model.phase != Phase::Starting) {
                later.fetch(false);
            }
        });
        later
    }

    /// Fetches the module, unless it is here or on its way; one that did not come only
    /// `again`.
    fn fetch(self, again: bool) {
        let wanted = match self.0.get_untracked() {
            Stage::Absent => true,
            Stage::Failed => again,
            Stage::UnderWay | Stage::Here(_) => false,
        };
        if wanted {
            self.0.set(Stage::UnderWay);
            spawn_local(async move {
                self.0.set(load().await.map_or(Stage::Failed, Stage::Here));
            });
        }
    }
}

/// A part of the page that is in the module, or what is said in its place.
pub(super) fn part(
    make: impl Fn(Views) -> AnyView + Send + 'static,
) -> impl Fn() -> AnyView + Send + 'static {
    let later: Later = expect_context();
    later.fetch(false);
    patient_part(make)
}

/// As [`part`], where nothing of it is to be seen yet: the module is not fetched for it.
pub(super) fn patient_part(
    make: impl Fn(Views) -> AnyView + Send + 'static,
) -> impl Fn() -> AnyView + Send + 'static {
    let later: Later = expect_context();
    move || match later.0.get() {
        Stage::Here(views) => make(views),
        Stage::Absent | Stage::UnderWay => view! { <Wait/> }.into_any(),
        Stage::Failed => view! { <Missing later/> }.into_any(),
    }
}

#[component]
fn Wait() -> impl IntoView {
    let session = use_session();
    view! { <p class="hint">{session.text(|t| t.loading)}</p> }
}

#[component]
fn Missing(later: Later) -> impl IntoView {
    let session = use_session();
    view! {
        <p class="error" role="alert" data-testid="part-missing">
            {session.text(|t| t.part_missing)}
        </p>
        <button
            type="button"
            class="quiet"
            data-testid="part-again"
            on:click=move |_| later.fetch(true)
        >
            {session.text(|t| t.try_again)}
        </button>
    }
}
