//! The flags, each with its environment variable and default.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use bytesize::ByteSize;
use chain_wasm::primitives::Hash;
use clap::{Parser, Subcommand};

use crate::limits::Limits;
use crate::origin::Origin;
use crate::server::Config;

/// Tabchain's relay: serves the page, registers tabs as peers of rooms, and
/// relays their messages.
///
/// Every flag has an environment variable; the flag wins.
#[derive(Debug, Clone, Parser)]
#[command(
    name = "relay-server",
    version,
    about,
    max_term_width = 100,
    after_help = "Logs go to standard error; RUST_LOG chooses what is logged, like RUST_LOG=debug."
)]
pub struct Cli {
    /// What to do instead of running a relay.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// Address and port to listen on; port 0 takes any free port
    #[arg(long, env = "TABCHAIN_LISTEN", default_value = "127.0.0.1:8080", value_name = "IP:PORT")]
    pub listen: SocketAddr,

    /// Another site whose page may connect; may be repeated, or separated by commas
    /// [default: only this relay's own page]
    #[arg(
        long,
        env = "TABCHAIN_ALLOW_ORIGIN",
        value_delimiter = ',',
        value_name = "https://HOST[:PORT]"
    )]
    pub allow_origin: Vec<Origin>,

    /// How much may wait for one connection that does not read; with more it is closed
    #[arg(long, env = "TABCHAIN_QUEUE_BYTES", default_value = "4 MiB", value_name = "SIZE")]
    pub queue_bytes: ByteSize,

    /// Peers in one room
    #[arg(long, env = "TABCHAIN_MAX_PEERS_PER_ROOM", default_value_t = 1_000, value_name = "N")]
    pub max_peers_per_room: usize,

    /// Rooms at a time
    #[arg(long, env = "TABCHAIN_MAX_ROOMS", default_value_t = 10_000, value_name = "N")]
    pub max_rooms: usize,

    /// WebSocket connections at a time
    #[arg(long, env = "TABCHAIN_MAX_CONNECTIONS", default_value_t = 12_000, value_name = "N")]
    pub max_connections: usize,

    /// How long a connection may take to register
    #[arg(long, env = "TABCHAIN_REGISTER_TIMEOUT", default_value = "10s", value_name = "TIME",
          value_parser = humantime::parse_duration)]
    pub register_timeout: Duration,

    /// How long a connection may be silent until it is pinged
    #[arg(long, env = "TABCHAIN_PING_INTERVAL", default_value = "20s", value_name = "TIME",
          value_parser = humantime::parse_duration)]
    pub ping_interval: Duration,

    /// How long it may then stay silent until it is closed
    #[arg(long, env = "TABCHAIN_PING_TIMEOUT", default_value = "20s", value_name = "TIME",
          value_parser = humantime::parse_duration)]
    pub ping_timeout: Duration,

    /// How long a stopping relay waits for its connections to close
    #[arg(long, env = "TABCHAIN_DRAIN", default_value = "5s", value_name = "TIME",
          value_parser = humantime::parse_duration)]
    pub drain: Duration,
}

/// What can be done instead of running a relay.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Checks a proof file that a tab has saved; needs no network and no relay.
    ///
    /// Ends with 0 if the proof holds, with 1 if not.
    Verify {
        /// The file, .tabproof or .json
        file: PathBuf,

        /// The hash of the newest block that the proof must lead up to, of 64 hex digits
        #[arg(long, value_name = "HASH")]
        tip: Option<Hash>,
    },
}

impl From<Cli> for Config {
    fn from(cli: Cli) -> Self {
        let limits = Limits {
            max_connections: cli.max_connections,
            max_rooms: cli.max_rooms,
            max_peers_per_room: cli.max_peers_per_room,
            queue_bytes: usize::try_from(cli.queue_bytes.as_u64()).unwrap_or(usize::MAX),
            register_timeout: cli.register_timeout,
            ping_interval: cli.ping_interval,
            ping_timeout: cli.ping_timeout,
            drain: cli.drain,
            ..Limits::default()
        };
        Self { listen: cli.listen, allowed_origins: cli.allow_origin, limits }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_flags_are_well_formed() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_defaults_of_flags_and_limits_agree() {
        let config = Config::from(Cli::parse_from(["relay-server"]));
        assert_eq!(config.limits, Limits::default());
        assert_eq!(config.limits.check(), Ok(()));
    }

    #[test]
    fn every_flag_says_its_environment_variable_and_default() {
        for arg in Cli::command().get_arguments().filter(|arg| arg.get_long().is_some()) {
            let name = arg.get_long().unwrap();
            if ["help", "version"].contains(&name) {
                continue;
            }
            let variable = format!("TABCHAIN_{}", name.replace('-', "_").to_uppercase());
            assert_eq!(arg.get_env().and_then(|env| env.to_str()), Some(variable.as_str()));
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            assert!(!arg.get_default_values().is_empty() || help.contains("[default"), "{name}");
        }
    }

    #[test]
    fn units_are_read() {
        let cli = Cli::parse_from([
            "relay-server",
            "--queue-bytes=2MiB",
            "--ping-timeout=1m 30s",
            "--allow-origin=https://a.example,http://b.example:81",
        ]);
        let config = Config::from(cli);
        assert_eq!(config.limits.queue_bytes, 2 * 1024 * 1024);
        assert_eq!(config.limits.ping_timeout, Duration::from_secs(90));
        assert_eq!(config.allowed_origins.len(), 2);
    }
}
