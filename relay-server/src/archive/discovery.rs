//! Finding rooms to keep: those that tabs join at this archive's relay.
//!
//! The relay knows a room by its id, which is a hash of its spec. So a peer of the room is
//! asked for the spec, over a connection with a key of its own that is in the room for as long
//! as that takes, and the answer is compared with the id. Nobody is told a private room's spec:
//! an archive keeps such a room only if it is given its link.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use chain_wasm::chain::spec::{MAX_SPEC, Spec};
use chain_wasm::primitives::{Keypair, PeerId};
use chain_wasm::relay::{ClientFrame, RelayFrame, RoomId, register};
use chain_wasm::wire::{Message, Status};
use chain_wasm::{codec, node};
use futures_util::{SinkExt, StreamExt};
use tokio::io::DuplexStream;
use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite;

use super::Archive;
use super::keeper::{OwnRelay, own_relay};

/// How often the relay is asked for its rooms.
const EVERY: Duration = Duration::from_secs(1);

/// How long the peers of a room may take to tell its spec.
const PATIENCE: Duration = Duration::from_secs(5);

/// A room that was asked in vain is not asked again before this.
const REST: Duration = Duration::from_mins(1);

/// The most rooms that are noted as asked in vain; the rest waits until some are forgotten.
const MAX_VAIN: usize = 1_000;

/// The number of the question: each connection asks just one.
const REQUEST: u32 = 1;

/// Finds rooms and has them kept until the relay stops.
pub async fn run(archive: Arc<Archive>, relay: OwnRelay) {
    let mut ticks = interval(EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut vain = Vain::default();
    let stop = relay.context.stop.clone();
    let finding = async {
        loop {
            ticks.tick().await;
            for room in relay.context.rooms.ids() {
                if !archive.keeps(&room) && archive.has_place() && vain.admits(&room) {
                    find(&archive, &relay, room, &mut vain).await;
                }
            }
        }
    };
    tokio::select! {
        () = stop.cancelled() => {}
        never = finding => never,
    }
}

async fn find(archive: &Arc<Archive>, relay: &OwnRelay, room: RoomId, vain: &mut Vain) {
    let Ok(Some(spec)) = timeout(PATIENCE, ask(relay.clone(), room)).await else {
        tracing::debug!(%room, "nobody tells the room's spec");
        return vain.note(room);
    };
    let name = spec.name().to_owned();
    let archive = Arc::clone(archive);
    match spawn_blocking(move || archive.keep(spec)).await {
        Ok(Ok(())) => tracing::info!(room = name, "kept from now on"),
        Ok(Err(error)) => {
            tracing::error!(room = name, %error, "the room is not kept");
            vain.note(room);
        }
        Err(_) => vain.note(room),
    }
}

/// Rooms that were asked in vain, and when.
#[derive(Debug, Default)]
struct Vain(BTreeMap<RoomId, Instant>);

impl Vain {
    fn admits(&mut self, room: &RoomId) -> bool {
        self.0.retain(|_, at| at.elapsed() < REST);
        self.0.len() < MAX_VAIN && !self.0.contains_key(room)
    }

    fn note(&mut self, room: RoomId) {
        self.0.insert(room, Instant::now());
    }
}

/// Asks each peer of a room for its spec, until one tells it; for as long as the caller waits.
async fn ask(relay: OwnRelay, room: RoomId) -> Option<Spec> {
    let mut seed = [0; 32];
    getrandom::fill(&mut seed).ok()?;
    let session = Keypair::from_seed(seed);
    let mut socket = own_relay(relay).await;
    loop {
        let tungstenite::Message::Binary(frame) = socket.next().await?.ok()? else { continue };
        match RelayFrame::decode(&frame).ok()? {
            RelayFrame::Challenge { nonce, .. } => {
                // Of a peer that has nothing yet.
                let status = Status::new(session.public(), room, 0, 0).encode();
                send(&mut socket, &register(&session, &nonce, room, &status)).await?;
            }
            RelayFrame::Welcome { peers, .. } => {
                for peer in peers {
                    question(&mut socket, peer.peer).await?;
                }
            }
            RelayFrame::PeerJoined { peer, .. } => question(&mut socket, peer).await?,
            RelayFrame::Deliver { payload, .. } => {
                if let Some(spec) = answer(payload, &room) {
                    return Some(spec);
                }
            }
            RelayFrame::Refused { .. } | RelayFrame::GoingAway { .. } => return None,
            RelayFrame::PeerLeft { .. }
            | RelayFrame::Reach { .. }
            | RelayFrame::PeerStatus { .. }
            | RelayFrame::Undeliverable { .. } => {}
        }
    }
}

/// The spec that a payload tells, if it is the room's.
fn answer(payload: &[u8], room: &RoomId) -> Option<Spec> {
    let Ok(Message::SentSpec { request: REQUEST, spec }) = Message::decode(payload) else {
        return None;
    };
    let spec: Spec = codec::decode(&spec, MAX_SPEC).ok()?;
    (node::room_of(&spec) == *room).then_some(spec)
}

async fn question(socket: &mut WebSocketStream<DuplexStream>, to: PeerId) -> Option<()> {
    let payload = Message::GetSpec { request: REQUEST }.encode();
    send(socket, &ClientFrame::Send { to, payload: &payload }).await
}

async fn send(socket: &mut WebSocketStream<DuplexStream>, frame: &ClientFrame<'_>) -> Option<()> {
    socket.send(tungstenite::Message::binary(frame.encode())).await.ok()
}

#[cfg(test)]
mod tests {
    use chain_wasm::primitives::Hash;

    use super::*;

    #[test]
    fn only_the_rooms_own_spec_is_believed() {
        let spec = Spec::open("t").unwrap();
        let room = node::room_of(&spec);
        let told = |request, spec| Message::SentSpec { request, spec }.encode();
        let encoded = codec::encode(&spec);
        assert_eq!(answer(&told(REQUEST, encoded.clone()), &room), Some(spec));
        let other = codec::encode(&Spec::open("u").unwrap());
        for wrong in [
            told(REQUEST, other),
            told(REQUEST, Vec::new()),
            told(REQUEST + 1, encoded),
            Message::GetSpec { request: REQUEST }.encode(),
            b"nonsense".to_vec(),
        ] {
            assert_eq!(answer(&wrong, &room), None);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_room_that_was_asked_in_vain_rests() {
        let mut vain = Vain::default();
        for n in 0..MAX_VAIN {
            let room = Hash::of(&n.to_be_bytes());
            assert!(vain.admits(&room));
            vain.note(room);
            assert!(!vain.admits(&room));
        }
        assert!(!vain.admits(&Hash::ZERO));
        tokio::time::advance(REST).await;
        assert!(vain.admits(&Hash::ZERO));
    }
}
