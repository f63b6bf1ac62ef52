//! The server to compare with: what one writes first. axum's WebSocket as it comes, and one
//! channel on which everything goes to everybody else; no rooms, registration or limits.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, WebSocket, WebSocketUpgrade};
use axum::response::Response;
use axum::routing::get;
use bytes::Bytes;
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

#[derive(Clone)]
struct Everybody {
    channel: broadcast::Sender<(u64, Bytes)>,
    next: Arc<AtomicU64>,
}

pub(crate) async fn serve() {
    let everybody = Everybody { channel: broadcast::channel(16_384).0, next: Arc::default() };
    let router = Router::new().route("/ws", get(upgrade)).with_state(everybody);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{}/", listener.local_addr().unwrap());
    axum::serve(listener, router).await.unwrap();
}

async fn upgrade(State(everybody): State<Everybody>, socket: WebSocketUpgrade) -> Response {
    socket.on_upgrade(move |socket| talk(socket, everybody))
}

async fn talk(socket: WebSocket, everybody: Everybody) {
    let own = everybody.next.fetch_add(1, Ordering::Relaxed);
    let mut incoming = everybody.channel.subscribe();
    let (mut sink, mut stream) = socket.split();
    let writing = async {
        // From here on nothing is missed.
        if sink.send(Message::Binary(Bytes::new())).await.is_err() {
            return;
        }
        while let Ok((from, bytes)) = incoming.recv().await {
            if from != own && sink.send(Message::Binary(bytes)).await.is_err() {
                return;
            }
        }
    };
    let reading = async {
        while let Some(Ok(message)) = stream.next().await {
            if let Message::Binary(bytes) = message {
                let _ = everybody.channel.send((own, bytes));
            }
        }
    };
    tokio::select! {
        () = writing => {}
        () = reading => {}
    }
}
