//! The top of the page: what this is, which room, which language.

use leptos::prelude::*;

use super::room::Room;
use super::{mark::Mark, use_session};
use crate::i18n::Language;

#[component]
pub(super) fn Header() -> impl IntoView {
    let session = use_session();
    view! {
        <header class="top">
            <div class="brand">
                <Mark/>
                <div>
                    <h1>"Tabchain"</h1>
                    <p class="tagline">{session.text(|t| t.tagline)}</p>
                </div>
            </div>
            <div class="top-right">
                <Room/>
                <fieldset class="choice languages" data-testid="language">
                    <legend class="unseen">{session.text(|t| t.language)}</legend>
                    {Language::ALL.map(|language| {
                        let chosen = move || session.language.get() == language;
                        view! {
                            <label lang=language.tag()>
                                <input
                                    type="radio"
                                    name="language"
                                    value=language.tag()
                                    prop:checked=chosen
                                    on:change=move |_| session.speak(language)
                                />
                                <span>{language.own_name()}</span>
                            </label>
                        }
                    }).collect_view()}
                </fieldset>
            </div>
        </header>
    }
}
