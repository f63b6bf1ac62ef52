//! Both languages say all of the lab and the tour, and say it differently.

use chain_wasm::api::{ApiError, LabPace, LabRule, SecretView, TamperField};
use chain_wasm::primitives::Hash;

use super::super::{Language, Words};
use crate::model::lab::{Happened, Taken};
use crate::model::tour::Step;
use crate::node_link::CallError;

const RULES: [LabRule; 12] = [
    LabRule::Version,
    LabRule::Previous,
    LabRule::Height,
    LabRule::HistoryRoot,
    LabRule::Time,
    LabRule::Difficulty,
    LabRule::Work,
    LabRule::MerkleRoot,
    LabRule::Reward,
    LabRule::Signatures,
    LabRule::Next,
    LabRule::Other,
];

const TAKEN: [Taken; 5] =
    [Taken::Refused, Taken::Beside, Taken::Known, Taken::Orphan, Taken::Ahead];

const PACES: [LabPace; 3] = [LabPace::Slow, LabPace::Normal, LabPace::Fast];

fn happenings() -> Vec<Happened> {
    let fault = || Some("work".to_owned());
    let mut all = vec![
        Happened::RootFits(3, fault()),
        Happened::RootFits(3, None),
        Happened::WorkDone(3, fault()),
        Happened::WorkDone(3, None),
        Happened::Sent(0),
        Happened::Sent(2),
        Happened::Overwritten(3),
        Happened::CutOff,
        Happened::Rejoined,
        Happened::SecretBegan(3),
        Happened::Released(4, 2, true),
        Happened::Released(1, 0, false),
        Happened::SecretDropped,
        Happened::Reset,
        Happened::Forgotten,
        Happened::Refused(CallError::Refused(ApiError::NotLab)),
    ];
    all.extend(TamperField::ALL.map(|field| Happened::Changed(3, field, fault())));
    all.extend(PACES.map(Happened::Paced));
    all
}

fn secret(wins: bool, full: bool) -> SecretView {
    SecretView {
        fork_height: 3,
        fork: Hash::ZERO,
        blocks: vec![Hash::ZERO],
        work: 5.0,
        chain_work: 7.0,
        chain_blocks: 2,
        wins,
        full,
    }
}

fn everything(words: &dyn Words) -> Vec<String> {
    let mut said: Vec<String> = words.lab().all().iter().map(|(_, text)| (*text).into()).collect();
    said.extend(TamperField::ALL.map(|field| words.tamper_field(field).into()));
    said.extend(RULES.map(|rule| words.lab_rule(rule).into()));
    said.extend(happenings().iter().map(|what| words.happened(what)));
    said.extend(TAKEN.map(|taken| words.answer("x", taken, 3, "merkle-root")));
    said.push(words.answers(1, 2));
    said.extend([0, 1, 5].map(|back| words.secret_start(back)));
    said.extend([secret(true, true), secret(false, false)].iter().map(|view| words.secret(view)));
    said.extend(PACES.map(|pace| words.pace(pace).into()));
    said.extend([words.beat("1.5", "20"), words.step_of(1, 7), words.nth_entry(1, "x")]);
    for step in Step::ALL {
        let [title, about] = [words.step_title(step), words.step_about(step)];
        said.extend([title, about, words.step_task(step), words.step_seen(step)].map(String::from));
    }
    said
}

#[test]
fn all_of_it_is_said_in_each_language_and_differently() {
    let [english, korean] = Language::ALL.map(|language| everything(language.words()));
    assert_eq!(english.len(), korean.len());
    let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    for (en, ko) in english.iter().zip(&korean) {
        assert!(!en.trim().is_empty() && !hangul(en), "{en}");
        // What has parts only may have no word of its own.
        assert!(hangul(ko), "{en}: {ko}");
    }
}

#[test]
fn a_refusal_names_the_peer_and_the_rule() {
    for language in Language::ALL {
        let said = language.words().answer("Quiet Fox", Taken::Refused, 3, "merkle-root");
        assert!(said.contains("Quiet Fox") && said.contains("merkle-root"), "{said}");
    }
}
