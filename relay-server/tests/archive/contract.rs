//! Schemathesis against `/openapi.json`: whatever requests it makes of the description, the
//! archive answers as described, and never with an error of its own. `SEED=n` makes others.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tokio::process::Command;

use super::support::{OPEN, Relay, TOKEN, archive};

/// How long it makes requests, in seconds.
const SECONDS: &str = "25";

#[tokio::test]
async fn the_archive_does_as_its_description_says() {
    let installed = Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/schemathesis/bin");
    let program = installed.join("schemathesis");
    assert!(
        program.is_file(),
        "schemathesis is missing: `bash .ci/check` installs it, as \
         relay-server/tests/archive/requirements.txt says, in target/schemathesis"
    );
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(archive(&folder.path().join("archive"), &[OPEN])).await;
    let client = relay.client();
    let written = client.write("notebook", "The kettle is mine.").await.json();
    let id = written["entry"]["id"].as_str().unwrap();
    // Requests are of use where there is something to find.
    let config = format!(
        "[parameters]\n\"path.room\" = \"notebook\"\n\n\
         [[operations]]\ninclude-path = \"/rooms/{{room}}/proof/{{id}}\"\n\
         parameters = {{ \"path.room\" = \"notebook\", \"path.id\" = \"{id}\" }}\n"
    );
    let file = folder.path().join("schemathesis.toml");
    fs::write(&file, config).unwrap();
    let seed = std::env::var("SEED").unwrap_or_else(|_| "1".to_owned());
    let output = Command::new(program)
        .current_dir(folder.path())
        .arg("--config-file")
        .arg(&file)
        .args(["run", &format!("{}/openapi.json", client.url())])
        .args(["--header", &format!("Authorization: Bearer {TOKEN}")])
        .args(["--max-time", SECONDS, "--no-color", "--checks", "all", "--seed", &seed])
        .kill_on_drop(true)
        .stdin(Stdio::null())
        .output();
    let output = output.await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}", String::from_utf8_lossy(&output.stderr));
    // All of the calls were made.
    assert!(said.contains("Operations:       9 selected / 9 total"), "{said}");
    assert!(client.get_json("/rooms/notebook").await["tip"]["height"].as_u64() > Some(1));
}
