//! From what a link says of a room to its chain.

use crate::api::{ConsensusChoice, RoomChoice};
use crate::chain::genesis_hash;
use crate::chain::spec::{
    Consensus, Purpose, Spec, SpecError, Terms, USUAL_FLOOR, USUAL_REWARD, Writers,
};
use crate::primitives::Difficulty;
use crate::relay::RoomId;

/// The relay's room of a spec's chain.
pub fn room_of(spec: &Spec) -> RoomId {
    genesis_hash(spec)
}

/// The spec of a room that was chosen by a link.
///
/// # Errors
/// [`SpecError`] if a parameter is out of its bounds.
pub fn spec_of(room: &RoomChoice) -> Result<Spec, SpecError> {
    let consensus = match &room.consensus {
        ConsensusChoice::Work { target } => {
            Consensus::Work { floor: Difficulty::from_hashes(USUAL_FLOOR.into()), target: *target }
        }
        ConsensusChoice::Open => Consensus::Open,
        ConsensusChoice::Authority { members, patience, members_write } => Consensus::Authority {
            members: members.clone(),
            patience: *patience,
            writers: if *members_write { Writers::Members } else { Writers::Anyone },
        },
    };
    let private = room.private.map(|room| room.commitment);
    let purpose = if room.lab { Purpose::Lab } else { Purpose::Records };
    Ok(Spec::new(&room.name, consensus, USUAL_REWARD)?.with_terms(Terms { purpose, private }))
}
