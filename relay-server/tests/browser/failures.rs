//! What closes, crashes or is not there: nothing accepted is lost, and the page says it.

use crate::browser::{Browser, Profile};
use crate::relay::{PageServer, Relay};
use crate::tab::wait_settled;

#[tokio::test]
async fn everything_closed_and_opened_again_is_as_it_was_without_a_relay() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("again");
    let mut tabs = Vec::new();
    for _ in 0..3 {
        tabs.push(browser.open(&url).await);
    }
    for tab in &tabs {
        tab.wait_peers(2).await;
    }
    for n in 0..3 {
        tabs[n].add(&format!("kept entry {n}")).await;
        tabs[(n + 1) % 3].wait_entry(&format!("kept entry {n}")).await;
    }
    let wanted: Vec<String> = (0..3).map(|n| format!("kept entry {n}")).collect();
    let tip = wait_settled(&tabs.iter().collect::<Vec<_>>(), &wanted).await;
    let mut before = Vec::new();
    for tab in &tabs {
        before.push((tab.text("slot").await, tab.data("wallet", "author").await));
    }
    before.sort();
    browser.check_consoles();
    let profile = browser.close().await;
    // The page comes from the same address again, but no relay is there to connect to.
    let address = relay.kill().await;
    let _page = PageServer::start(address).await;
    let browser = Browser::start_with(profile, &[]).await;
    let mut tabs = Vec::new();
    for _ in 0..3 {
        tabs.push(browser.open(&url).await);
    }
    let mut after = Vec::new();
    for tab in &tabs {
        assert_eq!(tab.tip().await, tip);
        assert_ne!(tab.data("link-state", "state").await, "online");
        after.push((tab.text("slot").await, tab.data("wallet", "author").await));
    }
    after.sort();
    assert_eq!(before, after, "the same slots and wallets");
}

#[tokio::test]
async fn a_room_survives_all_its_tabs_in_an_archive() {
    let _turn = crate::turn().await;
    let folder = tempfile::tempdir().unwrap();
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let relay = Relay::start_archive(free, folder.path()).await;
    let browser = Browser::start().await;
    let url = relay.room("archived");
    let tab = browser.open(&url).await;
    // The archive finds the room by itself.
    tab.wait_peers(1).await;
    tab.add("kept without a tab").await;
    let entries = ["kept without a tab".to_owned()];
    let tip = wait_settled(&[&tab], &entries).await;
    crate::until("the archive has it", || async {
        let ask =
            "fetch('/rooms/archived').then(answer => answer.json()).then(room => room.tip.hash)";
        let hash = tab.eval::<String>(ask).await?;
        if hash == tip { Ok(()) } else { Err(hash) }
    })
    .await;
    browser.check_consoles();
    // Nothing of that browser is used again.
    drop(browser.close().await);
    let address = relay.kill().await;
    let _relay = Relay::start_archive(address, folder.path()).await;
    let browser = Browser::start().await;
    let tab = browser.open(&url).await;
    assert_eq!(wait_settled(&[&tab], &entries).await, tip);
}

#[tokio::test]
async fn a_killed_relay_loses_nothing_and_tabs_come_back_by_themselves() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("relay");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    for tab in [&one, &two] {
        tab.wait_peers(1).await;
    }
    one.add("with the relay").await;
    wait_settled(&[&one, &two], &["with the relay".to_owned()]).await;
    let address = relay.kill().await;
    for tab in [&one, &two] {
        tab.wait("the tab says so", "['waiting', 'connecting'].includes(state('link-state'))")
            .await;
    }
    one.add("without the relay, one").await;
    two.add("without the relay, two").await;
    let _relay = Relay::start_at(address).await;
    for tab in [&one, &two] {
        tab.wait_online().await;
    }
    let wanted = ["with the relay", "without the relay, one", "without the relay, two"];
    wait_settled(&[&one, &two], &wanted.map(str::to_owned)).await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_killed_browser_keeps_what_was_accepted() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("killed")).await;
    tab.wait_online().await;
    for n in 0..3 {
        tab.add(&format!("accepted entry {n}")).await;
    }
    // Killed at once: some of these may not be in a block yet.
    let author = tab.data("wallet", "author").await;
    let profile = browser.kill().await;
    let browser = Browser::start_with(profile, &[]).await;
    let tab = browser.open(&relay.room("killed")).await;
    assert_eq!(tab.data("wallet", "author").await, author);
    let wanted: Vec<String> = (0..3).map(|n| format!("accepted entry {n}")).collect();
    wait_settled(&[&tab], &wanted).await;
}

#[tokio::test]
async fn without_a_store_the_node_runs_in_memory_and_says_so() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start_with(Profile::without_storage(), &[]).await;
    let tab = browser.open(&relay.room("memory")).await;
    tab.wait("the page says so", "byId('storage-warning')").await;
    tab.add("in memory only").await;
    tab.wait_entry("in memory only").await;
}

#[tokio::test]
async fn a_worker_that_cannot_start_ends_in_a_message() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.break_workers().await;
    tab.page.goto(relay.room("broken")).await.unwrap();
    tab.wait("the page says so", "byId('fatal')").await;
    assert!(tab.eval::<bool>("(window.mended = true)").await.unwrap());
    tab.click("restart").await;
    tab.wait("the node starts after all", "byId('tip-hash') && !byId('fatal')").await;
}

#[tokio::test]
async fn a_worker_of_another_version_ends_in_a_message_that_offers_a_reload() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.replace_worker("this.say({ Booted: { version: 999 } });", "").await;
    tab.page.goto(relay.room("version")).await.unwrap();
    tab.wait("the page says so", "byId('fatal') && byId('reload')").await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_node_that_crashes_ends_in_a_message_and_can_be_started_again() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    let version = chain_wasm::api::VERSION;
    let booted = format!("this.say({{ Booted: {{ version: {version} }} }});");
    tab.replace_worker(&booted, "this.say({ Crashed: { message: 'out of luck' } });").await;
    tab.page.goto(relay.room("crash")).await.unwrap();
    // The start was never answered: what waits for it is told, too.
    tab.wait("the page says so", "text('fatal')?.includes('out of luck')").await;
    assert!(tab.eval::<bool>("(window.mended = true)").await.unwrap());
    tab.click("restart").await;
    tab.wait("the node starts", "tip() && data('wallet', 'author') && !byId('fatal')").await;
    browser.check_consoles();
}

/// What the page fetches after the rest does not come until the page's `window.mended` is true.
const NO_LATER: &str = "const real = window.fetch; window.fetch = (url, ...rest) => \
    String(url).includes('split_later') && !window.mended \
    ? Promise.reject(new TypeError('gone')) : real(url, ...rest);";

#[tokio::test]
async fn a_part_of_the_page_that_does_not_come_is_said_and_asked_for_again() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.before_page(NO_LATER).await;
    tab.page.goto(format!("{}/log", relay.room("parts"))).await.unwrap();
    tab.wait("it is told", "byId('explorer')?.querySelector('[data-testid=part-missing]')").await;
    // The rest of the page does what it does.
    tab.wait_online().await;
    tab.click("back-to-chain").await;
    tab.add("all the same").await;
    tab.wait_entry("all the same").await;
    assert!(tab.eval::<bool>("(history.back(), window.mended = true)").await.unwrap());
    tab.wait("it is told", "byId('explorer')?.querySelector('[data-testid=part-missing]')").await;
    tab.click("part-again").await;
    tab.wait("it is there", "byId('title') && !byId('part-missing')").await;
}

#[tokio::test]
async fn a_tab_whose_relay_is_gone_has_every_part_of_the_page() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("parts")).await;
    // One that is never seen to be fetched would not be there.
    tab.wait("the rest is fetched", "byId('key-fold').querySelector('input')").await;
    relay.kill().await;
    tab.click("to-log").await;
    tab.wait("the log is there", "byId('explorer')?.querySelector('[data-testid=title]')").await;
    tab.click("to-new-room").await;
    tab.wait("the form is there", "byId('new-name')").await;
    browser.check_consoles();
}
