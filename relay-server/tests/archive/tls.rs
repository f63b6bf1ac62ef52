//! A relay that is reached over TLS.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::ChildStderr;

use super::support::{Client, OPEN, Program, TOKEN, in_time, program};

/// An archive whose system trusts this certificate, or those that it comes with.
async fn start(folder: &Path, trusted: Option<&Path>) -> Program {
    let mut command = program();
    command.args(["--archive-room", OPEN, "--archive"]).arg(folder);
    command.env("TABCHAIN_API_TOKEN", TOKEN).env_remove("SSL_CERT_DIR").env_remove("RUST_LOG");
    match trusted {
        Some(certificate) => command.env("SSL_CERT_FILE", certificate),
        None => command.env_remove("SSL_CERT_FILE").stderr(Stdio::piped()),
    };
    Program::run(&mut command).await
}

/// Has the room kept at the relay, too.
async fn join(client: Client, relay: &str) {
    let body = json!({ "relay": relay }).to_string();
    let joined = client.post("/rooms/notebook/register_node", &body).await;
    assert_eq!(joined.status, 201, "{joined:?}");
}

fn is_online(room: &Value) -> bool {
    room["relays"][1]["state"] == "online"
}

/// The first line of a log that speaks of an address.
async fn line_about(log: &mut Lines<BufReader<ChildStderr>>, address: &str) -> String {
    in_time(async {
        loop {
            let line = log.next_line().await.unwrap().expect("it goes on");
            if line.contains(address) {
                return line;
            }
        }
    })
    .await
}

#[tokio::test]
async fn a_relay_is_joined_over_tls_if_its_certificate_is_trusted() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let [certificate, key] = ["cert.pem", "key.pem"].map(|name| folders[0].path().join(name));
    let issued = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()]).unwrap();
    fs::write(&certificate, issued.cert.pem()).unwrap();
    fs::write(&key, issued.signing_key.serialize_pem()).unwrap();
    let mut command = program();
    command.arg("--tls-cert").arg(&certificate).arg("--tls-key").arg(&key);
    let relay = Program::run(&mut command).await;
    let url = format!("https://{}", relay.address);
    let socket = format!("wss://{}/ws", relay.address);

    let one = start(folders[1].path(), Some(&certificate)).await;
    join(one.client(), &url).await;
    one.client().until("notebook", is_online).await;

    // Who does not trust it says so, and goes on by itself.
    let mut other = start(folders[2].path(), None).await;
    let mut log = BufReader::new(other.child.stderr.take().unwrap()).lines();
    join(other.client(), &url).await;
    let line = line_about(&mut log, &socket).await;
    assert!(line.contains("WARN") && line.contains("certificate"), "{line}");
    let waits = |room: &Value| room["relays"][1]["state"] == "waiting";
    other.client().until("notebook", waits).await;
    assert_eq!(other.client().write("notebook", "Apart.").await.status, 201);
    assert_eq!(other.client().texts("notebook").await, ["Apart."]);
    assert_eq!(one.client().texts("notebook").await, [] as [&str; 0]);
    other.kill().await;

    // Once it does, it joins the relay that was noted down, and nothing is lost.
    let other = start(folders[2].path(), Some(&certificate)).await;
    let room = other.client().until("notebook", is_online).await;
    assert_eq!(room["relays"][1]["relay"], socket);
    one.client().until("notebook", |room| room["tip"]["height"] == 1).await;
    assert_eq!(one.client().write("notebook", "To the other.").await.status, 201);
    other.client().until("notebook", |room| room["tip"]["height"] == 2).await;
    assert_eq!(other.client().write("notebook", "And back.").await.status, 201);
    one.client().until("notebook", |room| room["tip"]["height"] == 3).await;
    for client in [one.client(), other.client()] {
        assert_eq!(client.texts("notebook").await, ["Apart.", "To the other.", "And back."]);
    }
}
