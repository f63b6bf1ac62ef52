//! Archives that bridge relays.

use super::support::{OPEN, Relay, archive};
use super::survival::join;

#[tokio::test]
async fn two_relays_bridged_by_an_archive_are_one_room() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let one = Relay::start(archive(folders[0].path(), &[OPEN])).await;
    let other = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    // Neither of the two knows of the other: the third is at both.
    let bridge = Relay::start(archive(folders[2].path(), &[OPEN])).await;
    join(bridge.client(), one.client()).await;
    join(bridge.client(), other.client()).await;
    assert_eq!(one.client().write("notebook", "From one.").await.status, 201);
    other.client().until("notebook", |room| room["tip"]["height"] == 1).await;
    assert_eq!(other.client().write("notebook", "From the other.").await.status, 201);
    for relay in [&one, &other, &bridge] {
        let client = relay.client();
        client.until("notebook", |room| room["tip"]["height"] == 2).await;
        assert_eq!(client.texts("notebook").await, ["From one.", "From the other."]);
    }
    // It goes on after a restart.
    bridge.stop().await;
    assert_eq!(one.client().write("notebook", "Apart.").await.status, 201);
    let bridge = Relay::start(archive(folders[2].path(), &[OPEN])).await;
    other.client().until("notebook", |room| room["tip"]["height"] == 3).await;
    drop(bridge);
}

#[tokio::test]
async fn a_synchronisation_says_whether_the_chain_was_replaced() {
    let folders = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let one = Relay::start(archive(folders[0].path(), &[OPEN])).await;
    let other = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    assert_eq!(one.client().write("notebook", "Apart.").await.status, 201);
    for text in ["Apart, too.", "And again."] {
        assert_eq!(other.client().write("notebook", text).await.status, 201);
    }
    let client = one.client();
    let nothing = client.get_json("/rooms/notebook/sync_chain").await;
    assert_eq!((&nothing["replaced"], &nothing["complete"]), (&false.into(), &true.into()));
    join(client, other.client()).await;
    // The entries of both end up in one chain.
    client.until("notebook", |room| room["tip"]["height"] == 3).await;
    other.client().until("notebook", |room| room["tip"]["height"] == 3).await;
    let mut texts = client.texts("notebook").await;
    texts.sort();
    assert_eq!(texts, ["And again.", "Apart, too.", "Apart."]);
}
