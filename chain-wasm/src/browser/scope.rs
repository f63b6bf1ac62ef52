//! The worker's global scope, its clocks and its log.

use js_sys::{Date, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::DedicatedWorkerGlobalScope;

use crate::node::Now;
use crate::primitives::{Instant, UnixMillis};

/// This worker, if it is a dedicated one.
pub(super) fn worker() -> Option<DedicatedWorkerGlobalScope> {
    js_sys::global().dyn_into().ok()
}

/// Both clocks.
pub(super) fn now() -> Now {
    Now { mono: Instant(millis(precise())), wall: UnixMillis(millis(Date::now())) }
}

/// The monotonic clock in milliseconds, as finely as the browser gives it.
pub(super) fn precise() -> f64 {
    worker().and_then(|scope| scope.performance()).map_or_else(Date::now, |clock| clock.now())
}

/// How many cores the browser says there are; 0 if it does not say.
pub(super) fn cores() -> usize {
    let cores = worker().map_or(0.0, |scope| scope.navigator().hardware_concurrency());
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    {
        cores as usize
    }
}

/// Whether the browser says that it is online, when this worker started.
pub(super) fn online() -> bool {
    worker().is_none_or(|scope| scope.navigator().on_line())
}

/// A property of an object; `None` if it is absent, null or cannot be read.
pub(super) fn property(object: &JsValue, name: &str) -> Option<JsValue> {
    let value = Reflect::get(object, &name.into()).ok()?;
    (!value.is_undefined() && !value.is_null()).then_some(value)
}

/// Says something to whoever reads the browser's log.
pub(super) fn log(message: &str) {
    web_sys::console::info_1(&JsValue::from_str(&format!("Tabchain: {message}")));
}

/// What a thrown value says.
pub(super) fn describe(value: &JsValue) -> String {
    let text = property(value, "message").and_then(|message| message.as_string());
    text.or_else(|| value.as_string()).unwrap_or_else(|| format!("{value:?}"))
}

fn millis(value: f64) -> u64 {
    // Saturates: a clock before its epoch reads 0.
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "saturates")]
    {
        value as u64
    }
}
