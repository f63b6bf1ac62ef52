//! Others' ways, written here from their description, on the same machine in the same
//! run.
//!
//! - naivechain's: the whole chain as JSON through a WebSocket; the receiver checks every
//!   block again, a SHA-256 in plain JavaScript over index, previous hash, timestamp and
//!   data, and puts it in the place of its own. No signatures, nothing stored.
//! - the article's: a Python list of blocks and its `is_chain_valid`. No network, no
//!   signatures, nothing stored.

use std::fmt::Write as _;
use std::process::Stdio;

use futures_util::SinkExt;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::process::Command;
use tokio_tungstenite::tungstenite::Message;

use crate::browser::Browser;
use crate::report::{Report, figure};

const NAIVECHAIN: &str = include_str!("naivechain.js");
const ARTICLE: &str = include_str!("article_chain.py");

/// A chain of so many blocks into a page that does as naivechain does.
pub(crate) async fn naivechain(report: &mut Report, blocks: u32) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let chain = naive_chain(blocks);
    let size = chain.len();
    let server = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let config = tokio_tungstenite::tungstenite::protocol::WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let mut socket =
            tokio_tungstenite::accept_async_with_config(stream, Some(config)).await.unwrap();
        socket.send(Message::text(chain)).await.unwrap();
        // Open until the other side has read it.
        while let Some(Ok(_)) = futures_util::StreamExt::next(&mut socket).await {}
    });
    let browser = Browser::start().await;
    // A page of this machine: others may not connect to it.
    let pages = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let page = format!("http://{}/", pages.local_addr().unwrap());
    let empty = axum::Router::new().fallback(async || axum::response::Html("<!doctype html>"));
    let pages = tokio::spawn(async move { axum::serve(pages, empty).await.unwrap() });
    let tab = browser.open_page(&page).await;
    let run = format!("({NAIVECHAIN})('ws://{address}', {blocks})");
    let figures: Value = tab.eval(&run).await.unwrap();
    let took = |name: &str| figures[name].as_f64().unwrap();
    report.add(
        "naivechain's way in the same browser",
        vec![
            ("blocks", f64::from(blocks)),
            ("sent MB", figure(size) / 1e6),
            ("sync s", took("sync") / 1_000.0),
            ("blocks/s", f64::from(blocks) / took("sync") * 1_000.0),
            ("longest ms", took("longest")),
            ("check s", took("check") / 1_000.0),
            ("checked blocks/s", f64::from(blocks) / took("check") * 1_000.0),
        ],
    );
    browser.close().await;
    server.abort();
    pages.abort();
}

fn naive_chain(blocks: u32) -> String {
    let mut previous = "0".repeat(64);
    let mut chain = Vec::new();
    for index in 0..=blocks {
        let timestamp = 1_700_000_000 + u64::from(index);
        let data = format!("entry {index} of a long chain");
        let digest = Sha256::digest(format!("{index}{previous}{timestamp}{data}"));
        let hash = digest.iter().fold(String::new(), |mut hex, byte| {
            write!(hex, "{byte:02x}").unwrap();
            hex
        });
        chain.push(json!({ "index": index, "previousHash": previous, "timestamp": timestamp,
                           "data": data, "hash": hash }));
        previous = hash;
    }
    // The chain is text inside a message that is text.
    json!({ "type": 2, "data": Value::Array(chain).to_string() }).to_string()
}

/// The check of a chain of so many blocks by the article's Python.
pub(crate) async fn article(report: &mut Report, blocks: u32) {
    let python = Command::new("python3")
        .args(["-", &blocks.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn();
    let Ok(mut python) = python else {
        return println!("no python3: the article's chain is not measured");
    };
    let mut input = python.stdin.take().unwrap();
    input.write_all(ARTICLE.as_bytes()).await.unwrap();
    drop(input);
    let output = python.wait_with_output().await.unwrap();
    assert!(output.status.success(), "python3 failed");
    let seconds: f64 = String::from_utf8_lossy(&output.stdout).trim().parse().unwrap();
    report.add(
        "the article's Python chain",
        vec![
            ("blocks", f64::from(blocks)),
            ("check s", seconds),
            ("checked blocks/s", f64::from(blocks) / seconds),
        ],
    );
}
