//! The wallet, and another one in its place.
//!
//! **No entry is lost by an import.** What the keys before signed is this node's own as
//! ever: kept beyond any bound, announced until it is in a block, sealed at once, taken
//! back from abandoned blocks. For that the store remembers those keys, not their secrets.
//! The wallet changes once the store has it, in the middle of everything else: nothing
//! that waits is touched, and entries on their way to the store keep their signatures.

use super::Node;
use super::limits::MAX_FORMER_KEYS;
use crate::api::{ApiError, Event, Outcome, RequestId};
use crate::primitives::{Hash, Keypair, PublicKey, Seed};

impl Node {
    /// The key that signs. Never shown, never sent.
    pub const fn wallet(&self) -> &Keypair {
        &self.wallet
    }

    /// Whether a key is the wallet's, or was it before.
    pub(super) fn is_own(&self, author: &PublicKey) -> bool {
        self.chain.mempool().is_own(author)
    }

    pub(super) fn keep_all_own(&mut self) {
        let keys: Vec<PublicKey> = self.former.clone();
        for key in keys.into_iter().chain([self.wallet.public()]) {
            self.chain.keep_all_of(key);
        }
    }

    /// Stores another wallet. It is taken, and the request answered, once that is done.
    pub(super) fn import_key(&mut self, request: RequestId, seed: Seed) {
        let key = Keypair::from_seed(seed.0).public();
        if key == self.wallet.public() {
            let view = Box::new(self.view());
            return self.reply(request, Ok(Outcome::Node(view)));
        }
        if self.storing.replaces_wallet() {
            return self.reply(request, Err(ApiError::Busy));
        }
        let former = self.former_beside(&key);
        if former.len() > MAX_FORMER_KEYS {
            return self.reply(request, Err(ApiError::TooManyKeys));
        }
        self.storing.put_wallet(request, seed, former);
    }

    /// The keys that are former ones once `key` is the wallet's.
    fn former_beside(&self, key: &PublicKey) -> Vec<PublicKey> {
        let keys = self.former.iter().copied().chain([self.wallet.public()]);
        keys.filter(|former| former != key).collect()
    }

    /// The store has another wallet, so the node has.
    pub(super) fn replace_wallet(&mut self, request: RequestId, seed: Seed) {
        let wallet = Keypair::from_seed(seed.0);
        let key = wallet.public();
        self.former = self.former_beside(&key);
        self.wallet = wallet;
        self.keep_all_own();
        // What the key signed elsewhere and waits here is this node's to keep from now on.
        let waiting = self.chain.mempool().iter();
        let signed = waiting.filter(|waiting| waiting.transaction.author() == key);
        let signed: Vec<Hash> = signed.map(|waiting| waiting.transaction.id()).collect();
        for id in signed {
            self.store_transaction(id);
            self.announce_soon(id);
        }
        // The block at hand would pay the key before.
        self.stop_sealing();
        self.events.pending = true;
        self.events.told_balance = self.wallet_view().balance;
        self.status_changed();
        self.event(Event::Wallet(self.wallet_view()));
        let view = Box::new(self.view());
        self.reply(request, Ok(Outcome::Node(view)));
    }
}
