//! Which room this is, its link, and the way to another.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::room_form::RoomForm;
use super::use_session;
use crate::browser;
use crate::model::route;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    Not,
    Done,
    Refused,
}

#[component]
pub(super) fn Room() -> impl IntoView {
    let session = use_session();
    let copied = RwSignal::new(Copied::Not);
    let name = move || {
        session
            .room
            .with(|room| room.as_ref().map_or_else(|_| "?".into(), |room| room.name.clone()))
    };
    let consensus = move || {
        session
            .room
            .with(|room| room.as_ref().ok().map(|room| session.words().consensus(&room.consensus)))
    };
    let copy = move |_| {
        let Ok(room) = session.room.get_untracked() else { return };
        let address = browser::address_with(&route::write(&room));
        spawn_local(async move {
            let done = browser::copy(address).await;
            copied.set(if done { Copied::Done } else { Copied::Refused });
            gloo_timers::future::TimeoutFuture::new(4000).await;
            // The page may show another room by then, but not be gone.
            copied.set(Copied::Not);
        });
    };
    let label = move || match copied.get() {
        Copied::Not => session.words().texts().copy_link,
        Copied::Done => session.words().texts().link_copied,
        Copied::Refused => session.words().texts().copy_by_hand,
    };
    view! {
        <div class="room">
            <p class="room-line" title=consensus>
                <span class="label">{session.text(|t| t.room)}</span>
                <bdi class="room-name" data-testid="room-name">{name}</bdi>
            </p>
            <button type="button" class="quiet" on:click=copy>
                <span aria-live="polite">{label}</span>
            </button>
            <RoomForm/>
        </div>
    }
}
