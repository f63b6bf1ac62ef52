//! One block: its hash on top, its predecessor's at the bottom, so that it is seen
//! to hang on the next card.

use std::sync::Arc;

use chain_wasm::api::{BlockView, SyncView};
use leptos::prelude::*;

use super::entry::Entry;
use super::link::{AuthorLink, BlockLink};
use super::members::sealer_label;
use super::strip::Strip;
use super::time::{Time, exact};
use super::{Session, use_session};
use crate::model::confirmations;
use crate::model::format::{bytes, difficulty, grouped, short_hash};

#[component]
pub(super) fn Block(
    /// The block.
    block: Arc<BlockView>,
) -> impl IntoView {
    let session = use_session();
    let height = block.height;
    let genesis = block.miner.is_none();
    let tip = session.part(|node| node.tip.height);
    let confirmed =
        move || session.words().confirmations(confirmations(tip.get().unwrap_or(height), height));
    let unlisted = usize::try_from(block.entry_count)
        .ok()
        .and_then(|count| count.checked_sub(block.entries.len()))
        .and_then(|more| u32::try_from(more).ok())
        .filter(|more| *more > 0);
    view! {
        <li
            class="block"
            class:fresh=is_news(session, &block)
            data-testid="block"
            data-height=height
            data-hash=block.hash.to_string()
        >
            <Strip hash=block.hash/>
            <div class="block-body">
                <div class="block-head">
                    <h3><BlockLink height/></h3>
                    <Miner block=block.clone()/>
                    <span class="block-when">
                        {(!genesis).then(|| view! { <Time at=block.timestamp/> })}
                        <span class="confirmations">{confirmed}</span>
                    </span>
                </div>
                {genesis.then(|| view! { <p class="hint">{session.text(|t| t.genesis)}</p> })}
                {(!genesis && block.entry_count == 0).then(|| view! {
                    <p class="hint">{session.text(|t| t.no_entries)}</p>
                })}
                <ul class="entries">
                    {block.entries.iter().map(|entry| view! { <Entry entry=entry.clone()/> }).collect_view()}
                </ul>
                {unlisted.map(|more| view! {
                    <p class="hint">{move || session.words().and_more(more)}</p>
                })}
                <Facts block=block.clone()/>
            </div>
            {if genesis {
                view! { <p class="root hint">{session.text(|t| t.nothing_precedes)}</p> }.into_any()
            } else {
                view! { <Strip hash=block.previous_hash/> }.into_any()
            }}
        </li>
    }
}

/// Whether the block has just come on top, and is not one of many that are being
/// caught up with: only then may it move.
fn is_news(session: Session, block: &BlockView) -> bool {
    block.height > session.first_height.get_untracked()
        && session.model.with_untracked(|model| {
            model
                .node
                .as_ref()
                .is_some_and(|node| node.sync == SyncView::Idle && node.tip.hash == block.hash)
        })
}

#[component]
fn Miner(block: Arc<BlockView>) -> impl IntoView {
    let session = use_session();
    let Some(miner) = block.miner else {
        return view! { <span class="miner">{session.text(|t| t.genesis_miner)}</span> }.into_any();
    };
    let mine = session.part(move |node| node.wallet.author == miner);
    view! {
        <span class="miner">
            <span class="label">{move || sealer_label(session)}</span>
            " "
            <AuthorLink author=miner/>
            {move || (mine.get() == Some(true)).then(|| view! {
                " "
                <span class="tag">{session.text(|t| t.you)}</span>
            })}
        </span>
    }
    .into_any()
}

#[component]
fn Facts(block: Arc<BlockView>) -> impl IntoView {
    let session = use_session();
    let (reward, mined) = (block.reward, block.miner.is_some());
    view! {
        <dl class="facts">
            <div><dt>{session.text(|t| t.hash)}</dt><dd class="code">{short_hash(&block.hash)}</dd></div>
            <div>
                <dt>{session.text(|t| t.previous)}</dt>
                <dd class="code">{short_hash(&block.previous_hash)}</dd>
            </div>
            {mined.then(|| view! {
                <div><dt>{session.text(|t| t.time)}</dt><dd>{exact(block.timestamp)}</dd></div>
            })}
            <div><dt>{session.text(|t| t.nonce)}</dt><dd>{grouped(block.nonce.into())}</dd></div>
            <div><dt>{session.text(|t| t.difficulty)}</dt><dd>{difficulty(block.difficulty)}</dd></div>
            <div><dt>{session.text(|t| t.size)}</dt><dd>{bytes(block.size.into())}</dd></div>
        </dl>
        <details class="fields">
            <summary>{session.text(|t| t.more_details)}</summary>
            <dl>
                <dt>{session.text(|t| t.hash)}</dt>
                <dd class="code">{block.hash.to_string()}</dd>
                <dt>{session.text(|t| t.previous)}</dt>
                <dd class="code">{block.previous_hash.to_string()}</dd>
                <dt>{session.text(|t| t.merkle_root)}</dt>
                <dd class="code">{block.merkle_root.to_string()}</dd>
                <dt>{session.text(|t| t.history_root)}</dt>
                <dd class="code">{block.history_root.to_string()}</dd>
                <dt>{session.text(|t| t.time)}</dt>
                <dd>{exact(block.timestamp)}</dd>
                {block.miner.map(|miner| view! {
                    <dt>{move || sealer_label(session)}</dt>
                    <dd class="code">{miner.to_string()}</dd>
                })}
                {mined.then(|| view! {
                    <dt>{session.text(|t| t.reward)}</dt>
                    <dd>{move || session.words().coins(reward)}</dd>
                })}
            </dl>
        </details>
    }
}
