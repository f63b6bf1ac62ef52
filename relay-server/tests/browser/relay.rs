//! The relay as a process of its own.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;

use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use crate::until;

/// Serves the page at an address, and no relay.
pub(crate) struct PageServer {
    task: tokio::task::JoinHandle<()>,
}

impl PageServer {
    pub(crate) async fn start(address: SocketAddr) -> Self {
        let listener = tokio::net::TcpListener::bind(address).await.unwrap();
        let page = axum::Router::new().fallback(axum::routing::get(relay_server::site::serve));
        let task = tokio::spawn(async move { axum::serve(listener, page).await.unwrap() });
        Self { task }
    }
}

impl Drop for PageServer {
    fn drop(&mut self) {
        self.task.abort();
    }
}

pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    process: Child,
}

impl Relay {
    /// Starts a relay on a free port.
    pub(crate) async fn start() -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self::start_at(free).await
    }

    /// Starts a relay that logs all that it can to a file.
    pub(crate) async fn start_logged(log: &Path) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let log = std::fs::File::create(log).unwrap();
        Self::start_as(free, "trace", log.into(), &[]).await
    }

    /// Starts a relay that meets others at a NATS server.
    #[allow(dead_code, reason = "the benchmark has one relay")]
    pub(crate) async fn start_clustered(nats: &str) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        Self::start_as(free, "error", Stdio::inherit(), &["--nats", nats]).await
    }

    /// Starts a relay that keeps all rooms in a folder.
    #[allow(dead_code, reason = "the benchmark has no archive")]
    pub(crate) async fn start_archive(address: SocketAddr, folder: &Path) -> Self {
        let folder = folder.to_str().unwrap();
        let flags = ["--archive-all", "--archive", folder];
        Self::start_as(address, "warn", Stdio::inherit(), &flags).await
    }

    pub(crate) async fn start_at(address: SocketAddr) -> Self {
        Self::start_as(address, "warn", Stdio::inherit(), &[]).await
    }

    async fn start_as(address: SocketAddr, level: &str, log: Stdio, flags: &[&str]) -> Self {
        let process = Command::new(env!("CARGO_BIN_EXE_relay-server"))
            .arg("--listen")
            .arg(address.to_string())
            .args(flags)
            .env("RUST_LOG", level)
            .stderr(log)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        until("the relay listens", || async move {
            TcpStream::connect(address).await.map(drop).map_err(|error| error.to_string())
        })
        .await;
        Self { address, process }
    }

    /// Kills it as a crash would.
    pub(crate) async fn kill(mut self) -> SocketAddr {
        self.process.kill().await.unwrap();
        self.address
    }

    /// The address of a room.
    pub(crate) fn room(&self, room: &str) -> String {
        format!("http://{}/#/r/{room}", self.address)
    }
}
