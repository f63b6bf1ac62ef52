//! How calls are refused, as `/openapi.json` says it: each with a [`Problem`].

use std::collections::BTreeMap;

use utoipa::openapi::{Content, Ref, RefOr, Response, ResponseBuilder};
use utoipa::{IntoResponses, ToSchema};

use super::problem::{MEDIA_TYPE, Problem};

type Refusal = (&'static str, &'static str);

const NOT_UNDERSTOOD: Refusal = ("400", "Not understood");
const BUSY: Refusal = ("503", "Busy, or the room has crashed");

/// Of calls that read in a room.
pub(super) struct OfReading;

/// Of calls that write in one.
pub(super) struct OfWriting;

impl IntoResponses for OfReading {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        describe(&[NOT_UNDERSTOOD, ("404", "No such room, or nothing of that name in it"), BUSY])
    }
}

impl IntoResponses for OfWriting {
    fn responses() -> BTreeMap<String, RefOr<Response>> {
        describe(&[
            NOT_UNDERSTOOD,
            ("401", "Not the token"),
            ("403", "Nobody may, or not the archive"),
            ("404", "No such room"),
            ("413", "Too large"),
            ("415", "Not JSON"),
            BUSY,
            ("507", "Full"),
        ])
    }
}

fn describe(refusals: &[Refusal]) -> BTreeMap<String, RefOr<Response>> {
    let problem = Content::new(Some(Ref::from_schema_name(Problem::name())));
    let describe = |&(status, why): &Refusal| {
        let response = ResponseBuilder::new().description(why).content(MEDIA_TYPE, problem.clone());
        (status.to_owned(), response.build().into())
    };
    refusals.iter().map(describe).collect()
}
