//! One of several things to choose, each explained in a line; and lengths of time.

use leptos::prelude::*;

use super::super::use_session;

/// A text that follows the language.
type Said = Signal<&'static str>;

#[component]
pub(super) fn Choice(
    /// The name that the buttons of the group share.
    group: &'static str,
    /// Tells it from the others.
    value: &'static str,
    /// What it is.
    #[prop(into)]
    title: Said,
    /// What that means.
    #[prop(into)]
    hint: Said,
    /// Whether it is chosen.
    chosen: Signal<bool>,
    /// Chooses it.
    choose: impl Fn() + 'static,
) -> impl IntoView {
    let about = format!("{group}-{value}");
    view! {
        <label class="option">
            <input
                type="radio"
                name=group
                value=value
                data-testid=about.clone()
                aria-describedby=about.clone()
                prop:checked=chosen
                on:change=move |_| choose()
            />
            <span>
                <strong>{title}</strong>
                <span class="hint" id=about>{hint}</span>
            </span>
        </label>
    }
}

#[component]
pub(super) fn Durations(
    /// The field's id, which is also its test's.
    id: &'static str,
    /// What takes so long.
    #[prop(into)]
    label: Said,
    /// What that means.
    #[prop(into)]
    hint: Said,
    /// What can be chosen, in milliseconds.
    offered: &'static [u32],
    /// What is chosen.
    chosen: Signal<u32>,
    /// Chooses.
    choose: impl Fn(u32) + 'static,
) -> impl IntoView {
    let session = use_session();
    let about = format!("{id}-hint");
    view! {
        <div class="rows">
            <label for=id>{label}</label>
            <select
                id=id
                data-testid=id
                aria-describedby=about.clone()
                on:change=move |event| {
                    if let Ok(millis) = event_target_value(&event).parse() {
                        choose(millis);
                    }
                }
            >
                {offered.iter().map(|millis| view! {
                    <option
                        value=millis.to_string()
                        selected=move || chosen.get() == *millis
                    >
                        {move || session.words().interval(*millis)}
                    </option>
                }).collect_view()}
            </select>
            <p class="hint" id=about>{hint}</p>
        </div>
    }
}
