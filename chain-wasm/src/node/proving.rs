//! Proofs for the page.

use super::Node;
use super::private::Data;
use super::serving::Read;
use crate::api::{
    ApiError, EntryState, Outcome, Privacy, ProofFault, ProofFile, ProofStanding, ProvenView,
    RequestId,
};
use crate::chain::proof::{JsonError, Proof, ProofError};
use crate::primitives::Hash;

impl Node {
    pub(super) fn prove(&mut self, request: RequestId, id: Hash, opening: bool) {
        let missing = self.missing_for(&id);
        self.read_for_page(request, missing, Read::Proof { request, id, opening });
    }

    pub(super) fn answer_page_proof(&mut self, request: RequestId, id: &Hash, opening: bool) {
        let outcome = match self.chain.prove(id) {
            Ok(mut proof) => {
                proof.opening = self.opening_of(&proof.entry).filter(|_| opening);
                let file = ProofFile { cbor: proof.encode(), json: proof.to_json() };
                Ok(Outcome::Proof(file))
            }
            // A reorganisation took it meanwhile, or its block could not be read.
            Err(_) => Err(ApiError::NotFound),
        };
        self.reply(request, outcome);
    }

    pub(super) fn check_proof(&self, bytes: &[u8]) -> Result<ProvenView, ApiError> {
        let (proof, proven) = Proof::read(bytes)
            .and_then(|proof| proof.check().map(|proven| (proof, proven)))
            .map_err(|error| ApiError::InvalidProof(fault(&error)))?;
        let standing = if proven.chain != self.chain.id() {
            ProofStanding::OtherRoom
        } else if self.chain.is_main(&proven.block) {
            ProofStanding::InChain
        } else {
            ProofStanding::NotInChain
        };
        let state = EntryState::InBlock { height: proof.block.height, block: proven.block };
        Ok(ProvenView {
            room: proof.spec.name().to_owned(),
            entry: self.view_as(&proof.entry, state, true, self.proven_data(&proof)),
            sealed: proof.block.timestamp,
            sealer: proof.spec.authority().and_then(|a| a.sealer(&proof.block)).copied(),
            tip_height: proof.tip.height,
            tip: proven.tip,
            tip_sealed: proof.tip.timestamp,
            confirmations: proven.confirmations,
            standing,
        })
    }

    /// What a proven entry says: opened by the proof's own key, or as this room's entries.
    fn proven_data<'a>(&self, proof: &'a Proof) -> Option<Data<'a>> {
        if let Some(Ok(plain)) = proof.opened() {
            return Some(plain.into());
        }
        let mut data = self.data_of(&proof.entry)?;
        let sealed = proof.entry.sealed().is_some() && proof.spec.terms().private.is_some();
        if sealed && data.privacy == Privacy::Public {
            // Of another private room.
            data.privacy = Privacy::Unreadable;
        }
        Some(data)
    }
}

const fn fault(error: &ProofError) -> ProofFault {
    match error {
        ProofError::Mark => ProofFault::Version,
        ProofError::Json(JsonError::Contradiction) => ProofFault::Contradiction,
        ProofError::Codec(_) | ProofError::Json(_) | ProofError::Header(_) => ProofFault::Form,
        ProofError::Entry(_) => ProofFault::Entry,
        ProofError::Block => ProofFault::Block,
        ProofError::History => ProofFault::History,
        ProofError::Opening => ProofFault::Opening,
        ProofError::Work(_) => ProofFault::Work,
        ProofError::Seal(_) => ProofFault::Seal,
    }
}
