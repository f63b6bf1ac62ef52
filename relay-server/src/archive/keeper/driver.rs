//! Drives a node: hands it what happens, and carries out what it says.

mod overlay;
mod waiting;

use std::collections::{BTreeMap, VecDeque};

use chain_wasm::api::{ApiError, Outcome, RequestId, StorageReason};
use chain_wasm::link::{SocketEvent, SocketId};
use chain_wasm::node::{BlockRef, Change, Input, LoadId, Node, NodeCommand, Output, StoreId};
use chain_wasm::primitives::{Instant, Keypair};
use tokio::sync::{mpsc, oneshot, watch};

use super::super::relay_url::RelayUrl;
use super::super::store::Store;
use super::ask::{Ask, Keeping, Place, RegisterError, Registered, RoomState};
use super::links::{LinkIndex, Links, LinksOutput};
use super::search::Search;
use super::socket::{Relay, Socket};
use super::{Clock, MAX_RELAYS, Shared, random};
use overlay::Overlay;
use waiting::Waiting;

/// Signals that wait for the driver. A socket with more waits itself, and so does its relay.
const SIGNALS: usize = 64;

/// How often a relay that is not reached may be tried at once, since somebody asks for it, in
/// milliseconds: whoever asks must not be able to have others hammered.
const HURRY: u64 = 5_000;

/// Something that happened.
enum Signal {
    Socket(LinkIndex, SocketId, SocketEvent),
    Search(Input),
}

type Answer = oneshot::Sender<Result<Outcome, ApiError>>;

/// A running node, and all that it is connected to.
pub(super) struct Driver {
    node: Node,
    /// What the node has yet to be told.
    inputs: VecDeque<Input>,
    store: Store,
    /// What could not be stored, once the room is stopped.
    overlay: Overlay,
    /// Why the room is stopped, if it is.
    stopped: Option<StorageReason>,
    damaged: usize,
    links: Links,
    relays: Vec<Relay>,
    sockets: BTreeMap<LinkIndex, Socket>,
    search: Option<Search>,
    waiting: Waiting,
    answers: BTreeMap<RequestId, Answer>,
    next_request: RequestId,
    /// No relay is tried at once before this.
    next_hurry: Instant,
    shared: Shared,
    clock: Clock,
    signals: mpsc::Sender<Signal>,
    signalled: mpsc::Receiver<Signal>,
    /// How the room stands, for whoever does not ask.
    told: watch::Sender<RoomState>,
}

impl Driver {
    pub(super) fn new(
        node: Node,
        store: Store,
        shared: Shared,
        clock: Clock,
        damaged: usize,
        told: watch::Sender<RoomState>,
    ) -> Self {
        let (signals, signalled) = mpsc::channel(SIGNALS);
        Self {
            links: Links::new(node.chain().id()),
            node,
            inputs: VecDeque::new(),
            store,
            overlay: Overlay::default(),
            stopped: None,
            damaged,
            relays: Vec::new(),
            sockets: BTreeMap::new(),
            search: None,
            waiting: Waiting::default(),
            answers: BTreeMap::new(),
            next_request: 0,
            next_hurry: Instant(0),
            shared,
            clock,
            signals,
            signalled,
            told,
        }
    }

    /// Joins the room and keeps it until it is told to stop.
    pub(super) async fn run(mut self, session: Keypair, mut asks: mpsc::Receiver<Ask>) {
        if let Err(error) = self.join(session) {
            tracing::error!(%error, "the room is not joined everywhere");
        }
        loop {
            self.settle();
            let due =
                [self.node.next_wakeup(), self.links.next_wakeup(), self.waiting.next_wakeup()];
            let due = due.into_iter().flatten().min();
            let timer = async {
                match due {
                    Some(due) => tokio::time::sleep_until(self.clock.at(due)).await,
                    None => std::future::pending().await,
                }
            };
            tokio::select! {
                () = self.shared.stop.cancelled() => break,
                Some(signal) = self.signalled.recv() => self.signal(signal),
                ask = asks.recv() => match ask {
                    Some(ask) => self.ask(ask),
                    None => break,
                },
                () = timer => self.wakeup(),
            }
        }
        self.links.end(self.clock.now());
        self.settle();
    }

    fn join(&mut self, session: Keypair) -> Result<(), JoinError> {
        let own = Relay::Own(self.shared.relay.clone());
        self.begin_link(own, session)?;
        for url in self.store.relays()?.into_iter().take(MAX_RELAYS) {
            match url.parse::<RelayUrl>() {
                Ok(url) => self.begin_link(url.into(), Keypair::from_seed(random()?))?,
                Err(error) => tracing::warn!(url, %error, "a relay was noted down wrongly"),
            }
        }
        Ok(())
    }

    fn begin_link(&mut self, relay: Relay, session: Keypair) -> Result<(), getrandom::Error> {
        self.links.begin(self.clock.now(), session, random()?);
        self.relays.push(relay);
        Ok(())
    }

    fn signal(&mut self, signal: Signal) {
        match signal {
            Signal::Socket(link, socket, event) => {
                self.links.socket(self.clock.now(), link, socket, &event);
            }
            Signal::Search(input) => self.inputs.push_back(input),
        }
    }

    fn wakeup(&mut self) {
        let now = self.clock.now();
        self.links.wakeup(now);
        if self.node.next_wakeup().is_some_and(|due| now.mono >= due) {
            self.inputs.push_back(Input::Wakeup);
        }
    }

    fn ask(&mut self, ask: Ask) {
        match ask {
            Ask::Command(command, answer) => self.command(command, answer),
            Ask::Block(entry, answer) => self.waiting.for_block(entry, answer),
            Ask::Sync(answer) => {
                let now = self.clock.now();
                if self.stopped.is_none() && now.mono >= self.next_hurry {
                    self.next_hurry = now.mono.after(HURRY);
                    self.links.hurry(now);
                }
                self.waiting.for_sync(now.mono, tip(&self.node), answer);
            }
            Ask::State(answer) => {
                // Nobody may be waiting any more; likewise below.
                let _ = answer.send(Box::new(self.state()));
            }
            Ask::Register(url, answer) => {
                let _ = answer.send(self.register(url));
            }
        }
    }

    fn command(&mut self, command: NodeCommand, answer: Answer) {
        let writes = matches!(command, NodeCommand::AddEntry { .. } | NodeCommand::Transfer { .. });
        if writes && let Some(reason) = self.stopped {
            let _ = answer.send(Err(ApiError::StorageFailed(reason)));
            return;
        }
        let request = self.next_request;
        self.next_request = self.next_request.wrapping_add(1);
        self.answers.insert(request, answer);
        self.inputs.push_back(Input::Command { request, command });
    }

    fn register(&mut self, url: RelayUrl) -> Result<Registered, RegisterError> {
        let others = self.relays.iter().filter_map(|relay| match relay {
            Relay::Own(_) => None,
            Relay::Other(_) => Some(relay.name().to_owned()),
        });
        let mut urls: Vec<String> = others.collect();
        if urls.iter().any(|known| known == url.as_str()) {
            return Ok(Registered::Known);
        }
        if let Some(reason) = self.stopped {
            return Err(RegisterError::Storage(reason));
        }
        if urls.len() >= MAX_RELAYS {
            return Err(RegisterError::TooMany);
        }
        let session = Keypair::from_seed(random().map_err(|_| RegisterError::Random)?);
        urls.push(url.to_string());
        if let Err(error) = self.store.put_relays(&urls) {
            return Err(RegisterError::Storage(error.reason()));
        }
        self.begin_link(url.into(), session).map_err(|_| RegisterError::Random)?;
        Ok(Registered::New)
    }

    fn state(&self) -> RoomState {
        let chain = self.node.chain();
        let views = self.links.views(self.clock.now().mono);
        let names = self.relays.iter().map(|relay| relay.name().to_owned());
        RoomState {
            tip: tip(&self.node),
            work: chain.tip_rank().work.to_string(),
            pending: chain.mempool().len(),
            peers: self.node.peer_count(),
            sync: self.node.sync_view(),
            relays: names.zip(views).collect(),
            keeping: self.keeping(),
            author: self.node.wallet().public(),
            damaged: self.damaged,
        }
    }

    /// Carries out all that there is to do.
    fn settle(&mut self) {
        loop {
            if let Some(output) = self.links.poll_output() {
                self.carry_out_link(output);
            } else if let Some(output) = self.node.poll_output() {
                self.carry_out(output);
            } else if let Some(input) = self.inputs.pop_front() {
                self.node.handle(self.clock.now(), input);
            } else {
                break;
            }
        }
        self.waiting.look(self.clock.now().mono, &self.node, self.links.is_online());
        self.tell();
    }

    fn keeping(&self) -> Keeping {
        self.stopped.map_or(Keeping::Durable, Keeping::Stopped)
    }

    /// Tells how the room stands if that of it is another which is left if it crashes: this
    /// comes after each input.
    fn tell(&self) {
        let pending = self.node.chain().mempool().len();
        let now = (tip(&self.node), pending, self.keeping(), self.relays.len());
        self.told.send_if_modified(|told| {
            let changed = now != (told.tip, told.pending, told.keeping, told.relays.len());
            if changed {
                *told = self.state();
            }
            changed
        });
    }

    fn carry_out_link(&mut self, output: LinksOutput) {
        match output {
            LinksOutput::Open(link, id) => {
                if let Some(relay) = self.relays.get(link).cloned() {
                    let signals = self.signals.clone();
                    let tell = move |event| {
                        let signals = signals.clone();
                        // The driver may have ended.
                        async move { drop(signals.send(Signal::Socket(link, id, event)).await) }
                    };
                    self.sockets.insert(link, Socket::open(relay, tell));
                }
            }
            LinksOutput::Close(link) => drop(self.sockets.remove(&link)),
            LinksOutput::Transmit(link, frame) => {
                if let Some(socket) = self.sockets.get(&link) {
                    socket.send(frame);
                }
            }
            LinksOutput::Node(input) => self.inputs.push_back(input),
            LinksOutput::Log(link, text) => {
                let relay = self.relays.get(link).map(Relay::name);
                tracing::warn!(relay, "{text}");
            }
        }
    }

    fn carry_out(&mut self, output: Output) {
        let now = self.clock.now();
        let buffered = |link: LinkIndex| self.sockets.get(&link).map_or(0, Socket::buffered);
        match output {
            Output::Broadcast(bytes) => self.links.broadcast(now, &bytes, buffered),
            Output::Send { to, bytes } => self.links.send(now, to, &bytes, buffered),
            Output::SetStatus(status) => self.links.set_status(now, status, buffered),
            Output::Store { store, changes } => self.keep(store, &changes),
            Output::Load { load, blocks } => self.load(load, &blocks),
            Output::Seal(job) => {
                let signals = self.signals.clone();
                let turns = std::sync::Arc::clone(&self.shared.turns);
                self.search = Some(Search::begin(job, turns, |input| async move {
                    // The driver may have ended.
                    drop(signals.send(Signal::Search(input)).await);
                }));
            }
            Output::StopSealing => self.search = None,
            Output::Event(_) => {}
            Output::Reply { request, outcome } => {
                if let Some(answer) = self.answers.remove(&request) {
                    let _ = answer.send(outcome);
                }
            }
        }
    }

    fn keep(&mut self, store: StoreId, changes: &[Change]) {
        let input = match self.stopped {
            Some(_) => {
                self.overlay.apply(changes);
                Input::Stored { store }
            }
            None => match self.store.apply(changes) {
                Ok(()) => Input::Stored { store },
                Err(error) => {
                    let reason = error.reason();
                    self.stop(reason, &error.to_string());
                    Input::StorageFailed { store, reason }
                }
            },
        };
        self.inputs.push_back(input);
    }

    /// Nothing more can be stored: the room is left.
    fn stop(&mut self, reason: StorageReason, why: &str) {
        let room = self.node.chain().spec().name();
        tracing::error!(room, why, "nothing more is stored: the archive leaves the room");
        self.stopped = Some(reason);
        self.links.end(self.clock.now());
    }

    fn load(&mut self, load: LoadId, wanted: &[BlockRef]) {
        let mut blocks = match self.store.blocks(wanted) {
            Ok(blocks) => blocks,
            Err(error) => {
                tracing::error!(%error, "blocks were not read");
                vec![None; wanted.len()]
            }
        };
        self.overlay.lay(wanted, &mut blocks);
        self.inputs.push_back(Input::Loaded { load, blocks });
    }
}

/// The newest block.
fn tip(node: &Node) -> Place {
    Place { height: node.chain().height(), hash: node.chain().tip() }
}

#[derive(Debug, thiserror::Error)]
enum JoinError {
    #[error(transparent)]
    Store(#[from] super::super::store::StoreError),
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}
