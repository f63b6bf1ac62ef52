//! What is said where members seal the blocks, in English.

use super::super::members::MembersWords;
use super::English;
use crate::model::format::{grouped, seconds};

impl MembersWords for English {
    fn members_title(&self) -> &'static str {
        "Members"
    }

    fn members_rule(&self, patience: u32, members_write: bool) -> String {
        let writers = if members_write {
            "Only members may write."
        } else {
            "Anybody in the room may write."
        };
        format!(
            "These keys seal the blocks in turn, without mining. Whoever's turn it is not may seal \
             {} s after the block before. {writers}",
            seconds(patience)
        )
    }

    fn member_role(&self, member: bool, members_write: bool) -> &'static str {
        match (member, members_write) {
            (true, _) => "This tab is a member: it seals blocks when its turn comes.",
            (false, false) => {
                "This tab is no member: it never seals. Members put its entries into blocks."
            }
            (false, true) => {
                "This tab is no member: it checks and keeps every block, but can neither seal nor \
                 write here."
            }
        }
    }

    fn members_here(&self, here: usize, of: usize) -> String {
        format!("{} of {} here", grouped(here as u64), grouped(of as u64))
    }

    fn member_here(&self) -> &'static str {
        "here"
    }

    fn member_away(&self) -> &'static str {
        "away"
    }

    fn member_next(&self) -> &'static str {
        "next in turn"
    }

    fn no_member_here(&self) -> &'static str {
        "No member is here: entries are kept and wait until one comes."
    }

    fn sealed_by_member(&self) -> &'static str {
        "Sealed by"
    }

    fn double_seals_title(&self) -> &'static str {
        "Two seals at one height"
    }

    fn double_seal(&self, member: &str, height: u32, on_one_predecessor: bool) -> String {
        let height = grouped(height.into());
        if on_one_predecessor {
            format!(
                "{member} sealed two different blocks at height {height} on the same block. A sound \
                 tab never does: it cheats, or has lost what it had stored."
            )
        } else {
            format!(
                "{member} sealed a block at height {height} on each of two branches. That happens when the \
                 network was parted and has healed; by itself it is no cheating."
            )
        }
    }

    fn seal_fits(&self, member: &str, fits: bool) -> String {
        if fits {
            format!("Its seal is the signature of {member}, who is a member.")
        } else {
            format!("Its seal is not the signature of {member}.")
        }
    }

    fn about_weight(&self) -> &'static str {
        "What the block weighs: 2 if its sealer's turn it was, else 1. The branch that weighs most \
         is the chain."
    }

    fn about_sealer(&self) -> &'static str {
        "The sealer's place in the list of members, from 0. Nothing is mined here."
    }
}
