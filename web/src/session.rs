//! One visit of the page: its room, its node, and what it knows of it.

mod explore;
mod lab;
mod rooms;
mod wallet;

pub(crate) use explore::TITLE;
pub(crate) use rooms::{CreateFault, Created};

use chain_wasm::api::{
    ApiError, Command, EntryView, Event, MiningMode, Outcome, ProofFile, ProvenView, RoomChoice,
};
use chain_wasm::primitives::{Hash, PublicKey, Seed};
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::browser;
use crate::i18n::{Language, Texts, Words};
use crate::model::name::Name;
use crate::model::nickname::Nicknames;
use crate::model::persistence::Persistence;
use crate::model::route::{self, Place, Route, RouteFault};
use crate::model::{Model, Node, Phase, Validation};
use crate::node_link::{CallError, Failure, NodeLink, Notice};

/// How many older blocks are asked for at a time.
const FILLED_AT_ONCE: u32 = 5;

/// Until the browser has shown what was pressed, in milliseconds. A timer, since hidden pages
/// have no frames.
const A_FRAME: u32 = 20;

/// Handles on everything a view needs; copied freely.
#[derive(Clone, Copy)]
pub(crate) struct Session {
    /// What the page knows.
    pub(crate) model: RwSignal<Model>,
    /// The room of the address.
    pub(crate) room: RwSignal<Result<RoomChoice, RouteFault>>,
    /// What of the room the address names.
    pub(crate) place: RwSignal<Place>,
    /// The language of the page.
    pub(crate) language: RwSignal<Language>,
    /// The wall clock in milliseconds, once a second.
    pub(crate) clock: RwSignal<u64>,
    /// Whether older blocks are being fetched.
    pub(crate) fetching: RwSignal<bool>,
    /// What the browser promises of what is stored.
    pub(crate) persistence: RwSignal<Persistence>,
    /// What the user calls others, and this tab.
    pub(crate) nicknames: RwSignal<Nicknames>,
    /// The height at the start: blocks above it are news.
    pub(crate) first_height: RwSignal<u32>,
    /// The key of an invitation that has not been answered.
    pub(crate) invitation: RwSignal<Option<Seed>>,
    /// The room that was made here, and the key that this tab is to have in it, where the
    /// browser keeps no such thing.
    own_key: StoredValue<Option<(RoomChoice, Seed)>>,
    /// Why this tab has not got the key of the member that it is to be.
    pub(crate) own_key_fault: RwSignal<Option<CallError>>,
    /// Whether the page is about to be printed, or is being so.
    pub(crate) printing: RwSignal<bool>,
    /// How many proofs were checked in this tab that hold.
    pub(crate) proofs_held: RwSignal<u32>,
    /// How far down the chain was scrolled when another place was gone to.
    scrolled: StoredValue<f64>,
    /// How many searches there were.
    searches: StoredValue<u32>,
    node: StoredValue<Option<NodeLink>, LocalStorage>,
}

impl Session {
    /// Begins a visit: reads address and language, starts the node, and follows
    /// the browser's events.
    pub(crate) fn begin() -> Self {
        let Arrival { room, place, key } = route::parse(&browser::fragment()).into();
        let session = Self {
            model: RwSignal::new(Model::default()),
            room: RwSignal::new(room),
            place: RwSignal::new(place),
            language: RwSignal::new(browser::first_language()),
            clock: RwSignal::new(browser::now()),
            fetching: RwSignal::new(false),
            persistence: RwSignal::new(Persistence::Unknown),
            nicknames: RwSignal::new(browser::nicknames::load()),
            first_height: RwSignal::new(u32::MAX),
            invitation: RwSignal::new(key),
            own_key: StoredValue::new(None),
            own_key_fault: RwSignal::new(None),
            printing: RwSignal::new(false),
            proofs_held: RwSignal::new(0),
            scrolled: StoredValue::new(0.0),
            searches: StoredValue::new(0),
            node: StoredValue::new_local(None),
        };
        session.restart();
        session.follow_browser();
        session.follow_searches();
        spawn_local(async move {
            session.persistence.set(browser::persistence::persisted().await);
        });
        session
    }

    fn follow_browser(self) {
        for event in ["online", "offline", "visibilitychange"] {
            browser::on(event, move |_| self.send_environment());
        }
        for event in ["dragover", "drop"] {
            browser::on(event, |event| browser::file::refuse_beside(&event));
        }
        browser::on("beforeprint", move |_| self.printing.set(true));
        browser::on("afterprint", move |_| self.printing.set(false));
        browser::on("hashchange", move |_| self.follow_address());
        browser::on("pagehide", move |_| self.stop());
        browser::on("pageshow", move |event| {
            if browser::is_brought_back(&event) {
                self.restart();
            }
        });
        gloo_timers::callback::Interval::new(1000, move || self.clock.set(browser::now())).forget();
    }

    fn follow_address(self) {
        let Arrival { room, place, key } = route::parse(&browser::fragment()).into();
        let moved = self.room.with_untracked(|known| *known != room);
        if moved {
            // What is shown of a place names the room, so the room comes first.
            self.room.set(room);
            self.invitation.set(None);
            self.scrolled.set_value(0.0);
        }
        if key.is_some() {
            self.invitation.set(key);
        }
        self.go_to(place);
        if moved {
            self.restart();
        }
    }

    fn stop(self) {
        if let Some(node) = self.node.try_update_value(Option::take).flatten() {
            node.stop();
        }
    }

    /// Starts a new node for the room of the address; one that runs is ended.
    pub(crate) fn restart(self) {
        self.stop();
        self.first_height.set(u32::MAX);
        self.fetching.set(false);
        self.own_key_fault.set(None);
        let room = self.room.get_untracked();
        self.model.update(|model| {
            // What happened stays so when the node is started again.
            let mut log = std::mem::take(&mut model.log);
            log.enter(room.as_ref().ok());
            *model = Model { log, ..Model::default() };
        });
        let Ok(room) = room else { return };
        if rooms::is_locked(&room) {
            return;
        }
        let link =
            NodeLink::start(&browser::worker_url(), room, browser::relay_url(), move |notice| {
                self.receive(notice);
            });
        match link {
            Ok(link) => self.node.set_value(Some(link)),
            Err(failure) => self.model.update(|model| model.failed(failure, browser::now())),
        }
    }

    fn receive(self, notice: Notice) {
        let now = browser::now();
        match notice {
            Notice::Started(view) => {
                self.first_height.set(view.tip.height);
                let mining = browser::remembered_mining(view.slot);
                // Where members seal there is nothing to choose: it costs nothing.
                if mining != view.sealing.mode && view.authority.is_none() {
                    self.send(Command::SetMining { mode: mining });
                }
                self.model.update(|model| model.started(*view, now));
                self.send_environment();
                self.fill_window();
                self.take_own_key();
            }
            Notice::SlowStart => self.model.update(|model| model.phase = Phase::SlowStart),
            Notice::Event(event) => {
                let filling = matches!(event, Event::Chain { .. } | Event::Sync(_));
                self.model.update(|model| model.apply(event, now));
                if filling {
                    self.fill_window();
                }
            }
            Notice::Failed(failure) => {
                self.node.set_value(None);
                self.model.update(|model| model.failed(failure, now));
            }
        }
    }

    /// Asks the node for something.
    ///
    /// # Errors
    /// [`CallError`]: its refusal, or that there is no node.
    pub(crate) async fn call(self, command: Command) -> Result<Outcome, CallError> {
        let call = self.node.with_value(|node| node.as_ref().map(|node| node.call(command)));
        match call {
            Some(call) => call.await,
            None => Err(CallError::Gone(Failure::Stopped)),
        }
    }

    /// Carries out a command that answers with nothing; a failure of the node is
    /// shown by itself, a refusal is told to the console.
    fn send(self, command: Command) {
        spawn_local(async move {
            if let Err(CallError::Refused(error)) = self.call(command).await {
                browser::complain(&error.to_string());
            }
        });
    }

    fn send_environment(self) {
        let running = self.model.with_untracked(|model| model.phase == Phase::Running);
        if running {
            let (online, hidden) = (browser::online(), browser::hidden());
            self.send(Command::SetEnvironment { online, hidden });
        }
    }

    /// Leaves or rejoins the network.
    pub(crate) fn set_connected(self, connected: bool) {
        self.send(Command::SetConnected { connected });
    }

    /// Chooses when this tab mines and remembers it.
    pub(crate) fn set_mining(self, mode: MiningMode) {
        if let Some(slot) =
            self.model.with_untracked(|model| model.node.as_ref().map(|node| node.slot))
        {
            browser::remember_mining(slot, mode);
        }
        self.send(Command::SetMining { mode });
    }

    /// Adds an entry that the form's own check has passed.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn add(self, media_type: &str, bytes: Vec<u8>) -> Result<(), CallError> {
        self.submit(Command::AddEntry { media_type: media_type.into(), bytes }).await
    }

    async fn submit(self, command: Command) -> Result<(), CallError> {
        if let Outcome::Entry(entry) = self.call(command).await? {
            self.model.update(|model| model.submitted(&entry));
            self.ask_to_keep();
        }
        Ok(())
    }

    /// Fetches one entry, whole.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn whole_entry(self, id: Hash) -> Result<Option<EntryView>, CallError> {
        match self.call(Command::GetEntry { id }).await? {
            Outcome::Entry(entry) => Ok(Some(entry)),
            _ => Ok(None),
        }
    }

    /// Proves that an entry is in the chain; of a sealed one, so that it can be read or not.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn prove(self, id: Hash, opening: bool) -> Result<ProofFile, CallError> {
        match self.call(Command::Prove { id, opening }).await? {
            Outcome::Proof(file) => Ok(file),
            _ => Err(CallError::Refused(ApiError::NotFound)),
        }
    }

    /// Checks a proof file.
    ///
    /// # Errors
    /// [`CallError`]: what of it does not hold, among others.
    pub(crate) async fn check_proof(self, bytes: Vec<u8>) -> Result<Box<ProvenView>, CallError> {
        match self.call(Command::CheckProof { bytes }).await? {
            Outcome::Proven(proven) => {
                self.proofs_held.update(|held| *held = held.saturating_add(1));
                Ok(proven)
            }
            _ => Err(CallError::Refused(ApiError::NotFound)),
        }
    }

    /// Checks the whole chain again, unless that is being done.
    pub(crate) fn validate(self) {
        let running = |model: &Model| matches!(model.validation, Validation::Running { .. });
        if self.model.with_untracked(running) {
            return;
        }
        self.model.update(|model| model.validation = Validation::Running { checked: 0, total: 0 });
        spawn_local(async move {
            let validation = match self.call(Command::Validate).await {
                Ok(Outcome::Validation(report)) => Validation::Done(report),
                Err(CallError::Refused(error)) => Validation::Refused(error),
                Ok(_) | Err(_) => Validation::None,
            };
            self.model.update(|model| model.validation = validation);
        });
    }

    /// Shows one page more of older blocks, unless one is being fetched.
    pub(crate) fn show_older(self) {
        if self.fetching.get_untracked() {
            return;
        }
        self.model.update(|model| {
            if let Some(node) = &mut model.node {
                node.window.want_older();
            }
        });
        self.fill_window();
    }

    /// Fetches what the window lacks. A reorganisation meanwhile makes the answer
    /// useless; the event that tells of it brings us here again.
    fn fill_window(self) {
        if self.fetching.get_untracked() || self.missing().is_none() {
            return;
        }
        self.fetching.set(true);
        spawn_local(async move {
            while let Some((from, count)) = self.missing() {
                // A few at a time: each takes the page a moment to lay out.
                let count = count.min(FILLED_AT_ONCE);
                let answer = self.call(Command::GetBlocks { from: Some(from), count }).await;
                let Ok(Outcome::Blocks(blocks)) = answer else { break };
                let fit = self.model.try_update(|model| {
                    model.node.as_mut().is_some_and(|node| node.window.add_older(blocks))
                });
                if fit != Some(true) {
                    break;
                }
            }
            self.fetching.set(false);
        });
    }

    /// From which height on older blocks are to be asked for, and how many. While many
    /// blocks are on their way none is on the page for long: only the newest are shown.
    fn missing(self) -> Option<(u32, u32)> {
        self.model.with_untracked(|model| {
            let node = model.node.as_ref().filter(|node| !node.sync.is_far())?;
            node.window.missing()
        })
    }

    /// A part of what the node told, followed as it changes; `None` before the start.
    pub(crate) fn part<T>(
        self,
        part: impl Fn(&Node) -> T + Send + Sync + 'static,
    ) -> Memo<Option<T>>
    where
        T: PartialEq + Send + Sync + 'static,
    {
        Memo::new(move |_| self.model.with(|model| model.node.as_ref().map(&part)))
    }

    /// Whether the node answers.
    pub(crate) fn running(self) -> Memo<bool> {
        Memo::new(move |_| self.model.with(|model| model.phase == Phase::Running))
    }

    /// The words of the current language; followed as it changes.
    pub(crate) fn words(self) -> &'static dyn Words {
        self.language.get().words()
    }

    /// One text of the current language; followed as it changes.
    pub(crate) fn text(
        self,
        text: fn(&'static Texts) -> &'static str,
    ) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
        move || text(self.words().texts())
    }

    /// What a key is called: its nickname beside its name, which nobody can choose.
    /// Followed as it changes.
    pub(crate) fn called_now(self, key: &PublicKey) -> String {
        let name = self.words().name(&Name::of(key));
        self.nicknames.with(|names| match names.of(key) {
            Some(nickname) => format!("{nickname} ({name})"),
            None => name,
        })
    }

    /// As [`Self::called_now`], for a view.
    pub(crate) fn called(self, key: PublicKey) -> impl Fn() -> String + Copy + Send + Sync {
        move || self.called_now(&key)
    }

    /// The name of a key in the current language; followed as it changes.
    pub(crate) fn name(self, name: Name) -> impl Fn() -> String + Copy + Send + Sync + 'static {
        move || self.words().name(&name)
    }

    /// Chooses the language and remembers it. All words of the page change with it, so the
    /// choice itself is shown first.
    pub(crate) fn speak(self, language: Language) {
        browser::remember_language(language);
        gloo_timers::callback::Timeout::new(A_FRAME, move || self.language.set(language)).forget();
    }
}

/// What an address says; one without a room shows why instead.
struct Arrival {
    room: Result<RoomChoice, RouteFault>,
    place: Place,
    key: Option<Seed>,
}

impl From<Result<Route, RouteFault>> for Arrival {
    fn from(route: Result<Route, RouteFault>) -> Self {
        match route {
            Ok(Route { room, place, key }) => Self { room: Ok(room), place, key },
            Err(fault) => Self { room: Err(fault), place: Place::Chain, key: None },
        }
    }
}

/// The session of the page.
///
/// # Panics
/// Outside of [`App`](crate::view::App), which provides it: a mistake in the page.
pub(crate) fn use_session() -> Session {
    expect_context()
}
