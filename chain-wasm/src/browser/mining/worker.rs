//! The node worker's end of one miner.

use std::rc::Rc;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::dispatch::SearcherId;
use super::message::ToMiner;
use super::pool::PoolSignal;
use crate::browser::{MINER_NAME, page, scope};

/// A miner in its worker. Dropping it ends the worker.
pub(super) struct MinerWorker {
    worker: Worker,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl MinerWorker {
    /// Starts a miner that is called `id`.
    pub(super) fn start(id: SearcherId, signal: &Rc<dyn Fn(PoolSignal)>) -> Result<Self, JsValue> {
        let own = scope::worker().ok_or(JsValue::UNDEFINED)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(MINER_NAME);
        let worker = Worker::new_with_options(&own.location().href(), &options)?;
        let on_message = {
            let signal = Rc::clone(signal);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                match page::read(event.data()) {
                    Ok(message) => signal(PoolSignal::Message(id, message)),
                    Err(error) => signal(PoolSignal::Failed(id, error.to_string())),
                }
            })
        };
        let on_error = {
            let signal = Rc::clone(signal);
            Closure::<dyn Fn(Event)>::new(move |event: Event| {
                // The node's worker goes on: it is no error of its own.
                event.prevent_default();
                signal(PoolSignal::Failed(id, scope::describe(&event)));
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Self { worker, _on_message: on_message, _on_error: on_error })
    }

    /// Tells it something; why it could not be told.
    pub(super) fn post(&self, message: &ToMiner) -> Result<(), String> {
        let value = page::write(message).map_err(|error| error.to_string())?;
        self.worker.post_message(&value).map_err(|error| scope::describe(&error))
    }
}

impl Drop for MinerWorker {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}
