//! From a room's name to a running node.

use super::slot::{self, Slot, SlotError};
use super::storage::{Database, Opened, Records, Storage, StoreError};
use super::{scope, socket};
use crate::api::{Access, ApiError, RoomChoice};
use crate::chain::genesis_hash;
use crate::chain::spec::{Spec, SpecError};
use crate::link::{Link, LinkConfig};
use crate::node::{self, Config, Node, Packed, Restored, StorageMode};
use crate::primitives::Keypair;

/// Why a start failed.
#[derive(Debug, thiserror::Error)]
pub(super) enum StartError {
    /// The room's name is none.
    #[error(transparent)]
    Room(#[from] SpecError),
    /// Every slot is taken.
    #[error("every slot is taken")]
    NoSlot,
    /// The room is private, and its secret was not given.
    #[error("the room's secret is missing or another")]
    Secret,
    /// The store is of a newer version.
    #[error("the store was written by a newer version")]
    NewerStore,
    /// The browser gives no random numbers; nothing can be signed without.
    #[error("no random numbers: {0}")]
    Random(#[from] getrandom::Error),
}

impl StartError {
    /// What the page is told; `None` if there is no going on at all.
    pub(super) const fn api(&self) -> Option<ApiError> {
        match self {
            Self::Room(_) => Some(ApiError::InvalidRoom),
            Self::NoSlot => Some(ApiError::NoSlot),
            Self::Secret => Some(ApiError::WrongSecret),
            Self::NewerStore => Some(ApiError::NewerStore),
            Self::Random(_) => None,
        }
    }
}

/// All that a running tab consists of.
pub(super) struct Started {
    pub(super) node: Node,
    pub(super) link: Link,
    pub(super) storage: Storage<Database>,
    /// `None`: the browser can't tell its tabs apart, and this one stores nothing.
    pub(super) slot: Option<Slot>,
}

/// Starts a node.
pub(super) async fn start(room: &RoomChoice, relay_url: &str) -> Result<Started, StartError> {
    let spec = node::spec_of(room)?;
    let secret = match room.private.map(|room| room.access()) {
        None => None,
        Some(Access::Granted(secret)) => Some(secret),
        Some(Access::Missing | Access::Wrong) => return Err(StartError::Secret),
    };
    let chain = genesis_hash(&spec);
    let slot = match slot::claim(&chain).await {
        Ok(slot) => Some(slot),
        Err(SlotError::Full) => return Err(StartError::NoSlot),
        Err(SlotError::Random(error)) => return Err(error.into()),
        // Two tabs must never share a store: without a slot there is none.
        Err(SlotError::Unsupported(why)) => {
            scope::log(&format!("no slot, so nothing is stored: {why}"));
            None
        }
    };
    let Stored { storage, mode, wallet, restored } = open(&spec, slot.as_ref()).await?;
    let session = Keypair::from_seed(random()?);
    let config = Config {
        spec,
        secret,
        wallet: Keypair::from_seed(wallet),
        peer: session.public(),
        seed: random()?,
        storage: mode,
    };
    let link = Link::new(LinkConfig {
        room: chain,
        session,
        seed: random()?,
        loopback: socket::is_loopback(relay_url),
        online: scope::online(),
    });
    Ok(Started { node: Node::new(config, restored, scope::now()), link, storage, slot })
}

/// A store, and what was in it.
struct Stored {
    storage: Storage<Database>,
    mode: StorageMode,
    wallet: [u8; 32],
    restored: Restored,
}

async fn open(spec: &Spec, slot: Option<&Slot>) -> Result<Stored, StartError> {
    let chain = &genesis_hash(spec);
    let fresh = random()?;
    let mut wallet = fresh;
    let failure = match slot {
        None => StoreError::Refused("there is no slot".to_owned()),
        Some(slot) => match Database::open(chain, slot.number, fresh, random()?).await {
            Err(StoreError::Newer) => return Err(StartError::NewerStore),
            Err(error) => error,
            Ok(Opened { database, wallet: stored }) => {
                wallet = stored;
                let key = [u64::from_le_bytes(random()?), u64::from_le_bytes(random()?)];
                let packed = Packed::new(spec.clone(), key);
                match database.restore(packed).await {
                    Ok(restored) => {
                        let storage = Storage::durable(database, scope::log);
                        let mode = StorageMode::Durable;
                        return Ok(Stored { storage, mode, wallet, restored });
                    }
                    Err(error) => error,
                }
            }
        },
    };
    scope::log(&format!("{failure}; nothing will be stored"));
    let (storage, restored) = (Storage::volatile(scope::log), Restored::default());
    let mode = StorageMode::Memory(failure.reason());
    Ok(Stored { storage, mode, wallet, restored })
}

fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}
