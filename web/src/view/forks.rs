//! The fork: branches drawn beside the chain, and told in words.

use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use super::use_session;
use crate::model::cells::{CELL, CELLS, markup};
use crate::model::forks::{Drawing, Drawn, draw};
use crate::model::format::short_hash;
use crate::model::name::Name;

/// Sizes of the drawing, in its own units.
const LANE: u32 = 146;
const ROW: u32 = 58;
const WIDTH: u32 = 138;
const HEIGHT: u32 = 40;

#[component]
pub(super) fn Forks() -> impl IntoView {
    let session = use_session();
    let revision = session.part(|node| node.window.revision());
    let branches = session.part(|node| node.branches.clone());
    let drawing = Memo::new(move |_| {
        revision.get();
        let branches = branches.get().unwrap_or_default();
        session.model.with_untracked(|model| {
            let blocks = model.node.as_ref().map(|node| node.window.blocks());
            draw(blocks.unwrap_or_default(), &branches)
        })
    });
    let any = move || drawing.with(|drawing| drawing.rows > 0);
    view! {
        <section class="card forks" aria-labelledby="forks-title" data-testid="forks">
            <h2 id="forks-title">{session.text(|t| t.forks_title)}</h2>
            <Show when=move || !any()>
                <p class="hint">{session.text(|t| t.forks_none)}</p>
            </Show>
            <Show when=any>
                <p class="hint">{session.text(|t| t.forks_hint)}</p>
                // What is drawn stands below in words.
                <div class="drawing">
                    <Tree drawing/>
                </div>
                <ul class="branches">
                    {move || {
                        let branches = branches.get().unwrap_or_default();
                        branches.iter().map(|branch| view! {
                            <li data-testid="branch" data-length=branch.length>
                                {session.words().branch(branch)}
                            </li>
                        }).collect_view()
                    }}
                </ul>
            </Show>
        </section>
    }
}

/// The tree. With each block all others move; none but the new one is drawn anew.
#[component]
fn Tree(
    /// Where each block stands.
    drawing: Memo<Drawing>,
) -> impl IntoView {
    let size = move || drawing.with(|drawing| (drawing.lanes * LANE, drawing.rows * ROW));
    let hashes = Memo::new(move |_| {
        drawing.with(|drawing| drawing.blocks.iter().map(|block| block.hash).collect::<Vec<_>>())
    });
    view! {
        <svg
            class="fork-tree"
            viewBox=move || format!("0 0 {} {}", size().0, size().1)
            width=move || size().0
            height=move || size().1
            aria-hidden="true"
        >
            <For each=move || hashes.get() key=|hash| *hash let:hash>
                <Line hash drawing/>
            </For>
            <For each=move || hashes.get() key=|hash| *hash let:hash>
                <Card hash drawing/>
            </For>
        </svg>
    }
}

/// One block of the drawing, followed as it moves.
fn place_of(hash: Hash, drawing: Memo<Drawing>) -> Memo<Option<Drawn>> {
    Memo::new(move |_| {
        drawing.with(|drawing| drawing.blocks.iter().find(|block| block.hash == hash).cloned())
    })
}

/// From a block to the one it builds on.
#[component]
fn Line(
    /// The block.
    hash: Hash,
    /// Where each block stands.
    drawing: Memo<Drawing>,
) -> impl IntoView {
    let block = place_of(hash, drawing);
    let beside = move || block.with(|block| block.as_ref().is_some_and(|block| block.lane != 0));
    let d = move || {
        let block = block.get()?;
        let (lane, row) = block.below?;
        let (from, to) = (bottom(block.lane, block.row), top(lane, row));
        let bend = u32::midpoint(from.1, to.1);
        Some(format!("M{} {}C{} {bend} {} {bend} {} {}", from.0, from.1, from.0, to.0, to.0, to.1))
    };
    view! { <path class="line" class:beside=beside d=d></path> }
}

#[component]
fn Card(
    /// The block.
    hash: Hash,
    /// Where each block stands.
    drawing: Memo<Drawing>,
) -> impl IntoView {
    let session = use_session();
    let block = place_of(hash, drawing);
    let beside = move || block.with(|block| block.as_ref().is_some_and(|block| block.lane != 0));
    let moved = move || {
        block.with(|block| {
            let (x, y) = block.as_ref().map_or((0, 0), |block| corner(block.lane, block.row));
            format!("translate({x} {y})")
        })
    };
    let made = Memo::new(move |_| block.with(|block| block.as_ref().map(|b| (b.height, b.miner))));
    let strip = u32::try_from(CELLS).unwrap_or_default() * CELL;
    let said = move || {
        let (height, miner) = made.get()?;
        let words = session.words();
        let name = miner.map(|miner| words.name(&Name::of(&miner))).unwrap_or_default();
        Some(format!("{height} {name}"))
    };
    view! {
        <g class="card-of" class:beside=beside transform=moved>
            <title>{short_hash(&hash)}</title>
            <rect class="frame" width=WIDTH height=HEIGHT rx="6"></rect>
            <svg
                class="tree-strip"
                x="4"
                y="4"
                width=WIDTH - 8
                height="8"
                viewBox=format!("0 0 {strip} {CELL}")
                preserveAspectRatio="none"
                inner_html=markup(&hash)
            ></svg>
            // A long name is cut off at the frame.
            <svg width=WIDTH - 4 height=HEIGHT><text x="8" y="29">{said}</text></svg>
        </g>
    }
}

const fn corner(lane: u32, row: u32) -> (u32, u32) {
    (lane * LANE + (LANE - WIDTH) / 2, row * ROW + (ROW - HEIGHT) / 2)
}

const fn top(lane: u32, row: u32) -> (u32, u32) {
    let (x, y) = corner(lane, row);
    (x + WIDTH / 2, y)
}

const fn bottom(lane: u32, row: u32) -> (u32, u32) {
    let (x, y) = corner(lane, row);
    (x + WIDTH / 2, y + HEIGHT)
}
