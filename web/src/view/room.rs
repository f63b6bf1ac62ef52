//! Which room this is, how others come into it, and the way to another.

use leptos::prelude::*;

use super::invite::Invite;
use super::room_form::RoomForm;
use super::use_session;
use crate::model::route::{self, Place};

#[component]
pub(super) fn Room() -> impl IntoView {
    let session = use_session();
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
    let new_room = move || {
        session.room.with(|room| {
            room.as_ref()
                .map_or_else(|_| "#/new".into(), |room| route::write_place(room, &Place::NewRoom))
        })
    };
    let private = Memo::new(move |_| session.private_room().is_some());
    view! {
        <div class="room">
            <p class="room-line" title=consensus>
                <span class="label">{session.text(|t| t.room)}</span>
                <bdi class="room-name" data-testid="room-name">{name}</bdi>
                <Show when=move || private.get()>
                    " "
                    <span class="tag" data-testid="private">{session.room_text(|t| t.private)}</span>
                </Show>
            </p>
            <Invite/>
            <a class="button quiet" href=new_room data-testid="to-new-room">
                {session.room_text(|t| t.new_room)}
            </a>
            <RoomForm/>
        </div>
    }
}
