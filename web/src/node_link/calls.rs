//! Requests that wait for their answers.

use std::collections::BTreeMap;

use chain_wasm::api::{ApiError, Outcome, RequestId};
use futures_channel::oneshot;

use super::Failure;

/// Why a request came to nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum CallError {
    /// The node refused it; nothing changed.
    #[error(transparent)]
    Refused(#[from] ApiError),
    /// It could not be posted to the worker; nothing changed.
    #[error("the request could not be sent: {0}")]
    NotSent(String),
    /// There is no node any more. Whether the request was carried out is not known.
    #[error(transparent)]
    Gone(Failure),
}

/// What a request leads to.
pub(super) type Answer = Result<Outcome, CallError>;

/// The open requests of one worker. Only the page itself opens any.
#[derive(Debug, Default)]
pub(super) struct Calls {
    next: RequestId,
    open: BTreeMap<RequestId, oneshot::Sender<Answer>>,
}

impl Calls {
    /// Gives a request its id.
    pub(super) fn open(&mut self) -> (RequestId, oneshot::Receiver<Answer>) {
        let (sender, receiver) = oneshot::channel();
        let id = self.next;
        self.next = self.next.wrapping_add(1);
        self.open.insert(id, sender);
        (id, receiver)
    }

    /// Gives an open request its answer. An id that is not open is passed over.
    pub(super) fn settle(&mut self, id: RequestId, answer: Answer) {
        if let Some(sender) = self.open.remove(&id) {
            // Who asked may have gone meanwhile.
            drop(sender.send(answer));
        }
    }

    /// Fails every open request.
    pub(super) fn reject_all(&mut self, failure: &Failure) {
        for (_, sender) in std::mem::take(&mut self.open) {
            drop(sender.send(Err(CallError::Gone(failure.clone()))));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_find_their_requests_in_any_order() {
        let mut calls = Calls::default();
        let (first, mut first_answer) = calls.open();
        let (second, mut second_answer) = calls.open();
        assert_ne!(first, second);
        calls.settle(second, Ok(Outcome::Done));
        assert_eq!(first_answer.try_recv(), Ok(None));
        assert_eq!(second_answer.try_recv(), Ok(Some(Ok(Outcome::Done))));
        calls.settle(first, Err(CallError::Refused(ApiError::Busy)));
        assert_eq!(first_answer.try_recv(), Ok(Some(Err(CallError::Refused(ApiError::Busy)))));
    }

    #[test]
    fn an_answer_to_nothing_changes_nothing() {
        let mut calls = Calls::default();
        calls.settle(9, Ok(Outcome::Done));
        let (id, answer) = calls.open();
        drop(answer);
        calls.settle(id, Ok(Outcome::Done));
        calls.settle(id, Ok(Outcome::Done));
        assert!(calls.open.is_empty());
    }

    #[test]
    fn a_failure_reaches_every_open_request_with_its_reason() {
        let mut calls = Calls::default();
        let mut answers: Vec<_> = (0..3).map(|_| calls.open().1).collect();
        let failure = Failure::Crashed { message: "boom".into() };
        calls.reject_all(&failure);
        for answer in &mut answers {
            let gone = Err(CallError::Gone(failure.clone()));
            assert_eq!(answer.try_recv(), Ok(Some(gone)));
        }
        assert!(calls.open.is_empty());
    }
}
