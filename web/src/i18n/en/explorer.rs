//! What the explorer says with parts, in English.

use chain_wasm::api::BlockAt;

use super::super::network::NetworkWords;
use super::super::{ExplorerWords, LabWords, RoomWords, Words};
use super::English;
use crate::model::format::{self, grouped, short_hash};
use crate::model::name::Name;
use crate::model::route::Place;

impl ExplorerWords for English {
    fn place_title(&self, place: &Place) -> Option<String> {
        Some(match place {
            Place::Chain => return None,
            Place::Block(BlockAt::Height(height)) => self.block(*height),
            Place::Block(BlockAt::Hash(hash)) => format!("Block {}", short_hash(hash)),
            Place::Entry(id) => format!("Entry {}", short_hash(id)),
            Place::Author(author) => self.name(&Name::of(author)),
            Place::Network => self.network().title.into(),
            Place::Log => self.network().log_title.into(),
            Place::Search(text) => self.search_title(text),
            Place::NewRoom => self.rooms().new_room_title.into(),
            Place::Lab => self.lab().lab_title.into(),
            Place::Tour => self.lab().tour_title.into(),
            Place::Nowhere => self.texts().nowhere_title.into(),
        })
    }

    fn search_title(&self, text: &str) -> String {
        format!("Search: {text}")
    }

    fn query_fault(&self, limit: usize) -> String {
        format!("Type what to look for: 1 to {} bytes.", grouped(limit as u64))
    }

    fn search_progress(&self, searched: u32, total: u32) -> String {
        match total {
            0 => "Searching…".into(),
            _ => format!(
                "Looked through {} of {} blocks",
                grouped(searched.into()),
                grouped(total.into())
            ),
        }
    }

    fn found(&self, count: usize, all: bool) -> String {
        let found = match count {
            0 => "Nothing found".into(),
            1 => "1 found".into(),
            _ => format!("{} found", grouped(count as u64)),
        };
        let how_far = if all { "the whole chain was looked through" } else { "there may be more" };
        format!("{found}; {how_far}.")
    }

    fn hits_passed(&self, count: usize) -> String {
        format!("The first {} found are no longer shown.", grouped(count as u64))
    }

    fn newer_blocks(&self, count: u32) -> String {
        match count {
            1 => "1 newer block is not shown.".into(),
            _ => format!("{} newer blocks are not shown.", grouped(count.into())),
        }
    }

    fn show_more(&self, count: u32) -> String {
        format!("Show more ({})", grouped(count.into()))
    }

    fn byte_range(&self, first: usize, count: usize) -> String {
        match count {
            1 => format!("byte {first}"),
            _ => format!("bytes {first} to {}", first + count - 1),
        }
    }

    fn difficulty_met(&self, meets: bool, zeros: u32, difficulty: f64) -> String {
        let wanted = format::difficulty(difficulty);
        let verdict = if meets {
            format!("It meets the difficulty of {wanted}")
        } else {
            format!("It does not meet the difficulty of {wanted}")
        };
        format!(
            "{verdict}: read as a number, it has to be below 2^256 ÷ {wanted}, and about one of \
             {wanted} hashes is. This one begins with {zeros} zero bits."
        )
    }

    fn merkle_tree(&self, leaves: u32, root: &str) -> String {
        let over = match leaves {
            1 => "1 transaction".into(),
            _ => format!("{} transactions", grouped(leaves.into())),
        };
        format!("Merkle tree over {over}; its root is {root}")
    }

    fn merkle_cut(&self, leaves: u32, levels: usize, limit: usize) -> String {
        format!(
            "The tree has {} leaves. Its upper {levels} levels are drawn, as far down as no more \
             than {limit} hashes stand side by side.",
            grouped(leaves.into())
        )
    }

    fn place_in_block(&self, at: u32, of: u32) -> String {
        format!(
            "Transaction {} of {} in the block.",
            grouped(u64::from(at) + 1),
            grouped(of.into())
        )
    }

    fn counted_to(&self, height: u32) -> String {
        format!("Counted up to {}; newer ones have come since.", self.block(height))
    }
}
