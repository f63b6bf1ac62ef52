//! What the address names: a block, an entry, an author, a search, the network, the log.

use chain_wasm::api::ApiError;
use leptos::prelude::*;

use super::author_page::AuthorPage;
use super::block_page::BlockPage;
use super::entry_page::EntryPage;
use super::fetched::Fetched;
use super::lab::LabPage;
use super::later::part;
use super::log_page::LogPage;
use super::network_page::NetworkPage;
use super::new_room::NewRoom;
use super::row::Text;
use super::search_page::SearchPage;
use super::{Session, use_session};
use crate::model::route::Place;
use crate::node_link::CallError;
use crate::session::TITLE;

#[component]
pub(super) fn Explorer() -> impl IntoView {
    let session = use_session();
    move || {
        // A page names its room in its links, so another room has a page of its own.
        session.room.track();
        let place = session.place.get();
        if matches!(place, Place::Chain | Place::Tour) {
            return None;
        }
        Some(view! {
            <section class="card explorer" data-testid="explorer" aria-labelledby=TITLE>
                <p class="back">
                    <a href=session.href(&Place::Chain) data-testid="back-to-chain">
                        {session.text(|t| t.back_to_chain)}
                    </a>
                </p>
                {part(move |views| (views.page)(place.clone()))}
            </section>
        })
    }
}

/// What the address names.
pub(super) fn page(place: Place) -> AnyView {
    match place {
        Place::Chain | Place::Tour => ().into_any(),
        Place::Lab => view! { <LabPage/> }.into_any(),
        Place::Block(at) => view! { <BlockPage at/> }.into_any(),
        Place::Entry(id) => view! { <EntryPage id/> }.into_any(),
        Place::Author(author) => view! { <AuthorPage author/> }.into_any(),
        Place::Search(text) => view! { <SearchPage text/> }.into_any(),
        Place::NewRoom => view! { <NewRoom/> }.into_any(),
        Place::Network => view! { <NetworkPage/> }.into_any(),
        Place::Log => view! { <LogPage/> }.into_any(),
        Place::Nowhere => view! { <Nowhere/> }.into_any(),
    }
}

/// The title of a page; it has the focus when the page is gone to.
#[component]
pub(super) fn Title(
    /// What it says.
    children: Children,
) -> impl IntoView {
    view! { <h2 id=TITLE tabindex="-1" data-testid="title">{children()}</h2> }
}

#[component]
fn Nowhere() -> impl IntoView {
    let session = use_session();
    view! {
        <Title>{session.text(|t| t.nowhere_title)}</Title>
        <p class="hint">{session.text(|t| t.nowhere)}</p>
    }
}

/// What a page says instead of what is not here.
pub(super) fn missing(session: Session, answer: &Fetched, absent: Text) -> Option<AnyView> {
    let words = session.words();
    match answer {
        Some(Ok(_)) => None,
        None => Some(view! { <p class="hint">{words.texts().loading}</p> }.into_any()),
        Some(Err(CallError::Refused(ApiError::NotFound))) => {
            let said = absent(words.texts());
            Some(view! { <p data-testid="absent">{said}</p> }.into_any())
        }
        Some(Err(error)) => {
            Some(view! { <p class="error">{words.call_error(error)}</p> }.into_any())
        }
    }
}
