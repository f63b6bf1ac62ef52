//! The wallet: its key, its coins, and what can be done with both.

mod export;
mod history;
mod import;
mod nickname;
mod promise;
mod transfer;

use leptos::prelude::*;

use super::later::patient_part;
use super::use_session;
use crate::model::format::short;
use crate::model::transfer::spendable;

#[component]
pub(super) fn Wallet() -> impl IntoView {
    let session = use_session();
    let author = session.part(|node| node.wallet.author);
    let balance = session.part(|node| node.wallet.balance);
    let sendable = session.part(|node| spendable(&node.wallet, &node.pending.entries));
    let name = move || author.get().map(|author| session.called_now(&author));
    let waiting = move || {
        let sendable = sendable.get().filter(|sendable| Some(*sendable) != balance.get())?;
        Some(session.words().sendable(sendable))
    };
    view! {
        <section class="card wallet" aria-labelledby="wallet-title">
            <h2 id="wallet-title">{session.text(|t| t.wallet)}</h2>
            <p class="coins" data-testid="balance" data-balance=move || balance.get()>
                {move || balance.get().map(|balance| session.words().coins(balance))}
            </p>
            <p class="hint">{waiting}</p>
            <dl class="pairs">
                <dt>{session.text(|t| t.wallet_name)}</dt>
                <dd class="author" data-testid="wallet-name">{name}</dd>
                <dt>{session.text(|t| t.wallet_key)}</dt>
                <dd
                    class="code"
                    data-testid="wallet"
                    data-author=move || author.get().map(|author| author.to_string())
                    title=move || author.get().map(|author| author.to_string())
                >
                    {move || author.get().map(|author| short(&author.to_string()))}
                </dd>
            </dl>
            <promise::Promise/>
            <details class="fold" data-testid="transfer-fold">
                <summary>{session.text(|t| t.send_coins)}</summary>
                {patient_part(move |views| (views.transfer)(sendable))}
            </details>
            <details class="fold" data-testid="history-fold">
                <summary>{session.text(|t| t.history)}</summary>
                {patient_part(|views| (views.history)())}
            </details>
            <details class="fold" data-testid="nickname-fold">
                <summary>{session.text(|t| t.nicknames)}</summary>
                {patient_part(|views| (views.nicknames)())}
            </details>
            <details class="fold" data-testid="key-fold">
                <summary>{session.text(|t| t.key_file)}</summary>
                {patient_part(|views| (views.keys)())}
            </details>
        </section>
    }
}

/// Sending coins that can be sent.
pub(super) fn transfer(sendable: Memo<Option<u64>>) -> AnyView {
    view! { <transfer::Transfer sendable/> }.into_any()
}

/// What went in and out.
pub(super) fn history() -> AnyView {
    view! { <history::History/> }.into_any()
}

/// What others are called.
pub(super) fn nicknames() -> AnyView {
    view! { <nickname::Nicknames/> }.into_any()
}

/// The key, to be taken out and in.
pub(super) fn keys() -> AnyView {
    view! { <export::Export/> <import::Import/> }.into_any()
}
