//! A room full of peers that say where they are and do nothing else.

use chain_wasm::chain::spec::Spec;
use chain_wasm::node::room_of;
use chain_wasm::primitives::{Hash, Keypair};
use chain_wasm::wire::Status;
use futures_util::StreamExt;
use tokio::task::JoinSet;

use crate::relay::Relay;
use crate::stranger::register;

/// Stays in the room until it is dropped.
pub(crate) struct Crowd {
    _peers: JoinSet<()>,
}

impl Crowd {
    /// So many peers of a `work` room; `status` says what the n-th of them claims: its
    /// height and tip. Every fifth mines, every seventh is hidden.
    pub(crate) async fn join(
        relay: &Relay,
        room: &str,
        count: u32,
        status: impl Fn(u32) -> (u32, Hash),
    ) -> Self {
        let room = room_of(&Spec::work(room).unwrap());
        let mut peers = JoinSet::new();
        for n in 0..count {
            let session = Keypair::from_seed(*Hash::of(&n.to_be_bytes()).as_bytes());
            let (height, tip) = status(n);
            // No more work than anybody has: so nobody is asked for what nobody has.
            let mut status = Status::new(session.public(), tip, height, 0);
            status.sealing = n % 5 == 4;
            status.hidden = n % 7 == 6;
            let (mut socket, _) = register(relay, &session, room, &status.encode()).await;
            peers.spawn(async move { while let Some(Ok(_)) = socket.next().await {} });
        }
        Self { _peers: peers }
    }
}
