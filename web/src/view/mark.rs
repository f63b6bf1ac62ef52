//! The product's mark: blocks that hang on each other.

use leptos::prelude::*;

#[component]
pub(super) fn Mark() -> impl IntoView {
    view! {
        <svg class="mark" viewBox="0 0 32 32" aria-hidden="true">
            <rect class="mark-ground" width="32" height="32" rx="7"/>
            <rect class="c2" x="6" y="6" width="5" height="4"/>
            <rect class="c4" x="11" y="6" width="5" height="4"/>
            <rect class="c1" x="16" y="6" width="5" height="4"/>
            <rect class="c6" x="21" y="6" width="5" height="4"/>
            <rect class="c5" x="6" y="14" width="5" height="4"/>
            <rect class="c1" x="11" y="14" width="5" height="4"/>
            <rect class="c3" x="16" y="14" width="5" height="4"/>
            <rect class="c2" x="21" y="14" width="5" height="4"/>
            <rect class="c3" x="6" y="22" width="5" height="4"/>
            <rect class="c6" x="11" y="22" width="5" height="4"/>
            <rect class="c2" x="16" y="22" width="5" height="4"/>
            <rect class="c4" x="21" y="22" width="5" height="4"/>
        </svg>
    }
}
