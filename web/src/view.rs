//! What is seen: one component a file, none of which decides anything.
//!
//! Everything from the node or another peer goes into the page as text.

#![allow(
    clippy::needless_pass_by_value,
    reason = "components and handlers get their arguments by value, whatever they do with them"
)]
#![allow(unreachable_pub, reason = "the component macro writes `pub` on what it makes")]

mod block;
mod chain;
mod connection;
mod content;
mod entry;
mod entry_form;
mod entry_status;
mod failure;
mod file_card;
mod file_form;
mod header;
mod icon;
mod mark;
mod mining;
mod notices;
mod peers;
mod pending;
mod room;
mod room_form;
mod strip;
mod sync;
mod this_tab;
mod time;
mod validation;
mod wallet;

use leptos::prelude::*;

use crate::browser;
use crate::session::{Session, use_session};

/// The whole page.
#[component]
pub(crate) fn App() -> impl IntoView {
    let session = Session::begin();
    provide_context(session);
    Effect::new(move |_| browser::set_document_language(session.language.get()));
    Effect::new(move |_| {
        browser::set_title(&session.room.with(|room| match room {
            Ok(room) => format!("{} · Tabchain", room.name),
            Err(_) => "Tabchain".into(),
        }));
    });
    view! {
        <a class="skip" href="#entry" on:click=skip_to_form>{session.text(|t| t.skip_to_form)}</a>
        <header::Header/>
        <connection::Connection/>
        <main>
            <failure::FailurePanel/>
            <div class="columns">
                <div class="main-column">
                    <entry_form::EntryForm/>
                    <pending::Pending/>
                    <chain::Chain/>
                </div>
                <aside class="side-column">
                    <wallet::Wallet/>
                    <peers::Peers/>
                    <this_tab::ThisTab/>
                    <mining::Mining/>
                    <validation::ValidationPanel/>
                </aside>
            </div>
        </main>
    }
}

/// The fragment names the room, so the link moves the focus by itself.
fn skip_to_form(event: leptos::ev::MouseEvent) {
    event.prevent_default();
    // Of the two the one that is there can take it.
    browser::focus("entry");
    browser::focus("entry-file");
}
