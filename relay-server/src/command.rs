//! What can be done instead of running a relay.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

use relay_server::archive::admin;
use relay_server::cli::{Command, WithoutArchive};
use relay_server::{Config, check_config, verify};

use super::failure;

/// Standard output is a terminal.
#[derive(Debug, thiserror::Error)]
#[error("a chain is no text: send it to a file, as in `relay-server export ROOM > FILE`")]
struct Terminal;

/// Does it.
pub(super) fn run(command: Command, config: &Config, fits: Result<(), WithoutArchive>) -> ExitCode {
    match command {
        Command::Verify { file, tip } => report(verify::verify(&file, tip)),
        Command::Export { .. } if io::stdout().is_terminal() => failure(&Terminal),
        Command::Export { room, archive } => {
            match admin::export(&archive, &room, io::stdout().lock()) {
                Ok(()) => ExitCode::SUCCESS,
                Err(error) => failure(&error),
            }
        }
        Command::Import { file, archive, archive_max_bytes } => {
            let imported = admin::import(&file, &archive, archive_max_bytes.as_u64());
            report(imported.map(|done| format!("{}\nnew here       {}", done.chain, done.new)))
        }
        Command::CheckConfig => check(config, fits),
    }
}

fn report<T: Display, E: std::error::Error>(outcome: Result<T, E>) -> ExitCode {
    match outcome {
        Ok(report) => {
            // Standard output may be gone; the exit code says it too.
            let _ = writeln!(io::stdout(), "{report}");
            ExitCode::SUCCESS
        }
        Err(error) => failure(&error),
    }
}

fn check(config: &Config, fits: Result<(), WithoutArchive>) -> ExitCode {
    let mut problems = check_config::problems(config);
    problems.extend(fits.err().map(|error| error.to_string()));
    if problems.is_empty() {
        let _ = writeln!(io::stdout(), "No problem was found.");
        return ExitCode::SUCCESS;
    }
    for problem in problems {
        let _ = writeln!(io::stderr(), "error: {problem}");
    }
    ExitCode::FAILURE
}
