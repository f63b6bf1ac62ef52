//! Files that are whole, and files that are not.

use proptest::prelude::*;

use super::*;
use crate::archive::samples;

/// A chain of an `open` room, an entry in each block, as a file.
fn file(count: u64) -> Vec<u8> {
    let spec = Spec::open("t").unwrap();
    let mut file = Vec::new();
    let mut writer = Writer::begin(&mut file, &spec).unwrap();
    for block in samples::blocks(&spec, count) {
        writer.block(&block).unwrap();
    }
    writer.end().unwrap();
    file
}

fn check(file: &[u8]) -> Result<CheckedChain, ExportError> {
    Reader::begin(file)?.check(|_, _| Ok(()))
}

#[test]
fn a_chain_that_was_written_holds() {
    for count in [0, 1, 300] {
        let checked = check(&file(count)).unwrap();
        assert_eq!(u64::from(checked.last.height), count);
        assert_eq!(u64::from(checked.report.blocks), count + 1);
        assert_eq!(checked.report.supply, count * 50);
    }
}

#[test]
fn each_block_is_given_once_it_is_checked() {
    let mut heights = Vec::new();
    let file = file(3);
    let checked = Reader::begin(&file[..]).unwrap().check(|last, block| {
        assert_eq!(pack::hash_of(block), Some(last.hash));
        heights.push(last.height);
        Ok::<_, ExportError>(())
    });
    assert!(checked.is_ok());
    assert_eq!(heights, [1, 2, 3]);
}

#[test]
fn a_file_that_is_cut_off_or_goes_on_is_refused() {
    let whole = file(3);
    for length in 0..whole.len() {
        let error = check(&whole[..length]).unwrap_err();
        assert!(matches!(error, ExportError::Cut), "{length}: {error:?}");
    }
    let longer = [whole.as_slice(), b"x"].concat();
    assert!(matches!(check(&longer), Err(ExportError::More)));
}

#[test]
fn any_changed_bit_is_found() {
    let whole = file(2);
    for at in 0..whole.len() * 8 {
        let mut changed = whole.clone();
        changed[at / 8] ^= 1 << (at % 8);
        assert!(check(&changed).is_err(), "bit {at}");
    }
}

#[test]
fn lengths_that_are_merely_claimed_take_no_memory() {
    let long = [MARK.as_slice(), &u32::MAX.to_be_bytes()].concat();
    assert!(matches!(check(&long), Err(ExportError::Length(u32::MAX))));
    let end = file(0).len() - 40;
    let claims = [&file(0)[..end], &600_000_u32.to_be_bytes()].concat();
    assert!(matches!(check(&claims), Err(ExportError::Length(600_000))));
}

#[test]
fn a_chain_without_its_last_block_is_refused() {
    let (long, short) = (file(3), file(2));
    let body = short.len() - 36;
    let forged = [&short[..body], &long[long.len() - 36..]].concat();
    assert!(matches!(check(&forged), Err(ExportError::End)));
}

#[test]
fn the_example_of_the_document_is_what_the_code_writes() {
    let document = include_str!("../../../../chain-wasm/PROTOCOL.md");
    let (_, rest) = document.split_once("```export\n").unwrap();
    let example = rest.lines().next().unwrap();
    let mut file = Vec::new();
    let spec = Spec::open("lobby").unwrap();
    Writer::begin(&mut file, &spec).unwrap().end().unwrap();
    assert_eq!(data_encoding::HEXLOWER.encode(&file), example);
    assert!(check(&file).is_ok());
}

proptest! {
    #[test]
    fn no_file_makes_it_panic(bytes: Vec<u8>, behind: bool) {
        let file = if behind { [MARK.as_slice(), &bytes].concat() } else { bytes };
        prop_assert!(check(&file).is_err());
    }
}
