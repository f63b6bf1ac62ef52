//! Cutting this tab off, and coming back.

use chain_wasm::api::LinkView;
use leptos::prelude::*;

use super::{Experiment, told};
use crate::model::lab::Happened;
use crate::view::use_session;

#[component]
pub(in crate::view) fn CutOff() -> impl IntoView {
    let session = use_session();
    let link = session.part(|node| node.link.clone());
    let running = session.running();
    let happened = RwSignal::new(None::<Happened>);
    let off = Memo::new(move |_| matches!(link.get(), Some(LinkView::Offline { .. })));
    let online = Memo::new(move |_| matches!(link.get(), Some(LinkView::Online { .. })));
    let toggle = move |_| {
        let back = off.get_untracked();
        session.set_connected(back);
        happened.set(Some(if back { Happened::Rejoined } else { Happened::CutOff }));
    };
    view! {
        <Experiment name="cut" title=|t| t.cut_title about=|t| t.cut_about happened=told(session, happened)>
            <p>
                <span class="sign" aria-hidden="true">{move || if online.get() { "●" } else { "○" }}</span>
                " "
                {move || {
                    let texts = session.words().lab();
                    if online.get() { texts.cut_state_on } else { texts.cut_state_off }
                }}
            </p>
            <button type="button" data-testid="cut-toggle" disabled=move || !running.get() on:click=toggle>
                {move || {
                    let texts = session.words().lab();
                    if off.get() { texts.cut_back } else { texts.cut_off }
                }}
            </button>
        </Experiment>
    }
}
