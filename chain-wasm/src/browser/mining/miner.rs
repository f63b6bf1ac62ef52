//! A miner: a worker that only searches.

use std::cell::RefCell;
use std::rc::Rc;

use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use web_sys::{DedicatedWorkerGlobalScope, MessageEvent};

use super::message::{FromMiner, ToMiner, job};
use super::search::{Progress, Search};
use super::tick::Tick;
use crate::browser::{crash, page, scope};

/// How long a slice should take, in milliseconds: between two of them the miner
/// hears of newer jobs.
const SLICE: f64 = 25.0;

/// Runs a miner; returns once its message handler is set.
pub(in crate::browser) fn run_miner(scope: &DedicatedWorkerGlobalScope) {
    crash::install(scope, report);
    let search: Rc<RefCell<Option<Search>>> = Rc::default();
    let tick = {
        // The tick asks for itself.
        let own: Rc<RefCell<Option<Tick>>> = Rc::default();
        let (search, again) = (Rc::clone(&search), Rc::clone(&own));
        let work = move || {
            let mut search = search.borrow_mut();
            if step(&mut search)
                && let Some(tick) = &*again.borrow()
            {
                tick.request();
            }
        };
        match Tick::new(work) {
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
        let search = &mut *search.borrow_mut();
        // While there is a search, its tick is under way.
        let idle = search.is_none();
        *search = next;
        if idle
            && search.is_some()
            && let Some(tick) = &*tick.borrow()
        {
            tick.request();
        }
    });
    scope.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // It lives as long as the worker.
    on_message.forget();
    page::post(&FromMiner::Ready);
}

/// Searches one slice; tells whether there is more to search.
fn step(search: &mut Option<Search>) -> bool {
    let Some(current) = search else { return false };
    let job = current.job();
    match current.step(SLICE, scope::precise) {
        Progress::Searching => return true,
        Progress::Found(nonce) => page::post(&FromMiner::Sealed { job, nonce }),
        Progress::Exhausted => page::post(&FromMiner::Exhausted { job }),
    }
    *search = None;
    false
}

fn report(message: String) {
    page::post(&FromMiner::Failed { message });
}
