//! The log as a file: lines of text, or JSON for other programs.

use serde_json::{Map, Value, json as value};

use super::{Happening, Logged, Who};
use crate::model::format::{date_time, rfc_3339};

/// Lines of text, oldest first: the local time, and the sentence.
pub(crate) fn text<'a>(
    events: impl DoubleEndedIterator<Item = &'a Logged>,
    offset: impl Fn(u64) -> i32,
    sentence: impl Fn(&Happening) -> String,
) -> String {
    let lines = events.rev().map(|event| {
        let time = date_time(event.at, offset(event.at));
        format!("{time}  {}\n", sentence(&event.what))
    });
    lines.collect()
}

/// A list of objects, oldest first: number, time in UTC, kind, what happened with its parts,
/// and the sentence.
pub(crate) fn json<'a>(
    events: impl DoubleEndedIterator<Item = &'a Logged>,
    sentence: impl Fn(&Happening) -> String,
) -> String {
    let all: Vec<Value> = events
        .rev()
        .map(|event| {
            let mut object = Map::new();
            let mut put = |name: &str, value: Value| drop(object.insert(name.to_owned(), value));
            put("number", event.number.into());
            put("time", rfc_3339(event.at).into());
            put("kind", event.what.kind().name().into());
            put("text", sentence(&event.what).into());
            for (name, value) in parts(&event.what) {
                put(name, value);
            }
            Value::Object(object)
        })
        .collect();
    let mut text = format!("{:#}", Value::Array(all));
    text.push('\n');
    text
}

fn parts(what: &Happening) -> Vec<(&'static str, Value)> {
    let event = |name: &str| ("event", Value::from(name));
    let who = |who: &Who| {
        let author = who.author.map(|author| author.to_string());
        [("peer", value!(who.peer.to_string())), ("author", value!(author))]
    };
    let mut parts = Vec::new();
    match what {
        Happening::Started { height } => {
            parts.extend([event("started"), ("height", value!(height))]);
        }
        Happening::Failed => parts.push(event("failed")),
        Happening::Block { height, hash, added, entries, from, own } => {
            parts.extend([event("block"), ("height", value!(height))]);
            parts.extend([("hash", value!(hash.to_string())), ("added", value!(added))]);
            parts.extend([("entries", value!(entries)), ("own", value!(own))]);
            parts.extend(from.iter().flat_map(who));
        }
        Happening::CaughtUp { height, blocks } => {
            parts.extend([event("caught-up"), ("height", value!(height))]);
            parts.push(("blocks", value!(blocks)));
        }
        Happening::Reorganised(what) => {
            parts.extend([event("reorganised"), ("abandoned", value!(what.abandoned))]);
            parts.extend([("adopted", value!(what.adopted))]);
            parts.push(("waiting", value!(what.returned.waiting)));
            parts.push(("kept", value!(what.returned.kept)));
            parts.push(("refused", value!(what.returned.refused)));
        }
        Happening::Entry { id, state } => {
            parts.extend([event("entry"), ("id", value!(id.to_string()))]);
            parts.push(("state", value!(format!("{state:?}"))));
        }
        Happening::EntryRefused { id, winner } => {
            parts.extend([event("entry-refused"), ("id", value!(id.to_string()))]);
            parts.push(("winner", value!(winner.map(|winner| winner.to_string()))));
        }
        Happening::Joined(one) => parts.extend([event("joined")].into_iter().chain(who(one))),
        Happening::Left(one) => parts.extend([event("left")].into_iter().chain(who(one))),
        Happening::ManyJoined(count) => {
            parts.extend([event("joined"), ("count", value!(count))]);
        }
        Happening::ManyLeft(count) => parts.extend([event("left"), ("count", value!(count))]),
        Happening::Fault { who: one, fault, rule } => {
            parts.extend([event("fault")].into_iter().chain(who(one)));
            parts.extend([("fault", value!(format!("{fault:?}"))), ("rule", value!(rule))]);
        }
        Happening::Connected => parts.push(event("connected")),
        Happening::Disconnected(reason) => {
            parts.extend([event("disconnected"), ("reason", value!(format!("{reason:?}")))]);
        }
        Happening::Offline(reason) => {
            parts.extend([event("offline"), ("reason", value!(format!("{reason:?}")))]);
        }
        Happening::Storage(storage) => {
            parts.extend([event("storage"), ("storage", value!(format!("{storage:?}")))]);
        }
        Happening::Mining(mode) => {
            parts.extend([event("mining"), ("mode", value!(format!("{mode:?}")))]);
        }
    }
    parts
}
