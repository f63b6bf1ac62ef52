//! Strangers who mean harm, at ten times what the relay allows, beside a room of honest
//! tabs.
//!
//! Each kind of harm comes from addresses of its own (all of `127.0.0.0/8` is loopback), as
//! limits count by address, at a rate of its own, so that what is measured is the relay and
//! not how quickly this program can do harm.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chain_wasm::primitives::{Hash, Keypair, Signature};
use chain_wasm::relay::{ClientFrame, RelayFrame, VERSION, register};
use clap::ValueEnum;
use futures_util::{SinkExt, StreamExt};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::{WebSocketStream, client_async};

/// What the relay is started with.
pub(crate) const LIMITS: [&str; 8] = [
    "--frames-per-second=300",
    "--bytes-per-second=1MiB",
    "--rate-patience=2s",
    "--max-per-address=50",
    "--max-connections=1000",
    "--max-rooms=100",
    "--register-timeout=3s",
    "--queue-total=64MiB",
];

/// What the relay may use beside what it did in quiet times, in bytes: what all queues may
/// hold, and for each of 1,000 connections and 1,000 other sockets its buffers (64 KiB to
/// be read at once, and as much of its own to wait).
pub(crate) const MEMORY: f64 = (64.0 + 2_000.0 * 0.128) * 1024.0 * 1024.0;

/// How often each kind of harm is done, in a second.
const HALF_OPEN: u32 = 100;
const GARBAGE: u32 = 100;
const OVERSIZED: u32 = 20;
const REGISTRATIONS: u32 = 200;
const ROOMS: u32 = 1_000;
const FLOODERS: u8 = 4;
const FLOOD: u32 = 3_000;
const SLOW: u32 = 20;

/// A kind of harm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Kind {
    /// Requests that are begun and never ended
    HalfOpen,
    /// Bytes that are no frame
    Garbage,
    /// Frames that are too large
    Oversized,
    /// Registrations under a name whose key they lack
    FalseNames,
    /// Rooms that are made and left
    Rooms,
    /// Frames, ten times as many as one may send
    Floods,
    /// Receivers in the honest room that do not read
    SlowReaders,
}

/// What was done.
#[derive(Debug, Default)]
pub(crate) struct Harm {
    pub(crate) half_open: AtomicU64,
    pub(crate) garbage: AtomicU64,
    pub(crate) oversized: AtomicU64,
    pub(crate) registrations: AtomicU64,
    pub(crate) rooms: AtomicU64,
    pub(crate) flood: AtomicU64,
    pub(crate) slow: AtomicU64,
}

type Socket = WebSocketStream<TcpStream>;

/// Does harm of these kinds until the set is dropped, one part in `pace` of it as often as
/// it could be. `honest` is the room to be slow in.
pub(crate) fn begin(
    address: SocketAddr,
    honest: Hash,
    kinds: &[Kind],
    pace: u32,
    harm: &Arc<Harm>,
) -> JoinSet<()> {
    let mut all = JoinSet::new();
    let harm = || Arc::clone(harm);
    for kind in kinds {
        match kind {
            Kind::HalfOpen => {
                all.spawn(each(HALF_OPEN / pace, harm(), move |harm| half_open(address, harm)));
            }
            Kind::Garbage => {
                all.spawn(each(GARBAGE / pace, harm(), move |harm| garbage(address, harm)));
            }
            Kind::Oversized => {
                all.spawn(each(OVERSIZED / pace, harm(), move |harm| oversized(address, harm)));
            }
            Kind::FalseNames => {
                let each =
                    each(REGISTRATIONS / pace, harm(), move |harm| false_name(address, harm));
                all.spawn(each);
            }
            Kind::Rooms => {
                all.spawn(each(ROOMS / pace, harm(), move |harm| room(address, harm)));
            }
            Kind::Floods => {
                for n in 0..FLOODERS.div_ceil(u8::try_from(pace).unwrap_or(u8::MAX)) {
                    all.spawn(flood(address, n, harm()));
                }
            }
            Kind::SlowReaders => {
                all.spawn(each(SLOW / pace, harm(), move |harm| slow(address, honest, harm)));
            }
        }
    }
    all
}

/// Does something so many times a second, whether the last is over or not.
async fn each<F: Future<Output = Option<()>> + Send + 'static>(
    a_second: u32,
    harm: Arc<Harm>,
    what: impl Fn(Arc<Harm>) -> F,
) {
    let mut under_way = JoinSet::new();
    let mut ticks = interval(Duration::from_secs(1) / a_second);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
    loop {
        ticks.tick().await;
        while under_way.try_join_next().is_some() {}
        // Not more than this machine's own sockets allow.
        if under_way.len() < 500 {
            under_way.spawn(what(Arc::clone(&harm)));
        }
    }
}

async fn connect(address: SocketAddr, from: u8) -> Option<TcpStream> {
    let socket = TcpSocket::new_v4().ok()?;
    socket.bind(SocketAddr::new(Ipv4Addr::new(127, 0, 1, from).into(), 0)).ok()?;
    socket.connect(address).await.ok()
}

async fn open(address: SocketAddr, from: u8) -> Option<Socket> {
    let stream = connect(address, from).await?;
    let request = format!("ws://{address}/ws").into_client_request().ok()?;
    Some(timeout(Duration::from_secs(5), client_async(request, stream)).await.ok()?.ok()?.0)
}

async fn challenge(socket: &mut Socket) -> Option<Hash> {
    let message = socket.next().await?.ok()?;
    let Message::Binary(bytes) = message else { return None };
    match RelayFrame::decode(&bytes).ok()? {
        RelayFrame::Challenge { nonce, .. } => Some(nonce),
        _ => None,
    }
}

async fn join(address: SocketAddr, from: u8, n: u64, room: Hash) -> Option<Socket> {
    let mut socket = open(address, from).await?;
    let nonce = challenge(&mut socket).await?;
    let mut seed = [77; 32];
    seed[..8].copy_from_slice(&n.to_be_bytes());
    let frame = register(&Keypair::from_seed(seed), &nonce, room, b"").encode();
    socket.send(Message::binary(frame)).await.ok()?;
    Some(socket)
}

fn count(of: &AtomicU64) -> u64 {
    of.fetch_add(1, Ordering::Relaxed)
}

/// The beginning of a request, and then nothing.
async fn half_open(address: SocketAddr, harm: Arc<Harm>) -> Option<()> {
    let mut stream = connect(address, 2).await?;
    count(&harm.half_open);
    stream.write_all(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgra").await.ok()?;
    tokio::time::sleep(Duration::from_secs(4)).await;
    Some(())
}

/// Bytes that are no frame, before and after the handshake.
async fn garbage(address: SocketAddr, harm: Arc<Harm>) -> Option<()> {
    let n = count(&harm.garbage);
    if n.is_multiple_of(2) {
        let mut stream = connect(address, 3).await?;
        stream.write_all(&[0xff; 4_096]).await.ok()?;
        return Some(());
    }
    let mut socket = open(address, 3).await?;
    socket.send(Message::binary(vec![0xff; 1_000])).await.ok()?;
    read_to_end(&mut socket).await;
    Some(())
}

async fn oversized(address: SocketAddr, harm: Arc<Harm>) -> Option<()> {
    count(&harm.oversized);
    let mut socket = open(address, 4).await?;
    socket.send(Message::binary(vec![0; 2 * 1024 * 1024])).await.ok()?;
    read_to_end(&mut socket).await;
    Some(())
}

/// A registration under a name whose key it lacks.
async fn false_name(address: SocketAddr, harm: Arc<Harm>) -> Option<()> {
    let n = count(&harm.registrations);
    let mut socket = open(address, 5).await?;
    challenge(&mut socket).await?;
    let frame = ClientFrame::Register {
        version: VERSION,
        room: Hash::of(b"any"),
        peer: Keypair::from_seed([78; 32]).public(),
        signature: Signature::from_bytes([u8::try_from(n % 256).unwrap_or_default(); 64]),
        status: b"",
    };
    socket.send(Message::binary(frame.encode())).await.ok()?;
    read_to_end(&mut socket).await;
    Some(())
}

/// A room of one's own, left at once.
async fn room(address: SocketAddr, harm: Arc<Harm>) -> Option<()> {
    let n = count(&harm.rooms);
    let from = 10 + u8::try_from(n % 100).unwrap_or_default();
    let mut socket = join(address, from, n, Hash::of(&n.to_be_bytes())).await?;
    socket.next().await?.ok()?;
    Some(())
}

/// Small frames, ten times as many as one may send, until the relay has had enough.
async fn flood(address: SocketAddr, of: u8, harm: Arc<Harm>) {
    loop {
        let name = 1_000_000 + u64::from(of);
        if let Some(mut socket) = join(address, 200 + of, name, Hash::of(&[of])).await {
            let mut ticks = interval(Duration::from_millis(10));
            ticks.set_missed_tick_behavior(MissedTickBehavior::Burst);
            let frame = ClientFrame::Broadcast { payload: &[0; 100] }.encode();
            'sending: loop {
                ticks.tick().await;
                for _ in 0..FLOOD / 100 {
                    count(&harm.flood);
                    if socket.send(Message::binary(frame.clone())).await.is_err() {
                        break 'sending;
                    }
                }
            }
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
}

/// Joins the honest tabs' room and reads nothing.
async fn slow(address: SocketAddr, honest: Hash, harm: Arc<Harm>) -> Option<()> {
    let n = count(&harm.slow);
    let socket = join(address, 6, 2_000_000 + n, honest).await?;
    tokio::time::sleep(Duration::from_secs(20)).await;
    drop(socket);
    Some(())
}

async fn read_to_end(socket: &mut Socket) {
    let reading = async { while let Some(Ok(_)) = socket.next().await {} };
    let _ = timeout(Duration::from_secs(5), reading).await;
}
