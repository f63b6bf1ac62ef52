//! One tab's connection: a WebSocket on one side, a [`Session`] on the other.
//!
//! Reading, writing and watching run side by side in one task; whichever ends
//! first ends the connection. Whatever happens, the session is dropped before the
//! socket is closed, so a connection that ends has left its room.

mod budget;
mod queue;
mod rate;
mod stream;

use std::net::IpAddr;
use std::sync::{Arc, OnceLock};
use std::time::{SystemTime, UNIX_EPOCH};

use bytes::Bytes;
use chain_wasm::primitives::{Hash, UnixMillis};
use chain_wasm::relay::{MAX_FRAME, Refusal, RelayFrame};
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::sync::Semaphore;
use tokio::time::{Instant, sleep_until, timeout, timeout_at};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_util::sync::CancellationToken;

pub use budget::Budget;
pub use queue::{Batch, FREE, Queue, Taken};
pub use rate::Rate;
pub use stream::{Activity, Watched};

use crate::cluster::Nats;
use crate::limits::Limits;
use crate::metrics::Metrics;
use crate::report::Refusals;
use crate::rooms::{Link, Rooms};
use crate::session::Session;

/// Small, since each of many idle connections has one.
const READ_BUFFER: usize = 3 * 1024;

/// Written to the socket once so much has gathered, or on a flush.
const WRITE_BUFFER: usize = 64 * 1024;

/// What a connection that is being closed still sends is thrown away in pieces of so many
/// bytes.
const DISCARD_BUFFER: usize = 16 * 1024;

/// Tabs are told to come back at a time of their own after the first half second, so that
/// they do not all come at once: within two seconds if there are few, else so many a second.
const RETRY_LEAST_MILLIS: u32 = 500;
const RETRY_SPREAD_MILLIS: u32 = 2_000;
const RETURNS_PER_SECOND: u32 = 500;

/// The rooms of connections with a [`Queue`] each.
pub type ConnectedRooms = Rooms<Arc<Queue>>;

/// What a connection needs to know about the relay.
#[derive(Debug, Clone)]
pub struct Context {
    /// The relay's rooms.
    pub rooms: Arc<ConnectedRooms>,
    /// The other relays, if it has others.
    pub cluster: Option<Arc<Nats>>,
    /// What may wait for all its connections together.
    pub budget: Arc<Budget>,
    /// Its limits.
    pub limits: Arc<Limits>,
    /// What it counts.
    pub metrics: Arc<Metrics>,
    /// The connections that it closes.
    pub refusals: Arc<Refusals>,
    /// The places for WebSocket connections.
    pub places: Arc<Semaphore>,
    /// Cancelled when the relay stops.
    pub stop: CancellationToken,
    /// How many connections there were then.
    pub open_at_stop: Arc<OnceLock<usize>>,
}

impl Context {
    /// How many WebSocket connections there are.
    pub fn open(&self) -> usize {
        self.limits.max_connections.saturating_sub(self.places.available_permits())
    }
}

/// How a connection ends.
#[derive(Debug)]
enum End {
    /// The relay closes it, with a reason.
    Refused(Refusal),
    /// The peer closed it, or its stream broke.
    ByPeer,
}

type Socket<S> = WebSocketStream<S>;

/// Serves one connection, from its upgrade to its end.
pub async fn serve<S>(io: S, activity: Arc<Activity>, client: IpAddr, context: Context)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    let (limits, metrics) = (&context.limits, &context.metrics);
    metrics.accepted.inc();
    let queue = Arc::new(Queue::new(limits.queue_bytes, Arc::clone(&context.budget)));
    let mut random = [0; 36];
    if let Err(error) = getrandom::fill(&mut random) {
        tracing::error!(%error, "no randomness for a challenge: closing the connection");
        return;
    }
    let (nonce, jitter) = random.split_at(32);
    let nonce = Hash::from_bytes(nonce.try_into().unwrap_or_default());
    let jitter = u32::from_be_bytes(jitter.try_into().unwrap_or_default());

    let mut session = Session::begin(Arc::clone(&context.rooms), Arc::clone(&queue), nonce);
    let (mut sink, mut stream) = accept(io).await.split();
    let end = tokio::select! {
        end = read(&mut stream, &mut session, &context) => end,
        end = write(&mut sink, &queue, metrics) => end,
        end = watch(&activity, &queue, limits) => end,
        reason = queue.closed() => End::Refused(reason),
        never = say_goodbye(&context, &queue, jitter) => match never {},
    };
    tracing::debug!(peer = ?session.peer(), ?end, "connection ends");
    if let End::Refused(reason) = end {
        context.refusals.note(reason, session.is_registered(), client);
    }
    drop(session);
    if let Ok(socket) = sink.reunite(stream) {
        close(socket, end, limits).await;
    }
}

/// Tells a connection that the relay has no place for it, and closes it.
pub async fn refuse<S>(io: S, reason: Refusal, client: IpAddr, context: &Context)
where
    S: AsyncRead + AsyncWrite + Unpin + Send,
{
    context.refusals.note(reason, false, client);
    close(accept(io).await, End::Refused(reason), &context.limits).await;
}

async fn accept<S: AsyncRead + AsyncWrite + Unpin>(io: S) -> Socket<S> {
    let config = WebSocketConfig::default()
        .read_buffer_size(READ_BUFFER)
        .write_buffer_size(WRITE_BUFFER)
        .max_write_buffer_size(2 * (WRITE_BUFFER + MAX_FRAME))
        .max_message_size(Some(MAX_FRAME))
        .max_frame_size(Some(MAX_FRAME));
    WebSocketStream::from_raw_socket(io, Role::Server, Some(config)).await
}

/// Reads frames into the session until the connection ends or is to be closed.
async fn read<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut SplitStream<Socket<S>>,
    session: &mut Session<Arc<Queue>>,
    context: &Context,
) -> End {
    let Context { limits, metrics, .. } = context;
    let register_by = Instant::now() + limits.register_timeout;
    let mut rate = Rate::new(limits);
    loop {
        let message = if session.is_registered() {
            stream.next().await
        } else {
            match timeout_at(register_by, stream.next()).await {
                Ok(message) => message,
                Err(_) => return End::Refused(Refusal::RegistrationTimeout),
            }
        };
        let verdict = match message {
            Some(Ok(Message::Binary(bytes))) => match rate.admit(bytes.len()).await {
                Ok(()) => {
                    metrics.received.inc();
                    metrics.received_bytes.inc_by(bytes.len() as u64);
                    session.receive(&bytes, now())
                }
                refused => refused,
            },
            // Pings are answered below us; any byte counted as a sign of life.
            // They cost work as well.
            Some(Ok(Message::Ping(_) | Message::Pong(_) | Message::Frame(_))) => {
                rate.admit(1).await
            }
            Some(Err(Error::Capacity(_))) => Err(Refusal::TooLarge),
            // It hung up.
            Some(Err(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                return End::ByPeer;
            }
            Some(Ok(Message::Text(_)) | Err(Error::Protocol(_) | Error::Utf8(_))) => {
                Err(Refusal::Malformed)
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return End::ByPeer,
        };
        if let Err(reason) = verdict {
            return End::Refused(reason);
        }
    }
}

/// Writes what the queue gives: many frames, then one flush.
async fn write<S: AsyncRead + AsyncWrite + Unpin>(
    sink: &mut SplitSink<Socket<S>, Message>,
    queue: &Queue,
    metrics: &Metrics,
) -> End {
    loop {
        // A new one each time: an idle connection keeps no memory for it.
        let mut batch = Batch::default();
        let ping = match queue.take(&mut batch).await {
            Taken::Batch { ping } => ping,
            Taken::End(reason) => return End::Refused(reason),
        };
        let frames = batch.frames.len();
        while let Some(frame) = batch.frames.pop_front() {
            if sink.feed(Message::Binary(frame)).await.is_err() {
                return End::ByPeer;
            }
        }
        if ping && sink.feed(Message::Ping(Bytes::new())).await.is_err() {
            return End::ByPeer;
        }
        if sink.flush().await.is_err() {
            return End::ByPeer;
        }
        metrics.wrote(frames, batch.bytes, batch.since.map(|since| since.elapsed()));
    }
}

/// Pings a silent peer, and ends the connection if it stays silent.
async fn watch(activity: &Activity, queue: &Queue, limits: &Limits) -> End {
    let mut pinged_since = None;
    loop {
        let last = activity.last();
        let ping_at = last + limits.ping_interval;
        let end_at = ping_at + limits.ping_timeout;
        let now = Instant::now();
        if now < ping_at {
            sleep_until(ping_at).await;
        } else if now < end_at {
            if pinged_since != Some(last) {
                pinged_since = Some(last);
                queue.ping();
            }
            sleep_until(end_at.min(now + limits.ping_interval)).await;
        } else {
            return End::Refused(Refusal::PingTimeout);
        }
    }
}

/// When the relay stops: what waits goes out, then when to come back, then the end.
async fn say_goodbye(
    context: &Context,
    queue: &Arc<Queue>,
    jitter: u32,
) -> std::convert::Infallible {
    context.stop.cancelled().await;
    // As many as there were when the first of them heard of it.
    let open = *context.open_at_stop.get_or_init(|| context.open());
    let retry_after = retry_after(open, jitter);
    queue.send(Bytes::from(RelayFrame::GoingAway { retry_after }.encode()));
    queue.finish(Refusal::Stopping);
    std::future::pending().await
}

/// When a tab is to come back, in milliseconds, if so many connections are told to.
fn retry_after(connections: usize, jitter: u32) -> u32 {
    let connections = u32::try_from(connections).unwrap_or(u32::MAX);
    let spread = RETRY_SPREAD_MILLIS.max(connections.saturating_mul(1_000 / RETURNS_PER_SECOND));
    RETRY_LEAST_MILLIS + jitter % spread
}

/// Closes a connection so that the peer has a chance to read why.
///
/// A socket that is dropped while bytes of its peer are unread resets the
/// connection, and what was sent last is lost with it. So what comes in is read
/// and thrown away until the peer agrees to the close or hangs up, for as long as
/// the limits allow.
async fn close<S: AsyncRead + AsyncWrite + Unpin>(
    mut socket: Socket<S>,
    end: End,
    limits: &Limits,
) {
    let closing = async {
        if let End::Refused(reason) = end {
            // `GoingAway` has said it already.
            if reason != Refusal::Stopping {
                let frame = Bytes::from(RelayFrame::Refused { reason }.encode());
                socket.feed(Message::Binary(frame)).await?;
            }
            let code = reason.close_code().into();
            let frame = CloseFrame { code, reason: reason.to_string().into() };
            socket.send(Message::Close(Some(frame))).await?;
        }
        let mut agreed = matches!(end, End::ByPeer);
        while let Some(Ok(message)) = socket.next().await {
            agreed |= message.is_close();
        }
        let stream = socket.get_mut();
        stream.shutdown().await?;
        // On the heap: a connection that is not being closed keeps no place for it.
        let mut discarded = vec![0; DISCARD_BUFFER];
        while !agreed && stream.read(&mut discarded).await? > 0 {}
        Ok::<_, Error>(())
    };
    match timeout(limits.close_timeout, closing).await {
        Ok(Ok(())) => {}
        Ok(Err(error)) => tracing::debug!(%error, "the peer was gone before the close"),
        Err(_) => tracing::debug!("the peer did not take the close in time"),
    }
}

/// The relay's clock; zero if it stands before 1970.
pub(crate) fn now() -> UnixMillis {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixMillis(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ten_thousand_tabs_do_not_come_back_within_a_second() {
        let mut per_second = std::collections::BTreeMap::new();
        for n in 0..10_000_u32 {
            let at = retry_after(10_000, n.wrapping_mul(2_654_435_761));
            *per_second.entry(at / 1_000).or_insert(0) += 1;
        }
        assert!(per_second.values().all(|count| *count < 2 * RETURNS_PER_SECOND));
    }

    #[test]
    fn a_few_tabs_come_back_soon() {
        let latest = (0..10_000).map(|jitter| retry_after(3, jitter)).max();
        assert_eq!(latest, Some(RETRY_LEAST_MILLIS + RETRY_SPREAD_MILLIS - 1));
    }
}
