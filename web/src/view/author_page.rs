//! An author's own page: its key and coins, and all that it signed or was sent.

use chain_wasm::api::{Command, Outcome};
use chain_wasm::primitives::PublicKey;
use leptos::prelude::*;

use super::explorer::Title;
use super::fetched::fetched;
use super::row::{changing, code, row};
use super::search_page::Results;
use super::use_session;
use crate::model::format::grouped;
use crate::model::name::Name;
use crate::model::route::Place;

#[component]
pub(super) fn AuthorPage(
    /// Its key.
    author: PublicKey,
) -> impl IntoView {
    let session = use_session();
    let name = Name::of(&author);
    let mine = session.part(move |node| node.wallet.author == author);
    let wallet = fetched(Command::GetWallet { author });
    let balance = Memo::new(move |_| match wallet.get() {
        Some(Ok(Outcome::Wallet(wallet))) => Some(wallet.balance),
        _ => None,
    });
    let search = session.searching();
    let totals = Memo::new(move |_| search.with(|search| search.as_ref()?.totals));
    let counted = Memo::new(move |_| {
        let begun =
            search.with(|search| search.as_ref().filter(|s| !s.is_running()).map(|s| s.tip));
        begun.unwrap_or_default()
    });
    let count = move |part: fn(&chain_wasm::api::AuthorTotals) -> u32| {
        move || match totals.get() {
            Some(totals) => grouped(part(&totals).into()),
            None => session.words().texts().counting.into(),
        }
    };
    let coins =
        move || balance.get().map(|balance| session.words().coins(balance)).unwrap_or_default();
    let coins = view! {
        <span data-testid="author-balance" data-balance=move || balance.get()>{coins}</span>
    };
    let key = code(author.to_string());
    let (entries, received) = (count(|totals| totals.entries), count(|totals| totals.received));
    let rows = vec![
        row(session, |t| t.public_key, key, Some(|t| t.about_key)),
        row(session, |t| t.balance, coins.into_any(), None),
        row(session, |t| t.entries_signed, changing("author-entries", entries), None),
        row(session, |t| t.transfers_received, changing("author-received", received), None),
        row(
            session,
            |t| t.blocks_sealed,
            changing("author-sealed", count(|totals| totals.sealed)),
            None,
        ),
    ];
    let newer = session.part(|node| node.tip.height);
    let newer = move || newer.get().unwrap_or_default().saturating_sub(counted.get());
    let is_behind = Memo::new(move |_| totals.get().is_some() && counted.get() > 0 && newer() > 0);
    view! {
        <Title>
            {session.name(name)}
            {move || (mine.get() == Some(true)).then(|| view! {
                " "
                <span class="tag">{session.text(|t| t.you)}</span>
            })}
        </Title>
        <dl class="explained" data-testid="author-facts" data-author=author.to_string()>
            {rows}
        </dl>
        <Show when=move || is_behind.get()>
            <div class="newer">
                <p class="hint">{move || session.words().counted_to(counted.get())}</p>
                <button
                    type="button"
                    class="quiet"
                    data-testid="count-again"
                    on:click=move |_| session.search_place(&Place::Author(author))
                >
                    {session.text(|t| t.count_again)}
                </button>
            </div>
        </Show>
        <section aria-labelledby="author-entries">
            <h3 id="author-entries">{session.text(|t| t.author_entries)}</h3>
            <Results/>
        </section>
    }
}
