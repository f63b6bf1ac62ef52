//! A changed copy of a stored block: what is changed, what the rules say of it, and what
//! becomes of it.

use super::Search;
use super::examine::{Place, examine, judge, time};
use crate::api::{ApiError, LabValue, RequestId, SentView, TamperField, TamperView, Tampering};
use crate::api::{MAX_ENTRY, Outcome};
use crate::chain::block::Block;
use crate::chain::transaction::{Body, Content, Transaction};
use crate::node::events::count;
use crate::node::{Change, Node, Output};
use crate::primitives::{Difficulty, Hash, PublicKey, Signature, UnixMillis};
use crate::wire::Message;

/// A changed copy.
#[derive(Debug, Clone)]
pub(super) struct Tampered {
    original: Hash,
    height: u32,
    block: Block,
    field: TamperField,
    before: LabValue,
    after: LabValue,
}

impl Node {
    /// Changes a copy of a block of the chain that is in memory.
    pub(super) fn tamper(
        &mut self,
        hash: Hash,
        change: &Tampering,
    ) -> Result<TamperView, ApiError> {
        let body = self.chain.body(&hash).filter(|_| self.chain.is_main(&hash));
        let body = body.ok_or(ApiError::NotFound)?;
        let height = body.block.header.height;
        if height == 0 {
            return Err(ApiError::NotFound);
        }
        let mut block = body.block.clone();
        let own = self.wallet.public();
        let (before, after) = match change.field {
            TamperField::EntryAuthor => change_entry(&mut block, change, |content| {
                let before = content.author;
                // Somebody else: this tab, or for its own entries a key that nobody has.
                let other = Hash::of(before.as_bytes());
                content.author =
                    if before == own { PublicKey::from_bytes(*other.as_bytes()) } else { own };
                Ok((LabValue::Key(before), LabValue::Key(content.author)))
            })?,
            TamperField::EntryText => {
                change_entry(&mut block, change, |content| change_text(content, &change.value))?
            }
            TamperField::EntrySignature
            | TamperField::EntryRemoved
            | TamperField::EntryOrder
            | TamperField::Reward => change_body(&mut block, change)?,
            _ => change_header(&mut block, change)?,
        };
        if before == after {
            return Err(ApiError::InvalidTampering);
        }
        self.end_repair();
        let tampered =
            Tampered { original: hash, height, block, field: change.field, before, after };
        let view = self.tamper_view(&tampered)?;
        self.lab.tampered = Some(tampered);
        Ok(view)
    }

    fn tamper_view(&mut self, tampered: &Tampered) -> Result<TamperView, ApiError> {
        let below = tampered.height.checked_sub(1).and_then(|height| self.chain.hash_at(height));
        let below = below.ok_or(ApiError::NotFound)?;
        let above = self.chain.hash_at(tampered.height.saturating_add(1));
        let above = above.filter(|_| self.chain.is_main(&tampered.original));
        let above = above.and_then(|hash| self.chain.tree().header(&hash));
        let above = above.map(|header| header.previous_hash);
        let context = self.chain.context(below).ok_or(ApiError::NotFound)?;
        let place = Place { spec: self.chain.spec(), chain: self.chain.id(), context, above };
        let block = &tampered.block;
        Ok(TamperView {
            original: tampered.original,
            height: tampered.height,
            hash: block.header.hash(),
            previous: block.header.previous_hash,
            below,
            above,
            field: tampered.field,
            before: tampered.before.clone(),
            after: tampered.after.clone(),
            checks: examine(&place, block),
            verdict: judge(&place, block).err().map(|fault| fault.code().to_owned()),
        })
    }

    /// The copy's Merkle root is made to fit its transactions.
    pub(super) fn repair_root(&mut self) -> Result<TamperView, ApiError> {
        let mut tampered = self.lab.tampered.clone().ok_or(ApiError::NotFound)?;
        tampered.block.header.merkle_root = tampered.block.merkle_root();
        self.end_repair();
        let view = self.tamper_view(&tampered)?;
        self.lab.tampered = Some(tampered);
        Ok(view)
    }

    /// The copy is another one: a nonce for the one before is of no use.
    fn end_repair(&mut self) {
        if self.lab.job.is_some_and(|(_, search)| search != Search::Secret) {
            self.end_lab_job();
        }
    }

    /// Has a nonce searched with which the copy's hash meets its difficulty.
    pub(super) fn repair_work(&mut self, request: RequestId) -> Result<(), ApiError> {
        self.check_work()?;
        let tampered = self.lab.tampered.as_ref().ok_or(ApiError::NotFound)?;
        let header = tampered.block.header.clone();
        if header.difficulty.is_met_by(&header.hash()) {
            let nonce = header.nonce;
            let view = self.work_repaired(nonce)?;
            self.reply(request, Ok(Outcome::Tampered(Box::new(view))));
            return Ok(());
        }
        if self.lab.job.is_some_and(|(_, search)| search != Search::Secret) {
            return Err(ApiError::Busy);
        }
        self.begin_search(&header, Search::Repair(request));
        Ok(())
    }

    pub(super) fn work_repaired(&mut self, nonce: u32) -> Result<TamperView, ApiError> {
        let mut tampered = self.lab.tampered.clone().ok_or(ApiError::NotFound)?;
        tampered.block.header.nonce = nonce;
        let view = self.tamper_view(&tampered)?;
        self.lab.tampered = Some(tampered);
        Ok(view)
    }

    /// Announces the copy as if this node had sealed it. Its own chain does not take it in.
    pub(super) fn send_tampered(&mut self) -> Result<(), ApiError> {
        let tampered = self.lab.tampered.as_ref().ok_or(ApiError::NotFound)?;
        if !self.linked {
            return Err(ApiError::Offline);
        }
        let block = tampered.block.encode();
        self.lab.sent = Some(SentView {
            block: tampered.block.header.hash(),
            peers: count(self.peers.len()),
            answers: Vec::new(),
        });
        self.outputs.push_back(Output::Broadcast(Message::Block { block }.encode()));
        Ok(())
    }

    /// Puts the copy in the place of the stored record, if somebody else has the block.
    pub(super) fn overwrite(&mut self) -> Result<(), ApiError> {
        let tampered = self.lab.tampered.as_ref().ok_or(ApiError::NotFound)?;
        let (hash, bytes) = (tampered.original, tampered.block.encode());
        let elsewhere = self.peers.honest().any(|(_, peer)| {
            peer.status.as_ref().is_some_and(|status| {
                status.height >= tampered.height && self.chain.is_main(&status.tip)
            })
        });
        if !self.linked || !elsewhere || !self.chain.is_main(&hash) {
            return Err(ApiError::OnlyCopy);
        }
        // Whatever of it is held back would come after, and mend it unseen.
        self.store_unstored();
        self.storing.push(Change::PutBlock { hash, bytes });
        Ok(())
    }
}

type Changed = Result<(LabValue, LabValue), ApiError>;

/// Changes what an entry says and leaves its signature as it is.
fn change_entry(
    block: &mut Block,
    change: &Tampering,
    edit: impl FnOnce(&mut Content) -> Changed,
) -> Changed {
    let entry = entry_mut(block, change)?;
    let mut content = entry.content().clone();
    let values = edit(&mut content)?;
    *entry = Transaction::with_signature(content, entry.signature());
    Ok(values)
}

fn entry_mut<'a>(
    block: &'a mut Block,
    change: &Tampering,
) -> Result<&'a mut Transaction, ApiError> {
    let at = usize::try_from(change.entry).ok().and_then(|at| at.checked_add(1));
    at.and_then(|at| block.transactions.get_mut(at)).ok_or(ApiError::NotFound)
}

fn change_text(content: &mut Content, value: &str) -> Changed {
    match &mut content.body {
        Body::Data { bytes, .. } => {
            let before = LabValue::Text(String::from_utf8_lossy(bytes).into_owned());
            if value.is_empty() {
                if let Some(last) = bytes.last_mut() {
                    *last ^= 1;
                }
            } else if value.len() <= MAX_ENTRY {
                *bytes = value.as_bytes().to_vec();
            } else {
                return Err(ApiError::InvalidTampering);
            }
            Ok((before, LabValue::Text(String::from_utf8_lossy(bytes).into_owned())))
        }
        Body::Transfer { amount, .. } => {
            let before = *amount;
            *amount = number(value, before.saturating_mul(2).max(before.saturating_add(1)))?;
            Ok((LabValue::Number(before), LabValue::Number(*amount)))
        }
        Body::Coinbase { .. } => Err(ApiError::NotFound),
    }
}

fn change_body(block: &mut Block, change: &Tampering) -> Changed {
    let ids = |block: &Block| block.transactions.last().map(|last| LabValue::Hash(last.id()));
    match change.field {
        TamperField::EntrySignature => {
            let entry = entry_mut(block, change)?;
            let before = entry.signature();
            let mut bytes = *before.as_bytes();
            bytes[0] ^= 1;
            let after = Signature::from_bytes(bytes);
            let shown = |signature| LabValue::Text(format!("{signature:?}…"));
            *entry = Transaction::with_signature(entry.content().clone(), after);
            Ok((shown(before), shown(after)))
        }
        TamperField::EntryRemoved => {
            let id = entry_mut(block, change)?.id();
            block.transactions.retain(|transaction| transaction.id() != id);
            Ok((LabValue::Hash(id), LabValue::Nothing))
        }
        TamperField::EntryOrder => {
            let last = block.transactions.len().saturating_sub(1);
            let before = ids(block).filter(|_| last > 0).ok_or(ApiError::NotFound)?;
            block.transactions.swap(last - 1, last);
            Ok((before, ids(block).unwrap_or(LabValue::Nothing)))
        }
        _ => {
            let header = &block.header;
            let first = block.transactions.first_mut().ok_or(ApiError::NotFound)?;
            let Body::Coinbase { to, reward, .. } = *first.body() else {
                return Err(ApiError::NotFound);
            };
            let more = number(&change.value, reward.saturating_add(1_000))?;
            let (chain, height, at) = (first.content().chain, header.height, header.timestamp);
            *first = Transaction::coinbase(chain, to, more, height, at);
            Ok((LabValue::Number(reward), LabValue::Number(more)))
        }
    }
}

fn change_header(block: &mut Block, change: &Tampering) -> Changed {
    let header = &mut block.header;
    let value = change.value.as_str();
    let narrow = |value: u64| u32::try_from(value).map_err(|_| ApiError::InvalidTampering);
    let flip = |hash: &mut Hash| {
        let before = *hash;
        let mut bytes = *before.as_bytes();
        bytes[0] ^= 1;
        *hash = Hash::from_bytes(bytes);
        Ok((LabValue::Hash(before), LabValue::Hash(*hash)))
    };
    match change.field {
        TamperField::Previous => flip(&mut header.previous_hash),
        TamperField::MerkleRoot => flip(&mut header.merkle_root),
        TamperField::HistoryRoot => flip(&mut header.history_root),
        TamperField::Version => {
            let before = header.version;
            let wanted = number(value, u64::from(before) + 1)?;
            header.version = u8::try_from(wanted).map_err(|_| ApiError::InvalidTampering)?;
            Ok((LabValue::Number(before.into()), LabValue::Number(header.version.into())))
        }
        TamperField::Height => {
            let before = header.height;
            header.height = narrow(number(value, u64::from(before) + 1)?)?;
            Ok((LabValue::Number(before.into()), LabValue::Number(header.height.into())))
        }
        TamperField::Time => {
            let before = header.timestamp;
            // An hour earlier: as if it had been written before all the others.
            let earlier = before.0.saturating_sub(3_600_000);
            header.timestamp = UnixMillis(number(value, earlier)?);
            Ok((time(before), time(header.timestamp)))
        }
        TamperField::Difficulty => {
            let before = header.difficulty.hashes();
            let wanted = number(value, 1)?;
            header.difficulty = Difficulty::from_hashes(wanted.max(1).into());
            let shown = |hashes: u128| u64::try_from(hashes).unwrap_or(u64::MAX);
            let after = shown(header.difficulty.hashes());
            Ok((LabValue::Number(shown(before)), LabValue::Number(after)))
        }
        _ => {
            let before = header.nonce;
            header.nonce = narrow(number(value, u64::from(before.wrapping_add(1)))?)?;
            Ok((LabValue::Number(before.into()), LabValue::Number(header.nonce.into())))
        }
    }
}

/// A number as it was typed, or another one where nothing was.
fn number(value: &str, otherwise: u64) -> Result<u64, ApiError> {
    match value.trim() {
        "" => Ok(otherwise),
        typed => typed.parse().map_err(|_| ApiError::InvalidTampering),
    }
}
