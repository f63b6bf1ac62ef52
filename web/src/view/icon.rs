//! Small signs that say what a word beside them says: none depends on its colour alone.

use chain_wasm::api::EntryState;
use leptos::prelude::*;

/// What a sign means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// Kept by this tab: something put into a tray.
    Stored,
    /// Sent to the room: waves from a point.
    Announced,
    /// In a block: a tick in a box.
    InBlock,
    /// Out of a block again: an arrow that turns back.
    Returned,
    /// No longer accepted: a cross in a circle.
    Refused,
    /// A file: a sheet with a folded corner.
    File,
    /// Something to know before going on: a triangle.
    Warning,
}

impl Sign {
    /// The sign of an entry's state; `None`: it was refused.
    pub(super) fn of(state: Option<EntryState>) -> Self {
        match state {
            Some(EntryState::Stored) => Self::Stored,
            Some(EntryState::Announced) => Self::Announced,
            Some(EntryState::InBlock { .. }) => Self::InBlock,
            Some(EntryState::Returned) => Self::Returned,
            None => Self::Refused,
        }
    }

    /// Strokes in a square of 16.
    const fn strokes(self) -> &'static str {
        match self {
            Self::Stored => "M8 2v7M5 6.5 8 9.5l3-3M2.5 9v4.5h11V9",
            Self::Announced => {
                "M8 8h.01M5.2 10.8a4 4 0 0 1 0-5.6M10.8 5.2a4 4 0 0 1 0 5.6\
                 M3 13a7 7 0 0 1 0-10M13 3a7 7 0 0 1 0 10"
            }
            Self::InBlock => "M2.5 2.5h11v11h-11zM5 8.2l2.2 2.3L11 5.8",
            Self::Returned => "M6 3 2.5 6.5 6 10M2.5 6.5H10a3.5 3.5 0 0 1 0 7H7",
            Self::Refused => {
                "M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM5.6 5.6l4.8 4.8M10.4 5.6l-4.8 4.8"
            }
            Self::File => "M3.5 1.5h6l3 3v10h-9zM9.5 1.5v3h3M5.5 8h5M5.5 11h5",
            Self::Warning => "M8 2 1.5 13.5h13zM8 6.5v3.2M8 11.6v.1",
        }
    }

    const fn class(self) -> &'static str {
        match self {
            Self::Stored => "icon sign-stored",
            Self::Announced => "icon sign-announced",
            Self::InBlock => "icon sign-in-block",
            Self::Returned => "icon sign-returned",
            Self::Refused => "icon sign-refused",
            Self::File => "icon sign-file",
            Self::Warning => "icon sign-warning",
        }
    }
}

#[component]
pub(super) fn Icon(
    /// What it means.
    sign: Sign,
) -> impl IntoView {
    view! {
        <svg class=sign.class() viewBox="0 0 16 16" aria-hidden="true">
            <path d=sign.strokes()></path>
        </svg>
    }
}
