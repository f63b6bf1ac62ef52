//! Looking into the chain: its pages, their addresses, and the search.

use chain_wasm::primitives::Keypair;
use chromiumoxide::cdp::browser_protocol::emulation::{
    SetDeviceMetricsOverrideParams, SetTouchEmulationEnabledParams,
};

use crate::browser::{Browser, Profile};
use crate::forge::LongChain;
use crate::native_peer::NativePeer;
use crate::relay::Relay;
use crate::seeder::Seeder;
use crate::tab::Tab;

impl Tab {
    /// Types into the field of the search and sends it off.
    async fn search(&self, text: &str) {
        let text = serde_json::to_string(text).unwrap();
        self.wait("the search", "byId('search-input')").await;
        let fill = format!(
            "(() => {{ const input = byId('search-input'); input.value = {text}; \
             input.dispatchEvent(new InputEvent('input', {{ bubbles: true }})); \
             byId('search-button').click(); return true; }})()"
        );
        assert!(self.eval::<bool>(&fill).await.unwrap());
        self.wait(
            "the search has ended",
            &format!(
                "text('title')?.includes({text}.trim()) && data('results', 'running') === 'false'"
            ),
        )
        .await;
    }

    /// Goes where a link leads that a selector finds.
    async fn follow(&self, selector: &str) {
        let selector = serde_json::to_string(selector).unwrap();
        self.wait("a link", &format!("document.querySelector({selector})?.href")).await;
        let click = format!("(document.querySelector({selector}).click(), true)");
        assert!(self.eval::<bool>(&click).await.unwrap());
    }

    async fn wait_block(&self, height: u32) {
        let shown = format!("data('block-facts', 'height') === '{height}'");
        self.wait("the block's page", &shown).await;
    }

    async fn fragment(&self) -> String {
        self.eval("location.hash").await.unwrap()
    }

    async fn go(&self, fragment: &str) {
        let fragment = serde_json::to_string(fragment).unwrap();
        assert!(self.eval::<bool>(&format!("(location.hash = {fragment}, true)")).await.unwrap());
    }
}

#[tokio::test]
async fn blocks_entries_and_authors_have_pages_with_addresses() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("pages")).await;
    tab.wait_online().await;
    for n in 1..=3 {
        tab.add(&format!("page entry {n}")).await;
        tab.wait_entry(&format!("page entry {n}")).await;
    }
    // The worker must go on through all of this: it is the same one in the end.
    let peer = "window.peer = performance.getEntriesByType('resource').length";
    assert!(tab.eval::<u32>(peer).await.unwrap() > 0);
    tab.type_entry("not sent yet").await;

    tab.follow("[data-testid=block][data-height='2'] h3 a").await;
    tab.wait_block(2).await;
    assert_eq!(tab.fragment().await, "#/r/pages/block/2");
    assert!(tab.eval::<bool>("document.activeElement === byId('title')").await.unwrap());
    assert!(tab.eval::<bool>("document.title.startsWith('Block 2 · pages')").await.unwrap());
    assert!(tab.eval::<bool>("byId('entry-input').checkVisibility() === false").await.unwrap());
    tab.click("recompute").await;
    tab.wait("the hash is computed", "data('recomputed', 'same') === 'true'").await;
    assert_eq!(tab.data("recomputed", "meets").await, "true");
    let same = "text('computed-hash') === data('block-facts', 'hash')";
    assert!(tab.eval::<bool>(same).await.unwrap());
    let bytes =
        "[...byId('header-bytes').querySelectorAll('td')].map(td => td.textContent).join('')";
    assert_eq!(tab.eval::<String>(bytes).await.unwrap().len(), 2 * 117);
    assert_eq!(tab.data("merkle", "leaves").await, "2");
    let tree = "byId('merkle').querySelectorAll('text').length";
    assert_eq!(tab.eval::<u32>(tree).await.unwrap(), 3);
    tab.click("newer-block").await;
    tab.wait_block(3).await;
    assert!(tab.eval::<bool>("!byId('newer-block')").await.unwrap(), "it is the tip");

    tab.follow("[data-testid=explorer] .to-entry").await;
    tab.wait("the entry's page", "text('entry-content') === 'page entry 3'").await;
    let id = tab.data("entry-content", "id").await;
    assert_eq!(tab.fragment().await, format!("#/r/pages/entry/{id}"));
    assert!(tab.text("entry-place").await.contains("2 of 2"));

    tab.follow("[data-testid=entry-facts] a.author").await;
    tab.wait("the author's entries are counted", "text('author-entries') === '3'").await;
    let author = tab.data("wallet", "author").await;
    assert_eq!(tab.fragment().await, format!("#/r/pages/author/{author}"));
    assert_eq!(tab.text("author-sealed").await, "3");
    let balances = "data('author-balance', 'balance') === data('balance', 'balance')";
    assert!(tab.eval::<bool>(balances).await.unwrap());

    // Back to where it began, and forward again.
    for (back, shown) in [
        ("the entry", "data('entry-content', 'id')"),
        ("block 3", "data('block-facts', 'height') === '3'"),
        ("block 2", "data('block-facts', 'height') === '2'"),
        ("the chain", "!byId('explorer') && byId('entry-input').value === 'not sent yet'"),
    ] {
        assert!(tab.eval::<bool>("(history.back(), true)").await.unwrap());
        tab.wait(back, shown).await;
    }
    assert!(tab.eval::<bool>("(history.forward(), true)").await.unwrap());
    tab.wait_block(2).await;
    let workers = "performance.getEntriesByType('resource').length";
    let workers = tab.eval::<u32>(&format!("{workers} - window.peer")).await.unwrap();
    assert_eq!(workers, 0, "nothing was loaded again");
    browser.check_consoles();
}

#[tokio::test]
async fn an_address_opened_directly_shows_its_place() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let first = browser.open(&relay.room("direct")).await;
    first.wait_online().await;
    first.add("first of all").await;
    first.wait_entry("first of all").await;
    let hash = first.tip().await;
    let id = first.eval::<String>("byId('entry').dataset.id").await.unwrap();
    let author = first.data("wallet", "author").await;
    let room = relay.room("direct");
    // The block comes from the first tab: the page waits for it.
    let tab = browser.open_page(&format!("{room}/block/{hash}")).await;
    tab.wait_block(1).await;
    tab.go(&format!("#/r/direct/entry/{id}")).await;
    tab.wait("the entry", "text('entry-content') === 'first of all'").await;
    tab.go(&format!("#/r/direct/author/{author}")).await;
    tab.wait("the author", "text('author-entries') === '1'").await;
    first.add("second to none").await;
    tab.wait("the count is behind", "byId('count-again')").await;
    tab.click("count-again").await;
    tab.wait("both are counted", "text('author-entries') === '2' && !byId('count-again')").await;
    tab.go("#/r/direct/search/OF%20ALL").await;
    tab.wait("the search", "text('hit-text')?.includes('first of all')").await;
    assert_eq!(tab.eval::<String>("byId('search-input').value").await.unwrap(), "OF ALL");
    for nothing in ["block/99", &format!("block/{}", "ab".repeat(32)), &format!("entry/{hash}")] {
        tab.go(&format!("#/r/direct/{nothing}")).await;
        tab.wait("it says that there is none", "text('absent')").await;
    }
    tab.go("#/r/direct/nowhere").await;
    tab.wait("it says so", "text('title') === 'Nothing is here'").await;
    // Another room: another node, at the same kind of place.
    let slot = tab.text("slot").await;
    tab.go("#/r/elsewhere/block/0").await;
    tab.wait("the other room", "text('room-name') === 'elsewhere'").await;
    tab.wait_block(0).await;
    assert_ne!(tab.data("block-facts", "hash").await, hash);
    assert!(!slot.is_empty());
    tab.click("recompute").await;
    tab.wait("the genesis", "data('recomputed', 'same') === 'true'").await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_chain_of_1200_blocks_is_searched_and_followed_to_its_beginning() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let _seeder = Seeder::start(&relay, LongChain::forge("long", 1_200, 1), u32::MAX).await;
    let tab = browser.open(&format!("{}?consensus=open", relay.room("long"))).await;
    tab.wait("the chain is here", "height() === 1200").await;

    tab.search("entry 7 of").await;
    tab.wait("one entry", "all('hit-text').length === 1").await;
    assert_eq!(
        tab.eval::<String>("document.querySelector('mark').textContent").await.unwrap(),
        "entry 7 of"
    );
    assert!(tab.fragment().await.ends_with("?consensus=open"));
    tab.search("LONG CHAIN").await;
    tab.wait("fifty", "all('hit-text').length === 50").await;
    tab.click("search-more").await;
    tab.wait("fifty more", "all('hit-text').length === 100").await;
    tab.search("no such words").await;
    tab.wait("nothing", "all('hit-text').length === 0 && text('search-status')").await;
    tab.search("1,150").await;
    tab.wait("a height", "data('hit-block', 'height') === '1150'").await;
    tab.follow("[data-testid=hit-block] a").await;
    tab.wait_block(1150).await;
    let hash = tab.data("block-facts", "hash").await;
    tab.search(&hash[..9]).await;
    tab.wait("by its hash", "data('hit-block', 'height') === '1150'").await;
    let author = Keypair::from_seed([3; 32]).public().to_string();
    tab.search(&author[..12]).await;
    tab.wait("by its key", &format!("data('hit-author', 'author') === '{author}'")).await;
    let name = "document.querySelector('[data-testid=hit-author] a').textContent";
    let name = tab.eval::<String>(name).await.unwrap();
    tab.search(&name).await;
    tab.wait("by its name", &format!("data('hit-author', 'author') === '{author}'")).await;
    tab.follow("[data-testid=hit-author] a").await;
    tab.wait("all are counted", "text('author-entries') === '75'").await;
    tab.wait("fifty are shown", "all('entry').filter(e => e.checkVisibility()).length === 50")
        .await;
    tab.click("search-more").await;
    tab.wait("all are shown", "all('entry').filter(e => e.checkVisibility()).length === 75").await;

    // The list: rows far from view leave the page.
    tab.click("back-to-chain").await;
    tab.wait("the list", "byId('show-older')").await;
    let follow = "(byId('show-older')?.click(), blocks().at(-1).height === 0)";
    tab.wait("the beginning of the chain", follow).await;
    assert_eq!(tab.eval::<u32>("blocks().length").await.unwrap(), 500);
    assert_eq!(tab.eval::<u32>("blocks()[0].height").await.unwrap(), 499);
    tab.click("show-newer").await;
    tab.wait("newer blocks", "blocks()[0].height === 519 && blocks().length === 500").await;
    tab.click("show-newest").await;
    tab.wait("the newest", "blocks()[0].height === 1200 && blocks().length === 20").await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_large_block_shows_the_upper_levels_of_its_tree_and_its_entries_in_pages() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let _seeder = Seeder::start(&relay, LongChain::forge("large", 2, 130), u32::MAX).await;
    let tab = browser.open(&format!("{}?consensus=open", relay.room("large"))).await;
    tab.wait("the chain is here", "height() === 2").await;
    tab.go("#/r/large/block/1?consensus=open").await;
    tab.wait_block(1).await;
    assert!(tab.text("merkle-cut").await.contains("131 leaves"));
    let nodes = "byId('merkle').querySelectorAll('text').length";
    // 131 leaves are 66, 33, 17, 9 and less a level: the last that fits has nine.
    assert_eq!(tab.eval::<u32>(nodes).await.unwrap(), 1 + 2 + 3 + 5 + 9 - 3);
    let entries = "all('entry').filter(e => e.checkVisibility()).length";
    assert_eq!(tab.eval::<u32>(entries).await.unwrap(), 100);
    assert!(tab.text("more-entries").await.contains("30"));
    tab.click("more-entries").await;
    tab.wait("all entries", &format!("{entries} === 130 && !byId('more-entries')")).await;
    browser.check_consoles();
}

#[tokio::test]
async fn on_a_phone_in_korean_nothing_scrolls_sideways_and_all_can_be_touched() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let korean = ["lang=ko-KR", "accept-lang=ko-KR"];
    let browser = Browser::start_with(Profile::new(), &korean).await;
    let _peer = NativePeer::with_blocks(&relay, "phone", 3).await;
    let tab = browser.open(&relay.room("phone")).await;
    let metrics = SetDeviceMetricsOverrideParams::new(390, 844, 1.0, true);
    tab.page.execute(metrics).await.unwrap();
    tab.page.execute(SetTouchEmulationEnabledParams::new(true)).await.unwrap();
    tab.wait("the chain is here", "height() === 3").await;
    let entry = tab.eval::<String>("byId('entry').dataset.id").await.unwrap();
    let author = Keypair::from_seed([204; 32]).public();
    let places = [
        String::new(),
        "/block/2".to_owned(),
        format!("/entry/{entry}"),
        format!("/author/{author}"),
        "/search/entry".to_owned(),
        "/nowhere".to_owned(),
    ];
    for place in places {
        tab.go(&format!("#/r/phone{place}")).await;
        let shown = if place.is_empty() { "!byId('explorer')" } else { "text('title')" };
        tab.wait("the place", shown).await;
        if place.starts_with("/block") {
            tab.click("recompute").await;
            tab.wait("the hash", "byId('recomputed')").await;
        }
        if place.starts_with("/search") || place.starts_with("/author") {
            tab.wait("the results", "data('results', 'running') === 'false'").await;
        }
        let overflow = "document.documentElement.scrollWidth - window.innerWidth";
        assert!(tab.eval::<i64>(overflow).await.unwrap() <= 0, "{place} scrolls sideways");
        let small = "[...document.querySelectorAll('main a, main button, main input')] \
            .filter(e => e.checkVisibility() && !e.closest('.choice, .check')) \
            .filter(e => { const box = e.getBoundingClientRect(); \
                return box.height < 43.5 || box.width < 43.5; }) \
            .map(e => `${e.className} ${e.textContent}`)";
        assert_eq!(tab.eval::<Vec<String>>(small).await.unwrap(), [""; 0], "{place}: too small");
        if !place.is_empty() {
            let korean =
                "/[가-힣]/.test(byId('explorer').textContent) && document.documentElement.lang";
            assert_eq!(tab.eval::<String>(korean).await.unwrap(), "ko");
        }
    }
    browser.check_consoles();
}
