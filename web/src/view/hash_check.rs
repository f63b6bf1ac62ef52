//! A block's hash, computed once more in front of whoever asks.

use chain_wasm::api::{Command, HeaderCheck, Outcome};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::header_fields::name;
use super::strip::Strip;
use super::{Session, use_session};
use crate::model::header::{leading_zeros, parts};
use crate::node_link::CallError;

#[component]
pub(super) fn HashCheck(
    /// The block's hash, as the chain has it.
    hash: Hash,
    /// Whether somebody sealed it; nobody did the genesis block.
    mined: bool,
    /// What the hash is to meet.
    difficulty: f64,
) -> impl IntoView {
    let session = use_session();
    let check = RwSignal::new(None::<Result<HeaderCheck, CallError>>);
    let compute = move |_| {
        spawn_local(async move {
            let answer = match session.call(Command::CheckHeader { block: hash }).await {
                Ok(Outcome::Header(header)) => Ok(header),
                Ok(_) => return,
                Err(error) => Err(error),
            };
            // The page may show another block meanwhile.
            check.try_set(Some(answer));
        });
    };
    let bytes = move || match check.get()? {
        Ok(check) => Some(bytes(session, &check)),
        Err(_) => None,
    };
    let verdict = move || match check.get()? {
        Ok(check) => Some(verdict(session, &check, hash, mined, difficulty)),
        Err(error) => {
            let said = session.words().call_error(&error);
            Some(view! { <p class="error">{said}</p> }.into_any())
        }
    };
    view! {
        <section aria-labelledby="recompute-title">
            <h3 id="recompute-title">{session.text(|t| t.recompute_title)}</h3>
            <p class="hint">{session.text(|t| t.recompute_hint)}</p>
            <button type="button" data-testid="recompute" on:click=compute>
                {session.text(|t| t.recompute)}
            </button>
            {bytes}
            // Of all this only the outcome is read aloud by itself.
            <div role="status">{verdict}</div>
        </section>
    }
}

/// The header's bytes, field by field, and the hash that they have.
fn bytes(session: Session, check: &HeaderCheck) -> AnyView {
    let words = session.words();
    let rows = parts(&check.bytes).unwrap_or_default().into_iter().map(|part| {
        let bytes = words.byte_range(part.at, part.hex.len() / 2);
        view! {
            <tr>
                <th scope="row">{name(part.field)(words.texts())}<span class="hint">{bytes}</span></th>
                <td class="code">{part.hex}</td>
            </tr>
        }
    });
    let computed = check.computed;
    view! {
        <table class="bytes" data-testid="header-bytes">
            <caption>{words.texts().bytes_caption}</caption>
            <tbody>{rows.collect_view()}</tbody>
        </table>
        <p class="computed">{words.texts().computed}</p>
        <p class="code" data-testid="computed-hash">{computed.to_string()}</p>
        <div class="big-strip"><Strip hash=computed/></div>
    }
    .into_any()
}

/// Whether the hash is the block's, and whether it meets the difficulty.
fn verdict(
    session: Session,
    check: &HeaderCheck,
    hash: Hash,
    mined: bool,
    difficulty: f64,
) -> AnyView {
    let words = session.words();
    let same = check.computed == hash;
    let zeros = leading_zeros(check.computed.as_bytes());
    let said = if same { words.texts().hash_same } else { words.texts().hash_differs };
    let met = if let Some(sealer) = check.sealer.filter(|_| mined) {
        let said = words.seal_fits(&session.called_now(&sealer), check.meets);
        view! { <p class="verdict" class:bad=!check.meets>{said}</p> }.into_any()
    } else if mined {
        let said = words.difficulty_met(check.meets, zeros, difficulty);
        view! { <p class="verdict" class:bad=!check.meets>{said}</p> }.into_any()
    } else {
        view! { <p class="hint">{words.texts().not_mined}</p> }.into_any()
    };
    view! {
        <div data-testid="recomputed" data-same=same.to_string() data-meets=check.meets.to_string()>
            <p class="verdict" class:bad=!same>{said}</p>
            {met}
        </div>
    }
    .into_any()
}
