//! What others do, written for this benchmark from its description, measured in the same
//! run so that ratios hold on any machine.

use std::process::Command;
use std::time::Instant;

use chain_wasm::primitives::Hash;
use serde::{Deserialize, Serialize};

use super::report::{Report, float, median};

/// The article's chain: hashes only, no signatures, no work, no balances.
const PYTHON: &str = r"
import hashlib, time
class Block:
    def __init__(self, index, previous_hash, data, timestamp):
        self.index = index
        self.previous_hash = previous_hash
        self.data = data
        self.timestamp = timestamp
        self.hash = self.calculate_hash()
    def calculate_hash(self):
        text = str(self.index) + str(self.previous_hash) + str(self.data) + str(self.timestamp)
        return hashlib.sha256(text.encode()).hexdigest()
class Blockchain:
    def __init__(self):
        self.chain = [Block(0, '0', 'Genesis Block', time.time())]
    def add_block(self, data):
        self.chain.append(Block(len(self.chain), self.chain[-1].hash, data, time.time()))
    def is_chain_valid(self):
        for i in range(1, len(self.chain)):
            current, previous = self.chain[i], self.chain[i - 1]
            if current.hash != current.calculate_hash():
                return False
            if current.previous_hash != previous.hash:
                return False
        return True
chain = Blockchain()
for n in range(20000):
    chain.add_block('x' * 100)
times = []
for n in range(5):
    began = time.perf_counter()
    assert chain.is_chain_valid()
    times.append(time.perf_counter() - began)
print(sorted(times)[2])
";

/// Blocks in [`PYTHON`].
const PYTHON_BLOCKS: usize = 20_000;

/// `is_chain_valid` of the article.
pub(crate) fn validate(report: &mut Report) {
    let output = Command::new("python3").args(["-c", PYTHON]).output();
    let seconds = output
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse::<f64>().ok());
    match seconds {
        Some(seconds) => {
            let figures = [("blocks/s", float(PYTHON_BLOCKS) / seconds)];
            report.row("article's chain in Python", &figures);
        }
        None => Report::note("article's chain in Python: not measured, python3 does not run"),
    }
}

/// A block of naivechain.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Plain {
    index: usize,
    previous_hash: String,
    timestamp: u64,
    data: String,
    hash: String,
}

impl Plain {
    fn new(index: usize, previous_hash: String) -> Self {
        let data = "x".repeat(100);
        let mut block =
            Self { index, previous_hash, timestamp: 1_465_154_705, data, hash: String::new() };
        block.hash = block.calculate_hash();
        block
    }

    fn calculate_hash(&self) -> String {
        let text = format!("{}{}{}{}", self.index, self.previous_hash, self.timestamp, self.data);
        Hash::of(text.as_bytes()).to_string()
    }
}

fn valid(chain: &[Plain]) -> bool {
    chain.windows(2).all(|pair| {
        let [before, block] = pair else { return false };
        block.index == before.index + 1
            && block.previous_hash == before.hash
            && block.hash == block.calculate_hash()
    })
}

/// What a new block costs where the whole chain is sent as JSON, read, checked and put in
/// place of the old one, as naivechain does when it syncs. In Rust: naivechain itself runs
/// in a JavaScript engine, with SHA-256 in JavaScript too, and is slower.
pub(crate) fn new_block(report: &mut Report, length: usize) {
    let mut chain = vec![Plain::new(0, "0".to_owned())];
    for index in 1..=length {
        chain.push(Plain::new(index, chain[index - 1].hash.clone()));
    }
    let mut bytes = 0;
    let mut run = || {
        let began = Instant::now();
        let json = serde_json::to_string(&chain).unwrap();
        bytes = json.len();
        let received: Vec<Plain> = serde_json::from_str(&json).unwrap();
        assert!(valid(&received) && received.first() == chain.first());
        began.elapsed().as_secs_f64() * 1e6
    };
    let micros = median((0..3).map(|_| run()).collect());
    report.row(
        format!("whole chain as JSON, {length} blocks"),
        &[("us", micros), ("bytes sent", float(bytes))],
    );
}
