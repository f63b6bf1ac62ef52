//! The full check of the stored chain, a few blocks at a time, so that the node goes
//! on meanwhile.

use super::Node;
use super::events::count;
use super::limits::{EVENT_INTERVAL, VALIDATE_STEP};
use super::serving::Read;
use crate::api::{ApiError, Event, Outcome, RequestId, ValidationReport};
use crate::chain::validate::Validator;
use crate::primitives::{Hash, Instant};

/// A check under way, of the chain as it was when it began.
#[derive(Debug)]
pub(super) struct Validation {
    request: RequestId,
    hashes: Vec<Hash>,
    /// How many have been checked.
    next: usize,
    /// How many have been asked of the store.
    asked: usize,
    validator: Validator,
    began: Instant,
    /// When the page is told of it again.
    tell_at: Instant,
}

impl Node {
    pub(super) fn validate(&mut self, request: RequestId) {
        if self.validation.is_some() {
            return self.reply(request, Err(ApiError::Busy));
        }
        let hashes = (1..=self.chain.height()).filter_map(|h| self.chain.hash_at(h)).collect();
        let validator = Validator::new(self.chain.spec().clone());
        self.validation = Some(Validation {
            request,
            hashes,
            next: 0,
            asked: 0,
            validator,
            began: self.mono,
            tell_at: self.mono,
        });
        self.read_for_validation();
    }

    /// Reads the next few blocks as they are stored, some while others are checked, or ends.
    fn read_for_validation(&mut self) {
        while let Some(validation) = &mut self.validation {
            if validation.next >= validation.hashes.len() {
                return self.end_validation(None);
            }
            let rest = validation.hashes.iter().skip(validation.asked);
            let chunk: Vec<Hash> = rest.take(VALIDATE_STEP).copied().collect();
            if chunk.is_empty() || validation.asked >= validation.next + 2 * VALIDATE_STEP {
                return;
            }
            validation.asked += chunk.len();
            self.read(Read::Validation, chunk);
        }
    }

    pub(super) fn validation_loaded(&mut self, mut blocks: Vec<(Hash, Option<Vec<u8>>)>) {
        let Some(validation) = &mut self.validation else { return };
        if blocks.first().map(|(hash, _)| hash) != validation.hashes.get(validation.next) {
            // They were read for an earlier check, which has ended.
            return;
        }
        let there = blocks
            .iter()
            .map_while(|(hash, bytes)| bytes.as_deref().map(|bytes| (bytes, Some(hash))));
        let fault = validation.validator.push_all(there).err();
        let missing = || blocks.iter().position(|(_, bytes)| bytes.is_none());
        let fault = fault
            .map(|(index, fault)| (index, fault.code()))
            .or_else(|| missing().map(|index| (index, "missing")));
        if let Some((index, code)) = fault {
            let height = count(validation.next + index + 1);
            if index < blocks.len() {
                // If the record is damaged, it is fetched again from now on.
                let (hash, bytes) = blocks.swap_remove(index);
                self.chain.body_loaded(&hash, bytes);
            }
            return self.end_validation(Some((height, code.to_owned())));
        }
        validation.next += blocks.len();
        if validation.tell_at <= self.mono {
            validation.tell_at = self.mono.after(EVENT_INTERVAL);
            let checked = count(validation.next) + 1;
            let total = count(validation.hashes.len()) + 1;
            self.event(Event::ValidationProgress { checked, total });
        }
        self.read_for_validation();
    }

    fn end_validation(&mut self, fault: Option<(u32, String)>) {
        let Some(validation) = self.validation.take() else { return };
        let report = validation.validator.report();
        let millis = self.mono.since(validation.began);
        let outcome = Outcome::Validation(ValidationReport {
            blocks: report.blocks,
            transactions: report.transactions,
            signatures: report.signatures,
            hashes: report.hashes,
            supply: report.supply,
            millis: u32::try_from(millis).unwrap_or(u32::MAX),
            fault,
        });
        self.reply(validation.request, Ok(outcome));
    }
}
