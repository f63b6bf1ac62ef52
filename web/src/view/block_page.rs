//! A block's own page: every field of it, its entries, its tree, and its hash anew.

use chain_wasm::api::{BlockAt, BlockDetails, Command, Outcome};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::entry::Entry;
use super::explorer::{Title, missing};
use super::fetched::fetched;
use super::hash_check::HashCheck;
use super::header_fields::HeaderFields;
use super::link::AuthorLink;
use super::members::sealer_label;
use super::merkle_tree::MerkleTree;
use super::row::{changing, fact, labelled, plain};
use super::strip::Strip;
use super::time::Time;
use super::use_session;
use crate::model::confirmations;
use crate::model::format::{bytes, short_hash};
use crate::model::route::Place;

#[component]
pub(super) fn BlockPage(
    /// Which.
    at: BlockAt,
) -> impl IntoView {
    let session = use_session();
    let answer = fetched(Command::GetBlock { at, skip: 0 });
    let here = Memo::new(move |_| answer.get().and_then(Result::ok).and_then(details));
    let title = move || match (here.get(), at) {
        (Some(here), _) => session.words().block(here.block.height),
        (None, BlockAt::Height(height)) => session.words().block(height),
        (None, BlockAt::Hash(hash)) => {
            format!("{} {}", session.words().texts().hash, short_hash(&hash))
        }
    };
    view! {
        <Title>{title}</Title>
        {move || answer.with(|answer| missing(session, answer, |t| t.block_absent))}
        {move || here.get().map(|here| view! { <Details here/> })}
    }
}

/// The answer to a question for a block.
fn details(outcome: Outcome) -> Option<BlockDetails> {
    match outcome {
        Outcome::Block(block) => Some(*block),
        _ => None,
    }
}

#[component]
fn Details(here: BlockDetails) -> impl IntoView {
    let session = use_session();
    let BlockDetails { block, leaves, merkle, .. } = here;
    let height = block.height;
    let tip = session.part(|node| node.tip.height);
    let confirmed =
        move || session.words().confirmations(confirmations(tip.get().unwrap_or(height), height));
    let (mined, size, reward) = (block.miner.is_some(), block.size, block.reward);
    let (hash, timestamp, miner) = (block.hash, block.timestamp, block.miner);
    let mut facts = vec![fact(session, |t| t.status, changing("block-status", confirmed))];
    if let Some(author) = miner {
        let at = view! { <Time at=timestamp/> }.into_any();
        let sealer = view! { <AuthorLink author/> }.into_any();
        let coins = changing("block-reward", move || session.words().coins(reward));
        facts.push(fact(session, |t| t.time, at));
        facts.push(labelled(move || sealer_label(session), sealer));
        facts.push(fact(session, |t| t.reward, coins));
    }
    facts.push(fact(session, |t| t.size, plain(bytes(size.into()))));
    view! {
        <Neighbours height tip/>
        <div class="big-strip"><Strip hash/></div>
        <dl class="facts" data-testid="block-facts" data-height=height data-hash=hash.to_string()>
            {facts}
        </dl>
        {(!mined).then(|| view! { <p class="hint">{session.text(|t| t.genesis)}</p> })}
        <HeaderFields block=block.clone()/>
        <HashCheck hash mined difficulty=block.difficulty/>
        <section aria-labelledby="block-entries">
            <h3 id="block-entries">{session.text(|t| t.entries_title)}</h3>
            <Entries block/>
        </section>
        {(leaves > 0).then(|| view! { <MerkleTree leaves levels=merkle/> })}
    }
}

/// The ways to the blocks below and above.
#[component]
fn Neighbours(height: u32, tip: Memo<Option<u32>>) -> impl IntoView {
    let session = use_session();
    let to = move |height: u32| session.href(&Place::Block(BlockAt::Height(height)));
    let newer = Memo::new(move |_| tip.get().is_some_and(|tip| height < tip));
    view! {
        <nav class="neighbours" aria-label=session.text(|t| t.neighbours)>
            {height.checked_sub(1).map(|below| view! {
                <a class="button quiet" rel="prev" data-testid="older-block" href=to(below)>
                    <span aria-hidden="true">"←\u{a0}"</span>
                    {move || session.words().block(below)}
                </a>
            })}
            {move || newer.get().then(|| {
                let above = height.saturating_add(1);
                view! {
                    <a class="button quiet" rel="next" data-testid="newer-block" href=to(above)>
                        {move || session.words().block(above)}
                        <span aria-hidden="true">"\u{a0}→"</span>
                    </a>
                }
            })}
        </nav>
    }
}

/// The entries, as many as a block's view lists at first, and the others on demand.
#[component]
fn Entries(block: chain_wasm::api::BlockView) -> impl IntoView {
    let session = use_session();
    let count = usize::try_from(block.entry_count).unwrap_or(usize::MAX);
    let entries = RwSignal::new(block.entries);
    let asked = RwSignal::new(false);
    let hash = block.hash;
    let more = move |_| {
        if asked.get_untracked() {
            return;
        }
        asked.set(true);
        spawn_local(async move {
            let shown = entries.with_untracked(Vec::len);
            let skip = u32::try_from(shown).unwrap_or(u32::MAX);
            let answer = session.call(Command::GetBlock { at: BlockAt::Hash(hash), skip }).await;
            // The page may show another block meanwhile.
            if let Some(further) = answer.ok().and_then(details) {
                entries.try_update(|entries| entries.extend(further.block.entries));
            }
            asked.try_set(false);
        });
    };
    let left = move || count.saturating_sub(entries.with(Vec::len));
    view! {
        {(count == 0).then(|| view! { <p class="hint">{session.text(|t| t.no_entries)}</p> })}
        <ul class="entries">
            <For each=move || entries.get() key=|entry| entry.id let:entry>
                <Entry entry/>
            </For>
        </ul>
        <Show when=move || left() != 0>
            <button
                type="button"
                class="quiet wide"
                data-testid="more-entries"
                // Truly disabled, it would lose the keyboard's focus.
                aria-disabled=move || asked.get().then_some("true")
                on:click=more
            >
                {move || {
                    let left = u32::try_from(left()).unwrap_or(u32::MAX);
                    session.words().show_more(left)
                }}
            </button>
        </Show>
    }
}
