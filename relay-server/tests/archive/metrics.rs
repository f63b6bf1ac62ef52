//! What Prometheus is told of an archive.

use super::support::{OPEN, Program};

#[tokio::test]
async fn metrics_say_what_is_kept_and_what_it_takes() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["--archive-room", OPEN, "--archive-room", "lobby"];
    let program = Program::start(
        folder.path(),
        &[&arguments[..], &["--archive-max-bytes", "64MiB"]].concat(),
    )
    .await;
    let client = program.client();
    for text in ["The kettle is mine.", "So is the cup."] {
        assert_eq!(client.write("notebook", text).await.status, 201);
    }
    // What is refused is not accepted.
    client.write("notebook", "").await.expect_problem(400);
    let metrics = client.get("/metrics").await;
    assert!(
        metrics
            .has_header("content-type: application/openmetrics-text; version=1.0.0; charset=utf-8")
    );
    let used = client.get_json("/rooms").await["bytes"].as_u64().unwrap();
    assert!(used > 0);
    for line in [
        "tabchain_archive_rooms{keeping=\"durable\"} 2",
        "tabchain_archive_rooms{keeping=\"full\"} 0",
        "tabchain_archive_rooms{keeping=\"failed\"} 0",
        "tabchain_archive_rooms{keeping=\"crashed\"} 0",
        "tabchain_archive_blocks 2",
        "tabchain_archive_accepted_entries_total 2",
        &format!("tabchain_archive_used_bytes {used}"),
        "tabchain_archive_max_bytes 67108864",
        // Those of the relay, which has a peer in each room.
        "tabchain_relay_peers 2",
    ] {
        assert!(metrics.body.lines().any(|other| other == line), "{line} is not in\n{metrics:?}");
    }
    assert!(metrics.body.ends_with("# EOF\n"));
}
