//! One WebSocket of an archive, to its own relay within the process or to another.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use chain_wasm::link::SocketEvent;
use chain_wasm::relay::MAX_FRAME;
use futures_util::{SinkExt, StreamExt};
use tokio::io::{AsyncRead, AsyncWrite, DuplexStream, duplex};
use tokio::net::TcpStream;
use tokio::runtime::Handle;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};
use tokio_util::task::TaskTracker;

use super::super::relay_url::RelayUrl;
use crate::connection::{self, Activity, Context, Watched};

/// A close without a code: the connection broke, or never was (RFC 6455, 7.1.5).
const ABNORMAL: u16 = 1006;

/// How long connecting may take: less than a link waits for it, so that it is told why.
const CONNECTING: Duration = Duration::from_secs(8);

/// Between this archive and its relay, in bytes each way.
const PIPE: usize = 64 * 1024;

/// The relay that an archive is part of.
#[derive(Debug, Clone)]
pub struct OwnRelay {
    /// What its connections share.
    pub context: Context,
    /// Their tasks.
    pub connections: TaskTracker,
    /// Where they run.
    pub runtime: Handle,
}

/// Where a room is kept in step with others.
#[derive(Debug, Clone)]
pub(super) enum Relay {
    /// This archive's own relay: a connection like any other, but without a network, a
    /// handshake or a place among those of strangers.
    Own(OwnRelay),
    /// Another.
    Other(OtherRelay),
}

/// Another relay.
#[derive(Debug, Clone)]
pub(super) struct OtherRelay {
    url: RelayUrl,
    /// Whether it was told that it is not reached: once, and not at each try.
    told: Arc<AtomicBool>,
}

impl From<RelayUrl> for Relay {
    fn from(url: RelayUrl) -> Self {
        Self::Other(OtherRelay { url, told: Arc::default() })
    }
}

impl Relay {
    pub(super) fn name(&self) -> &str {
        match self {
            Self::Own(_) => "this relay",
            Self::Other(other) => other.url.as_str(),
        }
    }
}

/// A socket; dropping it closes the connection, and no event comes any more.
pub(super) struct Socket {
    frames: mpsc::UnboundedSender<Vec<u8>>,
    buffered: Arc<AtomicUsize>,
    task: JoinHandle<()>,
}

impl Socket {
    /// Opens a connection; `tell` gives each event to whoever listens, and waits until it is
    /// taken.
    pub(super) fn open<T>(
        relay: Relay,
        tell: impl Fn(SocketEvent) -> T + Send + Sync + 'static,
    ) -> Self
    where
        T: Future<Output = ()> + Send,
    {
        // The link counts what waits here, and gives up when it is too much.
        let (frames, queue) = mpsc::unbounded_channel();
        let buffered = Arc::new(AtomicUsize::new(0));
        let waiting = Arc::clone(&buffered);
        let task = tokio::spawn(async move {
            let code = match relay {
                Relay::Own(own) => converse(own_relay(own).await, queue, &waiting, &tell).await,
                Relay::Other(other) => match other.connect().await {
                    Some(socket) => converse(socket, queue, &waiting, &tell).await,
                    None => ABNORMAL,
                },
            };
            tell(SocketEvent::Closed { code }).await;
        });
        Self { frames, buffered, task }
    }

    /// Sends a frame. A socket that closes takes it in vain: its close is told.
    pub(super) fn send(&self, frame: Vec<u8>) {
        self.buffered.fetch_add(frame.len(), Ordering::Relaxed);
        let _ = self.frames.send(frame);
    }

    /// How many bytes wait to be sent.
    pub(super) fn buffered(&self) -> usize {
        self.buffered.load(Ordering::Relaxed)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.task.abort();
    }
}

fn config() -> WebSocketConfig {
    WebSocketConfig::default().max_message_size(Some(MAX_FRAME)).max_frame_size(Some(MAX_FRAME))
}

/// A connection to this archive's own relay.
pub(in crate::archive) async fn own_relay(own: OwnRelay) -> WebSocketStream<DuplexStream> {
    let (relays, ours) = duplex(PIPE);
    let activity = Arc::new(Activity::new());
    let watched = Watched::new(relays, Arc::clone(&activity), ());
    let client = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let serving = connection::serve(watched, activity, client, own.context);
    own.runtime.spawn(own.connections.track_future(serving));
    WebSocketStream::from_raw_socket(ours, Role::Client, Some(config())).await
}

impl OtherRelay {
    async fn connect(&self) -> Option<WebSocketStream<MaybeTlsStream<TcpStream>>> {
        let connecting = connect_async_with_config(self.url.as_str(), Some(config()), true);
        match timeout(CONNECTING, connecting).await {
            Ok(Ok((socket, _))) => {
                self.told.store(false, Ordering::Relaxed);
                Some(socket)
            }
            Ok(Err(error)) => self.is_missed(&error.to_string()),
            Err(_) => self.is_missed("it does not answer"),
        }
    }

    fn is_missed<T>(&self, why: &str) -> Option<T> {
        if self.told.swap(true, Ordering::Relaxed) {
            tracing::debug!(url = %self.url, why, "a relay is not reached");
        } else {
            tracing::warn!(url = %self.url, why, "a relay is not reached: tried again and again");
        }
        None
    }
}

/// Sends and receives until the connection ends; gives the close code.
async fn converse<S, T>(
    socket: WebSocketStream<S>,
    mut queue: mpsc::UnboundedReceiver<Vec<u8>>,
    waiting: &AtomicUsize,
    tell: &(impl Fn(SocketEvent) -> T + Send + Sync),
) -> u16
where
    S: AsyncRead + AsyncWrite + Unpin,
    T: Future<Output = ()> + Send,
{
    let (mut sink, mut stream) = socket.split();
    let sending = async {
        while let Some(frame) = queue.recv().await {
            let size = frame.len();
            let sent = sink.send(Message::binary(frame)).await;
            waiting.fetch_sub(size, Ordering::Relaxed);
            if sent.is_err() {
                break;
            }
        }
        // What the other side still has to say says why.
        std::future::pending().await
    };
    let receiving = async {
        loop {
            match stream.next().await {
                Some(Ok(Message::Binary(bytes))) => tell(SocketEvent::Message(bytes.into())).await,
                Some(Ok(Message::Text(_))) => tell(SocketEvent::Text).await,
                Some(Ok(Message::Close(close))) => {
                    return close.map_or(ABNORMAL, |close| close.code.into());
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return ABNORMAL,
            }
        }
    };
    tokio::select! {
        code = receiving => code,
        never = sending => never,
    }
}
