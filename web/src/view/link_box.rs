//! A link to be given on: to copy, to share, to photograph.

use leptos::prelude::*;
use leptos::task::spawn_local;
use web_sys::HtmlInputElement;

use super::qr::QrCode;
use super::use_session;
use crate::browser;

/// How long it is said that a link was copied, in milliseconds.
const SAID: u32 = 4_000;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Copied {
    Not,
    Done,
    Refused,
}

#[component]
pub(super) fn LinkBox(
    /// The field's id, which is also its test's.
    id: &'static str,
    /// Tells apart several with one id.
    #[prop(optional)]
    number: usize,
    /// What it is the link of.
    #[prop(into)]
    label: Signal<String>,
    /// The address.
    address: String,
    /// The room that it leads to.
    room: String,
    /// Whether its QR code is folded away.
    #[prop(optional)]
    folded: bool,
) -> impl IntoView {
    let session = use_session();
    let field = NodeRef::<leptos::html::Input>::new();
    let element_id = format!("{id}-{number}");
    let title = room.clone();
    let shared = address.clone();
    let share = move |_| {
        let (title, address) = (title.clone(), shared.clone());
        spawn_local(async move { browser::rooms::share(&title, &address).await });
    };
    let select = |event: leptos::ev::FocusEvent| {
        event_target::<HtmlInputElement>(&event).select();
    };
    let code = view! { <QrCode text=address.clone() room/> };
    view! {
        <div class="link-box">
            <label for=element_id.clone()>{label}</label>
            <input
                id=element_id
                type="text"
                readonly
                class="code"
                data-testid=id
                node_ref=field
                prop:value=address.clone()
                on:focus=select
            />
            <div class="buttons">
                <CopyButton text=address field/>
                {browser::rooms::can_share().then(|| view! {
                    <button type="button" class="quiet" on:click=share>
                        {session.room_text(|t| t.share)}
                    </button>
                })}
            </div>
            {if folded {
                view! { <details class="fold"><summary>"QR"</summary>{code}</details> }.into_any()
            } else {
                code.into_any()
            }}
        </div>
    }
}

/// Copies a text, or selects it in its field where the browser does not let it.
#[component]
pub(super) fn CopyButton(
    /// The text.
    text: String,
    /// Where it stands.
    #[prop(optional)]
    field: NodeRef<leptos::html::Input>,
    /// What the button says at first.
    #[prop(optional, into)]
    label: Option<Signal<&'static str>>,
) -> impl IntoView {
    let session = use_session();
    let copied = RwSignal::new(Copied::Not);
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let done = browser::copy(text).await;
            copied.try_set(if done { Copied::Done } else { Copied::Refused });
            if let Some(Some(field)) = field.try_get_untracked().filter(|_| !done) {
                drop(field.focus());
                field.select();
            }
            gloo_timers::future::TimeoutFuture::new(SAID).await;
            copied.try_set(Copied::Not);
        });
    };
    let said = move || {
        let words = session.words();
        match (copied.get(), label) {
            (Copied::Not, Some(label)) => label.get(),
            (Copied::Not, None) => words.texts().copy_link,
            (Copied::Done, _) => words.texts().link_copied,
            (Copied::Refused, _) => words.rooms().select_and_copy,
        }
    };
    view! {
        <button type="button" class="quiet" on:click=copy>
            <span aria-live="polite">{said}</span>
        </button>
    }
}
