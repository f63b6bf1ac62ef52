//! The wallet: its key, its coins, and what can be done with both.

mod export;
mod history;
mod import;
mod nickname;
mod promise;
mod transfer;

use leptos::prelude::*;

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
                <transfer::Transfer sendable/>
            </details>
            <details class="fold" data-testid="history-fold">
                <summary>{session.text(|t| t.history)}</summary>
                <history::History/>
            </details>
            <details class="fold" data-testid="nickname-fold">
                <summary>{session.text(|t| t.nicknames)}</summary>
                <nickname::Nicknames/>
            </details>
            <details class="fold" data-testid="key-fold">
                <summary>{session.text(|t| t.key_file)}</summary>
                <export::Export/>
                <import::Import/>
            </details>
        </section>
    }
}
