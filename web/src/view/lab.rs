//! The lab: experiments that each do something real, and say what just happened.

mod cut;
mod pace;
mod reset;
mod secret;
mod tamper;
mod tampered;
mod value;

use leptos::prelude::*;

pub(super) use cut::CutOff;
pub(super) use tamper::Tamper;

use super::explorer::Title;
use super::{Session, use_session};
use crate::i18n::LabTexts;
use crate::model::lab::Happened;
use crate::model::route::Place;

/// One of the lab's texts.
type Say = fn(&'static LabTexts) -> &'static str;

/// One of the lab's texts, followed as the language changes.
pub(super) fn say(
    session: Session,
    text: fn(&'static LabTexts) -> &'static str,
) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
    move || text(session.words().lab())
}

#[component]
pub(super) fn LabPage() -> impl IntoView {
    let session = use_session();
    let in_lab = session.in_lab();
    view! {
        <Title>{say(session, |t| t.lab_title)}</Title>
        {move || if in_lab.get() {
            view! {
                <p class="hint">{say(session, |t| t.lab_intro)}</p>
                <p><a href=session.href(&Place::Tour) data-testid="to-tour">{say(session, |t| t.tour_link)}</a></p>
                <div class="experiments">
                    <Tamper/>
                    <CutOff/>
                    <secret::Secret/>
                    <pace::Pace/>
                    <reset::Reset/>
                </div>
            }
            .into_any()
        } else {
            view! { <NextDoor to=Place::Lab/> }.into_any()
        }}
    }
}

/// In a room for records: the way to the room for experiments.
#[component]
pub(super) fn NextDoor(
    /// Where to go there.
    to: Place,
) -> impl IntoView {
    let session = use_session();
    let href = {
        let to = to.clone();
        move || session.lab_href(&to)
    };
    let label = move || {
        let texts = session.words().lab();
        if to == Place::Tour { texts.tour_enter } else { texts.lab_enter }
    };
    view! {
        <p data-testid="lab-next-door">{say(session, |t| t.lab_is_records)}</p>
        <p><a class="button" href=href data-testid="enter-lab">{label}</a></p>
    }
}

/// On the chain's page: the ways to the tour and the lab.
#[component]
pub(super) fn Ways() -> impl IntoView {
    let session = use_session();
    view! {
        <nav class="ways" aria-label=say(session, |t| t.lab_title)>
            <p class="hint">{say(session, |t| t.tour_invites)}</p>
            <p class="buttons">
                <a
                    class="button small"
                    data-testid="start-tour"
                    href=move || session.lab_href(&Place::Tour)
                >
                    {say(session, |t| t.tour_link)}
                </a>
                <a
                    class="button quiet small"
                    data-testid="open-lab"
                    href=move || session.lab_href(&Place::Lab)
                >
                    {say(session, |t| t.lab_link)}
                </a>
            </p>
        </nav>
    }
}

/// An experiment's frame: what it is, what can be done, and what just happened.
#[component]
fn Experiment(
    /// Its name for tests and labels.
    name: &'static str,
    /// Its title.
    title: fn(&'static LabTexts) -> &'static str,
    /// What it is about.
    about: fn(&'static LabTexts) -> &'static str,
    /// What was done last.
    happened: Signal<Option<String>>,
    /// What can be done, and what came of it.
    children: Children,
) -> impl IntoView {
    let session = use_session();
    let id = format!("lab-{name}");
    let label = id.clone();
    let said = move || happened.get().unwrap_or_else(|| session.words().lab().nothing_yet.into());
    view! {
        <section class="experiment" aria-labelledby=label data-testid=format!("experiment-{name}")>
            <h3 id=id>{say(session, title)}</h3>
            <p class="hint">{say(session, about)}</p>
            {children()}
            <div class="happened" role="status" aria-live="polite">
                <strong>{say(session, |t| t.what_happened)}</strong>
                " "
                <span data-testid=format!("happened-{name}")>{said}</span>
            </div>
        </section>
    }
}

/// What was done last, in words; followed as the language changes.
fn told(session: Session, happened: RwSignal<Option<Happened>>) -> Signal<Option<String>> {
    Signal::derive(move || {
        happened.with(|happened| happened.as_ref().map(|what| session.words().happened(what)))
    })
}
