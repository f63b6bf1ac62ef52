//! Coming back to a piece of work after everything else that waits.

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::MessageChannel;

use crate::browser::scope;

/// Calls back after the messages that wait now. A timer would do, but browsers hold
/// nested timers back by 4 ms, and those of hidden pages by much more.
pub(super) struct Tick {
    channel: MessageChannel,
    _on_message: Closure<dyn FnMut()>,
}

impl Tick {
    /// Has `work` called once for each [`request`](Self::request).
    pub(super) fn new(work: impl FnMut() + 'static) -> Result<Self, JsValue> {
        let channel = MessageChannel::new()?;
        let on_message = Closure::<dyn FnMut()>::new(work);
        channel.port1().set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        Ok(Self { channel, _on_message: on_message })
    }

    /// Asks for one call.
    pub(super) fn request(&self) {
        if let Err(error) = self.channel.port2().post_message(&JsValue::UNDEFINED) {
            scope::log(&format!("a slice was not planned: {}", scope::describe(&error)));
        }
    }
}
