//! The database's layout, and how an older one becomes the current one.
//!
//! One database per chain and slot. Version 2:
//!
//! | object store | key | value |
//! |---|---|---|
//! | `packs` | height of the first block, a number | [pack](crate::chain::pack) |
//! | `summaries` | the same | [summary's record](crate::chain::pack) |
//! | `blocks` | block hash, 32 bytes | encoded block |
//! | `transactions` | transaction id, 32 bytes | encoded transaction |
//! | `meta` | `wallet` | 32-byte seed |
//! | `meta` | `former` | 32-byte public keys of earlier wallets; absent if there are none |
//! | `meta` | `owner` | 16 random bytes, see [`storage`](super) |
//!
//! `blocks` holds what no pack does: the newest blocks of the chain, those of its forks,
//! and blocks that came again since what a pack has of them was damaged; what it holds
//! is read in place of what is in a pack. At a start all of it is read, and all
//! summaries, but no pack whose summary is whole.
//!
//! Version 1 had no packs. Nothing is moved when it is opened: its blocks are packed
//! bit by bit while the node runs, as new ones are.

use idb::{Database, ObjectStoreParams};

use crate::primitives::ChainId;

/// The current version.
pub(super) const VERSION: u32 = 2;

/// Blocks deep in the chain, many to a record.
pub(super) const PACKS: &str = "packs";
/// What is read of those at a start.
pub(super) const SUMMARIES: &str = "summaries";
/// Encoded blocks.
pub(super) const BLOCKS: &str = "blocks";
/// Encoded transactions.
pub(super) const TRANSACTIONS: &str = "transactions";
/// Everything else.
pub(super) const META: &str = "meta";
/// In [`META`]: the wallet's seed.
pub(super) const WALLET: &str = "wallet";
/// In [`META`]: the keys that were the wallet's before, one after the other.
pub(super) const FORMER: &str = "former";
/// In [`META`]: who writes.
pub(super) const OWNER: &str = "owner";

/// The database's name.
pub(super) fn name(chain: &ChainId, slot: u32) -> String {
    format!("tabchain/{chain}/{slot}")
}

/// One step from a version to the next, inside the upgrade's own transaction.
type Migration = fn(&Database) -> Result<(), idb::Error>;

/// The step at position n leads from version n to version n + 1. Steps are only ever
/// added: a database of any older version walks through all that it lacks.
const MIGRATIONS: [Migration; VERSION as usize] = [create, add_packs];

fn create(database: &Database) -> Result<(), idb::Error> {
    for store in [BLOCKS, TRANSACTIONS, META] {
        database.create_object_store(store, ObjectStoreParams::new())?;
    }
    Ok(())
}

fn add_packs(database: &Database) -> Result<(), idb::Error> {
    for store in [PACKS, SUMMARIES] {
        database.create_object_store(store, ObjectStoreParams::new())?;
    }
    Ok(())
}

/// Brings a database of version `from` (0: a new one) to [`VERSION`].
pub(super) fn upgrade(database: &Database, from: u32) -> Result<(), idb::Error> {
    let done = usize::try_from(from).unwrap_or(usize::MAX);
    MIGRATIONS.iter().skip(done).try_for_each(|migrate| migrate(database))
}
