//! Relays with archives, in this process and as programs, and a client of their calls.

use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use relay_server::archive::ArchiveConfig;
use relay_server::{Config, Limits, Server};
use serde_json::Value;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// After this long a test has failed, not become slow.
pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const TOKEN: &str = "a-token-for-the-tests";

/// A room whose blocks cost no work.
pub(crate) const OPEN: &str = "#/r/notebook?consensus=open";

pub(crate) async fn in_time<T>(future: impl Future<Output = T>) -> T {
    timeout(PATIENCE, future).await.expect("it happens in time")
}

/// How an archive in a folder is run that keeps some rooms.
pub(crate) fn archive(folder: &Path, rooms: &[&str]) -> ArchiveConfig {
    ArchiveConfig {
        folder: folder.to_owned(),
        rooms: rooms.iter().map(|room| room.parse().unwrap()).collect(),
        all: false,
        max_bytes: 1 << 30,
        token: Some(TOKEN.parse().unwrap()),
    }
}

/// A relay with an archive in this process.
pub(crate) struct Relay {
    pub(crate) address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Relay {
    pub(crate) async fn start(archive: ArchiveConfig) -> Self {
        Self::start_with(archive, Limits::default()).await
    }

    pub(crate) async fn start_with(archive: ArchiveConfig, limits: Limits) -> Self {
        let config = Config {
            listen: "127.0.0.1:0".parse().unwrap(),
            allowed_origins: Vec::new(),
            trusted_proxies: Vec::new(),
            limits,
            tls: None,
            nats: None,
            archive: Some(archive),
        };
        let stop = CancellationToken::new();
        let server = Server::bind(config, stop.clone()).await.unwrap();
        Self { address: server.address(), stop, task: tokio::spawn(server.run()) }
    }

    /// Stops it, and waits until its archive is closed.
    pub(crate) async fn stop(self) {
        self.stop.cancel();
        in_time(self.task).await.unwrap();
    }

    pub(crate) fn client(&self) -> Client {
        Client { address: self.address }
    }
}

/// A relay with an archive as a program of its own.
pub(crate) struct Program {
    pub(crate) child: Child,
    pub(crate) address: SocketAddr,
}

/// The program, to be given its arguments.
pub(crate) fn program() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_relay-server"));
    // What the shell of whoever runs the tests says must not count.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TABCHAIN_") {
            command.env_remove(name);
        }
    }
    command.kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

impl Program {
    pub(crate) async fn start(folder: &Path, arguments: &[&str]) -> Self {
        let mut command = program();
        command.arg("--archive").arg(folder).args(arguments).env("TABCHAIN_API_TOKEN", TOKEN);
        Self::run(&mut command).await
    }

    /// Starts it on a free port of loopback.
    pub(crate) async fn run(command: &mut Command) -> Self {
        let command = command.args(["--listen", "127.0.0.1:0"]);
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        in_time(BufReader::new(child.stdout.take().unwrap()).read_line(&mut line)).await.unwrap();
        let address = line.trim().strip_prefix("Tabchain is ready: open http");
        let address = address.and_then(|rest| rest.trim_start_matches('s').strip_prefix("://"));
        let address = address.and_then(|rest| rest.strip_suffix('/')).expect(&line);
        let address = address.parse().unwrap();
        Self { child, address }
    }

    pub(crate) fn client(&self) -> Client {
        Client { address: self.address }
    }

    /// SIGKILL: nothing of it gets to say anything.
    pub(crate) async fn kill(mut self) {
        self.child.kill().await.unwrap();
    }
}

/// What a relay answered.
#[derive(Debug)]
pub(crate) struct Response {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Response {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    pub(crate) fn has_header(&self, header: &str) -> bool {
        self.head.to_ascii_lowercase().lines().any(|line| line == header)
    }

    /// Checks that it is a problem of this status.
    #[track_caller]
    pub(crate) fn expect_problem(&self, status: u16) {
        assert_eq!(self.status, status, "{self:?}");
        assert!(self.has_header("content-type: application/problem+json"), "{self:?}");
        let problem = self.json();
        assert_eq!(problem["status"], status, "{self:?}");
        assert!(problem["title"].is_string() && problem["detail"].is_string(), "{self:?}");
    }
}

/// A script.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Client {
    pub(crate) address: SocketAddr,
}

impl Client {
    pub(crate) fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.ask(&format!("GET {path}"), "", "").await.unwrap()
    }

    pub(crate) async fn get_json(&self, path: &str) -> Value {
        let response = self.get(path).await;
        assert_eq!(response.status, 200, "{response:?}");
        response.json()
    }

    /// Posts JSON with the token.
    pub(crate) async fn post(&self, path: &str, body: &str) -> Response {
        let headers =
            format!("authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n");
        self.ask(&format!("POST {path}"), &headers, body).await.unwrap()
    }

    /// Writes a text into a room.
    pub(crate) async fn write(&self, room: &str, text: &str) -> Response {
        let body = serde_json::json!({ "data": text }).to_string();
        self.post(&format!("/rooms/{room}/new_block"), &body).await
    }

    /// Asks, and reads the answer; an error if the connection breaks.
    pub(crate) async fn ask(
        &self,
        request: &str,
        headers: &str,
        body: &str,
    ) -> std::io::Result<Response> {
        let asking = async {
            let mut stream = TcpStream::connect(self.address).await?;
            let head = format!(
                "{request} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n",
                self.address,
                body.len(),
            );
            stream.write_all(head.as_bytes()).await?;
            stream.write_all(body.as_bytes()).await?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).await?;
            let answer = String::from_utf8(answer).unwrap();
            let broken = || std::io::Error::from(std::io::ErrorKind::UnexpectedEof);
            let (head, body) = answer.split_once("\r\n\r\n").ok_or_else(broken)?;
            let status = head.get(9..12).and_then(|code| code.parse().ok()).ok_or_else(broken)?;
            Ok(Response { status, head: head.to_owned(), body: body.to_owned() })
        };
        in_time(asking).await
    }

    /// Waits until a room is as it should be.
    pub(crate) async fn until(&self, room: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        in_time(async {
            loop {
                let state = self.get_json(&format!("/rooms/{room}")).await;
                if wanted(&state) {
                    return state;
                }
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        })
        .await
    }

    /// All texts of a block, of which a list has the first.
    async fn texts_of(&self, room: &str, block: &Value) -> Vec<String> {
        let texts = |block: &Value| {
            let entries = block["entries"].as_array().unwrap().iter();
            entries.map(|entry| entry["data"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
        };
        let mut all = texts(block);
        let hash = block["hash"].as_str().unwrap();
        while block["entry_count"].as_u64().unwrap() > all.len() as u64 {
            let path = format!("/rooms/{room}/blocks/{hash}?skip={}", all.len());
            let more = texts(&self.get_json(&path).await);
            assert!(!more.is_empty());
            all.extend(more);
        }
        all
    }

    /// All texts of a room's chain, in order.
    pub(crate) async fn texts(&self, room: &str) -> Vec<String> {
        let mut texts = Vec::new();
        let mut from = 0;
        loop {
            let path = format!("/rooms/{room}/blocks?from={from}&limit=100");
            let page = self.get_json(&path).await;
            for block in page["blocks"].as_array().unwrap() {
                let of_block = self.texts_of(room, block).await;
                assert_eq!(block["entry_count"], of_block.len());
                texts.extend(of_block);
            }
            match page["next"].as_u64() {
                Some(next) => from = next,
                None => return texts,
            }
        }
    }
}
