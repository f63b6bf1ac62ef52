//! Checks a proof that somebody brings, in this tab alone.

use chain_wasm::api::{
    ApiError, EntryKind, EntryState, MAX_PROOF_FILE, Privacy, ProofFault, ProofStanding, ProvenView,
};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::content::DataContent;
use super::entry::Unreadable;
use super::later::part;
use super::strip::Strip;
use super::time::exact;
use super::use_session;
use crate::browser::file;
use crate::model::format::short_hash;
use crate::model::name::Name;
use crate::model::paper;
use crate::node_link::CallError;

#[derive(Clone, PartialEq)]
enum Check {
    None,
    Running,
    Held(Box<ProvenView>),
    Failed(CallError),
}

#[component]
pub(super) fn ProofCheck() -> impl IntoView {
    let session = use_session();
    let ready = session.running();
    let check = RwSignal::new(Check::None);
    let over = RwSignal::new(false);
    let take = move |chosen: Option<web_sys::File>| {
        let Some(chosen) = chosen else { return };
        if !ready.get_untracked() || check.get_untracked() == Check::Running {
            return;
        }
        check.set(Check::Running);
        spawn_local(async move {
            let outcome = match file::read(&chosen, MAX_PROOF_FILE as u64).await {
                // What was read from paper is a list of codes.
                Some(bytes) => session.check_proof(paper::join(&bytes).unwrap_or(bytes)).await,
                // Too long to be one, or it cannot be read.
                None => Err(CallError::Refused(ApiError::InvalidProof(ProofFault::Form))),
            };
            check.set(match outcome {
                Ok(proven) => Check::Held(proven),
                Err(error) => Check::Failed(error),
            });
        });
    };
    view! {
        <section
            class="card check-proof"
            class:over=move || over.get()
            aria-labelledby="proof-title"
            on:dragover=move |event| {
                event.prevent_default();
                over.set(true);
            }
            on:dragleave=move |_| over.set(false)
            on:drop=move |event| {
                event.prevent_default();
                over.set(false);
                take(file::dropped(&event));
            }
        >
            <h2 id="proof-title">{session.text(|t| t.proof_title)}</h2>
            <p class="hint" id="proof-hint">{session.text(|t| t.proof_hint)}</p>
            <label class="button pick">
                <input
                    type="file"
                    accept=".tabproof,.json,.txt,application/cbor,application/json,text/plain"
                    data-testid="proof-file"
                    aria-describedby="proof-hint"
                    disabled=move || !ready.get()
                    on:change=move |event| take(file::chosen(&event_target(&event)))
                />
                <span>{session.text(|t| t.choose_proof)}</span>
            </label>
            <div role="status">
                {move || match check.get() {
                    Check::None => None,
                    Check::Running => Some(view! {
                        <p class="hint">{session.text(|t| t.proof_checking)}</p>
                    }.into_any()),
                    Check::Held(proven) => {
                        Some(part(move |views| (views.proven)(proven.clone())).into_any())
                    },
                    Check::Failed(error) => Some(view! {
                        <div data-testid="proof-result" data-holds="false">
                            <p class="verdict bad">{session.text(|t| t.proof_fails)}</p>
                            <p class="error">{session.words().call_error(&error)}</p>
                        </div>
                    }.into_any()),
                }}
            </div>
        </section>
    }
}

/// What a proof shows that holds.
pub(super) fn proven(proven: Box<ProvenView>) -> AnyView {
    view! { <Held proven/> }.into_any()
}

#[component]
fn Held(
    /// What is proven.
    proven: Box<ProvenView>,
) -> impl IntoView {
    let session = use_session();
    let proven = *proven;
    let (entry, standing) = (proven.entry, proven.standing);
    let (height, block) = match entry.state {
        EntryState::InBlock { height, block } => (height, Some(block)),
        _ => (0, None),
    };
    let (author, tip, tip_height) = (entry.author, proven.tip, proven.tip_height);
    let name = Name::of(&author);
    let privacy = entry.privacy;
    let content = match entry.kind {
        _ if privacy == Privacy::Unreadable => view! { <Unreadable/> }.into_any(),
        EntryKind::Data { media_type, size, bytes } => {
            view! { <DataContent id=entry.id media_type size bytes/> }.into_any()
        }
        EntryKind::Transfer { to, amount } => {
            let receiver = Name::of(&to);
            let said = move || {
                let words = session.words();
                words.transfer(amount, &words.name(&receiver))
            };
            view! { <p class="content">{said}</p> }.into_any()
        }
    };
    let compared = standing == ProofStanding::InChain;
    view! {
        <div
            data-testid="proof-result"
            data-holds="true"
            data-standing=standing_name(standing)
            data-id=entry.id.to_string()
            data-author=author.to_string()
        >
            <p class="verdict">{session.text(|t| t.proof_holds)}</p>
            <div class="proven">{content}</div>
            {(privacy == Privacy::Opened).then(|| view! {
                <p class="hint">{session.room_text(|t| t.opened)}</p>
            })}
            <p class="standing" class:sure=compared>
                {move || session.words().proof_standing(standing)}
            </p>
            <dl class="facts">
                <div>
                    <dt>{session.text(|t| t.signed_by)}</dt>
                    <dd title=author.to_string()>{session.name(name)}</dd>
                </div>
                <div><dt>{session.text(|t| t.time)}</dt><dd>{exact(entry.timestamp)}</dd></div>
                <div><dt>{session.text(|t| t.room)}</dt><dd dir="auto">{proven.room}</dd></div>
                <div>
                    <dt>{session.text(|t| t.proven_in)}</dt>
                    <dd>{move || session.words().block(height)}</dd>
                </div>
                <div><dt>{session.text(|t| t.sealed_at)}</dt><dd>{exact(proven.sealed)}</dd></div>
                {proven.sealer.map(|sealer| view! {
                    <div>
                        <dt>{move || session.words().sealed_by_member()}</dt>
                        <dd title=sealer.to_string()>{session.called(sealer)}</dd>
                    </div>
                })}
                <div>
                    <dt>{session.text(|t| t.proven_up_to)}</dt>
                    <dd>{move || session.words().proof_reach(tip_height, proven.confirmations)}</dd>
                </div>
            </dl>
            {block.map(|block| view! {
                <p class="label">{move || session.words().block(height)}" · "<span class="code">{short_hash(&block)}</span></p>
                <Strip hash=block/>
            })}
            {(block != Some(tip)).then(|| view! {
                <p class="label">{move || session.words().block(tip_height)}" · "<span class="code">{short_hash(&tip)}</span></p>
                <Strip hash=tip/>
            })}
        </div>
    }
}

const fn standing_name(standing: ProofStanding) -> &'static str {
    match standing {
        ProofStanding::InChain => "in-chain",
        ProofStanding::NotInChain => "not-in-chain",
        ProofStanding::OtherRoom => "other-room",
    }
}
