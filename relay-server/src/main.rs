//! Starts the relay, or does what an operator asks for instead.

mod command;

use std::io::{self, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Parser;
use relay_server::cli::{Cli, LogFormat};
use relay_server::tls::Tls;
use relay_server::{Config, Server, invitation, site};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// What a shell reports for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

/// Open files beside those of WebSocket connections: page loads and the program's own.
const OTHER_FILES: u64 = 1_100;

#[tokio::main]
async fn main() -> ExitCode {
    let mut cli = Cli::parse();
    let command = cli.command.take();
    let log_format = cli.log_format;
    let fits = cli.check();
    let config = Config::from(cli);
    if let Some(command) = command {
        return command::run(command, &config, fits);
    }
    if let Err(error) = fits {
        return failure(&error);
    }
    start_log(log_format);
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

fn start_log(format: LogFormat) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr);
    match format {
        LogFormat::Text => log.init(),
        LogFormat::Json => log.json().flatten_event(true).init(),
    }
}

fn failure(error: &dyn std::error::Error) -> ExitCode {
    // Standard error may be gone; the exit code says it too.
    let _ = writeln!(io::stderr(), "error: {error}");
    ExitCode::FAILURE
}

#[derive(Debug, thiserror::Error)]
enum RunError {
    #[error(transparent)]
    Start(#[from] relay_server::StartError),
    #[error("cannot listen for signals: {0}")]
    Signals(#[from] io::Error),
}

async fn run(config: Config) -> Result<(), RunError> {
    let stop = CancellationToken::new();
    allow_files(config.limits.max_connections);
    let server = Server::bind(config, stop.clone()).await?;
    stop_on_signals(stop)?;
    if let Some(tls) = server.tls() {
        reload_on_hangup(Arc::clone(tls))?;
    }
    site::log_sizes();
    // Nobody may be reading; the relay serves all the same.
    let _ = io::stdout().write_all(greeting(&server).as_bytes());
    server.run().await;
    tracing::info!("stopped");
    Ok(())
}

/// Each connection is an open file, and many systems start a program with 1,024 of them,
/// though it may have more if it asks.
fn allow_files(connections: usize) {
    let wanted = u64::try_from(connections).unwrap_or(u64::MAX).saturating_add(OTHER_FILES);
    match rlimit::increase_nofile_limit(wanted) {
        Ok(allowed) if allowed >= wanted => {}
        Ok(allowed) => {
            tracing::warn!(allowed, wanted, "the system allows too few open files: see ulimit -n");
        }
        Err(error) => tracing::warn!(%error, wanted, "cannot ask for more open files"),
    }
}

/// What a relay says when it is ready.
fn greeting(server: &Server) -> String {
    let scheme = if server.tls().is_some() { "https" } else { "http" };
    let url = url_to_open(scheme, server.address());
    let ready = format!("Tabchain is ready: open {url}\n");
    let Some(first) = server.invitations().first() else { return ready };
    let all = server.invitations().join("  ");
    let code = invitation::qr_code(first, io::stdout().is_terminal()).unwrap_or_default();
    format!("{ready}On other devices in this network: {all}\n{code}")
}

/// SIGHUP has the certificate read again.
#[cfg(unix)]
fn reload_on_hangup(tls: Arc<Tls>) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut hangups = signal(SignalKind::hangup())?;
    tokio::spawn(async move {
        while hangups.recv().await.is_some() {
            match tls.reload() {
                Ok(()) => tracing::info!("the certificate was read again"),
                Err(error) => tracing::error!(%error, "the certificate from before stays in use"),
            }
        }
    });
    Ok(())
}

/// Windows has no SIGHUP: a new certificate needs a new start.
#[cfg(windows)]
fn reload_on_hangup(_: Arc<Tls>) -> io::Result<()> {
    Ok(())
}

/// SIGTERM or Ctrl-C stops the relay; a second Ctrl-C ends it at once.
#[cfg(unix)]
fn stop_on_signals(stop: CancellationToken) -> io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut interrupts = signal(SignalKind::interrupt())?;
    let mut terminations = signal(SignalKind::terminate())?;
    tokio::spawn(async move {
        tokio::select! {
            _ = interrupts.recv() => {}
            _ = terminations.recv() => {}
        }
        stop.cancel();
        interrupts.recv().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(())
}

/// Ctrl-C stops the relay; a second one ends it at once.
#[cfg(windows)]
fn stop_on_signals(stop: CancellationToken) -> io::Result<()> {
    let mut interrupts = tokio::signal::windows::ctrl_c()?;
    tokio::spawn(async move {
        interrupts.recv().await;
        stop.cancel();
        interrupts.recv().await;
        std::process::exit(INTERRUPTED);
    });
    Ok(())
}

/// The address a browser on this machine opens: an unspecified one stands for all
/// of the machine's addresses.
fn url_to_open(scheme: &str, address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("{scheme}://{}/", SocketAddr::new(ip, address.port()))
}
