//! What the page asks for.

use super::events::count;
use super::limits::{MAX_ACCEPTING, MAX_READING};
use super::serving::Read;
use super::{Node, NodeCommand};
use crate::api::{self, ApiError, Outcome, RequestId};
use crate::chain::TransactionRefusal;
use crate::chain::mempool::MempoolError;
use crate::chain::transaction::{Body, Content, Transaction, TransactionFault, is_media_type};
use crate::primitives::Hash;

impl Node {
    pub(super) fn command(&mut self, request: RequestId, command: NodeCommand) {
        match command {
            NodeCommand::GetNode => {
                let view = Box::new(self.view());
                self.reply(request, Ok(Outcome::Node(view)));
            }
            NodeCommand::AddEntry { media_type, bytes } => {
                let checked = check_entry(&media_type, &bytes, self.max_entry());
                let body = checked.and_then(|()| self.data_body(media_type, bytes));
                self.add(request, body);
            }
            NodeCommand::Transfer { to, amount } => {
                let body = self.check_transfer(amount).map(|()| Body::Transfer { to, amount });
                self.add(request, body);
            }
            NodeCommand::GetBlocks { from, count } => self.get_blocks(request, from, count),
            NodeCommand::GetEntry { id } => self.get_entry(request, id),
            NodeCommand::Prove { id, opening } => self.prove(request, id, opening),
            NodeCommand::CheckProof { bytes } => {
                let outcome = self.check_proof(&bytes).map(Box::new).map(Outcome::Proven);
                self.reply(request, outcome);
            }
            NodeCommand::GetBlock { at, skip } => self.get_block(request, at, skip),
            NodeCommand::GetEntryDetails { id } => self.get_entry_details(request, id),
            NodeCommand::GetWallet { author } => {
                let wallet = self.wallet_of(author);
                self.reply(request, Ok(Outcome::Wallet(wallet)));
            }
            NodeCommand::CheckHeader { block } => self.check_header(request, block),
            NodeCommand::Search { search, find, from } => self.search(request, search, find, from),
            NodeCommand::StopSearch => {
                self.end_search(None);
                self.reply(request, Ok(Outcome::Done));
            }
            NodeCommand::Validate => self.validate(request),
            NodeCommand::FindFile { sha256 } => self.find_file(request, sha256),
            NodeCommand::ImportKey { seed } => self.import_key(request, seed),
            NodeCommand::Measure => {
                self.measure();
                self.reply(request, Ok(Outcome::Done));
            }
            NodeCommand::Lab(command) => self.lab_command(request, command),
            NodeCommand::SetMining { mode } => {
                self.set_mining(mode);
                self.reply(request, Ok(Outcome::Done));
            }
        }
    }

    fn check_transfer(&self, amount: u64) -> Result<(), ApiError> {
        if amount == 0 {
            return Err(ApiError::InvalidAmount);
        }
        let spendable = self.chain.mempool().spendable(&self.wallet.public(), self.chain.ledger());
        let accepting: u64 = self.storing.accepting().map(Transaction::spends).sum();
        let balance = spendable.saturating_sub(accepting);
        if amount > balance { Err(ApiError::InsufficientBalance { balance }) } else { Ok(()) }
    }

    /// Signs a transaction and stores it; it is accepted once that is done.
    fn add(&mut self, request: RequestId, body: Result<Body, ApiError>) {
        let checked = body.and_then(|body| {
            let content = Content {
                chain: self.chain.id(),
                author: self.wallet.public(),
                timestamp: self.wall,
                salt: self.random_bytes(),
                body,
            };
            let transaction = Transaction::sign(content, &self.wallet);
            if self.storing.accepting().count() >= MAX_ACCEPTING {
                return Err(ApiError::MempoolFull);
            }
            self.chain.check_transaction(&transaction).map_err(refusal)?;
            Ok(transaction)
        });
        match checked {
            Ok(transaction) => self.accept_when_stored(request, transaction),
            Err(error) => self.reply(request, Err(error)),
        }
    }

    fn get_blocks(&mut self, request: RequestId, from: Option<u32>, wanted: u32) {
        let from = from.unwrap_or(u32::MAX).min(self.chain.height());
        let wanted = wanted.min(api::MAX_BLOCKS);
        let lowest = from.saturating_add(1).saturating_sub(wanted);
        let missing: Vec<Hash> = (lowest..=from)
            .filter_map(|height| self.chain.hash_at(height))
            .filter(|hash| self.chain.body(hash).is_none())
            .collect();
        self.read_for_page(request, missing, Read::Blocks { request, from, count: wanted });
    }

    fn answer_page_blocks(&mut self, request: RequestId, from: u32, wanted: u32) {
        let blocks = self.block_views(from, wanted);
        self.reply(request, Ok(Outcome::Blocks(blocks)));
    }

    fn get_entry(&mut self, request: RequestId, id: Hash) {
        let missing = self.missing_for(&id);
        self.read_for_page(request, missing, Read::Entry { request, id });
    }

    /// The block that holds an entry, if it must be read to show that.
    pub(super) fn missing_for(&self, id: &Hash) -> Vec<Hash> {
        let height = self.chain.ledger().height_of(id);
        let block = height.and_then(|height| self.chain.hash_at(height));
        block.into_iter().filter(|hash| self.chain.body(hash).is_none()).collect()
    }

    fn answer_page_entry(&mut self, request: RequestId, id: &Hash) {
        let outcome = self.entry_view(id, true).map(Outcome::Entry);
        self.reply(request, outcome.ok_or(ApiError::NotFound));
    }

    /// Reads what is missing from the store first, if anything is.
    pub(super) fn read_for_page(&mut self, request: RequestId, missing: Vec<Hash>, read: Read) {
        if missing.is_empty() {
            self.answer_page(&read);
        } else if self.reads.count(Read::is_for_page) >= MAX_READING {
            self.reply(request, Err(ApiError::Busy));
        } else {
            self.read(read, missing);
        }
    }

    /// Answers the page from what is in memory now. What is not read for the page needs
    /// no answer.
    pub(super) fn answer_page(&mut self, read: &Read) {
        match *read {
            Read::Blocks { request, from, count } => self.answer_page_blocks(request, from, count),
            Read::Entry { request, ref id } => self.answer_page_entry(request, id),
            Read::Block { request, ref hash, skip } => self.answer_page_block(request, hash, skip),
            Read::EntryDetails { request, ref id } => self.answer_page_details(request, id),
            Read::Proof { request, ref id, opening } => {
                self.answer_page_proof(request, id, opening);
            }
            Read::Bodies
            | Read::Peer { .. }
            | Read::Search(_)
            | Read::FileSearch
            | Read::Validation
            | Read::Packing
            | Read::Owed
            | Read::Leaving => {}
        }
    }
}

fn check_entry(media_type: &str, bytes: &[u8], limit: usize) -> Result<(), ApiError> {
    if !is_media_type(media_type) {
        return Err(ApiError::InvalidMediaType);
    }
    match bytes.len() {
        0 => Err(ApiError::EmptyEntry),
        size if size > limit => {
            Err(ApiError::EntryTooLarge { size: count(size), limit: count(limit) })
        }
        _ => Ok(()),
    }
}

fn refusal(refusal: TransactionRefusal) -> ApiError {
    match refusal {
        TransactionRefusal::Mempool(MempoolError::Full) => ApiError::MempoolFull,
        TransactionRefusal::Mempool(MempoolError::InsufficientBalance { balance }) => {
            ApiError::InsufficientBalance { balance }
        }
        // An id covers 128 random bits: a new entry's is never known.
        TransactionRefusal::Mempool(MempoolError::Known) => ApiError::Busy,
        TransactionRefusal::Invalid(fault) => match fault {
            TransactionFault::DataSize => ApiError::EmptyEntry,
            TransactionFault::MediaType => ApiError::InvalidMediaType,
            TransactionFault::Amount => ApiError::InvalidAmount,
            TransactionFault::Writer => ApiError::NotAMember,
            TransactionFault::Chain | TransactionFault::Signature | TransactionFault::Coinbase => {
                ApiError::NotFound
            }
        },
    }
}
