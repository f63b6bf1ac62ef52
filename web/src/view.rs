//! What is seen: one component a file, none of which decides anything.
//!
//! Everything from the node or another peer goes into the page as text.

#![allow(
    clippy::large_types_passed_by_value,
    clippy::needless_pass_by_value,
    reason = "components and handlers get their arguments by value, whatever they do with them"
)]
#![allow(unreachable_pub, reason = "the component macro writes `pub` on what it makes")]

mod author_page;
mod block;
mod block_page;
mod chain;
mod connection;
mod content;
mod entry;
mod entry_form;
mod entry_page;
mod entry_status;
mod explorer;
mod failure;
mod fetched;
mod file_card;
mod file_form;
mod forks;
mod hash_check;
mod header;
mod header_fields;
mod icon;
mod invitation;
mod invite;
mod lab;
mod later;
mod link;
mod link_box;
mod log_page;
mod mark;
mod members;
mod merkle_tree;
mod mining;
mod network_page;
mod new_room;
mod notices;
mod own_key;
mod paper;
mod peers;
mod pending;
mod proof_check;
mod prove;
mod qr;
mod room;
mod room_form;
mod row;
mod search_box;
mod search_page;
mod secret_form;
mod strip;
mod sync;
mod this_tab;
mod time;
mod tour;
mod validation;
mod wallet;

use chain_wasm::api::TipView;
use leptos::prelude::*;

use crate::browser;
use crate::model::favicon;
use crate::model::route::Place;
use crate::session::{Session, TITLE, use_session};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let session = Session::begin();
    provide_context(session);
    provide_context(later::Later::follow(session));
    Effect::new(move |_| browser::set_document_language(session.language.get()));
    // Not while many blocks come in, of which each would be the newest for a moment.
    let settled = session.part(|node| (!node.sync.is_far()).then(|| node.tip.clone()));
    let tip = Memo::new(move |before: Option<&Option<TipView>>| {
        settled.get().flatten().or_else(|| before.cloned().flatten())
    });
    let height = Memo::new(move |_| tip.get().map(|tip| tip.height));
    Effect::new(move |_| {
        if let Some(tip) = tip.get() {
            browser::set_icon(&favicon::address(&tip.hash));
        }
    });
    Effect::new(move |_| {
        // At the chain itself the newest block stands for the place.
        let newest = || height.get().map(|height| session.words().block(height));
        let place = session.place.with(|place| session.words().place_title(place)).or_else(newest);
        let room = session.room.with(|room| room.as_ref().ok().map(|room| room.name.clone()));
        let parts = place.into_iter().chain(room).chain(Some("Tabchain".to_owned()));
        browser::set_title(&parts.collect::<Vec<_>>().join(" · "));
    });
    let members_seal = members::members_seal(session);
    // Nothing of a private room is here without its secret; another can be made all the same.
    let locked = Memo::new(move |_| {
        session.locked() && session.place.with(|place| *place != Place::NewRoom)
    });
    let tour = tour::Tour::follow(session);
    // The tour tells to use the form and to look at the chain.
    let elsewhere = Memo::new(move |_| {
        session.place.with(|place| !matches!(place, Place::Chain | Place::Tour))
    });
    let at_chain = Memo::new(move |_| session.place.with(|place| *place == Place::Chain));
    view! {
        <a class="skip" href="#entry" on:click=move |event| skip(session, &event)>
            {session.text(|t| t.skip_to_content)}
        </a>
        <header::Header/>
        <connection::Connection/>
        <main>
            <failure::FailurePanel/>
            <secret_form::SecretForm/>
            <invitation::Invitation/>
            <own_key::OwnKey/>
            <div class="columns" hidden=locked>
                <div class="main-column">
                    <tour::TourCard tour/>
                    <Show when=move || at_chain.get()>
                        <lab::Ways/>
                    </Show>
                    // What is begun in the form stays there while one looks elsewhere.
                    <div class="stack" hidden=elsewhere>
                        <entry_form::EntryForm/>
                        <pending::Pending/>
                    </div>
                    <search_box::SearchBox/>
                    <explorer::Explorer/>
                    <div hidden=elsewhere>
                        <chain::Chain/>
                    </div>
                </div>
                <aside class="side-column">
                    <members::Members/>
                    <peers::Peers/>
                    <forks::Forks/>
                    <wallet::Wallet/>
                    <this_tab::ThisTab/>
                    <Show when=move || !members_seal.get()>
                        <mining::Mining/>
                    </Show>
                    <validation::ValidationPanel/>
                    <proof_check::ProofCheck/>
                </aside>
            </div>
        </main>
    }
}

/// The fragment names the room, so the link moves the focus by itself.
fn skip(session: Session, event: &leptos::ev::MouseEvent) {
    event.prevent_default();
    let at_chain = session.place.with_untracked(|place| *place == Place::Chain);
    if at_chain {
        // Of the two the one that is there can take it.
        browser::focus("entry");
        browser::focus("entry-file");
    } else {
        browser::focus(TITLE);
    }
}
