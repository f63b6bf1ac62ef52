//! What the browser promises of what is stored, in words, and what to do about it.

use chain_wasm::api::StorageView;
use leptos::prelude::*;

use super::super::icon::{Icon, Sign};
use super::super::use_session;
use crate::model::persistence::Persistence;

#[component]
pub(super) fn Promise() -> impl IntoView {
    let session = use_session();
    let durable = session.part(|node| node.storage == StorageView::Durable);
    let persistence = session.persistence;
    // Where nothing is stored at all, the page says so elsewhere.
    let told = move || durable.get() == Some(true) && persistence.get() != Persistence::Unknown;
    let said = move || {
        let texts = session.words().texts();
        match persistence.get() {
            Persistence::Unknown => "",
            Persistence::Kept => texts.storage_kept,
            Persistence::MayGo => texts.storage_may_go,
            Persistence::Refused => texts.storage_refused,
            Persistence::Unavailable => texts.storage_unavailable,
        }
    };
    view! {
        <div role="status" data-testid="persistence" data-state=move || persistence.get().name()>
            <Show when=told>
                <p class="promise" class:risky=move || persistence.get().is_risky()>
                    {move || {
                        let risky = persistence.get().is_risky();
                        let sign = if risky { Sign::Warning } else { Sign::Stored };
                        view! { <Icon sign/> }
                    }}
                    <span>{said}</span>
                </p>
            </Show>
        </div>
    }
}
