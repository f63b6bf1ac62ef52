//! The peers of a room that are at other relays, as far as those have said so.

use std::collections::BTreeMap;

use bytes::Bytes;
use chain_wasm::primitives::PeerId;

use crate::cluster::{RelayId, Stamp};

/// Relays that one room has peers at. Those beyond are not heard.
pub const MAX_RELAYS: usize = 64;

/// A relay that was not heard for so many ticks in a row is taken for gone from the room.
pub const SILENT_TICKS: u8 = 4;

/// What is known of other relays.
#[derive(Debug, Default)]
pub(super) struct Remote {
    relays: BTreeMap<RelayId, Known>,
    /// A peer may have connections at several, of which the newest counts.
    peers: BTreeMap<PeerId, BTreeMap<RelayId, Away>>,
    seats: usize,
}

/// What is known of one relay.
#[derive(Debug, Default)]
struct Known {
    /// Its latest change of which all is known.
    seq: Option<u64>,
    /// It was asked who it has, and has not said so yet.
    asked: bool,
    silent: u8,
}

/// A connection at another relay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Away {
    pub(super) stamp: Stamp,
    pub(super) status: Bytes,
}

/// What a change's number says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    /// It follows on what is known.
    Next,
    /// It is known already.
    Old,
    /// There is something in between: the relay is to be asked.
    Gap,
    /// Likewise, but it has been asked.
    Asked,
}

impl Remote {
    pub(super) fn is_empty(&self) -> bool {
        self.peers.is_empty()
    }

    /// How many peers have connections, and how many connections there are.
    pub(super) fn len(&self) -> (usize, usize) {
        (self.peers.len(), self.seats)
    }

    /// The newest connection of a peer.
    pub(super) fn newest(&self, peer: &PeerId) -> Option<(RelayId, &Away)> {
        newest(self.peers.get(peer)?)
    }

    /// Each peer with its newest connection.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&PeerId, RelayId, &Away)> {
        let newest = |(peer, at)| newest(at).map(|(relay, away)| (peer, relay, away));
        self.peers.iter().filter_map(newest)
    }

    /// A peer's connection at one relay.
    pub(super) fn get_mut(&mut self, peer: &PeerId, relay: RelayId) -> Option<&mut Away> {
        self.peers.get_mut(peer)?.get_mut(&relay)
    }

    pub(super) fn insert(&mut self, peer: PeerId, relay: RelayId, away: Away) {
        if self.peers.entry(peer).or_default().insert(relay, away).is_none() {
            self.seats += 1;
        }
    }

    pub(super) fn remove(&mut self, peer: &PeerId, relay: RelayId) {
        let Some(at) = self.peers.get_mut(peer) else { return };
        if at.remove(&relay).is_some() {
            self.seats -= 1;
        }
        if at.is_empty() {
            self.peers.remove(peer);
        }
    }

    /// The peers that have a connection at a relay.
    pub(super) fn of(&self, relay: RelayId) -> Vec<PeerId> {
        let here = self.peers.iter().filter(|(_, at)| at.contains_key(&relay));
        here.map(|(peer, _)| *peer).collect()
    }

    /// Notes that a relay is there; `false` if there are too many.
    pub(super) fn heard(&mut self, relay: RelayId) -> bool {
        if let Some(known) = self.relays.get_mut(&relay) {
            known.silent = 0;
        } else if self.relays.len() >= MAX_RELAYS {
            return false;
        } else {
            self.relays.insert(relay, Known::default());
        }
        true
    }

    /// Takes note of a change's number.
    pub(super) fn change(&mut self, relay: RelayId, seq: u64) -> Order {
        let Some(known) = self.relays.get_mut(&relay) else { return Order::Asked };
        match known.seq {
            Some(latest) if seq <= latest => Order::Old,
            Some(latest) if seq == latest.saturating_add(1) => {
                known.seq = Some(seq);
                Order::Next
            }
            _ if known.asked => Order::Asked,
            _ => {
                known.asked = true;
                Order::Gap
            }
        }
    }

    /// Whether a beat says that something was missed. It is asked again at each.
    pub(super) fn missed(&mut self, relay: RelayId, seq: u64) -> bool {
        let Some(known) = self.relays.get_mut(&relay) else { return false };
        let missed = known.seq.is_none_or(|latest| latest < seq);
        known.asked = missed;
        missed
    }

    /// Takes note that all is known up to a change; `false` if more was known.
    pub(super) fn known_up_to(&mut self, relay: RelayId, seq: u64) -> bool {
        let Some(known) = self.relays.get_mut(&relay) else { return false };
        if known.seq.is_some_and(|latest| latest > seq) {
            return false;
        }
        *known = Known { seq: Some(seq), asked: false, silent: 0 };
        true
    }

    /// The relay is to be asked who it has, whatever its numbers say.
    pub(super) fn doubt(&mut self, relay: RelayId) -> bool {
        match self.relays.get_mut(&relay) {
            Some(known) if !known.asked => {
                known.asked = true;
                true
            }
            _ => false,
        }
    }

    /// Time passes: the relays that were not heard for long are forgotten. Their peers are
    /// still to be removed.
    pub(super) fn tick(&mut self) -> Vec<RelayId> {
        let mut gone = Vec::new();
        self.relays.retain(|relay, known| {
            known.silent += 1;
            if known.silent > SILENT_TICKS {
                gone.push(*relay);
            }
            known.silent <= SILENT_TICKS
        });
        gone
    }

    /// Forgets everybody, and says who there was.
    pub(super) fn clear(&mut self) -> Vec<PeerId> {
        std::mem::take(self).peers.into_keys().collect()
    }
}

fn newest(at: &BTreeMap<RelayId, Away>) -> Option<(RelayId, &Away)> {
    at.iter().map(|(relay, away)| (*relay, away)).max_by_key(|(relay, away)| (away.stamp, *relay))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn relay(n: u8) -> RelayId {
        RelayId([n; 16])
    }

    #[test]
    fn a_missing_change_is_asked_for_once_until_a_beat_asks_again() {
        let mut remote = Remote::default();
        assert!(remote.heard(relay(1)));
        assert_eq!(remote.change(relay(1), 3), Order::Gap);
        assert_eq!(remote.change(relay(1), 4), Order::Asked);
        assert!(remote.known_up_to(relay(1), 4));
        assert_eq!(remote.change(relay(1), 4), Order::Old);
        assert_eq!(remote.change(relay(1), 5), Order::Next);
        assert!(!remote.missed(relay(1), 5));
        assert!(remote.missed(relay(1), 6));
        assert!(remote.missed(relay(1), 6));
        assert_eq!(remote.change(relay(1), 7), Order::Asked);
        assert!(!remote.known_up_to(relay(1), 4));
    }

    #[test]
    fn relays_beyond_the_limit_are_not_heard_until_one_is_gone() {
        let mut remote = Remote::default();
        for n in 0..MAX_RELAYS {
            assert!(remote.heard(relay(u8::try_from(n).unwrap())));
        }
        assert!(!remote.heard(relay(200)));
        for _ in 0..SILENT_TICKS {
            assert!(remote.tick().is_empty());
        }
        assert!(remote.heard(relay(5)));
        let gone = remote.tick();
        assert_eq!(gone.len(), MAX_RELAYS - 1);
        assert!(!gone.contains(&relay(5)));
        assert!(remote.heard(relay(200)));
    }

    #[test]
    fn a_peers_newest_connection_counts() {
        let mut remote = Remote::default();
        let peer = PeerId::from_bytes([1; 32]);
        let away = |stamp| Away { stamp, status: Bytes::new() };
        remote.insert(peer, relay(1), away(5));
        remote.insert(peer, relay(2), away(5));
        remote.insert(peer, relay(3), away(4));
        assert_eq!(remote.len(), (1, 3));
        assert_eq!(remote.newest(&peer), Some((relay(2), &away(5))));
        remote.remove(&peer, relay(2));
        remote.remove(&peer, relay(2));
        remote.remove(&peer, relay(1));
        assert_eq!(remote.newest(&peer), Some((relay(3), &away(4))));
        remote.remove(&peer, relay(3));
        assert_eq!((remote.len(), remote.is_empty()), ((0, 0), true));
    }
}
