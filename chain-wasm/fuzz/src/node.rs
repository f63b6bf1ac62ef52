//! A node among peers that do anything, over a link and a store that fail: one input
//! after the other, and after each what must always hold.
//!
//! The bytes choose the inputs. Blocks, entries, headers, statuses and answers are made
//! by the rules first ([`room`]) and damaged then, as often as not, so that a search
//! gets past the decoders.

mod disk;
pub(crate) mod driver;
pub(crate) mod inputs;
pub(crate) mod room;

use arbitrary::Unstructured;
use chain_wasm::primitives::Hash;

use driver::Driver;

/// The most inputs of one run: what is reached by more is for the simulator.
const MAX_INPUTS: usize = 400;

/// Runs a node over the inputs that the bytes stand for.
pub fn run(data: &[u8]) {
    play(data, false);
}

/// Runs the same, and gives a hash of all that the node put out.
pub fn trace(data: &[u8]) -> Hash {
    play(data, true)
}

fn play(data: &[u8], traced: bool) -> Hash {
    let mut u = Unstructured::new(data);
    let mut driver = Driver::new(u.arbitrary().unwrap_or_default(), traced);
    for _ in 0..MAX_INPUTS {
        if u.is_empty() || inputs::step(&mut driver, &mut u).is_err() {
            break;
        }
        driver.check();
    }
    driver.trace()
}
