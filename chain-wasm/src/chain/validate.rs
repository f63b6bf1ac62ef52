//! The full check of a chain, from nothing: the article's `is_chain_valid`.
//!
//! Nothing that was computed before is relied on. Every hash, root, difficulty,
//! signature and balance is computed again from the blocks' bytes and compared.

use super::block::Block;
use super::genesis::genesis;
use super::ledger::Ledger;
use super::merkle::Frontier;
use super::spec::Spec;
use super::verify::{BlockFault, HeaderContext, check_rooted_body, signature_fault};
use super::work::{Pace, WINDOW};
use crate::primitives::{ChainId, Hash, SignatureItem, verify_batch};

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

/// A block whose signatures are not checked yet.
struct Passed {
    block: Block,
    /// What was counted before it.
    before: Report,
    /// Where its signatures begin.
    first: usize,
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
        self.push_all([(bytes, known_as)]).map_err(|(_, fault)| fault)
    }

    /// Checks the next blocks, each as [`Self::push`] does, but all their signatures in one
    /// batch: much quicker than one by one.
    ///
    /// # Errors
    /// Which of them breaks a rule first, and the rule; the check is over then.
    pub fn push_all<'a>(
        &mut self,
        blocks: impl IntoIterator<Item = (&'a [u8], Option<&'a Hash>)>,
    ) -> Result<(), (usize, BlockFault)> {
        let mut signatures = Vec::new();
        let mut passed: Vec<Passed> = Vec::new();
        let mut other = None;
        for (index, (bytes, known_as)) in blocks.into_iter().enumerate() {
            let (before, first) = (self.report, signatures.len());
            match self.push_unsigned(bytes, known_as) {
                Ok((block, items)) => {
                    signatures.extend(items);
                    passed.push(Passed { block, before, first });
                }
                Err(fault) => {
                    other = Some((index, fault));
                    break;
                }
            }
        }
        let Err(wrong) = verify_batch(&signatures) else { return other.map_or(Ok(()), Err) };
        // A block below any that breaks another rule. What came after it does not count.
        let index = passed.partition_point(|block| block.first <= wrong).saturating_sub(1);
        let mut position = wrong;
        for block in passed.drain(index..).rev() {
            self.ledger.undo(&block.block);
            self.report = block.before;
            position = wrong - block.first.min(wrong);
        }
        Err((index, self.fault_at(position)))
    }

    /// The signature at a position among a block's does not fit: in an `authority` room the
    /// first is its seal.
    fn fault_at(&self, position: usize) -> BlockFault {
        if self.spec.authority().is_none() {
            return signature_fault(position);
        }
        position.checked_sub(1).map_or(BlockFault::Seal, signature_fault)
    }

    /// Checks everything about the next block but its signatures, which it gives back.
    fn push_unsigned(
        &mut self,
        bytes: &[u8],
        known_as: Option<&Hash>,
    ) -> Result<(Block, Vec<SignatureItem>), BlockFault> {
        let (block, root) = Block::decode_with_root(bytes)?;
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
        let authority = self.spec.authority();
        let seal = authority.and_then(|authority| authority.seal_item(&block.header, &hash));
        let entries = check_rooted_body(&self.spec, &self.id, &block, &root, bytes.len());
        // The rules of the header come first.
        let entries = entries
            .map_err(|fault| verify_batch(seal.as_slice()).map_or(BlockFault::Seal, |()| fault))?;
        let signatures: Vec<SignatureItem> = seal.into_iter().chain(entries).collect();
        if let Err(fault) = self.ledger.apply(&block) {
            verify_batch(&signatures).map_err(|position| self.fault_at(position))?;
            return Err(fault);
        }
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
        Ok((block, signatures))
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
