//! What the experiments and the guided tour say, in English.

mod texts;
mod tour;

use chain_wasm::api::{LabPace, LabRule, SecretView, TamperField};

use super::super::{LabTexts, LabWords, Words};
use super::English;
use crate::model::format::{difficulty, grouped};
use crate::model::lab::{Happened, Taken};
use crate::model::tour::Step;

fn blocks(count: u32) -> String {
    match count {
        1 => "1 block".into(),
        _ => format!("{} blocks", grouped(count.into())),
    }
}

fn verdict(words: &English, height: u32, code: Option<&str>) -> String {
    code.map_or_else(
        || "It breaks no rule: it is a valid block, only another one than the chain's.".into(),
        |code| words.block_fault(height, code),
    )
}

impl LabWords for English {
    fn lab(&self) -> &'static LabTexts {
        &texts::TEXTS
    }

    fn tamper_field(&self, field: TamperField) -> &'static str {
        match field {
            TamperField::EntryText => "Entry: what it says",
            TamperField::EntryAuthor => "Entry: its author",
            TamperField::EntrySignature => "Entry: its signature",
            TamperField::EntryRemoved => "Entry: leave it out",
            TamperField::EntryOrder => "Order of the last two transactions",
            TamperField::Reward => "Miner's reward",
            TamperField::Version => "Header: version",
            TamperField::Height => "Header: height",
            TamperField::Previous => "Header: previous hash",
            TamperField::MerkleRoot => "Header: Merkle root",
            TamperField::HistoryRoot => "Header: history root",
            TamperField::Time => "Header: time",
            TamperField::Difficulty => "Header: difficulty",
            TamperField::Nonce => "Header: nonce",
        }
    }

    fn lab_rule(&self, rule: LabRule) -> &'static str {
        match rule {
            LabRule::Version => "The version is the rules' own",
            LabRule::Previous => "It names the block before it",
            LabRule::Height => "Its height follows",
            LabRule::HistoryRoot => "The history root stands for all blocks before it",
            LabRule::Time => "Its time is late enough",
            LabRule::Difficulty => "The difficulty is what the rule gives",
            LabRule::Work => "Its hash meets the difficulty",
            LabRule::MerkleRoot => "The Merkle root stands for its transactions",
            LabRule::Reward => "The reward is what the rules give",
            LabRule::Signatures => "Every entry's signature fits",
            LabRule::Next => "The next block names it",
            LabRule::Other => "Another rule",
        }
    }

    fn happened(&self, what: &Happened) -> String {
        match what {
            Happened::Changed(height, field, code) => format!(
                "You changed one thing in your copy of block {}: “{}”. {}",
                grouped((*height).into()),
                self.tamper_field(*field),
                verdict(self, *height, code.as_deref()),
            ),
            Happened::RootFits(height, code) => format!(
                "The Merkle root fits the changed transactions. It is part of the header, so the block has another hash now, without work behind it, and the next block hangs on the old one. {}",
                verdict(self, *height, code.as_deref()),
            ),
            Happened::WorkDone(height, code) => format!(
                "This tab searched another nonce, as for a new block. The work is real, but the block after it still names the old hash: that one would have to be mined anew, and each after it. {}",
                verdict(self, *height, code.as_deref()),
            ),
            Happened::Sent(0) => "It was sent, but no other tab is here to answer. Open this address in a second tab.".into(),
            Happened::Sent(_) => "Your copy went to every other tab as if it were a new block. Each checks it by itself.".into(),
            Happened::Overwritten(height) => format!(
                "Your stored record of block {} is false now. Press “Validate the chain”: the check finds the false record by its hash, and the node fetches the true block from another tab. Validate once more to see it healed.",
                grouped((*height).into()),
            ),
            Happened::CutOff => "This tab is alone now. What you add here the others do not see, and the other way round: two chains grow from one block.".into(),
            Happened::Rejoined => "This tab is back. If both sides have gone on, the side with more work becomes the chain; entries of the other wait and are sealed again.".into(),
            Happened::SecretBegan(height) => format!(
                "This tab mines a branch of its own on block {} and tells nobody. The others see nothing of it.",
                grouped((*height).into()),
            ),
            Happened::Released(count, replaced, true) => format!(
                "You released {}. They hold more work, so every tab left {} of the chain for them. The entries in those wait again and go into new blocks.",
                blocks(*count),
                blocks(*replaced),
            ),
            Happened::Released(count, _, false) => format!(
                "You released {}, but they hold less work than the chain. Everybody has seen them and nobody follows.",
                blocks(*count),
            ),
            Happened::SecretDropped => "The secret branch is gone; nobody has ever heard of it.".into(),
            Happened::Paced(LabPace::Slow) => "This tab mines all the time and rests four seconds after each block. The difficulty falls, because blocks come late.".into(),
            Happened::Paced(LabPace::Normal) => "This tab mines as it does in any room.".into(),
            Happened::Paced(LabPace::Fast) => "This tab mines without a rest. The difficulty rises with each block until they come about as often as the room wants.".into(),
            Happened::Reset => "All is as before. The other tabs listen to this one again.".into(),
            Happened::Forgotten => "This tab has forgotten its copy of the chain and kept its key. It fetches the chain anew from the others, who listen to it again.".into(),
            Happened::Refused(error) => self.call_error(error),
        }
    }

    fn answer(&self, name: &str, taken: Taken, height: u32, code: &str) -> String {
        match taken {
            Taken::Refused => format!(
                "{name} refused it and ignores this tab from now on. {}",
                self.block_fault(height, code)
            ),
            Taken::Beside => format!(
                "{name} keeps it beside the chain: it is valid, but the chain has more work."
            ),
            Taken::Known => format!(
                "{name} has the block of this hash already and did not look inside: with the old header, nothing you change counts."
            ),
            Taken::Orphan => {
                format!("{name} put it aside: nobody has the block that it says comes before it.")
            }
            Taken::Ahead => format!("{name} put it aside: it is of the future."),
        }
    }

    fn answers(&self, answered: usize, peers: u32) -> String {
        format!("Answers of other tabs: {} of {}.", grouped(answered as u64), grouped(peers.into()))
    }

    fn secret_start(&self, back: u32) -> String {
        match back {
            0 => "on the newest block".into(),
            1 => "1 block further back".into(),
            _ => format!("{back} blocks further back"),
        }
    }

    fn secret(&self, secret: &SecretView) -> String {
        let own = blocks(u32::try_from(secret.blocks.len()).unwrap_or(u32::MAX));
        let (work, chain_work) = (difficulty(secret.work), difficulty(secret.chain_work));
        let verdict = if secret.wins {
            "It holds more work: released now, it becomes the chain."
        } else {
            "The chain holds more work or as much: released now, nobody follows."
        };
        let full = if secret.full { " It is as long as it may get." } else { "" };
        format!(
            "Your branch: {own}, work {work}. The chain since the fork: {}, work {chain_work}. {verdict}{full}",
            blocks(secret.chain_blocks),
        )
    }

    fn pace(&self, pace: LabPace) -> &'static str {
        match pace {
            LabPace::Slow => self.lab().pace_slow,
            LabPace::Normal => self.lab().pace_normal,
            LabPace::Fast => self.lab().pace_fast,
        }
    }

    fn beat(&self, seconds: &str, difficulty: &str) -> String {
        format!("Of late {seconds} s between blocks; the newest has a difficulty of {difficulty}.")
    }

    fn step_title(&self, step: Step) -> &'static str {
        tour::texts(step)[0]
    }

    fn step_about(&self, step: Step) -> &'static str {
        tour::texts(step)[1]
    }

    fn step_task(&self, step: Step) -> &'static str {
        tour::texts(step)[2]
    }

    fn step_seen(&self, step: Step) -> &'static str {
        tour::texts(step)[3]
    }

    fn step_of(&self, step: usize, of: usize) -> String {
        format!("Step {step} of {of}")
    }

    fn nth_entry(&self, at: usize, said: &str) -> String {
        format!("{at}: {said}")
    }
}
