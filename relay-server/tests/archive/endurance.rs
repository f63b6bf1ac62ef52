//! Ten nodes add entries while relays, NATS and an archive are killed, again and again.

#[allow(dead_code, reason = "the relay tests use the rest")]
#[path = "../shared/nats.rs"]
mod nats;

use std::collections::BTreeMap;
use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Stdio;
use std::time::{Duration, Instant};

use nats::Nats;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use tokio::sync::watch;
use tokio::task::JoinSet;

use super::support::{Client, OPEN, PATIENCE, Relay, TOKEN, archive, in_time, program};

/// Nodes, each of which has a relay in the cluster that it is a peer at.
const NODES: usize = 10;

/// A relay program that can be killed and started again where it was.
struct Program {
    address: SocketAddr,
    arguments: Vec<String>,
    child: Child,
}

impl Program {
    async fn start(nats: &Nats, folder: Option<&Path>) -> Self {
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut arguments = vec![format!("--listen={free}"), format!("--nats={}", nats.url())];
        if let Some(folder) = folder {
            arguments.extend([format!("--archive={}", folder.display())]);
            arguments.push(format!("--archive-room={OPEN}"));
            arguments.push(format!("--api-token={TOKEN}"));
        }
        Self { address: free, child: run(&arguments).await, arguments }
    }

    async fn kill(&mut self) {
        self.child.kill().await.unwrap();
    }

    async fn restart(&mut self) {
        self.child = run(&self.arguments).await;
    }

    fn client(&self) -> Client {
        Client { address: self.address }
    }
}

async fn run(arguments: &[String]) -> Child {
    let mut command = program();
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let mut line = String::new();
    in_time(BufReader::new(child.stdout.take().unwrap()).read_line(&mut line)).await.unwrap();
    assert!(line.starts_with("Tabchain is ready"), "{line}");
    child
}

/// A number below `most`, a different one each time.
fn random(most: u64) -> u64 {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).unwrap();
    u64::from_le_bytes(bytes) % most
}

/// Adds entries until it is told to stop, and gives those that were accepted.
async fn write(client: Client, name: String, stop: watch::Receiver<bool>) -> Vec<String> {
    let mut accepted = Vec::new();
    for n in 0.. {
        if *stop.borrow() {
            break;
        }
        let text = format!("{name}, entry {n}");
        let body = serde_json::json!({ "data": text }).to_string();
        let headers =
            format!("authorization: Bearer {TOKEN}\r\ncontent-type: application/json\r\n");
        // A program that is killed answers nothing: the entry may be there or not.
        if let Ok(answer) = client.ask("POST /rooms/notebook/new_block", &headers, &body).await
            && (200..300).contains(&answer.status)
        {
            accepted.push(text);
        }
        tokio::time::sleep(Duration::from_millis(20 + random(100))).await;
    }
    accepted
}

/// Kills one after the other at random moments for so long.
async fn endure(time: Duration) {
    let folders: Vec<_> = (0..=NODES).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut nats = Nats::start().await;
    let mut relays = [
        Program::start(&nats, Some(folders[NODES].path())).await,
        Program::start(&nats, None).await,
        Program::start(&nats, None).await,
    ];
    let mut nodes = Vec::new();
    for (n, folder) in folders.iter().take(NODES).enumerate() {
        let node = Relay::start(archive(folder.path(), &[OPEN])).await;
        let at = serde_json::json!({ "relay": relays[n % 3].client().url() }).to_string();
        assert_eq!(node.client().post("/rooms/notebook/register_node", &at).await.status, 201);
        nodes.push(node);
    }
    let (stop, stopped) = watch::channel(false);
    let mut writing = JoinSet::new();
    for (n, node) in nodes.iter().enumerate() {
        writing.spawn(write(node.client(), format!("node {n}"), stopped.clone()));
    }
    writing.spawn(write(relays[0].client(), "the archive".to_owned(), stopped));

    let start = Instant::now();
    let mut kills = [0_u32; 4];
    // Each at least once, then whoever is met.
    while start.elapsed() < time || kills.contains(&0) {
        tokio::time::sleep(Duration::from_millis(random(1_500))).await;
        let next = kills.iter().position(|count| *count == 0);
        let whom = next.unwrap_or_else(|| usize::try_from(random(4)).unwrap());
        let pause = Duration::from_millis(random(2_000));
        if let Some(relay) = relays.get_mut(whom) {
            relay.kill().await;
            tokio::time::sleep(pause).await;
            relay.restart().await;
        } else {
            nats.kill().await;
            tokio::time::sleep(pause).await;
            nats.restart().await;
        }
        kills[whom] += 1;
    }
    stop.send(true).unwrap();
    let accepted: Vec<String> = writing.join_all().await.into_iter().flatten().collect();
    assert!(accepted.len() > 20, "{}", accepted.len());

    let everybody: Vec<Client> =
        nodes.iter().map(Relay::client).chain([relays[0].client()]).collect();
    let tip = agree(&everybody).await;
    for client in &everybody {
        let mut times = BTreeMap::new();
        for text in client.texts("notebook").await {
            *times.entry(text).or_insert(0) += 1;
        }
        let lost: Vec<_> = accepted.iter().filter(|text| !times.contains_key(*text)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        let twice: Vec<_> = times.iter().filter(|(_, times)| **times > 1).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }
    println!(
        "relays (the first with the archive) and NATS killed {kills:?} times in {:.0?}: \
         {} accepted entries of {} nodes, each once, one tip at {tip}",
        start.elapsed(),
        accepted.len(),
        everybody.len(),
    );
}

/// Waits until all have one chain in which nothing waits any more.
async fn agree(everybody: &[Client]) -> String {
    let deadline = Instant::now() + 2 * PATIENCE;
    loop {
        let mut states = Vec::new();
        for client in everybody {
            let room = client.get_json("/rooms/notebook").await;
            states.push(format!("{} {}", room["tip"], room["pending"]));
        }
        let first = states[0].clone();
        if first.ends_with(" 0") && states.iter().all(|state| *state == first) {
            return first;
        }
        assert!(Instant::now() < deadline, "they do not agree: {states:#?}");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_accepted_is_lost_while_relays_nats_and_an_archive_are_killed() {
    endure(Duration::from_secs(5)).await;
}

#[ignore = "takes five minutes"]
#[tokio::test(flavor = "multi_thread")]
async fn five_minutes_of_kills() {
    endure(Duration::from_mins(5)).await;
}
