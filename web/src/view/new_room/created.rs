//! The links of a room that was made: everybody's, and one for each invited member.

use leptos::prelude::*;

use super::super::invite::{BaseChoice, Bases, RoomLink};
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
    let bases = Bases::ask();
    let invited = created.invited.iter().enumerate().map(|(at, key)| {
        let number = at + 1;
        let (fragment, name) = (route::write_invitation(&room, key), room.name.clone());
        let label = Signal::derive(move || session.words().member_link(number));
        move || {
            let (address, room) = (bases.address_with(&fragment), name.clone());
            view! { <LinkBox id="member-link" number label address room folded=true/> }
        }
    });
    let invited: Vec<_> = invited.collect();
    let kept = created.is_own_kept();
    let own = created.unkept().map(|key| {
        let address = browser::address_with(&route::write_invitation(&room, &key));
        let label = Signal::derive(move || session.words().rooms().own_link.to_owned());
        view! {
            <p class="warning" role="alert" data-testid="own-not-kept">
                {session.room_text(|t| t.own_key_not_kept)}
            </p>
            <LinkBox id="own-link" label address room=room.name.clone() folded=true/>
        }
    });
    let enter = move |_| session.enter(created.clone());
    view! {
        <div class="created" data-testid="created">
            <h2 id="created-title" tabindex="-1">{session.room_text(|t| t.created)}</h2>
            <p class="hint">{session.room_text(|t| t.created_hint)}</p>
            <button type="button" class="primary" data-testid="new-enter" on:click=enter>
                {session.room_text(|t| t.enter)}
            </button>
            {kept.then(|| view! {
                <p class="hint" data-testid="own-kept">{session.room_text(|t| t.own_key_kept)}</p>
            })}
            {own}
            <BaseChoice bases/>
            {(!invited.is_empty()).then(|| view! {
                <p class="warning">{session.room_text(|t| t.created_keys_hint)}</p>
            })}
            {invited}
            <RoomLink room=room.clone() bases/>
        </div>
    }
}
