//! Whether the browser keeps what is stored, whatever the disk is short of (the Storage
//! Standard, section 4).

use js_sys::{Function, Promise, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::window;
use crate::model::persistence::Persistence;

/// What the browser has promised so far.
pub(crate) async fn persisted() -> Persistence {
    match ask("persisted").await {
        Some(true) => Persistence::Kept,
        Some(false) => Persistence::MayGo,
        None => Persistence::Unavailable,
    }
}

/// Asks the browser for the promise; it may ask the user.
pub(crate) async fn persist() -> Persistence {
    match ask("persist").await {
        Some(true) => Persistence::Kept,
        Some(false) => Persistence::Refused,
        None => Persistence::Unavailable,
    }
}

/// Over plain http there is no such object, and in an old browser no such function.
async fn ask(question: &str) -> Option<bool> {
    let storage = property(&window()?.navigator(), "storage")?;
    let ask: Function = property(&storage, question)?.dyn_into().ok()?;
    let answer: Promise = ask.call0(&storage).ok()?.dyn_into().ok()?;
    JsFuture::from(answer).await.ok()?.as_bool()
}

fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}
