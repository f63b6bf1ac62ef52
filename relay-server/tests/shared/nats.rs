//! A NATS server of a test's own.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// After this long it has failed to start.
const PATIENCE: Duration = Duration::from_mins(1);

/// Debian's `nats-server`, on loopback and a port of its own.
pub(crate) struct Nats {
    child: Child,
    host: String,
    port: u16,
    folder: tempfile::TempDir,
}

impl Nats {
    pub(crate) async fn start() -> Self {
        Self::start_with("").await
    }

    pub(crate) async fn start_with(extra: &str) -> Self {
        Self::start_at("127.0.0.1", extra).await
    }

    pub(crate) async fn start_at(host: &str, extra: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("nats.conf"), extra).unwrap();
        let (child, port) = run(folder.path().join("nats.conf"), host, -1).await;
        Self { child, host: host.to_owned(), port, folder }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    pub(crate) fn url(&self) -> String {
        format!("nats://{}:{}", self.host, self.port)
    }

    pub(crate) async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    pub(crate) fn configure(&self, extra: &str) {
        std::fs::write(self.folder.path().join("nats.conf"), extra).unwrap();
    }

    /// Starts it again at the same port, after it was killed.
    pub(crate) async fn restart(&mut self) {
        let file = self.folder.path().join("nats.conf");
        let (child, port) = run(file, &self.host, i32::from(self.port)).await;
        assert_eq!(port, self.port);
        self.child = child;
    }
}

async fn run(file: PathBuf, host: &str, port: i32) -> (Child, u16) {
    // Debian has it where only root looks.
    let path = std::env::var("PATH").unwrap_or_default() + ":/usr/sbin:/usr/local/bin";
    let mut child = Command::new("nats-server")
        .env("PATH", path)
        .args(["--addr", host, "--port", &port.to_string(), "--config"])
        .arg(file)
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("nats-server is needed: bash .ci/check installs it");
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut port = None;
    let reading = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            if let Some((_, address)) = line.split_once("Listening for client connections on ") {
                port = address.rsplit(':').next().and_then(|port| port.parse().ok());
            }
            if line.contains("Server is ready") {
                break;
            }
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.expect("nats-server starts");
    // What it goes on to say must not fill the pipe.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (child, port.expect("a port"))
}
