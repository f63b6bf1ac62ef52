//! What is said on paper.

texts! { PaperTexts:
    print, print_hint, heading, block_hash, tip_hash, link, proof, how_to_check,
}

/// What is said with parts on paper.
pub(crate) trait PaperWords {
    /// What is said without parts.
    fn paper(&self) -> &'static PaperTexts;
    /// Which of a proof's codes one is.
    fn code_of(&self, at: usize, of: usize) -> String;
    /// That a proof has too many bytes to be printed.
    fn proof_too_large(&self, bytes: usize) -> String;
}
