//! How another peer's chain stands to this tab's, by what the peer says.

use chain_wasm::api::{PeerView, TipView};

/// Peers that are listed beside the chain; the network's page has all of them.
pub(crate) const MAX_LISTED: usize = 12;

/// Those that are listed, and how many others there are.
pub(crate) fn listed<T>(all: &[T]) -> (&[T], usize) {
    let (listed, others) = all.split_at(all.len().min(MAX_LISTED));
    (listed, others.len())
}

/// How another peer's chain stands to this tab's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Relation {
    /// The same tip, so the same chain.
    Same,
    /// So many blocks lower.
    Behind(u32),
    /// So many blocks higher.
    Ahead(u32),
    /// The same height, another tip: two branches.
    Branch,
    /// It does not say.
    Unknown,
}

/// How a peer's tip stands to `tip`.
pub(crate) fn relation(peer: &PeerView, tip: &TipView) -> Relation {
    match peer.tip {
        None => Relation::Unknown,
        Some(hash) if hash == tip.hash => Relation::Same,
        Some(_) if peer.height < tip.height => Relation::Behind(tip.height - peer.height),
        Some(_) if peer.height > tip.height => Relation::Ahead(peer.height - tip.height),
        Some(_) => Relation::Branch,
    }
}

#[cfg(test)]
mod tests {
    use chain_wasm::primitives::{Hash, PublicKey};

    use super::*;

    #[test]
    fn so_many_are_listed_and_the_others_counted() {
        let all = [0; MAX_LISTED + 7];
        assert_eq!(listed(&all[..MAX_LISTED]), (&all[..MAX_LISTED], 0));
        assert_eq!(listed(&all), (&all[..MAX_LISTED], 7));
        assert_eq!(listed(&all[..0]), (&all[..0], 0));
    }

    #[test]
    fn compares_tips_before_heights() {
        let tip = TipView { height: 5, hash: Hash::of(b"a"), work: "5".into() };
        let peer = |height, tip| PeerView {
            peer: PublicKey::from_bytes([1; 32]),
            author: None,
            height,
            tip,
            pending: 0,
            hidden: false,
            sealing: false,
            fault: None,
            round_trip: None,
        };
        let other = Some(Hash::of(b"b"));
        assert_eq!(relation(&peer(5, Some(tip.hash)), &tip), Relation::Same);
        assert_eq!(relation(&peer(5, other), &tip), Relation::Branch);
        assert_eq!(relation(&peer(3, other), &tip), Relation::Behind(2));
        assert_eq!(relation(&peer(u32::MAX, other), &tip), Relation::Ahead(u32::MAX - 5));
        assert_eq!(relation(&peer(0, None), &tip), Relation::Unknown);
    }
}
