//! What the user calls this tab and the room's others.

use chain_wasm::primitives::PublicKey;
use leptos::prelude::*;

use super::super::use_session;
use crate::model::name::Name;
use crate::model::nickname::MAX_NICKNAME_CHARS;
use crate::model::transfer::receivers;

#[component]
pub(super) fn Nicknames() -> impl IntoView {
    let session = use_session();
    let keys = session.part(|node| {
        let others = receivers(&node.peers, &node.wallet.author);
        [node.wallet.author].into_iter().chain(others).collect::<Vec<_>>()
    });
    view! {
        <p class="hint">{session.text(|t| t.nicknames_hint)}</p>
        <For each=move || keys.get().unwrap_or_default() key=|key| *key let:key>
            <Nickname key_named=key/>
        </For>
    }
}

#[component]
fn Nickname(
    /// Whose it is.
    key_named: PublicKey,
) -> impl IntoView {
    let session = use_session();
    let id = format!("nickname-{key_named}");
    let nickname =
        move || session.nicknames.with(|names| names.of(&key_named).unwrap_or_default().to_owned());
    view! {
        <div class="rows">
            <label for=id.clone()>{session.name(Name::of(&key_named))}</label>
            <input
                type="text"
                id=id
                data-testid="nickname"
                data-author=key_named.to_string()
                autocomplete="off"
                maxlength=MAX_NICKNAME_CHARS.to_string()
                placeholder=move || session.words().texts().no_nickname
                prop:value=nickname
                on:change=move |event| session.set_nickname(key_named, &event_target_value(&event))
            />
        </div>
    }
}
