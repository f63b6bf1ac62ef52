//! What is accepted stays, whoever goes.

use relay_server::archive::ArchiveConfig;

use super::support::{Client, OPEN, Program, Relay, archive, in_time};

#[tokio::test]
async fn an_entry_is_in_the_chain_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(archive(folder.path(), &[OPEN])).await;
    let written = relay.client().write("notebook", "The kettle is mine.").await;
    assert_eq!(written.status, 201, "{written:?}");
    let id = written.json()["entry"]["id"].as_str().unwrap().to_owned();
    let author = relay.client().get_json("/rooms/notebook").await["author"].clone();
    relay.stop().await;
    let relay = Relay::start(archive(folder.path(), &[OPEN])).await;
    let client = relay.client();
    let entry = client.get_json(&format!("/rooms/notebook/transactions/{id}")).await;
    assert_eq!(entry["data"], "The kettle is mine.");
    assert_eq!(entry["block"]["height"], 1);
    assert_eq!(client.get_json("/rooms/notebook").await["author"], author);
}

#[tokio::test]
async fn a_room_survives_all_its_tabs_and_the_relays_restart() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let archived = Program::start(folders[0].path(), &["--archive-room", OPEN]).await;
    // Somebody else's node, as a tab is one.
    let tab = Relay::start(archive(folders[1].path(), &[OPEN])).await;
    join(tab.client(), archived.client()).await;
    assert_eq!(tab.client().write("notebook", "Noted in a tab.").await.status, 201);
    archived.client().until("notebook", |room| room["tip"]["height"] == 1).await;
    tab.stop().await;
    archived.kill().await;
    let archived = Program::start(folders[0].path(), &["--archive-room", OPEN]).await;
    assert_eq!(archived.client().texts("notebook").await, ["Noted in a tab."]);
    // Whoever comes anew gets it.
    let newcomer = Relay::start(archive(folders[2].path(), &[OPEN])).await;
    join(newcomer.client(), archived.client()).await;
    newcomer.client().until("notebook", |room| room["tip"]["height"] == 1).await;
    assert_eq!(newcomer.client().texts("notebook").await, ["Noted in a tab."]);
}

/// Has one archive keep the room at the relay of another, too.
pub(crate) async fn join(one: Client, other: Client) {
    let body = serde_json::json!({ "relay": other.url() }).to_string();
    let joined = one.post("/rooms/notebook/register_node", &body).await;
    assert_eq!(joined.status, 201, "{joined:?}");
}

#[tokio::test]
async fn every_entry_that_was_answered_survives_sigkill_exactly_once() {
    let folder = tempfile::tempdir().unwrap();
    let mut accepted = Vec::new();
    for round in 0..3 {
        let relay = Program::start(folder.path(), &["--archive-room", OPEN]).await;
        let client = relay.client();
        let (first, mut answers) = tokio::sync::mpsc::unbounded_channel();
        for writer in 0..4 {
            let first = first.clone();
            tokio::spawn(async move {
                for n in 0.. {
                    let text = format!("round {round}, writer {writer}, entry {n}");
                    let body = serde_json::json!({ "data": text }).to_string();
                    let headers = format!(
                        "authorization: Bearer {}\r\ncontent-type: application/json\r\n",
                        super::support::TOKEN
                    );
                    let asked = client.ask("POST /rooms/notebook/new_block", &headers, &body).await;
                    match asked {
                        Ok(answer) if (200..300).contains(&answer.status) => {
                            if first.send(text).is_err() {
                                return;
                            }
                        }
                        // Killed.
                        _ => return,
                    }
                }
            });
        }
        drop(first);
        // In the middle of others' writing.
        for _ in 0..20 {
            accepted.push(in_time(answers.recv()).await.expect("an answer"));
        }
        relay.kill().await;
        while let Some(text) = in_time(answers.recv()).await {
            accepted.push(text);
        }
    }
    let relay = Program::start(folder.path(), &["--archive-room", OPEN]).await;
    let client = relay.client();
    client.until("notebook", |room| room["pending"] == 0).await;
    let texts = client.texts("notebook").await;
    for text in &accepted {
        let times = texts.iter().filter(|found| *found == text).count();
        assert_eq!(times, 1, "{text}");
    }
}

#[tokio::test]
async fn an_archive_of_all_rooms_finds_those_that_tabs_join() {
    let folders = [(); 3].map(|()| tempfile::tempdir().unwrap());
    let private = "#/r/diary?consensus=open&private=AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    let all = ArchiveConfig { all: true, ..archive(folders[0].path(), &[]) };
    let relay = Relay::start(all.clone()).await;
    let tab = Relay::start(archive(folders[1].path(), &[private, OPEN])).await;
    let secretive = Relay::start(archive(folders[2].path(), &[private])).await;
    assert_eq!(tab.client().write("notebook", "Noted in a tab.").await.status, 201);
    let body = serde_json::json!({ "relay": relay.client().url() }).to_string();
    for peer in [&tab, &secretive] {
        let joined = peer.client().post("/rooms/diary/register_node", &body).await;
        assert_eq!(joined.status, 201, "{joined:?}");
    }
    // Both are in the private room before there is the other.
    tab.client().until("diary", |room| room["peers"].as_u64() >= Some(1)).await;
    join(tab.client(), relay.client()).await;
    let client = relay.client();
    in_time(async { while client.get("/rooms/notebook").await.status == 404 {} }).await;
    client.until("notebook", |room| room["tip"]["height"] == 1).await;
    assert_eq!(client.get("/rooms/diary").await.status, 404);
    tab.stop().await;
    relay.stop().await;
    // It has it when it is started again.
    let relay = Relay::start(all).await;
    assert_eq!(relay.client().texts("notebook").await, ["Noted in a tab."]);
}
