//! One WebSocket: events in, frames out.

use futures_util::StreamExt;
use futures_util::future::{AbortHandle, abortable};
use gloo_net::websocket::futures::WebSocket;
use gloo_net::websocket::{Message, WebSocketError};
use wasm_bindgen::JsValue;
use wasm_bindgen_futures::spawn_local;

use super::scope;
use crate::link::SocketEvent;

/// A close without a code: the connection broke, or never was (RFC 6455, 7.1.5).
const ABNORMAL: u16 = 1006;

/// Why no socket could be made.
#[derive(Debug, thiserror::Error)]
pub(super) enum SocketError {
    /// The browser does not take the address.
    #[error("the address cannot be opened: {0}")]
    Address(String),
}

/// A socket; dropping it closes the connection, and no event comes any more.
pub(super) struct Socket {
    /// Frames are sent on the browser's own socket: `gloo-net` would wrap each in a
    /// `Blob`, which the browser then reads asynchronously.
    raw: web_sys::WebSocket,
    pump: AbortHandle,
}

impl Socket {
    /// Opens a connection; what becomes of it goes to `sink`.
    ///
    /// # Errors
    /// [`SocketError`] if the address is no WebSocket address or is forbidden.
    pub(super) fn open(
        url: &str,
        sink: impl Fn(SocketEvent) + 'static,
    ) -> Result<Self, SocketError> {
        let refused = |error: JsValue| SocketError::Address(scope::describe(&error));
        let raw = web_sys::WebSocket::new(url).map_err(refused)?;
        let stream = WebSocket::try_from(raw.clone())
            .map_err(|error| SocketError::Address(error.to_string()))?;
        let (pump, handle) = abortable(pump(stream, sink));
        spawn_local(async move {
            // Aborted when the socket is dropped: that is its end, not an error.
            let _ = pump.await;
        });
        Ok(Self { raw, pump: handle })
    }

    /// Sends a frame. A socket that closes takes it in vain: its close is told.
    pub(super) fn send(&self, frame: &[u8]) {
        if let Err(error) = self.raw.send_with_u8_array(frame) {
            scope::log(&format!("a frame was not sent: {}", scope::describe(&error)));
        }
    }

    /// How many bytes wait to be sent.
    pub(super) fn buffered(&self) -> usize {
        usize::try_from(self.raw.buffered_amount()).unwrap_or(usize::MAX)
    }
}

impl Drop for Socket {
    fn drop(&mut self) {
        self.pump.abort();
    }
}

async fn pump(mut stream: WebSocket, sink: impl Fn(SocketEvent)) {
    while let Some(message) = stream.next().await {
        match message {
            Ok(Message::Bytes(bytes)) => sink(SocketEvent::Message(bytes)),
            Ok(Message::Text(_)) => sink(SocketEvent::Text),
            Err(WebSocketError::ConnectionClose(close)) => {
                return sink(SocketEvent::Closed { code: close.code });
            }
            // The close that follows says more.
            Err(_) => {}
        }
    }
    sink(SocketEvent::Closed { code: ABNORMAL });
}

/// Whether a WebSocket address names this device itself.
pub(super) fn is_loopback(url: &str) -> bool {
    let Some((_, rest)) = url.split_once("://") else { return false };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let address = host.parse::<std::net::IpAddr>();
    address.map_or_else(
        |_| host.eq_ignore_ascii_case("localhost") || host.ends_with(".localhost"),
        |address| address.is_loopback(),
    )
}

#[cfg(test)]
mod tests {
    use super::is_loopback;

    #[test]
    fn knows_the_addresses_of_this_device() {
        for url in
            ["ws://127.0.0.1:8080/ws", "ws://[::1]/ws", "wss://localhost:1", "ws://LOCALHOST"]
        {
            assert!(is_loopback(url), "{url}");
        }
        for url in ["ws://192.168.1.7:8080/ws", "wss://example.org/?127.0.0.1", "127.0.0.1", ""] {
            assert!(!is_loopback(url), "{url}");
        }
    }
}
