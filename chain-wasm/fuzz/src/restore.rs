//! A node that starts from a store with any content: whole records, damaged ones,
//! foreign ones, in any order. It must start, on a valid chain, and with every whole
//! entry in it or waiting.

use arbitrary::{Arbitrary, Result, Unstructured};
use chain_wasm::chain::transaction::Transaction;
use chain_wasm::node::Restored;

use crate::node::driver::Driver;
use crate::node::inputs;

/// The most records of a kind.
const MAX_RECORDS: usize = 40;

/// Makes records from the input and starts a node from them.
pub fn run(data: &[u8]) {
    let mut u = Unstructured::new(data);
    let mut driver = Driver::new(u.arbitrary().unwrap_or_default(), false);
    let restored = records(&mut driver, &mut u).unwrap_or_default();
    let entries = restored.transactions.clone();
    driver.damaged = true;
    driver.disk.fill(&restored);
    driver.start(restored);
    driver.check();
    let chain = driver.node.chain();
    for entry in entries.iter().filter_map(|bytes| Transaction::decode(bytes).ok()) {
        let kept = driver.refused.contains(&entry.id())
            || chain.mempool().get(&entry.id()).is_some()
            || chain.ledger().height_of(&entry.id()).is_some();
        assert!(kept || chain.check_entry(&entry).is_err(), "a whole entry is dropped");
    }
    // It goes on, and what it stored by now is a store to start from.
    for _ in 0..4 {
        driver.pass(1_000);
        while driver.end_batch() {}
        driver.check();
    }
    let rank = driver.node.chain().tip_rank();
    driver.restart(|_| false);
    assert!(driver.node.chain().tip_rank() >= rank, "it starts lower than it ended");
}

fn records(driver: &mut Driver, u: &mut Unstructured<'_>) -> Result<Restored> {
    let mut restored = Restored::default();
    for _ in 0..u.int_in_range(0..=MAX_RECORDS)? {
        if let Some(block) = inputs::make_block(driver, u)? {
            let bytes = block.encode();
            driver.room.note(&bytes);
            keep(&mut restored.blocks, bytes, u)?;
        }
    }
    for _ in 0..u.int_in_range(0..=MAX_RECORDS)? {
        let entry = inputs::entry(driver, u)?;
        keep(&mut restored.transactions, entry.encode(), u)?;
    }
    Ok(restored)
}

/// Puts a record among the others: as it is, damaged, twice, or not at all.
fn keep(records: &mut Vec<Vec<u8>>, mut bytes: Vec<u8>, u: &mut Unstructured<'_>) -> Result<()> {
    match u.int_in_range(0..=15_u8)? {
        0 => inputs::damage(&mut bytes, u)?,
        1 => return Ok(()),
        2 => records.push(bytes.clone()),
        3 => bytes = <&[u8]>::arbitrary(u)?.to_vec(),
        _ => {}
    }
    let at = if u.ratio(1, 4)? { u.int_in_range(0..=records.len())? } else { records.len() };
    records.insert(at, bytes);
    Ok(())
}
