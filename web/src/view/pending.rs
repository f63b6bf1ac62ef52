//! The entries that wait for a block.

use chain_wasm::api::MiningMode;
use leptos::prelude::*;

use super::entry::Entry;
use super::entry_status::state_name;
use super::use_session;

#[component]
pub(super) fn Pending() -> impl IntoView {
    let session = use_session();
    let pending = session.part(|node| node.pending.clone());
    let sealing = session.part(|node| node.sealing.active);
    let never = session.part(|node| node.sealing.mode == MiningMode::Never);
    let alone = session.part(|node| node.peers.is_empty());
    let count = move || pending.with(|pending| pending.as_ref().map_or(0, |pending| pending.count));
    let entries = move || pending.get().map(|pending| pending.entries.clone()).unwrap_or_default();
    let unlisted = move || {
        let pending = pending.get()?;
        let listed = u32::try_from(pending.entries.len()).unwrap_or(u32::MAX);
        let more = pending.count.checked_sub(listed).filter(|more| *more > 0)?;
        Some(session.words().and_more(more))
    };
    let waits_for_others = move || {
        let texts = session.words().texts();
        let alone = alone.get() == Some(true);
        (never.get() == Some(true) && count() > 0).then_some(if alone {
            texts.waits_for_others_alone
        } else {
            texts.waits_for_others
        })
    };
    view! {
        <section class="card waiting" class:idle=move || count() == 0 aria-labelledby="pending-title">
            <div class="title-line">
                <h2 id="pending-title">{session.text(|t| t.pending_title)}</h2>
                <span class="count" data-testid="pending-count">{count}</span>
                {move || (count() == 0).then(|| view! {
                    <span class="hint">{session.text(|t| t.pending_none)}</span>
                })}
                <span class="sealing" class:active=move || sealing.get() == Some(true) role="status">
                    {move || (sealing.get() == Some(true)).then(|| session.words().texts().sealing)}
                </span>
            </div>
            <p class="hint" role="status" data-testid="waits-for-others">{waits_for_others}</p>
            <ul class="entries">
                <For each=entries key=|entry| (entry.id, state_name(entry.state)) let:entry>
                    <Entry entry pending=true/>
                </For>
            </ul>
            <p class="hint">{unlisted}</p>
        </section>
    }
}
