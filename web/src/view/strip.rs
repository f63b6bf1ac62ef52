//! A hash is a barcode: two equal hashes are seen to be equal.
//!
//! Whoever does not see it loses nothing: the hash, or what it means, stands beside
//! it in words.

use chain_wasm::primitives::Hash;
use leptos::prelude::*;

use crate::model::cells::{CELL, CELLS, markup};

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
            inner_html=markup(&hash)
        ></svg>
    }
}
