//! Checking a proof file or an exported chain on the command line: no relay, no network.

use std::fmt::{self, Display, Formatter};
use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::path::Path;

use crate::archive::export::{self, CheckedChain, ExportError};
use chain_wasm::chain::proof::{MAX_JSON, Proof, ProofError, Proven};
use chain_wasm::chain::transaction::Body;
use chain_wasm::primitives::{Hash, UnixMillis};
use chain_wasm::private::MEDIA_TYPE;

/// Why a proof file was not accepted.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error("{path}: {error}")]
    File {
        /// Its path.
        path: String,
        /// Why.
        error: io::Error,
    },
    /// It is not a proof, or one that does not hold.
    #[error("the proof does not hold: {0}")]
    Proof(#[from] ProofError),
    /// It is an exported chain, or begins like one, that does not hold.
    #[error("the chain does not hold: {0}")]
    Chain(#[from] ExportError),
    /// It holds, but for another tip than the one that was asked for.
    #[error("it holds, but for another tip: {found}")]
    OtherTip {
        /// Its tip.
        found: Hash,
    },
}

/// What was found to hold; its `Display` is the report.
#[derive(Debug)]
pub enum Verified {
    /// A proof.
    Proof(Box<Report>),
    /// A chain.
    Chain(Box<CheckedChain>),
}

impl Display for Verified {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self {
            Self::Proof(report) => report.fmt(f),
            Self::Chain(chain) => chain.fmt(f),
        }
    }
}

/// What a proof that holds shows; its `Display` is the report.
#[derive(Debug)]
pub struct Report {
    proof: Proof,
    proven: Proven,
    compared: bool,
}

/// Checks a file, and that its tip has a hash, if one is given. What it is, a proof of either
/// form or an exported chain, is told by how it begins.
///
/// # Errors
/// [`VerifyError`]
pub fn verify(path: &Path, tip: Option<Hash>) -> Result<Verified, VerifyError> {
    let failed = |error| VerifyError::File { path: path.display().to_string(), error };
    let file = File::open(path).map_err(failed)?;
    let mut file = BufReader::new(file);
    if file.fill_buf().map_err(failed)?.starts_with(export::MARK) {
        let chain = export::Reader::begin(file)?.check(|_, _| Ok::<_, ExportError>(()))?;
        return match tip {
            Some(tip) if tip != chain.last.hash => {
                Err(VerifyError::OtherTip { found: chain.last.hash })
            }
            _ => Ok(Verified::Chain(Box::new(chain))),
        };
    }
    let bytes = read(file).map_err(failed)?;
    let proof = Proof::read(&bytes)?;
    let proven = proof.check()?;
    match tip {
        Some(tip) if tip != proven.tip => Err(VerifyError::OtherTip { found: proven.tip }),
        _ => Ok(Verified::Proof(Box::new(Report { proof, proven, compared: tip.is_some() }))),
    }
}

/// Not more than a proof may have, and a byte by which too long a one is told.
fn read(file: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let limit = u64::try_from(MAX_JSON).unwrap_or(u64::MAX).saturating_add(1);
    file.take(limit).read_to_end(&mut bytes)?;
    Ok(bytes)
}

impl Display for Report {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { proof, proven, compared } = self;
        let entry = &proof.entry;
        writeln!(f, "The proof holds.")?;
        writeln!(f)?;
        writeln!(f, "room           {}", Printable(proof.spec.name()))?;
        writeln!(f, "entry          {}", entry.id())?;
        writeln!(f, "signed by      {}", entry.author())?;
        writeln!(f, "at             {}, by the author's clock", time(entry.content().timestamp))?;
        match entry.body() {
            Body::Data { media_type, bytes } => match proof.opened() {
                Some(Ok(plain)) => {
                    data(f, &plain.media_type, &plain.bytes)?;
                    writeln!(
                        f,
                        "               sealed in the chain, opened by the key in the proof"
                    )?;
                }
                _ => data(f, media_type, bytes)?,
            },
            Body::Transfer { to, amount } | Body::Coinbase { to, reward: amount, .. } => {
                writeln!(f, "content        {amount} coins to {to}")?;
            }
        }
        writeln!(f, "in block       {}, {}", proof.block.height, proven.block)?;
        writeln!(f, "sealed at      {}", time(proof.block.timestamp))?;
        if let Some(sealer) = proof.spec.authority().and_then(|a| a.sealer(&proof.block)) {
            writeln!(f, "sealed by      {sealer}, a member of the room")?;
        }
        writeln!(f, "proven up to   {}, {}", proof.tip.height, proven.tip)?;
        writeln!(f, "confirmations  {}", proven.confirmations)?;
        writeln!(f)?;
        if *compared {
            write!(f, "The tip is the one that you gave.")
        } else {
            write!(
                f,
                "Compare the last hash with one that you trust, such as what a tab of the room \
                 shows for block {}, or give it with --tip: only then is it the chain that \
                 others agree on.",
                proof.tip.height
            )
        }
    }
}

fn data(f: &mut Formatter<'_>, media_type: &str, bytes: &[u8]) -> fmt::Result {
    writeln!(f, "content        {}, {} bytes", Printable(media_type), bytes.len())?;
    if media_type == MEDIA_TYPE {
        writeln!(f, "               sealed: only members of the private room can read it")?;
    }
    for line in str::from_utf8(bytes).unwrap_or_default().lines() {
        writeln!(f, "               | {}", Printable(line))?;
    }
    Ok(())
}

/// Text of a stranger: without characters that a terminal takes as commands, or that
/// change the order of what is read.
struct Printable<'a>(&'a str);

impl Display for Printable<'_> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|char| {
            let reorders = matches!(char, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
            if char.is_control() || reorders {
                write!(f, "{}", char.escape_unicode())
            } else {
                write!(f, "{char}")
            }
        })
    }
}

fn time(at: UnixMillis) -> impl Display {
    let at = std::time::UNIX_EPOCH.checked_add(std::time::Duration::from_millis(at.0));
    // Years above 9999 have no RFC 3339 form: whoever signed may claim any time.
    let latest = std::time::UNIX_EPOCH + std::time::Duration::from_secs(253_402_300_799);
    humantime::format_rfc3339_seconds(at.unwrap_or(latest).min(latest))
}
