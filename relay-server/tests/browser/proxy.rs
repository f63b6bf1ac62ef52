//! A line between browsers and the relay that is slow or dead at will.

use std::net::SocketAddr;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, watch};
use tokio::task::JoinSet;
use tokio::time::Instant;

/// What is under way on one connection at the most, in reads: then TCP holds the
/// sender back.
const UNDER_WAY: usize = 1_024;

/// Runs until it is dropped.
pub(crate) struct Proxy {
    pub(crate) address: SocketAddr,
    alive: watch::Sender<bool>,
    _connections: JoinSet<()>,
}

impl Proxy {
    /// A line whose every byte takes so long, in each direction.
    pub(crate) async fn start(relay: SocketAddr, delay: Duration) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (alive, state) = watch::channel(true);
        let mut connections = JoinSet::new();
        connections.spawn(async move {
            let mut open = JoinSet::new();
            while let Ok((browser, _)) = listener.accept().await {
                open.spawn(connect(browser, relay, delay, state.clone()));
            }
        });
        Self { address, alive, _connections: connections }
    }

    /// From now on nothing arrives, and nobody is told: as without a network.
    pub(crate) fn silence(&self) {
        self.alive.send_replace(false);
    }

    /// What was held up arrives.
    pub(crate) fn restore(&self) {
        self.alive.send_replace(true);
    }

    /// The address of a room.
    pub(crate) fn room(&self, host: &str, room: &str) -> String {
        format!("http://{host}:{}/#/r/{room}", self.address.port())
    }
}

async fn connect(
    browser: TcpStream,
    relay: SocketAddr,
    delay: Duration,
    alive: watch::Receiver<bool>,
) {
    let Ok(relay) = TcpStream::connect(relay).await else { return };
    for stream in [&browser, &relay] {
        stream.set_nodelay(true).unwrap();
    }
    let (from_browser, to_browser) = browser.into_split();
    let (from_relay, to_relay) = relay.into_split();
    // When one direction ends, the other may still have something to carry.
    tokio::join!(
        carry(from_browser, to_relay, delay, alive.clone()),
        carry(from_relay, to_browser, delay, alive),
    );
}

async fn carry(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    delay: Duration,
    mut alive: watch::Receiver<bool>,
) {
    let (queue, mut queued) = mpsc::channel::<(Instant, Vec<u8>)>(UNDER_WAY);
    let read = async move {
        let mut buffer = vec![0; 64 * 1024];
        while let Ok(size @ 1..) = from.read(&mut buffer).await {
            let due = Instant::now() + delay;
            if queue.send((due, buffer[..size].to_vec())).await.is_err() {
                break;
            }
        }
    };
    let write = async move {
        while let Some((due, bytes)) = queued.recv().await {
            tokio::time::sleep_until(due).await;
            let held = alive.wait_for(|alive| *alive).await.is_err();
            if held || to.write_all(&bytes).await.is_err() {
                break;
            }
        }
    };
    tokio::join!(read, write);
}
