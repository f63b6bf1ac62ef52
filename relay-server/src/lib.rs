//! Tabchain's relay: one server that serves the page, registers tabs as peers of
//! rooms, and relays their messages. It never looks into what tabs tell each
//! other; an [`archive`] beside it does.
//!
//! [`Server::bind`] and [`Server::run`] are all that a program or a test needs.
//!
//! - [`rooms`] and [`session`] are pure: (connection, frame) in, frames out.
//! - [`connection`] drives one socket, [`server`] accepts them, [`app`] routes.
//! - [`site`] is the embedded page, [`limits`] says how much of anything others
//!   may take, [`addresses`] who takes it, [`origin`] which pages may connect,
//!   [`tls`] speaks https, [`invitation`] tells others where, [`cli`] reads flags.
//! - [`cluster`] makes several relays one.
//! - [`metrics`] counts, [`report`] tells the log.
//! - [`archive`] keeps rooms alive without tabs, if the operator asks for one.
//! - [`verify`] checks a proof file or an exported chain, [`check_config`] what a relay would
//!   run with, without one.

pub mod addresses;
pub mod app;
pub mod archive;
pub mod check_config;
pub mod cli;
pub mod cluster;
pub mod connection;
pub mod invitation;
pub mod limits;
pub mod metrics;
pub mod origin;
pub mod report;
pub mod rooms;
pub mod server;
pub mod session;
pub mod site;
pub mod tls;
pub mod verify;

pub use limits::Limits;
pub use server::{Config, Server, StartError};
