//! Values of the protocol to and from JavaScript, alike on both ends: 64-bit
//! numbers are `BigInt`, byte fields `Uint8Array`.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::{Error, Serializer};
use wasm_bindgen::{JsCast, JsValue};

/// Writes a value for `postMessage`.
pub(super) fn write(value: &impl Serialize) -> Result<JsValue, Error> {
    value.serialize(&Serializer::new().serialize_large_number_types_as_bigints(true))
}

/// Reads a value that came by `postMessage`.
pub(super) fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, Error> {
    serde_wasm_bindgen::from_value(value)
}

/// What a thrown value says.
pub(super) fn describe(thrown: &JsValue) -> String {
    thrown
        .dyn_ref::<js_sys::Error>()
        .map_or_else(|| format!("{thrown:?}"), |error| error.message().into())
}
