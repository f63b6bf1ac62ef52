//! Interaction to next paint on a long chain, and how soon a page is there:
//! `cargo test -p relay-server --test browser -- --ignored --nocapture measure_interactions`.
//! `BLOCKS` names another length of the chain.

use crate::browser::Browser;
use crate::forge::LongChain;
use crate::relay::Relay;
use crate::seeder::Seeder;
use crate::tab::Tab;

/// How often the page is loaded again.
const RELOADS: usize = 7;

/// Runs before the page's scripts: notes what each interaction took until it was painted, and
/// when the first card of a block was there.
const PROBE: &str = "
    window.events = [];
    new PerformanceObserver(list => {
        for (const event of list.getEntries())
            if (event.interactionId) window.events.push([event.name, event.duration,
                event.processingStart - event.startTime, event.processingEnd - event.processingStart]);
    }).observe({ type: 'event', durationThreshold: 16, buffered: true });
    window.firstCard = null;
    new MutationObserver((_, observer) => {
        if (document.querySelector('[data-testid=\"block\"]')) {
            requestAnimationFrame(() => window.firstCard = performance.now());
            observer.disconnect();
        }
    }).observe(document, { subtree: true, childList: true });
";

/// What an interaction took in milliseconds: until the paint, waiting, and its handlers.
type Event = (String, f64, f64, f64);

impl Tab {
    /// Presses with a mouse, as a browser does it: only that is an interaction.
    async fn press(&self, selector: &str) {
        self.wait(selector, &format!("document.querySelector({selector:?})")).await;
        self.page.find_element(selector).await.unwrap().click().await.unwrap();
    }

    async fn press_id(&self, id: &str) {
        self.press(&format!("[data-testid={id}]")).await;
    }

    /// Types with a keyboard.
    pub(crate) async fn strike(&self, selector: &str, text: &str) {
        let field = self.page.find_element(selector).await.unwrap();
        field.click().await.unwrap().type_str(text).await.unwrap();
    }

    /// What the interactions since the last call took, when they are painted.
    async fn interactions(&self, what: &str) -> f64 {
        let painted =
            "new Promise(done => requestAnimationFrame(() => setTimeout(() => done(true), 60)))";
        assert!(self.eval::<bool>(painted).await.unwrap());
        let events = self.eval::<Vec<Event>>("window.events.splice(0)").await.unwrap();
        let longest = events.iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let Some((name, until_paint, waited, handled)) = longest else {
            println!("{what}: all below 16 ms");
            return 0.0;
        };
        println!(
            "{what}: {} events of 16 ms and more, longest {until_paint} ms ({name}, waited \
             {waited:.1}, handlers {handled:.1})",
            events.len()
        );
        *until_paint
    }
}

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_interactions_on_a_long_chain() {
    let _turn = crate::turn().await;
    let blocks = std::env::var("BLOCKS").map_or(100_000, |blocks| blocks.parse().unwrap());
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.before_page(PROBE).await;
    tab.page.goto(format!("{}?consensus=open", relay.room("long"))).await.unwrap();
    tab.wait_online().await;
    paints(&tab, "an empty chain").await;
    let _seeder = Seeder::start(&relay, LongChain::forge("long", blocks, 1), u32::MAX).await;
    tab.wait("the chain is whole", &format!("height() === {blocks}")).await;
    // What is accepted is stored after all that came before it.
    tab.add("after the whole chain").await;
    tab.wait_entry("after the whole chain").await;
    paints(&tab, &format!("{blocks} blocks")).await;
    tab.page.bring_to_front().await.unwrap();
    tab.interactions("at rest").await;

    let mut worst: Vec<f64> = Vec::new();
    tab.strike("#entry", "typed on a long chain").await;
    worst.push(tab.interactions("typing an entry").await);
    tab.press_id("add-block").await;
    tab.wait_entry("typed on a long chain").await;
    worst.push(tab.interactions("adding a block").await);
    tab.press_id("show-older").await;
    worst.push(tab.interactions("older blocks").await);
    tab.press(".block .to-block").await;
    tab.wait("the block's page", "byId('block-facts')").await;
    worst.push(tab.interactions("a block's page").await);
    tab.press_id("recompute").await;
    tab.wait("the hash", "byId('recomputed')").await;
    worst.push(tab.interactions("its hash computed").await);
    tab.press_id("back-to-chain").await;
    tab.wait("the chain", "!byId('explorer')").await;
    worst.push(tab.interactions("back to the chain").await);
    for text in ["50000", "chain"] {
        tab.strike("#search", text).await;
        worst.push(tab.interactions(&format!("typing {text}")).await);
        tab.press_id("search-button").await;
        tab.wait(text, "data('results', 'running') === 'false'").await;
        worst.push(tab.interactions(&format!("searching {text}")).await);
        tab.press_id("back-to-chain").await;
        tab.wait("the chain", "!byId('explorer')").await;
        worst.push(tab.interactions("back to the chain").await);
    }
    for id in ["to-network", "to-log", "to-new-room"] {
        tab.press_id(id).await;
        tab.wait(id, "byId('title')").await;
        worst.push(tab.interactions(id).await);
        tab.press_id("back-to-chain").await;
        tab.wait("the chain", "!byId('explorer')").await;
        worst.push(tab.interactions("back to the chain").await);
    }
    // The first time the browser loads the fonts of the other script.
    for (language, what) in
        [("ko", "another language"), ("en", "the first language"), ("ko", "the other again")]
    {
        tab.press(&format!("[data-testid=language] label[lang={language}]")).await;
        worst.push(tab.interactions(what).await);
    }
    tab.press_id("validate").await;
    worst.push(tab.interactions("the check begins").await);
    tab.strike("#entry", "typed while it is checked").await;
    worst.push(tab.interactions("typing meanwhile").await);
    tab.wait("the check is done", "byId('validate-result')").await;
    worst.sort_by(f64::total_cmp);
    println!("the longest of {} kinds: {:?} ms", worst.len(), worst.last());
}

/// How soon a page that was loaded before is there again.
async fn paints(tab: &Tab, chain: &str) {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..RELOADS {
        tab.page.reload().await.unwrap();
        tab.wait("a block's card", "window.firstCard !== null").await;
        let painted = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime";
        times[0].push(tab.eval::<f64>(painted).await.unwrap());
        times[1].push(tab.eval::<f64>("window.firstCard").await.unwrap());
    }
    for (what, times) in ["first contentful paint", "first card of a block"].iter().zip(&mut times)
    {
        times.sort_by(f64::total_cmp);
        println!(
            "{chain}, warm, {what}: median {:.0} ms, longest {:.0} ms",
            times[RELOADS / 2],
            times[RELOADS - 1]
        );
    }
}
