//! Shows what goes on while it goes on.

use std::fs;
use std::io::Write;

/// Where progress is shown.
///
/// Cargo keeps a build script's output to itself unless the script fails, so
/// minutes would go by in silence. Progress is therefore written to where cargo
/// itself writes: its standard error, or else the terminal.
pub(crate) struct Progress {
    shown: Option<fs::File>,
}

impl Progress {
    /// Finds out where to show.
    pub(crate) fn new() -> Self {
        // Not to a regular file: cargo would write over it, at a position of its own.
        let open = |path: String| {
            let file = fs::File::options().append(true).open(path).ok()?;
            file.metadata().is_ok_and(|metadata| !metadata.is_file()).then_some(file)
        };
        #[cfg(unix)]
        let shown = open(format!("/proc/{}/fd/2", std::os::unix::process::parent_id()))
            .or_else(|| open("/dev/tty".into()));
        #[cfg(not(unix))]
        let shown = open("CONOUT$".into());
        Self { shown }
    }

    /// Shows the beginning of something, in cargo's own manner.
    pub(crate) fn say(&mut self, verb: &str, what: &str) {
        self.line(&format!("{verb:>12} {what}"));
    }

    /// Shows a line, and writes it to the script's own output, which cargo prints
    /// if the script fails.
    pub(crate) fn line(&mut self, line: &str) {
        eprintln!("{line}");
        if let Some(shown) = &mut self.shown {
            // Over cargo's own progress bar, which it draws again below. Where
            // nothing can be shown, the build goes on all the same.
            let clear = if std::io::IsTerminal::is_terminal(shown) { "\r\x1b[K" } else { "" };
            let _ = shown.write_all(format!("{clear}{line}\n").as_bytes());
        }
    }
}
