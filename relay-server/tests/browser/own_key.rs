//! The key of a room's maker, which nobody else has: it outlives the tab that made it.

use crate::browser::{Browser, Profile};
use crate::relay::Relay;
use crate::tab::Tab;

/// The records of keys that wait for their room's node.
const KEPT: &str = "Object.keys(localStorage).filter(k => k.startsWith('tabchain.own-key.'))";

/// The node cannot be given a key while the tab's `window.mended` is false.
const REFUSED: &str = "const Whole = Worker; window.Worker = class extends Whole { \
    postMessage(data) { if (data?.command?.TakeKey && !window.mended) throw new Error('no'); \
    super.postMessage(data); } };";

impl Tab {
    /// Makes a room whose only member is this tab; gives its link.
    async fn make_council(&self) -> String {
        self.click("new-rule-authority").await;
        self.make_room("council", &["new-writers-members", "new-readers-private"]).await
    }

    async fn kept(&self) -> Vec<String> {
        self.eval(KEPT).await.unwrap()
    }

    /// Waits until it is a member that seals its own entry.
    async fn wait_sealing(&self, entry: &str) {
        self.wait("it is a member", "data('member-role', 'member') === 'true'").await;
        self.wait("the key is forgotten", &format!("{KEPT}.length === 0")).await;
        self.add(entry).await;
        self.wait_entry(entry).await;
    }
}

#[tokio::test]
async fn a_maker_who_closes_the_tab_before_entering_is_a_member_all_the_same() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let new = format!("http://{}/#/new", relay.address);
    let maker = browser.open(&new).await;
    let link = maker.make_council().await;
    assert!(maker.eval::<bool>("!!byId('own-kept') && !byId('own-not-kept')").await.unwrap());
    let kept = maker.kept().await;
    assert_eq!(kept.len(), 1);
    assert!(!kept[0].contains("secret"), "the room's secret is kept nowhere: {kept:?}");
    maker.close().await;
    let profile = browser.close().await;

    let browser = Browser::start_with(profile, &[]).await;
    // In another room nothing is taken.
    let other = browser.open(&relay.room("lobby")).await;
    assert_eq!(other.kept().await, kept);
    let one = browser.open(&link).await;
    one.wait_sealing("sealed by the maker").await;
    // It is in the room's store; another tab of the browser is no second such member.
    let member = one.data("wallet", "author").await;
    let two = browser.open(&link).await;
    two.wait_entry("sealed by the maker").await;
    assert_eq!(two.data("member-role", "member").await, "false");
    one.page.reload().await.unwrap();
    one.wait("it has its key", &format!("data('wallet', 'author') === '{member}'")).await;
    browser.check_consoles();
}

#[tokio::test]
async fn a_key_that_the_node_does_not_take_is_said_kept_and_taken_once_it_can() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.before_page(REFUSED).await;
    tab.page.goto(format!("http://{}/#/new", relay.address)).await.unwrap();
    tab.wait_started().await;
    tab.make_council().await;
    tab.click("new-enter").await;
    tab.wait("it is told", "byId('own-key-failed')").await;
    assert!(tab.text("own-key-failed").await.contains("not lost"));
    assert_eq!(tab.data("member-role", "member").await, "false");
    tab.click("own-key-again").await;
    tab.wait("it is told again", "byId('own-key-failed')").await;
    assert_eq!(tab.kept().await.len(), 1);
    assert!(tab.eval::<bool>("(window.mended = true)").await.unwrap());
    tab.click("own-key-again").await;
    tab.wait("nothing is said any more", "!byId('own-key-failed')").await;
    tab.wait_sealing("in the end").await;
    browser.check_consoles();
}

#[tokio::test]
async fn where_nothing_is_kept_the_maker_is_given_the_key_in_a_link() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start_with(Profile::without_storage(), &[]).await;
    let maker = browser.open(&format!("http://{}/#/new", relay.address)).await;
    maker.make_council().await;
    maker.wait("it is told", "byId('own-not-kept') && !byId('own-kept')").await;
    let own = maker.eval::<String>("byId('own-link').value").await.unwrap();
    // The tab that made the room has the key itself.
    maker.click("new-enter").await;
    maker.wait("it is a member", "data('member-role', 'member') === 'true'").await;
    let member = maker.data("wallet", "author").await;
    maker.close().await;
    let later = browser.open(&own).await;
    later.click("invited-take").await;
    later.wait("it is the member", &format!("data('wallet', 'author') === '{member}'")).await;
    later.add("by the link").await;
    later.wait_entry("by the link").await;
}

/// Pictures of what is said of the maker's key, of addresses, and of a reset that loses.
#[tokio::test]
#[ignore = "takes pictures, asserts nothing that other tests do not"]
async fn screenshots_of_a_new_room() {
    crate::screenshots::in_each_language(async |studio| {
        let crate::screenshots::Studio { relay, browser, folder, language } = studio;
        let tab = browser.open_page("about:blank").await;
        tab.before_page(&format!("{REFUSED}{}", crate::rooms::TWO_ADDRESSES)).await;
        tab.page.goto(format!("http://{}/#/new", relay.address)).await.unwrap();
        tab.wait_started().await;
        tab.make_council().await;
        tab.wait("the addresses", "byId('invite-bases')").await;
        crate::screenshots::take_all(&tab, folder, "made-", language).await;
        tab.click("new-enter").await;
        tab.wait("it is told", "byId('own-key-failed')").await;
        crate::screenshots::take_all(&tab, folder, "own-key-", language).await;
        tab.click("invite").await;
        tab.wait("the dialog is open", "byId('qr')").await;
        crate::screenshots::take_all(&tab, folder, "bases-", language).await;
        let lab = browser.open(&format!("{}/lab?lab=1", relay.room("reset"))).await;
        lab.click("lab-reset").await;
        lab.wait("it is asked", "byId('reset-asked')").await;
        lab.eval::<bool>("(byId('reset-asked').scrollIntoView({ block: 'center' }), true)")
            .await
            .unwrap();
        crate::screenshots::take_all(&lab, folder, "reset-", language).await;
    })
    .await;
}
