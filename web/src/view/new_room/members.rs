//! Who seals the blocks of a room, and who may write into it.

use chain_wasm::api::MAX_MEMBERS;
use leptos::prelude::*;

use super::Form;

#[component]
pub(super) fn Members(form: Form) -> impl IntoView {
    let session = form.session;
    let fault = move || {
        let words = session.words();
        form.faults.with(|faults| faults.members.as_ref().map(|fault| words.member_fault(fault)))
    };
    let wrong = Memo::new(move |_| form.faults.with(|faults| faults.members.is_some()));
    view! {
        <fieldset class="options" aria-describedby="new-members-error">
            <legend>{session.room_text(|t| t.members)}</legend>
            <label class="option">
                <input
                    type="checkbox"
                    data-testid="new-with-me"
                    prop:checked=move || form.draft.with(|draft| draft.with_me)
                    on:change=move |event| {
                        let with_me = event_target_checked(&event);
                        form.change(|draft| draft.with_me = with_me);
                    }
                />
                <span>
                    <strong>{session.room_text(|t| t.member_me)}</strong>
                    <span class="hint">{session.room_text(|t| t.member_me_hint)}</span>
                </span>
            </label>
            <div class="rows">
                <label for="new-invited">{session.room_text(|t| t.member_links)}</label>
                <input
                    id="new-invited"
                    type="number"
                    min="0"
                    max=MAX_MEMBERS
                    data-testid="new-invited"
                    aria-describedby="new-invited-hint"
                    prop:value=move || form.draft.with(|draft| draft.invited.to_string())
                    on:input=move |event| {
                        // What is no number yet is nobody.
                        let invited = event_target_value(&event).parse().unwrap_or_default();
                        form.change(|draft| draft.invited = invited);
                    }
                />
                <p class="hint" id="new-invited-hint">{session.room_text(|t| t.member_links_hint)}</p>
                <label for="new-members">{session.room_text(|t| t.member_keys)}</label>
                <textarea
                    id="new-members"
                    rows="2"
                    class="code"
                    spellcheck="false"
                    data-testid="new-members"
                    aria-describedby="new-members-hint new-members-error"
                    aria-invalid=move || wrong.get().then_some("true")
                    prop:value=move || form.draft.with(|draft| draft.members.clone())
                    on:input=move |event| {
                        let members = event_target_value(&event);
                        form.change(|draft| draft.members = members);
                    }
                ></textarea>
                <p class="hint" id="new-members-hint">{session.room_text(|t| t.member_keys_hint)}</p>
            </div>
            <p
                id="new-members-error"
                class="error"
                data-testid="new-members-error"
                aria-live="polite"
            >
                {fault}
            </p>
        </fieldset>
        <Writers form/>
    }
}

#[component]
fn Writers(form: Form) -> impl IntoView {
    let session = form.session;
    let members = Memo::new(move |_| form.draft.with(|draft| draft.members_write));
    view! {
        <fieldset class="choice-line">
            <legend>{session.room_text(|t| t.writers)}</legend>
            <label class="check">
                <input
                    type="radio"
                    name="new-writers"
                    data-testid="new-writers-anyone"
                    prop:checked=move || !members.get()
                    on:change=move |_| form.change(|draft| draft.members_write = false)
                />
                <span>{session.room_text(|t| t.writers_anyone)}</span>
            </label>
            <label class="check">
                <input
                    type="radio"
                    name="new-writers"
                    data-testid="new-writers-members"
                    prop:checked=move || members.get()
                    on:change=move |_| form.change(|draft| draft.members_write = true)
                />
                <span>{session.room_text(|t| t.writers_members)}</span>
            </label>
        </fieldset>
    }
}
