//! A block's header, field by field, each with what it is for.

use chain_wasm::api::{BlockAt, BlockView};
use leptos::prelude::*;

use super::time::exact;
use super::use_session;
use crate::i18n::Texts;
use crate::model::format::{difficulty, grouped};
use crate::model::header::Field;
use crate::model::route::Place;

/// A field's name.
pub(super) const fn name(field: Field) -> fn(&'static Texts) -> &'static str {
    match field {
        Field::Version => |t| t.version,
        Field::Height => |t| t.height,
        Field::Previous => |t| t.previous,
        Field::MerkleRoot => |t| t.merkle_root,
        Field::HistoryRoot => |t| t.history_root,
        Field::Time => |t| t.time,
        Field::Difficulty => |t| t.difficulty,
        Field::Nonce => |t| t.nonce,
    }
}

/// What a field is for, in a sentence.
const fn about(field: Field) -> fn(&'static Texts) -> &'static str {
    match field {
        Field::Version => |t| t.about_version,
        Field::Height => |t| t.about_height,
        Field::Previous => |t| t.about_previous,
        Field::MerkleRoot => |t| t.about_merkle_root,
        Field::HistoryRoot => |t| t.about_history_root,
        Field::Time => |t| t.about_time,
        Field::Difficulty => |t| t.about_difficulty,
        Field::Nonce => |t| t.about_nonce,
    }
}

#[component]
pub(super) fn HeaderFields(
    /// The block.
    block: BlockView,
) -> impl IntoView {
    let session = use_session();
    let mined = block.miner.is_some();
    let value = move |field| match field {
        Field::Version => block.version.to_string().into_any(),
        Field::Height => grouped(block.height.into()).into_any(),
        Field::Previous if mined => {
            let below = block.height.saturating_sub(1);
            let href = session.href(&Place::Block(BlockAt::Height(below)));
            view! { <a class="code" href=href>{block.previous_hash.to_string()}</a> }.into_any()
        }
        Field::Previous => code(block.previous_hash.to_string()),
        Field::MerkleRoot => code(block.merkle_root.to_string()),
        Field::HistoryRoot => code(block.history_root.to_string()),
        Field::Time => exact(block.timestamp).into_any(),
        Field::Difficulty => difficulty(block.difficulty).into_any(),
        Field::Nonce => grouped(block.nonce.into()).into_any(),
    };
    view! {
        <section aria-labelledby="header-title">
            <h3 id="header-title">{session.text(|t| t.header_title)}</h3>
            <dl class="explained" data-testid="header-fields">
                <dt>{session.text(|t| t.hash)}</dt>
                <dd>
                    <p>{code(block.hash.to_string())}</p>
                    <p class="hint">{session.text(|t| t.about_hash)}</p>
                </dd>
                {Field::ALL.map(|(field, _)| view! {
                    <dt>{session.text(name(field))}</dt>
                    <dd>
                        <p>{value(field)}</p>
                        <p class="hint">{session.text(about(field))}</p>
                    </dd>
                }).collect_view()}
            </dl>
        </section>
    }
}

fn code(text: String) -> AnyView {
    view! { <span class="code">{text}</span> }.into_any()
}
