//! Tabs that meet, part, and agree.

use std::time::Duration;

use crate::browser::{Browser, Profile};
use crate::native_peer::NativePeer;
use crate::proxy::Proxy;
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

#[tokio::test]
async fn four_tabs_of_two_browsers_meet_and_share_every_entry() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let (one, two) = (Browser::start().await, Browser::start().await);
    let url = relay.room("meeting");
    let tabs =
        [one.open(&url).await, one.open(&url).await, one.open(&url).await, two.open(&url).await];
    for tab in &tabs {
        tab.wait_online().await;
        tab.wait_peers(3).await;
    }
    let mut slots = Vec::new();
    for tab in &tabs[..3] {
        slots.push(tab.text("slot").await);
    }
    slots.sort();
    slots.dedup();
    assert_eq!(slots.len(), 3, "each tab of a browser has a slot of its own");
    for (n, tab) in tabs.iter().enumerate() {
        let entry = format!("entry number {n}");
        tab.add(&entry).await;
        for other in &tabs {
            other.wait_entry(&entry).await;
        }
    }
    let wanted: Vec<String> = (0..4).map(|n| format!("entry number {n}")).collect();
    wait_settled(&tabs.each_ref(), &wanted).await;
    // The browser's own tab strip says so, too: the same height, the same strip.
    let title = "document.title.startsWith('Block ' + height() + ' · meeting')";
    let icon = "document.querySelector('link[rel=icon]').href";
    let mut icons = Vec::new();
    for tab in &tabs {
        tab.wait("the title tells the height", title).await;
        icons.push(tab.eval::<String>(icon).await.unwrap());
    }
    assert!(icons[0].starts_with("data:image/svg+xml"), "{}", icons[0]);
    icons.dedup();
    assert_eq!(icons.len(), 1, "tabs at one tip have one icon");
    one.check_consoles();
    two.check_consoles();
}

#[tokio::test]
async fn a_late_tab_gets_a_chain_of_300_blocks_and_shows_progress() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let _peer = NativePeer::with_blocks(&relay, "late", 300).await;
    let browser = Browser::start().await;
    // Slow enough that there is progress to show.
    let line = Proxy::start(relay.address, Duration::from_millis(100)).await;
    let tab = browser.open_page(&line.room("127.0.0.1", "late")).await;
    tab.watch_sync().await;
    tab.wait("the chain is whole", "height() === 300").await;
    assert!(tab.saw_sync().await, "progress was shown");
    tab.click("validate").await;
    tab.wait("the check is done", "byId('validate-result')").await;
    let result = tab.text("validate-result").await;
    assert!(result.contains("301"), "all blocks were checked: {result}");
    browser.check_consoles();
}

impl Tab {
    /// Notes from now on whether the page shows that it synchronises.
    async fn watch_sync(&self) {
        let watch = "(() => { const look = () => { \
            const state = document.querySelector('[data-testid=\"sync\"]')?.dataset.state; \
            if (state && state !== 'idle') window.sawSync = true; }; \
            new MutationObserver(look).observe(document, \
                { subtree: true, childList: true, attributes: true }); look(); return true; })()";
        assert!(self.eval::<bool>(watch).await.unwrap());
    }

    async fn saw_sync(&self) -> bool {
        self.eval("!!window.sawSync").await.unwrap()
    }
}

#[tokio::test]
async fn two_sides_of_a_cut_end_with_every_entry_of_both() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("cut");
    let (left, right) = (browser.open(&url).await, browser.open(&url).await);
    for tab in [&left, &right] {
        tab.wait_online().await;
        tab.wait_peers(1).await;
    }
    left.add("before the cut").await;
    wait_settled(&[&left, &right], &["before the cut".to_owned()]).await;
    for tab in [&left, &right] {
        tab.click("link-toggle").await;
        tab.wait("the tab is offline", "state('link-state') === 'offline'").await;
    }
    let mut wanted = vec!["before the cut".to_owned()];
    for n in 0..4 {
        for (side, tab) in [("left", &left), ("right", &right)] {
            let entry = format!("{side} entry {n}");
            tab.add(&entry).await;
            tab.wait_entry(&entry).await;
            wanted.push(entry);
        }
    }
    assert_ne!(left.tip().await, right.tip().await, "the chain has forked");
    for tab in [&left, &right] {
        tab.click("link-toggle").await;
        tab.wait_online().await;
    }
    wait_settled(&[&left, &right], &wanted).await;
    // The side that gave in sees its branch beside the chain, and where its entries are now.
    let given_in = "all('branch').length === 1 && data('branch', 'length') === '4'";
    let of_left = left.eval::<bool>(given_in).await.unwrap();
    let (side, tab) = if of_left { ("left", &left) } else { ("right", &right) };
    tab.wait("the branch is drawn", given_in).await;
    tab.wait(
        "its entries are found",
        &format!(
            "all('returned').length === 4 && \
             all('returned').every(e => /{side} entry \\d: in block/.test(e.textContent))"
        ),
    )
    .await;
    browser.check_consoles();
}

#[tokio::test]
async fn two_tabs_adding_flat_out_lose_nothing() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    // Both tabs at full speed, though only one of them is in front.
    let full_speed = ["disable-background-timer-throttling", "disable-renderer-backgrounding"];
    let browser = Browser::start_with(Profile::new(), &full_speed).await;
    let url = relay.room("flat-out");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    for tab in [&one, &two] {
        tab.wait_online().await;
        tab.wait_peers(1).await;
    }
    // Each adds its next entry as soon as the form has been cleared.
    let flat_out = "(async () => { \
        const input = byId('entry-input'), button = byId('add-block'); \
        const pause = () => new Promise(done => setTimeout(done, 2)); \
        for (let n = 0; n < 150; n++) { \
            input.value = `entry ${n}`; \
            input.dispatchEvent(new InputEvent('input', { bubbles: true })); \
            await pause(); button.click(); \
            while (input.value !== '') await pause(); \
        } return true; })()";
    let (left, right) = tokio::join!(one.eval::<bool>(flat_out), two.eval::<bool>(flat_out));
    assert!(left.unwrap() && right.unwrap());
    let tip = wait_settled(&[&one, &two], &[]).await;
    assert_eq!(one.tip().await, tip);
    for tab in [&one, &two] {
        tab.wait("nothing waits", "text('pending-count') === '0'").await;
        tab.click("validate").await;
        tab.wait("the check is done", "byId('validate-result')").await;
        let result = tab.text("validate-result").await;
        assert!(result.contains("300 signatures"), "every entry, once: {result}");
    }
    browser.check_consoles();
}

#[tokio::test]
async fn markup_in_an_entry_is_text() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("markup");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    one.wait_peers(1).await;
    let markup = "<img src=x onerror=\"window.hacked = 1\"><script>window.hacked = 2</script>\
                  <b>bold</b> & ]]> javascript:alert(1) \u{202e}";
    one.add(markup).await;
    for tab in [&one, &two] {
        tab.wait_entry(markup).await;
        let clean = "!window.hacked && !document.querySelector('main img, main b, main script')";
        assert!(tab.eval::<bool>(clean).await.unwrap());
    }
    browser.check_consoles();
}

#[tokio::test]
async fn plain_http_on_a_name_of_the_lan_works_in_full() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let map = "host-resolver-rules=MAP classroom.test 127.0.0.1";
    let browser = Browser::start_with(Profile::new(), &[map]).await;
    let url = format!("http://classroom.test:{}/#/r/lan", relay.address.port());
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    assert!(!one.eval::<bool>("window.isSecureContext").await.unwrap());
    assert_ne!(one.text("slot").await, two.text("slot").await);
    for tab in [&one, &two] {
        tab.wait_online().await;
        tab.wait_peers(1).await;
    }
    one.add("over plain http").await;
    two.wait_entry("over plain http").await;
    let (wallets, tip) = (
        [one.data("wallet", "author").await, two.data("wallet", "author").await],
        wait_settled(&[&one, &two], &["over plain http".to_owned()]).await,
    );
    assert_ne!(wallets[0], wallets[1]);
    one.close().await;
    two.close().await;
    let again = browser.open(&url).await;
    assert_eq!(again.tip().await, tip, "the store is kept");
    assert!(wallets.contains(&again.data("wallet", "author").await));
    browser.check_consoles();
}

#[tokio::test]
async fn bad_input_is_refused_beside_the_field_and_kept() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("forms")).await;
    tab.click("add-block").await;
    tab.wait("empty is refused", "text('entry-error')").await;
    let long = "x".repeat(32 * 1024 + 1);
    tab.type_entry(&long).await;
    tab.click("add-block").await;
    tab.wait("too long is refused", "/32/.test(text('entry-error'))").await;
    assert_eq!(tab.eval::<usize>("byId('entry-input').value.length").await.unwrap(), long.len());
    tab.click("entry-mode-json").await;
    tab.type_entry("{\"a\": }").await;
    tab.click("add-block").await;
    tab.wait("invalid JSON is refused", "text('entry-error')").await;
    assert_eq!(tab.height().await, 0);
    tab.add("{\"a\": [1, 2]}").await;
    tab.wait("the entry is in a block", "height() === 1").await;
    let valid = "byId('entry-error') === null || text('entry-error') === ''";
    assert!(tab.eval::<bool>(valid).await.unwrap());
    browser.check_consoles();
}
