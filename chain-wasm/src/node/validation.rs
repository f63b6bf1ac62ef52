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

    pub(super) fn validation_loaded(&mut self, blocks: Vec<(Hash, Option<Vec<u8>>)>) {
        for (hash, bytes) in blocks {
            let Some(validation) = &mut self.validation else { return };
            validation.next += 1;
            let height = count(validation.next);
            let code = match &bytes {
                None => Some("missing"),
                Some(bytes) => {
                    validation.validator.push(bytes, Some(&hash)).err().map(|fault| fault.code())
                }
            };
            if let Some(code) = code {
                // If the record is damaged, it is fetched again from now on.
                self.chain.body_loaded(&hash, bytes);
                self.end_validation(Some((height, code.to_owned())));
                return;
            }
        }
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
