//! One tab, seen and used through its page alone.

use chromiumoxide::Page;
use serde::de::DeserializeOwned;

use crate::until;

/// Functions for the expressions that the tests look at a page with.
const PRELUDE: &str = "
    const all = id => [...document.querySelectorAll(`[data-testid=\"${id}\"]`)];
    const byId = id => document.querySelector(`[data-testid=\"${id}\"]`);
    const state = id => byId(id)?.dataset.state;
    const text = id => byId(id)?.textContent.trim();
    const tip = () => byId('tip-hash')?.dataset.hash;
    const height = () => Number(text('tip-height')?.replace(/\\D/g, ''));
    const blocks = () => all('block').map(b => ({ height: Number(b.dataset.height), hash: b.dataset.hash }));
    const entries = () => all('block').flatMap(b =>
        [...b.querySelectorAll('[data-testid=\"entry\"]')].map(e => e.textContent));
";

pub(crate) struct Tab {
    pub(crate) page: Page,
}

impl Tab {
    pub(crate) async fn new(page: Page, url: &str) -> Self {
        page.goto(url).await.unwrap();
        Self { page }
    }

    pub(crate) async fn eval<T: DeserializeOwned>(&self, expression: &str) -> Result<T, String> {
        let script = format!("(() => {{ {PRELUDE} return {expression}; }})()");
        let result = self.page.evaluate(script).await.map_err(|error| error.to_string())?;
        result.into_value().map_err(|error| error.to_string())
    }

    /// Waits until an expression is true.
    pub(crate) async fn wait(&self, what: &str, condition: &str) {
        let expression = format!("!!({condition})");
        until(what, || async {
            match self.eval::<bool>(&expression).await {
                Ok(true) => Ok(()),
                Ok(false) => Err(self.describe().await),
                Err(error) => Err(error),
            }
        })
        .await;
    }

    /// What the page shows, for a failure's message.
    async fn describe(&self) -> String {
        let shown = "JSON.stringify({ fatal: text('fatal'), link: text('link-state'), \
                     height: text('tip-height'), tip: tip(), peers: text('peer-count'), \
                     pending: all('pending-entry').length, status: text('entry-status'), \
                     error: text('entry-error'), sync: text('sync') })";
        self.eval::<String>(shown).await.unwrap_or_else(|error| error)
    }

    pub(crate) async fn text(&self, id: &str) -> String {
        self.eval::<Option<String>>(&format!("text('{id}')")).await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn data(&self, id: &str, name: &str) -> String {
        let expression = format!("byId('{id}')?.dataset.{name}");
        self.eval::<Option<String>>(&expression).await.unwrap().unwrap_or_default()
    }

    pub(crate) async fn tip(&self) -> String {
        self.data("tip-hash", "hash").await
    }

    pub(crate) async fn height(&self) -> u32 {
        self.eval("height()").await.unwrap()
    }

    pub(crate) async fn click(&self, id: &str) {
        self.wait(id, &format!("byId('{id}') && !byId('{id}').disabled")).await;
        let click = format!("(byId('{id}').click(), true)");
        assert!(self.eval::<bool>(&click).await.unwrap());
    }

    /// Types text into the form, as a user's input method would.
    pub(crate) async fn type_entry(&self, entry: &str) {
        let entry = serde_json::to_string(entry).unwrap();
        self.wait("the form", "byId('entry-input')").await;
        let fill = format!(
            "(() => {{ const input = byId('entry-input'); input.focus(); input.value = {entry}; \
             input.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); return true; }})()"
        );
        assert!(self.eval::<bool>(&fill).await.unwrap());
    }

    /// Adds an entry and waits until the node has accepted it: the form is empty again.
    pub(crate) async fn add(&self, entry: &str) {
        self.type_entry(entry).await;
        self.click("add-block").await;
        self.wait("the entry is accepted", "byId('entry-input').value === ''").await;
    }

    pub(crate) async fn wait_online(&self) {
        self.wait("the tab is online", "state('link-state') === 'online'").await;
    }

    pub(crate) async fn wait_peers(&self, count: usize) {
        self.wait("the peers are here", &format!("all('peer').length === {count}")).await;
    }

    /// Waits until an entry with this very text is in a block.
    pub(crate) async fn wait_entry(&self, entry: &str) {
        let entry = serde_json::to_string(entry).unwrap();
        self.wait("the entry is in a block", &format!("entries().some(e => e.includes({entry}))"))
            .await;
    }

    /// The texts of all entries in the blocks that are shown, newest first.
    pub(crate) async fn entries(&self) -> Vec<String> {
        self.eval("entries()").await.unwrap()
    }

    pub(crate) async fn close(self) {
        self.page.close().await.unwrap();
    }
}

/// Waits until all tabs are at one tip of at least this height, with nothing waiting.
pub(crate) async fn wait_equal(tabs: &[&Tab], height: u32) -> String {
    until("all tabs are at one tip", || async {
        let mut seen = Vec::new();
        for tab in tabs {
            let pending = tab.eval::<u32>("all('pending-entry').length").await?;
            seen.push((tab.tip().await, tab.height().await, pending));
        }
        let (tip, reached, _) = seen[0].clone();
        let equal = seen.iter().all(|(other, _, pending)| *other == tip && *pending == 0);
        if equal && reached >= height { Ok(tip) } else { Err(format!("{seen:?}")) }
    })
    .await
}

/// Fails unless each of these entries is in the chain that the tab shows, exactly once.
pub(crate) async fn check_once(tab: &Tab, expected: &[String]) {
    let shown = tab.entries().await;
    for entry in expected {
        let times = shown.iter().filter(|text| text.contains(entry.as_str())).count();
        assert_eq!(times, 1, "{entry} is in the chain {times} times: {shown:?}");
    }
}

/// Ways to take something away from a page before it is loaded.
impl Tab {
    /// The network answers nothing whose address fits the pattern; `None` lifts that.
    pub(crate) async fn block(&self, pattern: Option<&str>) {
        use chromiumoxide::cdp::browser_protocol::network::{
            BlockPattern, EnableParams, SetBlockedUrLsParams,
        };
        self.page.execute(EnableParams::default()).await.unwrap();
        let patterns = pattern.map(|pattern| BlockPattern::new(pattern, true));
        let blocked = SetBlockedUrLsParams::builder().url_patterns(patterns).build();
        self.page.execute(blocked).await.unwrap();
    }

    /// The browser grants an origin this many bytes.
    pub(crate) async fn set_quota(&self, origin: &str, bytes: f64) {
        use chromiumoxide::cdp::browser_protocol::storage::OverrideQuotaForOriginParams;
        let quota = OverrideQuotaForOriginParams::builder().origin(origin).quota_size(bytes);
        self.page.execute(quota.build().unwrap()).await.unwrap();
    }
}
