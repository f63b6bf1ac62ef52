//! The flags, each with its environment variable and default.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use async_nats::ServerAddr;
use bytesize::ByteSize;
use chain_wasm::primitives::Hash;
use clap::{Parser, Subcommand, ValueEnum};
use ipnet::IpNet;

use crate::archive::ArchiveConfig;
use crate::archive::http::Token;
use crate::archive::room_link::Room;
use crate::cluster::{NatsConfig, Prefix};
use crate::limits::Limits;
use crate::origin::Origin;
use crate::server::Config;
use crate::tls::TlsFiles;

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

    /// Listen on all addresses of this machine, at the port of --listen, and print them with
    /// a QR code: for a classroom [default: only this machine]
    #[arg(long, env = "TABCHAIN_LAN")]
    pub lan: bool,

    /// A certificate with its chain, as PEM, to speak https; read again on SIGHUP
    /// [default: http]
    #[arg(long, env = "TABCHAIN_TLS_CERT", requires = "tls_key", value_name = "FILE")]
    pub tls_cert: Option<PathBuf>,

    /// The certificate's private key, as PEM [default: none]
    #[arg(long, env = "TABCHAIN_TLS_KEY", requires = "tls_cert", value_name = "FILE")]
    pub tls_key: Option<PathBuf>,

    /// A proxy, or a network of them, whose X-Forwarded-For header says where a request comes
    /// from; may be repeated, or separated by commas [default: none]
    #[arg(long, env = "TABCHAIN_TRUSTED_PROXY", value_delimiter = ',', value_name = "IP[/BITS]",
          value_parser = parse_network)]
    pub trusted_proxy: Vec<IpNet>,

    /// A NATS server at which this relay meets others, so that their rooms are one; several
    /// of one NATS cluster with commas between them. nats://NAME:PASSWORD@HOST:PORT, or
    /// tls:// to encrypt [default: alone]
    #[arg(
        long,
        env = "TABCHAIN_NATS",
        hide_env_values = true,
        value_delimiter = ',',
        value_name = "URL"
    )]
    pub nats: Vec<ServerAddr>,

    /// What the subjects at NATS begin with: relays with the same are one
    #[arg(long, env = "TABCHAIN_NATS_PREFIX", default_value = "tabchain", value_name = "WORDS")]
    pub nats_prefix: Prefix,

    /// How the log is written
    #[arg(long, env = "TABCHAIN_LOG_FORMAT", value_enum, default_value_t, value_name = "FORMAT")]
    pub log_format: LogFormat,

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

    /// How much may wait for all connections together, beyond 64 KiB for each
    #[arg(long, env = "TABCHAIN_QUEUE_TOTAL", default_value = "1 GiB", value_name = "SIZE")]
    pub queue_total: ByteSize,

    /// Peers in one room
    #[arg(long, env = "TABCHAIN_MAX_PEERS_PER_ROOM", default_value_t = 1_000, value_name = "N")]
    pub max_peers_per_room: usize,

    /// Rooms at a time
    #[arg(long, env = "TABCHAIN_MAX_ROOMS", default_value_t = 10_000, value_name = "N")]
    pub max_rooms: usize,

    /// WebSocket connections at a time
    #[arg(long, env = "TABCHAIN_MAX_CONNECTIONS", default_value_t = 12_000, value_name = "N")]
    pub max_connections: usize,

    /// WebSocket connections at a time from one address (IPv6: from one /64 network)
    #[arg(long, env = "TABCHAIN_MAX_PER_ADDRESS", default_value_t = 1_000, value_name = "N")]
    pub max_per_address: usize,

    /// Frames that one connection may send in a second; it may send four times as many at
    /// once, is read more slowly beyond that, and closed after --rate-patience
    #[arg(long, env = "TABCHAIN_FRAMES_PER_SECOND", default_value_t = 1_000, value_name = "N")]
    pub frames_per_second: u32,

    /// Bytes likewise
    #[arg(long, env = "TABCHAIN_BYTES_PER_SECOND", default_value = "32 MiB", value_name = "SIZE")]
    pub bytes_per_second: ByteSize,

    /// How long a connection may go on sending more than that
    #[arg(long, env = "TABCHAIN_RATE_PATIENCE", default_value = "30s", value_name = "TIME",
          value_parser = humantime::parse_duration)]
    pub rate_patience: Duration,

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

    /// Keep rooms alive in this folder, so that they survive all their tabs, and answer scripts
    /// at /rooms; /openapi.json says how [default: no archive]
    #[arg(long, env = "TABCHAIN_ARCHIVE", value_name = "DIR")]
    pub archive: Option<PathBuf>,

    /// A room that the archive keeps: its link (the part from # on will do), or its name if it is
    /// a room as usual; may be repeated, or separated by white space [default: none]
    #[arg(long, env = "TABCHAIN_ARCHIVE_ROOM", value_delimiter = ' ', value_name = "LINK")]
    pub archive_room: Vec<Room>,

    /// Keep every room that tabs join at this relay, too, and those that the archive's folder
    /// has; of private rooms only those that are named [default: those that are named]
    #[arg(long, env = "TABCHAIN_ARCHIVE_ALL")]
    pub archive_all: bool,

    /// How much the archive's databases may take together; they double as they grow. With more
    /// it takes in nothing, and goes on answering
    #[arg(long, env = "TABCHAIN_ARCHIVE_MAX_BYTES", default_value = "10 GiB", value_name = "SIZE")]
    pub archive_max_bytes: ByteSize,

    /// What whoever writes through the archive sends as `Authorization: Bearer TOKEN`; better
    /// given by its environment variable, which other users cannot see [default: nobody may write]
    #[arg(long, env = "TABCHAIN_API_TOKEN", hide_env_values = true, value_name = "TOKEN")]
    pub api_token: Option<Token>,
}

/// How the log is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: an object a line.
    Json,
}

fn parse_network(text: &str) -> Result<IpNet, ipnet::AddrParseError> {
    text.parse().or_else(|error| text.parse::<IpAddr>().map(IpNet::from).map_err(|_| error))
}

/// What can be done instead of running a relay.
#[derive(Debug, Clone, Subcommand)]
pub enum Command {
    /// Checks a proof file that a tab has saved, or a chain that was exported, by every rule from
    /// its first block on; needs no network and no relay.
    ///
    /// Ends with 0 if the proof or the chain holds, with 1 if not.
    Verify {
        /// The file: a proof, .tabproof or .json, or a chain
        file: PathBuf,

        /// The hash of the newest block that the proof or the chain must lead up to, of 64 hex
        /// digits
        #[arg(long, value_name = "HASH")]
        tip: Option<Hash>,
    },

    /// Writes the chain of an archive's room to standard output, while no relay has the archive.
    ///
    /// Ends with 0 once all of it is written, with 1 if not.
    Export {
        /// The room: its id, its link, or its name
        room: String,

        /// The archive's folder
        #[arg(long, env = "TABCHAIN_ARCHIVE", value_name = "DIR")]
        archive: PathBuf,
    },

    /// Checks a chain that was exported and takes it into an archive, while no relay has that.
    ///
    /// Ends with 0 once it is stored, with 1 if it does not hold; then nothing of it is.
    Import {
        /// The file
        file: PathBuf,

        /// The archive's folder; it is made if there is none
        #[arg(long, env = "TABCHAIN_ARCHIVE", value_name = "DIR")]
        archive: PathBuf,

        /// How much the room's database may take
        #[arg(
            long,
            env = "TABCHAIN_ARCHIVE_MAX_BYTES",
            default_value = "10 GiB",
            value_name = "SIZE"
        )]
        archive_max_bytes: ByteSize,
    },

    /// Checks the flags that stand before it and the environment, with the files that they name,
    /// and says each problem in a line; nothing is started.
    ///
    /// Ends with 0 if there is none, with 1 if there is one, with 2 if a flag cannot be read.
    CheckConfig,
}

/// A flag is of no use without another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} is of no use without --archive")]
pub struct WithoutArchive(&'static str);

impl Cli {
    /// Whether the flags fit together beyond what each says. Not asked of who only checks a
    /// file, with the environment of a relay.
    ///
    /// # Errors
    /// [`WithoutArchive`]
    pub fn check(&self) -> Result<(), WithoutArchive> {
        let without = |given: bool, flag| {
            if given && self.archive.is_none() { Err(WithoutArchive(flag)) } else { Ok(()) }
        };
        without(!self.archive_room.is_empty(), "--archive-room")?;
        without(self.archive_all, "--archive-all")?;
        without(self.api_token.is_some(), "--api-token")
    }
}

impl From<Cli> for Config {
    fn from(cli: Cli) -> Self {
        let limits = Limits {
            max_connections: cli.max_connections,
            max_per_address: cli.max_per_address,
            frames_per_second: cli.frames_per_second,
            bytes_per_second: u32::try_from(cli.bytes_per_second.as_u64()).unwrap_or(u32::MAX),
            rate_patience: cli.rate_patience,
            max_rooms: cli.max_rooms,
            max_peers_per_room: cli.max_peers_per_room,
            queue_bytes: usize::try_from(cli.queue_bytes.as_u64()).unwrap_or(usize::MAX),
            queue_total: usize::try_from(cli.queue_total.as_u64()).unwrap_or(usize::MAX),
            register_timeout: cli.register_timeout,
            ping_interval: cli.ping_interval,
            ping_timeout: cli.ping_timeout,
            drain: cli.drain,
            ..Limits::default()
        };
        let listen = if cli.lan {
            SocketAddr::new(Ipv4Addr::UNSPECIFIED.into(), cli.listen.port())
        } else {
            cli.listen
        };
        let tls = cli.tls_cert.zip(cli.tls_key);
        let (servers, prefix) = (cli.nats, cli.nats_prefix);
        let archive = cli.archive.map(|folder| ArchiveConfig {
            folder,
            rooms: cli.archive_room,
            all: cli.archive_all,
            max_bytes: cli.archive_max_bytes.as_u64(),
            token: cli.api_token,
        });
        Self {
            archive,
            listen,
            allowed_origins: cli.allow_origin,
            trusted_proxies: cli.trusted_proxy,
            limits,
            tls: tls.map(|(certificate, key)| TlsFiles { certificate, key }),
            nats: (!servers.is_empty()).then_some(NatsConfig { servers, prefix }),
        }
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

    #[test]
    fn a_classroom_listens_everywhere_at_the_same_port() {
        let cli = Cli::parse_from(["relay-server", "--lan", "--listen=127.0.0.1:9000"]);
        assert_eq!(Config::from(cli).listen, "0.0.0.0:9000".parse().unwrap());
    }

    #[test]
    fn proxies_are_addresses_or_networks() {
        let cli = Cli::parse_from(["relay-server", "--trusted-proxy=127.0.0.1,10.0.0.0/8,::1"]);
        let nets: Vec<String> = cli.trusted_proxy.iter().map(ToString::to_string).collect();
        assert_eq!(nets, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
        assert!(Cli::try_parse_from(["relay-server", "--trusted-proxy=nonsense"]).is_err());
    }

    #[test]
    fn an_archives_flags_need_an_archive() {
        let check = |flags: &[&str]| {
            let flags = ["relay-server"].iter().chain(flags);
            Cli::parse_from(flags).check()
        };
        assert_eq!(check(&[]), Ok(()));
        let given = ["--archive-room=a", "--archive-all", "--api-token=a-token-of-enough"];
        for flag in given {
            assert!(check(&[flag]).is_err());
            assert_eq!(check(&[flag, "--archive=x"]), Ok(()));
        }
        // A file is checked whatever the relay's environment is.
        assert!(Cli::try_parse_from(["relay-server", given[2], "verify", "x"]).is_ok());
    }

    #[test]
    fn a_certificate_needs_its_key() {
        assert!(Cli::try_parse_from(["relay-server", "--tls-cert=a.pem"]).is_err());
        assert!(Cli::try_parse_from(["relay-server", "--tls-cert=a", "--tls-key=b"]).is_ok());
    }
}
