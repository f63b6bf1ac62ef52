//! The node worker's miners.

use std::collections::BTreeMap;
use std::rc::Rc;

use gloo_timers::callback::Timeout;

use super::dispatch::{Dispatch, SearcherId};
use super::message::{FromMiner, ToMiner};
use super::meter::Meter;
use super::search::{Progress, Search};
use super::tick::Tick;
use super::worker::MinerWorker;
use crate::api::HashRateView;
use crate::browser::scope;
use crate::node::{Input, SealJob};

/// How long a slice of the node worker's own search should take, in milliseconds:
/// the node answers nothing meanwhile.
const OWN_SLICE: f64 = 8.0;

/// The most miners of a tab. Each has an instance of the module and some megabytes of
/// memory of its own, and a browser may hold many tabs that mine.
const MAX_MINERS: usize = 8;

/// How long miners without a job are kept, in milliseconds. They cost no time, but
/// memory.
const KEEP_IDLE: u32 = 60_000;

/// The least time between two hash rates that are told, in milliseconds.
const TELL_INTERVAL: f64 = 500.0;

/// The searcher that is the node's own worker. Miners are counted from 1.
const OWN: SearcherId = 0;

/// Something for the pool to [take](Pool::handle).
pub(in crate::browser) enum PoolSignal {
    /// A miner said something.
    Message(SearcherId, FromMiner),
    /// A miner failed.
    Failed(SearcherId, String),
    /// It is time for a slice of the own search.
    Slice,
    /// There was no job for a while.
    Idle,
}

struct Miner {
    worker: MinerWorker,
    ready: bool,
    /// What it measured last, in hashes a second.
    rate: Option<f64>,
}

/// The miners of a node, and the node worker's own search where they can't help.
///
/// There is none until a job comes that is not done in a moment; then there is one,
/// and all once that one has searched for half a second. They are ended when there
/// was no job for a minute. The own search goes on while no miner is ready.
pub(in crate::browser) struct Pool {
    miners: BTreeMap<SearcherId, Miner>,
    last_miner: SearcherId,
    /// How many miners there may be: one less for each that failed.
    size: usize,
    failures: u32,
    dispatch: Dispatch,
    own: Option<Search>,
    own_meter: Meter,
    tick: Option<Tick>,
    /// Whether a tick is under way.
    ticking: bool,
    idle: Option<Timeout>,
    rate: Option<HashRateView>,
    rate_is_new: bool,
    rate_told: f64,
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
        Self {
            miners: BTreeMap::new(),
            last_miner: OWN,
            size: miners_for(scope::cores()),
            failures: 0,
            dispatch: Dispatch::default(),
            own: None,
            own_meter: Meter::default(),
            tick: tick.ok(),
            ticking: false,
            idle: None,
            rate: None,
            rate_is_new: false,
            rate_told: f64::NEG_INFINITY,
            signal,
        }
    }

    /// Begins a job, instead of any before it. An easy one is done at once.
    pub(in crate::browser) fn seal(&mut self, job: SealJob) -> Option<Input> {
        self.stop();
        let id = job.job;
        let mut search = Search::new(job, 0, 1 << 32);
        if let Progress::Found(nonce) = search.step(OWN_SLICE, scope::precise) {
            return Some(Input::Sealed { job: id, nonce });
        }
        self.idle = None;
        let from = search.next();
        self.dispatch.begin(search.into_job(), from);
        self.go_on();
        None
    }

    /// Ends the job.
    pub(in crate::browser) fn stop(&mut self) {
        if !self.dispatch.is_active() {
            return;
        }
        self.dispatch.clear();
        self.own = None;
        for miner in self.miners.values().filter(|miner| miner.ready) {
            if let Err(error) = miner.worker.post(&ToMiner::Stop) {
                scope::log(&format!("a miner was not stopped: {error}"));
            }
        }
        let signal = Rc::clone(&self.signal);
        self.idle = Some(Timeout::new(KEEP_IDLE, move || signal(PoolSignal::Idle)));
    }

    /// Takes a signal; returns what the node must know.
    pub(in crate::browser) fn handle(&mut self, signal: PoolSignal) -> Option<Input> {
        match signal {
            PoolSignal::Slice => return self.slice(),
            PoolSignal::Idle if self.dispatch.is_active() => {}
            PoolSignal::Idle => self.miners.clear(),
            PoolSignal::Failed(id, message)
            | PoolSignal::Message(id, FromMiner::Failed { message }) => self.lose(id, &message),
            PoolSignal::Message(id, FromMiner::Ready) => {
                if let Some(miner) = self.miners.get_mut(&id) {
                    miner.ready = true;
                    self.go_on();
                }
            }
            PoolSignal::Message(id, FromMiner::Rate { per_second }) => {
                if let Some(miner) = self.miners.get_mut(&id) {
                    miner.rate = Some(per_second);
                    self.measured();
                    self.add_miners(self.size);
                }
            }
            PoolSignal::Message(_, FromMiner::Sealed { job, nonce }) => {
                if self.dispatch.is_current(job) {
                    self.stop();
                    return Some(Input::Sealed { job, nonce });
                }
            }
            PoolSignal::Message(id, FromMiner::Exhausted { job }) => {
                if self.dispatch.is_current(job) && self.miners.contains_key(&id) {
                    self.give(id);
                    if self.dispatch.is_exhausted() {
                        self.stop();
                        return Some(Input::SealExhausted { job });
                    }
                }
            }
        }
        None
    }

    /// How quickly is searched; `None` until it was measured.
    pub(in crate::browser) const fn hash_rate(&self) -> Option<HashRateView> {
        self.rate
    }

    /// The hash rate, if it was measured since this last gave it, and that was not
    /// just now.
    pub(in crate::browser) fn take_new_rate(&mut self) -> Option<HashRateView> {
        let now = scope::precise();
        if !self.rate_is_new || now - self.rate_told < TELL_INTERVAL {
            return None;
        }
        (self.rate_is_new, self.rate_told) = (false, now);
        self.rate
    }

    /// Sees to it that whoever can search does.
    fn go_on(&mut self) {
        if !self.dispatch.is_active() {
            return;
        }
        if self.miners.is_empty() {
            self.add_miners(1);
        }
        let ready: Vec<_> =
            self.miners.iter().filter(|(_, miner)| miner.ready).map(|(id, _)| *id).collect();
        if ready.is_empty() {
            return self.search_alone();
        }
        // From here on the miners do what the node's worker began.
        if let Some(own) = self.own.take() {
            self.dispatch.give_back(OWN, Some(own.next()));
        }
        for id in ready {
            if !self.dispatch.is_searching(id) {
                self.give(id);
            }
        }
    }

    /// Gives a miner its next part, if there is one.
    fn give(&mut self, id: SearcherId) {
        if let Some(miner) = self.miners.get(&id)
            && let Some((job, part)) = self.dispatch.take(id)
            && let Err(error) = miner.worker.post(&ToMiner::search(job, part))
        {
            // As any other failure of a miner, once what is under way is done.
            (self.signal)(PoolSignal::Failed(id, error));
        }
    }

    fn search_alone(&mut self) {
        if self.own.is_none()
            && let Some((job, part)) = self.dispatch.take(OWN)
        {
            self.own = Some(Search::new(job.clone(), part.start, part.end));
            self.request_tick();
        }
    }

    fn request_tick(&mut self) {
        if let Some(tick) = &self.tick
            && !self.ticking
        {
            self.ticking = true;
            tick.request();
        }
    }

    fn slice(&mut self) -> Option<Input> {
        self.ticking = false;
        let own = self.own.as_mut()?;
        let (job, before, since) = (own.job(), own.next(), scope::precise());
        let progress = own.step(OWN_SLICE, scope::precise);
        let tried = own.next() - before;
        if let Some(per_second) = self.own_meter.count(tried, scope::precise() - since) {
            self.rate = Some(HashRateView { per_second, workers: 0 });
            self.rate_is_new = true;
        }
        match progress {
            Progress::Searching => self.request_tick(),
            Progress::Found(nonce) => {
                self.stop();
                return Some(Input::Sealed { job, nonce });
            }
            Progress::Exhausted => {
                self.own = None;
                self.search_alone();
                if self.own.is_none() && self.dispatch.is_exhausted() {
                    self.stop();
                    return Some(Input::SealExhausted { job });
                }
            }
        }
        None
    }

    fn measured(&mut self) {
        let rates = self.miners.values().filter_map(|miner| miner.rate);
        let (workers, per_second) = rates.fold((0, 0.0), |(n, sum), rate| (n + 1, sum + rate));
        self.rate = Some(HashRateView { per_second, workers });
        self.rate_is_new = true;
    }

    /// A miner failed: what it had goes to the others.
    fn lose(&mut self, id: SearcherId, message: &str) {
        if self.miners.remove(&id).is_some() {
            self.count_failure(message);
            self.dispatch.give_back(id, None);
            self.go_on();
        }
    }

    /// There is one miner less from now on. The log need not say so each time.
    fn count_failure(&mut self, message: &str) {
        if self.failures == 0 {
            scope::log(&format!("a miner failed, searching without it: {message}"));
        }
        self.failures += 1;
        self.size = self.size.saturating_sub(1);
    }

    /// Has `wanted` miners run, or as many as there may be.
    fn add_miners(&mut self, wanted: usize) {
        while self.dispatch.is_active() && self.miners.len() < wanted.min(self.size) {
            self.last_miner += 1;
            match MinerWorker::start(self.last_miner, &self.signal) {
                Ok(worker) => {
                    let miner = Miner { worker, ready: false, rate: None };
                    self.miners.insert(self.last_miner, miner);
                }
                Err(error) => self.count_failure(&scope::describe(&error)),
            }
        }
    }
}

/// How many miners suit a device: one core is left to the pages and the nodes.
fn miners_for(cores: usize) -> usize {
    cores.saturating_sub(1).clamp(1, MAX_MINERS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_a_miner_less_than_cores_but_at_least_one_and_not_a_crowd() {
        let sizes = [0, 1, 2, 3, MAX_MINERS, MAX_MINERS + 1, MAX_MINERS + 2, 128].map(miners_for);
        assert_eq!(sizes, [1, 1, 1, 2, MAX_MINERS - 1, MAX_MINERS, MAX_MINERS, MAX_MINERS]);
    }
}
