//! The way to another room: of a public one the name is all it takes.

use chain_wasm::api::{RoomChoice, is_valid_room_name};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::use_session;
use crate::browser;
use crate::model::route::{self, RouteFault};

#[component]
pub(super) fn RoomForm() -> impl IntoView {
    let session = use_session();
    let open = RwSignal::new(false);
    let name = RwSignal::new(String::new());
    let refused = RwSignal::new(false);
    let enter = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        let name = name.get_untracked().trim().to_owned();
        if !is_valid_room_name(&name) {
            refused.set(true);
            return browser::focus("other-room");
        }
        refused.set(false);
        open.set(false);
        browser::set_fragment(&route::write(&RoomChoice::named(name)));
    };
    let on_key = move |event: leptos::ev::KeyboardEvent| {
        // Escape within a character that is being composed belongs to the input method.
        if event.key() == "Escape" && open.get_untracked() && !event.is_composing() {
            open.set(false);
            browser::focus("other-room-summary");
        }
    };
    // It covers what comes after it, so it does not stay open when the focus moves on.
    let on_focus_out = move |event: leptos::ev::FocusEvent| {
        let form = event.current_target().and_then(|it| it.dyn_into::<web_sys::Node>().ok());
        let next = event.related_target().and_then(|it| it.dyn_into::<web_sys::Node>().ok());
        if let (Some(form), Some(next)) = (form, next)
            && !form.contains(Some(&next))
        {
            open.set(false);
        }
    };
    view! {
        <details
            class="other-room"
            prop:open=open
            on:toggle=move |event| {
                open.set(event_target::<web_sys::Element>(&event).has_attribute("open"));
            }
            on:keydown=on_key
            on:focusout=on_focus_out
        >
            <summary id="other-room-summary">{session.text(|t| t.other_room)}</summary>
            <form class="popover" novalidate on:submit=enter>
                <label for="other-room">{session.text(|t| t.room_name)}</label>
                <input
                    id="other-room"
                    type="text"
                    autocomplete="off"
                    aria-describedby="other-room-hint other-room-error"
                    aria-invalid=move || refused.get().then_some("true")
                    prop:value=name
                    on:input=move |event| {
                        name.set(event_target_value(&event));
                        refused.set(false);
                    }
                />
                <p id="other-room-error" class="error" aria-live="polite">
                    {move || refused.get().then(|| session.words().route_fault(RouteFault::Name))}
                </p>
                <p id="other-room-hint" class="hint">{session.text(|t| t.room_name_hint)}</p>
                <button type="submit">{session.text(|t| t.enter_room)}</button>
            </form>
        </details>
    }
}
