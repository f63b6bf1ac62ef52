//! What the experiments and the guided tour say.

use chain_wasm::api::{LabPace, LabRule, SecretView, TamperField};

use crate::model::lab::{Happened, Taken};
use crate::model::tour::Step;

macro_rules! lab_texts {
    ($($name:ident),* $(,)?) => {
        /// What is said without parts in the lab and on the tour.
        pub(crate) struct LabTexts {
            $(
                #[doc = concat!("The text `", stringify!($name), "`.")]
                pub(crate) $name: &'static str,
            )*
        }

        #[cfg(test)]
        impl LabTexts {
            pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

lab_texts! {
    lab_title, lab_intro, lab_is_records, lab_enter, tour_enter, lab_link, tour_invites,
    tour_link, what_happened, nothing_yet,
    tamper_title, tamper_about, tamper_block, tamper_field, tamper_entry, tamper_value,
    tamper_value_hint, tamper_go, tamper_before, tamper_after, tamper_none, checks_title,
    stated, computed, its_hash, entries_in_it, signatures_fit, next_says, at_least, holds, breaks, next_block, your_copy, block_below, strips_fit,
    strips_differ, is_newest, repair_root, repair_work, repairing, repair_about, send_anyway,
    send_about, no_answer, overwrite, overwrite_about, nothing_there,
    cut_title, cut_about, cut_off, cut_back, cut_state_on, cut_state_off,
    secret_title, secret_about, secret_from, secret_begin, secret_release, secret_drop,
    secret_lane, public_lane, forks_here,
    pace_title, pace_about, pace_slow, pace_normal, pace_fast, pace_gap, pace_difficulty,
    pace_none,
    reset_title, reset_about, reset_go, reset_loses, reset_keep, reset_forget,
    tour_title, tour_back, tour_on, tour_done, tour_to_do, tour_over, tour_anew, tour_return,
    hash_type, hash_example, own_second, open_second, save_proof_of_mine, check_it_here,
    check_it_altered, altered_fails, intact_holds, no_own_entry, look_below,
}

/// What is said with parts in the lab and on the tour.
pub(crate) trait LabWords {
    /// What is said without parts.
    fn lab(&self) -> &'static LabTexts;
    /// What a field of a block is called.
    fn tamper_field(&self, field: TamperField) -> &'static str;
    /// What a check is about.
    fn lab_rule(&self, rule: LabRule) -> &'static str;
    /// What was done last, and what it means.
    fn happened(&self, what: &Happened) -> String;
    /// How a peer took the block of that height that was sent, and the code of the rule.
    fn answer(&self, name: &str, taken: Taken, height: u32, code: &str) -> String;
    /// How many of so many peers have answered.
    fn answers(&self, answered: usize, peers: u32) -> String;
    /// Where a secret branch may begin.
    fn secret_start(&self, back: u32) -> String;
    /// How a secret branch stands.
    fn secret(&self, secret: &SecretView) -> String;
    /// What a pace is called.
    fn pace(&self, pace: LabPace) -> &'static str;
    /// How quickly blocks came of late: seconds between them, and the newest's difficulty.
    fn beat(&self, seconds: &str, difficulty: &str) -> String;
    /// The title of a step.
    fn step_title(&self, step: Step) -> &'static str;
    /// What it is about.
    fn step_about(&self, step: Step) -> &'static str;
    /// What to do.
    fn step_task(&self, step: Step) -> &'static str;
    /// What one has seen by then.
    fn step_seen(&self, step: Step) -> &'static str;
    /// Which step of how many this is.
    fn step_of(&self, step: usize, of: usize) -> String;
    /// Which of a block's entries.
    fn nth_entry(&self, at: usize, said: &str) -> String;
}
