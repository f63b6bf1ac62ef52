//! What the explorer says with parts.

use crate::model::route::Place;

/// What is said with parts where one looks into the chain.
pub(crate) trait ExplorerWords {
    /// What a place is called in the browser's title; `None` for the chain itself.
    fn place_title(&self, place: &Place) -> Option<String>;
    /// The title of a search.
    fn search_title(&self, text: &str) -> String;
    /// That a search needs a text of at most so many bytes.
    fn query_fault(&self, limit: usize) -> String;
    /// How far a search is; a total of 0 is not known yet.
    fn search_progress(&self, searched: u32, total: u32) -> String;
    /// How much a search has found, and whether the whole chain was looked through.
    fn found(&self, count: usize, all: bool) -> String;
    /// That so much of what was found first is no longer shown.
    fn hits_passed(&self, count: usize) -> String;
    /// That so many newer blocks are not shown.
    fn newer_blocks(&self, count: u32) -> String;
    /// How many more can be shown.
    fn show_more(&self, count: u32) -> String;
    /// Which bytes of a header a field has: its first, from 0, and how many.
    fn byte_range(&self, first: usize, count: usize) -> String;
    /// Whether a hash that begins with so many zero bits meets a difficulty.
    fn difficulty_met(&self, meets: bool, zeros: u32, difficulty: f64) -> String;
    /// What a drawing of a Merkle tree shows.
    fn merkle_tree(&self, leaves: u32, root: &str) -> String;
    /// That only some levels of it are drawn, and why.
    fn merkle_cut(&self, leaves: u32, levels: usize, limit: usize) -> String;
    /// An entry's place among a block's transactions, from 0, and how many those are.
    fn place_in_block(&self, at: u32, of: u32) -> String;
    /// Up to which block was counted.
    fn counted_to(&self, height: u32) -> String;
}
