//! The program itself: how it starts, how it stops, what it says.

use std::net::SocketAddr;
use std::process::Stdio;

use chain_wasm::relay::{Refusal, RelayFrame, register};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::net::TcpListener;
use tokio::process::{Child, Command};

use super::support::{Tab, decode, in_time, key, room};

fn program() -> Command {
    program_in(&[])
}

/// The program, started by another one if any is named.
fn program_in(outer: &[&str]) -> Command {
    let program = env!("CARGO_BIN_EXE_relay-server");
    let mut command = match outer.split_first() {
        Some((first, rest)) => {
            let mut command = Command::new(first);
            command.args(rest).arg(program);
            command
        }
        None => Command::new(program),
    };
    // What the shell of whoever runs the tests says must not count.
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("TABCHAIN_") {
            command.env_remove(name);
        }
    }
    command.kill_on_drop(true).stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// Memory of a process that is in use, in bytes.
#[cfg(target_os = "linux")]
pub(crate) fn memory(pid: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() * 1024.0
}

/// Starts the program on a free port of loopback.
pub(crate) async fn start(arguments: &[&str]) -> (Child, SocketAddr) {
    start_in(&[], &[&["--listen", "127.0.0.1:0"], arguments].concat()).await
}

/// Starts the program by another one.
pub(crate) async fn start_in(outer: &[&str], arguments: &[&str]) -> (Child, SocketAddr) {
    let mut command = program_in(outer);
    let mut child = command.args(arguments).stdout(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    in_time(BufReader::new(child.stdout.take().unwrap()).read_line(&mut line)).await.unwrap();
    let address = line.trim().strip_prefix("Tabchain is ready: open http://");
    let address = address.and_then(|rest| rest.strip_suffix('/')).expect(&line);
    (child, address.parse().unwrap())
}

async fn join(address: SocketAddr) -> Tab {
    let mut tab = Tab::connect(address).await;
    let nonce = tab.challenge().await;
    tab.send(&register(&key(1), &nonce, room(0), b"")).await;
    let welcome = tab.frame().await;
    assert!(matches!(decode(&welcome), RelayFrame::Welcome { .. }));
    tab
}

#[cfg(unix)]
async fn signal(child: &Child, name: &str) {
    let pid = child.id().unwrap();
    let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().await;
    assert!(status.unwrap().success());
}

#[cfg(unix)]
#[tokio::test]
async fn sigterm_and_ctrl_c_stop_it_cleanly() {
    for name in ["TERM", "INT"] {
        let (mut child, address) = start(&["--drain", "60s"]).await;
        let mut tab = join(address).await;
        signal(&child, name).await;
        let bytes = tab.frame().await;
        assert!(matches!(decode(&bytes), RelayFrame::GoingAway { .. }), "{bytes:?}");
        tab.expect_close(Refusal::Stopping).await;
        assert_eq!(in_time(child.wait()).await.unwrap().code(), Some(0));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_second_ctrl_c_ends_it_at_once() {
    let (mut child, address) = start(&["--drain", "1h"]).await;
    let mut tab = join(address).await;
    signal(&child, "INT").await;
    let bytes = tab.frame().await;
    assert!(matches!(decode(&bytes), RelayFrame::GoingAway { .. }), "{bytes:?}");
    // The tab does not answer the close, so the relay still waits for it.
    signal(&child, "INT").await;
    assert_eq!(in_time(child.wait()).await.unwrap().code(), Some(130));
}

async fn failure(command: &mut Command) -> String {
    let output = in_time(command.stderr(Stdio::piped()).output()).await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test]
async fn a_taken_port_is_said_in_one_line() {
    let holder = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = holder.local_addr().unwrap().to_string();
    let text = failure(program().env("TABCHAIN_LISTEN", &address)).await;
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains(&address) && text.contains("--listen"), "{text}");
}

#[tokio::test]
async fn unusable_limits_are_said_in_one_line() {
    let text = failure(program().args(["--listen", "127.0.0.1:0", "--queue-bytes", "1 KiB"])).await;
    assert_eq!(text.lines().count(), 1, "{text}");
    assert!(text.contains("1024 bytes"), "{text}");
}
