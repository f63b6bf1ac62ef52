//! Files: those that a user chose, and those that the page gives to be saved. None of
//! them leaves the browser.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DragEvent, Event, File, HtmlAnchorElement, HtmlInputElement, Url,
};

use super::document;

/// The file that was chosen in an input, which is empty again then: so the same file can
/// be chosen again.
pub(crate) fn chosen(event: &Event) -> Option<File> {
    let input: HtmlInputElement = event.target()?.dyn_into().ok()?;
    let file = input.files()?.get(0);
    input.set_value("");
    file
}

/// The file that was dropped.
pub(crate) fn dropped(event: &DragEvent) -> Option<File> {
    event.data_transfer()?.files()?.get(0)
}

/// A file's bytes; `None` if it cannot be read, or has more than so many.
pub(crate) async fn read(file: &File, limit: usize) -> Option<Vec<u8>> {
    #[expect(clippy::cast_precision_loss, reason = "limits are far below 2^53")]
    if file.size() > limit as f64 {
        return None;
    }
    let buffer = JsFuture::from(file.array_buffer()).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}

/// Gives a file to be saved, as a link does that is followed; `None` if the browser does
/// not let it.
pub(crate) fn save(name: &str, media_type: &str, bytes: &[u8]) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // Once the click is handled: some browsers read it only then.
    let revoke = move || drop(Url::revoke_object_url(&url));
    gloo_timers::callback::Timeout::new(REVOKE_AFTER, revoke).forget();
    Some(())
}

/// How long a file that is given to be saved stays in memory, in milliseconds.
const REVOKE_AFTER: u32 = 60_000;

/// Keeps the browser from opening a file that is dropped beside where it should be.
pub(crate) fn keep_dropped_files_out() {
    for event in ["dragover", "drop"] {
        super::on(event, |event: JsValue| {
            if let Some(event) = event.dyn_ref::<Event>() {
                event.prevent_default();
            }
        });
    }
}
