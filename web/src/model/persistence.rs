//! What the browser promises of what is stored.

/// Whether the browser may delete what is stored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Persistence {
    /// Not known yet.
    #[default]
    Unknown,
    /// It may not.
    Kept,
    /// It may, and has not been asked not to.
    MayGo,
    /// It may: it was asked not to, and did not promise.
    Refused,
    /// It may, and cannot be asked here: plain http, or an old browser.
    Unavailable,
}

impl Persistence {
    /// Whether the user is to be warned.
    pub(crate) const fn is_risky(self) -> bool {
        matches!(self, Self::MayGo | Self::Refused | Self::Unavailable)
    }

    /// Its name for tests and style sheets.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Kept => "kept",
            Self::MayGo => "may-go",
            Self::Refused => "refused",
            Self::Unavailable => "unavailable",
        }
    }
}
