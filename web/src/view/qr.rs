//! A QR code: dark on light in either theme, for a camera.

use leptos::prelude::*;

use super::use_session;
use crate::model::qr;

#[component]
pub(super) fn QrCode(
    /// What it holds.
    text: String,
    /// The room that it leads to.
    room: String,
) -> impl IntoView {
    let session = use_session();
    let about = move || session.words().qr_code(&room);
    qr::draw(&text).map(|drawing| {
        let area = format!("0 0 {size} {size}", size = drawing.size);
        view! {
            <svg class="qr" viewBox=area role="img" aria-label=about data-testid="qr">
                <rect width=drawing.size.to_string() height=drawing.size.to_string()></rect>
                <path d=drawing.path></path>
            </svg>
        }
    })
}
