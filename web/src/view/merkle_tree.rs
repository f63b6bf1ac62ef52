//! A block's Merkle tree, drawn.

use chain_wasm::api::MAX_MERKLE_LEVEL;
use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use super::use_session;
use crate::model::cells::{CELL, CELLS, markup};
use crate::model::merkle::{NODE, Node, draw};

/// The strip's height in a node's box, in the drawing's units.
const STRIP: u32 = 8;

#[component]
pub(super) fn MerkleTree(
    /// How many transactions it is over.
    leaves: u32,
    /// Its upper levels, the root's first.
    levels: Vec<Vec<Hash>>,
) -> impl IntoView {
    let session = use_session();
    let drawing = draw(&levels);
    let shown = levels.last().map_or(0, Vec::len);
    let whole = usize::try_from(leaves).is_ok_and(|leaves| leaves <= shown);
    let (depth, root) = (levels.len(), levels.first().and_then(|level| level.first()).copied());
    let (width, height) = (drawing.width, drawing.height);
    view! {
        <section aria-labelledby="merkle-title">
            <h3 id="merkle-title">{session.text(|t| t.merkle_title)}</h3>
            <p class="hint">{session.text(|t| t.merkle_hint)}</p>
            {(!whole).then(|| view! {
                <p class="hint" data-testid="merkle-cut">
                    {move || session.words().merkle_cut(leaves, depth, MAX_MERKLE_LEVEL)}
                </p>
            })}
            // Wider than a phone, it scrolls, so the keyboard must get at it.
            <div
                class="tree"
                role="group"
                tabindex="0"
                aria-labelledby="merkle-title"
                data-testid="merkle"
                data-leaves=leaves
            >
                <svg
                    width=width
                    height=height
                    viewBox=format!("0 0 {width} {height}")
                    role="img"
                    aria-label=move || {
                        let root = root.map(|root| root.to_string()).unwrap_or_default();
                        session.words().merkle_tree(leaves, &root)
                    }
                >
                    <path class="tree-lines" d=drawing.lines></path>
                    {drawing.nodes.into_iter().map(box_of).collect_view()}
                </svg>
            </div>
        </section>
    }
}

fn box_of(node: Node) -> impl IntoView {
    let Node { hash, x, y } = node;
    let hex = hash.to_string();
    let digits = hex.get(..8).unwrap_or_default().to_owned();
    let strip = u32::try_from(CELLS).unwrap_or_default() * CELL;
    // The strip's own units, squeezed into the box.
    let (across, down) = (f64::from(NODE.0) / f64::from(strip), f64::from(STRIP) / f64::from(CELL));
    view! {
        <g transform=format!("translate({x} {y})")>
            <rect class="tree-node" width=NODE.0 height=NODE.1></rect>
            <g
                class="tree-strip"
                transform=format!("scale({across} {down})")
                inner_html=markup(&hash)
            ></g>
            <text x=NODE.0 / 2 y=NODE.1 - 7 text-anchor="middle">{digits}</text>
        </g>
    }
}
