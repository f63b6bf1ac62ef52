//! When this tab mines, whether it does now, and how quickly.

use chain_wasm::api::{ConsensusChoice, MiningMode};
use leptos::prelude::*;

use super::use_session;

#[component]
pub(super) fn Mining() -> impl IntoView {
    let session = use_session();
    let sealing = session.part(|node| node.sealing);
    let rate = session.part(|node| node.hash_rate);
    let running = session.running();
    let mode = Memo::new(move |_| sealing.get().map(|sealing| sealing.mode));
    let active = Memo::new(move |_| sealing.get().is_some_and(|sealing| sealing.active));
    let hint = move || {
        let consensus = session.room.with(|room| match room {
            Ok(room) => room.consensus.clone(),
            Err(_) => ConsensusChoice::USUAL,
        });
        mode.get().map(|mode| session.words().mining_hint(mode, &consensus))
    };
    let state = move || {
        let texts = session.words().texts();
        if active.get() { texts.mining_active } else { texts.mining_idle }
    };
    let speed = move || match rate.get().flatten() {
        Some(rate) => session.words().hash_rate(rate),
        None => session.words().texts().mining_rate_unknown.into(),
    };
    let workers = move || rate.get().flatten().map(|rate| rate.workers);
    let per_second = move || rate.get().flatten().map(|rate| rate.per_second.round());
    view! {
        <section class="card mining" aria-labelledby="mining-title">
            <h2 id="mining-title">{session.text(|t| t.mining_title)}</h2>
            <fieldset
                class="choice"
                data-testid="mining"
                data-mode=move || mode.get().map(mode_name)
                aria-describedby="mining-hint"
                disabled=move || !running.get()
            >
                <legend class="unseen">{session.text(|t| t.mining_when)}</legend>
                {[MiningMode::OnDemand, MiningMode::Always, MiningMode::Never]
                    .map(|choice| {
                        let name = mode_name(choice);
                        view! {
                            <label>
                                <input
                                    type="radio"
                                    name="mining"
                                    value=name
                                    data-testid=format!("mining-{name}")
                                    prop:checked=move || mode.get() == Some(choice)
                                    on:change=move |_| session.set_mining(choice)
                                />
                                <span>{move || session.words().mining_mode(choice)}</span>
                            </label>
                        }
                    })
                    .collect_view()}
            </fieldset>
            <p class="hint" id="mining-hint">{hint}</p>
            <dl class="pairs">
                <dt>{session.text(|t| t.mining_now)}</dt>
                <dd data-testid="mining-state" data-active=move || active.get().to_string()>
                    {state}
                </dd>
                <dt>{session.text(|t| t.mining_rate)}</dt>
                <dd data-testid="hash-rate" data-per-second=per_second data-workers=workers>
                    {speed}
                </dd>
            </dl>
        </section>
    }
}

/// A choice's name for tests and style sheets.
const fn mode_name(mode: MiningMode) -> &'static str {
    match mode {
        MiningMode::OnDemand => "on-demand",
        MiningMode::Always => "always",
        MiningMode::Never => "never",
    }
}
