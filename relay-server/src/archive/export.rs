//! A chain as a file: all of it, to be kept elsewhere, checked without a relay, and taken in
//! by another archive. The format is in PROTOCOL.md, section 17.
//!
//! Files are written and read block by block; what is held in memory while one is checked is
//! what the rules need of the blocks so far: balances, and the entries' ids.

use std::fmt::{self, Display, Formatter};
use std::io::{self, ErrorKind, Read, Write};

use chain_wasm::chain::block::MAX_BLOCK;
use chain_wasm::chain::pack;
use chain_wasm::chain::spec::{MAX_SPEC, Spec};
use chain_wasm::chain::validate::{Report, Validator};
use chain_wasm::chain::verify::BlockFault;
use chain_wasm::codec::{self, CodecError};
use chain_wasm::node;
use chain_wasm::primitives::Hash;

/// How a file begins: the format and its version.
pub const MARK: &[u8; 17] = b"tabchain/chain/1\n";

/// Blocks whose signatures are checked at once.
const BATCH: usize = 256;

/// Bytes of blocks that are held for that; one block more may be.
const BATCH_BYTES: usize = 4 * 1024 * 1024;

/// Why a file is not a whole and valid chain.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be read or written.
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    /// It begins otherwise.
    #[error("it is not an exported chain of this version")]
    Mark,
    /// It ends too early.
    #[error("it ends before the chain does")]
    Cut,
    /// A length is none that a part of this kind has.
    #[error("a part of it has {0} bytes")]
    Length(u32),
    /// The spec cannot be read.
    #[error("the room's spec cannot be read: {0}")]
    Spec(CodecError),
    /// A block breaks a rule.
    #[error("block {height}: {fault}")]
    Block {
        /// Its height.
        height: u32,
        /// The rule.
        fault: BlockFault,
    },
    /// What it says of its last block is wrong.
    #[error("it does not end with the block that it says")]
    End,
    /// There is more behind its end.
    #[error("there is more behind its end")]
    More,
}

/// The newest block of a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Last {
    /// Its height; 0 if there is only the genesis block.
    pub height: u32,
    /// Its hash.
    pub hash: Hash,
}

/// A chain that was checked in full; its `Display` is the report.
#[derive(Debug, Clone)]
pub struct CheckedChain {
    /// The room's spec.
    pub spec: Spec,
    /// What was checked.
    pub report: Report,
    /// Its newest block.
    pub last: Last,
}

impl Display for CheckedChain {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Self { spec, report, last } = self;
        writeln!(f, "The chain holds.")?;
        writeln!(f)?;
        writeln!(f, "room           {}", spec.name())?;
        writeln!(f, "chain          {}", node::room_of(spec))?;
        writeln!(f, "blocks         {}", report.blocks)?;
        writeln!(f, "transactions   {}", report.transactions)?;
        writeln!(f, "signatures     {}", report.signatures)?;
        writeln!(f, "coins          {}", report.supply)?;
        write!(f, "newest block   {}, {}", last.height, last.hash)
    }
}

/// Writes a chain, block by block.
#[derive(Debug)]
pub struct Writer<W> {
    to: W,
    last: Last,
}

impl<W: Write> Writer<W> {
    /// Begins with the room.
    ///
    /// # Errors
    /// Those of writing.
    pub fn begin(mut to: W, spec: &Spec) -> io::Result<Self> {
        to.write_all(MARK)?;
        put(&mut to, &codec::encode(spec))?;
        Ok(Self { to, last: Last { height: 0, hash: node::room_of(spec) } })
    }

    /// Writes the next block of the chain, from height 1 on.
    ///
    /// # Errors
    /// Those of writing.
    pub fn block(&mut self, bytes: &[u8]) -> io::Result<()> {
        put(&mut self.to, bytes)?;
        let hash = pack::hash_of(bytes).unwrap_or_default();
        self.last = Last { height: self.last.height.saturating_add(1), hash };
        Ok(())
    }

    /// Ends, with the newest block's height and hash.
    ///
    /// # Errors
    /// Those of writing.
    pub fn end(mut self) -> io::Result<()> {
        self.to.write_all(&0_u32.to_be_bytes())?;
        self.to.write_all(&self.last.height.to_be_bytes())?;
        self.to.write_all(self.last.hash.as_bytes())?;
        self.to.flush()
    }
}

fn put(to: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    let length = u32::try_from(bytes.len()).map_err(|_| ErrorKind::InvalidInput)?;
    to.write_all(&length.to_be_bytes())?;
    to.write_all(bytes)
}

/// A part of a file behind the spec.
enum Part {
    Block(Vec<u8>),
    End(Last),
}

/// Reads a file.
#[derive(Debug)]
pub struct Reader<R> {
    from: R,
    spec: Spec,
}

impl<R: Read> Reader<R> {
    /// Reads what comes before the blocks.
    ///
    /// # Errors
    /// [`ExportError`]
    pub fn begin(mut from: R) -> Result<Self, ExportError> {
        let mark: [u8; MARK.len()] = array(&mut from)?;
        if mark != *MARK {
            return Err(ExportError::Mark);
        }
        let spec = match length(&mut from)? {
            0 => return Err(ExportError::Length(0)),
            length => part(&mut from, length, MAX_SPEC)?,
        };
        let spec = codec::decode(&spec, MAX_SPEC).map_err(ExportError::Spec)?;
        Ok(Self { from, spec })
    }

    /// The room's spec.
    pub const fn spec(&self) -> &Spec {
        &self.spec
    }

    fn next(&mut self) -> Result<Part, ExportError> {
        match length(&mut self.from)? {
            0 => {
                let height = u32::from_be_bytes(array(&mut self.from)?);
                let hash = Hash::from_bytes(array(&mut self.from)?);
                match self.from.read(&mut [0])? {
                    0 => Ok(Part::End(Last { height, hash })),
                    _ => Err(ExportError::More),
                }
            }
            length => part(&mut self.from, length, MAX_BLOCK).map(Part::Block),
        }
    }

    /// Checks the whole chain by every rule, from the genesis block on; `take` is given each
    /// block once it is checked.
    ///
    /// # Errors
    /// The first [`ExportError`], or what `take` gives.
    pub fn check<E: From<ExportError>>(
        mut self,
        mut take: impl FnMut(Last, &[u8]) -> Result<(), E>,
    ) -> Result<CheckedChain, E> {
        let mut validator = Validator::new(self.spec.clone());
        let mut last = Last { height: 0, hash: node::room_of(&self.spec) };
        let (mut batch, mut bytes) = (Vec::new(), 0);
        loop {
            let end = match self.next()? {
                Part::Block(block) => {
                    bytes += block.len();
                    batch.push(block);
                    None
                }
                Part::End(end) => Some(end),
            };
            if end.is_some() || batch.len() >= BATCH || bytes >= BATCH_BYTES {
                let blocks = batch.iter().map(|block| (block.as_slice(), None));
                validator.push_all(blocks).map_err(|(index, fault)| {
                    let index = u32::try_from(index).unwrap_or(u32::MAX);
                    let height = last.height.saturating_add(1).saturating_add(index);
                    ExportError::Block { height, fault }
                })?;
                for block in batch.drain(..) {
                    let hash = pack::hash_of(&block).unwrap_or_default();
                    last = Last { height: last.height.saturating_add(1), hash };
                    take(last, &block)?;
                }
                bytes = 0;
            }
            match end {
                Some(end) if end == last => {
                    return Ok(CheckedChain { spec: self.spec, report: validator.report(), last });
                }
                Some(_) => return Err(ExportError::End.into()),
                None => {}
            }
        }
    }
}

fn array<const N: usize>(from: &mut impl Read) -> Result<[u8; N], ExportError> {
    let mut bytes = [0; N];
    from.read_exact(&mut bytes).map_err(cut)?;
    Ok(bytes)
}

fn length(from: &mut impl Read) -> Result<u32, ExportError> {
    Ok(u32::from_be_bytes(array(from)?))
}

/// Not more than there may be, and no memory for what is merely claimed.
fn part(from: &mut impl Read, length: u32, most: usize) -> Result<Vec<u8>, ExportError> {
    let wanted = usize::try_from(length).unwrap_or(usize::MAX);
    if wanted > most {
        return Err(ExportError::Length(length));
    }
    let mut bytes = Vec::new();
    from.by_ref().take(length.into()).read_to_end(&mut bytes)?;
    if bytes.len() == wanted { Ok(bytes) } else { Err(ExportError::Cut) }
}

fn cut(error: io::Error) -> ExportError {
    match error.kind() {
        ErrorKind::UnexpectedEof => ExportError::Cut,
        _ => error.into(),
    }
}

#[cfg(test)]
mod tests;
