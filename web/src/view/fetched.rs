//! What a page of the explorer asks of the node, followed as the chain changes.

use chain_wasm::api::{Command, Outcome};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::use_session;
use crate::node_link::CallError;

/// An answer of the node; `None` until it comes.
pub(super) type Fetched = Option<Result<Outcome, CallError>>;

/// Asks the node at once, and again each time the tip has moved: what is asked for may
/// have come, or left the chain. The last answer stays until the next is here.
pub(super) fn fetched(command: Command) -> RwSignal<Fetched> {
    let session = use_session();
    let answer = RwSignal::new(None);
    let asked = StoredValue::new(0_u32);
    let tip = session.part(|node| node.tip.hash);
    let running = session.running();
    Effect::new(move |_| {
        if tip.get().is_none() || !running.get() {
            return;
        }
        asked.update_value(|asked| *asked = asked.wrapping_add(1));
        let number = asked.get_value();
        let command = command.clone();
        spawn_local(async move {
            let came = Some(session.call(command).await);
            // The page may show something else by now, or an answer to a later question.
            let is_last = asked.try_get_value() == Some(number);
            let is_new = answer.try_with_untracked(|known| *known != came) == Some(true);
            if is_last && is_new {
                answer.try_set(came);
            }
        });
    });
    answer
}
