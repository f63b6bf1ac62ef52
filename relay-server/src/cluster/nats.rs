//! Relays that meet at a NATS server: one connection, and a task for each room.

use std::sync::Arc;
use std::time::Duration;

use async_nats::connection::State;
use async_nats::{Client, ConnectOptions, Event, Message, ServerAddr, Subscriber};
use bytes::Bytes;
use chain_wasm::relay::RoomId;
use futures_util::{FutureExt, StreamExt};
use percent_encoding::percent_decode_str;
use tokio::sync::{mpsc, watch};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

use super::message::{DirectMessage, MAX_MESSAGE, RelayId, RoomMessage};
use super::outbox::{Outbox, To};
use super::subject::Prefix;
use super::{BEAT, Backplane, RoomSide};
use crate::metrics::Metrics;

/// A NATS server that is silent for so long is asked whether it is there; if it does not
/// answer three times, the connection is given up.
const PING: Duration = Duration::from_secs(2);

/// The longest pause between attempts to connect; the first is a hundredth of it.
const RETRY: Duration = Duration::from_secs(2);

/// Messages of one subscription that wait for its room. Beyond them they are dropped.
const WAITING: usize = 256;

/// How long a stopping relay takes to say that its peers leave.
const GOODBYE: Duration = Duration::from_secs(2);

/// How often the connection is looked at, beside the events that tell of it.
const LOOK: Duration = Duration::from_millis(500);

/// Where the NATS server is.
#[derive(Debug, Clone)]
pub struct NatsConfig {
    /// One server, or several of one NATS cluster. Names and passwords stand in the URL:
    /// `nats://NAME:PASSWORD@HOST:PORT`, or `nats://TOKEN@HOST:PORT`; `tls://` encrypts.
    pub servers: Vec<ServerAddr>,
    /// What its subjects begin with.
    pub prefix: Prefix,
}

/// Why NATS cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ClusterError {
    /// The connection cannot even be tried.
    #[error("cannot use NATS: {0}")]
    Connect(#[from] async_nats::ConnectError),
    /// No random bytes for the relay's id.
    #[error("no randomness for this relay's id: {0}")]
    Randomness(getrandom::Error),
}

/// The connection to NATS.
#[derive(Debug)]
pub struct Nats {
    relay: RelayId,
    shared: Shared,
    rooms: TaskTracker,
    _watching: AbortOnDropHandle<()>,
}

/// What each room's task needs.
#[derive(Debug, Clone)]
struct Shared {
    client: Client,
    connected: watch::Receiver<bool>,
    prefix: Prefix,
    metrics: Arc<Metrics>,
}

impl Nats {
    /// Begins to connect. It does not wait for the server, and never stops trying.
    ///
    /// # Errors
    /// [`ClusterError`] if there is no sense in trying.
    pub async fn connect(config: NatsConfig, metrics: Arc<Metrics>) -> Result<Self, ClusterError> {
        let mut id = [0; 16];
        getrandom::fill(&mut id).map_err(ClusterError::Randomness)?;
        let relay = RelayId(id);
        let (events, heard) = mpsc::channel(1);
        let options = with_credentials(ConnectOptions::new(), &config.servers)
            .name(format!("tabchain-relay {relay}"))
            .no_echo()
            .ping_interval(PING)
            .retry_on_initial_connect()
            .max_reconnects(None)
            .reconnect_delay_callback(pause)
            .subscription_capacity(WAITING)
            .event_callback(move |event| {
                log(&event);
                // One that waits is as good as many: it says to look.
                let _ = events.try_send(());
                std::future::ready(())
            });
        let client = options.connect(config.servers).await?;
        let (is_connected, connected) = watch::channel(false);
        let watching = tokio::spawn(watch_connection(client.clone(), heard, is_connected));
        let shared = Shared { client, connected, prefix: config.prefix, metrics };
        let rooms = TaskTracker::new();
        Ok(Self { relay, shared, rooms, _watching: AbortOnDropHandle::new(watching) })
    }

    /// Waits a little until the others have been told that the peers of all rooms left.
    pub async fn finish(&self) {
        self.rooms.close();
        let saying = async {
            self.rooms.wait().await;
            if self.is_connected()
                && let Err(error) = self.shared.client.flush().await
            {
                tracing::debug!(%error, "NATS was gone before the last word");
            }
        };
        if timeout(GOODBYE, saying).await.is_err() {
            tracing::debug!("NATS did not take the last words in time");
        }
    }
}

impl Backplane for Nats {
    fn relay(&self) -> RelayId {
        self.relay
    }

    fn is_connected(&self) -> bool {
        *self.shared.connected.borrow()
    }

    fn open(&self, id: RoomId, outbox: Arc<Outbox>, room: Arc<dyn RoomSide>) {
        let shared = self.shared.clone();
        let (all, direct) = (shared.prefix.room(&id), shared.prefix.direct(&id, self.relay));
        self.rooms.spawn(RoomTask { shared, id, all, direct, outbox, room }.run());
    }
}

fn with_credentials(options: ConnectOptions, servers: &[ServerAddr]) -> ConnectOptions {
    let plain = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let named = servers.iter().find_map(|server| Some((server.username()?, server.password())));
    match named {
        Some((name, Some(password))) => options.user_and_password(plain(name), plain(password)),
        Some((token, None)) => options.token(plain(token)),
        None => options,
    }
}

fn pause(attempts: usize) -> Duration {
    let doubled = 1_u32 << attempts.min(7);
    (RETRY / 100).saturating_mul(doubled).min(RETRY)
}

fn log(event: &Event) {
    match event {
        Event::Connected => tracing::info!("connected to NATS"),
        Event::Disconnected => {
            tracing::warn!("NATS is gone: this relay goes on alone, and tries again");
        }
        Event::SlowConsumer(_) => tracing::warn!("a room could not keep up with its messages"),
        other => tracing::warn!(event = %other, "NATS"),
    }
}

/// Keeps what is known of the connection up to date.
async fn watch_connection(
    client: Client,
    mut events: mpsc::Receiver<()>,
    connected: watch::Sender<bool>,
) {
    let mut small = false;
    loop {
        let is = client.connection_state() == State::Connected;
        let fits = client.max_payload() >= MAX_MESSAGE;
        if is && !fits && !small {
            let allowed = client.max_payload();
            tracing::error!(allowed, needed = MAX_MESSAGE, "NATS has too small a max_payload");
        }
        small = is && !fits;
        connected.send_if_modified(|was| std::mem::replace(was, is && fits) != (is && fits));
        let _ = timeout(LOOK, events.recv()).await;
    }
}

/// One room's line to other relays.
struct RoomTask {
    shared: Shared,
    id: RoomId,
    /// Where all relays of the room listen.
    all: String,
    /// Where this one does.
    direct: String,
    outbox: Arc<Outbox>,
    room: Arc<dyn RoomSide>,
}

impl RoomTask {
    /// Until nobody is in the room at this relay.
    async fn run(self) {
        let mut connected = self.shared.connected.clone();
        let mut lines = None;
        while !self.outbox.is_closed() {
            if !*connected.borrow_and_update() {
                self.room.cut();
                tokio::select! {
                    changed = connected.changed() => if changed.is_err() { return },
                    () = self.outbox.ended() => {}
                }
                continue;
            }
            let talking = async {
                if lines.is_none() {
                    lines = self.subscribe().await;
                }
                match &mut lines {
                    Some([all, direct]) => self.talk(all, direct).await,
                    None => tokio::time::sleep(RETRY).await,
                }
            };
            tokio::select! {
                changed = connected.changed() => if changed.is_err() { return },
                () = talking => {}
            }
        }
        self.shared.metrics.cluster_dropped.inc_by(self.outbox.take_dropped());
    }

    async fn subscribe(&self) -> Option<[Subscriber; 2]> {
        let client = &self.shared.client;
        let subscribed = async {
            let all = client.subscribe(self.all.clone()).await?;
            Ok::<_, async_nats::SubscribeError>([all, client.subscribe(self.direct.clone()).await?])
        };
        subscribed
            .await
            .inspect_err(|error| tracing::warn!(%error, room = %self.id, "cannot subscribe"))
            .ok()
    }

    /// Says hello, then hears and speaks until the outbox is closed and empty.
    async fn talk(&self, all: &mut Subscriber, direct: &mut Subscriber) {
        // What came before the line was cut.
        while let Some(Some(_)) = all.next().now_or_never() {}
        while let Some(Some(_)) = direct.next().now_or_never() {}
        self.room.hello();
        tokio::select! {
            () = self.hear(all, direct) => {}
            () = self.speak() => {}
        }
    }

    async fn hear(&self, all: &mut Subscriber, direct: &mut Subscriber) {
        let mut ticks = interval(BEAT);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                // What a relay says to all comes before what it says to this one: the
                // sender of a message is known by then.
                biased;
                Some(message) = all.next() => self.take(&message, RoomMessage::decode, |said| {
                    self.room.hear(said, crate::connection::now());
                }),
                Some(message) = direct.next() => self.take(&message, DirectMessage::decode, |said| {
                    self.room.hear_direct(said);
                }),
                _ = ticks.tick() => {
                    self.room.tick();
                    self.shared.metrics.cluster_dropped.inc_by(self.outbox.take_dropped());
                }
            }
        }
    }

    fn take<'a, M, E: std::fmt::Display>(
        &self,
        message: &'a Message,
        decode: impl FnOnce(&'a [u8]) -> Result<M, E>,
        hear: impl FnOnce(&M),
    ) {
        self.shared.metrics.cluster_received.inc();
        match decode(&message.payload) {
            Ok(said) => hear(&said),
            Err(error) => {
                tracing::warn!(%error, subject = %message.subject, "not a message of a relay");
            }
        }
    }

    async fn speak(&self) {
        while let Some((to, bytes)) = self.outbox.take().await {
            let subject = match to {
                To::Room => self.all.clone(),
                To::Relay(relay) => self.shared.prefix.direct(&self.id, relay),
            };
            self.publish(subject, bytes).await;
        }
    }

    async fn publish(&self, subject: String, bytes: Bytes) {
        match self.shared.client.publish(subject, bytes).await {
            Ok(()) => {
                self.shared.metrics.cluster_published.inc();
            }
            Err(error) => {
                self.shared.metrics.cluster_dropped.inc();
                tracing::warn!(%error, room = %self.id, "cannot publish");
            }
        }
    }
}
