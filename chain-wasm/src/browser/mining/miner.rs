//! A miner: a worker that only searches.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::message::{FromMiner, ToMiner, job};
use super::meter::Meter;
use super::search::{Progress, Search};
use super::tick::Tick;
use crate::browser::{crash, page, scope};

/// How long a slice should take, in milliseconds: between two of them the miner
/// hears of newer jobs.
const SLICE: f64 = 15.0;

/// What a miner searches, and how quickly.
#[derive(Default)]
struct Work {
    search: Option<Search>,
    meter: Meter,
    /// Up to when the time is counted.
    counted: f64,
}

/// Runs a miner; returns once its message handler is set.
pub(in crate::browser) fn run_miner(scope: &DedicatedWorkerGlobalScope) {
    crash::install(scope, report);
    let work: Rc<RefCell<Work>> = Rc::default();
    let tick = {
        // The tick asks for itself.
        let own: Rc<RefCell<Option<Tick>>> = Rc::default();
        let (work, again) = (Rc::clone(&work), Rc::clone(&own));
        let slice = move || {
            if step(&mut work.borrow_mut())
                && let Some(tick) = &*again.borrow()
            {
                tick.request();
            }
        };
        match Tick::new(slice) {
            Ok(tick) => own.replace(Some(tick)),
            Err(error) => return crash::die(report, &scope::describe(&error)),
        };
        own
    };
    let on_message = Closure::<dyn Fn(MessageEvent)>::new(move |event: MessageEvent| {
        let next = match page::read(event.data()) {
            Ok(ToMiner::Search { job: id, header, difficulty, start, end }) => {
                job(id, header, difficulty).map(|job| Search::new(job, start, end))
            }
            Ok(ToMiner::Stop) => None,
            Err(error) => return scope::log(&format!("a miner's job was not read: {error}")),
        };
        let work = &mut *work.borrow_mut();
        // While there is a search, its tick is under way.
        let idle = work.search.is_none();
        work.search = next;
        if idle && work.search.is_some() {
            work.counted = scope::precise();
            if let Some(tick) = &*tick.borrow() {
                tick.request();
            }
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    on_message.forget();
    page::post(&FromMiner::Ready);
}

/// Searches one slice; tells whether there is more to search.
fn step(work: &mut Work) -> bool {
    let Some(current) = &mut work.search else { return false };
    let (job, before) = (current.job(), current.next());
    let progress = current.step(SLICE, scope::precise);
    let tried = current.next() - before;
    let now = scope::precise();
    let took = now - std::mem::replace(&mut work.counted, now);
    if let Some(per_second) = work.meter.count(tried, took) {
        page::post(&FromMiner::Rate { per_second });
    }
    match progress {
        Progress::Searching => return true,
        Progress::Found(nonce) => page::post(&FromMiner::Sealed { job, nonce }),
        Progress::Exhausted => page::post(&FromMiner::Exhausted { job }),
    }
    work.search = None;
    false
}

fn report(message: String) {
    page::post(&FromMiner::Failed { message });
}
