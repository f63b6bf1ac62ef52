//! Figures: `cargo test -p relay-server --test browser -- --ignored --nocapture measure`.

use std::time::Instant;

use crate::browser::Browser;
use crate::native_peer::NativePeer;
use crate::relay::Relay;

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_submit_to_shown_in_another_tab() {
    let _turn = crate::turn().await;
    for consensus in ["work", "open"] {
        let relay = Relay::start().await;
        let browser = Browser::start().await;
        let url = format!("{}?consensus={consensus}", relay.room("measure"));
        let (one, two) = (browser.open(&url).await, browser.open(&url).await);
        one.wait_peers(1).await;
        let mut times = Vec::new();
        for n in 0..100 {
            // A quiet room: about an entry every two seconds.
            tokio::time::sleep(std::time::Duration::from_millis(1_500 + n * 137 % 1_000)).await;
            let entry = format!("measured entry {n}.");
            one.type_entry(&entry).await;
            let before = Instant::now();
            let shown = format!(
                "new Promise(done => {{ const look = () => entries().some(e => \
                 e.includes('{entry}')) ? done(true) : setTimeout(look, 4); look(); }})"
            );
            let click = one.eval::<bool>("(byId('add-block').click(), true)");
            let (clicked, seen) = tokio::join!(click, two.eval::<bool>(&shown));
            assert!(clicked.unwrap() && seen.unwrap());
            times.push(before.elapsed().as_secs_f64() * 1_000.0);
        }
        times.sort_by(f64::total_cmp);
        println!("{consensus}: median {:.0} ms, p99 {:.0} ms", times[49], times[98]);
    }
}

#[tokio::test]
#[ignore = "a measurement, not a test"]
async fn measure_sync_of_a_new_tab() {
    let _turn = crate::turn().await;
    for blocks in [300, 3_000] {
        let relay = Relay::start().await;
        let _peer = NativePeer::with_blocks(&relay, "sync", blocks).await;
        let browser = Browser::start().await;
        let warm = browser.open(&relay.room("warm")).await;
        warm.wait_online().await;
        let before = Instant::now();
        let tab = browser.open(&relay.room("sync")).await;
        tab.wait("the chain is whole", &format!("height() === {blocks}")).await;
        let seconds = before.elapsed().as_secs_f64();
        println!("{blocks} blocks into a new tab, from opening it: {seconds:.2} s");
    }
}
