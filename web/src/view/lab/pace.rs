//! How quickly this tab mines, and what the difficulty makes of it.

use chain_wasm::api::{LabCommand, LabPace};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::{Experiment, say, told};
use crate::model::format::difficulty;
use crate::model::lab::{Beat, Happened, beats};
use crate::view::use_session;

/// Sizes of the chart, in its own units.
const BAR: u32 = 10;
const HEIGHT: f64 = 40.0;

#[component]
pub(super) fn Pace() -> impl IntoView {
    let session = use_session();
    let running = session.running();
    let happened = RwSignal::new(None::<Happened>);
    let pace = Memo::new(move |_| session.model.with(|model| model.lab.pace));
    let choose = move |pace: LabPace| {
        spawn_local(async move {
            let outcome = match session.experiment(LabCommand::SetPace(pace)).await {
                Ok(_) => Happened::Paced(pace),
                Err(error) => Happened::Refused(error),
            };
            happened.try_set(Some(outcome));
        });
    };
    let beats = session.part(beats);
    let newest = move || {
        let beats = beats.get().unwrap_or_default();
        let (last, count) = (beats.last().copied()?, beats.len().min(5));
        let sum: u64 = beats.iter().rev().take(count).map(|beat| beat.gap).sum();
        let tenths = sum / u64::try_from(count).unwrap_or(1).max(1) / 100;
        let seconds = format!("{}.{}", tenths / 10, tenths % 10);
        Some(session.words().beat(&seconds, &difficulty(last.difficulty)))
    };
    let said = move || newest().unwrap_or_else(|| session.words().lab().pace_none.into());
    view! {
        <Experiment name="pace" title=|t| t.pace_title about=|t| t.pace_about happened=told(session, happened)>
            <fieldset class="choice" data-testid="pace" data-pace=move || name(pace.get()) disabled=move || !running.get()>
                <legend class="unseen">{say(session, |t| t.pace_title)}</legend>
                {[LabPace::Slow, LabPace::Normal, LabPace::Fast].map(|choice| view! {
                    <label>
                        <input
                            type="radio"
                            name="pace"
                            value=name(choice)
                            data-testid=format!("pace-{}", name(choice))
                            prop:checked=move || pace.get() == choice
                            on:change=move |_| choose(choice)
                        />
                        <span>{move || session.words().pace(choice)}</span>
                    </label>
                }).collect_view()}
            </fieldset>
            <p data-testid="beat">{said}</p>
            <div class="charts">
                <Chart label=|t| t.pace_gap values=Signal::derive(move || {
                    heights(beats.get().unwrap_or_default(), gap)
                })/>
                <Chart label=|t| t.pace_difficulty values=Signal::derive(move || {
                    heights(beats.get().unwrap_or_default(), |beat| beat.difficulty)
                })/>
            </div>
        </Experiment>
    }
}

#[expect(clippy::cast_precision_loss, reason = "it is for showing")]
fn gap(beat: &Beat) -> f64 {
    beat.gap as f64
}

/// A value of each block, as parts of the greatest.
fn heights(beats: Vec<Beat>, value: impl Fn(&Beat) -> f64) -> Vec<f64> {
    let values: Vec<f64> = beats.iter().map(value).collect();
    let most = values.iter().copied().fold(1.0, f64::max);
    values.into_iter().map(|value| value / most).collect()
}

/// What it shows stands beside it in words.
#[component]
fn Chart(
    label: fn(&'static crate::i18n::LabTexts) -> &'static str,
    values: Signal<Vec<f64>>,
) -> impl IntoView {
    let session = use_session();
    let width = u32::try_from(crate::model::lab::CHARTED).unwrap_or_default() * BAR;
    view! {
        <figure class="chart" aria-hidden="true">
            <svg viewBox=format!("0 0 {width} {HEIGHT}") preserveAspectRatio="none">
                {move || (0_u32..).zip(values.get()).map(|(at, part)| {
                    let height = (part * (HEIGHT - 1.0)).max(1.0);
                    view! {
                        <rect
                            x=at * BAR
                            y=format!("{:.1}", HEIGHT - height)
                            width=BAR - 2
                            height=format!("{height:.1}")
                        ></rect>
                    }
                }).collect_view()}
            </svg>
            <figcaption>{say(session, label)}</figcaption>
        </figure>
    }
}

/// A pace's name for tests and style sheets.
const fn name(pace: LabPace) -> &'static str {
    match pace {
        LabPace::Slow => "slow",
        LabPace::Normal => "normal",
        LabPace::Fast => "fast",
    }
}
