//! A running node, and all that it is connected to.

use std::collections::VecDeque;

use futures_channel::{mpsc, oneshot};
use gloo_timers::callback::Timeout;
use wasm_bindgen_futures::spawn_local;

use super::super::key;
use super::super::mining::Pool;
use super::super::slot::Slot;
use super::super::socket::Socket;
use super::super::start::Started;
use super::super::storage::StorageJob;
use super::super::{page, scope};
use super::{Signal, Signals, SocketEvent, SocketId, reply, sender, tell};
use crate::api::{
    ApiError, Command, Event, NodeView, Outcome, RequestId, StorageReason, StorageView,
    TrafficView, WorkerMessage,
};
use crate::link::{Link, LinkOutput};
use crate::node::{Input, Node, NodeCommand, Output};
use crate::primitives::{ChainId, Instant};

/// The longest that a browser's timer can be set to, in milliseconds.
const LONGEST_TIMER: u64 = i32::MAX as u64;

/// The least time between two reports of what goes over the connection, in milliseconds.
const TRAFFIC_INTERVAL: u64 = 1_000;

/// What is left of a node that was ended.
pub(super) struct Ended {
    /// The chain that it had.
    pub(super) chain: ChainId,
    /// Its slot.
    pub(super) slot: Slot,
    /// Dropped once all that was to be stored is.
    pub(super) written: oneshot::Receiver<()>,
}

/// Drives a node: hands it what happens, one thing after the other, and carries out
/// what it says.
pub(super) struct Driver {
    node: Node,
    /// What the node has yet to be told. Filled by what it and the link just did, and
    /// empty again before the next signal is taken.
    inputs: VecDeque<Input>,
    link: Link,
    socket: Option<Socket>,
    relay_url: String,
    storage: mpsc::UnboundedSender<StorageJob>,
    /// See [`Ended`].
    written: oneshot::Receiver<()>,
    pool: Pool,
    slot: Option<Slot>,
    hidden: bool,
    told_traffic: TrafficView,
    /// Traffic is not told before this.
    next_traffic: Instant,
    timer: Option<(Instant, Timeout)>,
    signals: Signals,
}

impl Driver {
    /// Answers the start, then connects.
    pub(super) fn begin(
        request: RequestId,
        started: Started,
        relay_url: String,
        signals: Signals,
    ) -> Box<Self> {
        let Started { node, link, storage, slot } = started;
        let (jobs, queue) = mpsc::unbounded();
        let stored = sender(&signals, Signal::Stored);
        let (writing, written) = oneshot::channel();
        spawn_local(async move {
            storage.run(queue, move |input| stored(input)).await;
            drop(writing);
        });
        let mut driver = Box::new(Self {
            node,
            inputs: VecDeque::new(),
            link,
            socket: None,
            relay_url,
            storage: jobs,
            written,
            pool: Pool::new(sender(&signals, Signal::Pool)),
            slot,
            hidden: false,
            told_traffic: TrafficView::default(),
            next_traffic: Instant(0),
            timer: None,
            signals,
        });
        let view = Box::new(driver.node.view());
        driver.reply(request, Ok(Outcome::Started(view)));
        driver.link.start(scope::now());
        driver.settle();
        driver
    }

    /// Takes a command of the page; a start is none, nor is [`Command::Forget`], which ends
    /// it all.
    pub(super) fn command(&mut self, request: RequestId, command: Command) {
        let command = match command {
            Command::Start { .. } => return reply(request, Err(ApiError::AlreadyStarted)),
            Command::SetConnected { connected } => {
                self.link.set_connected(scope::now(), connected);
                reply(request, Ok(Outcome::Done));
                return self.settle();
            }
            Command::SetEnvironment { online, hidden } => {
                self.set_environment(online, hidden);
                reply(request, Ok(Outcome::Done));
                return self.settle();
            }
            Command::GetNode => NodeCommand::GetNode,
            Command::AddEntry { media_type, bytes } => NodeCommand::AddEntry { media_type, bytes },
            Command::Transfer { to, amount } => NodeCommand::Transfer { to, amount },
            Command::GetBlocks { from, count } => NodeCommand::GetBlocks { from, count },
            Command::GetEntry { id } => NodeCommand::GetEntry { id },
            Command::Prove { id, opening } => NodeCommand::Prove { id, opening },
            Command::CheckProof { bytes } => NodeCommand::CheckProof { bytes },
            Command::GetBlock { at, skip } => NodeCommand::GetBlock { at, skip },
            Command::GetEntryDetails { id } => NodeCommand::GetEntryDetails { id },
            Command::GetWallet { author } => NodeCommand::GetWallet { author },
            Command::CheckHeader { block } => NodeCommand::CheckHeader { block },
            Command::Search { search, find, from } => NodeCommand::Search { search, find, from },
            Command::StopSearch => NodeCommand::StopSearch,
            Command::Validate => NodeCommand::Validate,
            Command::Measure => {
                self.link.measure(scope::now());
                NodeCommand::Measure
            }
            Command::SetMining { mode } => NodeCommand::SetMining { mode },
            Command::Lab(command) => NodeCommand::Lab(command),
            Command::FindFile { sha256 } => NodeCommand::FindFile { sha256 },
            Command::ExportKey { passphrase } => {
                return reply(request, key::export(self.node.wallet(), &passphrase));
            }
            Command::ImportKey { file, passphrase } => match key::unlock(&file, &passphrase) {
                Ok(seed) => NodeCommand::ImportKey { seed },
                Err(fault) => return reply(request, Err(fault.into())),
            },
            Command::TakeKey { seed } => NodeCommand::ImportKey { seed },
            Command::MakeKey => return reply(request, key::make()),
            Command::Forget => return reply(request, Err(ApiError::NotLab)),
        };
        self.inputs.push_back(Input::Command { request, command });
        self.settle();
    }

    /// Ends the node, its connection and its miners, in a room where that may be.
    ///
    /// # Errors
    /// The driver, as it was, and why not.
    pub(super) fn end(mut self: Box<Self>) -> Result<Ended, (Box<Self>, ApiError)> {
        let NodeView { room, chain, storage, .. } = self.node.view();
        if !room.lab {
            return Err((self, ApiError::NotLab));
        }
        if let StorageView::Memory { reason } = storage {
            return Err((self, ApiError::StorageFailed(reason)));
        }
        // There is none where nothing is stored.
        let Some(slot) = self.slot.take() else {
            return Err((self, ApiError::StorageFailed(StorageReason::Refused)));
        };
        Ok(Ended { chain, slot, written: self.written })
    }

    /// Takes anything else that happened.
    pub(super) fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Socket(socket, event) => self.link.socket(scope::now(), socket, &event),
            Signal::Stored(input) => self.inputs.push_back(input),
            Signal::Pool(signal) => {
                self.inputs.extend(self.pool.handle(signal));
                if let Some(rate) = self.pool.take_new_rate() {
                    page::post(&WorkerMessage::Event(Event::HashRate(rate)));
                }
            }
            Signal::Timer => {
                self.timer = None;
                let now = scope::now();
                self.link.wakeup(now);
                if self.node.next_wakeup().is_some_and(|due| now.mono >= due) {
                    self.inputs.push_back(Input::Wakeup);
                }
            }
            Signal::Request(_) | Signal::Started(..) => {}
        }
        self.settle();
    }

    fn set_environment(&mut self, online: bool, hidden: bool) {
        let now = scope::now();
        self.link.set_online(now, online);
        if hidden != self.hidden {
            self.hidden = hidden;
            self.inputs.push_back(Input::Hidden(hidden));
            if !hidden {
                self.link.shown(now);
            }
        }
    }

    /// Carries out all that there is to do, then sets the timer.
    fn settle(&mut self) {
        loop {
            if let Some(output) = self.link.poll_output() {
                self.carry_out_link(output);
            } else if let Some(output) = self.node.poll_output() {
                self.carry_out(output);
            } else if let Some(input) = self.inputs.pop_front() {
                self.node.handle(scope::now(), input);
            } else {
                break;
            }
        }
        self.tell_traffic();
        self.set_timer();
    }

    /// Tells what has gone over the connection, if that is news and it is time.
    fn tell_traffic(&mut self) {
        let (traffic, now) = (self.link.traffic(), scope::now().mono);
        if traffic != self.told_traffic && now >= self.next_traffic {
            self.told_traffic = traffic;
            self.next_traffic = now.after(TRAFFIC_INTERVAL);
            page::post(&WorkerMessage::Event(Event::Traffic(traffic)));
        }
    }

    fn carry_out_link(&mut self, output: LinkOutput) {
        match output {
            LinkOutput::Open(id) => self.open(id),
            LinkOutput::Close => self.socket = None,
            LinkOutput::Transmit(frame) => {
                if let Some(socket) = &self.socket {
                    socket.send(&frame);
                }
            }
            LinkOutput::Node(input) => self.inputs.push_back(input),
            LinkOutput::View(view) => page::post(&WorkerMessage::Event(Event::Link(view))),
            LinkOutput::Log(message) => scope::log(&message),
        }
    }

    fn open(&mut self, id: SocketId) {
        let event = sender(&self.signals, move |event| Signal::Socket(id, event));
        self.socket = match Socket::open(&self.relay_url, move |e| event(e)) {
            Ok(socket) => Some(socket),
            Err(error) => {
                scope::log(&error.to_string());
                self.link.socket(scope::now(), id, &SocketEvent::InvalidAddress);
                None
            }
        };
    }

    fn carry_out(&mut self, output: Output) {
        let now = scope::now();
        let buffered = self.socket.as_ref().map_or(0, Socket::buffered);
        match output {
            Output::Broadcast(bytes) => self.link.broadcast(now, &bytes, buffered),
            Output::Send { to, bytes } => self.link.send(now, to, &bytes, buffered),
            Output::SetStatus(status) => self.link.set_status(now, status, buffered),
            Output::Store { store, changes } => self.store(StorageJob::Store(store, changes)),
            Output::Load { load, blocks } => self.store(StorageJob::Load(load, blocks)),
            Output::Seal(job) => self.inputs.extend(self.pool.seal(job)),
            Output::StopSealing => self.pool.stop(),
            Output::Event(event) => page::post(&WorkerMessage::Event(event)),
            Output::Reply { request, outcome } => self.reply(request, outcome),
        }
    }

    fn store(&self, job: StorageJob) {
        if self.storage.unbounded_send(job).is_err() {
            scope::log("the store has ended");
        }
    }

    /// Answers the page, with what only the driver knows filled in.
    fn reply(&self, request: RequestId, mut outcome: Result<Outcome, ApiError>) {
        if let Ok(Outcome::Started(view) | Outcome::Node(view)) = &mut outcome {
            let view: &mut NodeView = view;
            view.slot = self.slot.as_ref().map_or(0, |slot| slot.number);
            view.link = self.link.view(scope::now().mono);
            view.traffic = self.link.traffic();
            view.hash_rate = self.pool.hash_rate();
        }
        reply(request, outcome);
    }

    fn set_timer(&mut self) {
        let untold = self.link.traffic() != self.told_traffic;
        let traffic = untold.then_some(self.next_traffic);
        let due = [self.node.next_wakeup(), self.link.next_wakeup(), traffic];
        let due = due.into_iter().flatten().min();
        if due == self.timer.as_ref().map(|(due, _)| *due) {
            return;
        }
        self.timer = due.map(|due| {
            // A longer wait is made of several: an early wakeup does no harm.
            let wait = due.since(scope::now().mono).min(LONGEST_TIMER);
            let signals = self.signals.clone();
            let wait = u32::try_from(wait).unwrap_or(u32::MAX);
            (due, Timeout::new(wait, move || tell(&signals, Signal::Timer)))
        });
    }
}
