//! What the form for coins takes: the checks that need no node.

use chain_wasm::api::{EntryKind, EntryView, PeerView, WalletView};
use chain_wasm::primitives::PublicKey;

/// Why coins cannot be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TransferFault {
    /// No receiver was chosen.
    #[error("no receiver")]
    NoReceiver,
    /// What was typed is not a key.
    #[error("not a key")]
    Key,
    /// It is this tab's own key.
    #[error("the receiver is the sender")]
    Own,
    /// It is not a whole number from 1 on.
    #[error("not an amount")]
    Amount,
    /// There are not so many coins.
    #[error("{spendable} coins can be sent")]
    TooMuch {
        /// How many there are.
        spendable: u64,
    },
}

/// Coins that can be sent: what own transfers that wait will take is not there any more.
/// The list may not hold all of them; the node, which does, has the last word.
pub(crate) fn spendable(wallet: &WalletView, pending: &[EntryView]) -> u64 {
    let own = pending.iter().filter(|entry| entry.author == wallet.author);
    let waiting = own.map(|entry| match entry.kind {
        EntryKind::Transfer { amount, .. } => amount,
        EntryKind::Data { .. } => 0,
    });
    waiting.fold(wallet.balance, u64::saturating_sub)
}

/// Reads a receiver's key, 64 hex digits.
///
/// # Errors
/// [`TransferFault`]
pub(crate) fn receiver(text: &str, own: &PublicKey) -> Result<PublicKey, TransferFault> {
    let text = text.trim();
    if text.is_empty() {
        return Err(TransferFault::NoReceiver);
    }
    match PublicKey::parse(text) {
        None => Err(TransferFault::Key),
        Some(key) if key == *own => Err(TransferFault::Own),
        Some(key) => Ok(key),
    }
}

/// Reads an amount; digits may be grouped by commas or spaces, as the page groups them.
///
/// # Errors
/// [`TransferFault`]
pub(crate) fn amount(text: &str, spendable: u64) -> Result<u64, TransferFault> {
    let digits: String = text.chars().filter(|c| *c != ',' && !c.is_whitespace()).collect();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(TransferFault::Amount);
    }
    // More digits than a number holds are too much, not malformed.
    match digits.parse().unwrap_or(u64::MAX) {
        0 => Err(TransferFault::Amount),
        amount if amount > spendable => Err(TransferFault::TooMuch { spendable }),
        amount => Ok(amount),
    }
}

/// Receivers that can be chosen from a list; another key can be typed.
pub(crate) const MAX_RECEIVERS: usize = 100;

/// The keys of the room's other peers, each once, that coins can be sent to: the first
/// [`MAX_RECEIVERS`].
pub(crate) fn receivers(peers: &[PeerView], own: &PublicKey) -> Vec<PublicKey> {
    let mut keys: Vec<PublicKey> = peers
        .iter()
        .filter(|peer| peer.fault.is_none())
        .filter_map(|peer| peer.author)
        .filter(|author| author != own)
        .collect();
    keys.sort();
    keys.dedup();
    keys.truncate(MAX_RECEIVERS);
    keys
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::{EntryState, Privacy};
    use chain_wasm::primitives::{Hash, UnixMillis};

    use super::*;

    const OWN: PublicKey = PublicKey::from_bytes([2; 32]);
    const OTHER: PublicKey = PublicKey::from_bytes([3; 32]);

    fn transfer(author: PublicKey, amount: u64) -> EntryView {
        EntryView {
            id: Hash::ZERO,
            author,
            mine: author == OWN,
            timestamp: UnixMillis(1),
            kind: EntryKind::Transfer { to: OTHER, amount },
            privacy: Privacy::Public,
            state: EntryState::Announced,
        }
    }

    #[test]
    fn what_waits_can_not_be_sent_twice() {
        let wallet = WalletView { author: OWN, balance: 50 };
        assert_eq!(spendable(&wallet, &[]), 50);
        assert_eq!(spendable(&wallet, &[transfer(OWN, 20), transfer(OTHER, 25)]), 30);
        assert_eq!(spendable(&wallet, &[transfer(OWN, 40), transfer(OWN, 40)]), 0);
    }

    #[test]
    fn an_amount_is_a_whole_number_that_is_there() {
        assert_eq!(amount("7", 50), Ok(7));
        assert_eq!(amount(" 1,234 ", 2_000), Ok(1_234));
        assert_eq!(amount("50", 50), Ok(50));
        assert_eq!(amount("51", 50), Err(TransferFault::TooMuch { spendable: 50 }));
        let endless = "9".repeat(100);
        assert_eq!(amount(&endless, 50), Err(TransferFault::TooMuch { spendable: 50 }));
        for bad in ["", " ", "0", "-1", "+1", "1.5", "1e3", "seven", "７"] {
            assert_eq!(amount(bad, 50), Err(TransferFault::Amount), "{bad}");
        }
    }

    #[test]
    fn a_receiver_is_anothers_key() {
        assert_eq!(receiver(&format!(" {OTHER}\n"), &OWN), Ok(OTHER));
        assert_eq!(receiver("  ", &OWN), Err(TransferFault::NoReceiver));
        assert_eq!(receiver(&OWN.to_string(), &OWN), Err(TransferFault::Own));
        assert_eq!(receiver(&OTHER.to_string()[1..], &OWN), Err(TransferFault::Key));
        assert_eq!(receiver("calm heron", &OWN), Err(TransferFault::Key));
    }

    #[test]
    fn receivers_are_the_other_keys_each_once() {
        let peer = |n: u8, author| PeerView {
            peer: PublicKey::from_bytes([n; 32]),
            author,
            height: 0,
            tip: None,
            pending: 0,
            hidden: false,
            sealing: false,
            fault: None,
            round_trip: None,
        };
        let peers = [peer(1, Some(OTHER)), peer(2, Some(OWN)), peer(3, None), peer(4, Some(OTHER))];
        assert_eq!(receivers(&peers, &OWN), [OTHER]);
        let many: Vec<PeerView> =
            (100..=250).map(|n| peer(n, Some(PublicKey::from_bytes([n; 32])))).collect();
        assert_eq!(receivers(&many, &OWN).len(), MAX_RECEIVERS);
    }
}
