//! A hash is a barcode: two equal hashes are seen to be equal.
//!
//! Whoever does not see it loses nothing: the hash, or what it means, stands beside
//! it in words.

use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use crate::model::cells::{CELL, CELLS, cells, pattern_path};

/// The classes of the colours, in their order.
const COLOURS: [&str; 8] = ["c0", "c1", "c2", "c3", "c4", "c5", "c6", "c7"];

#[component]
pub(super) fn Strip(
    /// What it draws.
    hash: Hash,
) -> impl IntoView {
    let width = u32::try_from(CELLS).unwrap_or_default() * CELL;
    view! {
        <svg
            class="strip"
            viewBox=format!("0 0 {width} {CELL}")
            preserveAspectRatio="none"
            aria-hidden="true"
        >
            {cells_of(&hash)}
        </svg>
    }
}

/// A hash's cells, for a drawing.
pub(super) fn cells_of(hash: &Hash) -> impl IntoView + use<> {
    let cells = cells(hash);
    let path = pattern_path(&cells);
    let rects = (0_u32..).zip(cells).map(|(at, cell)| {
        let class = COLOURS.get(usize::from(cell.colour)).copied().unwrap_or_default();
        view! { <rect class=class x=at * CELL width=CELL height=CELL></rect> }
    });
    view! {
        {rects.collect_view()}
        <path d=path></path>
    }
}
