//! A changed copy: whether it still fits its neighbours, each check, what can be repaired,
//! and what the others say of it.

use chain_wasm::api::{
    LabAnswer, LabCheck, LabCommand, LabRule, LabValue, Repair, SentView, TamperView,
};
use chain_wasm::primitives::Hash;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::value::shown;
use super::{Say, say};
use crate::model::lab::{Happened, Taken};
use crate::view::strip::Strip;
use crate::view::{Session, use_session};

#[component]
pub(super) fn Tampered(
    /// The copy.
    view: TamperView,
    /// Where it is kept.
    copy: RwSignal<Option<TamperView>>,
    /// What was done last.
    happened: RwSignal<Option<Happened>>,
) -> impl IntoView {
    let session = use_session();
    let verdict = view.verdict.clone().unwrap_or_else(|| "none".into());
    let rows = view.checks.iter().map(|check| row(session, check)).collect_view();
    let (before, after) = (view.before.clone(), view.after.clone());
    view! {
        <div
            class="tampered"
            data-testid="tampered"
            data-verdict=verdict
            data-hash=view.hash.to_string()
            data-changed=(view.hash != view.original).to_string()
        >
            <dl class="facts">
                <div><dt>{say(session, |t| t.tamper_before)}</dt><dd>{move || shown(session, &before)}</dd></div>
                <div><dt>{say(session, |t| t.tamper_after)}</dt><dd>{move || shown(session, &after)}</dd></div>
            </dl>
            <Neighbours view=view.clone()/>
            <h4>{say(session, |t| t.checks_title)}</h4>
            <ul class="checks">{rows}</ul>
            <Actions height=view.height copy happened/>
            <Answers height=view.height/>
        </div>
    }
}

/// The copy between the blocks of the chain: a strip that differs is a link that does not
/// hold.
#[component]
fn Neighbours(view: TamperView) -> impl IntoView {
    let session = use_session();
    let height = view.height;
    let above = view.above.map(|above| {
        let next = height.saturating_add(1);
        view! {
            <li class="mini">
                <span>{say(session, |t| t.next_block)} ": " {move || session.words().block(next)}</span>
                <Strip hash=above/>
            </li>
            {joint(session, above, view.hash)}
        }
    });
    let newest = view.above.is_none().then(|| {
        view! {
            <li class="joint hint">{say(session, |t| t.is_newest)}</li>
        }
    });
    view! {
        <ol class="hanging" data-testid="hanging">
            {above}
            {newest}
            <li class="mini copy">
                <Strip hash=view.hash/>
                <span>{say(session, |t| t.your_copy)} ": " {move || session.words().block(height)}</span>
                <Strip hash=view.previous/>
            </li>
            {joint(session, view.previous, view.below)}
            <li class="mini">
                <Strip hash=view.below/>
                <span>
                    {say(session, |t| t.block_below)} ": "
                    {move || session.words().block(height.saturating_sub(1))}
                </span>
            </li>
        </ol>
    }
}

fn joint(session: Session, upper: Hash, lower: Hash) -> AnyView {
    let fits = upper == lower;
    let text = move || {
        let texts = session.words().lab();
        if fits { texts.strips_fit } else { texts.strips_differ }
    };
    view! {
        <li class="joint" class:broken=!fits data-fits=fits.to_string()>
            <span class="sign" aria-hidden="true">{if fits { "✓" } else { "✗" }}</span>
            " "
            {text}
        </li>
    }
    .into_any()
}

fn row(session: Session, check: &LabCheck) -> AnyView {
    let LabCheck { rule, holds, stated, computed } = check.clone();
    let said = move || {
        let texts = session.words().lab();
        if holds { texts.holds } else { texts.breaks }
    };
    // What holds needs no proof in figures; what fails is shown.
    let figures = (!holds && computed != LabValue::Nothing).then(|| {
        view! {
            <dl class="facts">
                <div>
                    <dt>{say(session, said_of(rule).0)}</dt>
                    <dd>{move || shown(session, &stated)}</dd>
                </div>
                <div>
                    <dt>{say(session, said_of(rule).1)}</dt>
                    <dd>{move || shown(session, &computed)}</dd>
                </div>
            </dl>
        }
    });
    view! {
        <li class="check-row" class:broken=!holds data-rule=name(rule) data-holds=holds.to_string()>
            <span class="sign" aria-hidden="true">{if holds { "✓" } else { "✗" }}</span>
            <span>{move || session.words().lab_rule(rule)} ": " <strong>{said}</strong></span>
            {figures}
        </li>
    }
    .into_any()
}

/// What the two values of a check are.
const fn said_of(rule: LabRule) -> (Say, Say) {
    match rule {
        LabRule::Work => (|t| t.pace_difficulty, |t| t.its_hash),
        LabRule::Signatures => (|t| t.entries_in_it, |t| t.signatures_fit),
        LabRule::Next => (|t| t.next_says, |t| t.its_hash),
        LabRule::Time => (|t| t.stated, |t| t.at_least),
        _ => (|t| t.stated, |t| t.computed),
    }
}

/// A check's name for tests and style sheets.
const fn name(rule: LabRule) -> &'static str {
    match rule {
        LabRule::Version => "version",
        LabRule::Previous => "previous",
        LabRule::Height => "height",
        LabRule::HistoryRoot => "history-root",
        LabRule::Time => "time",
        LabRule::Difficulty => "difficulty",
        LabRule::Work => "work",
        LabRule::MerkleRoot => "merkle-root",
        LabRule::Reward => "reward",
        LabRule::Signatures => "signatures",
        LabRule::Next => "next",
        LabRule::Other => "other",
    }
}

#[component]
fn Actions(
    height: u32,
    copy: RwSignal<Option<TamperView>>,
    happened: RwSignal<Option<Happened>>,
) -> impl IntoView {
    let session = use_session();
    let searching = RwSignal::new(false);
    let repair = move |repair: Repair| {
        searching.set(repair == Repair::Work);
        spawn_local(async move {
            let outcome = match session.tamper(LabCommand::Repair(repair)).await {
                Ok(view) => {
                    let verdict = view.verdict.clone();
                    copy.try_set(Some(view));
                    match repair {
                        Repair::MerkleRoot => Happened::RootFits(height, verdict),
                        Repair::Work => Happened::WorkDone(height, verdict),
                    }
                }
                Err(error) => Happened::Refused(error),
            };
            searching.try_set(false);
            happened.try_set(Some(outcome));
        });
    };
    let send = move |_| {
        spawn_local(async move {
            let outcome = match session.experiment(LabCommand::SendTampered).await {
                Ok(view) => Happened::Sent(view.sent.map_or(0, |sent| sent.peers)),
                Err(error) => Happened::Refused(error),
            };
            happened.try_set(Some(outcome));
        });
    };
    let overwrite = move |_| {
        spawn_local(async move {
            let outcome = match session.experiment(LabCommand::Overwrite).await {
                Ok(_) => Happened::Overwritten(height),
                Err(error) => Happened::Refused(error),
            };
            happened.try_set(Some(outcome));
        });
    };
    let work = move || {
        let texts = session.words().lab();
        if searching.get() { texts.repairing } else { texts.repair_work }
    };
    view! {
        <p class="hint">{say(session, |t| t.repair_about)}</p>
        <p class="buttons">
            <button type="button" data-testid="repair-root" on:click=move |_| repair(Repair::MerkleRoot)>
                {say(session, |t| t.repair_root)}
            </button>
            <button
                type="button"
                data-testid="repair-work"
                aria-disabled=move || searching.get().then_some("true")
                on:click=move |_| if !searching.get_untracked() { repair(Repair::Work) }
            >
                {work}
            </button>
        </p>
        <p class="hint">{say(session, |t| t.send_about)} " " {say(session, |t| t.overwrite_about)}</p>
        <p class="buttons">
            <button type="button" data-testid="send-tampered" on:click=send>
                {say(session, |t| t.send_anyway)}
            </button>
            <button type="button" class="quiet" data-testid="overwrite" on:click=overwrite>
                {say(session, |t| t.overwrite)}
            </button>
        </p>
    }
}

/// What the others say of the copy that was sent last.
#[component]
fn Answers(height: u32) -> impl IntoView {
    let session = use_session();
    let sent = Memo::new(move |_| session.model.with(|model| model.lab.sent.clone()));
    move || sent.get().map(|sent| answers(session, &sent, height))
}

/// What the first of the others said.
pub(super) fn first_answer(session: Session, height: u32) -> Option<String> {
    let sent = session.model.with(|model| model.lab.sent.clone())?;
    sent.answers.first().map(|answer| answer_of(session, answer, height))
}

fn answer_of(session: Session, answer: &LabAnswer, height: u32) -> String {
    let words = session.words();
    let name = answer
        .author
        .map_or_else(|| words.texts().unnamed_peer.into(), |author| session.called_now(&author));
    words.answer(&name, Taken::of(&answer.verdict), height, &answer.verdict)
}

fn answers(session: Session, sent: &SentView, height: u32) -> AnyView {
    let words = session.words();
    let rows = sent.answers.iter().map(|answer| {
        let taken = Taken::of(&answer.verdict);
        let said = answer_of(session, answer, height);
        let refused = taken == Taken::Refused;
        let verdict = answer.verdict.clone();
        view! {
            <li class="check-row" class:broken=refused data-testid="lab-answer" data-verdict=verdict>
                <span class="sign" aria-hidden="true">{if refused { "✗" } else { "•" }}</span>
                <span>{said}</span>
            </li>
        }
    });
    let count = words.answers(sent.answers.len(), sent.peers);
    let none = (sent.answers.is_empty() && sent.peers > 0)
        .then(|| view! { <p class="hint">{words.lab().no_answer}</p> });
    view! {
        <div role="status" data-testid="lab-answers" data-answers=sent.answers.len()>
            <p class="hint">{count}</p>
            {none}
            <ul class="checks">{rows.collect_view()}</ul>
        </div>
    }
    .into_any()
}
