//! What the chain keeps of a file: name, size and hash.

use chain_wasm::notarisation::Notarisation;
use leptos::prelude::*;

use super::icon::{Icon, Sign};
use super::strip::Strip;
use super::use_session;
use crate::model::format::{bytes, grouped};

#[component]
pub(super) fn FileCard(
    /// The file.
    file: Notarisation,
) -> impl IntoView {
    let session = use_session();
    let (size, sha256) = (file.size(), file.sha256());
    view! {
        <div class="file-card" data-testid="file-card" data-sha256=sha256.to_string()>
            <p class="file-name">
                <Icon sign=Sign::File/>
                <bdi>{file.name().to_owned()}</bdi>
                <span class="hint" title=grouped(size)>{bytes(size)}</span>
            </p>
            <Strip hash=sha256/>
            <p class="file-hash">
                <span class="label">{session.text(|t| t.file_hash)}</span>
                " "
                <span class="code">{sha256.to_string()}</span>
            </p>
        </div>
    }
}
