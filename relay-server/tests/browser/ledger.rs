//! The form and the wallet: files, JSON, coins, and a key that moves to another browser.

use crate::browser::{Browser, Profile};
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

/// SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

impl Tab {
    /// Drops a file on the form, as a user would.
    pub(crate) async fn drop_file(&self, name: &str, content: &str) {
        self.wait("the form", "byId('entry-form') && !byId('add-block').disabled").await;
        let (name, content) = (quoted(name), quoted(content));
        let drop = format!(
            "(() => {{ const files = new DataTransfer(); \
             files.items.add(new File([{content}], {name})); \
             for (const kind of ['dragover', 'drop']) byId('entry-form').dispatchEvent(\
             new DragEvent(kind, {{ dataTransfer: files, bubbles: true, cancelable: true }})); \
             return true; }})()"
        );
        assert!(self.eval::<bool>(&drop).await.unwrap());
    }

    /// Chooses a file in a field.
    pub(crate) async fn choose_file(&self, field: &str, name: &str, content: &str) {
        self.wait("the field", &format!("byId('{field}')")).await;
        let (name, content) = (quoted(name), quoted(content));
        let choose = format!(
            "(() => {{ const files = new DataTransfer(), field = byId('{field}'); \
             files.items.add(new File([{content}], {name})); field.files = files.files; \
             field.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        );
        assert!(self.eval::<bool>(&choose).await.unwrap());
    }

    pub(crate) async fn wait_file(&self, state: &str) {
        self.wait(&format!("the file is {state}"), &format!("state('file-step') === '{state}'"))
            .await;
    }

    /// Types into a field by its test id.
    pub(crate) async fn fill(&self, field: &str, value: &str) {
        self.wait(field, &format!("byId('{field}')")).await;
        let value = quoted(value);
        let fill = format!(
            "(() => {{ const field = byId('{field}'); field.focus(); field.value = {value}; \
             field.dispatchEvent(new Event('input', {{ bubbles: true }})); \
             field.dispatchEvent(new Event('change', {{ bubbles: true }})); return true; }})()"
        );
        assert!(self.eval::<bool>(&fill).await.unwrap());
    }

    /// Unfolds a part of the wallet.
    pub(crate) async fn unfold(&self, id: &str) {
        self.wait(id, &format!("byId('{id}')")).await;
        let unfold = format!("(byId('{id}').open = true)");
        assert!(self.eval::<bool>(&unfold).await.unwrap());
    }

    async fn balance(&self) -> u64 {
        self.data("balance", "balance").await.parse().unwrap()
    }

    /// Keeps the texts that the page offers for saving in `window.saved`, and nowhere else.
    async fn watch_downloads(&self) {
        let watch = "(() => { window.saved = []; const make = URL.createObjectURL; \
             HTMLAnchorElement.prototype.click = () => {}; \
             URL.createObjectURL = blob => { blob.text().then(text => window.saved.push(text)); \
             return make.call(URL, blob); }; return true; })()";
        assert!(self.eval::<bool>(watch).await.unwrap());
    }

    /// Saves the key, locked; gives the file's text.
    async fn export_key(&self, passphrase: &str) -> String {
        self.watch_downloads().await;
        self.unfold("key-fold").await;
        self.fill("export-passphrase", passphrase).await;
        self.fill("export-again", passphrase).await;
        self.click("export-key").await;
        self.wait("the key is saved", "data('export-said', 'saved') && window.saved.length").await;
        self.eval("window.saved[0]").await.unwrap()
    }
}

/// A key file that a node would have made.
pub(crate) fn key_file() -> String {
    let seed = chain_wasm::primitives::Seed([9; 32]);
    let file = chain_wasm::key_file::lock::lock(seed, "correct horse", [1; 16], [2; 24]);
    file.unwrap().text()
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap()
}

#[tokio::test]
async fn a_file_is_added_by_its_hash_and_found_again_by_another_tab() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("ledger-files");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    one.wait_peers(1).await;
    one.type_entry("a half-written note").await;
    one.drop_file("hello \"1\".txt", "hello").await;
    one.wait_file("new").await;
    assert_eq!(one.data("file-card", "sha256").await, HELLO);
    one.click("add-block").await;
    one.wait_file("none").await;
    two.wait("the card is in a block", "document.querySelector('.block [data-testid=file-card]')")
        .await;
    let card = two.text("file-card").await;
    assert!(card.contains("hello \"1\".txt") && card.contains("5 B") && card.contains(HELLO));
    // Another name for the same bytes.
    two.click("entry-mode-file").await;
    two.choose_file("entry-file", "renamed.bin", "hello").await;
    two.wait_file("known").await;
    let said = two.text("file-said").await;
    assert!(said.contains("block 1 since"), "{said}");
    let author = one.text("wallet-name").await;
    assert!(said.contains(&author), "{said} names {author}");
    two.click("add-block").await;
    two.wait("it is not added again", "text('entry-error')").await;
    // What was typed is still there.
    one.click("entry-mode-text").await;
    let typed = one.eval::<String>("byId('entry-input').value").await.unwrap();
    assert_eq!(typed, "a half-written note");
    assert_eq!(one.height().await, 1);
    browser.check_consoles();
}

#[tokio::test]
async fn a_large_file_shows_progress_and_can_be_given_up() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("ledger-large")).await;
    // Each chunk waits for the test, so that progress can be seen.
    let slow = "(() => { const read = Blob.prototype.arrayBuffer; window.chunks = 0; \
         Blob.prototype.arrayBuffer = async function () { \
         if (++window.chunks > 2) await new Promise(done => window.go = done); \
         return read.call(this); }; return true; })()";
    assert!(tab.eval::<bool>(slow).await.unwrap());
    let large = "(() => { const files = new DataTransfer(); \
         files.items.add(new File([new Uint8Array(5 << 20)], 'large.iso')); \
         byId('entry-form').dispatchEvent(new DragEvent('drop', \
         { dataTransfer: files, bubbles: true, cancelable: true })); return true; })()";
    assert!(tab.eval::<bool>(large).await.unwrap());
    tab.wait(
        "two of five chunks are hashed",
        "document.querySelector('.hashing progress')?.value === 40",
    )
    .await;
    tab.click("file-cancel").await;
    tab.wait_file("none").await;
    assert!(tab.eval::<bool>("(window.go(), true)").await.unwrap());
    tab.click("entry-mode-text").await;
    tab.add("the form still works after it").await;
    browser.check_consoles();
}

#[tokio::test]
async fn json_is_set_out_and_told_apart_as_text() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("ledger-json")).await;
    tab.click("entry-mode-json").await;
    tab.add("{\"ph\": 6.8, \"by\": \"<b>Mina</b>\", \"ok\": true}").await;
    tab.wait_entry("Mina").await;
    let lines = tab.text("json").await;
    assert_eq!(lines, "{\n  \"ph\": 6.8,\n  \"by\": \"<b>Mina</b>\",\n  \"ok\": true\n}");
    let spans = "[...document.querySelectorAll('[data-testid=json] span')].map(s => s.className)";
    let classes = tab.eval::<Vec<String>>(spans).await.unwrap();
    let expected = ["json-key", "json-number", "json-key", "json-text", "json-key", "json-word"];
    assert_eq!(classes, expected);
    assert!(tab.eval::<bool>("!document.querySelector('main b')").await.unwrap());
    browser.check_consoles();
}

#[tokio::test]
async fn coins_are_sent_to_a_peer_and_what_is_wrong_is_said_beside_its_field() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let url = relay.room("ledger-coins");
    let (one, two) = (browser.open(&url).await, browser.open(&url).await);
    one.wait_peers(1).await;
    one.add("earns a reward").await;
    one.wait("the reward is there", "Number(data('balance', 'balance')) > 0").await;
    let reward = one.balance().await;
    one.unfold("transfer-fold").await;
    one.click("transfer-send").await;
    one.wait("both are asked for", "text('receiver-error') && text('amount-error')").await;
    one.fill("transfer-receiver", "not a key").await;
    one.fill("transfer-amount", &(reward + 1).to_string()).await;
    one.click("transfer-send").await;
    one.wait("both are refused", "text('receiver-error') && text('amount-error')").await;
    let said = one.text("amount-error").await;
    assert!(said.contains(&reward.to_string()), "{said}");
    let receiver = two.data("wallet", "author").await;
    one.wait(
        "the peer can be chosen",
        &format!("[...byId('transfer-peer').options].some(o => o.value === '{receiver}')"),
    )
    .await;
    one.fill("transfer-peer", &receiver).await;
    one.fill("transfer-amount", "7").await;
    one.click("transfer-send").await;
    one.wait("it is accepted", "text('transfer-said') && byId('transfer-amount').value === ''")
        .await;
    two.wait("the coins came", "data('balance', 'balance') === '7'").await;
    two.unfold("history-fold").await;
    two.wait("the history tells of it", "all('history-entry').length === 1").await;
    let line = two.text("history-entry").await;
    assert!(line.contains("+ 7 coins"), "{line}");
    // A nickname stands beside the name.
    let author = one.data("wallet", "author").await;
    two.unfold("nickname-fold").await;
    let nickname = format!(
        "(() => {{ const field = all('nickname').find(n => n.dataset.author === '{author}'); \
         field.value = 'Mina'; field.dispatchEvent(new Event('change', {{ bubbles: true }})); \
         return true; }})()"
    );
    assert!(two.eval::<bool>(&nickname).await.unwrap());
    two.wait("the nickname is shown", "text('history-entry').includes('Mina (')").await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_key_moves_to_another_browser_and_nothing_that_waits_is_lost() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let url = relay.room("ledger-key");
    let (one, two) = (Browser::start().await, Browser::start().await);
    let (left, right) = (one.open(&url).await, two.open(&url).await);
    for tab in [&left, &right] {
        tab.wait_online().await;
        tab.wait_peers(1).await;
    }
    left.add("by the left key").await;
    wait_settled(&[&left, &right], &["by the left key".to_owned()]).await;
    let key = left.data("wallet", "author").await;
    let file = left.export_key("correct horse 배터리").await;
    assert!(file.starts_with("tabchain-key 1\n"), "{file}");

    // What the right tab's own key signed waits, unsent, while the key is replaced.
    right.click("link-toggle").await;
    right.wait("the tab is offline", "state('link-state') === 'offline'").await;
    right.click("mining-never").await;
    right.add("by the right key").await;
    right.unfold("key-fold").await;
    right.choose_file("import-file", "key.txt", "something else").await;
    right.wait("it is no key file", "text('import-said')").await;
    let damaged = file.replacen("salt ", "salt 0", 1);
    right.choose_file("import-file", "key.txt", &damaged).await;
    right.wait("it is damaged", "/damaged/.test(text('import-said'))").await;
    right.choose_file("import-file", "key.txt", &file).await;
    right.wait("the warning is shown", "text('import-warning')").await;
    right.fill("import-passphrase", "another passphrase").await;
    right.click("import-key").await;
    right.wait("the passphrase is refused", "/does not fit/.test(text('import-error'))").await;
    right.fill("import-passphrase", "correct horse 배터리").await;
    right.click("import-key").await;
    let imported = format!("data('wallet', 'author') === '{key}'");
    right.wait("the key is here", &imported).await;
    assert_eq!(right.balance().await, left.balance().await);
    right.wait("the entry still waits", "all('pending-entry').length === 1").await;

    // It is stored, and so is the entry, with whose it is.
    right.page.reload().await.unwrap();
    right.wait("the node starts", "tip() && data('wallet', 'author')").await;
    right.wait("the key is here", &imported).await;
    let wanted = ["by the left key".to_owned(), "by the right key".to_owned()];
    wait_settled(&[&left, &right], &wanted).await;
    one.check_consoles();
    two.check_consoles();
}

#[tokio::test]
async fn the_page_says_what_the_browser_promises_of_what_is_stored() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let map = "host-resolver-rules=MAP classroom.test 127.0.0.1";
    let browser = Browser::start_with(Profile::new(), &[map]).await;
    let tab = browser.open(&relay.room("ledger-promise")).await;
    tab.wait("it is known", "state('persistence') === 'may-go' && text('persistence')").await;
    tab.add("now there is something to keep").await;
    tab.wait("it was asked", "['kept', 'refused'].includes(state('persistence'))").await;
    let plain = format!("http://classroom.test:{}/#/r/ledger-plain", relay.address.port());
    let tab = browser.open(&plain).await;
    tab.wait(
        "it says so",
        "state('persistence') === 'unavailable' && /https/.test(text('persistence'))",
    )
    .await;
    // Files are hashed there too, without the browser's own functions.
    tab.drop_file("hello.txt", "hello").await;
    tab.wait_file("new").await;
    assert_eq!(tab.data("file-card", "sha256").await, HELLO);
    browser.check_consoles();
}

#[tokio::test]
async fn on_a_korean_phone_everything_fits_and_can_be_touched() {
    use chromiumoxide::cdp::browser_protocol::emulation::{
        SetDeviceMetricsOverrideParams, SetTouchEmulationEnabledParams,
    };
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let korean = ["lang=ko-KR", "accept-lang=ko-KR"];
    let browser = Browser::start_with(Profile::new(), &korean).await;
    let tab = browser.open_page("about:blank").await;
    tab.page.execute(SetDeviceMetricsOverrideParams::new(390, 844, 2.0, true)).await.unwrap();
    tab.page.execute(SetTouchEmulationEnabledParams::new(true)).await.unwrap();
    tab.page.goto(relay.room("ledger-phone")).await.unwrap();
    tab.wait("the node starts", "tip() && data('wallet', 'author')").await;
    tab.drop_file(&format!("{}.hwp", "아주-긴-이름".repeat(12)), "hello").await;
    tab.wait_file("new").await;
    tab.click("add-block").await;
    tab.wait("the card is in a block", "document.querySelector('.block [data-testid=file-card]')")
        .await;
    for fold in ["transfer-fold", "history-fold", "nickname-fold", "key-fold"] {
        tab.unfold(fold).await;
    }
    tab.wait("the history is shown", "byId('history-entry')").await;
    let overflow = "document.documentElement.scrollWidth - window.innerWidth";
    assert!(tab.eval::<i64>(overflow).await.unwrap() <= 0);
    // Fields that lie over their label are as large as it.
    let small = "[...document.querySelectorAll('.write button, .write .button, .wallet button, \
         .wallet .button, .wallet input:not([type=file]), .wallet select, .wallet summary')] \
         .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5) \
         .map(e => e.outerHTML.slice(0, 80))";
    assert_eq!(tab.eval::<Vec<String>>(small).await.unwrap(), Vec::<String>::new());
    let unnamed = "[...document.querySelectorAll('.wallet input, .wallet select')] \
         .filter(e => !e.hidden && !e.labels?.length && !e.ariaLabel).map(e => e.outerHTML.slice(0, 80))";
    assert_eq!(tab.eval::<Vec<String>>(unnamed).await.unwrap(), Vec::<String>::new());
    browser.check_consoles();
}
