//! What an operator does with an archive that does not run, and before it does.

use std::fs;
use std::path::Path;
use std::process::Output;

use super::support::{OPEN, Relay, archive, in_time, program};

async fn run<S: AsRef<std::ffi::OsStr>>(arguments: impl IntoIterator<Item = S>) -> Output {
    in_time(program().args(arguments).output()).await.unwrap()
}

fn said(output: &Output) -> String {
    let all = [output.stdout.as_slice(), output.stderr.as_slice()].concat();
    String::from_utf8_lossy(&all).into_owned()
}

async fn export(room: &str, folder: &Path) -> Output {
    let folder = folder.to_str().unwrap();
    run(["export", room, "--archive", folder]).await
}

async fn verify(file: &Path) -> Output {
    run(["verify".as_ref(), file.as_os_str()]).await
}

async fn import(file: &Path, folder: &Path) -> Output {
    let arguments = ["import".as_ref(), file.as_os_str(), "--archive".as_ref(), folder.as_os_str()];
    run(arguments).await
}

/// A folder with an archive of a room that has these texts.
async fn written(texts: &[&str]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let relay = Relay::start(archive(folder.path(), &[OPEN])).await;
    for text in texts {
        assert_eq!(relay.client().write("notebook", text).await.status, 201);
    }
    relay.stop().await;
    folder
}

#[tokio::test]
async fn a_chain_goes_from_one_archive_to_another_by_a_file() {
    let folder = written(&["one", "two", "three"]).await;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("notebook.tabchain");
    for room in [OPEN, "notebook"] {
        let exported = export(room, folder.path()).await;
        assert!(exported.status.success(), "{}", said(&exported));
        fs::write(&file, &exported.stdout).unwrap();
    }
    let verified = verify(&file).await;
    assert!(verified.status.success(), "{}", said(&verified));
    let report = said(&verified);
    for part in ["The chain holds.", "notebook", "blocks         4", "newest block   3, "] {
        assert!(report.contains(part), "{part} is not in:\n{report}");
    }
    let tip = report.trim_end().rsplit(' ').next().unwrap();
    let arguments = ["verify", file.to_str().unwrap(), "--tip"];
    assert!(run(arguments.into_iter().chain([tip])).await.status.success());
    let other = "0".repeat(64);
    assert_eq!(run(arguments.into_iter().chain([other.as_str()])).await.status.code(), Some(1));

    let target = place.path().join("archive");
    for new in ["new here       3", "new here       0"] {
        let imported = import(&file, &target).await;
        assert!(imported.status.success() && said(&imported).contains(new), "{}", said(&imported));
    }
    let relay = Relay::start(archive(&target, &[OPEN])).await;
    assert_eq!(relay.client().texts("notebook").await, ["one", "two", "three"]);
    assert_eq!(relay.client().write("notebook", "four").await.status, 201);
    // The archive is the relay's as long as that runs.
    let busy = export(OPEN, &target).await;
    assert_eq!(busy.status.code(), Some(1));
    assert!(said(&busy).contains("in use"), "{}", said(&busy));
    relay.stop().await;
    assert!(export(OPEN, &target).await.status.success());
}

#[tokio::test]
async fn a_file_that_was_tampered_with_is_refused_and_nothing_of_it_is_kept() {
    let folder = written(&["The kettle is mine."]).await;
    let place = tempfile::tempdir().unwrap();
    let file = place.path().join("notebook.tabchain");
    let whole = export(OPEN, folder.path()).await.stdout;
    let at = whole.windows(6).position(|part| part == b"kettle").unwrap();
    let mut forged = whole.clone();
    forged[at] ^= 1;
    let cut = whole[..whole.len() - 1].to_vec();
    for (bytes, why) in [(forged, "block 1"), (cut, "ends before")] {
        fs::write(&file, bytes).unwrap();
        let target = place.path().join("archive");
        for output in [verify(&file).await, import(&file, &target).await] {
            assert_eq!(output.status.code(), Some(1));
            assert!(said(&output).contains(why), "{}", said(&output));
        }
        let exported = export(OPEN, &target).await;
        fs::write(&file, exported.stdout).unwrap();
        assert!(said(&verify(&file).await).contains("blocks         1"));
    }
}

#[tokio::test]
async fn what_is_not_there_is_said() {
    let folder = written(&["one"]).await;
    let missing = export("nowhere", folder.path()).await;
    assert_eq!(missing.status.code(), Some(1));
    assert!(said(&missing).contains("no room nowhere"), "{}", said(&missing));
    let nothing = export(OPEN, &folder.path().join("nothing")).await;
    assert_eq!(nothing.status.code(), Some(1));
    let none = folder.path().join("none");
    assert_eq!(verify(&none).await.status.code(), Some(1));
    assert_eq!(import(&none, folder.path()).await.status.code(), Some(1));
    fs::write(&none, "no chain").unwrap();
    assert_eq!(import(&none, folder.path()).await.status.code(), Some(1));
}

#[tokio::test]
async fn a_configuration_is_checked_without_running_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("archive");
    let path = path.to_str().unwrap();
    let good = ["--archive", path, "--archive-room", OPEN, "check-config"];
    let output = run(good).await;
    assert!(output.status.success(), "{}", said(&output));
    assert!(!Path::new(path).exists());

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let file = file.to_str().unwrap();
    let bad = [
        "--queue-bytes=1KiB",
        "--tls-cert=/no/cert",
        "--tls-key=/no/key",
        "--archive",
        file,
        "check-config",
    ];
    let output = run(bad).await;
    assert_eq!(output.status.code(), Some(1));
    let problems = said(&output);
    assert_eq!(problems.lines().count(), 4, "{problems}");
    for part in ["1024 bytes", "/no/cert", "it is not a folder", "no room to keep"] {
        assert!(problems.contains(part), "{part} is not in:\n{problems}");
    }
    let orphan = run(["--archive-room", OPEN, "check-config"]).await;
    assert_eq!(orphan.status.code(), Some(1));
    assert!(said(&orphan).contains("without --archive"), "{}", said(&orphan));
    for unreadable in [
        ["--archive=x", "--api-token=short", "check-config"],
        ["--archive=x", "--archive-room=#/r/a?consensus=dice", "check-config"],
    ] {
        assert_eq!(run(unreadable).await.status.code(), Some(2));
    }
}
