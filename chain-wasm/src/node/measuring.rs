//! How long peers take to answer, while somebody looks.
//!
//! A peer is asked for no transactions at all, which each answers at once with none. What
//! else it is asked in the course of things counts likewise.

use super::Node;
use super::limits::{MAX_MEASURED, REQUEST_TIMEOUT};
use crate::primitives::{Instant, PeerId};
use crate::wire::{Message, RequestId};

impl Node {
    /// Asks some peers, those first of whose answers the least is known.
    pub(super) fn measure(&mut self) {
        if !self.linked {
            return;
        }
        let since = Instant(self.mono.0.saturating_sub(REQUEST_TIMEOUT));
        let mut peers: Vec<(usize, Instant, PeerId)> = self
            .peers
            .honest()
            .filter(|(_, peer)| !peer.round_trips.awaits(since))
            .map(|(id, peer)| (peer.round_trips.known(), peer.measured_at, *id))
            .collect();
        peers.sort_unstable();
        for (.., id) in peers.into_iter().take(MAX_MEASURED) {
            if let Some(peer) = self.peers.get_mut(&id) {
                peer.measured_at = self.mono;
            }
            let request = self.sync.next_request();
            self.send(id, &Message::GetTransactions { request, ids: Vec::new() });
        }
    }

    /// A message goes to a peer: if it is a question, the time until its answer counts.
    pub(super) fn note_question(&mut self, to: PeerId, message: &Message) {
        let request = match message {
            Message::GetHeaders { request, .. }
            | Message::GetBlocks { request, .. }
            | Message::GetMempool { request }
            | Message::GetTransactions { request, .. } => *request,
            _ => return,
        };
        if let Some(peer) = self.peers.get_mut(&to) {
            peer.round_trips.asked(request, self.mono);
        }
    }

    /// A peer has answered a question.
    pub(super) fn note_answer(&mut self, from: PeerId, request: RequestId) {
        let now = self.mono;
        if let Some(peer) = self.peers.get_mut(&from)
            && peer.round_trips.answered(request, now)
        {
            self.events.peers = true;
        }
    }
}
