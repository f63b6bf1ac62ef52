//! Pictures of the page for the README and for eyes:
//! `cargo test -p relay-server --test browser -- --ignored screenshots`. They go to the
//! folder that `SCREENSHOTS` names.

use std::path::{Path, PathBuf};

use chain_wasm::primitives::Hash;
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
};
use chromiumoxide::page::ScreenshotParams;

use crate::browser::{Browser, Profile};
use crate::crowd::Crowd;
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

/// What pictures are taken with.
pub(crate) struct Studio {
    pub(crate) relay: Relay,
    pub(crate) browser: Browser,
    /// Where they go.
    pub(crate) folder: PathBuf,
    /// `en` or `ko`.
    pub(crate) language: &'static str,
}

/// Takes pictures in each language, with a relay and a browser of its own.
pub(crate) async fn in_each_language(take: impl AsyncFn(&Studio)) {
    let _turn = crate::turn().await;
    let folder = PathBuf::from(std::env::var("SCREENSHOTS").expect("SCREENSHOTS"));
    std::fs::create_dir_all(&folder).unwrap();
    for (language, tag) in [("en", "en-US"), ("ko", "ko-KR")] {
        let [lang, accept] = [format!("lang={tag}"), format!("accept-lang={tag}")];
        let browser = Browser::start_with(Profile::new(), &[&lang, &accept]).await;
        let folder = folder.clone();
        take(&Studio { relay: Relay::start().await, browser, folder, language }).await;
    }
}

#[tokio::test]
#[ignore = "takes pictures, asserts nothing that other tests do not"]
async fn screenshots() {
    in_each_language(async |studio| {
        let Studio { relay, browser, folder, language } = studio;
        let url = relay.room(&format!("lab-notebook-{language}"));
        let (one, two) = (browser.open(&url).await, browser.open(&url).await);
        one.wait_peers(1).await;
        take(&one, folder, &format!("empty-{language}"), 1280, "light").await;
        one.add("Sample 7 arrived, sealed, 4.1 C").await;
        one.wait_entry("Sample 7").await;
        two.add("Sample 7 split into 7a and 7b").await;
        two.wait_entry("7a and 7b").await;
        one.click("entry-mode-json").await;
        one.add("{\"sample\": \"7a\", \"ph\": 6.8, \"by\": \"Mina\"}").await;
        one.wait_entry("Mina").await;
        wait_settled(&[&one, &two], &["Sample 7 arrived".to_owned(), "Mina".to_owned()]).await;
        for tab in [&one, &two] {
            tab.click("link-toggle").await;
            tab.wait("the tab is offline", "state('link-state') === 'offline'").await;
        }
        one.click("entry-mode-text").await;
        for (tab, entry) in [
            (&one, "Sample 7a weighed: 12.4 g"),
            (&one, "Sample 7b weighed: 11.9 g"),
            (&two, "Sample 7b moved to the fridge"),
        ] {
            tab.add(entry).await;
            tab.wait_entry(entry).await;
        }
        for tab in [&one, &two] {
            tab.click("link-toggle").await;
            tab.wait_online().await;
        }
        wait_settled(&[&one, &two], &["12.4 g".to_owned(), "the fridge".to_owned()]).await;
        one.click("validate").await;
        one.wait("the check is done", "byId('validate-result')").await;
        take_all(&one, folder, "", language).await;
        take_all(&two, folder, "reorganised-", language).await;
        notarise_and_pay(&one, &two, folder, language).await;
        explore(&one, folder, language).await;
        look_around(relay, &one, folder, language).await;
    })
    .await;
}

#[tokio::test]
#[ignore = "takes pictures, asserts nothing that other tests do not"]
async fn screenshots_of_rooms() {
    in_each_language(async |studio| {
        let Studio { relay, browser, folder, language } = studio;
        rooms(browser, relay, folder, language).await;
    })
    .await;
}

/// A private room of members, from the form to what an outsider is asked.
async fn rooms(browser: &Browser, relay: &Relay, folder: &Path, language: &str) {
    let tab = browser.open(&format!("http://{}/#/new", relay.address)).await;
    take_all(&tab, folder, "new-room-", language).await;
    tab.click("new-rule-authority").await;
    tab.fill("new-invited", "1").await;
    tab.fill("new-members", "7a 7b").await;
    tab.click("new-create").await;
    tab.wait("what is wrong is said", "text('new-members-error')").await;
    take_all(&tab, folder, "new-members-", language).await;
    tab.fill("new-members", "").await;
    tab.fill("new-name", "lab notebook 7").await;
    tab.click("new-readers-private").await;
    tab.click("new-create").await;
    tab.wait("the room is made", "byId('created')").await;
    take_all(&tab, folder, "new-links-", language).await;
    let invitation = tab.eval::<String>("byId('member-link').value").await.unwrap();
    let invited = browser.open(&invitation).await;
    invited.wait("it is asked", "byId('invitation')").await;
    take_all(&invited, folder, "invitation-", language).await;
    let bare = invitation.split_once("&secret").unwrap().0;
    let outside = browser.open_page(bare).await;
    outside.wait("it is asked for", "byId('secret-form')").await;
    outside.fill("secret", "something else").await;
    outside.click("secret-open").await;
    outside.wait("it is told", "text('secret-error')").await;
    take_all(&outside, folder, "secret-", language).await;
    let open = browser.open(&format!("http://{}/#/new", relay.address)).await;
    open.fill("new-name", "diary").await;
    open.click("new-readers-private").await;
    open.click("new-create").await;
    open.wait("the room is made", "byId('created')").await;
    open.click("new-enter").await;
    open.wait("the room is entered", "byId('private') && tip()").await;
    open.add("Sample 7 arrived, sealed, 4.1 C").await;
    open.wait_entry("Sample 7").await;
    assert!(open.eval::<bool>("(byId('prove').open = true)").await.unwrap());
    take_all(&open, folder, "private-", language).await;
    open.click("invite").await;
    open.wait("the dialog is open", "byId('qr')").await;
    take_all(&open, folder, "invite-", language).await;
}

/// Takes pictures of a place on a desktop and a phone, light and dark.
pub(crate) async fn take_all(tab: &Tab, folder: &Path, place: &str, language: &str) {
    for (name, width) in [("desktop", 1280), ("phone", 390)] {
        for scheme in ["light", "dark"] {
            take(tab, folder, &format!("{place}{name}-{scheme}-{language}"), width, scheme).await;
        }
    }
}

/// The form with a file, new and known, and the wallet with all that it can do.
async fn notarise_and_pay(one: &Tab, two: &Tab, folder: &Path, language: &str) {
    one.drop_file("sample-7-protocol.pdf", "hello").await;
    one.wait_file("new").await;
    take(one, folder, &format!("file-new-{language}"), 1280, "light").await;
    one.click("add-block").await;
    one.wait_file("none").await;
    one.wait("the card is in a block", "document.querySelector('.block .file-card')").await;
    one.drop_file("renamed.pdf", "hello").await;
    one.wait_file("known").await;
    let receiver = two.data("wallet", "author").await;
    one.unfold("transfer-fold").await;
    one.fill("transfer-peer", &receiver).await;
    one.fill("transfer-amount", "12").await;
    one.click("transfer-send").await;
    one.wait("it is accepted", "text('transfer-said')").await;
    one.fill("transfer-amount", "1000000").await;
    one.click("transfer-send").await;
    one.wait("it is refused", "text('amount-error')").await;
    for fold in ["history-fold", "nickname-fold", "key-fold"] {
        one.unfold(fold).await;
    }
    let key = crate::ledger::key_file();
    one.choose_file("import-file", "key.txt", &key).await;
    one.wait("the warning is shown", "text('import-warning')").await;
    take_all(one, folder, "wallet-", language).await;
}

/// The network with a few and with many tabs, and what happened in it.
async fn look_around(relay: &Relay, tab: &Tab, folder: &Path, language: &str) {
    let name = format!("lab-notebook-{language}");
    let height = tab.height().await;
    let tip = tab.tip().await.parse::<Hash>().unwrap();
    let claim = move |n: u32| match n {
        0..3 => (height, tip),
        3 => (height + 2, Hash::of(b"ahead")),
        4 | 5 => (height - 1, Hash::of(b"behind")),
        _ if n.is_multiple_of(3) => (height, tip),
        _ => (height, Hash::of(b"branch")),
    };
    for (place, count) in [("network-few-", 8), ("network-class-", 36)] {
        let crowd = Crowd::join(relay, &name, count, claim).await;
        let go = format!("(location.hash = '#/r/{name}/network', true)");
        assert!(tab.eval::<bool>(&go).await.unwrap());
        let drawn = format!("all('network-card').length === {}", count + 2);
        tab.wait("all are drawn", &drawn).await;
        tab.wait("the relay answers", "data('relay-answers', 'millis') !== null").await;
        take_all(tab, folder, place, language).await;
        drop(crowd);
        tab.wait("they have left", "all('network-card').length === 2").await;
    }
    take_all(tab, folder, "network-two-", language).await;
    assert!(tab.eval::<bool>(&format!("(location.hash = '#/r/{name}/log', true)")).await.unwrap());
    tab.wait("the log", "all('log-event').length > 3").await;
    take_all(tab, folder, "log-", language).await;
}

/// Looks into the chain, and takes pictures of each kind of place.
async fn explore(tab: &Tab, folder: &Path, language: &str) {
    let room = tab.eval::<String>("location.hash").await.unwrap();
    let entry = tab.eval::<String>("byId('entry').dataset.id").await.unwrap();
    let author = tab.data("wallet", "author").await;
    let results = "data('results', 'running') === 'false'";
    for (name, place, shown) in [
        ("block-", "block/3".to_owned(), "byId('block-facts')"),
        ("entry-", format!("entry/{entry}"), "byId('entry-content')"),
        ("author-", format!("author/{author}"), results),
        ("search-", "search/sample".to_owned(), results),
    ] {
        let go = format!("(location.hash = '{room}/{place}', true)");
        assert!(tab.eval::<bool>(&go).await.unwrap());
        tab.wait("the place", shown).await;
        if name == "block-" {
            tab.click("recompute").await;
            tab.wait("the hash is computed", "byId('recomputed')").await;
        }
        take_all(tab, folder, name, language).await;
    }
}

async fn take(tab: &Tab, folder: &Path, name: &str, width: i64, scheme: &str) {
    let metrics = SetDeviceMetricsOverrideParams::new(width, 900, 1.0, width < 500);
    tab.page.execute(metrics).await.unwrap();
    let media = SetEmulatedMediaParams::builder()
        .feature(MediaFeature::new("prefers-color-scheme", scheme))
        .build();
    tab.page.execute(media).await.unwrap();
    tokio::time::sleep(std::time::Duration::from_millis(400)).await;
    let overflow = "document.documentElement.scrollWidth - window.innerWidth";
    let overflow = tab.eval::<i64>(overflow).await.unwrap();
    assert!(overflow <= 0, "{name} scrolls sideways by {overflow} px");
    let whole = ScreenshotParams::builder().full_page(true).build();
    tab.page.save_screenshot(whole, folder.join(format!("{name}.png"))).await.unwrap();
}
