//! Tabs at different relays that meet at a NATS server.

#[path = "../shared/nats.rs"]
#[allow(dead_code, reason = "the relay tests use the rest")]
mod nats;

use crate::browser::Browser;
use crate::relay::Relay;
use crate::tab::wait_settled;
use nats::Nats;

#[tokio::test]
async fn tabs_of_two_relays_part_without_nats_and_come_together_with_every_entry() {
    let _turn = crate::turn().await;
    let mut nats = Nats::start().await;
    let left = Relay::start_clustered(&nats.url()).await;
    let right = Relay::start_clustered(&nats.url()).await;
    let browser = Browser::start().await;
    let one = browser.open(&left.room("far")).await;
    let two = browser.open(&right.room("far")).await;
    let tabs = [&one, &two];
    for tab in tabs {
        tab.wait_peers(1).await;
    }
    one.add("from the left").await;
    two.add("from the right").await;
    let mut entries = vec!["from the left".to_owned(), "from the right".to_owned()];
    wait_settled(&tabs, &entries).await;

    nats.kill().await;
    for tab in tabs {
        tab.wait("it says so", "text('link-state').includes('cut off')").await;
        tab.wait_peers(0).await;
    }
    one.add("alone on the left").await;
    one.wait_entry("alone on the left").await;
    two.add("alone on the right").await;
    two.wait_entry("alone on the right").await;

    nats.restart().await;
    for tab in tabs {
        tab.wait("it is well again", "!text('link-state').includes('cut off')").await;
        tab.wait_peers(1).await;
    }
    entries.extend(["alone on the left".to_owned(), "alone on the right".to_owned()]);
    wait_settled(&tabs, &entries).await;
    browser.check_consoles();
}
