//! Inviting others into the room: its link, and a QR code large enough for a class.

use chain_wasm::api::{PrivateRoom, RoomChoice};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::later::part;
use super::link_box::{CopyButton, LinkBox};
use super::use_session;
use crate::browser;
use crate::model::route;

#[component]
pub(super) fn Invite() -> impl IntoView {
    let session = use_session();
    let dialog = NodeRef::<leptos::html::Dialog>::new();
    let open = RwSignal::new(false);
    let show = move |_| {
        open.set(true);
        if let Some(dialog) = dialog.get_untracked() {
            drop(dialog.show_modal());
        }
    };
    let close = move |_| {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let room = move || session.room.get().ok().filter(|_| open.get());
    view! {
        <button
            type="button"
            class="quiet"
            data-testid="invite"
            disabled=move || session.room.with(Result::is_err) || session.locked()
            on:click=show
        >
            {session.room_text(|t| t.invite)}
        </button>
        <dialog
            class="card invite"
            aria-labelledby="invite-title"
            data-testid="invite-dialog"
            node_ref=dialog
            on:close=move |_| open.set(false)
        >
            <div class="page-head">
                <h2 id="invite-title">{session.room_text(|t| t.invite)}</h2>
                <button type="button" class="quiet small" data-testid="invite-close" on:click=close>
                    {session.room_text(|t| t.close)}
                </button>
            </div>
            {move || room().map(|room| part(move |views| (views.link)(room.clone())))}
        </dialog>
    }
}

/// The link of a room.
pub(super) fn link(room: RoomChoice) -> AnyView {
    view! { <RoomLink room/> }.into_any()
}

/// Under which of the relay's addresses links are written.
#[derive(Clone, Copy)]
pub(super) struct Bases {
    /// Those at which other devices find it; empty where the page's own will do, or none is
    /// known.
    offered: RwSignal<Vec<String>>,
    /// Which of those is chosen.
    chosen: RwSignal<usize>,
}

impl Bases {
    /// Asks the relay, if the page's own address means "this device" everywhere.
    pub(super) fn ask() -> Self {
        let bases = Self { offered: RwSignal::new(Vec::new()), chosen: RwSignal::new(0) };
        if browser::rooms::is_loopback() {
            spawn_local(async move {
                bases.offered.try_set(browser::rooms::addresses().await);
            });
        }
        bases
    }

    /// The whole address with that fragment; followed as another base is chosen.
    pub(super) fn address_with(self, fragment: &str) -> String {
        let chosen = self.chosen.get();
        let base = self.offered.with(|offered| offered.get(chosen).cloned());
        base.map_or_else(|| browser::address_with(fragment), |base| format!("{base}{fragment}"))
    }
}

/// What is said of the addresses of the relay, and the choice among several.
#[component]
pub(super) fn BaseChoice(bases: Bases) -> impl IntoView {
    let session = use_session();
    let options = move || {
        let offered = bases.offered.get();
        let option = |(at, base): (usize, String)| {
            view! {
                <label class="check">
                    <input
                        type="radio"
                        name="invite-base"
                        data-testid="invite-base"
                        value=at.to_string()
                        prop:checked=move || bases.chosen.get() == at
                        on:change=move |_| bases.chosen.set(at)
                    />
                    <span class="code">{base}</span>
                </label>
            }
        };
        offered.into_iter().enumerate().map(option).collect_view()
    };
    let any = Memo::new(move |_| bases.offered.with(|offered| !offered.is_empty()));
    move || match (browser::rooms::is_loopback(), any.get()) {
        (false, _) => ().into_any(),
        (true, false) => view! {
            <p class="warning" data-testid="loopback">{session.room_text(|t| t.loopback)}</p>
        }
        .into_any(),
        (true, true) => view! {
            <fieldset class="choice-line bases" data-testid="invite-bases">
                <legend>{session.room_text(|t| t.bases)}</legend>
                {options}
            </fieldset>
        }
        .into_any(),
    }
}

/// The link of a room, and what it gives away.
#[component]
pub(super) fn RoomLink(
    /// The room.
    room: RoomChoice,
    /// Under which address; chosen elsewhere if it is given.
    #[prop(optional)]
    bases: Option<Bases>,
) -> impl IntoView {
    let session = use_session();
    let own = bases.is_none().then(Bases::ask);
    let bases = bases.or(own);
    let with_base = move |fragment: &str| {
        bases.map_or_else(|| browser::address_with(fragment), |bases| bases.address_with(fragment))
    };
    let fragment = route::write(&room);
    let bare = room.private.map(|private| {
        let private = Some(PrivateRoom { secret: None, ..private });
        route::write(&RoomChoice { private, ..room.clone() })
    });
    let hint = if room.private.is_some() {
        session.room_text(|t| t.invite_private_hint)
    } else {
        session.room_text(|t| t.invite_hint)
    };
    let label = Signal::derive(move || session.words().rooms().link.to_owned());
    view! {
        <p class="hint">{hint}</p>
        {own.map(|bases| view! { <BaseChoice bases/> })}
        {move || {
            let address = with_base(&fragment);
            view! { <LinkBox id="room-link" label address room=room.name.clone()/> }
        }}
        {move || bare.as_ref().map(|bare| {
            let label = Signal::derive(session.room_text(|t| t.without_secret));
            let bare = with_base(bare);
            view! {
                <div class="without-secret">
                    <CopyButton text=bare label/>
                    <p class="hint">{session.room_text(|t| t.without_secret_hint)}</p>
                </div>
            }
        })}
    }
}
