//! From the form's submit until the page shows the entry in a block, while several tabs
//! of one `work` room add entries, each about one every two seconds.

use crate::browser::{Browser, Profile};
use crate::relay::Relay;
use crate::report::{Report, figure, percentile};

/// Entries of all tabs together, at least.
const ENTRIES: usize = 120;

/// Measures with so many tabs of one browser.
pub(crate) async fn measure(report: &mut Report, tabs: usize) {
    let relay = Relay::start().await;
    // Only one tab is in front: the others are not to be slower for it.
    let full_speed = [
        "disable-background-timer-throttling",
        "disable-renderer-backgrounding",
        "disable-backgrounding-occluded-windows",
    ];
    let browser = Browser::start_with(Profile::new(), &full_speed).await;
    let url = relay.room("submit");
    let mut all = Vec::new();
    for _ in 0..tabs {
        all.push(browser.open(&url).await);
    }
    for tab in &all {
        tab.wait_peers(tabs - 1).await;
    }
    let each = ENTRIES.div_ceil(tabs);
    let script = |name: usize| {
        format!(
            "(async () => {{ \
             const input = byId('entry-input'), button = byId('add-block'), times = []; \
             const until = condition => new Promise(done => {{ const look = () => \
                condition() ? done(performance.now()) : setTimeout(look, 4); look(); }}); \
             const pause = millis => new Promise(done => setTimeout(done, millis)); \
             await pause(Math.random() * 2000); \
             for (let n = 0; n < {each}; n++) {{ \
                const before = data('entry-status', 'id'); \
                input.value = `entry ${{n}} of tab {name}`; \
                input.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); \
                await pause(2); \
                const begin = performance.now(); button.click(); \
                const end = await until(() => data('entry-status', 'id') !== before \
                    && state('entry-status') === 'in-block'); \
                times.push(end - begin); \
                await pause(Math.max(0, begin + 1000 + Math.random() * 2000 - end)); \
             }} return times; }})()"
        )
    };
    let runs = all.iter().enumerate().map(|(name, tab)| {
        let script = script(name);
        async move { tab.eval::<Vec<f64>>(&script).await.unwrap() }
    });
    let mut times = futures_util::future::join_all(runs).await.concat();
    report.add(
        "from submit to a block",
        vec![
            ("tabs", figure(tabs)),
            ("entries", figure(times.len())),
            ("p50 ms", percentile(&mut times, 0.5)),
            ("p99 ms", percentile(&mut times, 0.99)),
        ],
    );
    browser.close().await;
}
