//! An entry on paper: what it says, where it is, and its proof in QR codes.

use chain_wasm::api::{EntryKind, EntryState, ProvenView};
use chain_wasm::primitives::{Hash, PublicKey};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::content::DataContent;
use super::strip::Strip;
use super::time::exact;
use super::{Session, use_session};
use crate::browser;
use crate::i18n::PaperTexts;
use crate::model::paper::codes;
use crate::model::qr;
use crate::model::route::Place;

/// What is printed: the proof, and what it shows.
#[derive(Clone, PartialEq)]
struct Sheet {
    proof: Vec<u8>,
    shows: ProvenView,
}

fn text(
    session: Session,
    text: fn(&'static PaperTexts) -> &'static str,
) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || text(session.words().paper())
}

#[component]
pub(super) fn Paper(
    /// The entry, which is in the chain.
    id: Hash,
    /// Whether it is sealed in the chain: whoever gets the paper reads it, so that the proof
    /// may open it as well.
    sealed: bool,
) -> impl IntoView {
    let session = use_session();
    let sheet = RwSignal::new(None::<Sheet>);
    // The browser's own command to print leaves no time to ask for it.
    spawn_local(async move {
        sheet.try_set(make(session, id, sealed).await);
    });
    let print = move |_| {
        spawn_local(async move {
            if let Some(made) = make(session, id, sealed).await {
                sheet.try_set(Some(made));
            }
            session.printing.set(true);
            // Once it is drawn.
            gloo_timers::future::TimeoutFuture::new(0).await;
            browser::print();
        });
    };
    view! {
        <p class="print-line">
            <button type="button" class="quiet small" data-testid="print" on:click=print>
                {text(session, |t| t.print)}
            </button>
            <span class="hint">{text(session, |t| t.print_hint)}</span>
        </p>
        {move || {
            let sheet = sheet.get().filter(|_| session.printing.get())?;
            Some(view! { <Printed sheet/> })
        }}
    }
}

/// Asks for the proof, and checks what it shows.
async fn make(session: Session, id: Hash, sealed: bool) -> Option<Sheet> {
    let proof = session.prove(id, sealed).await.ok()?.cbor;
    let shows = *session.check_proof(proof.clone()).await.ok()?;
    Some(Sheet { proof, shows })
}

#[component]
fn Printed(sheet: Sheet) -> impl IntoView {
    let session = use_session();
    let Sheet { proof, shows } = sheet;
    let ProvenView { room, entry, sealed, tip, tip_height, .. } = shows;
    let (id, author, timestamp) = (entry.id, entry.author, entry.timestamp);
    let EntryState::InBlock { height, block } = entry.state else { return None };
    let link = browser::address_with(&session.href_to_give_away(&Place::Entry(id)));
    let content = match entry.kind {
        EntryKind::Data { media_type, size, bytes } => {
            view! { <DataContent id media_type size bytes open=true/> }.into_any()
        }
        EntryKind::Transfer { to, amount } => transfer(session, to, amount).into_any(),
    };
    let rows = view! {
        <dt>{session.text(|t| t.room)}</dt>
        <dd>{room}</dd>
        <dt>{session.text(|t| t.signed_by)}</dt>
        <dd>{session.called(author)} <p class="code">{author.to_string()}</p></dd>
        <dt>{session.text(|t| t.time)}</dt>
        <dd>{exact(timestamp)}</dd>
        <dt>{session.text(|t| t.entry_id)}</dt>
        <dd><p class="code">{id.to_string()}</p> <Strip hash=id/></dd>
        <dt>{move || session.words().block(height)}</dt>
        <dd>{exact(sealed)}</dd>
        <dt>{text(session, |t| t.block_hash)}</dt>
        <dd><p class="code">{block.to_string()}</p> <Strip hash=block/></dd>
        <dt>{text(session, |t| t.tip_hash)}</dt>
        <dd>
            {move || session.words().block(tip_height)}
            <p class="code">{tip.to_string()}</p>
            <Strip hash=tip/>
        </dd>
        <dt>{text(session, |t| t.link)}</dt>
        <dd class="paper-link">{link.clone()}</dd>
    };
    Some(view! {
        <section class="paper" data-testid="paper">
            <h2>{text(session, |t| t.heading)}</h2>
            <div class="paper-content">{content}</div>
            <div class="paper-facts">
                <dl>{rows}</dl>
                {code_drawn(&link, "paper-link-code")}
            </div>
            <h3>{text(session, |t| t.proof)}</h3>
            {proof_drawn(session, &proof)}
        </section>
    })
}

fn transfer(session: Session, to: PublicKey, amount: u64) -> impl IntoView {
    let said = move || session.words().transfer(amount, &session.called_now(&to));
    view! { <p class="content">{said}</p> }
}

/// A proof's codes, or that it is too large for some.
fn proof_drawn(session: Session, proof: &[u8]) -> AnyView {
    let size = proof.len();
    let Some(texts) = codes(proof) else {
        let said = move || session.words().proof_too_large(size);
        return view! { <p data-testid="paper-too-large">{said}</p> }.into_any();
    };
    let of = texts.len();
    let drawn = texts.into_iter().enumerate().map(|(at, text)| {
        view! {
            <figure>
                {code_drawn(&text, "paper-code")}
                <figcaption>{move || session.words().code_of(at + 1, of)}</figcaption>
            </figure>
        }
    });
    view! {
        <div class="paper-codes">{drawn.collect_view()}</div>
        <p>{text(session, |t| t.how_to_check)}</p>
    }
    .into_any()
}

/// A QR code; the test reads its text beside it.
fn code_drawn(text: &str, test_id: &'static str) -> Option<impl IntoView + use<>> {
    let drawn = qr::draw_densely(text)?;
    let (size, text) = (drawn.size, text.to_owned());
    Some(view! {
        <svg
            class="qr"
            viewBox=format!("0 0 {size} {size}")
            shape-rendering="crispEdges"
            data-testid=test_id
            data-text=text
        >
            <rect width=size.to_string() height=size.to_string()></rect>
            <path d=drawn.path></path>
        </svg>
    })
}
