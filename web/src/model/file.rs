//! A file on its way into the chain.

use chain_wasm::api::NotarisedView;
use chain_wasm::notarisation::Notarisation;

use crate::node_link::CallError;

/// Why a file was not read to its end.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum ReadError {
    /// The browser could not read it: a folder, a file that changed or went away.
    #[error("the file cannot be read: {0}")]
    Unreadable(String),
    /// Nobody wants it any more.
    #[error("reading was given up")]
    GivenUp,
}

/// How far the file in the form is.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) enum FileStep {
    /// None is chosen.
    #[default]
    None,
    /// It is read and hashed.
    Hashing {
        /// Its name, as the browser gives it.
        name: String,
        /// Bytes hashed.
        done: u64,
        /// Bytes in all.
        size: u64,
    },
    /// It could not be read.
    Failed(ReadError),
    /// The chain is searched for it.
    Searching(Notarisation),
    /// The search failed.
    Unsearched(CallError),
    /// The chain has it, or it waits for a block.
    Known(Box<NotarisedView>),
    /// It can be added.
    New(Notarisation),
}

impl FileStep {
    /// Its name for tests and style sheets.
    pub(crate) const fn name(&self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Hashing { .. } => "hashing",
            Self::Failed(_) => "failed",
            Self::Searching(_) => "searching",
            Self::Unsearched(_) => "unsearched",
            Self::Known(_) => "known",
            Self::New(_) => "new",
        }
    }
}

/// `done` of `size` bytes in percent, 0 to 100; all of nothing.
pub(crate) fn percent(done: u64, size: u64) -> u64 {
    let done = u128::from(done.min(size)) * 100;
    done.checked_div(u128::from(size)).and_then(|p| u64::try_from(p).ok()).unwrap_or(100)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_goes_from_nothing_to_all() {
        assert_eq!(percent(0, 10), 0);
        assert_eq!(percent(10, 10), 100);
        assert_eq!(percent(0, 0), 100);
        assert_eq!(percent(20, 10), 100);
        assert_eq!(percent(u64::MAX / 2, u64::MAX), 49);
    }
}
