//! The links of a room that was made: everybody's, and one for each invited member.

use leptos::prelude::*;

use super::super::invite::RoomLink;
use super::super::link_box::LinkBox;
use super::super::use_session;
use crate::browser;
use crate::model::route;
use crate::session::Created;

#[component]
pub(super) fn CreatedRoom(
    /// The room and its keys.
    created: Created,
) -> impl IntoView {
    let session = use_session();
    let room = created.room.clone();
    let invited = created.invited.iter().enumerate().map(|(at, key)| {
        let number = at + 1;
        let address = browser::address_with(&route::write_invitation(&room, key));
        let label = Signal::derive(move || session.words().member_link(number));
        view! {
            <LinkBox id="member-link" number label address room=room.name.clone() folded=true/>
        }
    });
    let invited: Vec<_> = invited.collect();
    let enter = move |_| session.enter(created.clone());
    view! {
        <div class="created" data-testid="created">
            <h2 id="created-title" tabindex="-1">{session.room_text(|t| t.created)}</h2>
            <p class="hint">{session.room_text(|t| t.created_hint)}</p>
            <button type="button" class="primary" data-testid="new-enter" on:click=enter>
                {session.room_text(|t| t.enter)}
            </button>
            {(!invited.is_empty()).then(|| view! {
                <p class="warning">{session.room_text(|t| t.created_keys_hint)}</p>
            })}
            {invited}
            <RoomLink room=room.clone()/>
        </div>
    }
}
