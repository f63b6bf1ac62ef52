//! A peer without a browser: the same node, driven natively over a real socket.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::{Instant as Clock, SystemTime, UNIX_EPOCH};

use chain_wasm::chain::block::Block;
use chain_wasm::chain::pack;
use chain_wasm::chain::spec::Spec;
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::chain::{Chain, Trust};
use chain_wasm::node::{Config, Input, Node, Now, Output, Restored, StorageMode, room_of};
use chain_wasm::primitives::{Hash, Instant, Keypair, UnixMillis};
use chain_wasm::relay::{ClientFrame, RelayFrame};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio::task::JoinHandle;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::relay::Relay;
use crate::stranger::register;

/// The blocks that it began with: more than a node holds in memory.
type Blocks = BTreeMap<Hash, Vec<u8>>;
type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Runs until it is dropped.
pub(crate) struct NativePeer {
    task: JoinHandle<()>,
    heard: Heard,
}

/// All that came from the relay, byte for byte.
type Heard = Arc<Mutex<Vec<u8>>>;

impl Drop for NativePeer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl NativePeer {
    /// A peer of a `work` room that has this many blocks, one signed entry in each.
    pub(crate) async fn with_blocks(relay: &Relay, room: &str, blocks: u32) -> Self {
        let spec = Spec::work(room).unwrap();
        let chain = make_chain(&spec, blocks);
        Self::with_chain(relay, spec, chain).await
    }

    /// A peer that has these blocks.
    pub(crate) async fn with_chain(relay: &Relay, spec: Spec, chain: Vec<Vec<u8>>) -> Self {
        // The future holds a socket and a node.
        Box::pin(Self::begin(relay, spec, chain)).await
    }

    async fn begin(relay: &Relay, spec: Spec, chain: Vec<Vec<u8>>) -> Self {
        let height = u32::try_from(chain.len()).unwrap();
        let session = Keypair::from_seed([201; 32]);
        let store: Blocks =
            chain.iter().map(|bytes| (pack::hash_of(bytes).unwrap(), bytes.clone())).collect();
        let restored = Restored { blocks: chain, ..Restored::default() };
        let config = Config {
            spec: spec.clone(),
            secret: None,
            wallet: Keypair::from_seed([202; 32]),
            peer: session.public(),
            seed: [203; 32],
            storage: StorageMode::Durable,
        };
        let clock = Clock::now();
        let mut node = Node::new(config, restored, now(clock));
        let mut status = Vec::new();
        let mut early = Vec::new();
        while let Some(output) = node.poll_output() {
            match output {
                Output::SetStatus(bytes) => status = bytes,
                Output::Store { store, .. } => early.push(Input::Stored { store }),
                _ => {}
            }
        }
        for input in early {
            node.handle(now(clock), input);
        }
        assert_eq!(node.chain().height(), height);
        let (socket, welcome) = register(relay, &session, room_of(&spec), &status).await;
        let RelayFrame::Welcome { time, peers } = RelayFrame::decode(&welcome).unwrap() else {
            panic!("not welcome: {welcome:?}")
        };
        let peers = peers.iter().map(|one| (one.peer, one.status.to_vec())).collect();
        node.handle(now(clock), Input::LinkUp { peers, relay_time: time });
        let heard = Heard::default();
        let task = tokio::spawn(drive(node, store, clock, socket, heard.clone()));
        Self { task, heard }
    }

    /// All that has come from the relay since it registered.
    pub(crate) fn heard(&self) -> Vec<u8> {
        self.heard.lock().unwrap().clone()
    }
}

fn now(clock: Clock) -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mono = clock.elapsed().as_millis();
    Now {
        mono: Instant(u64::try_from(mono).unwrap()),
        wall: UnixMillis(u64::try_from(wall).unwrap()),
    }
}

async fn drive(mut node: Node, store: Blocks, clock: Clock, mut socket: Socket, heard: Heard) {
    loop {
        while let Some(output) = node.poll_output() {
            let frame = match &output {
                Output::Broadcast(payload) => ClientFrame::Broadcast { payload }.encode(),
                Output::Send { to, bytes } => {
                    ClientFrame::Send { to: *to, payload: bytes }.encode()
                }
                Output::SetStatus(status) => ClientFrame::SetStatus { status }.encode(),
                Output::Store { store, .. } => {
                    node.handle(now(clock), Input::Stored { store: *store });
                    continue;
                }
                Output::Load { load, blocks } => {
                    let blocks = blocks.iter().map(|block| store.get(&block.hash).cloned());
                    let loaded = Input::Loaded { load: *load, blocks: blocks.collect() };
                    node.handle(now(clock), loaded);
                    continue;
                }
                _ => continue,
            };
            if socket.send(Message::binary(frame)).await.is_err() {
                return;
            }
        }
        let elapsed = now(clock).mono;
        let wait = node.next_wakeup().map_or(60_000, |at| at.since(elapsed)).min(60_000);
        let wakeup = tokio::time::sleep(std::time::Duration::from_millis(wait));
        let input = tokio::select! {
            () = wakeup => Input::Wakeup,
            message = socket.next() => match message {
                Some(Ok(Message::Binary(bytes))) => {
                    heard.lock().unwrap().extend_from_slice(&bytes);
                    match input_of(&bytes) {
                        Some(input) => input,
                        None => continue,
                    }
                }
                Some(Ok(_)) => continue,
                _ => return,
            },
        };
        node.handle(now(clock), input);
    }
}

fn input_of(bytes: &[u8]) -> Option<Input> {
    Some(match RelayFrame::decode(bytes).ok()? {
        RelayFrame::PeerJoined { peer, status } => {
            Input::PeerJoined { peer, status: status.to_vec() }
        }
        RelayFrame::PeerLeft { peer } => Input::PeerLeft { peer },
        RelayFrame::PeerStatus { peer, status } => {
            Input::PeerStatus { peer, status: status.to_vec() }
        }
        RelayFrame::Deliver { from, payload } => Input::Frame { from, bytes: payload.to_vec() },
        RelayFrame::Undeliverable { to } => Input::Undeliverable { to },
        _ => return None,
    })
}

/// A valid chain of a quiet room: a block every ten seconds until now.
pub(crate) fn make_chain(spec: &Spec, blocks: u32) -> Vec<Vec<u8>> {
    let author = Keypair::from_seed([204; 32]);
    let mut chain = Chain::new(spec.clone());
    let end = now(Clock::now()).wall.0;
    let mut encoded = Vec::new();
    for n in 0..blocks {
        let time = UnixMillis(end - u64::from(blocks - n) * 10_000);
        let text = format!("entry {n} of a long chain").into_bytes();
        let body = Body::Data { media_type: "text/plain".to_owned(), bytes: text };
        let content = Content {
            chain: chain.id(),
            author: author.public(),
            timestamp: time,
            salt: [0; 16],
            body,
        };
        chain.insert_transaction(Transaction::sign(content, &author)).unwrap();
        let mut block = chain.template(author.public(), time).unwrap();
        mine(&mut block);
        let bytes = block.encode();
        chain.insert_blocks(vec![bytes.clone()], Trust::Store, time);
        chain.advance();
        encoded.push(bytes);
    }
    encoded
}

/// Finds a nonce.
pub(crate) fn mine(block: &mut Block) {
    while !block.header.difficulty.is_met_by(&block.header.hash()) {
        block.header.nonce += 1;
    }
}
