//! A class: `cargo test -p relay-server --test browser -- --ignored --nocapture thirty_tabs`.

use std::time::Duration;

use tokio::time::Instant;

use crate::browser::{Browser, Profile};
use crate::patience::until_in;
use crate::relay::Relay;
use crate::tab::Tab;

/// Tabs in the room.
const TABS: usize = 30;
/// How long each adds entries, and when one is cut off and heals.
const ADDING: Duration = Duration::from_mins(3);
const CUT_AT: Duration = Duration::from_mins(1);
const HEALED_AT: Duration = Duration::from_mins(2);
/// The mean pause between two entries of one tab, in milliseconds.
const PAUSE: u32 = 20_000;
/// The machine has two cores for thirty tabs.
const LONG: Duration = Duration::from_mins(10);

impl Tab {
    /// Begins to add entries as a human does: one, and a pause of half to one and a half
    /// times [`PAUSE`], as long as `window.adding` is true. `window.accepted` tells which
    /// were accepted.
    async fn add_at_human_pace(&self, name: &str) {
        let begin = format!(
            "(() => {{ window.adding = true; window.accepted = []; \
             const pause = ms => new Promise(done => setTimeout(done, ms)); \
             window.flatOut = (async () => {{ for (let n = 0; ; n++) {{ \
                 const until = Date.now() + {PAUSE} * (n ? 0.5 + Math.random() : Math.random()); \
                 while (window.adding && Date.now() < until) await pause(200); \
                 if (!window.adding) return; \
                 const input = byId('entry-input'), entry = `{name} writes ${{n}}.`; \
                 input.value = entry; \
                 input.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); \
                 await pause(20); byId('add-block').click(); \
                 while (input.value !== '') await pause(50); \
                 window.accepted.push(entry); \
             }} }})(); return true; }})()"
        );
        assert!(self.eval::<bool>(&begin).await.unwrap());
    }

    /// From here on `window.long` has the long tasks, and `window.answered` how long it took
    /// until the page had painted what a key did, if it took 16 ms and more.
    async fn watch_responsiveness(&self) {
        let watch = "(() => { window.long = []; window.answered = []; \
            new PerformanceObserver(list => \
                list.getEntries().forEach(e => window.long.push(Math.round(e.duration)))) \
                .observe({ type: 'longtask' }); \
            new PerformanceObserver(list => \
                list.getEntries().filter(e => e.name === 'keydown') \
                    .forEach(e => window.answered.push(e.duration))) \
                .observe({ type: 'event', durationThreshold: 16 }); \
            return true; })()";
        assert!(self.eval::<bool>(watch).await.unwrap());
    }

    /// Presses a key about once a second until then, and tells how often.
    async fn type_until(&self, then: Instant) -> usize {
        let mut presses = 0;
        while Instant::now() < then {
            self.strike("#search", "a").await;
            presses += 1;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        presses
    }
}

#[tokio::test]
#[ignore = "takes minutes, and all of the machine"]
async fn thirty_tabs() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let full_speed = ["disable-background-timer-throttling", "disable-renderer-backgrounding"];
    let browser = Browser::start_with(Profile::new(), &full_speed).await;
    let url = relay.room("thirty");
    let mut tabs = Vec::new();
    for n in 0..TABS {
        let tab = browser.open_page(&url).await;
        let started = format!("tab {n} starts");
        wait_long(&tab, &started, "tip() && data('wallet', 'author')").await;
        tabs.push(tab);
    }
    for tab in &tabs {
        let others = format!("text('peer-count') === '{}'", TABS - 1);
        wait_long(tab, "all others are here", &others).await;
    }
    let front = &tabs[0];
    front.page.bring_to_front().await.unwrap();
    front.watch_responsiveness().await;
    for (n, tab) in tabs.iter().enumerate() {
        tab.add_at_human_pace(&format!("Tab {n}")).await;
    }
    let begun = Instant::now();
    let cut = &tabs[TABS / 2];
    let mut presses = front.type_until(begun + CUT_AT).await;
    cut.click("link-toggle").await;
    wait_long(cut, "it is cut off", "state('link-state') === 'offline'").await;
    presses += front.type_until(begun + HEALED_AT).await;
    cut.click("link-toggle").await;
    presses += front.type_until(begun + ADDING).await;
    let long = front.eval::<Vec<u32>>("window.long").await.unwrap();
    let mut answered = front.eval::<Vec<f64>>("window.answered").await.unwrap();
    answered.resize(presses.max(answered.len()), 0.0);
    answered.sort_by(f64::total_cmp);

    let mut accepted = Vec::new();
    for tab in &tabs {
        accepted.extend(tab.stop_adding().await);
    }
    let tip = until_in(LONG, "all tabs have one tip, and nothing waits", || async {
        let mut tips = Vec::new();
        for tab in &tabs {
            if tab.eval::<String>("text('pending-count')").await? != "0" {
                return Err(format!("entries wait, tips so far: {tips:?}"));
            }
            tips.push(tab.tip().await);
        }
        tips.dedup();
        if tips.len() == 1 { Ok(tips.remove(0)) } else { Err(format!("{tips:?}")) }
    })
    .await;
    // Each signature is of one entry, and none can be in a chain twice.
    let signatures = format!("{} signatures", accepted.len());
    for tab in &tabs {
        tab.click("validate").await;
        wait_long(tab, "the check is done", "byId('validate-result')").await;
        let result = tab.text("validate-result").await.replace(',', "");
        assert!(result.contains(&signatures), "{signatures}, and not: {result}");
    }
    let mut shown = front.all_entries().await;
    shown.sort();
    for entry in &accepted {
        let times = shown.iter().filter(|text| text.contains(entry.as_str())).count();
        assert_eq!(times, 1, "{entry} is in the chain {times} times");
    }
    println!(
        "{} entries of {TABS} tabs, {} blocks, tip {tip}; long tasks of the page in front: {} of \
         {} ms at the most, {} ms in all",
        accepted.len(),
        front.height().await,
        long.len(),
        long.iter().max().unwrap_or(&0),
        long.iter().sum::<u32>()
    );
    println!(
        "{presses} keys pressed in it, painted after {} ms (median; 0 is less than 16), 95 of 100 \
         within {} ms, all within {} ms",
        answered[answered.len() / 2],
        answered[answered.len() * 95 / 100],
        answered[answered.len() - 1]
    );
    browser.check_consoles();
}

async fn wait_long(tab: &Tab, what: &str, condition: &str) {
    let expression = format!("!!({condition})");
    until_in(LONG, what, || async {
        match tab.eval::<bool>(&expression).await {
            Ok(true) => Ok(()),
            Ok(false) => Err("not yet".to_owned()),
            Err(error) => Err(error),
        }
    })
    .await;
}
