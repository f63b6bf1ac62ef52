//! A row of a list that explains: what something is called, what it is, what it is for.
//!
//! A function, and its parts of one type each: what is written out anew for each of the
//! many rows would be half of the page's code.

use leptos::prelude::*;

use super::Session;
use crate::i18n::Texts;

/// One of the texts.
pub(super) type Text = fn(&'static Texts) -> &'static str;

/// A row of a list of the class `explained`.
pub(super) fn row(session: Session, name: Text, value: AnyView, about: Option<Text>) -> AnyView {
    let about = about.map(|about| view! { <p class="hint">{session.text(about)}</p> });
    view! {
        <dt>{session.text(name)}</dt>
        <dd>
            <div>{value}</div>
            {about}
        </dd>
    }
    .into_any()
}

/// As [`row`], where what it is for depends on the room.
pub(super) fn explained(
    session: Session,
    name: Text,
    value: AnyView,
    about: impl Fn() -> &'static str + Send + Sync + 'static,
) -> AnyView {
    view! {
        <dt>{session.text(name)}</dt>
        <dd>
            <div>{value}</div>
            <p class="hint">{about}</p>
        </dd>
    }
    .into_any()
}

/// A row of a list of the class `facts`.
pub(super) fn fact(session: Session, name: Text, value: AnyView) -> AnyView {
    view! { <div><dt>{session.text(name)}</dt><dd>{value}</dd></div> }.into_any()
}

/// As [`fact`], where the name depends on the room.
pub(super) fn labelled(
    name: impl Fn() -> &'static str + Send + Sync + 'static,
    value: AnyView,
) -> AnyView {
    view! { <div><dt>{name}</dt><dd>{value}</dd></div> }.into_any()
}

/// Text as it is.
pub(super) fn plain(text: String) -> AnyView {
    text.into_any()
}

/// A hash or key in full.
pub(super) fn code(text: String) -> AnyView {
    view! { <span class="code">{text}</span> }.into_any()
}

/// Text that changes, and what tests know it by.
pub(super) fn changing(
    test_id: &'static str,
    text: impl Fn() -> String + Send + Sync + 'static,
) -> AnyView {
    let text: Box<dyn Fn() -> String + Send + Sync> = Box::new(text);
    view! { <span data-testid=test_id>{text}</span> }.into_any()
}
