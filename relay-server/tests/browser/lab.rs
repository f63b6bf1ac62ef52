//! The lab and the tour: what one tab does, what it sees, and what the other one sees of it.

use chromiumoxide::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetTouchEmulationEnabledParams,
};

use crate::browser::{Browser, Profile};
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

impl Tab {
    /// Goes to a place of the lab room that it is in.
    pub(crate) async fn go_in_lab(&self, place: &str) {
        let go = format!(
            "(() => {{ const [path, query] = location.hash.split('?'); \
             const room = path.split('/').slice(0, 3).join('/'); \
             location.hash = `${{room}}{place}?${{query}}`; return true; }})()"
        );
        assert!(self.eval::<bool>(&go).await.unwrap());
    }

    async fn select(&self, id: &str, value: &str) {
        self.wait(id, &format!("byId('{id}')")).await;
        let select = format!(
            "(() => {{ const field = byId('{id}'); field.value = '{value}'; \
             field.dispatchEvent(new Event('change', {{ bubbles: true }})); \
             return field.value === '{value}'; }})()"
        );
        assert!(self.eval::<bool>(&select).await.unwrap(), "{id} has no {value}");
    }

    async fn wait_verdict(&self, verdict: &str) {
        let shown = format!("data('tampered', 'verdict') === '{verdict}'");
        self.wait(&format!("the verdict is {verdict}"), &shown).await;
    }

    /// Whether a check of the changed copy holds.
    async fn holds(&self, rule: &str) -> bool {
        let holds = format!(
            "byId('tampered').querySelector('[data-rule={rule}]').dataset.holds === 'true'"
        );
        self.eval(&holds).await.unwrap()
    }

    async fn wait_happened(&self, experiment: &str, said: &str) {
        let said = serde_json::to_string(said).unwrap();
        let shown = format!("text('happened-{experiment}')?.includes({said})");
        self.wait(&format!("{experiment} says {said}"), &shown).await;
    }

    async fn wait_step(&self, step: &str) {
        let done = format!(
            "data('tour-step', 'step') === '{step}' && data('tour-step', 'done') === 'true' \
             && text('tour-seen')"
        );
        self.wait(&format!("the step {step} is done"), &done).await;
    }
}

/// The address of a lab room.
fn lab(relay: &Relay, name: &str, place: &str) -> String {
    format!("{}{place}?lab=1", relay.room(name))
}

/// Two tabs in a lab room with a chain of a few blocks.
pub(crate) async fn laboratory(browser: &Browser, relay: &Relay, name: &str) -> (Tab, Tab) {
    let url = lab(relay, name, "");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    one.wait_peers(1).await;
    for entry in ["the first", "the second", "the third"] {
        one.add(entry).await;
        two.wait_entry(entry).await;
    }
    let all = ["the first", "the second", "the third"].map(str::to_owned);
    wait_settled(&[&one, &two], &all).await;
    (one, two)
}

#[tokio::test]
async fn a_changed_block_is_seen_not_to_fit_and_the_other_tab_refuses_it() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (one, two) = laboratory(&browser, &relay, "lab-tamper").await;
    one.go_in_lab("/lab").await;
    one.fill("tamper-value", "what was never written").await;
    one.click("tamper-go").await;
    one.wait_verdict("merkle-root").await;
    assert!(!one.holds("merkle-root").await && !one.holds("signatures").await);
    assert!(one.holds("next").await, "the header is as it was");
    one.click("repair-root").await;
    one.wait("the strips differ", "byId('hanging').querySelector('[data-fits=false]')").await;
    assert!(one.holds("merkle-root").await && !one.holds("next").await);
    one.click("repair-work").await;
    one.wait_verdict("transaction-signature").await;
    assert!(one.holds("work").await);
    let tip = two.tip().await;
    one.click("send-tampered").await;
    one.wait("the answer", "data('lab-answer', 'verdict') === 'transaction-signature'").await;
    let said = one.text("lab-answer").await;
    assert!(said.contains("refused") && said.contains("signature"), "{said}");
    two.wait("the other one says so", "byId('peer').textContent.includes('ignored')").await;
    assert_eq!(two.tip().await, tip);

    // After a reset it is listened to again.
    one.click("lab-reset").await;
    two.wait("it is forgiven", "!byId('peer').textContent.includes('ignored')").await;
    one.go_in_lab("").await;
    one.add("after the reset").await;
    two.wait_entry("after the reset").await;

    // A record that is false is found out by the check of the chain, and mended.
    one.go_in_lab("/lab").await;
    one.click("tamper-go").await;
    one.wait("a copy", "byId('tampered')").await;
    one.click("overwrite").await;
    one.wait_happened("tamper", "false").await;
    let fault =
        "byId('validate-result') && byId('validate-result').textContent.includes('merkle-root')";
    one.click("validate").await;
    one.wait("the false record is found", fault).await;
    one.wait(
        "it is mended",
        "byId('validate').click() || (byId('validate-result')?.dataset.valid === 'true')",
    )
    .await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_secret_branch_is_released_and_the_other_tab_gives_way() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (one, two) = laboratory(&browser, &relay, "lab-secret").await;
    let before = two.tip().await;
    one.go_in_lab("/lab").await;
    one.select("secret-back", "2").await;
    one.click("secret-begin").await;
    one.wait("it is longer", "data('secret-stands', 'wins') === 'true'").await;
    assert_eq!(two.tip().await, before, "nobody knows of it");
    one.click("secret-release").await;
    one.wait_happened("secret", "released").await;
    two.wait("the other one tells of it", "text('notices')").await;
    let all = ["the first", "the second", "the third"].map(str::to_owned);
    one.go_in_lab("").await;
    wait_settled(&[&one, &two], &all).await;

    // Slow and fast: the choice is the node's.
    one.go_in_lab("/lab").await;
    let height = one.height().await;
    one.click("pace-fast").await;
    one.wait("blocks come", &format!("height() > {}", height + 5)).await;
    one.click("lab-reset").await;
    // Blocks come so quickly that the other one may not have the newest, and then it is asked.
    let keep = "(byId('reset-keep')?.click(), data('pace', 'pace') === 'normal')";
    one.wait("the pace is as before", keep).await;

    // Cut off and back.
    one.click("cut-toggle").await;
    one.wait("it is cut off", "state('link-state') === 'offline'").await;
    one.go_in_lab("").await;
    one.add("alone").await;
    two.add("together").await;
    one.wait_entry("alone").await;
    two.wait_entry("together").await;
    one.go_in_lab("/lab").await;
    one.click("cut-toggle").await;
    one.wait_online().await;
    one.go_in_lab("").await;
    let last = ["alone", "together"].map(str::to_owned);
    wait_settled(&[&one, &two], &last).await;
    browser.check_consoles();
}

/// How many records the page's stores of a tab have, wallets aside.
const STORED: &str = "(async () => {
    const asked = r => new Promise((done, fail) => {
        r.onsuccess = () => done(r.result); r.onerror = () => fail(r.error); });
    const counts = {};
    for (const { name } of await indexedDB.databases()) {
        const db = await asked(indexedDB.open(name));
        const slot = name.split('/').pop();
        counts[slot] = 0;
        for (const store of db.objectStoreNames) {
            if (store === 'meta') continue;
            counts[slot] += await asked(db.transaction(store).objectStore(store).count());
        }
        db.close();
    }
    return counts;
})()";

#[tokio::test]
async fn a_reset_forgets_the_chain_but_not_the_key_and_asks_first_where_something_is_lost() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let (one, two) = laboratory(&browser, &relay, "lab-reset").await;
    let all = ["the first", "the second", "the third"].map(str::to_owned);
    let (key, slot) = (one.data("wallet", "author").await, one.text("slot").await);
    let tip = one.tip().await;
    // With another tab that has all of it nothing is asked.
    one.wait("it is known to have it", "data('peer', 'height') === '3'").await;
    one.go_in_lab("/lab").await;
    one.click("lab-reset").await;
    one.wait_happened("reset", "forgotten").await;
    one.wait("the chain is here again", &format!("tip() === '{tip}'")).await;
    assert_eq!((one.data("wallet", "author").await, one.text("slot").await), (key.clone(), slot));
    one.go_in_lab("").await;
    two.add("to the new node").await;
    one.add("from the new node").await;
    let more = ["to the new node", "from the new node"].map(str::to_owned);
    let all = [all.as_slice(), more.as_slice()].concat();
    wait_settled(&[&one, &two], &all).await;

    // Alone it is asked; then the copy can be kept.
    two.close().await;
    one.wait_peers(0).await;
    let tip = one.tip().await;
    one.go_in_lab("/lab").await;
    one.click("lab-reset").await;
    one.wait("it is asked", "byId('reset-asked') && !byId('lab-reset')").await;
    one.click("reset-keep").await;
    one.wait("it was answered", "!byId('reset-asked') && byId('lab-reset')").await;
    assert_eq!(one.tip().await, tip);
    one.click("lab-reset").await;
    one.click("reset-forget").await;
    one.wait("nothing is left", "height() === 0 && state('link-state') === 'online'").await;
    assert_eq!(one.data("wallet", "author").await, key);
    let stored = one.eval::<std::collections::BTreeMap<String, u32>>(STORED).await.unwrap();
    assert_eq!(stored.get("0"), Some(&0), "{stored:?}");
    browser.check_consoles();
}

#[tokio::test]
async fn a_room_for_records_has_no_lab_but_shows_the_way_to_one() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&format!("{}/lab", relay.room("lab-records"))).await;
    tab.wait("the way", "byId('enter-lab')?.href.endsWith('/lab?lab=1')").await;
    assert!(!tab.eval::<bool>("!!byId('tamper-go')").await.unwrap());
    tab.click("enter-lab").await;
    tab.wait("the lab", "byId('experiment-tamper') && location.hash.endsWith('lab?lab=1')").await;
    browser.check_consoles();
}

#[tokio::test]
async fn the_tour_is_followed_to_its_seventh_tick_and_remembered() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let one = browser.open(&relay.room("lab-tour")).await;
    one.click("start-tour").await;
    one.wait("the tour", "data('tour-step', 'step') === 'hash' && tip()").await;
    for text in ["a", "ab", "a"] {
        one.fill("hash-input", text).await;
    }
    let hash = "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb";
    assert_eq!(one.text("hash-output").await, hash);
    one.wait_step("hash").await;
    one.click("tour-on").await;
    one.add("my first entry").await;
    one.wait_step("block").await;
    one.click("tour-on").await;
    one.add("my second entry").await;
    one.wait_entry("my second entry").await;
    one.click("tour-validate").await;
    one.wait_step("chain").await;
    one.click("tour-on").await;
    one.wait("the way to a second tab", "byId('open-second').href.endsWith('?lab=1')").await;
    let url = one.eval::<String>("byId('open-second').href").await.unwrap();
    let two = browser.open(&url).await;
    one.wait_step("network").await;
    one.click("tour-on").await;
    one.click("cut-toggle").await;
    one.wait("it is cut off", "state('link-state') === 'offline'").await;
    one.add("on this side").await;
    two.add("on the other side").await;
    one.wait_entry("on this side").await;
    two.wait_entry("on the other side").await;
    one.click("cut-toggle").await;
    one.wait_step("fork").await;
    one.click("tour-on").await;
    one.click("tamper-go").await;
    one.wait("a copy", "byId('tampered')").await;
    one.click("repair-root").await;
    one.wait("another header", "data('tampered', 'changed') === 'true'").await;
    one.click("send-tampered").await;
    one.wait_step("tampering").await;
    one.click("tour-on").await;
    one.click("tour-alter").await;
    one.wait("it does not hold", "text('tour-verdict')").await;
    assert_eq!(one.data("tour-step", "done").await, "false");
    one.click("tour-check").await;
    one.wait_step("proof").await;
    one.wait("all are done", "data('tour-steps', 'done') === '7' && byId('tour-over')").await;

    // It is remembered, and one can go back and begin anew.
    one.page.reload().await.unwrap();
    one.wait("the tour is where it was", "data('tour-steps', 'done') === '7'").await;
    one.click("tour-back").await;
    one.wait("the step before", "data('tour-step', 'step') === 'tampering'").await;
    one.click("tour-anew").await;
    one.wait("the beginning", "data('tour-step', 'step') === 'hash'").await;
    browser.check_consoles();
}

#[tokio::test]
async fn the_lab_and_the_tour_fit_a_korean_phone() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let korean = ["lang=ko-KR", "accept-lang=ko-KR"];
    let browser = Browser::start_with(Profile::new(), &korean).await;
    let tab = browser.open_page("about:blank").await;
    tab.page.execute(SetDeviceMetricsOverrideParams::new(390, 844, 2.0, true)).await.unwrap();
    tab.page.execute(SetTouchEmulationEnabledParams::new(true)).await.unwrap();
    tab.page.goto(lab(&relay, "lab-phone", "")).await.unwrap();
    tab.wait("the node starts", "tip() && data('wallet', 'author')").await;
    for entry in ["하나", "둘"] {
        tab.add(entry).await;
        tab.wait_entry(entry).await;
    }
    tab.go_in_lab("/lab").await;
    tab.click("tamper-go").await;
    tab.wait("a copy", "byId('tampered')").await;
    tab.click("repair-root").await;
    tab.click("secret-begin").await;
    tab.wait("a secret block", "document.querySelector('.secret-lane .mini')").await;
    tab.check_touch(".experiments").await;
    tab.click("lab-reset").await;
    tab.go_in_lab("/tour").await;
    tab.wait("the tour", "byId('tour-step')").await;
    for step in ["hash", "block", "chain", "network", "fork", "tampering", "proof"] {
        tab.wait(step, &format!("data('tour-step', 'step') === '{step}'")).await;
        tab.check_touch(".tour").await;
        if step != "proof" {
            tab.click("tour-on").await;
        }
    }
    browser.check_consoles();
}

impl Tab {
    /// Nothing is wider than the page, too small for a finger, or without a name.
    async fn check_touch(&self, within: &str) {
        let overflow = "document.documentElement.scrollWidth - window.innerWidth";
        assert!(self.eval::<i64>(overflow).await.unwrap() <= 0, "{within} scrolls sideways");
        let small = format!(
            "[...document.querySelectorAll('{within} button, {within} .button, {within} select, {within} input[type=text]')] \
             .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5) \
             .map(e => e.outerHTML.slice(0, 80))"
        );
        assert_eq!(self.eval::<Vec<String>>(&small).await.unwrap(), Vec::<String>::new());
        let unnamed = format!(
            "[...document.querySelectorAll('{within} input, {within} select')] \
             .filter(e => !e.labels?.length && !e.ariaLabel).map(e => e.outerHTML.slice(0, 80))"
        );
        assert_eq!(self.eval::<Vec<String>>(&unnamed).await.unwrap(), Vec::<String>::new());
    }
}

#[tokio::test]
#[ignore = "takes pictures, asserts nothing that other tests do not"]
async fn screenshots_of_the_lab() {
    crate::screenshots::in_each_language(async |studio| {
        let crate::screenshots::Studio { relay, browser, folder, language } = studio;
        let (one, two) = laboratory(browser, relay, &format!("lab-{language}")).await;
        one.go_in_lab("/lab").await;
        one.fill("tamper-value", "what was never written").await;
        one.click("tamper-go").await;
        one.click("repair-root").await;
        one.wait("another header", "data('tampered', 'changed') === 'true'").await;
        one.click("send-tampered").await;
        one.wait("the answer", "byId('lab-answer')").await;
        one.select("secret-back", "2").await;
        one.click("secret-begin").await;
        one.wait("it is longer", "data('secret-stands', 'wins') === 'true'").await;
        crate::screenshots::take_all(&one, folder, "lab-", language).await;
        one.click("lab-reset").await;
        one.go_in_lab("/tour").await;
        one.fill("hash-input", "a").await;
        one.fill("hash-input", "b").await;
        one.fill("hash-input", "c").await;
        one.wait_step("hash").await;
        crate::screenshots::take_all(&one, folder, "tour-", language).await;
        one.click("tour-mark-fork").await;
        one.click("cut-toggle").await;
        one.wait("it is cut off", "state('link-state') === 'offline'").await;
        crate::screenshots::take_all(&one, folder, "tour-fork-", language).await;
        drop(two);
    })
    .await;
}
