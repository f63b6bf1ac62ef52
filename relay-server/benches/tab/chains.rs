//! A chain through the relay into a new tab, and what the tab does with it.
//!
//! - *shown*: from the moment that a peer with the chain joins until the page shows the
//!   chain's height; *stored*: until the store has taken all of it, since an entry that
//!   is added then is accepted only once what came before it is stored.
//! - *peak*: the most memory that the tab's process, page and worker, has held since it
//!   began.
//! - *long tasks*: tasks of the page's main thread above 50 ms during the synchronisation.
//! - *block*: from the announcement of a new block by the peer until the page shows it.
//! - *warm*: from a reload until the page shows the whole chain from its store.
//! - *check*: the page's button *Validate*, which reads all blocks from the store.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use crate::browser::Browser;
use crate::forge::LongChain;
use crate::relay::Relay;
use crate::report::{Report, figure, percentile};
use crate::seeder::Seeder;
use crate::tab::Tab;

/// New blocks on top of a chain.
const NEW_BLOCKS: u32 = 20;

/// Reloads.
const RELOADS: usize = 3;

/// Runs before the page's scripts: notes long tasks, and when the page shows which height.
const PROBE: &str = "
    window.longTasks = [];
    window.heights = [];
    const instant = at => performance.timeOrigin + at;
    new PerformanceObserver(list => {
        for (const task of list.getEntries())
            window.longTasks.push([instant(task.startTime), task.duration]);
    }).observe({ type: 'longtask', buffered: true });
    new MutationObserver(() => {
        const shown = document.querySelector('[data-testid=\"tip-height\"]')?.textContent;
        const height = Number(shown?.replace(/\\D/g, '') || NaN);
        if (height >= 0 && window.heights.at(-1)?.[0] !== height)
            window.heights.push([height, instant(performance.now())]);
    }).observe(document, { subtree: true, childList: true, characterData: true });
";

/// Measures a chain of so many blocks with so many signed entries in each.
pub(crate) async fn measure(report: &mut Report, blocks: u32, entries: u32) {
    let relay = Relay::start().await;
    let chain = LongChain::forge("chain", blocks as usize, entries as usize);
    let size = chain.size();
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.before_page(PROBE).await;
    tab.page.goto(format!("{}?consensus=open", relay.room("chain"))).await.unwrap();
    tab.wait_online().await;

    let begin = unix_millis();
    let seeder = Seeder::start(&relay, chain, u32::MAX).await;
    let shown = tab.height_shown(blocks).await - begin;
    tab.type_entry("the last entry").await;
    let accepted = "new Promise(done => { byId('add-block').click(); const look = () => \
                    byId('entry-input').value === '' ? done(performance.timeOrigin + \
                    performance.now()) : setTimeout(look, 4); look(); })";
    let stored: f64 = tab.eval::<f64>(accepted).await.unwrap() - begin;
    let long = format!("longTasks.filter(([at]) => at >= {begin}).map(([, took]) => took)");
    let long: Vec<f64> = tab.eval(&long).await.unwrap();
    let peak = peak_memory(browser.busiest_process().await);
    tab.height_shown(blocks + 1).await;
    report.add(
        "a chain into a new tab",
        vec![
            ("blocks", f64::from(blocks)),
            ("entries each", f64::from(entries)),
            ("chain MB", figure(size) / 1e6),
            ("sent MB", figure(seeder.bytes()) / 1e6),
            ("shown s", shown / 1_000.0),
            ("stored s", stored / 1_000.0),
            ("blocks/s stored", f64::from(blocks) / stored * 1_000.0),
            ("peak MB", peak),
            ("long tasks", figure(long.len())),
            ("longest ms", long.iter().copied().fold(0.0, f64::max)),
        ],
    );
    let mut new_blocks = new_blocks(&seeder, &tab, blocks + 1).await;
    let top = blocks + 1 + NEW_BLOCKS;
    let mut warm = Vec::new();
    for _ in 0..RELOADS {
        tab.page.reload().await.unwrap();
        let at = tab.height_shown(top).await;
        warm.push(at - tab.eval::<f64>("performance.timeOrigin").await.unwrap());
    }
    let checked = check(&tab).await;
    report.add(
        "on top of it",
        vec![
            ("blocks", f64::from(blocks)),
            ("entries each", f64::from(entries)),
            ("block p50 ms", percentile(&mut new_blocks, 0.5)),
            ("block max ms", percentile(&mut new_blocks, 1.0)),
            ("warm s", percentile(&mut warm, 0.5) / 1_000.0),
            ("check s", checked / 1_000.0),
            ("checked blocks/s", f64::from(top) / checked * 1_000.0),
            ("signatures/s", f64::from(top) * f64::from(entries) / checked * 1_000.0),
        ],
    );
    browser.close().await;
}

/// How long each of some new blocks takes to be shown, in milliseconds.
async fn new_blocks(seeder: &Seeder, tab: &Tab, height: u32) -> Vec<f64> {
    crate::until("the peer has the tab's block", || async {
        let at = seeder.height();
        if at == height { Ok(()) } else { Err(at.to_string()) }
    })
    .await;
    let mut times = Vec::new();
    for n in 1..=NEW_BLOCKS {
        tokio::time::sleep(Duration::from_millis(250)).await;
        let before = unix_millis();
        seeder.grow();
        times.push(tab.height_shown(height + n).await - before);
    }
    times
}

/// How long the full check takes, as the page says, in milliseconds.
async fn check(tab: &Tab) -> f64 {
    tab.click("validate").await;
    tab.wait("the check is done", "byId('validate-result')").await;
    assert_eq!(tab.data("validate-result", "valid").await, "true");
    let millis = "Number(text('validate-result').match(/in ([\\d,]+) ms/)[1].replace(/,/g, ''))";
    tab.eval::<f64>(millis).await.unwrap().max(1.0)
}

impl Tab {
    /// When the page first showed a height, by the wall clock in milliseconds.
    async fn height_shown(&self, height: u32) -> f64 {
        let seen = format!("heights.some(([shown]) => shown === {height})");
        self.wait("the chain is whole", &seen).await;
        let when = format!("heights.find(([shown]) => shown === {height})[1]");
        self.eval(&when).await.unwrap()
    }
}

fn unix_millis() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs_f64() * 1_000.0
}

/// The most memory that a process has held, in MB; 0 where the system does not say.
fn peak_memory(process: u32) -> f64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kib = line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok());
    kib.unwrap_or_default() * 1_024.0 / 1e6
}
