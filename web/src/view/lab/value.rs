//! A value that a check compares.

use chain_wasm::api::LabValue;
use leptos::prelude::*;

use crate::model::format::{grouped, short_hash};
use crate::model::name::Name;
use crate::view::Session;
use crate::view::strip::Strip;
use crate::view::time::exact;

/// Shows a value; a hash as its strip, too.
pub(super) fn shown(session: Session, value: &LabValue) -> AnyView {
    match value {
        LabValue::Hash(hash) => {
            let hash = *hash;
            view! {
                <span class="value-hash">
                    <Strip hash/>
                    <span class="code">{short_hash(&hash)}</span>
                </span>
            }
            .into_any()
        }
        LabValue::Key(key) => session.words().name(&Name::of(key)).into_any(),
        LabValue::Number(number) => grouped(*number).into_any(),
        LabValue::Time(at) => exact(*at).into_any(),
        LabValue::Text(text) => {
            let cut: String = text.chars().take(120).collect();
            view! { <bdi>{cut}</bdi> }.into_any()
        }
        LabValue::Nothing => session.words().lab().nothing_there.into_any(),
    }
}
