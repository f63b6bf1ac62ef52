//! Signs of a tab's state: each has a shape of its own, and its word beside it.

use chain_wasm::api::PeerView;
use leptos::prelude::*;

use super::text;
use crate::i18n::Words;
use crate::view::use_session;

/// What a sign says of a tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Mark {
    /// This very tab: a disc in a ring.
    This,
    /// Nothing special: a ring.
    Plain,
    /// It looks for a block: a filled lozenge.
    Mining,
    /// Its page is hidden: half a disc.
    Hidden,
    /// It is ignored for what it did: a cross.
    Ignored,
}

impl Mark {
    /// All of them.
    const ALL: [Self; 5] = [Self::This, Self::Plain, Self::Mining, Self::Hidden, Self::Ignored];

    /// The most important of a peer.
    pub(super) const fn of(peer: &PeerView) -> Self {
        if peer.fault.is_some() {
            Self::Ignored
        } else if peer.sealing {
            Self::Mining
        } else if peer.hidden {
            Self::Hidden
        } else {
            Self::Plain
        }
    }

    /// Its class.
    const fn class(self) -> &'static str {
        match self {
            Self::This => "mark-of this",
            Self::Plain => "mark-of",
            Self::Mining => "mark-of mining-now",
            Self::Hidden => "mark-of asleep",
            Self::Ignored => "mark-of ignored",
        }
    }

    /// In a square of 12: what is stroked, and what is filled.
    const fn paths(self) -> (&'static str, &'static str) {
        match self {
            Self::This => (
                "M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z",
                "M6 3.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5z",
            ),
            Self::Plain => ("M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z", ""),
            Self::Mining => ("M6 .5 11.5 6 6 11.5.5 6z", "M6 .5 11.5 6 6 11.5.5 6z"),
            Self::Hidden => ("M6 1a5 5 0 1 0 0 10A5 5 0 0 0 6 1z", "M6 1a5 5 0 1 0 0 10z"),
            Self::Ignored => ("M1.5 1.5l9 9M10.5 1.5l-9 9", ""),
        }
    }

    fn word(self, words: &'static dyn Words) -> &'static str {
        let texts = words.texts();
        match self {
            Self::This => words.network().this_tab,
            Self::Plain => words.network().another_tab,
            Self::Mining => texts.peer_sealing,
            Self::Hidden => texts.hidden,
            Self::Ignored => texts.ignored,
        }
    }
}

/// A sign's shapes, for a drawing.
pub(super) fn shapes(mark: Mark) -> impl IntoView + use<> {
    let (stroked, filled) = mark.paths();
    view! {
        <g class=mark.class()>
            <path class="fill" d=filled></path>
            <path d=stroked></path>
        </g>
    }
}

/// What the signs mean.
#[component]
pub(super) fn Legend() -> impl IntoView {
    let session = use_session();
    view! {
        <ul class="legend" aria-label=text(session, |t| t.legend)>
            {Mark::ALL.map(|mark| view! {
                <li>
                    <svg viewBox="0 0 12 12" aria-hidden="true">{shapes(mark)}</svg>
                    {move || mark.word(session.words())}
                </li>
            }).collect_view()}
            <li>
                <svg class="tie-key" viewBox="0 0 24 12" aria-hidden="true">
                    <path class="tie same" d="M1 6h22"></path>
                </svg>
                {move || session.words().relation(crate::model::peer::Relation::Same)}
            </li>
            <li>
                <svg class="tie-key" viewBox="0 0 24 12" aria-hidden="true">
                    <path class="tie other" d="M1 6h22"></path>
                </svg>
                {text(session, |t| t.other_branches)}
            </li>
        </ul>
    }
}
