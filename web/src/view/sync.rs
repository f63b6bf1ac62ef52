//! How far synchronisation is.

use chain_wasm::api::{LinkView, SyncView};
use leptos::prelude::*;

use super::use_session;
use crate::model::format::percent;

#[component]
pub(super) fn Sync() -> impl IntoView {
    let session = use_session();
    let sync = session.part(|node| node.sync);
    let state = move || match sync.get() {
        None | Some(SyncView::Idle) => "idle",
        Some(SyncView::Headers { .. }) => "headers",
        Some(SyncView::Blocks { .. }) => "blocks",
    };
    let running = session.running();
    let progress = Memo::new(move |_| match sync.get() {
        _ if !running.get() => None,
        Some(SyncView::Headers { height, target }) => Some(percent(height, target)),
        Some(SyncView::Blocks { done, total, .. }) => Some(percent(done, total)),
        _ => None,
    });
    let online = session.part(|node| matches!(node.link, LinkView::Online { .. }));
    // Without a connection nobody knows whether others have more.
    let said = move || {
        let known = |sync: &SyncView| *sync != SyncView::Idle || online.get() == Some(true);
        let sync = sync.get().filter(|sync| running.get() && known(sync));
        sync.map(|sync| session.words().sync(sync))
    };
    view! {
        <div class="sync" data-testid="sync" data-state=state>
            <span id="sync-text">{said}</span>
            {move || progress.get().map(|percent| view! {
                <progress max="100" value=percent aria-labelledby="sync-text"></progress>
            })}
        </div>
    }
}
