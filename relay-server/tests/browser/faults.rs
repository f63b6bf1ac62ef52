//! Tabs whose process is killed, that are hidden and frozen, and whose network is slow
//! or gone.

use std::time::Duration;

use chain_wasm::node::limits::MAX_WINDOW;
use chromiumoxide::cdp::browser_protocol::network::OverrideNetworkStateParams;
use chromiumoxide::cdp::browser_protocol::page::{
    SetWebLifecycleStateParams, SetWebLifecycleStateState,
};

use crate::browser::{Browser, Profile};
use crate::forge::LongChain;
use crate::proxy::Proxy;
use crate::relay::Relay;
use crate::seeder::Seeder;
use crate::storage::{PACK, packs};
use crate::tab::{Tab, wait_settled};

#[tokio::test]
async fn a_tab_killed_in_the_middle_of_a_sync_goes_on_where_it_stopped() {
    const BLOCKS: u32 = 6_000;
    const FIRST: u32 = 2_000;
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let chain = LongChain::forge("cut-short", BLOCKS as usize, 1);
    let seeder = Seeder::start(&relay, chain, FIRST).await;
    let browser = Browser::start().await;
    let url = format!("{}?consensus=open", relay.room("cut-short"));
    let tab = browser.open(&url).await;
    tab.wait("a part has come", &format!("height() >= {FIRST} - {MAX_WINDOW}")).await;
    // It stores them a pack at a time: whatever else it has, these are there to go on from.
    let packs = packs(tab.height().await);
    tab.wait_records("packs", packs).await;
    seeder.serve_more(BLOCKS / 2);
    tab.wait("more comes", &format!("height() > {FIRST}")).await;
    browser.kill_tab(tab).await;

    // Nobody gives it anything now.
    seeder.serve_more(0);
    let tab = browser.open(&url).await;
    let kept = tab.height().await;
    let possible = packs * PACK..=seeder.served();
    assert!(packs > 0 && possible.contains(&kept), "kept {kept}, and not of {possible:?}");
    let served = seeder.served();
    seeder.serve_more(u32::MAX);
    tab.wait("the chain is whole", &format!("height() === {BLOCKS}")).await;
    assert_eq!(seeder.served() - served, BLOCKS - kept, "no block is fetched again");
    tab.check_signatures(BLOCKS).await;
}

#[tokio::test]
async fn a_tab_killed_while_adding_keeps_every_entry_that_it_had_accepted() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("killed-tab");
    let mut accepted = Vec::new();
    // Each time in the middle of a write.
    for round in 0..3 {
        let tab = browser.open(&url).await;
        tab.wait_online().await;
        tab.add_flat_out(&format!("round {round} entry")).await;
        tab.wait("entries are accepted", "window.accepted.length >= 30").await;
        accepted.extend(tab.accepted().await);
        browser.kill_tab(tab).await;
    }
    let tab = browser.open(&url).await;
    tab.wait("nothing waits", "text('pending-count') === '0'").await;
    let entries = tab.all_entries().await;
    for entry in &accepted {
        let times = entries.iter().filter(|shown| shown.contains(entry.as_str())).count();
        assert_eq!(times, 1, "{entry}");
    }
}

#[tokio::test]
async fn a_hidden_tab_serves_and_receives_and_a_frozen_one_catches_up() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    // The throttling that comes after five minutes comes after a second.
    let soon = ["enable-features=IntensiveWakeUpThrottling:grace_period_seconds/1"];
    let (one, two) = (Browser::start_with(Profile::new(), &soon).await, Browser::start().await);
    let url = relay.room("hidden");
    let hidden = one.open(&url).await;
    hidden.wait_online().await;
    hidden.add("before it was hidden").await;
    hidden.wait_entry("before it was hidden").await;
    let front = one.open(&url).await;
    hidden.wait("it is hidden", "document.hidden").await;
    front.wait_peers(1).await;
    front.add("while it was hidden").await;
    hidden.wait_entry("while it was hidden").await;
    let mut wanted = vec!["before it was hidden".to_owned(), "while it was hidden".to_owned()];
    wait_settled(&[&hidden, &front], &wanted).await;

    // Nobody else can give the newcomer the chain.
    front.click("link-toggle").await;
    front.wait("it has left", "state('link-state') === 'offline'").await;
    let newcomer = two.open(&url).await;
    wait_settled(&[&newcomer], &wanted).await;
    front.click("link-toggle").await;
    front.wait_peers(2).await;

    hidden.set_frozen(true).await;
    for n in 0..5 {
        let entry = format!("while it was frozen {n}");
        newcomer.add(&entry).await;
        front.wait_entry(&entry).await;
        wanted.push(entry);
    }
    hidden.set_frozen(false).await;
    hidden.page.bring_to_front().await.unwrap();
    hidden.wait("it is shown", "!document.hidden").await;
    wait_settled(&[&hidden, &front, &newcomer], &wanted).await;
    hidden.add("after it was shown").await;
    wanted.push("after it was shown".to_owned());
    wait_settled(&[&hidden, &front, &newcomer], &wanted).await;
    one.check_consoles();
    two.check_consoles();
}

#[tokio::test]
async fn a_browser_that_goes_offline_and_online_loses_nothing() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let line = Proxy::start(relay.address, Duration::ZERO).await;
    // Not a loopback name: that a tab reaches without any network.
    let map = "host-resolver-rules=MAP classroom.test 127.0.0.1";
    let away = Browser::start_with(Profile::new(), &[map]).await;
    let there = Browser::start().await;
    let tab = away.open(&line.room("classroom.test", "offline")).await;
    let other = there.open(&relay.room("offline")).await;
    for tab in [&tab, &other] {
        tab.wait_online().await;
        tab.wait_peers(1).await;
    }
    tab.add("online").await;
    let mut wanted = vec!["online".to_owned()];
    wait_settled(&[&tab, &other], &wanted).await;
    for round in 0..2 {
        line.silence();
        tab.set_offline(true).await;
        tab.wait("it says so", "state('link-state') === 'offline'").await;
        for (name, tab) in [("away", &tab), ("there", &other)] {
            let entry = format!("{name} in round {round}");
            tab.add(&entry).await;
            tab.wait_entry(&entry).await;
            wanted.push(entry);
        }
        line.restore();
        tab.set_offline(false).await;
        tab.wait_online().await;
        wait_settled(&[&tab, &other], &wanted).await;
    }
    away.check_consoles();
    there.check_consoles();
}

#[tokio::test]
async fn two_tabs_adding_flat_out_over_a_slow_line_lose_nothing() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let line = Proxy::start(relay.address, Duration::from_millis(50)).await;
    let full_speed = ["disable-background-timer-throttling", "disable-renderer-backgrounding"];
    let browser = Browser::start_with(Profile::new(), &full_speed).await;
    let url = line.room("127.0.0.1", "slow-line");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    for (name, tab) in [("left", &one), ("right", &two)] {
        tab.wait_online().await;
        tab.wait_peers(1).await;
        tab.add_flat_out(name).await;
    }
    tokio::time::sleep(Duration::from_secs(20)).await;
    let accepted = [one.stop_adding().await, two.stop_adding().await].concat();
    wait_settled(&[&one, &two], &[]).await;
    for tab in [&one, &two] {
        let all = u32::try_from(accepted.len()).unwrap();
        tab.wait("nothing waits", "text('pending-count') === '0'").await;
        tab.check_signatures(all).await;
    }
    browser.check_consoles();
}

impl Tab {
    /// Checks the whole chain, which must have so many entries: each once, since an entry
    /// is valid only once.
    async fn check_signatures(&self, entries: u32) {
        self.click("validate").await;
        self.wait("the check is done", "byId('validate-result')").await;
        let valid = self.data("validate-result", "valid").await;
        assert_eq!(valid, "true");
        let result = self.text("validate-result").await.replace(',', "");
        let said = format!("{entries} signatures");
        assert!(result.contains(&said), "{said}, and not: {result}");
    }

    async fn set_frozen(&self, frozen: bool) {
        let state = if frozen {
            SetWebLifecycleStateState::Frozen
        } else {
            SetWebLifecycleStateState::Active
        };
        self.page.execute(SetWebLifecycleStateParams::new(state)).await.unwrap();
    }

    async fn set_offline(&self, offline: bool) {
        let conditions = OverrideNetworkStateParams::new(offline, 0.0, -1.0, -1.0);
        self.page.execute(conditions).await.unwrap();
    }
}
