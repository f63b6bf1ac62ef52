//! The node worker's loop: whatever happens becomes a [`Signal`], and one task takes
//! them in their order. So nothing re-enters the node, and there is one owner of
//! everything.

mod driver;

use std::rc::Rc;

use futures_channel::mpsc;
use futures_util::StreamExt;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use driver::{Driver, Ended};

use super::mining::PoolSignal;
use super::page::{self, Unreadable};
use super::start::{StartError, Started, start};
use super::storage::Database;
use super::{crash, scope};
use crate::api::{
    ApiError, Command, Outcome, Reply, Request, RequestId, RoomChoice, VERSION, WorkerMessage,
};
use crate::link::{SocketEvent, SocketId};
use crate::node::Input;

/// Something that happened.
enum Signal {
    /// The page asked for something.
    Request(Result<Request, Unreadable>),
    /// A start ended.
    Started(RequestId, Result<Box<Started>, StartError>, String),
    /// A socket did something.
    Socket(SocketId, SocketEvent),
    /// The store answers the node.
    Stored(Input),
    /// A miner, or the search without one.
    Pool(PoolSignal),
    /// The time that the timer was set to has come.
    Timer,
}

/// Takes signals from everywhere. Its queue grows no longer than what happens within
/// one turn of the browser's event loop: the loop below empties it in each.
type Signals = mpsc::UnboundedSender<Signal>;

/// How far this worker is.
enum State {
    Idle,
    Starting,
    Running(Box<Driver>),
    /// What was known of the chain is forgotten.
    Ended,
}

/// Runs the node worker; returns once its message handler is set.
pub(super) fn run(scope: &DedicatedWorkerGlobalScope) {
    crash::install(scope, report);
    let (signals, queue) = mpsc::unbounded();
    let on_message = {
        let signals = signals.clone();
        Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
            tell(&signals, Signal::Request(page::read_request(&event.data())));
        })
    };
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    on_message.forget();
    spawn_local(take(queue, signals));
    page::post(&WorkerMessage::Booted { version: VERSION });
}

fn report(message: String) {
    page::post(&WorkerMessage::Crashed { message });
}

/// The loop lives as long as the worker, so there is always somebody to tell.
fn tell(signals: &Signals, signal: Signal) {
    if signals.unbounded_send(signal).is_err() {
        scope::log("the node has ended");
    }
}

fn reply(id: RequestId, outcome: Result<Outcome, ApiError>) {
    page::post(&WorkerMessage::Reply(Reply { id, outcome }));
}

async fn take(mut queue: mpsc::UnboundedReceiver<Signal>, signals: Signals) {
    let mut state = State::Idle;
    while let Some(signal) = queue.next().await {
        state = match signal {
            Signal::Request(Ok(request)) => on_request(state, request, &signals),
            Signal::Request(Err(error)) => {
                match error.id {
                    Some(id) => reply(id, Err(ApiError::Unreadable(error.message))),
                    None => scope::log(&format!("a message was not read: {error}")),
                }
                state
            }
            Signal::Started(id, Ok(started), relay_url) => {
                State::Running(Driver::begin(id, *started, relay_url, signals.clone()))
            }
            Signal::Started(id, Err(error), _) => {
                scope::log(&format!("not started: {error}"));
                match error.api() {
                    Some(api) => reply(id, Err(api)),
                    None => return crash::die(report, &error.to_string()),
                }
                State::Idle
            }
            other => {
                let mut state = state;
                if let State::Running(driver) = &mut state {
                    driver.signal(other);
                }
                state
            }
        };
    }
}

fn on_request(state: State, request: Request, signals: &Signals) -> State {
    let Request { id, command } = request;
    let mut state = match (state, &command) {
        (State::Running(driver), Command::Forget) => return forget(id, driver),
        (state, _) => state,
    };
    match (&mut state, command) {
        (State::Idle, Command::Start { room, relay_url }) => {
            spawn_local(begin(id, room, relay_url, signals.clone()));
            return State::Starting;
        }
        (_, Command::Start { .. }) => reply(id, Err(ApiError::AlreadyStarted)),
        (State::Running(driver), command) => driver.command(id, command),
        (State::Idle | State::Starting | State::Ended, _) => reply(id, Err(ApiError::NotStarted)),
    }
    state
}

async fn begin(id: RequestId, room: RoomChoice, relay_url: String, signals: Signals) {
    let started = start(&room, &relay_url).await.map(Box::new);
    tell(&signals, Signal::Started(id, started, relay_url));
}

/// Ends a node of a room for experiments, and empties its store.
fn forget(id: RequestId, driver: Box<Driver>) -> State {
    match driver.end() {
        Ok(ended) => {
            spawn_local(empty(id, ended));
            State::Ended
        }
        Err((driver, error)) => {
            reply(id, Err(error));
            State::Running(driver)
        }
    }
}

/// Empties the store of a node that has ended, all but its keys.
async fn empty(id: RequestId, ended: Ended) {
    let Ended { chain, slot, written } = ended;
    // What was on its way comes first: the sender is dropped once there is nothing more.
    let _ = written.await;
    let emptied = Database::empty(&chain, slot.number).await;
    // Whoever starts next takes the same slot, so it is free before that is told.
    drop(slot);
    let outcome = match emptied {
        Ok(()) => Ok(Outcome::Done),
        Err(error) => {
            scope::log(&format!("the store was not emptied: {error}"));
            Err(ApiError::StorageFailed(error.reason()))
        }
    };
    reply(id, outcome);
}

/// A function that sends a signal.
fn sender<T>(signals: &Signals, signal: impl Fn(T) -> Signal + 'static) -> Rc<dyn Fn(T)>
where
    T: 'static,
{
    let signals = signals.clone();
    Rc::new(move |value| tell(&signals, signal(value)))
}
