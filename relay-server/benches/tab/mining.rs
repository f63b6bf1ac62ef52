//! Hashes a second while a tab mines without a pause: as its page says, all mining
//! workers together.

use std::time::Duration;

use crate::browser::Browser;
use crate::relay::Relay;
use crate::report::{Report, percentile};

/// Readings, one a second; the median counts.
const READINGS: usize = 15;

/// Measures one tab of a room of its own.
pub(crate) async fn measure(report: &mut Report) {
    let relay = Relay::start().await;
    let browser = Browser::start().await;
    let tab = browser.open(&relay.room("mining")).await;
    tab.click("mining-always").await;
    tab.wait("it mines", "Number(data('hash-rate', 'perSecond')) > 0").await;
    let mut rates = Vec::new();
    for _ in 0..READINGS {
        tokio::time::sleep(Duration::from_secs(1)).await;
        rates.push(tab.eval::<f64>("Number(data('hash-rate', 'perSecond'))").await.unwrap());
    }
    let workers: f64 = tab.eval("Number(data('hash-rate', 'workers'))").await.unwrap();
    let pool = percentile(&mut rates, 0.5) / 1e6;
    report.add(
        "mining",
        vec![("workers", workers), ("MH/s", pool), ("MH/s a worker", pool / workers.max(1.0))],
    );
    browser.close().await;
}
