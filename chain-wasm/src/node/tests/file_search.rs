//! A file is found again by its hash, wherever the chain has it.

use super::Bench;
use crate::api::{ApiError, EntryState, NotarisedView, Outcome};
use crate::chain::spec::Spec;
use crate::node::limits::FILE_SEARCH_STEP;
use crate::node::{Input, NodeCommand, Output};
use crate::notarisation::{MEDIA_TYPE, Notarisation};
use crate::primitives::Hash;

const REQUEST: u32 = 77;

impl Bench {
    fn add_file(&mut self, name: &str, sha256: Hash) {
        let bytes = Notarisation::new(name, 5, sha256).encode();
        let command = NodeCommand::AddEntry { media_type: MEDIA_TYPE.to_owned(), bytes };
        self.input(Input::Command { request: 0, command });
        self.run(200);
    }

    fn begin_to_find(&mut self, sha256: Hash) {
        self.taken(Some);
        let command = NodeCommand::FindFile { sha256 };
        self.input(Input::Command { request: REQUEST, command });
    }

    /// Answers the reads until the search has ended; gives how many there were, too.
    fn found(&mut self) -> (Result<Option<NotarisedView>, ApiError>, usize) {
        let mut reads = 0;
        loop {
            let outputs = self.taken(Some);
            assert!(!outputs.is_empty(), "the search has stopped");
            for output in outputs {
                match output {
                    Output::Reply { request: REQUEST, outcome } => {
                        let file = outcome.map(|outcome| match outcome {
                            Outcome::File(file) => file.map(|file| *file),
                            other => panic!("{other:?}"),
                        });
                        return (file, reads);
                    }
                    Output::Load { load, blocks } => {
                        reads += 1;
                        assert!(blocks.len() <= FILE_SEARCH_STEP);
                        let chain = self.node.chain();
                        let stored = blocks.iter().map(|block| chain.body(&block.hash));
                        let blocks = stored.map(|body| body.map(|body| body.bytes.clone()));
                        let blocks = blocks.collect();
                        self.input(Input::Loaded { load, blocks });
                    }
                    _ => {}
                }
            }
        }
    }
}

fn bench_with_blocks(blocks: usize) -> Bench {
    let mut bench = Bench::new(Spec::open("files").unwrap());
    for n in 0..blocks {
        bench.add(&format!("entry {n}"));
        bench.run(200);
    }
    bench
}

#[test]
fn the_oldest_entry_about_a_file_is_found_a_few_blocks_at_a_time() {
    let (wanted, other) = (Hash::of(b"wanted"), Hash::of(b"other"));
    let mut bench = bench_with_blocks(FILE_SEARCH_STEP + 5);
    bench.add_file("other.txt", other);
    bench.add_file("first.txt", wanted);
    let height = bench.node.chain.height();
    bench.add_file("second.txt", wanted);
    bench.begin_to_find(wanted);
    let (found, reads) = bench.found();
    let found = found.unwrap().expect("it is there");
    assert_eq!(reads, 2);
    let block = bench.node.chain.hash_at(height).unwrap();
    assert_eq!(found.entry.state, EntryState::InBlock { height, block });
    let sealed = bench.node.chain.body(&block).unwrap().block.header.timestamp;
    assert_eq!(found.sealed, Some(sealed));
    bench.begin_to_find(Hash::of(b"never seen"));
    assert_eq!(bench.found(), (Ok(None), 2));
}

#[test]
fn a_file_that_waits_for_a_block_is_found_too() {
    let mut bench = bench_with_blocks(1);
    let command = NodeCommand::SetMining { mode: crate::api::MiningMode::Never };
    bench.input(Input::Command { request: 0, command });
    bench.add_file("waits.txt", Hash::of(b"waits"));
    bench.begin_to_find(Hash::of(b"waits"));
    let found = bench.found().0.unwrap().expect("it waits");
    assert_eq!((found.entry.state, found.sealed), (EntryState::Announced, None));
}

#[test]
fn what_only_looks_like_it_is_not_found() {
    let mut bench = bench_with_blocks(1);
    let hash = Hash::of(b"x");
    let mut bytes = Notarisation::new("x.txt", 5, hash).encode();
    for media_type in ["text/plain", "application/json"] {
        let command =
            NodeCommand::AddEntry { media_type: media_type.to_owned(), bytes: bytes.clone() };
        bench.input(Input::Command { request: 0, command });
    }
    bytes.push(b' ');
    let command = NodeCommand::AddEntry { media_type: MEDIA_TYPE.to_owned(), bytes };
    bench.input(Input::Command { request: 0, command });
    bench.run(200);
    bench.begin_to_find(hash);
    assert_eq!(bench.found().0, Ok(None));
}

#[test]
fn the_last_search_is_the_one_that_counts_and_blocks_that_come_meanwhile_are_searched() {
    let mut bench = bench_with_blocks(3);
    let hash = Hash::of(b"late");
    bench.begin_to_find(Hash::of(b"another"));
    // Answered after its search was given up; the second one's read has its own answer.
    let early = bench.taken(|output| match output {
        Output::Load { load, .. } => Some(load),
        _ => None,
    });
    bench.begin_to_find(hash);
    let given_up = |output: &Output| {
        matches!(output, Output::Reply { request: REQUEST, outcome: Err(ApiError::Busy) })
    };
    let at = bench.outputs.iter().position(given_up).expect("the first is given up");
    bench.outputs.remove(at);
    let outputs = std::mem::take(&mut bench.outputs);
    bench.add_file("late.txt", hash);
    bench.outputs.extend(outputs);
    for load in early {
        bench.input(Input::Loaded { load, blocks: vec![None; 3] });
    }
    assert!(matches!(bench.found().0, Ok(Some(_))));
}

#[test]
fn a_record_that_was_tampered_with_shows_no_file() {
    let mut bench = bench_with_blocks(1);
    let (noted, forged) = (Hash::of(b"noted"), Hash::of(b"forged"));
    bench.add_file("a.txt", noted);
    bench.begin_to_find(forged);
    let loads = bench.taken(|output| match output {
        Output::Load { load, blocks } => Some((load, blocks)),
        _ => None,
    });
    let [(load, wanted)] = loads.as_slice() else { panic!("{loads:?}") };
    let stored = wanted.iter().map(|block| bench.node.chain.body(&block.hash).unwrap());
    let mut tampered: Vec<Vec<u8>> = stored.map(|body| body.bytes.clone()).collect();
    let (from, to) = (noted.to_string(), forged.to_string());
    let last = tampered.last_mut().unwrap();
    let at = last.windows(64).position(|part| part == from.as_bytes()).unwrap();
    last[at..at + 64].copy_from_slice(to.as_bytes());
    let blocks = tampered.into_iter().map(Some).collect();
    bench.input(Input::Loaded { load: *load, blocks });
    assert_eq!(bench.found().0, Ok(None));
}

#[test]
fn blocks_that_cannot_be_read_do_not_stop_a_search() {
    let mut bench = bench_with_blocks(3);
    bench.add_file("whole.txt", Hash::of(b"whole"));
    bench.begin_to_find(Hash::of(b"whole"));
    let loads = bench.taken(|output| match output {
        Output::Load { load, blocks } => Some((load, blocks)),
        _ => None,
    });
    let [(load, wanted)] = loads.as_slice() else { panic!("{loads:?}") };
    let last = bench.node.chain.body(&wanted[3].hash).unwrap().bytes.clone();
    let blocks = vec![None, Some(vec![0; 7]), None, Some(last)];
    bench.input(Input::Loaded { load: *load, blocks });
    assert!(matches!(bench.found().0, Ok(Some(_))));
}
