//! One tab, seen and used through its page alone.

use chromiumoxide::Page;
use serde::de::DeserializeOwned;

use crate::until;

/// Functions for the expressions that the tests look at a page with.
const PRELUDE: &str = "
    const all = id => [...document.querySelectorAll(`[data-testid=\"${id}\"]`)];
    const byId = id => document.querySelector(`[data-testid=\"${id}\"]`);
    const data = (id, name) => byId(id)?.dataset[name] ?? null;
    const state = id => data(id, 'state');
    const text = id => byId(id)?.textContent.trim() ?? null;
    const tip = () => data('tip-hash', 'hash');
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
        let expression = format!("data('{id}', '{name}')");
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

    /// The texts of all entries of the chain, newest first; shows the older ones for it.
    pub(crate) async fn all_entries(&self) -> Vec<String> {
        // Asked for and pressed at once: the button goes when what is on its way fills the page.
        let all = "(byId('show-older')?.click(), !byId('show-older'))";
        self.wait("the older blocks are shown", all).await;
        self.entries().await
    }

    /// Begins to add entries as quickly as the form takes them: each as soon as the one
    /// before it has been accepted, and as long as the page's `window.adding` is true.
    /// `window.accepted` tells which were.
    pub(crate) async fn add_flat_out(&self, name: &str) {
        self.wait("the form", "byId('entry-input') && !byId('add-block').disabled").await;
        let begin = format!(
            "(() => {{ window.adding = true; window.accepted = [];              const pause = () => new Promise(done => setTimeout(done, 2));              window.flatOut = (async () => {{ for (let n = 0; window.adding; n++) {{                 const input = byId('entry-input'), entry = `{name} ${{n}}.`;                 input.value = entry;                 input.dispatchEvent(new InputEvent('input', {{ bubbles: true }}));                 await pause(); byId('add-block').click();                 while (input.value !== '') await pause();                 window.accepted.push(entry);              }} }})(); return true; }})()"
        );
        assert!(self.eval::<bool>(&begin).await.unwrap());
    }

    /// The entries that [`Self::add_flat_out`] has seen accepted so far.
    pub(crate) async fn accepted(&self) -> Vec<String> {
        self.eval("window.accepted").await.unwrap()
    }

    /// Ends [`Self::add_flat_out`], and gives the entries that were accepted.
    pub(crate) async fn stop_adding(&self) -> Vec<String> {
        self.eval(
            "(async () => { window.adding = false; await window.flatOut; \
                   return window.accepted; })()",
        )
        .await
        .unwrap()
    }

    pub(crate) async fn close(self) {
        self.page.close().await.unwrap();
    }
}

/// Waits until all tabs are at one tip, nothing waits, and each of these entries is in
/// the chain that each tab shows, exactly once.
pub(crate) async fn wait_settled(tabs: &[&Tab], entries: &[String]) -> String {
    until("all tabs agree on all entries", || async {
        let mut tips = Vec::new();
        for tab in tabs {
            let pending = tab.eval::<u32>("all('pending-entry').length").await?;
            let shown = tab.entries().await;
            let once = entries.iter().all(|entry| {
                shown.iter().filter(|text| text.contains(entry.as_str())).count() == 1
            });
            if pending > 0 || !once {
                return Err(format!("{pending} wait, shown: {shown:?}"));
            }
            tips.push(tab.tip().await);
        }
        let tip = tips[0].clone();
        if tips.iter().all(|other| *other == tip) { Ok(tip) } else { Err(format!("{tips:?}")) }
    })
    .await
}

/// Ways to take something away from a page before it is loaded.
impl Tab {
    /// Workers' scripts are not found until the page's `window.mended` is true.
    pub(crate) async fn break_workers(&self) {
        self.before_page(
            "const Whole = Worker; window.Worker = class extends Whole { \
             constructor(url, options) { super(window.mended ? url : '/missing.js', options); } };",
        )
        .await;
    }

    /// In a worker's place stands something that runs one script when it is made and
    /// another when it is sent anything, until the page's `window.mended` is true.
    pub(crate) async fn replace_worker(&self, made: &str, sent: &str) {
        self.before_page(&format!(
            "const Whole = Worker; window.Worker = class {{ \
             constructor(url, options) {{ if (window.mended) return new Whole(url, options); {made} }} \
             say(data) {{ setTimeout(() => this.onmessage?.(new MessageEvent('message', {{ data }})), 50); }} \
             postMessage() {{ {sent} }} terminate() {{}} addEventListener() {{}} \
             removeEventListener() {{}} }};"
        ))
        .await;
    }

    /// Runs a script before those of each page that this tab opens from now on.
    pub(crate) async fn before_page(&self, script: &str) {
        use chromiumoxide::cdp::browser_protocol::page::AddScriptToEvaluateOnNewDocumentParams;
        let script = AddScriptToEvaluateOnNewDocumentParams::new(script);
        self.page.execute(script).await.unwrap();
    }
}
