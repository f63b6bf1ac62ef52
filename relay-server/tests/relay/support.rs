//! A relay in this process, and tabs that talk to it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use chain_wasm::primitives::{Hash, Keypair, PeerId};
use chain_wasm::relay::{ClientFrame, Refusal, RelayFrame, RoomId, VERSION, register};
use futures_util::{SinkExt, StreamExt};
use relay_server::connection::ConnectedRooms;
use relay_server::origin::Origin;
use relay_server::{Config, Limits, Server};
use tokio::net::{TcpSocket, TcpStream};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::handshake::client::Request;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::{WebSocketStream, client_async};
use tokio_util::sync::CancellationToken;

/// After this long a test has failed, not become slow.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) rooms: Arc<ConnectedRooms>,
    task: JoinHandle<()>,
}

impl Relay {
    pub(crate) async fn start() -> Self {
        Self::start_with(patient(), &[]).await
    }

    pub(crate) async fn start_with(limits: Limits, allowed: &[&str]) -> Self {
        let allowed_origins = allowed.iter().map(|text| text.parse::<Origin>().unwrap()).collect();
        Self::start_as(Config { allowed_origins, ..config(limits) }).await
    }

    pub(crate) async fn start_as(config: Config) -> Self {
        let stop = CancellationToken::new();
        let server = Server::bind(config, stop.clone()).await.unwrap();
        let (address, rooms) = (server.address(), Arc::clone(&server.context().rooms));
        Self { address, stop, rooms, task: tokio::spawn(server.run()) }
    }

    /// Waits until the relay has stopped.
    pub(crate) async fn stopped(self) {
        in_time(self.task).await.unwrap();
    }
}

/// A relay on any free port.
pub(crate) fn config(limits: Limits) -> Config {
    Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        allowed_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        limits,
        tls: None,
        nats: None,
        archive: None,
    }
}

/// The default limits, with time enough on a busy machine.
pub(crate) fn patient() -> Limits {
    Limits {
        register_timeout: PATIENCE,
        close_timeout: PATIENCE,
        drain: PATIENCE,
        ..Limits::default()
    }
}

pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it happens in time")
}

pub(crate) fn key(n: u8) -> Keypair {
    Keypair::from_seed([n; 32])
}

pub(crate) fn peer(n: u8) -> PeerId {
    key(n).public()
}

pub(crate) fn room(n: u8) -> RoomId {
    Hash::of(&[n])
}

/// A client of the relay.
pub(crate) struct Tab {
    pub(crate) socket: WebSocketStream<TcpStream>,
}

impl Tab {
    pub(crate) async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        Self::over(stream, address).await
    }

    /// Connects with a receive buffer so small that the relay soon notices when
    /// nobody reads.
    pub(crate) async fn connect_narrow(address: SocketAddr) -> Self {
        let socket = TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(4096).unwrap();
        Self::over(socket.connect(address).await.unwrap(), address).await
    }

    async fn over(stream: TcpStream, address: SocketAddr) -> Self {
        let request = format!("ws://{address}/ws").into_client_request().unwrap();
        Self::ask(stream, request).await
    }

    /// Connects as a proxy does on somebody's behalf.
    pub(crate) async fn connect_for(address: SocketAddr, forwarded_for: &str) -> Self {
        let stream = TcpStream::connect(address).await.unwrap();
        let mut request = format!("ws://{address}/ws").into_client_request().unwrap();
        request.headers_mut().insert("x-forwarded-for", forwarded_for.parse().unwrap());
        Self::ask(stream, request).await
    }

    async fn ask(stream: TcpStream, request: Request) -> Self {
        let (socket, _) = in_time(client_async(request, stream)).await.unwrap();
        Self { socket }
    }

    /// Connects and joins a room, the welcome read.
    pub(crate) async fn join(relay: &Relay, n: u8, room: RoomId, status: &[u8]) -> Self {
        Self::join_at(relay.address, n, room, status).await
    }

    pub(crate) async fn join_at(address: SocketAddr, n: u8, room: RoomId, status: &[u8]) -> Self {
        let mut tab = Self::connect(address).await;
        let nonce = tab.challenge().await;
        tab.send(&register(&key(n), &nonce, room, status)).await;
        let welcome = tab.frame().await;
        assert!(matches!(decode(&welcome), RelayFrame::Welcome { .. }), "{welcome:?}");
        tab
    }

    pub(crate) async fn challenge(&mut self) -> Hash {
        let bytes = self.frame().await;
        let RelayFrame::Challenge { version: VERSION, nonce } = decode(&bytes) else {
            panic!("no challenge: {bytes:?}")
        };
        nonce
    }

    pub(crate) async fn send(&mut self, frame: &ClientFrame<'_>) {
        self.send_raw(Message::Binary(frame.encode().into())).await;
    }

    pub(crate) async fn send_raw(&mut self, message: Message) {
        in_time(self.socket.send(message)).await.unwrap();
    }

    pub(crate) async fn broadcast(&mut self, payload: &[u8]) {
        self.send(&ClientFrame::Broadcast { payload }).await;
    }

    /// The next frame; pings are answered and passed over.
    pub(crate) async fn frame(&mut self) -> Bytes {
        match self.frame_or_close().await {
            Ok(bytes) => bytes,
            Err(close) => panic!("closed: {close:?}"),
        }
    }

    pub(crate) async fn frame_or_close(&mut self) -> Result<Bytes, Option<CloseFrame>> {
        loop {
            match in_time(self.socket.next()).await {
                Some(Ok(Message::Binary(bytes))) => return Ok(bytes),
                Some(Ok(Message::Ping(_))) => {}
                Some(Ok(Message::Close(close))) => return Err(close),
                other => panic!("{other:?}"),
            }
        }
    }

    /// Whatever comes next; `None` at the end.
    pub(crate) async fn socket_frame(&mut self) -> Option<Message> {
        in_time(self.socket.next()).await.and_then(Result::ok)
    }

    pub(crate) async fn expect(&mut self, expected: RelayFrame<'_>) {
        let bytes = self.frame().await;
        assert_eq!(decode(&bytes), expected);
    }

    /// Reads until the relay refuses, and checks that it closes with the reason's
    /// code and says it in words; gives how many frames came before.
    pub(crate) async fn expect_refusal(&mut self, reason: Refusal) -> usize {
        let mut before = 0;
        loop {
            let bytes = self.frame().await;
            match decode(&bytes) {
                RelayFrame::Refused { reason: got } => {
                    assert_eq!(got, reason);
                    break;
                }
                _ => before += 1,
            }
        }
        self.expect_close(reason).await;
        before
    }

    pub(crate) async fn expect_close(&mut self, reason: Refusal) {
        let close = self.frame_or_close().await.unwrap_err().expect("a close frame");
        assert_eq!(u16::from(close.code), reason.close_code());
        assert_eq!(close.reason.as_str(), reason.to_string());
        // Both sides are done: the stream ends too.
        assert!(in_time(self.socket.next()).await.is_none_or(|end| end.is_err()));
    }
}

pub(crate) fn decode(bytes: &[u8]) -> RelayFrame<'_> {
    RelayFrame::decode(bytes).unwrap()
}
