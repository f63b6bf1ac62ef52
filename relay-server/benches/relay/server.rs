//! A server in a process of its own, and what it uses.

use std::net::SocketAddr;
use std::process::Stdio;

use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Tells this program to be the baseline server.
pub(crate) const BASELINE: &str = "RELAY_BENCHMARK_BASELINE";

/// Clock ticks a second in `/proc`: 100 on every Linux that Rust runs on.
const TICKS: f64 = 100.0;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Relay,
    Baseline,
}

pub(crate) struct Server {
    pub(crate) kind: Kind,
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Server {
    pub(crate) async fn start(kind: Kind) -> Self {
        Self::start_with(kind, &[]).await
    }

    /// Starts one with other flags; those that come last count.
    pub(crate) async fn start_with(kind: Kind, flags: &[&str]) -> Self {
        let mut command = match kind {
            Kind::Relay => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_relay-server"));
                command.arg("--listen=127.0.0.1:0");
                if flags.is_empty() {
                    // One sender is to send all it can.
                    command.args(["--frames-per-second=1000000", "--bytes-per-second=1GiB"]);
                    command.arg("--max-per-address=20000");
                }
                command.args(flags);
                command.env("RUST_LOG", "warn");
                command
            }
            Kind::Baseline => {
                let mut command = Command::new(std::env::current_exe().unwrap());
                command.env(BASELINE, "1");
                command
            }
        };
        let mut child =
            command.kill_on_drop(true).stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        let mut output = BufReader::new(child.stdout.take().unwrap());
        output.read_line(&mut line).await.unwrap();
        let address = line.trim().trim_end_matches('/').rsplit('/').next().unwrap();
        Self { kind, address: address.parse().expect(&line), child }
    }

    fn proc(&self, file: &str) -> String {
        let pid = self.child.id().expect("it runs");
        std::fs::read_to_string(format!("/proc/{pid}/{file}")).unwrap()
    }

    /// CPU time so far, in seconds.
    pub(crate) fn cpu(&self) -> f64 {
        let stat = self.proc("stat");
        // The name before it, in brackets, may have blanks.
        let fields: Vec<&str> = stat.rsplit(')').next().unwrap().split_whitespace().collect();
        let ticks = |at: usize| fields[at].parse::<f64>().unwrap();
        (ticks(11) + ticks(12)) / TICKS
    }

    /// Memory in use, in bytes.
    pub(crate) fn memory(&self) -> f64 {
        let status = self.proc("status");
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
        line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
    }
}
