//! Who does harm: a process of its own that runs when nothing else does (`chrt --idle`), since
//! strangers would have other machines.

use std::process::Stdio;
use std::sync::Arc;

use chain_wasm::primitives::Hash;
use clap::ValueEnum;
use tokio::process::{Child, Command};

use crate::hostile::{Harm, Kind, begin};
use crate::server::Server;

/// Tells this program to do harm, where and of what kinds: `ADDRESS,ROOM,KIND,KIND`.
pub(crate) const HARM: &str = "RELAY_BENCHMARK_HARM";

/// The strangers, until they are told to stop.
pub(crate) struct Strangers(Child);

impl Strangers {
    pub(crate) fn begin(server: &Server, room: u32, kinds: &[Kind]) -> Self {
        let kinds: Vec<String> = kinds.iter().map(|kind| name(*kind)).collect();
        let child = Command::new("chrt")
            .args(["--idle", "0"])
            .arg(std::env::current_exe().unwrap())
            .env(HARM, format!("{},{room},{}", server.address, kinds.join(",")))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn();
        Self(child.unwrap())
    }

    /// Stops them, and gives what they say that they did.
    pub(crate) async fn stop(mut self) -> String {
        drop(self.0.stdin.take());
        let output = self.0.wait_with_output().await.unwrap();
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }
}

/// As the command line has it.
pub(crate) fn name(kind: Kind) -> String {
    kind.to_possible_value().unwrap().get_name().to_owned()
}

/// Does harm until standard input ends, then tells how much.
pub(crate) async fn run(at: &str) {
    let mut at = at.split(',');
    let (address, room) = (at.next().unwrap(), at.next().unwrap());
    let kinds: Vec<Kind> = at.map(|kind| Kind::from_str(kind, false).unwrap()).collect();
    let harm = Arc::new(Harm::default());
    let doing = begin(
        address.parse().unwrap(),
        Hash::of(&room.parse::<u32>().unwrap().to_be_bytes()),
        &kinds,
        1,
        &harm,
    );
    let to_end = || std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
    tokio::task::spawn_blocking(to_end).await.unwrap().unwrap();
    drop(doing);
    println!("{harm:?}");
}
