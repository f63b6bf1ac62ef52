//! Links to blocks, entries and authors: real ones, for keyboards, other tabs and copying.

use chain_wasm::api::BlockAt;
use chain_wasm::primitives::{Hash, PublicKey};
use leptos::prelude::*;

use super::use_session;
use crate::model::route::Place;

/// A block's page, by its height, under its title.
#[component]
pub(super) fn BlockLink(
    /// Its height.
    height: u32,
) -> impl IntoView {
    let session = use_session();
    let href = session.href(&Place::Block(BlockAt::Height(height)));
    view! { <a class="to-block" href=href>{move || session.words().block(height)}</a> }
}

/// An author's page, under its name.
#[component]
pub(super) fn AuthorLink(
    /// Its key.
    author: PublicKey,
) -> impl IntoView {
    let session = use_session();
    let href = session.href(&Place::Author(author));
    view! {
        <a class="author" href=href title=author.to_string()>{session.called(author)}</a>
    }
}

/// An entry's page, around something that stands for it.
#[component]
pub(super) fn EntryLink(
    /// Its id.
    id: Hash,
    /// What is seen.
    children: Children,
) -> impl IntoView {
    let session = use_session();
    let href = session.href(&Place::Entry(id));
    view! {
        <a class="to-entry" href=href title=move || session.words().texts().open_entry>
            {children()}
        </a>
    }
}
