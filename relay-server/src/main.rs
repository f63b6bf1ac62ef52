//! Starts the relay.

use std::io::{self, IsTerminal, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::process::ExitCode;

use clap::Parser;
use relay_server::cli::{Cli, Command};
use relay_server::verify::{self, VerifyError};
use relay_server::{Config, Server, site};
use tokio_util::sync::CancellationToken;
use tracing_subscriber::EnvFilter;

/// What a shell reports for a program ended by Ctrl-C.
const INTERRUPTED: i32 = 130;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    if let Some(Command::Verify { file, tip }) = cli.command {
        return report(verify::verify(&file, tip));
    }
    let config = Config::from(cli);
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(io::stderr().is_terminal())
        .with_writer(io::stderr)
        .init();
    match run(config).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&error),
    }
}

fn report(outcome: Result<verify::Report, VerifyError>) -> ExitCode {
    match outcome {
        // Standard output may be gone; the exit code says it too.
        Ok(report) => {
            let _ = writeln!(io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(error) => failure(&error),
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
    let server = Server::bind(config, stop.clone()).await?;
    stop_on_signals(stop)?;
    site::log_sizes();
    let url = url_to_open(server.address());
    // Nobody may be reading; the relay serves all the same.
    let _ = writeln!(io::stdout(), "Tabchain is ready: open {url}");
    server.run().await;
    tracing::info!("stopped");
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
fn url_to_open(address: SocketAddr) -> String {
    let ip = match address.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    format!("http://{}/", SocketAddr::new(ip, address.port()))
}
