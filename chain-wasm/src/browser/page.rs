//! Messages between this worker and whoever made it, as plain JavaScript values.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::JsValue;

use super::scope;
use crate::api::{Request, RequestId};

/// Numbers above 2^53 survive only as `BigInt`.
const SERIALIZER: Serializer = Serializer::new().serialize_large_number_types_as_bigints(true);

/// A request that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub(super) struct Unreadable {
    /// Its id, if at least that could be read.
    pub(super) id: Option<RequestId>,
    /// What is wrong with it.
    pub(super) message: String,
}

/// A value that could not be carried over.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub(super) struct CarryError(String);

/// Writes a message.
pub(super) fn write<T: Serialize>(message: &T) -> Result<JsValue, CarryError> {
    message.serialize(&SERIALIZER).map_err(|error| CarryError(error.to_string()))
}

/// Reads a message.
pub(super) fn read<T: DeserializeOwned>(value: JsValue) -> Result<T, CarryError> {
    serde_wasm_bindgen::from_value(value).map_err(|error| CarryError(error.to_string()))
}

/// Reads a request.
pub(super) fn read_request(value: &JsValue) -> Result<Request, Unreadable> {
    read(value.clone()).map_err(|CarryError(message)| {
        let id = scope::property(value, "id").and_then(|id| read(id).ok());
        Unreadable { id, message }
    })
}

/// Posts a message to whoever made this worker.
pub(super) fn post<T: Serialize>(message: &T) {
    let Some(scope) = scope::worker() else { return };
    match write(message) {
        Ok(value) => {
            if let Err(error) = scope.post_message(&value) {
                scope::log(&format!("a message was not posted: {}", scope::describe(&error)));
            }
        }
        Err(error) => scope::log(&format!("a message was not written: {error}")),
    }
}
