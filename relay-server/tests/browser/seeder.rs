//! A peer that serves one long chain and does nothing else: it counts what it gives,
//! and stops at a limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};

use chain_wasm::node::room_of;
use chain_wasm::primitives::{Hash, Keypair, PeerId};
use chain_wasm::relay::{ClientFrame, RelayFrame};
use chain_wasm::wire::{MAX_HEADERS, MAX_RESPONSE, Message, RequestId, Status};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message as Frame;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::forge::LongChain;
use crate::relay::Relay;
use crate::stranger::register;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Runs until it is dropped.
pub(crate) struct Seeder {
    task: JoinHandle<()>,
    served: Arc<Served>,
    limit: watch::Sender<u32>,
    grown: watch::Sender<u32>,
}

#[derive(Default)]
struct Served {
    blocks: AtomicU32,
    height: AtomicU32,
    bytes: AtomicUsize,
}

impl Drop for Seeder {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Seeder {
    /// Serves at most `limit` blocks, in all, until it is told otherwise.
    pub(crate) async fn start(relay: &Relay, chain: LongChain, limit: u32) -> Self {
        let session = Keypair::from_seed([205; 32]);
        let (room, status) = (room_of(&chain.spec), status_of(&chain));
        let (socket, welcome) = register(relay, &session, room, &status).await;
        let welcome = RelayFrame::decode(&welcome).unwrap();
        assert!(matches!(welcome, RelayFrame::Welcome { .. }), "not welcome: {welcome:?}");
        let served = Arc::new(Served::default());
        let (limit, limits) = watch::channel(limit);
        let (grown, growth) = watch::channel(0);
        let serving = Serving { chain, served: Arc::clone(&served), waiting: Vec::new() };
        let task = tokio::spawn(serving.run(socket, limits, growth));
        Self { task, served, limit, grown }
    }

    /// Serves at most this many blocks more, until it is told otherwise.
    pub(crate) fn serve_more(&self, blocks: u32) {
        self.limit.send_replace(self.served().saturating_add(blocks));
    }

    /// Blocks that were given away.
    pub(crate) fn served(&self) -> u32 {
        self.served.blocks.load(Ordering::Relaxed)
    }

    /// Bytes of all that was sent.
    pub(crate) fn bytes(&self) -> usize {
        self.served.bytes.load(Ordering::Relaxed)
    }

    /// The height of its chain.
    pub(crate) fn height(&self) -> u32 {
        self.served.height.load(Ordering::Relaxed)
    }

    /// Adds a block and announces it.
    pub(crate) fn grow(&self) {
        self.grown.send_modify(|grown| *grown += 1);
    }
}

fn status_of(chain: &LongChain) -> Vec<u8> {
    let author = Keypair::from_seed([206; 32]).public();
    Status::new(author, chain.tip(), chain.height(), chain.work).encode()
}

struct Serving {
    chain: LongChain,
    served: Arc<Served>,
    /// What is asked for beyond the limit.
    waiting: Vec<(PeerId, RequestId, Vec<Hash>)>,
}

impl Serving {
    async fn run(
        mut self,
        mut socket: Socket,
        mut limits: watch::Receiver<u32>,
        mut growth: watch::Receiver<u32>,
    ) {
        loop {
            let frames = tokio::select! {
                Ok(()) = limits.changed() => Vec::new(),
                Ok(()) = growth.changed() => self.grow(),
                message = socket.next() => match message {
                    Some(Ok(Frame::Binary(bytes))) => self.take(&bytes),
                    Some(Ok(_)) => Vec::new(),
                    _ => return,
                },
            };
            self.served.height.store(self.chain.height(), Ordering::Relaxed);
            let answers = self.answer_waiting(*limits.borrow());
            for frame in frames.into_iter().chain(answers) {
                self.served.bytes.fetch_add(frame.len(), Ordering::Relaxed);
                if socket.send(Frame::binary(frame)).await.is_err() {
                    return;
                }
            }
        }
    }

    fn grow(&mut self) -> Vec<Vec<u8>> {
        let block = self.chain.grow();
        let payload = Message::Block { block }.encode();
        let status = status_of(&self.chain);
        vec![
            ClientFrame::Broadcast { payload: &payload }.encode(),
            ClientFrame::SetStatus { status: &status }.encode(),
        ]
    }

    fn take(&mut self, frame: &[u8]) -> Vec<Vec<u8>> {
        match RelayFrame::decode(frame) {
            Ok(RelayFrame::PeerLeft { peer }) => self.waiting.retain(|(from, ..)| *from != peer),
            Ok(RelayFrame::Deliver { from, payload }) => match Message::decode(payload) {
                Ok(Message::GetHeaders { request, locator }) => {
                    let shared = locator.iter().find_map(|hash| self.chain.height_of(hash));
                    let above = self.chain.headers.iter().skip(shared.unwrap_or(0));
                    let headers =
                        above.take(MAX_HEADERS).map(|header| header.clone().into()).collect();
                    return vec![to(from, &Message::Headers { request, headers })];
                }
                Ok(Message::GetBlocks { request, hashes }) => {
                    self.waiting.push((from, request, hashes));
                }
                Ok(Message::Block { block }) => self.chain.take(&block),
                Ok(Message::GetMempool { request }) => {
                    return vec![to(from, &Message::Mempool { request, ids: Vec::new() })];
                }
                _ => {}
            },
            _ => {}
        }
        Vec::new()
    }

    /// Answers what may be answered, whole or not at all.
    fn answer_waiting(&mut self, limit: u32) -> Vec<Vec<u8>> {
        let mut frames = Vec::new();
        while let Some((from, request, hashes)) = self.waiting.first() {
            let room = limit.saturating_sub(self.served.blocks.load(Ordering::Relaxed));
            let mut size = 0;
            let blocks: Vec<_> = hashes
                .iter()
                .filter_map(|hash| self.chain.block(hash))
                .take_while(|block| {
                    size += block.len();
                    size <= MAX_RESPONSE
                })
                .map(|block| block.to_vec().into())
                .collect();
            let count = u32::try_from(blocks.len()).unwrap();
            if count > room {
                break;
            }
            self.served.blocks.fetch_add(count, Ordering::Relaxed);
            frames.push(to(*from, &Message::Blocks { request: *request, blocks }));
            self.waiting.remove(0);
        }
        frames
    }
}

fn to(peer: PeerId, message: &Message) -> Vec<u8> {
    ClientFrame::Send { to: peer, payload: &message.encode() }.encode()
}
