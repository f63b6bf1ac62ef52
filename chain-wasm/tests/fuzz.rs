//! The fuzz targets of `fuzz/`, on a stable compiler: the committed seeds, and some
//! thousand inputs made from fixed random seeds.
// A test may.
#![allow(clippy::expect_used, clippy::unwrap_used, clippy::indexing_slicing, unreachable_pub)]

#[path = "protocol/document.rs"]
#[expect(dead_code, reason = "another test reads the tables of rules")]
mod document;
#[path = "../fuzz/src/lib.rs"]
mod targets;

use std::fs;
use std::path::{Path, PathBuf};

use rand_chacha::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};
use targets::{decoders, node, restore, values};

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/seeds").join(target)
}

/// The committed seeds of a target, by name.
fn seeds(target: &str) -> Vec<(String, Vec<u8>)> {
    let mut seeds: Vec<(String, Vec<u8>)> = fs::read_dir(folder(target))
        .expect("a folder of seeds")
        .map(|file| file.expect("a file").path())
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
            (name, fs::read(&path).expect("a seed"))
        })
        .collect();
    seeds.sort();
    assert!(!seeds.is_empty(), "{target} has no seeds");
    seeds
}

/// Runs a target over its seeds as they are, then over random inputs and seeds with some
/// bytes changed. What fails is named by the output of the test.
fn replay(target: &str, random: u64, length: u32, run: impl Fn(&[u8])) {
    let seeds = seeds(target);
    for (name, bytes) in &seeds {
        println!("{target}: seed {name}");
        run(bytes);
    }
    for number in 0..random {
        println!("{target}: input {number}");
        let mut rng = ChaCha8Rng::seed_from_u64(number);
        let mut bytes = if number % 2 == 0 {
            let length = rng.next_u32() % length;
            vec![0; usize::try_from(length).unwrap()]
        } else {
            let pick = usize::try_from(rng.next_u32()).unwrap() % seeds.len();
            seeds[pick].1.clone()
        };
        if number % 2 == 0 {
            rng.fill_bytes(&mut bytes);
        } else if !bytes.is_empty() {
            for _ in 0..=rng.next_u32() % 4 {
                let at = usize::try_from(rng.next_u32()).unwrap() % bytes.len();
                bytes[at] = rng.next_u32().to_be_bytes()[0];
            }
        }
        run(&bytes);
    }
}

#[test]
fn decoders_take_what_they_write_and_nothing_else() {
    replay("decoders", 20_000, 400, decoders::run);
}

#[test]
fn encoders_are_undone_by_decoders() {
    replay("values", 5_000, 1_000, values::run);
}

#[test]
fn a_node_holds_under_any_inputs() {
    replay("node", 1_500, 3_000, node::run);
}

#[test]
fn a_node_starts_from_any_store() {
    replay("restore", 1_500, 1_500, restore::run);
}

#[test]
fn a_node_does_the_same_again_given_the_same_inputs() {
    for (name, bytes) in seeds("node").into_iter().take(20) {
        assert_eq!(node::trace(&bytes), node::trace(&bytes), "{name}");
    }
}

/// The seeds of the decoders: each vector of PROTOCOL.md.
fn vectors() -> Vec<(String, Vec<u8>)> {
    let bytes = |hex: String| {
        let digits: Vec<u8> =
            hex.chars().map(|digit| u8::try_from(digit.to_digit(16).unwrap()).unwrap()).collect();
        digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect()
    };
    document::fenced("vectors").into_iter().map(|(name, hex)| (name, bytes(hex))).collect()
}

#[test]
fn every_vector_of_the_protocol_is_a_seed() {
    let seeds = seeds("decoders");
    for vector in vectors() {
        assert!(seeds.contains(&vector), "{}: run write_seeds", vector.0);
    }
}

/// `cargo test -p chain-wasm --test fuzz write_seeds -- --ignored`
#[test]
#[ignore = "writes into the source tree"]
fn write_seeds() {
    for (name, bytes) in vectors() {
        fs::write(folder("decoders").join(name), bytes).expect("a seed is written");
    }
}
