//! The form for a new room, and then its links. The room that one is in stays as it is.

mod created;
mod members;
mod option;

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::explorer::Title;
use super::{Session, use_session};
use crate::browser;
use crate::model::new_room::{Draft, DraftFaults, PATIENCES, Rule, TARGETS};
use crate::model::route::RouteFault;
use crate::session::{CreateFault, Created};
use created::CreatedRoom;
use members::Members;
use option::{Choice, Durations};

/// What the form holds.
#[derive(Clone, Copy)]
struct Form {
    session: Session,
    draft: RwSignal<Draft>,
    faults: RwSignal<DraftFaults>,
    /// Why nothing came of what was right.
    refused: RwSignal<Option<CreateFault>>,
    creating: RwSignal<bool>,
    created: RwSignal<Option<Created>>,
}

impl Form {
    /// Changes what was entered. What was wrong with it is no longer said.
    fn change(self, change: impl FnOnce(&mut Draft)) {
        self.draft.update(change);
        self.faults.set(DraftFaults::default());
        self.refused.set(None);
    }

    fn rule(self) -> Memo<Rule> {
        Memo::new(move |_| self.draft.with(|draft| draft.rule))
    }

    fn submit(self) {
        if self.creating.get_untracked() {
            return;
        }
        self.creating.set(true);
        spawn_local(async move {
            let made = self.session.create(self.draft.get_untracked()).await;
            self.creating.try_set(false);
            match made {
                Ok(created) => {
                    self.created.try_set(Some(created));
                    gloo_timers::future::TimeoutFuture::new(0).await;
                    browser::scroll_to(0.0);
                    browser::focus("created-title");
                }
                Err(CreateFault::Draft(faults)) => {
                    let field = if faults.name { "new-name" } else { "new-members" };
                    self.faults.try_set(faults);
                    browser::focus(field);
                }
                Err(other) => {
                    self.refused.try_set(Some(other));
                }
            }
        });
    }

    fn refusal(self) -> Option<String> {
        let words = self.session.words();
        self.refused.get().map(|refused| match refused {
            CreateFault::Call(error) => words.call_error(&error),
            CreateFault::Random | CreateFault::Draft(_) => words.rooms().no_randomness.into(),
        })
    }

    /// What the room will be.
    fn summary(self) -> String {
        self.draft.with(|draft| {
            let members = draft.check().map_or(0, |pasted| pasted.len()) + draft.made();
            // Which secret it will have is of no account here.
            let secret =
                draft.private.then(|| chain_wasm::private::RoomSecret::from_bytes([0; 32]));
            let room = draft.room([].into(), secret);
            self.session.words().room_summary(&room, members)
        })
    }
}

#[component]
pub(super) fn NewRoom() -> impl IntoView {
    let session = use_session();
    let form = Form {
        session,
        draft: RwSignal::new(Draft::default()),
        faults: RwSignal::new(DraftFaults::default()),
        refused: RwSignal::new(None),
        creating: RwSignal::new(false),
        created: RwSignal::new(None),
    };
    move || match form.created.get() {
        Some(created) => view! { <CreatedRoom created/> }.into_any(),
        None => view! { <Fields form/> }.into_any(),
    }
}

#[component]
fn Fields(form: Form) -> impl IntoView {
    let session = form.session;
    let submit = move |event: leptos::ev::SubmitEvent| {
        event.prevent_default();
        form.submit();
    };
    let rule = form.rule();
    view! {
        <Title>{session.room_text(|t| t.new_room_title)}</Title>
        <p class="hint">{session.room_text(|t| t.new_room_hint)}</p>
        <form class="new-room" novalidate data-testid="new-room" on:submit=submit>
            <Name form/>
            <Readers form/>
            <Rules form/>
            {move || match rule.get() {
                Rule::Work => Some(view! {
                    <Durations
                        id="new-target"
                        label=session.room_text(|t| t.target)
                        hint=session.room_text(|t| t.target_hint)
                        offered=&TARGETS
                        chosen=Signal::derive(move || form.draft.with(|draft| draft.target))
                        choose=move |millis| form.change(|draft| draft.target = millis)
                    />
                }.into_any()),
                Rule::Authority => Some(view! {
                    <Members form/>
                    <Durations
                        id="new-patience"
                        label=session.room_text(|t| t.patience)
                        hint=session.room_text(|t| t.patience_hint)
                        offered=&PATIENCES
                        chosen=Signal::derive(move || form.draft.with(|draft| draft.patience))
                        choose=move |millis| form.change(|draft| draft.patience = millis)
                    />
                }.into_any()),
                Rule::Open => None,
            }}
            <Purposes form/>
            <p class="summary" data-testid="new-summary">
                <strong>{session.room_text(|t| t.summary)}</strong>
                <span aria-live="polite">{move || form.summary()}</span>
            </p>
            <p class="error" role="alert">{move || form.refusal()}</p>
            <button
                type="submit"
                class="primary"
                data-testid="new-create"
                aria-disabled=move || form.creating.get().then_some("true")
            >
                {move || {
                    let texts = session.words().rooms();
                    if form.creating.get() { texts.creating } else { texts.create }
                }}
            </button>
        </form>
    }
}

#[component]
fn Name(form: Form) -> impl IntoView {
    let session = form.session;
    let wrong = Memo::new(move |_| form.faults.with(|faults| faults.name));
    view! {
        <div class="rows">
            <label for="new-name">{session.text(|t| t.room_name)}</label>
            <input
                id="new-name"
                type="text"
                autocomplete="off"
                data-testid="new-name"
                aria-describedby="new-name-error"
                aria-invalid=move || wrong.get().then_some("true")
                prop:value=move || form.draft.with(|draft| draft.name.clone())
                on:input=move |event| {
                    let name = event_target_value(&event);
                    form.change(|draft| draft.name = name);
                }
            />
            <p id="new-name-error" class="error" data-testid="new-name-error" aria-live="polite">
                {move || wrong.get().then(|| session.words().route_fault(RouteFault::Name))}
            </p>
        </div>
    }
}

#[component]
fn Readers(form: Form) -> impl IntoView {
    let session = form.session;
    let private = Memo::new(move |_| form.draft.with(|draft| draft.private));
    view! {
        <fieldset class="options">
            <legend>{session.room_text(|t| t.readers)}</legend>
            <Choice
                group="new-readers"
                value="public"
                title=session.room_text(|t| t.readers_all)
                hint=session.room_text(|t| t.readers_all_hint)
                chosen=Signal::derive(move || !private.get())
                choose=move || form.change(|draft| draft.private = false)
            />
            <Choice
                group="new-readers"
                value="private"
                title=session.room_text(|t| t.readers_members)
                hint=session.room_text(|t| t.readers_members_hint)
                chosen=Signal::derive(move || private.get())
                choose=move || form.change(|draft| draft.private = true)
            />
        </fieldset>
    }
}

#[component]
fn Rules(form: Form) -> impl IntoView {
    let session = form.session;
    let rule = form.rule();
    let is = move |wanted: Rule| Signal::derive(move || rule.get() == wanted);
    view! {
        <fieldset class="options">
            <legend>{session.room_text(|t| t.rule)}</legend>
            <Choice
                group="new-rule"
                value="work"
                title=session.room_text(|t| t.rule_work)
                hint=session.room_text(|t| t.rule_work_hint)
                chosen=is(Rule::Work)
                choose=move || form.change(|draft| draft.rule = Rule::Work)
            />
            <Choice
                group="new-rule"
                value="authority"
                title=session.room_text(|t| t.rule_authority)
                hint=session.room_text(|t| t.rule_authority_hint)
                chosen=is(Rule::Authority)
                choose=move || form.change(|draft| draft.rule = Rule::Authority)
            />
            <Choice
                group="new-rule"
                value="open"
                title=session.room_text(|t| t.rule_open)
                hint=session.room_text(|t| t.rule_open_hint)
                chosen=is(Rule::Open)
                choose=move || form.change(|draft| draft.rule = Rule::Open)
            />
        </fieldset>
    }
}

#[component]
fn Purposes(form: Form) -> impl IntoView {
    let session = form.session;
    let lab = Memo::new(move |_| form.draft.with(|draft| draft.lab));
    view! {
        <fieldset class="options">
            <legend>{session.room_text(|t| t.purpose)}</legend>
            <Choice
                group="new-purpose"
                value="records"
                title=session.room_text(|t| t.purpose_records)
                hint=session.room_text(|t| t.purpose_records_hint)
                chosen=Signal::derive(move || !lab.get())
                choose=move || form.change(|draft| draft.lab = false)
            />
            <Choice
                group="new-purpose"
                value="lab"
                title=session.room_text(|t| t.purpose_lab)
                hint=session.room_text(|t| t.purpose_lab_hint)
                chosen=Signal::derive(move || lab.get())
                choose=move || form.change(|draft| draft.lab = true)
            />
        </fieldset>
    }
}
