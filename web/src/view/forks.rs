//! The fork: branches drawn beside the chain, and told in words.

use leptos::prelude::*;

use super::use_session;
use crate::model::cells::{CELL, CELLS, cells, pattern_path};
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
                    {move || drawing.with(|drawing| view! { <Tree drawing=drawing.clone()/> })}
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

#[component]
fn Tree(
    /// Where each block stands.
    drawing: Drawing,
) -> impl IntoView {
    let (width, height) = (drawing.lanes * LANE, drawing.rows * ROW);
    let lines = drawing.blocks.iter().filter_map(|block| {
        let (lane, row) = block.below?;
        let (from, to) = (bottom(block.lane, block.row), top(lane, row));
        let class = if block.lane == 0 { "line" } else { "line beside" };
        let bend = u32::midpoint(from.1, to.1);
        let d =
            format!("M{} {}C{} {bend} {} {bend} {} {}", from.0, from.1, from.0, to.0, to.0, to.1);
        Some(view! { <path class=class d=d></path> })
    });
    view! {
        <svg
            class="fork-tree"
            viewBox=format!("0 0 {width} {height}")
            width=width
            height=height
            aria-hidden="true"
        >
            {lines.collect_view()}
            {drawing.blocks.iter().map(|block| view! { <Card block=block.clone()/> }).collect_view()}
        </svg>
    }
}

#[component]
fn Card(
    /// The block.
    block: Drawn,
) -> impl IntoView {
    let session = use_session();
    let (x, y) = corner(block.lane, block.row);
    let class = if block.lane == 0 { "card-of" } else { "card-of beside" };
    let cells = cells(&block.hash);
    let strip = u32::try_from(CELLS).unwrap_or_default() * CELL;
    let rects = (0_u32..).zip(cells).map(|(at, cell)| {
        view! { <rect class=format!("c{}", cell.colour) x=at * CELL width=CELL height=CELL></rect> }
    });
    let miner = block.miner.map(|miner| Name::of(&miner));
    let said = move || {
        let words = session.words();
        let name = miner.as_ref().map(|name| words.name(name)).unwrap_or_default();
        format!("{} {name}", block.height)
    };
    view! {
        <g class=class transform=format!("translate({x} {y})")>
            <title>{short_hash(&block.hash)}</title>
            <rect class="frame" width=WIDTH height=HEIGHT rx="6"></rect>
            <svg x="4" y="4" width=WIDTH - 8 height="8" viewBox=format!("0 0 {strip} {CELL}") preserveAspectRatio="none">
                {rects.collect_view()}
                <path class="pattern" d=pattern_path(&cells)></path>
            </svg>
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
