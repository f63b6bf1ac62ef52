//! A proof is saved in one tab and checked elsewhere, without a network.

use std::path::{Path, PathBuf};

use chromiumoxide::cdp::browser_protocol::dom::{
    GetDocumentParams, QuerySelectorParams, SetFileInputFilesParams,
};
use tokio::process::Command;

use crate::browser::Browser;
use crate::relay::Relay;
use crate::tab::Tab;
use crate::until;

#[tokio::test]
async fn a_proof_saved_in_one_tab_is_checked_in_another_with_the_relay_gone() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let (author, reader) = (Browser::start().await, Browser::start().await);
    let folder = tempfile::tempdir().unwrap();
    author.save_downloads_in(folder.path()).await;
    let writing = author.open(&relay.room("proofs")).await;
    let reading = reader.open(&relay.room("proofs")).await;
    let elsewhere = reader.open(&relay.room("elsewhere")).await;
    writing.wait_online().await;
    writing.add("The kettle is mine").await;
    reading.wait_entry("The kettle is mine").await;

    let proof = writing.save_proof("prove-cbor", folder.path(), "tabproof").await;
    let json = writing.save_proof("prove-json", folder.path(), "json").await;
    relay.kill().await;
    for tab in [&writing, &reading, &elsewhere] {
        tab.wait("the relay is gone", "state('link-state') !== 'online'").await;
    }
    for file in [&proof, &json] {
        for (tab, standing) in [(&reading, "in-chain"), (&elsewhere, "other-room")] {
            tab.give_file("proof-file", file).await;
            tab.wait(
                "the proof holds",
                &format!("data('proof-result', 'standing') === '{standing}'"),
            )
            .await;
            let shown = tab.text("proof-result").await;
            assert!(shown.contains("The kettle is mine"), "{shown}");
            let author = writing.data("wallet", "author").await;
            assert_eq!(tab.data("proof-result", "author").await, author);
            // The next file's result is another one.
            tab.give_file("proof-file", &no_proof(folder.path())).await;
            tab.wait("it is refused", "data('proof-result', 'holds') === 'false'").await;
        }
    }
    // One letter of what is proven.
    let forged = folder.path().join("forged.tabproof");
    let mut bytes = std::fs::read(&proof).unwrap();
    let at = bytes.windows(6).position(|part| part == b"kettle").unwrap();
    bytes[at] = b'K';
    std::fs::write(&forged, bytes).unwrap();
    reading.give_file("proof-file", &forged).await;
    reading.wait("it is refused", "text('proof-result').includes('did not sign')").await;

    // On the command line, where the tip can be given.
    let tip = reading.tip().await;
    let command = |file: &Path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_relay-server"));
        command.arg("verify").arg(file).args(["--tip", &tip]);
        command
    };
    let held = command(&proof).output().await.unwrap();
    let said = String::from_utf8_lossy(&held.stdout);
    assert!(held.status.success() && said.contains("The kettle is mine"), "{said}");
    assert!(!command(&forged).output().await.unwrap().status.success());
    author.check_consoles();
    reader.check_consoles();
}

/// A file that is no proof.
fn no_proof(folder: &Path) -> PathBuf {
    let path = folder.join("nothing.txt");
    std::fs::write(&path, "no proof").unwrap();
    path
}

impl Tab {
    /// Saves a proof of the newest entry, and gives the file.
    pub(crate) async fn save_proof(&self, button: &str, folder: &Path, ending: &str) -> PathBuf {
        let open = "(byId('prove').open = true)";
        assert!(self.eval::<bool>(open).await.unwrap());
        self.click(button).await;
        until("the proof is saved", || async {
            let files = std::fs::read_dir(folder).unwrap().filter_map(Result::ok);
            let mut paths = files.map(|file| file.path());
            let saved = paths.find(|path| {
                path.extension().is_some_and(|found| found == ending)
                    && path.metadata().is_ok_and(|about| about.len() > 0)
            });
            saved.ok_or_else(|| "no such file".to_owned())
        })
        .await
    }

    /// Chooses a file in an input, as a user does.
    pub(crate) async fn give_file(&self, id: &str, file: &Path) {
        self.wait(id, &format!("byId('{id}') && !byId('{id}').disabled")).await;
        let document = self.page.execute(GetDocumentParams::default()).await.unwrap();
        let selector = format!("[data-testid=\"{id}\"]");
        let input = QuerySelectorParams::new(document.root.node_id, selector);
        let input = self.page.execute(input).await.unwrap().node_id;
        let files = SetFileInputFilesParams::builder()
            .file(file.display().to_string())
            .node_id(input)
            .build()
            .unwrap();
        self.page.execute(files).await.unwrap();
    }
}
