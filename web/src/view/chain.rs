//! The chain: cards that hang on each other, the newest on top.

use leptos::prelude::*;

use super::block::Block;
use super::notices::Notices;
use super::use_session;

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
    let newer = session.part(|node| node.window.newer(node.tip.height));
    // Truly disabled, a button would lose the keyboard's focus.
    let busy = move || session.fetching.get().then_some("true");
    let starting = move || revision.get().is_none();
    view! {
        <section class="chain" aria-labelledby="chain-title">
            <h2 id="chain-title">{session.text(|t| t.chain_title)}</h2>
            <Notices/>
            <Show when=starting>
                <div class="block ghost"><p class="hint">{session.text(|t| t.chain_starting)}</p></div>
            </Show>
            <Show when=move || newer.get().is_some_and(|newer| newer > 0)>
                <div class="newer">
                    <p class="hint">
                        {move || session.words().newer_blocks(newer.get().unwrap_or_default())}
                    </p>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="show-newest"
                        aria-disabled=busy
                        on:click=move |_| session.show_newest()
                    >
                        {session.text(|t| t.show_newest)}
                    </button>
                    <button
                        type="button"
                        class="quiet"
                        data-testid="show-newer"
                        aria-disabled=busy
                        on:click=move |_| session.show_newer()
                    >
                        {session.text(|t| t.show_newer)}
                    </button>
                </div>
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
                    aria-disabled=busy
                    on:click=move |_| session.show_older()
                >
                    {move || {
                        let texts = session.words().texts();
                        if session.fetching.get() { texts.loading } else { texts.show_older }
                    }}
                </button>
            </Show>
        </section>
    }
}
