//! Rooms whose members seal: two of them, and a stranger.

use chain_wasm::chain::Chain;
use chain_wasm::chain::authority::seal;
use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::{Consensus, Spec, USUAL_REWARD, Writers};
use chain_wasm::chain::transaction::{Body, Content, Transaction};
use chain_wasm::node::room_of;
use chain_wasm::primitives::{Hash, Keypair, PublicKey, Seed, UnixMillis};
use chain_wasm::relay::ClientFrame;
use chain_wasm::wire::{Message as Wire, Status};
use futures_util::SinkExt;
use tokio_tungstenite::tungstenite::Message;

use crate::browser::Browser;
use crate::relay::Relay;
use crate::stranger::register;
use crate::tab::{Tab, wait_settled};

const PASSPHRASE: &str = "correct horse";

/// How long members wait for one another, where one of them is alone and where none should.
const SHORT: u32 = 1_000;
/// See [`SHORT`].
const LONG: u32 = 10_000;

/// The member of a number.
fn member(number: u8) -> Keypair {
    Keypair::from_seed([number; 32])
}

fn spec(name: &str, patience: u32, writers: Writers) -> Spec {
    let mut members: Vec<PublicKey> = [61, 62].map(|n| member(n).public()).to_vec();
    members.sort_unstable();
    let consensus = Consensus::Authority { members, patience, writers };
    Spec::new(name, consensus, USUAL_REWARD).unwrap()
}

/// The address of a room, as a link says it: members in any order.
fn address(relay: &Relay, name: &str, patience: u32, members_write: bool) -> String {
    let [one, two] = [61, 62].map(|n| base64url(member(n).public().as_bytes()));
    let write = if members_write { "&write=members" } else { "" };
    let terms = format!("consensus=authority&members={one},{two}&patience={patience}{write}");
    relay.room(&format!("{name}?{terms}"))
}

/// RFC 4648, section 5, without padding.
fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let number = chunk.iter().fold(0, |number, byte| number << 8 | usize::from(*byte));
        let number = number << (8 * (3 - chunk.len()));
        for digit in 0..=chunk.len() {
            text.push(char::from(DIGITS[number >> (18 - 6 * digit) & 63]));
        }
    }
    text
}

impl Tab {
    /// Imports a member's key by its file, as a user does.
    async fn become_member(&self, number: u8) {
        let file =
            chain_wasm::key_file::lock::lock(Seed([number; 32]), PASSPHRASE, [1; 16], [2; 24]);
        self.wait("it is no member", "data('member-role', 'member') === 'false'").await;
        self.unfold("key-fold").await;
        self.choose_file("import-file", "key.txt", &file.unwrap().text()).await;
        self.wait("the warning is shown", "text('import-warning')").await;
        self.fill("import-passphrase", PASSPHRASE).await;
        self.click("import-key").await;
        self.wait("it is a member", "data('member-role', 'member') === 'true'").await;
    }

    /// Waits until so many members are shown to be here.
    async fn wait_members(&self, count: usize) {
        let here =
            format!("all('member').filter(m => m.dataset.here === 'true').length === {count}");
        self.wait("the members are here", &here).await;
    }
}

/// Two member tabs and a stranger's, in a room.
async fn room(browser: &Browser, url: &str) -> [Tab; 3] {
    let tabs = [browser.open(url).await, browser.open(url).await, browser.open(url).await];
    for tab in &tabs {
        tab.wait_online().await;
        tab.wait_peers(2).await;
    }
    tabs[0].become_member(61).await;
    tabs[1].become_member(62).await;
    for tab in &tabs {
        tab.wait_members(2).await;
    }
    tabs
}

#[tokio::test]
async fn members_seal_a_strangers_entries_and_no_block_that_a_stranger_forges_is_taken() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tabs = room(&browser, &address(&relay, "council", LONG, false)).await;
    let all = [&tabs[0], &tabs[1], &tabs[2]];
    let mut said = Vec::new();
    for (n, tab) in [2, 0, 2, 1].into_iter().enumerate() {
        let entry = format!("motion number {n}.");
        all[tab].add(&entry).await;
        said.push(entry);
        wait_settled(&all, &said).await;
    }
    // Nobody mines here, and no two blocks in a row are one member's.
    for tab in all {
        assert_eq!(tab.eval::<usize>("all('mining').length").await, Ok(0));
    }
    let sealers = "all('block').map(b => b.querySelector('.miner a')?.title).filter(Boolean)";
    let sealers = all[2].eval::<Vec<String>>(sealers).await.unwrap();
    assert!(sealers.len() >= 4, "{sealers:?}");
    assert!(sealers.windows(2).all(|pair| pair[0] != pair[1]), "{sealers:?}");
    let members = [61, 62].map(|n| member(n).public().to_string());
    assert!(sealers.iter().all(|sealer| members.contains(sealer)), "{sealers:?}");
    // A block's page checks the seal.
    let newest = "(document.querySelector('.block .to-block').click(), true)";
    assert!(all[2].eval::<bool>(newest).await.unwrap());
    all[2].click("recompute").await;
    all[2].wait("the seal fits", "data('recomputed', 'meets') === 'true'").await;
    let said_of_it = all[2].text("recomputed").await;
    assert!(said_of_it.contains("who is a member"), "{said_of_it}");
    assert!(all[2].eval::<bool>("(history.back(), true)").await.unwrap());
    all[2].wait("the chain is shown", "all('block').length > 3").await;

    // Forged blocks on the very tip.
    let tip = wait_settled(&all, &said).await;
    let spec = spec("council", LONG, Writers::Anyone);
    for (n, payload) in (0..).zip(forged(&spec)) {
        let session = Keypair::from_seed([110 + n; 32]);
        let status = Status::new(session.public(), Hash::of(b"made up"), 9, 1_000).encode();
        let (mut socket, _) = register(&relay, &session, room_of(&spec), &status).await;
        let frame = ClientFrame::Broadcast { payload: &payload }.encode();
        socket.send(Message::binary(frame)).await.unwrap();
        let peer = format!(".peer.faulty[data-peer=\"{}\"]", session.public());
        for tab in all {
            tab.wait("the forger is named", &format!("document.querySelector('{peer}')")).await;
        }
    }
    for tab in all {
        assert_eq!(tab.tip().await, tip, "nothing has changed");
    }
    all[2].add("life goes on").await;
    said.push("life goes on".to_owned());
    wait_settled(&all, &said).await;
    browser.check_consoles();
}

/// Blocks on the genesis block that no member sealed.
fn forged(spec: &Spec) -> Vec<Vec<u8>> {
    let stranger = Keypair::from_seed([66; 32]);
    let mut bare = block(spec, &member(61), "forged", 1_000_000);
    bare.header.seal = None;
    let mut strangers = bare.clone();
    strangers.header.seal = Some(seal(&strangers.header.hash(), &stranger));
    let mut other = bare.clone();
    // A member's, but for another block.
    other.header.seal = Some(seal(&Hash::of(b"another block"), &member(61)));
    let blocks = [bare, strangers, other];
    blocks.map(|block| Wire::Block { block: block.encode() }.encode()).to_vec()
}

/// A block on the genesis block with one entry, sealed by a member.
fn block(spec: &Spec, member: &Keypair, text: &str, time: u64) -> Block {
    let mut chain = Chain::new(spec.clone());
    let content = Content {
        chain: chain.id(),
        author: member.public(),
        timestamp: UnixMillis(time),
        salt: [1; 16],
        body: Body::Data { media_type: "text/plain".to_owned(), bytes: text.as_bytes().to_vec() },
    };
    chain.insert_transaction(Transaction::sign(content, member)).unwrap();
    chain.template(member.public(), UnixMillis(time)).unwrap().sealed_by(member)
}

#[tokio::test]
async fn one_member_goes_on_alone_and_a_stranger_is_told_that_it_may_not_write() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let [one, two, stranger] = room(&browser, &address(&relay, "board", SHORT, true)).await;
    // It is told before it types, and members are not.
    stranger.wait("the form says so", "/only members may write/.test(text('entry-closed'))").await;
    for member in [&one, &two] {
        assert!(member.eval::<bool>("!byId('entry-closed')").await.unwrap());
    }
    stranger.type_entry("let me in").await;
    stranger.click("add-block").await;
    stranger
        .wait("it is told why", "/Only the room's members may write/.test(text('entry-error'))")
        .await;
    assert!(stranger.text("member-role").await.contains("can neither seal nor"));
    one.add("both are here").await;
    let mut said = vec!["both are here".to_owned()];
    wait_settled(&[&one, &two, &stranger], &said).await;
    two.close().await;
    one.wait_members(1).await;
    for n in 0..4 {
        let entry = format!("alone {n}.");
        one.add(&entry).await;
        one.wait_entry(&entry).await;
        said.push(entry);
    }
    wait_settled(&[&one, &stranger], &said).await;
    // Without any member entries would wait, and the page says so.
    one.close().await;
    stranger.wait("nobody is here", "text('no-member')").await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_member_that_seals_twice_is_shown_in_words() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = address(&relay, "twice", SHORT, false);
    let tab = browser.open(&url).await;
    tab.wait_online().await;
    seal_twice(&relay, "twice", Writers::Anyone).await;
    tab.wait("both are shown", "data('double-seal', 'onePredecessor') === 'true'").await;
    assert_eq!(tab.data("double-seal", "height").await, "1");
    let notice = tab.text("double-seal-notice").await;
    assert!(
        notice.contains("sealed two different blocks at height 1 on the same block"),
        "{notice}"
    );
    assert_eq!(
        tab.eval::<usize>("byId('double-seal').querySelectorAll('.strip').length").await,
        Ok(2)
    );
    assert_eq!(tab.eval::<usize>("document.querySelectorAll('.peer.faulty').length").await, Ok(0));
    browser.check_consoles();
}

/// A member that is no node seals two blocks at one height.
async fn seal_twice(relay: &Relay, name: &str, writers: Writers) {
    let (spec, session) = (spec(name, SHORT, writers), Keypair::from_seed([111; 32]));
    let status = Status::new(member(61).public(), room_of(&spec), 0, 0).encode();
    let (mut socket, _) = register(relay, &session, room_of(&spec), &status).await;
    for (text, time) in [("one", 1_000_000), ("the other", 2_000_000)] {
        let block = block(&spec, &member(61), text, time).encode();
        let payload = Wire::Block { block }.encode();
        let frame = ClientFrame::Broadcast { payload: &payload }.encode();
        socket.send(Message::binary(frame)).await.unwrap();
    }
}

/// Pictures of the members' panel.
#[tokio::test]
#[ignore = "takes pictures, asserts nothing that other tests do not"]
async fn screenshots_of_members() {
    crate::screenshots::in_each_language(async |studio| {
        let crate::screenshots::Studio { relay, browser, folder, language } = studio;
        let name = format!("members-{language}");
        let [one, two, stranger] = room(browser, &address(relay, &name, SHORT, true)).await;
        seal_twice(relay, &name, Writers::Members).await;
        one.add("Minutes of the meeting, item 1").await;
        two.wait_entry("item 1").await;
        two.add("Minutes of the meeting, item 2").await;
        stranger.wait_entry("item 2").await;
        two.close().await;
        stranger.type_entry("let me in").await;
        stranger.click("add-block").await;
        stranger.wait("it is told why", "text('entry-error')").await;
        for (tab, place) in [(&one, "member"), (&stranger, "stranger")] {
            tab.wait_members(1).await;
            crate::screenshots::take_all(tab, folder, &format!("{place}-"), language).await;
        }
        let newest = "(document.querySelector('.block .to-block').click(), true)";
        assert!(one.eval::<bool>(newest).await.unwrap());
        one.click("recompute").await;
        one.wait("the seal is checked", "byId('recomputed')").await;
        crate::screenshots::take_all(&one, folder, "sealed-", language).await;
    })
    .await;
}
