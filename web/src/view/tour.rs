//! The guided tour: seven steps that tick themselves once the node has shown what each is
//! about. It stands above the form and the chain, which it tells to use.

mod bench;

use chain_wasm::api::LabCommand;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::lab::{NextDoor, say};
use super::later::part;
use super::use_session;
use crate::browser;
use crate::model::route::Place;
use crate::model::tour::{Progress, Seen, Step, Watch};
use crate::model::{Node, Validation};
use crate::session::{Session, TITLE};
use bench::Bench;

/// What the tour keeps while the page is open, wherever in it one is.
#[derive(Clone, Copy)]
pub(super) struct Tour {
    session: Session,
    /// How far one is.
    progress: RwSignal<Progress>,
    /// Texts of which a hash was seen.
    hashed: RwSignal<usize>,
    /// Whether it was begun in this tab.
    begun: RwSignal<bool>,
}

impl Tour {
    /// Follows the node for as long as the page is open.
    pub(super) fn follow(session: Session) -> Self {
        let tour = Self {
            session,
            progress: RwSignal::new(browser::tour::load()),
            hashed: RwSignal::new(0),
            begun: RwSignal::new(false),
        };
        let in_lab = session.in_lab();
        Effect::new(move |_| {
            if in_lab.get() && session.place.with(|place| *place == Place::Tour) {
                tour.begun.set(true);
            }
        });
        let seen = Memo::new(move |_| seen(session, tour.hashed.get()));
        let watch = StoredValue::new(Watch::default());
        Effect::new(move |_| {
            let (seen, begun) = (seen.get(), tour.begun.get());
            if !begun || !in_lab.get() {
                return;
            }
            let steps = watch.try_update_value(|watch| watch.see(&seen).collect::<Vec<_>>());
            let mut progress = tour.progress.get_untracked();
            let news = steps.unwrap_or_default().into_iter().filter(|step| progress.tick(*step));
            if news.count() > 0 {
                tour.set(progress);
            }
        });
        tour
    }

    /// After the step about tampering the others are to listen to this tab again.
    fn make_peace(self) {
        spawn_local(async move {
            // A refusal means that the node is gone, which is shown by itself.
            drop(self.session.experiment(LabCommand::Reset).await);
        });
    }

    fn set(self, progress: Progress) {
        browser::tour::keep(progress);
        self.progress.set(progress);
    }

    fn go(self, step: Step) {
        let mut progress = self.progress.get_untracked();
        if progress.step == Step::Tampering && step != Step::Tampering {
            self.make_peace();
        }
        progress.step = step;
        self.set(progress);
        browser::focus(TITLE);
    }
}

/// What is seen of the node now.
fn seen(session: Session, hashed: usize) -> Seen {
    let proofs = session.proofs_held.get();
    session.model.with(|model| {
        let mut seen = model.node.as_ref().map(of_node).unwrap_or_default();
        seen.hashed = hashed;
        seen.proofs = proofs;
        seen.reorganisations = model.reorganisations;
        seen.refused = crate::model::lab::was_refused(&model.lab);
        seen.validated = match &model.validation {
            Validation::Done(report) => report.fault.is_none(),
            _ => false,
        };
        seen
    })
}

fn of_node(node: &Node) -> Seen {
    let blocks = node.window.blocks();
    let with = |mine: bool| {
        let mut blocks = blocks.iter();
        let block = blocks.find(|block| block.entries.iter().any(|entry| entry.mine == mine));
        block.map(|block| block.height)
    };
    let tip = node.tip.hash;
    Seen {
        own: with(true).unwrap_or(0),
        foreign: with(false).unwrap_or(0),
        height: node.tip.height,
        online: matches!(node.link, chain_wasm::api::LinkView::Online { .. }),
        peers: node.peers.len(),
        agreeing: node.peers.iter().filter(|peer| peer.tip == Some(tip)).count(),
        ..Seen::default()
    }
}

/// The card of the tour, at its place.
#[component]
pub(super) fn TourCard(tour: Tour) -> impl IntoView {
    let session = use_session();
    let in_lab = session.in_lab();
    let here = Memo::new(move |_| session.place.with(|place| *place == Place::Tour));
    // Not beside the tour itself, nor where it was never begun.
    let away = Memo::new(move |_| !here.get() && tour.begun.get() && in_lab.get());
    view! {
        <Show when=move || away.get()>
            <p class="tour-return">
                <a href=move || session.lab_href(&Place::Tour) data-testid="tour-return">
                    {say(session, |t| t.tour_return)}
                </a>
            </p>
        </Show>
        <Show when=move || here.get()>
            <section class="card tour" data-testid="tour" aria-labelledby=TITLE>
                {move || if in_lab.get() {
                    part(move |views| (views.tour)(tour)).into_any()
                } else {
                    view! {
                        <h2 id=TITLE tabindex="-1">{say(session, |t| t.tour_title)}</h2>
                        <NextDoor to=Place::Tour/>
                    }
                    .into_any()
                }}
            </section>
        </Show>
    }
}

/// What stands in the card.
pub(super) fn steps(tour: Tour) -> AnyView {
    view! { <Steps tour/> }.into_any()
}

#[component]
fn Steps(tour: Tour) -> impl IntoView {
    let session = use_session();
    let step = Memo::new(move |_| tour.progress.with(|progress| progress.step));
    let done = Memo::new(move |_| tour.progress.with(|progress| progress.is_done(progress.step)));
    let count = Memo::new(move |_| tour.progress.with(|progress| progress.count()));
    let name = move || step.get().name();
    view! {
        <p class="label">{say(session, |t| t.tour_title)} " · " {move || {
            session.words().step_of(step.get().index() + 1, Step::ALL.len())
        }}</p>
        <ol class="steps" data-testid="tour-steps" data-done=count>
            {Step::ALL.map(|each| view! { <Mark tour each/> }).collect_view()}
        </ol>
        <h2 id=TITLE tabindex="-1" data-testid="tour-step" data-step=name data-done=move || done.get().to_string()>
            {move || session.words().step_title(step.get())}
        </h2>
        <p>{move || session.words().step_about(step.get())}</p>
        <p class="task">
            <strong>{say(session, |t| t.tour_to_do)} ": "</strong>
            {move || session.words().step_task(step.get())}
        </p>
        {move || view! { <Bench step=step.get() hashed=tour.hashed/> }}
        <div class="happened" role="status" aria-live="polite">
            {move || done.get().then(|| view! {
                <p data-testid="tour-seen">
                    <strong><span class="sign" aria-hidden="true">"✓ "</span>{say(session, |t| t.tour_done)} ". "</strong>
                    {move || session.words().step_seen(step.get())}
                </p>
            })}
            {move || (count.get() == Step::ALL.len()).then(|| view! {
                <p data-testid="tour-over">
                    {say(session, |t| t.tour_over)} " "
                    <a href=session.href(&Place::Lab)>{say(session, |t| t.lab_link)}</a>
                </p>
            })}
        </div>
        <Ways tour/>
    }
}

/// A step's mark, which leads to it.
#[component]
fn Mark(tour: Tour, each: Step) -> impl IntoView {
    let session = use_session();
    let done = Memo::new(move |_| tour.progress.with(|progress| progress.is_done(each)));
    let here = Memo::new(move |_| tour.progress.with(|progress| progress.step == each));
    let sign = move || if done.get() { "✓".to_owned() } else { (each.index() + 1).to_string() };
    let label = move || {
        let words = session.words();
        let state = if done.get() { words.lab().tour_done } else { words.lab().tour_to_do };
        // What is seen is part of the name, for those who speak to the page.
        format!("{}. {}: {state}", each.index() + 1, words.step_title(each))
    };
    view! {
        <li>
            <button
                type="button"
                class="mark-step"
                class:done=move || done.get()
                aria-current=move || here.get().then_some("step")
                aria-label=label
                title=move || session.words().step_title(each)
                data-testid=format!("tour-mark-{}", each.name())
                data-done=move || done.get().to_string()
                on:click=move |_| tour.go(each)
            >
                <span aria-hidden="true">{sign}</span>
            </button>
        </li>
    }
}

/// On, back, and from the beginning.
#[component]
fn Ways(tour: Tour) -> impl IntoView {
    let session = use_session();
    let beside = move |by| Memo::new(move |_| tour.progress.with(|progress| progress.beside(by)));
    let (before, after) = (beside(-1), beside(1));
    let go = move |to: Memo<Option<Step>>| {
        if let Some(step) = to.get_untracked() {
            tour.go(step);
        }
    };
    let anew = move |_| {
        tour.hashed.set(0);
        tour.go(Step::Hash);
        tour.set(Progress::default());
    };
    let any = Memo::new(move |_| tour.progress.with(|progress| progress.count() > 0));
    view! {
        <p class="buttons">
            <button type="button" class="quiet" data-testid="tour-back" disabled=move || before.get().is_none() on:click=move |_| go(before)>
                {say(session, |t| t.tour_back)}
            </button>
            <button type="button" class="primary" data-testid="tour-on" disabled=move || after.get().is_none() on:click=move |_| go(after)>
                {say(session, |t| t.tour_on)}
            </button>
            <Show when=move || any.get()>
                <button type="button" class="quiet" data-testid="tour-anew" on:click=anew>
                    {say(session, |t| t.tour_anew)}
                </button>
            </Show>
        </p>
    }
}
