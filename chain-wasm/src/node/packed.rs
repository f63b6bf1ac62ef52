//! The chain as far as packs go, put together from their summaries by the store.

use crate::chain::Chain;
use crate::chain::pack::{PackFault, Summary};
use crate::chain::spec::Spec;

/// A chain at its start, made of packs. The store hands over what it has, lowest first:
/// for each pack [`push`](Self::push); if that fails, the pack itself to
/// [`rebuild`](Self::rebuild), whose summary is then to be stored; if that fails, too,
/// the pack is to be taken apart ([`Change::Unpack`](super::Change::Unpack)), and with
/// it each one above, for it does not follow any more: their blocks are then found one
/// by one and wait for what is missing below them.
#[derive(Debug, Clone)]
pub struct Packed {
    chain: Chain,
    firsts: Vec<u32>,
}

impl Packed {
    /// No pack yet. The key is for [`Chain::keyed`].
    pub fn new(spec: Spec, key: [u64; 2]) -> Self {
        Self { chain: Chain::keyed(spec, key), firsts: Vec::new() }
    }

    /// Takes the pack that begins at height `first`, given its summary's record.
    ///
    /// # Errors
    /// [`PackFault`]; nothing has changed.
    pub fn push(&mut self, first: u32, record: &[u8]) -> Result<(), PackFault> {
        self.take(first, &Summary::decode(record)?)
    }

    /// Takes the pack that begins at height `first`, given the pack. Gives its
    /// summary's record.
    ///
    /// # Errors
    /// [`PackFault`]; nothing has changed.
    pub fn rebuild(&mut self, first: u32, pack: &[u8]) -> Result<Vec<u8>, PackFault> {
        let summary = Summary::of_pack(first, pack)?;
        self.take(first, &summary)?;
        Ok(summary.encode())
    }

    fn take(&mut self, first: u32, summary: &Summary) -> Result<(), PackFault> {
        if first != summary.first() {
            return Err(PackFault::Gap(first));
        }
        self.chain.restore_pack(summary)?;
        self.firsts.push(first);
        Ok(())
    }

    /// The chain of the packs.
    pub const fn chain(&self) -> &Chain {
        &self.chain
    }

    /// The chain, and where its packs begin.
    pub(super) fn into_parts(self) -> (Chain, Vec<u32>) {
        (self.chain, self.firsts)
    }
}
