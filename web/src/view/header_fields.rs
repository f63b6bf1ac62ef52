//! A block's header, field by field, each with what it is for.

use chain_wasm::api::{BlockAt, BlockView};
use leptos::prelude::*;

use super::row::{Text, code, explained, plain, row};
use super::time::exact;
use super::{Session, use_session};
use crate::model::format::{difficulty, grouped};
use crate::model::header::Field;
use crate::model::route::Place;

/// A field's name.
pub(super) const fn name(field: Field) -> Text {
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
const fn about(field: Field) -> Text {
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

/// As [`about`], in the room that the page shows.
fn about_here(session: Session, field: Field) -> &'static str {
    let words = session.words();
    let members = session.members_seal();
    match field {
        Field::Difficulty if members => words.about_weight(),
        Field::Nonce if members => words.about_sealer(),
        field => about(field)(words.texts()),
    }
}

#[component]
pub(super) fn HeaderFields(
    /// The block.
    block: BlockView,
) -> impl IntoView {
    let session = use_session();
    let mined = block.miner.is_some();
    let value = |field| match field {
        Field::Version => plain(block.version.to_string()),
        Field::Height => plain(grouped(block.height.into())),
        Field::Previous if mined => {
            let below = block.height.saturating_sub(1);
            let href = session.href(&Place::Block(BlockAt::Height(below)));
            view! { <a class="code" href=href>{block.previous_hash.to_string()}</a> }.into_any()
        }
        Field::Previous => code(block.previous_hash.to_string()),
        Field::MerkleRoot => code(block.merkle_root.to_string()),
        Field::HistoryRoot => code(block.history_root.to_string()),
        Field::Time => plain(exact(block.timestamp)),
        Field::Difficulty => plain(difficulty(block.difficulty)),
        Field::Nonce => plain(grouped(block.nonce.into())),
    };
    let hash = row(session, |t| t.hash, code(block.hash.to_string()), Some(|t| t.about_hash));
    let fields = Field::ALL.map(|(field, _)| {
        let said = move || about_here(session, field);
        explained(session, name(field), value(field), said)
    });
    view! {
        <section aria-labelledby="header-title">
            <h3 id="header-title">{session.text(|t| t.header_title)}</h3>
            <dl class="explained" data-testid="header-fields">
                {hash}
                {Vec::from(fields)}
            </dl>
        </section>
    }
}
