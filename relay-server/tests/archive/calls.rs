//! Each call, with good and bad input.

use relay_server::archive::http::{MAX_BODY, MAX_LIMIT};
use serde_json::{Value, json};

use super::support::{OPEN, Relay, archive};

async fn relay(folder: &tempfile::TempDir) -> Relay {
    Relay::start(archive(folder.path(), &[OPEN, "lobby"])).await
}

#[tokio::test]
async fn a_new_block_is_answered_with_and_can_be_read_in_every_way() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(&folder).await;
    let client = relay.client();
    let data = json!({ "kettle": ["mine", 1] });
    let body = json!({ "data": data }).to_string();
    let written = client.post("/rooms/notebook/new_block", &body).await;
    assert_eq!(written.status, 201, "{written:?}");
    let (entry, block) = (&written.json()["entry"], &written.json()["block"]);
    assert_eq!((&entry["data"], &entry["media_type"]), (&data, &json!("application/json")));
    assert_eq!((&block["height"], &block["entries"][0]), (&json!(1), entry));
    let (id, hash) = (entry["id"].as_str().unwrap(), block["hash"].as_str().unwrap());

    let room = client.get_json("/rooms/notebook").await;
    assert_eq!(room["tip"]["hash"], hash);
    let by_id = format!("/rooms/{}/blocks/1", room["id"].as_str().unwrap());
    for path in ["/rooms/notebook/blocks/1", &format!("/rooms/notebook/blocks/{hash}"), &by_id] {
        assert_eq!(client.get_json(path).await, *block, "{path}");
    }
    assert_eq!(client.get_json(&format!("/rooms/notebook/transactions/{id}")).await, *entry);
    let blocks = client.get_json("/rooms/notebook/blocks").await;
    assert_eq!(blocks["blocks"][1], *block);
    assert_eq!((&blocks["height"], &blocks["next"]), (&json!(1), &Value::Null));
    let first = client.get_json("/rooms/notebook/blocks?limit=1").await;
    assert_eq!((&first["blocks"][0]["height"], &first["next"]), (&json!(0), &json!(1)));
    assert_eq!(client.get_json("/rooms/notebook/blocks?from=9").await["blocks"], json!([]));
    let skipped = client.get_json("/rooms/notebook/blocks/1?skip=1").await;
    assert_eq!(skipped["entries"], json!([]));

    let proof = client.get(&format!("/rooms/notebook/proof/{id}")).await;
    let proof = chain_wasm::chain::proof::Proof::read(proof.body.as_bytes()).unwrap();
    assert_eq!(proof.check().unwrap().tip.to_string(), hash);
    assert_eq!(client.get_json("/rooms").await["rooms"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_room_of_work_is_mined_in() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(&folder).await;
    let written = relay.client().write("lobby", "Worked for.").await;
    assert_eq!(written.status, 201, "{written:?}");
    assert_eq!(written.json()["block"]["height"], 1);
}

#[tokio::test]
async fn what_cannot_be_answered_is_a_problem() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(&folder).await;
    let client = relay.client();
    let none = "0".repeat(64);
    for (path, status) in [
        ("/rooms/nowhere", 404),
        ("/rooms/nowhere/blocks", 404),
        ("/rooms/%ff", 400),
        ("/rooms/notebook/nothing", 404),
        ("/rooms/notebook/blocks/1", 404),
        ("/rooms/notebook/blocks/9999999999", 404),
        ("/rooms/notebook/blocks/-1", 400),
        ("/rooms/notebook/blocks/tip", 400),
        ("/rooms/notebook/blocks?limit=0", 400),
        (&format!("/rooms/notebook/blocks?limit={}", MAX_LIMIT + 1), 400),
        ("/rooms/notebook/blocks?limit=x", 400),
        ("/rooms/notebook/blocks?from=4294967296", 400),
        ("/rooms/notebook/blocks?till=3", 400),
        ("/rooms/notebook/transactions/short", 400),
        (&format!("/rooms/notebook/transactions/{none}"), 404),
        ("/rooms/notebook/proof/short", 400),
        (&format!("/rooms/notebook/proof/{none}"), 404),
        ("/rooms/nowhere/sync_chain", 404),
    ] {
        client.get(path).await.expect_problem(status);
    }
    let wrong_method = client.ask("DELETE /rooms/notebook/blocks", "", "").await.unwrap();
    wrong_method.expect_problem(405);
    assert!(wrong_method.has_header("allow: get,head"), "{wrong_method:?}");
}

#[tokio::test]
async fn writing_takes_the_token_and_a_body_that_is_understood() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(&folder).await;
    let client = relay.client();
    let json_type = "content-type: application/json\r\n";
    let path = "POST /rooms/notebook/new_block";
    for authorization in ["", "authorization: Bearer another-token-than-that\r\n"] {
        let headers = format!("{authorization}{json_type}");
        let refused = client.ask(path, &headers, "{\"data\": 1}").await.unwrap();
        refused.expect_problem(401);
        assert!(refused.has_header("www-authenticate: bearer"), "{refused:?}");
    }
    for (body, status) in [
        ("", 400),
        ("{", 400),
        ("[]", 400),
        ("{}", 400),
        ("{\"data\": \"\"}", 400),
        ("{\"data\": \"\\ud800\"}", 400),
        ("{\"data\": 1, \"date\": 2}", 400),
        (&json!({ "data": "x".repeat(32 * 1024 + 1) }).to_string(), 413),
        (&"x".repeat(MAX_BODY + 1), 413),
    ] {
        client.post("/rooms/notebook/new_block", body).await.expect_problem(status);
    }
    client.post("/rooms/nowhere/new_block", "{\"data\": 1}").await.expect_problem(404);
    let headers =
        format!("authorization: Bearer {}\r\ncontent-type: text/plain\r\n", super::support::TOKEN);
    client.ask(path, &headers, "{\"data\": 1}").await.unwrap().expect_problem(415);
    assert_eq!(client.get_json("/rooms/notebook").await["tip"]["height"], 0);
    let longest = json!({ "data": "x".repeat(32 * 1024) }).to_string();
    assert_eq!(client.post("/rooms/notebook/new_block", &longest).await.status, 201);
}

#[tokio::test]
async fn without_a_token_nobody_may_write() {
    let folder = tempfile::tempdir().unwrap();
    let config = archive(folder.path(), &[OPEN]);
    let config = relay_server::archive::ArchiveConfig { token: None, ..config };
    let relay = Relay::start(config).await;
    relay.client().write("notebook", "Mine.").await.expect_problem(403);
}

#[tokio::test]
async fn a_room_is_kept_at_so_many_relays() {
    let folder = tempfile::tempdir().unwrap();
    let relay = relay(&folder).await;
    let client = relay.client();
    let register = async |url: &str| {
        client.post("/rooms/notebook/register_node", &json!({ "relay": url }).to_string()).await
    };
    for url in ["file:///etc/passwd", "nonsense", "https://a:b@c.example/", "ftp://a.example"] {
        register(url).await.expect_problem(400);
    }
    for n in 0..relay_server::archive::keeper::MAX_RELAYS {
        // Nobody listens there.
        let registered = register(&format!("http://127.0.0.1:{}", n + 1)).await;
        assert_eq!(registered.status, 201, "{registered:?}");
    }
    assert_eq!(register("http://127.0.0.1:1/").await.status, 200);
    register("http://127.0.0.1:60000").await.expect_problem(409);
}

#[tokio::test]
async fn a_relay_without_an_archive_has_nothing_of_it() {
    let config = relay_server::Config {
        listen: "127.0.0.1:0".parse().unwrap(),
        allowed_origins: Vec::new(),
        trusted_proxies: Vec::new(),
        limits: relay_server::Limits::default(),
        tls: None,
        nats: None,
        archive: None,
    };
    let stop = tokio_util::sync::CancellationToken::new();
    let server = relay_server::Server::bind(config, stop).await.unwrap();
    let client = super::support::Client { address: server.address() };
    tokio::spawn(server.run());
    for path in ["/rooms", "/openapi.json"] {
        assert_eq!(client.get(path).await.status, 404);
    }
    assert!(!client.get("/metrics").await.body.contains("archive"));
}
