//! A client of either server.

use std::net::SocketAddr;

use bytes::Bytes;
use chain_wasm::primitives::{Hash, Keypair};
use chain_wasm::relay::{ClientFrame, RelayFrame, register};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::server::{Kind, Server};

pub(crate) struct Client {
    kind: Kind,
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Client {
    /// Connects and, at the relay, joins a room under the n-th name.
    pub(crate) async fn join(server: &Server, room: u32, n: u32) -> Self {
        let stream = connect(server.address).await;
        stream.set_nodelay(true).unwrap();
        let request = format!("ws://{}/ws", server.address).into_client_request().unwrap();
        // Ten thousand of them are in this process.
        let config = WebSocketConfig::default().read_buffer_size(4_096).write_buffer_size(0);
        let (socket, _) = client_async_with_config(request, stream, Some(config)).await.unwrap();
        let mut client = Self { kind: server.kind, socket };
        if server.kind == Kind::Baseline {
            client.frame().await;
        }
        if server.kind == Kind::Relay {
            let challenge = client.frame().await;
            let RelayFrame::Challenge { nonce, .. } = RelayFrame::decode(&challenge).unwrap()
            else {
                panic!("no challenge")
            };
            let mut seed = [9; 32];
            seed[..4].copy_from_slice(&n.to_be_bytes());
            let room = Hash::of(&room.to_be_bytes());
            let frame = register(&Keypair::from_seed(seed), &nonce, room, b"");
            client.write(frame.encode()).await;
            let welcome = client.frame().await;
            let frame = RelayFrame::decode(&welcome).unwrap();
            assert!(matches!(frame, RelayFrame::Welcome { .. }), "{frame:?}");
        }
        client
    }

    async fn write(&mut self, frame: Vec<u8>) {
        self.socket.send(Message::Binary(frame.into())).await.unwrap();
    }

    /// Hands a payload over, not yet flushed.
    pub(crate) async fn feed(&mut self, payload: &[u8]) {
        let frame = match self.kind {
            Kind::Relay => ClientFrame::Broadcast { payload }.encode(),
            Kind::Baseline => payload.to_vec(),
        };
        self.socket.feed(Message::Binary(frame.into())).await.unwrap();
    }

    pub(crate) async fn flush(&mut self) {
        self.socket.flush().await.unwrap();
    }

    async fn frame(&mut self) -> Bytes {
        loop {
            match self.socket.next().await.expect("the server is there").unwrap() {
                Message::Binary(bytes) => return bytes,
                Message::Close(close) => panic!("closed: {close:?}"),
                _ => {}
            }
        }
    }

    /// Reads what comes until the next delivery, and gives what `read` makes of its payload.
    pub(crate) async fn delivery<T>(&mut self, read: impl Fn(&[u8]) -> T) -> T {
        loop {
            let bytes = self.frame().await;
            if self.kind == Kind::Baseline {
                return read(&bytes);
            }
            if let RelayFrame::Deliver { payload, .. } = RelayFrame::decode(&bytes).unwrap() {
                return read(payload);
            }
        }
    }
}

/// The backlog may be full for a moment.
async fn connect(address: SocketAddr) -> TcpStream {
    for _ in 0..50 {
        if let Ok(stream) = TcpStream::connect(address).await {
            return stream;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    panic!("{address} cannot be reached")
}
