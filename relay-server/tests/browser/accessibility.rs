//! axe-core on every view, in both themes, on a desktop and a phone: it finds nothing.
//!
//! It is fetched with npm into the target folder, as `tests/npm/package-lock.json` pins it.

use std::path::{Path, PathBuf};

use chain_wasm::chain::spec::Spec;
use chain_wasm::node::room_of;
use chain_wasm::primitives::Hash;
use chromiumoxide::cdp::browser_protocol::emulation::{
    MediaFeature, SetDeviceMetricsOverrideParams, SetEmulatedMediaParams,
};
use tokio::process::Command;

use crate::browser::{Browser, Profile};
use crate::crowd::Crowd;
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

/// axe-core, as one script.
async fn axe() -> String {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/npm");
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("npm");
    std::fs::create_dir_all(&folder).unwrap();
    let pinned = std::fs::read(source.join("package-lock.json")).unwrap();
    let script = folder.join("node_modules/axe-core/axe.min.js");
    let installed = std::fs::read(folder.join("package-lock.json")).ok();
    if installed.as_deref() != Some(&pinned) || !script.exists() {
        std::fs::copy(source.join("package.json"), folder.join("package.json")).unwrap();
        std::fs::write(folder.join("package-lock.json"), &pinned).unwrap();
        let install = Command::new("npm")
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
            .current_dir(&folder)
            .output()
            .await
            .expect("npm is installed");
        let said = String::from_utf8_lossy(&install.stderr);
        assert!(install.status.success(), "npm ci: {said}");
    }
    std::fs::read_to_string(script).unwrap()
}

/// What axe finds in a page in one state, in words.
const RUN: &str = "(async () => {
    const found = await axe.run(document, { resultTypes: ['violations'] });
    return found.violations.flatMap(rule => rule.nodes.map(node =>
        `${rule.id} (${rule.impact}): ${node.html.slice(0, 160)} -- \
${node.any.concat(node.all, node.none).map(check => check.message).join('; ')}`));
})()";

impl Tab {
    /// Fails if axe finds anything, on a desktop and a phone, light and dark.
    async fn check_accessibility(&self, axe: &str, view: &str, found: &mut Vec<String>) {
        if !self.eval::<bool>("!!window.axe").await.unwrap() {
            self.page.evaluate(axe).await.unwrap();
        }
        // What is hidden is not drawn.
        self.page.bring_to_front().await.unwrap();
        let begun = std::time::Instant::now();
        for width in [1280, 390] {
            let metrics = SetDeviceMetricsOverrideParams::new(width, 900, 1.0, width < 500);
            self.page.execute(metrics).await.unwrap();
            for scheme in ["light", "dark"] {
                let scheme_is = MediaFeature::new("prefers-color-scheme", scheme);
                // What moves would be met half way.
                let still = MediaFeature::new("prefers-reduced-motion", "reduce");
                let media = SetEmulatedMediaParams::builder().features([scheme_is, still]).build();
                self.page.execute(media).await.unwrap();
                let drawn = "new Promise(done => requestAnimationFrame(() => \
                    requestAnimationFrame(() => done(true))))";
                assert!(self.eval::<bool>(drawn).await.unwrap());
                let violations = self.eval::<Vec<String>>(RUN).await.unwrap();
                found.extend(violations.iter().map(|v| format!("{view}, {width}, {scheme}: {v}")));
            }
        }
        println!("{view}: {} ms", begun.elapsed().as_millis());
    }

    async fn go_to(&self, room: &str, place: &str, shown: &str) {
        let go = format!("(location.hash = '#/r/{room}/{place}', true)");
        assert!(self.eval::<bool>(&go).await.unwrap());
        self.wait(place, shown).await;
    }
}

#[tokio::test]
async fn axe_finds_nothing_on_any_view() {
    let _turn = crate::turn().await;
    let axe = axe().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("axe");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    let mut found = Vec::new();
    one.wait_peers(1).await;
    // It does look: what is wrong is found.
    let spoil = "document.body.append(document.createElement('button')) ?? true";
    assert!(one.eval::<bool>(spoil).await.unwrap());
    one.check_accessibility(&axe, "a button without a name", &mut found).await;
    let named = |violation: &String| violation.contains("button-name");
    assert_eq!(found.iter().filter(|violation| named(violation)).count(), 4, "{found:?}");
    found.retain(|violation| !named(violation) && !violation.contains("region ("));
    assert!(one.eval::<bool>("document.body.lastElementChild.remove() ?? true").await.unwrap());
    one.check_accessibility(&axe, "an empty chain", &mut found).await;
    one.add("An entry").await;
    one.wait_entry("An entry").await;
    one.click("entry-mode-json").await;
    one.add("{\"sample\": 7, \"ok\": true}").await;
    wait_settled(&[&one, &two], &["An entry".to_owned()]).await;
    fork(&one, &two).await;
    one.check_accessibility(&axe, "the chain with a fork", &mut found).await;

    let genesis = room_of(&Spec::work("axe").unwrap());
    let crowd = Crowd::join(&relay, "axe", 9, |n| match n {
        0..3 => (0, genesis),
        _ => (1, Hash::of(&[u8::try_from(n).unwrap()])),
    })
    .await;
    one.wait_peers(10).await;
    let entry = one.eval::<String>("byId('entry').dataset.id").await.unwrap();
    let author = one.data("wallet", "author").await;
    let results = "data('results', 'running') === 'false'";
    for (place, shown) in [
        ("network", "all('network-card').length === 11"),
        ("log", "all('log-event').length > 3"),
        ("block/1", "byId('block-facts')"),
        (&format!("entry/{entry}"), "byId('entry-content')"),
        (&format!("author/{author}"), results),
        ("search/entry", results),
        ("nowhere", "text('title')"),
    ] {
        one.go_to("axe", place, shown).await;
        if place.starts_with("block") {
            one.click("recompute").await;
            one.wait("the hash", "byId('recomputed')").await;
        }
        one.check_accessibility(&axe, place, &mut found).await;
    }
    drop(crowd);
    wallet_and_check(&one, &two, &axe, &mut found).await;
    failures(&browser, relay, &one, &axe, &mut found).await;
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
    browser.check_consoles();
}

/// Both sides of a cut go on, and one gives in.
async fn fork(one: &Tab, two: &Tab) {
    for tab in [one, two] {
        tab.click("link-toggle").await;
        tab.wait("the tab is offline", "state('link-state') === 'offline'").await;
    }
    one.click("entry-mode-text").await;
    for (tab, entry) in [(one, "left 1"), (two, "right 1"), (two, "right 2")] {
        tab.add(entry).await;
        tab.wait_entry(entry).await;
    }
    for tab in [one, two] {
        tab.click("link-toggle").await;
        tab.wait_online().await;
    }
    wait_settled(&[one, two], &["left 1".to_owned(), "right 2".to_owned()]).await;
    one.wait("the branch is drawn", "byId('branch')").await;
}

/// The wallet with all that it can do, a file in the form, and the check of a proof.
async fn wallet_and_check(one: &Tab, two: &Tab, axe: &str, found: &mut Vec<String>) {
    one.go_to("axe", "", "!byId('explorer')").await;
    one.drop_file("notes.pdf", "hello").await;
    one.wait_file("new").await;
    let receiver = two.data("wallet", "author").await;
    one.unfold("transfer-fold").await;
    one.fill("transfer-peer", &receiver).await;
    one.fill("transfer-amount", "1000000000").await;
    one.click("transfer-send").await;
    one.wait("it is refused", "text('amount-error')").await;
    for fold in ["history-fold", "nickname-fold", "key-fold"] {
        one.unfold(fold).await;
    }
    one.choose_file("import-file", "key.txt", &crate::ledger::key_file()).await;
    one.wait("the warning is shown", "text('import-warning')").await;
    one.click("validate").await;
    one.wait("the check is done", "byId('validate-result')").await;
    one.check_accessibility(axe, "wallet, file, validation", found).await;
    let folder = tempfile::tempdir().unwrap();
    let no_proof = folder.path().join("nothing.txt");
    std::fs::write(&no_proof, "no proof").unwrap();
    one.give_file("proof-file", &no_proof).await;
    one.wait("it is refused", "data('proof-result', 'holds') === 'false'").await;
    one.check_accessibility(axe, "a proof that fails", found).await;
}

/// What the page shows when something does not work.
async fn failures(browser: &Browser, relay: Relay, one: &Tab, axe: &str, found: &mut Vec<String>) {
    let bad = browser.open_page(&format!("http://{}/#/x/y", relay.address)).await;
    bad.wait("the fault is told", "text('link-state').includes('names no room')").await;
    bad.check_accessibility(axe, "an address without a room", found).await;
    let without = Browser::start_with(Profile::without_storage(), &[]).await;
    let tab = without.open(&relay.room("axe")).await;
    tab.wait("the warning", "text('storage-warning')").await;
    tab.check_accessibility(axe, "no storage", found).await;
    let broken = without.open_page("about:blank").await;
    broken.break_workers().await;
    broken.page.goto(relay.room("axe")).await.unwrap();
    broken.wait("the failure is told", "text('fatal')").await;
    broken.check_accessibility(axe, "a node that does not start", found).await;
    relay.kill().await;
    one.wait("the relay is gone", "state('link-state') === 'waiting'").await;
    one.check_accessibility(axe, "the relay is gone", found).await;
}

#[tokio::test]
async fn axe_finds_nothing_in_the_lab_on_the_tour_and_in_rooms() {
    let _turn = crate::turn().await;
    let axe = axe().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let mut found = Vec::new();
    let (one, two) = crate::lab::laboratory(&browser, &relay, "axe-lab").await;
    laboratory(&one, &axe, &mut found).await;
    two.close().await;
    one.wait_peers(0).await;
    one.go_in_lab("/lab").await;
    one.click("lab-reset").await;
    one.wait("it is asked", "byId('reset-asked')").await;
    one.check_accessibility(&axe, "a reset that is asked about", &mut found).await;
    tour(&one, &axe, &mut found).await;
    let council = new_room(&one, &axe, &mut found).await;
    one.click("new-enter").await;
    one.wait("it is a member", "data('member-role', 'member') === 'true'").await;
    one.check_accessibility(&axe, "members", &mut found).await;
    one.click("invite").await;
    one.wait("the dialog is open", "byId('qr')").await;
    one.check_accessibility(&axe, "an invitation", &mut found).await;
    let stranger = browser.open(&council).await;
    stranger.wait("it is none", "data('member-role', 'member') === 'false'").await;
    stranger.check_accessibility(&axe, "a stranger among members", &mut found).await;
    let bare = council.split_once("&secret").unwrap().0;
    let asked = browser.open_page(bare).await;
    asked.wait("it is asked for", "byId('secret-form')").await;
    asked.check_accessibility(&axe, "a secret that is asked for", &mut found).await;
    assert!(found.is_empty(), "{} violations:\n{}", found.len(), found.join("\n"));
    browser.check_consoles();
}

/// The experiments, with what they show when something was done.
async fn laboratory(one: &Tab, axe: &str, found: &mut Vec<String>) {
    one.go_in_lab("/lab").await;
    one.wait("the lab", "byId('tamper-go')").await;
    one.check_accessibility(axe, "the lab", found).await;
    one.click("tamper-go").await;
    one.wait("a copy", "byId('tampered')").await;
    one.click("send-tampered").await;
    one.wait("the answer", "byId('lab-answer')").await;
    one.click("secret-begin").await;
    one.wait("a secret block", "document.querySelector('.secret-lane .mini')").await;
    one.check_accessibility(axe, "experiments under way", found).await;
}

/// Each step of the tour.
async fn tour(one: &Tab, axe: &str, found: &mut Vec<String>) {
    one.go_in_lab("/tour").await;
    for step in ["hash", "block", "chain", "network", "fork", "tampering", "proof"] {
        one.wait(step, &format!("data('tour-step', 'step') === '{step}'")).await;
        one.check_accessibility(axe, &format!("the tour's step {step}"), found).await;
        if step != "proof" {
            one.click("tour-on").await;
        }
    }
}

/// The form for a new room with faults in it, and then the links; gives the room's.
async fn new_room(one: &Tab, axe: &str, found: &mut Vec<String>) -> String {
    one.go_in_lab("/new").await;
    one.click("new-rule-authority").await;
    one.fill("new-members", "no key").await;
    one.click("new-create").await;
    one.wait("the faults", "text('new-name-error') && text('new-members-error')").await;
    one.check_accessibility(axe, "a new room with faults", found).await;
    one.fill("new-members", "").await;
    one.fill("new-invited", "1").await;
    let choices = ["new-writers-members", "new-readers-private"];
    let link = one.make_room("axe council", &choices).await;
    one.check_accessibility(axe, "a room that was made", found).await;
    link
}
