//! The end of a worker that panicked.
//!
//! After a panic nothing in this instance's memory can be relied on. The hook says
//! so to whoever made the worker and closes it: the browser runs none of its
//! handlers and timers again, ends its miners, and frees its slot.

use std::cell::Cell;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{DedicatedWorkerGlobalScope, ErrorEvent};

use super::scope;

thread_local! {
    static DEAD: Cell<bool> = const { Cell::new(false) };
}

/// Has `report` called with the message of the first panic, or of the first error
/// that no code caught (running out of memory or of stack is one without a panic).
pub(super) fn install(scope: &DedicatedWorkerGlobalScope, report: fn(String)) {
    std::panic::set_hook(Box::new(move |panic| die(report, &panic.to_string())));
    let on_error = Closure::<dyn Fn(JsValue)>::new(move |event: JsValue| {
        let message = event.dyn_ref::<ErrorEvent>().map_or_else(
            || scope::property(&event, "reason").map(|reason| scope::describe(&reason)),
            |event| Some(event.message()),
        );
        die(report, &message.unwrap_or_default());
    });
    for kind in ["error", "unhandledrejection"] {
        let handler = on_error.as_ref().unchecked_ref();
        if let Err(error) = scope.add_event_listener_with_callback(kind, handler) {
            scope::log(&format!("no handler for {kind}: {}", scope::describe(&error)));
        }
    }
    // It lives as long as the worker.
    on_error.forget();
}

/// Reports, once, and ends the worker. Posted messages still arrive.
pub(super) fn die(report: fn(String), message: &str) {
    if DEAD.replace(true) {
        return;
    }
    web_sys::console::error_1(&JsValue::from_str(&format!("Tabchain: {message}")));
    report(message.to_owned());
    if let Some(scope) = scope::worker() {
        scope.close();
    }
}
