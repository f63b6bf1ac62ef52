//! Rooms: made by the form, entered by their links, and the private ones read by nobody
//! else.

use chain_wasm::chain::spec::{Spec, Terms};
use chain_wasm::primitives::PublicKey;
use chain_wasm::private::{MEDIA_TYPE, RoomSecret};

use crate::browser::{Browser, Profile};
use crate::native_peer::NativePeer;
use crate::relay::Relay;
use crate::tab::{Tab, wait_settled};

const PLAIN: &str = "The meeting is at noon behind the mill";

/// Everything that the page's databases hold, as one text of a character per byte.
const STORED: &str = "(async () => {
    const asked = r => new Promise((done, fail) => {
        r.onsuccess = () => done(r.result); r.onerror = () => fail(r.error); });
    const flat = value => value instanceof ArrayBuffer || ArrayBuffer.isView(value)
        ? Array.from(new Uint8Array(value.buffer ?? value), b => String.fromCharCode(b)).join('')
        : value && typeof value === 'object' ? Object.values(value).map(flat).join(' ')
        : String(value);
    let all = '';
    for (const { name } of await indexedDB.databases()) {
        const db = await asked(indexedDB.open(name));
        for (const store of db.objectStoreNames) {
            const records = db.transaction(store).objectStore(store);
            all += flat(await asked(records.getAll())) + flat(await asked(records.getAllKeys()));
        }
        db.close();
    }
    return all;
})()";

/// What an address says under a key, as bytes.
fn bytes_of(address: &str, key: &str) -> [u8; 32] {
    decode(value_of(address, key)).try_into().unwrap()
}

fn value_of<'a>(address: &'a str, key: &str) -> &'a str {
    let (_, query) = address.split_once('?').unwrap();
    let mut pairs = query.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(name, _)| *name == key).unwrap().1
}

/// Base64url without padding.
fn decode(text: &str) -> Vec<u8> {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (mut bytes, mut rest, mut bits) = (Vec::new(), 0_u32, 0);
    for digit in text.bytes() {
        let value = DIGITS.iter().position(|one| *one == digit).unwrap();
        rest = rest << 6 | u32::try_from(value).unwrap();
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(rest >> bits & 0xff).unwrap());
        }
    }
    bytes
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

impl Tab {
    /// Enters a name and what else is clicked, and makes the room; gives its link.
    pub(crate) async fn make_room(&self, name: &str, choices: &[&str]) -> String {
        self.fill("new-name", name).await;
        for choice in choices {
            self.click(choice).await;
        }
        self.click("new-create").await;
        self.wait("the room is made", "byId('created')").await;
        self.eval("byId('room-link').value").await.unwrap()
    }

    async fn hash(&self) -> String {
        self.eval("location.hash").await.unwrap()
    }

    pub(crate) async fn wait_started(&self) {
        self.wait("the node starts", "tip() && data('wallet', 'author')").await;
    }
}

#[tokio::test]
async fn a_private_room_is_read_by_who_has_its_link_and_by_nobody_else() {
    let _turn = crate::turn().await;
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("relay.log");
    let relay = Relay::start_logged(&log).await;
    let (browser, elsewhere) = (Browser::start().await, Browser::start().await);
    let one = browser.open(&format!("http://{}/#/new", relay.address)).await;
    let link = one.make_room("diary", &["new-readers-private"]).await;
    one.click("new-enter").await;
    one.wait("the room is entered", "text('room-name') === 'diary' && byId('private')").await;
    one.wait_started().await;

    // Who knows the room as the relay does: everything that is sent, and no secret.
    let secret = RoomSecret::from_bytes(bytes_of(&link, "secret"));
    assert_eq!(secret.commitment().as_bytes(), &bytes_of(&link, "private"));
    let terms = Terms { private: Some(secret.commitment()), ..Terms::default() };
    let spec = Spec::work("diary").unwrap().with_terms(terms);
    let eavesdropper = NativePeer::with_chain(&relay, spec, Vec::new()).await;
    let two = elsewhere.open(&link).await;
    one.wait_peers(2).await;
    one.add(PLAIN).await;
    two.wait_entry(PLAIN).await;
    two.add("I shall be there").await;
    let wanted = [PLAIN.to_owned(), "I shall be there".to_owned()];
    wait_settled(&[&one, &two], &wanted).await;
    let heard = || holds(&eavesdropper.heard(), MEDIA_TYPE.as_bytes());
    crate::until("the eavesdropper hears of it", || async {
        if heard() && eavesdropper.heard().len() > 1_000 { Ok(()) } else { Err("nothing".into()) }
    })
    .await;
    let shown = value_of(&link, "secret").to_owned();
    let log = std::fs::read(&log).unwrap();
    assert!(log.len() > 500, "the log is verbose");
    let stored = one.eval::<String>(STORED).await.unwrap();
    assert!(stored.contains(MEDIA_TYPE), "what is sealed is stored");
    for (what, bytes) in [
        ("wire", eavesdropper.heard()),
        ("log", log),
        ("store", stored.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect()),
        ("title", one.eval::<String>("document.title").await.unwrap().into_bytes()),
    ] {
        for part in [PLAIN.as_bytes(), b"the mill", shown.as_bytes(), secret.as_bytes()] {
            assert!(!holds(&bytes, part), "{what} holds {}", String::from_utf8_lossy(part));
        }
    }

    // Words are found, and a place's address keeps the secret.
    let search = "(location.hash = document.querySelector('.to-block').getAttribute('href'), true)";
    assert!(one.eval::<bool>(search).await.unwrap());
    one.wait("the block's page", "byId('block-facts')").await;
    assert!(one.hash().await.contains(&shown));
    one.fill("search-input", "BEHIND the").await;
    one.click("search-button").await;
    one.wait("it is found", "text('hit-text')?.includes('behind the mill')").await;

    // It is stored: a restart reads it again.
    two.page.reload().await.unwrap();
    two.wait_started().await;
    two.wait_entry(PLAIN).await;
    browser.check_consoles();
    elsewhere.check_consoles();
}

#[tokio::test]
async fn a_wrong_secret_is_told_as_such_and_the_right_one_opens_the_room() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let one = browser.open(&format!("http://{}/#/new", relay.address)).await;
    let link = one.make_room("diary", &["new-readers-private", "new-rule-open"]).await;
    one.click("new-enter").await;
    one.wait_started().await;
    one.add(PLAIN).await;
    one.wait_entry(PLAIN).await;
    let secret = value_of(&link, "secret").to_owned();
    let other = if secret.starts_with('A') { "B" } else { "A" };
    let wrong = link.replace(&secret, &format!("{other}{}", &secret[1..]));
    let cut = &link[..link.len() - 3];
    for address in [wrong.as_str(), cut] {
        let tab = browser.open_page(address).await;
        tab.wait("it is told", "/not the secret/.test(text('secret-error'))").await;
        assert!(!tab.eval::<bool>("!!tip()").await.unwrap(), "nothing has started");
        tab.close().await;
    }
    let bare = link.replace(&format!("&secret={secret}"), "");
    let tab = browser.open_page(&bare).await;
    tab.wait("it is asked for", "byId('secret-form') && !text('secret-error')").await;
    tab.click("secret-open").await;
    tab.wait("nothing was given", "text('secret-error')").await;
    tab.fill("secret", &wrong).await;
    tab.click("secret-open").await;
    tab.wait("it is told", "/not the secret/.test(text('secret-error'))").await;
    let entries = tab.eval::<u32>("history.length").await.unwrap();
    tab.fill("secret", &link).await;
    tab.click("secret-open").await;
    tab.wait_started().await;
    tab.wait_entry(PLAIN).await;
    assert!(tab.hash().await.contains(&secret));
    assert_eq!(tab.eval::<u32>("history.length").await.unwrap(), entries);
    browser.check_consoles();
}

#[tokio::test]
async fn one_entry_of_a_private_room_is_proven_to_an_outsider() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let (browser, outside) = (Browser::start().await, Browser::start().await);
    let folder = tempfile::tempdir().unwrap();
    browser.save_downloads_in(folder.path()).await;
    let one = browser.open(&format!("http://{}/#/new", relay.address)).await;
    one.make_room("diary", &["new-readers-private"]).await;
    one.click("new-enter").await;
    one.wait_started().await;
    one.add(PLAIN).await;
    one.wait_entry(PLAIN).await;
    let open = one.save_proof("prove-cbor", folder.path(), "tabproof").await;
    one.click("prove-opening").await;
    let shut = one.save_proof("prove-json", folder.path(), "json").await;
    let outsider = outside.open(&relay.room("market")).await;
    relay.kill().await;
    outsider.give_file("proof-file", &open).await;
    outsider.wait("it holds", "data('proof-result', 'holds') === 'true'").await;
    assert!(outsider.text("proof-result").await.contains(PLAIN));
    outsider.give_file("proof-file", &shut).await;
    outsider
        .wait("it shows no text", "byId('proof-result')?.querySelector('[data-testid=unreadable]')")
        .await;
    assert!(!outsider.text("proof-result").await.contains(PLAIN));
    // Another key than the entry's.
    let forged = folder.path().join("forged.tabproof");
    let mut bytes = std::fs::read(&open).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    std::fs::write(&forged, bytes).unwrap();
    outsider.give_file("proof-file", &forged).await;
    outsider.wait("it is refused", "/does not open/.test(text('proof-result'))").await;
    for (file, shows) in [(&open, true), (&shut, false)] {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_relay-server"));
        let held = command.arg("verify").arg(file).output().await.unwrap();
        assert!(held.status.success());
        assert_eq!(String::from_utf8_lossy(&held.stdout).contains(PLAIN), shows);
    }
    browser.check_consoles();
    outside.check_consoles();
}

#[tokio::test]
async fn members_are_named_by_key_or_invited_with_one() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let (browser, elsewhere) = (Browser::start().await, Browser::start().await);
    let one = browser.open(&format!("http://{}/#/new", relay.address)).await;
    one.click("new-create").await;
    one.wait("a name is asked for", "text('new-name-error')").await;
    one.click("new-rule-authority").await;
    one.fill("new-members", "neither key nor link").await;
    one.fill("new-name", "council").await;
    one.click("new-create").await;
    one.wait("it is no key", "/“neither”/.test(text('new-members-error'))").await;
    one.fill("new-members", "").await;
    one.click("new-with-me").await;
    one.click("new-create").await;
    one.wait("there is nobody", "text('new-members-error')").await;
    one.click("new-with-me").await;
    let friend = PublicKey::from_bytes([7; 32]);
    one.fill("new-members", &friend.to_string()).await;
    one.fill("new-invited", "2").await;
    let summary = one.text("new-summary").await;
    assert!(summary.contains("4 members"), "{summary}");
    let link = one.make_room("council", &["new-writers-members"]).await;
    let members: Vec<String> = value_of(&link, "members")
        .split(',')
        .map(|key| PublicKey::from_bytes(decode(key).try_into().unwrap()).to_string())
        .collect();
    assert!(members.len() == 4 && members.contains(&friend.to_string()));
    let links: Vec<String> = one.eval("all('member-link').map(l => l.value)").await.unwrap();
    assert_eq!(links.len(), 2);
    assert_ne!(links[0], links[1]);

    // Its maker is a member, and so is who takes the key of an invitation.
    one.click("new-enter").await;
    one.wait("the room is entered", "text('room-name') === 'council'").await;
    let is_member = format!("{members:?}.includes(data('wallet', 'author'))");
    one.wait("this tab is a member", &is_member).await;
    let two = elsewhere.open(&links[0]).await;
    two.wait("it is asked", "byId('invitation')").await;
    assert!(!two.eval::<bool>(&is_member).await.unwrap());
    let before = two.eval::<u32>("history.length").await.unwrap();
    two.click("invited-take").await;
    two.wait("the tab is a member", &is_member).await;
    two.wait("it was answered", "!byId('invitation') && !location.hash.includes('key=')").await;
    assert_eq!(two.eval::<u32>("history.length").await.unwrap(), before);
    assert_ne!(two.data("wallet", "author").await, one.data("wallet", "author").await);
    // The key is stored; who says no keeps the own one.
    let key = two.data("wallet", "author").await;
    two.page.reload().await.unwrap();
    two.wait("the key is here", &format!("data('wallet', 'author') === '{key}'")).await;
    let three = elsewhere.open(&links[1]).await;
    three.click("invited-decline").await;
    three.wait("it was answered", "!byId('invitation') && !location.hash.includes('key=')").await;
    assert!(!three.eval::<bool>(&is_member).await.unwrap());
    browser.check_consoles();
    elsewhere.check_consoles();
}

#[tokio::test]
async fn the_invitation_has_a_link_a_code_and_a_word_about_this_device() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let map = "host-resolver-rules=MAP classroom.test 127.0.0.1";
    let browser = Browser::start_with(Profile::new(), &[map]).await;
    let tab = browser.open(&relay.room("lobby")).await;
    tab.click("invite").await;
    tab.wait("the dialog is open", "byId('invite-dialog').open && byId('qr')").await;
    assert!(tab.eval::<bool>("!!byId('loopback')").await.unwrap());
    let link = tab.eval::<String>("byId('room-link').value").await.unwrap();
    assert_eq!(link, relay.room("lobby"));
    let about = tab.eval::<String>("byId('qr').getAttribute('aria-label')").await.unwrap();
    assert!(about.contains("lobby"), "{about}");
    tab.click("invite-close").await;
    tab.wait("the dialog is closed", "!byId('invite-dialog').open && !byId('qr')").await;
    let plain = format!("http://classroom.test:{}/#/r/lobby", relay.address.port());
    let tab = browser.open(&plain).await;
    tab.click("invite").await;
    tab.wait("the dialog is open", "byId('qr')").await;
    assert_eq!(tab.eval::<String>("byId('room-link').value").await.unwrap(), plain);
    assert!(!tab.eval::<bool>("!!byId('loopback')").await.unwrap());
    browser.check_consoles();
}

/// The relay tells of two addresses in the network.
pub(crate) const TWO_ADDRESSES: &str = "const real = window.fetch; window.fetch = (url, ...rest) => \
    String(url).includes('addresses') \
    ? Promise.resolve(new Response('[\"http://192.168.7.5:8080/\",\"http://10.0.0.9:8080/\"]')) \
    : real(url, ...rest);";

#[tokio::test]
async fn on_this_device_alone_the_invitation_is_for_an_address_that_others_reach() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open_page("about:blank").await;
    tab.before_page(TWO_ADDRESSES).await;
    tab.page.goto(relay.room("lobby")).await.unwrap();
    tab.wait_started().await;
    tab.click("invite").await;
    let link_is = |link: &str| format!("byId('room-link')?.value === '{link}'");
    tab.wait("the first one is offered", &link_is("http://192.168.7.5:8080/#/r/lobby")).await;
    assert!(tab.eval::<bool>("!byId('loopback') && !!byId('qr')").await.unwrap());
    let drawn = "byId('qr').innerHTML";
    let before = tab.eval::<String>(drawn).await.unwrap();
    assert!(tab.eval::<bool>("(all('invite-base')[1].click(), true)").await.unwrap());
    tab.wait("the other one is chosen", &link_is("http://10.0.0.9:8080/#/r/lobby")).await;
    assert_ne!(tab.eval::<String>(drawn).await.unwrap(), before, "the code is the link's");
    tab.click("invite-close").await;
    // The links of members follow the choice, too.
    tab.click("to-new-room").await;
    tab.click("new-rule-authority").await;
    tab.fill("new-invited", "1").await;
    tab.make_room("council", &[]).await;
    let both = "[byId('room-link'), byId('member-link')]";
    let begin = |base: &str| format!("{both}.every(f => f.value.startsWith('{base}'))");
    tab.wait("the first one is offered", &begin("http://192.168.7.5:8080/#/r/council")).await;
    assert!(tab.eval::<bool>("(all('invite-base')[1].click(), true)").await.unwrap());
    tab.wait("the other one is chosen", &begin("http://10.0.0.9:8080/#/r/council")).await;
    browser.check_consoles();
}

#[tokio::test]
async fn on_a_korean_phone_rooms_fit_and_can_be_touched() {
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
    tab.page.goto(format!("http://{}/#/new", relay.address)).await.unwrap();
    tab.wait_started().await;
    let fits = async |place: &str| {
        let overflow = "document.documentElement.scrollWidth - window.innerWidth";
        assert!(tab.eval::<i64>(overflow).await.unwrap() <= 0, "{place} scrolls sideways");
        let small = "[...document.querySelectorAll('.explorer button, .explorer select, \
             .explorer input:not([type=radio], [type=checkbox]), .option, dialog button, \
             dialog input, .room button, .room a, .secret-form button, .secret-form input')] \
             .filter(e => e.offsetParent && e.getBoundingClientRect().height < 43.5) \
             .map(e => e.outerHTML.slice(0, 90))";
        assert_eq!(tab.eval::<Vec<String>>(small).await.unwrap(), Vec::<String>::new(), "{place}");
        let unnamed = "[...document.querySelectorAll('.explorer :is(input, select, textarea), \
             dialog input, .secret-form input')] \
             .filter(e => !e.labels?.length && !e.ariaLabel).map(e => e.outerHTML.slice(0, 90))";
        assert_eq!(tab.eval::<Vec<String>>(unnamed).await.unwrap(), Vec::<String>::new());
    };
    tab.click("new-rule-authority").await;
    tab.fill("new-invited", "1").await;
    fits("the form").await;
    let link = tab.make_room("우리 반 기록", &["new-readers-private"]).await;
    fits("the links").await;
    tab.click("new-enter").await;
    tab.wait("the room is entered", "byId('private')").await;
    tab.wait_started().await;
    tab.click("invite").await;
    tab.wait("the dialog is open", "byId('qr')").await;
    fits("the invitation").await;
    let bare = link.split_once("&secret").unwrap().0;
    tab.page.goto("about:blank").await.unwrap();
    tab.page.goto(bare).await.unwrap();
    tab.wait("it is asked for", "byId('secret-form')").await;
    fits("the secret").await;
    browser.check_consoles();
}
