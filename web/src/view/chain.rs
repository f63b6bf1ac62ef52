//! The chain: cards that hang on each other, the newest on top.

use leptos::prelude::*;

use super::block::Block;
use super::notices::Notices;
use super::use_session;
use crate::model::MAX_WINDOW;

#[component]
pub(super) fn Chain() -> impl IntoView {
    let session = use_session();
    let revision = session.part(|node| node.window.revision());
    let blocks = move || {
        revision.get();
        session.model.with_untracked(|model| {
            model.node.as_ref().map(|node| node.window.blocks().to_vec()).unwrap_or_default()
        })
    };
    let has_older = session.part(|node| node.window.has_older());
    let is_cut = session.part(|node| node.window.is_cut());
    let starting = move || revision.get().is_none();
    view! {
        <section class="chain" aria-labelledby="chain-title">
            <h2 id="chain-title">{session.text(|t| t.chain_title)}</h2>
            <Notices/>
            <Show when=starting>
                <div class="block ghost"><p class="hint">{session.text(|t| t.chain_starting)}</p></div>
            </Show>
            <ol class="blocks">
                <For each=blocks key=|block| block.hash let:block>
                    <Block block/>
                </For>
            </ol>
            <Show when=move || has_older.get() == Some(true)>
                <button
                    type="button"
                    class="quiet wide"
                    data-testid="show-older"
                    // Truly disabled, it would lose the keyboard's focus.
                    aria-disabled=move || session.fetching.get().then_some("true")
                    on:click=move |_| session.show_older()
                >
                    {move || {
                        let texts = session.words().texts();
                        if session.fetching.get() { texts.loading } else { texts.show_older }
                    }}
                </button>
            </Show>
            <Show when=move || is_cut.get() == Some(true)>
                <p class="hint">{move || session.words().window_cut(MAX_WINDOW)}</p>
            </Show>
        </section>
    }
}
