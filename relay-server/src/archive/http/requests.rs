//! What is asked, as JSON or in a query.

use serde::Deserialize;
use serde_json::value::RawValue;
use utoipa::openapi::schema::{AnyOfBuilder, ObjectBuilder, Schema, SchemaType, Type};
use utoipa::{IntoParams, ToSchema};

use super::problem::Problem;

/// Which blocks.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Range {
    /// The height to begin at, 0 without it.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u32)]
    pub(super) from: Option<u32>,
    /// How many at most, 20 without it.
    #[param(minimum = 1, maximum = 100)]
    pub(super) limit: Option<u32>,
}

/// Which of a block's entries.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Skip {
    /// How many entries to pass over, 0 without it.
    #[param(value_type = Option<u64>, maximum = 4_294_967_295_u32)]
    pub(super) skip: Option<u32>,
}

/// What is to be written.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewBlock {
    /// Any JSON value. A text that is not empty is written as it is, as `text/plain`; anything
    /// else as `application/json`, byte for byte as it was sent. At most 32 KiB.
    #[schema(schema_with = any_data)]
    pub(super) data: Box<RawValue>,
}

/// Any JSON value but the empty text.
fn any_data() -> Schema {
    let types = [Type::Object, Type::Array, Type::Number, Type::Boolean, Type::Null];
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(Some(1));
    let other = ObjectBuilder::new().schema_type(SchemaType::from_iter(types));
    AnyOfBuilder::new().item(text).item(other).build().into()
}

/// Another relay.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterNode {
    /// Its address, such as `https://relay.example`; http, ws and wss will do.
    #[schema(
        max_length = 256,
        pattern = r"^(https?|wss?)://[A-Za-z0-9.-]+(:(6553[0-5]|655[0-2][0-9]|65[0-4][0-9]{2}|6[0-4][0-9]{3}|[1-5][0-9]{4}|[0-9]{1,4}))?(/[A-Za-z0-9._~-]+)*/?$"
    )]
    pub(super) relay: String,
}

impl NewBlock {
    /// What is signed: a media type, and the bytes.
    pub(super) fn entry(&self) -> Result<(String, Vec<u8>), Problem> {
        let raw = self.data.get();
        if raw.starts_with('"') {
            let text: String = serde_json::from_str(raw).map_err(Problem::bad)?;
            return Ok(("text/plain".to_owned(), text.into_bytes()));
        }
        Ok(("application/json".to_owned(), raw.as_bytes().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(body: &str) -> (String, String) {
        let body: NewBlock = serde_json::from_str(body).unwrap();
        let (media_type, bytes) = body.entry().unwrap();
        (media_type, String::from_utf8(bytes).unwrap())
    }

    #[test]
    fn what_is_written_is_what_was_sent() {
        let text = |text: &str| ("text/plain".to_owned(), text.to_owned());
        let json = |text: &str| ("application/json".to_owned(), text.to_owned());
        assert_eq!(written(r#"{"data": "a\nb"}"#), text("a\nb"));
        assert_eq!(
            written(r#"{"data":  {"a": 1.0e400,  "b":[ ]} }"#),
            json(r#"{"a": 1.0e400,  "b":[ ]}"#)
        );
        assert_eq!(
            written(r#"{"data": 12345678901234567890123}"#),
            json("12345678901234567890123")
        );
        assert_eq!(written(r#"{"data": null}"#), json("null"));
    }
}
