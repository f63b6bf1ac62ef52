//! What the page knows of the experiments, beyond what the node tells.

use chain_wasm::api::{LabPace, LabView, RoomChoice, TamperField, TamperView};
use chain_wasm::primitives::Hash;

use super::Node;
use crate::node_link::CallError;

/// What was done last in an experiment, to be told in a sentence.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Happened {
    /// A copy was changed; the rule that it breaks, if any.
    Changed(u32, TamperField, Option<String>),
    /// The same, and its Merkle root fits again.
    RootFits(u32, Option<String>),
    /// The same, and its work was done anew.
    WorkDone(u32, Option<String>),
    /// It was sent to so many peers.
    Sent(u32),
    /// It was written over the stored record.
    Overwritten(u32),
    /// This tab left the network.
    CutOff,
    /// It is back.
    Rejoined,
    /// A secret branch began above that block.
    SecretBegan(u32),
    /// It was released: its blocks, how many it replaced, whether it won.
    Released(u32, u32, bool),
    /// It was thrown away.
    SecretDropped,
    /// Another pace was chosen.
    Paced(LabPace),
    /// The experiments are over, and the chain is as it was.
    Reset,
    /// They are over, and the copy of the chain is forgotten.
    Forgotten,
    /// It was refused.
    Refused(CallError),
}

/// What a changed copy led to.
pub(crate) fn changed(view: &TamperView) -> Happened {
    Happened::Changed(view.height, view.field, view.verdict.clone())
}

/// The room for experiments of the same name.
pub(crate) fn room_for(room: &RoomChoice) -> RoomChoice {
    if room.lab {
        return room.clone();
    }
    RoomChoice { lab: true, ..RoomChoice::named(room.name.clone()) }
}

/// Whether others have all that this tab has: one of them has this very tip, and no entry
/// waits here. Then nothing is lost with this tab's copy.
pub(crate) fn is_held_by_others(node: &Node) -> bool {
    is_held(&node.tip.hash, node.peers.iter().map(|peer| peer.tip), node.pending.count)
}

fn is_held(tip: &Hash, mut peers: impl Iterator<Item = Option<Hash>>, waiting: u32) -> bool {
    waiting == 0 && peers.any(|other| other == Some(*tip))
}

/// How a peer took a block that was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Taken {
    /// It breaks a rule; who sent it is ignored.
    Refused,
    /// It is kept beside the chain.
    Beside,
    /// Its header is known, so nothing else was looked at.
    Known,
    /// The block before it is not known.
    Orphan,
    /// It comes from the future.
    Ahead,
}

impl Taken {
    /// What a verdict's code says.
    pub(crate) fn of(verdict: &str) -> Self {
        match verdict {
            "taken" => Self::Beside,
            "known" => Self::Known,
            "orphan" => Self::Orphan,
            "ahead" => Self::Ahead,
            _ => Self::Refused,
        }
    }
}

/// Whether some peer has refused a block that this tab sent.
pub(crate) fn was_refused(lab: &LabView) -> bool {
    let answers = lab.sent.iter().flat_map(|sent| &sent.answers);
    answers.into_iter().any(|answer| Taken::of(&answer.verdict) == Taken::Refused)
}

/// How many blocks the chart of the pace shows.
pub(crate) const CHARTED: usize = 24;

/// A block in the chart of the pace.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Beat {
    /// Milliseconds since the block before it.
    pub(crate) gap: u64,
    /// Its difficulty.
    pub(crate) difficulty: f64,
}

/// The newest blocks for the chart, oldest first.
pub(crate) fn beats(node: &Node) -> Vec<Beat> {
    let blocks = node.window.blocks();
    let pairs = blocks.iter().zip(blocks.iter().skip(1));
    let mined = pairs.filter(|(_, below)| below.miner.is_some());
    let mut beats: Vec<Beat> = mined
        .take(CHARTED)
        .map(|(block, below)| Beat {
            gap: block.timestamp.0.saturating_sub(below.timestamp.0),
            difficulty: block.difficulty,
        })
        .collect();
    beats.reverse();
    beats
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::ConsensusChoice;

    use super::*;

    #[test]
    fn a_room_for_experiments_has_the_same_name_and_work() {
        let room = RoomChoice { consensus: ConsensusChoice::Open, ..RoomChoice::named("a".into()) };
        let lab = room_for(&room);
        assert!(lab.lab && lab.name == "a" && lab.consensus == ConsensusChoice::USUAL);
        let own = RoomChoice { lab: true, ..room };
        assert_eq!(room_for(&own), own);
    }

    #[test]
    fn only_a_broken_rule_is_a_refusal() {
        use chain_wasm::api::{LabAnswer, SentView};
        use chain_wasm::primitives::{Hash, PublicKey};
        let view = |verdict: &str| {
            let peer = PublicKey::from_bytes([1; 32]);
            let answer = LabAnswer { peer, author: None, verdict: verdict.into() };
            let sent = SentView { block: Hash::ZERO, peers: 1, answers: vec![answer] };
            LabView { sent: Some(sent), ..LabView::default() }
        };
        for verdict in ["taken", "known", "orphan", "ahead"] {
            assert!(!was_refused(&view(verdict)), "{verdict}");
        }
        assert!(was_refused(&view("merkle-root")));
        assert!(!was_refused(&LabView::default()));
    }
}
