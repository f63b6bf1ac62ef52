//! The network's page and the log of what happened.

use std::path::Path;

use chain_wasm::chain::spec::Spec;
use chain_wasm::node::room_of;
use chain_wasm::primitives::{Hash, Keypair};
use chain_wasm::relay::ClientFrame;
use chain_wasm::wire::Status;
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;

use crate::browser::Browser;
use crate::crowd::Crowd;
use crate::relay::Relay;
use crate::stranger::{register, unmined_block};
use crate::tab::{Tab, wait_settled};
use crate::until;

impl Tab {
    /// Goes to a place of the room.
    async fn look_at(&self, place: &str) {
        let go = format!(
            "(location.hash = location.hash.split('/').slice(0, 3).join('/') + '/{place}', true)"
        );
        assert!(self.eval::<bool>(&go).await.unwrap());
        self.wait("the place", "byId('explorer') && text('title')").await;
    }

    /// The sentences of the log, newest first.
    async fn log(&self) -> Vec<String> {
        let said = "all('log-event').map(e => e.querySelector('.log-said').textContent)";
        self.eval(said).await.unwrap()
    }

    /// Waits until the log says something.
    async fn wait_logged(&self, what: &str) {
        let what = serde_json::to_string(what).unwrap();
        let said = format!("all('log-event').some(e => e.textContent.includes({what}))");
        self.wait("it is logged", &said).await;
    }
}

#[tokio::test]
async fn the_network_shows_who_is_at_which_tip_and_how_quickly_each_answers() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("picture");
    let (one, two, three) =
        (browser.open(&url).await, browser.open(&url).await, browser.open(&url).await);
    for tab in [&one, &two, &three] {
        tab.wait_peers(2).await;
    }
    one.add("for all of us").await;
    wait_settled(&[&one, &two, &three], &["for all of us".to_owned()]).await;
    // The third goes and comes back on a branch of its own.
    three.click("link-toggle").await;
    three.wait("it has left", "state('link-state') === 'offline'").await;
    one.wait_peers(1).await;
    // Only a page that is looked at asks how quickly others answer.
    two.page.bring_to_front().await.unwrap();
    two.click("to-network").await;
    two.wait("the page", "location.hash === '#/r/picture/network'").await;
    two.wait("both are drawn", "all('network-card').length === 2").await;
    let same = "all('network-tab').every(t => t.dataset.stands === 'same')";
    two.wait("they are at one tip", same).await;
    two.wait("the relay answers", "data('relay-answers', 'millis') !== null").await;
    two.wait("the peer answers", "all('network-tab').every(t => t.dataset.millis !== undefined)")
        .await;
    let counts = "[data('traffic-sent', 'count'), data('traffic-received', 'count')].map(Number)";
    let before = two.eval::<[u64; 2]>(counts).await.unwrap();
    assert!(before.iter().all(|count| *count > 0), "{before:?}");
    one.add("more to send").await;
    let [sent, received] = before;
    two.wait("what is received is counted", &format!("{counts}[1] > {received}")).await;
    assert!(two.eval::<[u64; 2]>(counts).await.unwrap()[0] >= sent);

    let _others = Crowd::join(&relay, "picture", 3, |n| match n {
        0 => (0, room_of(&Spec::work("picture").unwrap())),
        _ => (40, Hash::of(b"another chain")),
    })
    .await;
    two.wait("all are drawn", "all('network-card').length === 5").await;
    two.wait("by their tips", "data('network-picture', 'groups') === '3'").await;
    let stands = "all('network-tab').map(t => t.dataset.stands).sort().join()";
    two.wait("the list says the same", &format!("{stands} === 'ahead,ahead,behind,same'")).await;

    two.eval::<bool>("(history.back(), true)").await.unwrap();
    two.wait("back at the chain", "!byId('explorer')").await;
    two.eval::<bool>("(history.forward(), true)").await.unwrap();
    two.wait("at the network again", "byId('network-picture')").await;
    relay.kill().await;
    let cut = "byId('network-picture').classList.contains('cut-off')";
    two.wait("the relay is gone", &format!("{cut} && all('network-card').length === 1")).await;
    browser.check_consoles();
}

/// Nodes that an update of the network's page may draw anew, with any number of peers: 61
/// cards and 60 rows, each with strips of some twenty cells.
const MOST_DRAWN: usize = 6_000;

#[tokio::test]
async fn a_class_is_drawn_and_five_hundred_peers_do_not_make_the_page_slow() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("class")).await;
    tab.wait_online().await;
    let genesis = room_of(&Spec::work("class").unwrap());
    let claim = |n: u32| if n.is_multiple_of(4) { (9, Hash::of(&[9])) } else { (0, genesis) };
    let class = Crowd::join(&relay, "class", 60, claim).await;
    tab.look_at("network").await;
    tab.wait("all are drawn", "all('network-card').length === 61").await;
    assert!(
        tab.eval::<bool>("!byId('not-drawn') && all('network-tab').length === 60").await.unwrap()
    );
    drop(class);
    tab.wait("all have left", "all('network-card').length === 1").await;

    // What the page draws anew, counted and not timed.
    let watch = "(() => { window.updates = 0; window.drawn = 0; \
        new MutationObserver(() => window.updates++) \
        .observe(byId('peer-count'), { subtree: true, childList: true, characterData: true }); \
        new MutationObserver(changes => { for (const change of changes) \
            for (const node of change.addedNodes) \
                window.drawn += 1 + (node.querySelectorAll?.('*').length ?? 0); }) \
        .observe(document.body, { subtree: true, childList: true }); return true; })()";
    assert!(tab.eval::<bool>(watch).await.unwrap());
    let _crowd = Crowd::join(&relay, "class", 500, claim).await;
    tab.wait("they are counted", "text('peer-count') === '500'").await;
    tab.wait("some are drawn", "all('network-card').length === 61 && byId('not-drawn')").await;
    assert_eq!(tab.eval::<usize>("all('network-tab').length").await.unwrap(), 60);
    let [updates, drawn] = tab.eval::<[usize; 2]>("[window.updates, window.drawn]").await.unwrap();
    println!("500 peers joined: {updates} updates of the page, {drawn} nodes drawn");
    assert!(updates > 0 && updates <= 500, "{updates} updates");
    assert!(drawn <= updates * MOST_DRAWN, "{drawn} nodes in {updates} updates");
    tab.click("more-tabs").await;
    tab.wait("more are listed", "all('network-tab').length === 120").await;
    browser.check_consoles();
}

#[tokio::test]
async fn what_happens_is_told_in_sentences_that_can_be_chosen_and_saved() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let folder = tempfile::tempdir().unwrap();
    browser.save_downloads_in(folder.path()).await;
    let url = relay.room("events");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    one.wait_peers(1).await;
    let name =
        one.eval::<String>("byId('peer').querySelector('.author').textContent").await.unwrap();
    one.add("mine").await;
    one.wait_entry("mine").await;
    two.add("yours").await;
    one.wait_entry("yours").await;
    one.look_at("log").await;
    for said in [
        "This tab started at block 0.".to_owned(),
        "The relay took this tab in.".to_owned(),
        format!("{name} joined the room."),
        format!("Block 2 arrived from {name} with 1 entry."),
        "Block 1 was sealed by this tab, with 1 entry.".to_owned(),
        "is in block 1.".to_owned(),
    ] {
        one.wait_logged(&said).await;
    }

    // A block without the work that it claims.
    let spec = Spec::work("events").unwrap();
    let liar = Keypair::from_seed([77; 32]);
    let status = Status::new(liar.public(), Hash::of(b"made up"), 0, 0).encode();
    let (mut socket, _) = register(&relay, &liar, room_of(&spec), &status).await;
    let payload = unmined_block(&spec);
    let frame = ClientFrame::Broadcast { payload: &payload }.encode();
    socket.send(Message::binary(frame)).await.unwrap();
    one.wait_logged("its hash does not meet its difficulty (work). It was refused").await;

    // Only forgeries.
    for kind in ["blocks", "forks", "entries", "peers", "relay", "tab"] {
        one.click(&format!("log-{kind}")).await;
    }
    one.wait("the others are hidden", "all('log-event').length === 1").await;
    one.click("log-peers").await;
    one.wait("some are back", "all('log-event').length > 1").await;
    let shown = one.log().await;
    one.click("save-log-text").await;
    let text = saved(folder.path(), "tabchain-log.txt").await;
    let lines: Vec<&str> = text.lines().rev().collect();
    assert_eq!(lines.len(), shown.len());
    for (line, said) in lines.iter().zip(&shown) {
        assert!(line.starts_with("20") && line.ends_with(said.as_str()), "{line}: {said}");
    }
    one.click("save-log-json").await;
    let json = saved(folder.path(), "tabchain-log.json").await;
    let json: Vec<serde_json::Value> = serde_json::from_str(&json).unwrap();
    let fault = json.iter().find(|event| event["kind"] == "faults").unwrap();
    assert_eq!(
        (&fault["rule"], &fault["peer"]),
        (&"work".into(), &liar.public().to_string().into())
    );

    // In the other language the same is told anew, and the relay's end as well.
    one.eval::<bool>(
        "(document.querySelector('[data-testid=language] input[value=ko]').click(), true)",
    )
    .await
    .unwrap();
    one.wait_logged("해시가 난이도를 만족하지 않음 (work)").await;
    one.click("log-relay").await;
    relay.kill().await;
    one.wait_logged("중계 서버와 끊어졌습니다.").await;
    browser.check_consoles();
}

/// What is in a file once it has been saved.
async fn saved(folder: &Path, name: &str) -> String {
    until("the file is saved", || async {
        let content = std::fs::read_to_string(folder.join(name)).map_err(|e| e.to_string())?;
        if content.is_empty() { Err("empty".to_owned()) } else { Ok(content) }
    })
    .await
}
