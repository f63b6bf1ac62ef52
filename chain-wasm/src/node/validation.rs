//! The full check of the stored chain, a few blocks at a time, so that the node goes
//! on meanwhile.

use super::Node;
use super::events::count;
use super::limits::VALIDATE_STEP;
use super::serving::Read;
use super::timers::Timer;
use crate::api::{ApiError, Event, Outcome, RequestId, ValidationReport};
use crate::chain::validate::Validator;
use crate::primitives::{Hash, Instant};

/// A check under way, of the chain as it was when it began.
#[derive(Debug)]
pub(super) struct Validation {
    request: RequestId,
    hashes: Vec<Hash>,
    next: usize,
    validator: Validator,
    began: Instant,
}

impl Node {
    pub(super) fn validate(&mut self, request: RequestId) {
        if self.validation.is_some() {
            return self.reply(request, Err(ApiError::Busy));
        }
        let hashes = (1..=self.chain.height()).filter_map(|h| self.chain.hash_at(h)).collect();
        let validator = Validator::new(self.chain.spec().clone());
        self.validation =
            Some(Validation { request, hashes, next: 0, validator, began: self.mono });
        self.validation_step();
    }

    /// Reads the next few blocks as they are stored, or ends.
    pub(super) fn validation_step(&mut self) {
        let Some(validation) = &self.validation else { return };
        let chunk: Vec<Hash> =
            validation.hashes.iter().skip(validation.next).take(VALIDATE_STEP).copied().collect();
        if chunk.is_empty() {
            self.end_validation(None);
        } else {
            self.read(Read::Validation, chunk);
        }
    }

    pub(super) fn validation_loaded(&mut self, mut blocks: Vec<(Hash, Option<Vec<u8>>)>) {
        let Some(validation) = &mut self.validation else { return };
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
        if let Some(validation) = &self.validation {
            let checked = count(validation.next) + 1;
            let total = count(validation.hashes.len()) + 1;
            self.event(Event::ValidationProgress { checked, total });
            // At the next wakeup, so that other inputs get their turn.
            self.timers.set(Timer::Validate, self.mono);
        }
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
