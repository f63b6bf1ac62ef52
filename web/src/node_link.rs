//! The page's end of the wire to its node: one worker, from its start to its end.
//!
//! Every request comes to an answer: from the node, or, once the worker has failed
//! or is let go, as [`CallError::Gone`] with the reason. Nothing waits for ever.

mod calls;
mod wire;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use chain_wasm::api::{
    self, ApiError, Command, Event, NodeView, Outcome, Reply, Request, RequestId, RoomChoice,
    WorkerMessage,
};
use gloo_timers::callback::Timeout;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType};

pub(crate) use calls::CallError;
use calls::Calls;

/// How long a worker may take until it can receive, in milliseconds: the time to
/// fetch and compile it over a slow line.
pub(crate) const BOOT_TIMEOUT: u32 = 30_000;

/// After how many milliseconds without an answer to the start the page says that
/// it takes long. A long chain may; so it is no failure.
const SLOW_START: u32 = 10_000;

/// Why a node does not answer any more, or never did.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Failure {
    /// The browser does not start a worker.
    #[error("the browser does not start the worker: {message}")]
    NoWorker {
        /// What it says.
        message: String,
    },
    /// The worker's script could not be loaded or run.
    #[error("the worker could not be loaded: {message}")]
    Load {
        /// What the browser says; it often says nothing.
        message: String,
    },
    /// The worker did not say that it can receive within [`BOOT_TIMEOUT`].
    #[error("the worker did not start in time")]
    BootTimeout,
    /// Page and worker are of different versions.
    #[error("the worker speaks version {worker}, the page {page}")]
    Version {
        /// The page's.
        page: u32,
        /// The worker's.
        worker: u32,
    },
    /// The node refused to start.
    #[error("the node did not start: {0}")]
    Start(ApiError),
    /// The node failed beyond repair.
    #[error("the node crashed: {message}")]
    Crashed {
        /// What the panic said.
        message: String,
    },
    /// A message could not be carried or read.
    #[error("a message could not be read: {message}")]
    Unreadable {
        /// What is wrong with it.
        message: String,
    },
    /// The page let the worker go: another room, another start.
    #[error("the node was stopped")]
    Stopped,
}

/// What a node tells its page.
#[derive(Debug)]
pub(crate) enum Notice {
    /// It runs; the first notice of a good start.
    Started(Box<NodeView>),
    /// It is not there yet, and should be.
    SlowStart,
    /// Something happened in it.
    Event(Event),
    /// It is gone; the last notice.
    Failed(Failure),
}

/// A node in its worker. Dropping the last clone ends the worker.
#[derive(Clone)]
pub(crate) struct NodeLink(Rc<Link>);

type Sink = Box<dyn Fn(Notice)>;

type Handler = Closure<dyn FnMut(JsValue)>;

struct Link {
    worker: Worker,
    sink: Sink,
    calls: RefCell<Calls>,
    stage: Cell<Stage>,
    start: RefCell<Option<Command>>,
    start_id: Cell<Option<RequestId>>,
    timer: RefCell<Option<Timeout>>,
    handlers: RefCell<Vec<Handler>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Booting,
    Starting,
    Running,
    Gone,
}

impl NodeLink {
    /// Starts a worker from `url` and the node in it. `sink` is called with each
    /// [`Notice`], never before this returns.
    ///
    /// # Errors
    /// [`Failure::NoWorker`] if the browser refuses at once.
    pub(crate) fn start(
        url: &str,
        room: RoomChoice,
        relay_url: String,
        sink: impl Fn(Notice) + 'static,
    ) -> Result<Self, Failure> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name("tabchain-node");
        let worker = Worker::new_with_options(url, &options)
            .map_err(|error| Failure::NoWorker { message: wire::describe(&error) })?;
        let link = Rc::new(Link {
            worker,
            sink: Box::new(sink),
            calls: RefCell::default(),
            stage: Cell::new(Stage::Booting),
            start: RefCell::new(Some(Command::Start { room, relay_url })),
            start_id: Cell::new(None),
            timer: RefCell::new(None),
            handlers: RefCell::default(),
        });
        link.listen();
        link.set_timer(BOOT_TIMEOUT, |link| link.fail(Failure::BootTimeout));
        Ok(Self(link))
    }

    /// Asks the node for something. The request is sent at once, whether or not
    /// the future is polled; requests run concurrently.
    ///
    /// # Errors
    /// [`CallError`]: the node's refusal, or why there is no node any more.
    pub(crate) fn call(
        &self,
        command: Command,
    ) -> impl Future<Output = Result<Outcome, CallError>> + use<> {
        let (id, answer) = self.0.calls.borrow_mut().open();
        self.0.post(id, command);
        async move { answer.await.unwrap_or(Err(CallError::Gone(Failure::Stopped))) }
    }

    /// Ends the worker; every pending request fails with [`Failure::Stopped`]. No
    /// notice follows.
    pub(crate) fn stop(&self) {
        self.0.end(&Failure::Stopped);
    }
}

impl Link {
    fn listen(self: &Rc<Self>) {
        let on_message = self.handler(|link, event| {
            let data = event.unchecked_into::<MessageEvent>().data();
            match wire::read::<WorkerMessage>(data) {
                Ok(message) => link.receive(message),
                Err(error) => link.fail(Failure::Unreadable { message: error.to_string() }),
            }
        });
        let on_message_error = self.handler(|link, _| {
            link.fail(Failure::Unreadable { message: "messageerror".into() });
        });
        let on_error = self.handler(|link, event| {
            // A script that fails to load sends a plain event without a message.
            let message =
                event.dyn_ref::<ErrorEvent>().map_or_else(String::new, ErrorEvent::message);
            link.fail(match link.stage.get() {
                Stage::Booting => Failure::Load { message },
                _ => Failure::Crashed { message },
            });
        });
        self.worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        self.worker.set_onmessageerror(Some(on_message_error.as_ref().unchecked_ref()));
        self.worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        self.handlers.replace(vec![on_message, on_message_error, on_error]);
    }

    /// A handler that does not keep the link alive.
    fn handler(self: &Rc<Self>, act: impl Fn(&Rc<Self>, JsValue) + 'static) -> Handler {
        let link = Rc::downgrade(self);
        Closure::new(move |event| {
            if let Some(link) = link.upgrade() {
                act(&link, event);
            }
        })
    }

    fn set_timer(self: &Rc<Self>, millis: u32, act: impl FnOnce(&Rc<Self>) + 'static) {
        let link: Weak<Self> = Rc::downgrade(self);
        let timer = Timeout::new(millis, move || {
            if let Some(link) = link.upgrade() {
                act(&link);
            }
        });
        self.timer.replace(Some(timer));
    }

    fn receive(self: &Rc<Self>, message: WorkerMessage) {
        match message {
            _ if self.stage.get() == Stage::Gone => {}
            WorkerMessage::Booted { version } => self.booted(version),
            WorkerMessage::Reply(reply) => self.answered(reply),
            WorkerMessage::Event(event) => (self.sink)(Notice::Event(event)),
            WorkerMessage::Crashed { message } => self.fail(Failure::Crashed { message }),
        }
    }

    fn booted(self: &Rc<Self>, version: u32) {
        if version != api::VERSION {
            return self.fail(Failure::Version { page: api::VERSION, worker: version });
        }
        let Some(command) = self.start.take() else { return };
        self.stage.set(Stage::Starting);
        // The answer is handled where it arrives, before any event that follows it.
        let (id, _) = self.calls.borrow_mut().open();
        self.start_id.set(Some(id));
        self.set_timer(SLOW_START, |link| (link.sink)(Notice::SlowStart));
        self.post(id, command);
    }

    fn answered(&self, reply: Reply) {
        if self.start_id.get() != Some(reply.id) {
            let settled = reply.outcome.map_err(CallError::Refused);
            return self.calls.borrow_mut().settle(reply.id, settled);
        }
        self.start_id.set(None);
        self.timer.take();
        match reply.outcome {
            Ok(Outcome::Started(view)) => {
                self.stage.set(Stage::Running);
                (self.sink)(Notice::Started(view));
            }
            Ok(other) => {
                let message = format!("not an answer to a start: {other:?}");
                self.fail(Failure::Unreadable { message });
            }
            Err(error) => self.fail(Failure::Start(error)),
        }
    }

    fn post(&self, id: RequestId, command: Command) {
        if self.stage.get() == Stage::Gone {
            let gone = Err(CallError::Gone(Failure::Stopped));
            return self.calls.borrow_mut().settle(id, gone);
        }
        let posted = wire::write(&Request { id, command })
            .map_err(|error| error.to_string())
            .and_then(|value| self.worker.post_message(&value).map_err(|e| wire::describe(&e)));
        if let Err(message) = posted {
            self.calls.borrow_mut().settle(id, Err(CallError::NotSent(message)));
        }
    }

    fn fail(&self, failure: Failure) {
        if self.stage.get() != Stage::Gone {
            self.end(&failure);
            (self.sink)(Notice::Failed(failure));
        }
    }

    fn end(&self, failure: &Failure) {
        if self.stage.replace(Stage::Gone) == Stage::Gone {
            return;
        }
        self.timer.take();
        self.worker.set_onmessage(None);
        self.worker.set_onmessageerror(None);
        self.worker.set_onerror(None);
        self.worker.terminate();
        self.calls.borrow_mut().reject_all(failure);
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        self.end(&Failure::Stopped);
    }
}
