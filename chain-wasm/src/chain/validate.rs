//! The full check of a chain, from nothing: the article's `is_chain_valid`.
//!
//! Nothing that was computed before is relied on. Every hash, root, difficulty,
//! signature and balance is computed again from the blocks' bytes and compared.

use super::block::Block;
use super::genesis::genesis;
use super::ledger::Ledger;
use super::merkle::Frontier;
use super::spec::Spec;
use super::verify::{BlockFault, HeaderContext, check_body, check_signatures};
use super::work::{Pace, WINDOW};
use crate::primitives::{ChainId, Hash};

/// Checks a chain block by block, lowest first.
#[derive(Debug, Clone)]
pub struct Validator {
    spec: Spec,
    id: ChainId,
    recent: Vec<Pace>,
    parent: Hash,
    history: Frontier,
    ledger: Ledger,
    report: Report,
}

/// What was checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Report {
    /// Blocks, the genesis block included.
    pub blocks: u32,
    /// Transactions, coinbases included.
    pub transactions: u32,
    /// Signatures.
    pub signatures: u32,
    /// Hashes compared: four a block (its own, its predecessor's, its Merkle root, its
    /// history root).
    pub hashes: u32,
    /// The sum of all balances.
    pub supply: u64,
}

impl Validator {
    /// Begins a check of the chain of a room.
    pub fn new(spec: Spec) -> Self {
        let header = genesis(&spec).header;
        let id = header.hash();
        let mut history = Frontier::default();
        history.push(id.as_bytes());
        let report = Report { blocks: 1, ..Report::default() };
        Self {
            spec,
            id,
            recent: vec![Pace::from(&header)],
            parent: id,
            history,
            ledger: Ledger::default(),
            report,
        }
    }

    /// Checks the next block, given as it is stored. `known_as` is the hash under
    /// which it is kept, if it is; the genesis block, which holds nothing that the
    /// spec does not, is not given.
    ///
    /// # Errors
    /// The first rule that is broken; the check is over then.
    pub fn push(&mut self, bytes: &[u8], known_as: Option<&Hash>) -> Result<(), BlockFault> {
        let block = Block::decode(bytes)?;
        let hash = block.header.hash();
        let context = HeaderContext {
            parent: self.parent,
            height: self.report.blocks,
            recent: self.recent.clone(),
            history_root: self.history.root(),
        };
        context.check(&self.spec, &block.header, &hash)?;
        if known_as.is_some_and(|known| *known != hash) {
            return Err(BlockFault::Hash);
        }
        let signatures = check_body(&self.spec, &self.id, &block, bytes.len())?;
        check_signatures(&signatures)?;
        self.ledger.apply(&block)?;
        self.history.push(hash.as_bytes());
        self.parent = hash;
        if self.recent.len() > WINDOW {
            self.recent.remove(0);
        }
        self.recent.push(Pace::from(&block.header));
        self.report.blocks += 1;
        self.report.transactions += count(block.transactions.len());
        self.report.signatures += count(signatures.len());
        self.report.hashes += 4;
        Ok(())
    }

    /// What was checked so far, and the sum of all balances.
    pub fn report(&self) -> Report {
        Report { supply: self.ledger.supply(), ..self.report }
    }

    /// The ledger that the blocks add up to.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }
}

fn count(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
