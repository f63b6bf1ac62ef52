//! Slots by Web Locks: the browser itself sees to it that one tab has each, and
//! frees it when the tab's worker ends, however that comes about.

use futures_channel::oneshot;
use futures_util::future::{Either, select};
use js_sys::{Function, Object, Promise, Reflect};
use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;

use super::{SLOTS, SlotError};
use crate::browser::scope;
use crate::primitives::ChainId;

/// A lock; dropping it gives it back.
pub(super) struct Lock {
    /// Resolves the promise that holds the lock.
    release: Function,
}

impl Drop for Lock {
    fn drop(&mut self) {
        if let Err(error) = self.release.call0(&JsValue::NULL) {
            scope::log(&format!("a lock was not released: {}", scope::describe(&error)));
        }
    }
}

/// Takes the lowest lock that is free.
///
/// # Errors
/// [`SlotError::Unsupported`] without Web Locks, [`SlotError::Full`] if none is free.
pub(super) async fn claim(chain: &ChainId) -> Result<(u32, Lock), SlotError> {
    let locks = scope::worker()
        .and_then(|scope| scope::property(&scope.navigator(), "locks"))
        .ok_or_else(|| SlotError::Unsupported("not in this context".to_owned()))?;
    for slot in 0..SLOTS {
        let name = format!("tabchain/{chain}/{slot}");
        if let Some(lock) = request(&locks, &name).await.map_err(unsupported)? {
            return Ok((slot, lock));
        }
    }
    Err(SlotError::Full)
}

#[expect(clippy::needless_pass_by_value, reason = "maps an error")]
fn unsupported(error: JsValue) -> SlotError {
    SlotError::Unsupported(scope::describe(&error))
}

/// Asks for one lock, without waiting for it to become free.
async fn request(locks: &JsValue, name: &str) -> Result<Option<Lock>, JsValue> {
    let request: Function = Reflect::get(locks, &"request".into())?.dyn_into()?;
    let options = Object::new();
    Reflect::set(&options, &"ifAvailable".into(), &JsValue::TRUE)?;
    let (answer, answered) = oneshot::channel();
    let callback = Closure::once(move |lock: JsValue| -> JsValue {
        if lock.is_null() || lock.is_undefined() {
            // Whoever asked may be gone; then there is nobody to tell.
            let _ = answer.send(None);
            return JsValue::UNDEFINED;
        }
        let mut release = None;
        // The lock is held until this promise is resolved.
        let held = Promise::new(&mut |resolve, _| release = Some(resolve));
        let _ = answer.send(release.map(|release| Lock { release }));
        held.into()
    });
    let promise: Promise =
        request.call3(locks, &name.into(), &options, callback.as_ref())?.dyn_into()?;
    match select(answered, JsFuture::from(promise)).await {
        Either::Left((Ok(lock), _)) => Ok(lock),
        Either::Left((Err(oneshot::Canceled), _)) => Ok(None),
        Either::Right((Ok(_), answered)) => Ok(answered.await.ok().flatten()),
        Either::Right((Err(error), _)) => Err(error),
    }
}
