//! Files that the user gives: they are read here and leave the page nowhere.

use chain_wasm::primitives::{Hash, Hasher};
use js_sys::{Array, ArrayBuffer, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    Blob, BlobPropertyBag, DataTransfer, DragEvent, File, HtmlAnchorElement, HtmlInputElement, Url,
};

use super::document;
use crate::model::file::ReadError;

/// How much of a file is read and hashed at a time, in bytes: some milliseconds each, so
/// that the page stays awake between them.
const CHUNK: u32 = 1024 * 1024;

/// The size of a file in bytes.
pub(crate) fn size(file: &Blob) -> u64 {
    // Whole, and no file has 2^53 bytes.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
    {
        file.size().max(0.0) as u64
    }
}

/// SHA-256 of what is in a file. `go_on` is told how many bytes have been hashed, and
/// says whether to.
///
/// # Errors
/// [`ReadError`]
pub(crate) async fn hash(file: &File, go_on: impl Fn(u64) -> bool) -> Result<Hash, ReadError> {
    let mut hasher = Hasher::default();
    let (mut at, size) = (0.0, file.size());
    let mut done = 0;
    while at < size {
        if !go_on(done) {
            return Err(ReadError::GivenUp);
        }
        let end = (at + f64::from(CHUNK)).min(size);
        let chunk = file.slice_with_f64_and_f64(at, end).map_err(|e| unreadable(&e))?;
        let chunk = bytes(&chunk).await?;
        hasher.update(&chunk);
        done += chunk.len() as u64;
        at = end;
    }
    if go_on(done) { Ok(hasher.finish()) } else { Err(ReadError::GivenUp) }
}

/// What is in a small file, as text; what is not UTF-8 is replaced.
///
/// # Errors
/// [`ReadError::Unreadable`]
pub(crate) async fn text(file: &File) -> Result<String, ReadError> {
    Ok(String::from_utf8_lossy(&bytes(file).await?).into_owned())
}

async fn bytes(blob: &Blob) -> Result<Vec<u8>, ReadError> {
    let buffer = JsFuture::from(blob.array_buffer()).await.map_err(|e| unreadable(&e))?;
    let buffer: ArrayBuffer = buffer.dyn_into().map_err(|e| unreadable(&e))?;
    Ok(Uint8Array::new(&buffer).to_vec())
}

fn unreadable(error: &JsValue) -> ReadError {
    let message = js_sys::Reflect::get(error, &"message".into()).ok();
    let message = message.and_then(|message| message.as_string());
    ReadError::Unreadable(message.unwrap_or_else(|| format!("{error:?}")))
}

/// The file that was chosen in a field, which is emptied: the same file can be chosen
/// again.
pub(crate) fn chosen(field: &HtmlInputElement) -> Option<File> {
    let file = field.files().and_then(|files| files.get(0));
    field.set_value("");
    file
}

/// Whether something that is dragged over the page has files in it.
pub(crate) fn has_files(event: &DragEvent) -> bool {
    let types = event.data_transfer().map(|data: DataTransfer| data.types());
    types.is_some_and(|types| types.iter().any(|kind| kind.as_string().as_deref() == Some("Files")))
}

/// The first file that was dropped.
pub(crate) fn dropped(event: &DragEvent) -> Option<File> {
    event.data_transfer()?.files()?.get(0)
}

/// A file that is dropped beside the form would take the page's place, and with it what was
/// being typed.
pub(crate) fn refuse_beside(event: &JsValue) {
    let Some(event) = event.dyn_ref::<DragEvent>() else { return };
    if has_files(event) && !event.default_prevented() {
        event.prevent_default();
        if let Some(data) = event.data_transfer() {
            data.set_drop_effect("none");
        }
    }
}

/// What is in a file; `None` if it cannot be read, or has more bytes than so many.
pub(crate) async fn read(file: &File, limit: u64) -> Option<Vec<u8>> {
    if size(file) > limit {
        return None;
    }
    bytes(file).await.ok()
}

/// Lets the user save a file of some media type. Returns whether the browser could be asked
/// to.
pub(crate) fn download(name: &str, media_type: &str, bytes: &[u8]) -> bool {
    save(name, media_type, bytes).is_some()
}

fn save(name: &str, media_type: &str, bytes: &[u8]) -> Option<()> {
    let options = BlobPropertyBag::new();
    options.set_type(media_type);
    let parts = Array::of1(&Uint8Array::from(bytes));
    let blob = Blob::new_with_u8_array_sequence_and_options(&parts, &options).ok()?;
    let url = Url::create_object_url_with_blob(&blob).ok()?;
    let link: HtmlAnchorElement = document()?.create_element("a").ok()?.dyn_into().ok()?;
    link.set_href(&url);
    link.set_download(name);
    link.click();
    // The browser has taken what the address stands for by the next turn.
    gloo_timers::callback::Timeout::new(1_000, move || drop(Url::revoke_object_url(&url))).forget();
    Some(())
}
