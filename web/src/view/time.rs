//! A moment: how long ago, with the exact time at hand.

use chain_wasm::primitives::UnixMillis;
use leptos::prelude::*;

use super::use_session;
use crate::browser;
use crate::model::format::{ago, date_time, rfc_3339};

/// The exact local time.
pub(super) fn exact(at: UnixMillis) -> String {
    date_time(at.0, browser::offset_minutes(at.0))
}

#[component]
pub(super) fn Time(
    /// When.
    at: UnixMillis,
) -> impl IntoView {
    let session = use_session();
    let age = Memo::new(move |_| ago(session.clock.get(), at.0));
    view! {
        <time datetime=rfc_3339(at.0) title=exact(at)>
            {move || session.words().ago(age.get())}
        </time>
    }
}
