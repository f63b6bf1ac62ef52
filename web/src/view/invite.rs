//! Inviting others into the room: its link, and a QR code large enough for a class.

use chain_wasm::api::{PrivateRoom, RoomChoice};
use leptos::prelude::*;

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

/// The link of a room, and what it gives away.
#[component]
pub(super) fn RoomLink(
    /// The room.
    room: RoomChoice,
) -> impl IntoView {
    let session = use_session();
    let address = browser::address_with(&route::write(&room));
    let bare = room.private.map(|private| {
        let private = Some(PrivateRoom { secret: None, ..private });
        browser::address_with(&route::write(&RoomChoice { private, ..room.clone() }))
    });
    let hint = if room.private.is_some() {
        session.room_text(|t| t.invite_private_hint)
    } else {
        session.room_text(|t| t.invite_hint)
    };
    let label = Signal::derive(move || session.words().rooms().link.to_owned());
    view! {
        <p class="hint">{hint}</p>
        {browser::rooms::is_loopback().then(|| view! {
            <p class="warning" data-testid="loopback">{session.room_text(|t| t.loopback)}</p>
        })}
        <LinkBox id="room-link" label address room=room.name/>
        {bare.map(|bare| {
            let label = Signal::derive(session.room_text(|t| t.without_secret));
            view! {
                <div class="without-secret">
                    <CopyButton text=bare label/>
                    <p class="hint">{session.room_text(|t| t.without_secret_hint)}</p>
                </div>
            }
        })}
    }
}
