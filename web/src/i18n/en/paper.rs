//! What is said on paper, in English.

use super::super::paper::{PaperTexts, PaperWords};
use super::English;
use crate::model::format;

const TEXTS: PaperTexts = PaperTexts {
    print: "Print with proof",
    print_hint: "A page with the entry, its block, and the proof in QR codes.",
    heading: "Entry of a Tabchain",
    block_hash: "Block's hash",
    tip_hash: "Newest block's hash",
    link: "Link",
    proof: "Proof",
    how_to_check: "To check it, scan all codes of the proof, put their texts into one file, and choose that under “Check a proof” on any page of Tabchain. The newest block's hash must be one that you know from elsewhere.",
};

impl PaperWords for English {
    fn paper(&self) -> &'static PaperTexts {
        &TEXTS
    }

    fn code_of(&self, at: usize, of: usize) -> String {
        format!("Code {at} of {of}")
    }

    fn proof_too_large(&self, bytes: usize) -> String {
        format!(
            "The proof has {}, too much for QR codes on a page. Save it as a file.",
            format::bytes(bytes as u64)
        )
    }
}
