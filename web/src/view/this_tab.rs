//! This tab: its name, its place among the browser's, its tip.

use leptos::prelude::*;

use super::strip::Strip;
use super::use_session;
use crate::model::format::{self, grouped, short_hash};

#[component]
pub(super) fn ThisTab() -> impl IntoView {
    let session = use_session();
    let slot = session.part(|node| node.slot);
    let author = session.part(|node| node.wallet.author);
    let tip = session.part(|node| node.tip.clone());
    let hash = Memo::new(move |_| tip.with(|tip| tip.as_ref().map(|tip| tip.hash)));
    let height = Memo::new(move |_| tip.with(|tip| tip.as_ref().map(|tip| tip.height)));
    let work = Memo::new(move |_| tip.with(|tip| tip.as_ref().map(|tip| format::work(&tip.work))));
    let name = move || author.get().map(|author| session.called_now(&author));
    view! {
        <section class="card this-tab" aria-labelledby="tab-title">
            <h2 id="tab-title">{session.text(|t| t.node_title)}</h2>
            <dl class="pairs">
                <dt>{session.text(|t| t.this_tab)}</dt>
                <dd class="author">{name}</dd>
                <dt>{session.text(|t| t.tab_number)}</dt>
                <dd data-testid="slot" data-slot=move || slot.get()>
                    {move || slot.get().map(|slot| grouped(u64::from(slot) + 1))}
                </dd>
                <dt>{session.text(|t| t.height)}</dt>
                <dd data-testid="tip-height" data-height=move || height.get()>
                    {move || height.get().map(|height| grouped(height.into()))}
                </dd>
                <dt>{session.text(|t| t.work_done)}</dt>
                <dd>{move || work.get()}</dd>
                <dt>{session.text(|t| t.tip)}</dt>
                <dd
                    class="code"
                    data-testid="tip-hash"
                    data-hash=move || hash.get().map(|hash| hash.to_string())
                    title=move || hash.get().map(|hash| hash.to_string())
                >
                    {move || hash.get().map(|hash| short_hash(&hash))}
                </dd>
            </dl>
            <div class="tip-strip">{move || hash.get().map(|hash| view! { <Strip hash/> })}</div>
        </section>
    }
}
