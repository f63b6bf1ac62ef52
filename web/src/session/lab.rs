//! Experiments.

use chain_wasm::api::{ApiError, Command, LabCommand, LabView, Outcome, StorageView, TamperView};
use leptos::prelude::*;

use super::Session;
use crate::model::lab::{is_held_by_others, room_for};
use crate::model::route::{self, Place};
use crate::node_link::CallError;

impl Session {
    /// Asks the node for an experiment, and takes note of how they stand then.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn experiment(self, command: LabCommand) -> Result<LabView, CallError> {
        match self.call(Command::Lab(command)).await? {
            Outcome::Lab(view) => {
                self.model.update(|model| model.lab = (*view).clone());
                Ok(*view)
            }
            Outcome::Done => Ok(self.model.with_untracked(|model| model.lab.clone())),
            _ => Err(CallError::Refused(ApiError::NotFound)),
        }
    }

    /// Asks the node to change a copy of a block.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn tamper(self, command: LabCommand) -> Result<TamperView, CallError> {
        match self.call(Command::Lab(command)).await? {
            Outcome::Tampered(view) => Ok(*view),
            _ => Err(CallError::Refused(ApiError::NotFound)),
        }
    }

    /// Ends all experiments and forgets this tab's copy of the chain, but not its key; a new
    /// node fetches the chain from the others.
    ///
    /// # Errors
    /// [`CallError`]: the store was not emptied, or nothing was done.
    pub(crate) async fn forget_chain(self) -> Result<(), CallError> {
        let forgotten = self.call(Command::Forget).await.map(drop);
        // A store that fails does so when the node has ended already.
        if matches!(forgotten, Ok(()) | Err(CallError::Refused(ApiError::StorageFailed(_)))) {
            self.restart();
        }
        forgotten
    }

    /// Whether this tab's copy of the chain is stored, so that it can be forgotten without
    /// its key, and whether others have all that is in it.
    pub(crate) fn copy_now(self) -> (bool, bool) {
        self.model.with_untracked(|model| {
            model.node.as_ref().map_or((false, false), |node| {
                (node.storage == StorageView::Durable, is_held_by_others(node))
            })
        })
    }

    /// Whether a proof file that was altered holds; that none does counts as none checked.
    pub(crate) async fn check_altered(self, bytes: Vec<u8>) -> bool {
        matches!(self.call(Command::CheckProof { bytes }).await, Ok(Outcome::Proven(_)))
    }

    /// Whether this room is for experiments; followed as it changes.
    pub(crate) fn in_lab(self) -> Memo<bool> {
        Memo::new(move |_| self.room.with(|room| room.as_ref().is_ok_and(|room| room.lab)))
    }

    /// The address of a place in the room for experiments of this room's name.
    pub(crate) fn lab_href(self, place: &Place) -> String {
        self.room.with(|room| {
            let lab = room.as_ref().map(room_for);
            lab.map_or_else(|_| "#".into(), |room| route::write_place(&room, place))
        })
    }
}
