//! The node worker's miners.

use std::num::NonZeroUsize;
use std::rc::Rc;

use wasm_bindgen::prelude::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Event, MessageEvent, Worker, WorkerOptions, WorkerType};

use super::dispatch::Dispatch;
use super::message::{FromMiner, ToMiner};
use super::search::{Progress, Search};
use super::tick::Tick;
use crate::browser::{MINER_NAME, page, scope};
use crate::node::{Input, SealJob};

/// How long a slice of the node worker's own search should take, in milliseconds:
/// the node answers nothing meanwhile.
const OWN_SLICE: f64 = 8.0;

/// How many miners a tab has. One: a crowd of tabs searches as well as a crowd of
/// miners, and a tab leaves its user's other cores alone.
const POOL_SIZE: NonZeroUsize = NonZeroUsize::MIN;

/// Something for the pool to [take](Pool::handle).
pub(in crate::browser) enum PoolSignal {
    /// A miner said something.
    Message(usize, FromMiner),
    /// A miner failed.
    Failed(String),
    /// It is time for a slice of the own search.
    Slice,
}

/// One miner.
struct Miner {
    worker: Worker,
    ready: bool,
    _on_message: Closure<dyn Fn(MessageEvent)>,
    _on_error: Closure<dyn Fn(Event)>,
}

impl Miner {
    fn post(&self, message: &ToMiner) {
        let posted = page::write(message)
            .map_err(|error| error.to_string())
            .and_then(|value| self.worker.post_message(&value).map_err(|e| scope::describe(&e)));
        if let Err(error) = posted {
            scope::log(&format!("a miner was not told: {error}"));
        }
    }
}

impl Drop for Miner {
    fn drop(&mut self) {
        self.worker.set_onmessage(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
    }
}

/// What has become of the miners.
enum Miners {
    /// None was needed yet.
    Unmade,
    /// They run, or will.
    Made(Vec<Miner>),
    /// There are none to be had.
    Refused,
}

/// The miners of a node, and the node worker's own search where they can't help.
pub(in crate::browser) struct Pool {
    miners: Miners,
    dispatch: Dispatch,
    own: Option<Search>,
    tick: Option<Tick>,
    signal: Rc<dyn Fn(PoolSignal)>,
}

impl Pool {
    /// A pool that has its signals sent to `signal`, which must not call back into
    /// the pool.
    pub(in crate::browser) fn new(signal: Rc<dyn Fn(PoolSignal)>) -> Self {
        let slice = Rc::clone(&signal);
        let tick = Tick::new(move || slice(PoolSignal::Slice));
        if let Err(error) = &tick {
            scope::log(&format!("no search without miners: {}", scope::describe(error)));
        }
        let (miners, dispatch) = (Miners::Unmade, Dispatch::default());
        Self { miners, dispatch, own: None, tick: tick.ok(), signal }
    }

    /// Begins a job, instead of any before it. An easy one is done at once.
    pub(in crate::browser) fn seal(&mut self, job: SealJob) -> Option<Input> {
        self.stop();
        let id = job.job;
        let mut search = Search::new(job, 0, 1 << 32);
        if let Progress::Found(nonce) = search.step(OWN_SLICE, scope::precise) {
            return Some(Input::Sealed { job: id, nonce });
        }
        let (job, from) = search.rest();
        self.dispatch.begin(job.clone(), from);
        if matches!(self.miners, Miners::Unmade) {
            self.make();
        }
        if !self.give_all() {
            self.search_alone(job, from);
        }
        None
    }

    /// Ends the job.
    pub(in crate::browser) fn stop(&mut self) {
        let searching = self.dispatch.job().is_some();
        self.dispatch.clear();
        self.own = None;
        if searching {
            self.ready_miners().for_each(|(_, miner)| miner.post(&ToMiner::Stop));
        }
    }

    /// Takes a signal; returns what the node must know.
    pub(in crate::browser) fn handle(&mut self, signal: PoolSignal) -> Option<Input> {
        match signal {
            PoolSignal::Slice => self.slice(),
            PoolSignal::Failed(message) | PoolSignal::Message(_, FromMiner::Failed { message }) => {
                self.go_alone(&message);
                None
            }
            PoolSignal::Message(at, FromMiner::Ready) => {
                if let Miners::Made(miners) = &mut self.miners
                    && let Some(miner) = miners.get_mut(at)
                {
                    miner.ready = true;
                }
                // From here on the miner does what the node's worker began.
                if let Some(own) = self.own.take() {
                    let (job, from) = own.rest();
                    self.dispatch.begin(job, from);
                }
                self.give(at);
                None
            }
            PoolSignal::Message(_, FromMiner::Sealed { job, nonce }) => {
                if !self.dispatch.is_current(job) {
                    return None;
                }
                self.stop();
                Some(Input::Sealed { job, nonce })
            }
            PoolSignal::Message(at, FromMiner::Exhausted { job }) => {
                if !self.dispatch.is_current(job) {
                    return None;
                }
                self.give(at);
                let exhausted = self.dispatch.is_exhausted() && self.dispatch.end(job);
                exhausted.then_some(Input::SealExhausted { job })
            }
        }
    }

    fn ready_miners(&self) -> impl Iterator<Item = (usize, &Miner)> {
        let miners = match &self.miners {
            Miners::Made(miners) => miners.as_slice(),
            Miners::Unmade | Miners::Refused => &[],
        };
        miners.iter().enumerate().filter(|(_, miner)| miner.ready)
    }

    /// Gives a part of the job to every miner that is ready; tells whether one is.
    fn give_all(&mut self) -> bool {
        let ready: Vec<_> = self.ready_miners().map(|(at, _)| at).collect();
        for at in &ready {
            self.give(*at);
        }
        !ready.is_empty()
    }

    fn give(&mut self, at: usize) {
        let Miners::Made(miners) = &self.miners else { return };
        if let Some(miner) = miners.get(at)
            && let Some((job, part)) = self.dispatch.take(at)
        {
            miner.post(&ToMiner::search(job, part));
        }
    }

    fn slice(&mut self) -> Option<Input> {
        let own = self.own.as_mut()?;
        let job = own.job();
        let input = match own.step(OWN_SLICE, scope::precise) {
            Progress::Searching => {
                self.tick.as_ref()?.request();
                return None;
            }
            Progress::Found(nonce) => Input::Sealed { job, nonce },
            Progress::Exhausted => Input::SealExhausted { job },
        };
        self.stop();
        Some(input)
    }

    fn search_alone(&mut self, job: SealJob, from: u64) {
        if let Some(tick) = &self.tick {
            self.own = Some(Search::new(job, from, 1 << 32));
            tick.request();
        }
    }

    /// Does without miners from now on.
    fn go_alone(&mut self, message: &str) {
        scope::log(&format!("a miner failed, searching without: {message}"));
        self.miners = Miners::Refused;
        if self.own.is_none()
            && let Some(job) = self.dispatch.job().cloned()
        {
            self.search_alone(job, 0);
        }
    }

    fn make(&mut self) {
        let made: Result<Vec<_>, _> = (0..POOL_SIZE.get()).map(|at| self.make_one(at)).collect();
        self.miners = match made {
            Ok(miners) => Miners::Made(miners),
            Err(error) => {
                scope::log(&format!("no miners: {}", scope::describe(&error)));
                Miners::Refused
            }
        };
    }

    fn make_one(&self, at: usize) -> Result<Miner, JsValue> {
        let own = scope::worker().ok_or(JsValue::UNDEFINED)?;
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(MINER_NAME);
        let worker = Worker::new_with_options(&own.location().href(), &options)?;
        let on_message = {
            let signal = Rc::clone(&self.signal);
            Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
                match page::read(event.data()) {
                    Ok(message) => signal(PoolSignal::Message(at, message)),
                    Err(error) => signal(PoolSignal::Failed(error.to_string())),
                }
            })
        };
        let on_error = {
            let signal = Rc::clone(&self.signal);
            Closure::<dyn Fn(Event)>::new(move |event: Event| {
                // The node's worker goes on: it is no error of its own.
                event.prevent_default();
                signal(PoolSignal::Failed(scope::describe(&event)));
            })
        };
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        Ok(Miner { worker, ready: false, _on_message: on_message, _on_error: on_error })
    }
}
