//! Damage on the disk: found at the start, and fetched again or said.

use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use chain_wasm::node::room_of;
use chain_wasm::primitives::Hash;
use redb::{Database, ReadableTable, TableDefinition};
use relay_server::archive::ArchiveConfig;
use relay_server::archive::room_link::Room;

use super::support::{OPEN, Relay, archive};
use super::survival::join;

const BLOCKS: TableDefinition<'static, [u8; 32], &'static [u8]> = TableDefinition::new("blocks");

fn database(folder: &Path) -> PathBuf {
    let room: Room = OPEN.parse().unwrap();
    folder.join(room_of(room.spec()).to_string()).join("chain.redb")
}

/// Two archives of a room, each at the other's relay, that have these texts.
async fn two(folders: &[tempfile::TempDir; 2]) -> [Relay; 2] {
    let one = Relay::start(archive(folders[0].path(), &[OPEN])).await;
    let other = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    join(other.client(), one.client()).await;
    for text in ["one", "two", "three"] {
        assert_eq!(one.client().write("notebook", text).await.status, 201);
    }
    other.client().until("notebook", |room| room["tip"]["height"] == 3).await;
    [one, other]
}

#[tokio::test]
async fn a_damaged_value_is_found_at_the_start_and_fetched_again() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [one, other] = two(&folders).await;
    let block = one.client().get_json("/rooms/notebook/blocks/2").await["hash"].clone();
    let block: Hash = block.as_str().unwrap().parse().unwrap();
    let peers = one.client();
    other.stop().await;
    {
        let database = Database::open(database(folders[1].path())).unwrap();
        let transaction = database.begin_write().unwrap();
        {
            let mut table = transaction.open_table(BLOCKS).unwrap();
            let stored = table.get(block.as_bytes()).unwrap().unwrap().value().to_vec();
            let mut damaged = stored;
            let at = damaged.windows(3).position(|part| part == b"two").unwrap();
            damaged[at] ^= 1;
            table.insert(block.as_bytes(), damaged.as_slice()).unwrap();
        }
        transaction.commit().unwrap();
    }
    // Its peer is noted down by its address, where the other still listens.
    let other = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    let client = other.client();
    assert_eq!(client.get_json("/rooms/notebook").await["damaged"], 1);
    client.until("notebook", |room| room["tip"]["height"] == 3).await;
    assert_eq!(client.texts("notebook").await, peers.texts("notebook").await);
    other.stop().await;
    let other = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    assert_eq!(other.client().get_json("/rooms/notebook").await["damaged"], 0);
    assert_eq!(other.client().texts("notebook").await, ["one", "two", "three"]);
}

/// Damages an archive's database beyond repair, and says where it is.
fn ruin(folder: &Path) -> PathBuf {
    let path = database(folder);
    let mut file = fs::OpenOptions::new().read(true).write(true).open(&path).unwrap();
    let length = file.metadata().unwrap().len();
    // The header stays, so that it is a database; nothing else does.
    for at in (4096..length).step_by(512) {
        file.seek(SeekFrom::Start(at)).unwrap();
        file.write_all(&[0xa5; 256]).unwrap();
    }
    path
}

#[tokio::test]
async fn a_room_that_is_damaged_beyond_repair_does_not_keep_others_from_being_kept() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(archive(folder.path(), &[OPEN, "lobby"])).await;
    assert_eq!(relay.client().write("lobby", "Kept.").await.status, 201);
    relay.stop().await;
    ruin(folder.path());
    let all = ArchiveConfig { all: true, ..archive(folder.path(), &[]) };
    let relay = Relay::start(all).await;
    assert_eq!(relay.client().texts("lobby").await, ["Kept."]);
    assert_eq!(relay.client().get("/rooms/notebook").await.status, 404);
}

#[tokio::test]
async fn a_database_that_is_damaged_beyond_repair_is_put_aside_and_filled_again() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let [one, other] = two(&folders).await;
    other.stop().await;
    let path = ruin(folders[1].path());
    let other = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    assert!(path.with_extension("damaged-1").is_file());
    let client = other.client();
    assert_eq!(client.get_json("/rooms/notebook").await["tip"]["height"], 0);
    // Whom it was joined to was in the database as well.
    join(client, one.client()).await;
    client.until("notebook", |room| room["tip"]["height"] == 3).await;
}
