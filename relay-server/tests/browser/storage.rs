//! The store of a tab: packs, what damages them, and other versions' layouts.

use chain_wasm::chain::block::Block;
use chain_wasm::chain::spec::Spec;

use crate::browser::Browser;
use crate::native_peer::{NativePeer, make_chain};
use crate::relay::Relay;
use crate::tab::Tab;

/// Functions that look into the page's only database, in the version that it has.
const DATABASE: &str = "
    const asked = r => new Promise((done, fail) => {
        r.onsuccess = () => done(r.result); r.onerror = () => fail(r.error); });
    const names = async () => (await indexedDB.databases()).map(d => d.name)
        .filter(name => name.startsWith('tabchain/'));
    const within = async (store, work) => {
        const db = await asked(indexedDB.open((await names())[0]));
        const answer = await work(db.transaction(store, 'readwrite').objectStore(store));
        db.close();
        return answer;
    };
    const count = store => within(store, s => asked(s.count()));
    const version = async () => (await indexedDB.databases())[0].version;
";

impl Tab {
    /// What an asynchronous expression over the functions above gives.
    async fn database<T: serde::de::DeserializeOwned>(&self, expression: &str) -> T {
        self.eval(&format!("(async () => {{ {DATABASE} return {expression}; }})()")).await.unwrap()
    }

    /// Waits until a part of the store has so many records.
    pub(crate) async fn wait_records(&self, store: &str, records: u32) {
        let ask = format!("(async () => {{ {DATABASE} return count('{store}'); }})()");
        crate::until(&format!("{store} are stored"), || async {
            let found = self.eval::<u32>(&ask).await?;
            if found == records { Ok(()) } else { Err(format!("{found}, not {records}")) }
        })
        .await;
    }

    /// Waits until so many blocks have records of their own, since the others are packed.
    async fn wait_singles(&self, singles: u32) {
        self.wait_records("blocks", singles).await;
    }

    /// Leaves the room for a page of the same origin that opens no database.
    async fn leave(&self, relay: &Relay) {
        self.page.goto(format!("http://{}/no-page", relay.address)).await.unwrap();
    }

    async fn enter(&self, url: &str) {
        self.page.goto(url).await.unwrap();
        self.wait("the node starts", "tip() && data('wallet', 'author')").await;
    }

    /// Whether the page finds its chain valid.
    async fn validate(&self) -> bool {
        self.click("validate").await;
        self.wait("the check is over", "byId('validate-result')").await;
        self.data("validate-result", "valid").await == "true"
    }
}

/// A room in which blocks cost nothing, so that a long chain is made at once.
fn open_room(relay: &Relay, room: &str) -> String {
    format!("{}?consensus=open", relay.room(room))
}

/// Blocks of a pack.
pub(crate) const PACK: u32 = 256;

/// How many packs a tab makes of a chain of small blocks.
pub(crate) const fn packs(blocks: u32) -> u32 {
    // All of their blocks are 512 or more below the tip.
    blocks.saturating_sub(512) / PACK
}

/// How many blocks of a chain have records of their own once the others are packed.
const fn singles(blocks: u32) -> u32 {
    blocks - packs(blocks) * PACK
}

/// A tab that has got and stored so many blocks, and has left the room.
struct Stored {
    chain: Vec<Vec<u8>>,
    tab: Tab,
    _browser: Browser,
}

async fn stored(relay: &Relay, room: &str, blocks: u32) -> Stored {
    let chain = make_chain(&Spec::open(room).unwrap(), blocks);
    let _peer = peer(relay, room, &chain).await;
    let browser = Browser::start().await;
    let tab = browser.open(&open_room(relay, room)).await;
    tab.wait("the chain is whole", &format!("height() === {blocks}")).await;
    tab.wait_singles(singles(blocks)).await;
    tab.leave(relay).await;
    Stored { chain, tab, _browser: browser }
}

async fn peer(relay: &Relay, room: &str, chain: &[Vec<u8>]) -> NativePeer {
    NativePeer::with_chain(relay, Spec::open(room).unwrap(), chain.to_vec()).await
}

#[tokio::test]
async fn a_long_chain_is_packed_and_starts_from_its_packs() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let Stored { tab, .. } = &stored(&relay, "packed", 1_300).await;
    assert_eq!(tab.database::<u32>("count('packs')").await, 3);
    assert_eq!(tab.database::<u32>("count('summaries')").await, 3);
    tab.enter(&open_room(&relay, "packed")).await;
    assert_eq!(tab.height().await, 1_300);
    assert!(tab.validate().await);
}

#[tokio::test]
async fn damaged_packs_and_summaries_are_repaired_and_fetched_again() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let Stored { chain, tab, .. } = &stored(&relay, "damage", 1_300).await;
    // A byte of a block, one of another pack's summary, a summary, and foreign records.
    tab.database::<bool>(
        "(await within('packs', async s => { const v = await asked(s.get(1)); v[20_000] ^= 1;
                await asked(s.put(v, 1)); await asked(s.put('foreign', 'key'));
                await asked(s.put(new Uint8Array(9), 9e9)); return true; }))
            && (await within('summaries', async s => { const v = await asked(s.get(257));
                v[300] ^= 1; await asked(s.put(v, 257)); await asked(s.delete(513));
                await asked(s.put(7, [1])); return true; }))
            && (await within('blocks', async s => { await asked(s.put('foreign', 'key'));
                await asked(s.put(new Uint8Array(99), 'another')); return true; }))",
    )
    .await;
    tab.enter(&open_room(&relay, "damage")).await;
    assert_eq!(tab.height().await, 1_300);
    assert!(!tab.validate().await);
    let _peer = peer(&relay, "damage", chain).await;
    // The block has a record of its own then, beside two foreign ones.
    tab.wait_singles(singles(1_300) + 3).await;
    tab.leave(&relay).await;
    tab.enter(&open_room(&relay, "damage")).await;
    assert!(tab.validate().await);
    assert_eq!(tab.height().await, 1_300);
}

#[tokio::test]
async fn a_lost_pack_is_fetched_again_and_those_above_it_are_kept() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let Stored { chain, tab, .. } = &stored(&relay, "lost", 1_300).await;
    let gone = "s => asked(s.delete(257)).then(() => true)";
    tab.database::<bool>(&format!(
        "(await within('packs', {gone})) && (await within('summaries', {gone}))"
    ))
    .await;
    tab.enter(&open_room(&relay, "lost")).await;
    assert_eq!(tab.height().await, 256);
    let _peer = peer(&relay, "lost", chain).await;
    tab.wait("the chain is whole", "height() >= 1300").await;
    assert!(tab.validate().await);
}

#[tokio::test]
async fn a_store_of_version_1_is_migrated_with_all_that_is_in_it() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    // The database's name, and a page that does not have it open.
    let tab = browser.open(&open_room(&relay, "old")).await;
    assert_eq!(tab.database::<u32>("version()").await, 2);
    tab.leave(&relay).await;
    let blocks: Vec<(String, String)> = make_chain(&Spec::open("old").unwrap(), 900)
        .iter()
        .map(|bytes| (Block::decode(bytes).unwrap().header.hash().to_string(), hex(bytes)))
        .collect();
    let blocks = serde_json::to_string(&blocks).unwrap();
    tab.database::<bool>(&format!(
        "await (async () => {{
            const bytes = hex => Uint8Array.from(hex.match(/../g), b => parseInt(b, 16));
            const [name] = await names();
            await asked(indexedDB.deleteDatabase(name));
            const opening = indexedDB.open(name, 1);
            opening.onupgradeneeded = () => ['blocks', 'transactions', 'meta']
                .forEach(store => opening.result.createObjectStore(store));
            const db = await asked(opening);
            const change = db.transaction(['blocks', 'meta'], 'readwrite');
            for (const [hash, block] of {blocks})
                change.objectStore('blocks').put(bytes(block), bytes(hash));
            change.objectStore('meta').put(new Uint8Array(32).fill(5), 'wallet');
            await new Promise(done => change.oncomplete = done);
            db.close();
            return true;
        }})()"
    ))
    .await;
    tab.enter(&open_room(&relay, "old")).await;
    assert_eq!(tab.height().await, 900);
    let wallet = chain_wasm::primitives::Keypair::from_seed([5; 32]).public().to_string();
    assert_eq!(tab.data("wallet", "author").await, wallet);
    assert!(tab.validate().await);
    tab.wait_singles(singles(900)).await;
    assert_eq!(tab.database::<u32>("version()").await, 2);
    tab.leave(&relay).await;
    tab.enter(&open_room(&relay, "old")).await;
    assert_eq!(tab.height().await, 900);
    assert!(tab.validate().await);
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        write!(hex, "{byte:02x}").unwrap();
        hex
    })
}

#[tokio::test]
async fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let _turn = crate::turn().await;
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("newer")).await;
    tab.add("to be kept").await;
    tab.wait_entry("to be kept").await;
    tab.leave(&relay).await;
    let newer =
        "await asked(indexedDB.open((await names())[0], 99)).then(db => (db.close(), true))";
    tab.database::<bool>(newer).await;
    tab.page.goto(relay.room("newer")).await.unwrap();
    tab.wait("the page says so", "text('fatal')?.includes('newer version') && byId('reload')")
        .await;
    assert_eq!(tab.database::<u32>("version()").await, 99);
    assert_eq!(tab.database::<u32>("count('blocks')").await, 1);
}

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_warm_start() {
    let _turn = crate::turn().await;
    let sizes = std::env::var("BLOCKS").unwrap_or_else(|_| "1000,10000,100000".to_owned());
    for blocks in sizes.split(',').map(|size| size.parse::<u32>().unwrap()) {
        let relay = Relay::start().await;
        let Stored { tab, .. } = &stored(&relay, "warm", blocks).await;
        let mut times = Vec::new();
        for _ in 0..5 {
            tab.page.goto(open_room(&relay, "warm")).await.unwrap();
            // Since the navigation began.
            let ready = format!(
                "new Promise(done => {{ const look = () => height() === {blocks} \
                 ? done(performance.now()) : setTimeout(look, 4); look(); }})"
            );
            times.push(tab.eval::<f64>(&ready).await.unwrap());
            tab.leave(&relay).await;
        }
        times.sort_by(f64::total_cmp);
        println!("warm start of {blocks} blocks: {times:.0?} ms, median {:.0}", times[2]);
    }
}
