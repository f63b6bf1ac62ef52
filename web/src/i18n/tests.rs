//! Both languages say everything, and say it differently.

mod lab;

use chain_wasm::api::{ApiError, BlockAt, PrivateRoom, RoomChoice, StorageView, SyncView};
use chain_wasm::key_file::KeyFileFault;
use chain_wasm::primitives::{Hash, PublicKey};
use chain_wasm::private::RoomSecret;

use super::*;
use crate::model::form::Mode;
use crate::model::log::{Happening, Kind, Who};
use crate::model::new_room::MemberFault;
use crate::model::peer::Relation;
use crate::model::route::Place;

const STORAGE: [StorageReason; 4] =
    [StorageReason::Refused, StorageReason::Full, StorageReason::Lost, StorageReason::Failed];

const PROOF_FAULTS: [ProofFault; 9] = [
    ProofFault::Form,
    ProofFault::Version,
    ProofFault::Contradiction,
    ProofFault::Entry,
    ProofFault::Block,
    ProofFault::History,
    ProofFault::Opening,
    ProofFault::Work,
    ProofFault::Seal,
];

const KEY_FILE: [KeyFileFault; 4] = [
    KeyFileFault::Foreign,
    KeyFileFault::Newer,
    KeyFileFault::Damaged,
    KeyFileFault::WrongPassphrase,
];

/// The codes of the chain's rules.
const RULES: [&str; 25] = [
    "encoding",
    "version",
    "height",
    "previous-hash",
    "hash",
    "history-root",
    "timestamp",
    "difficulty",
    "work",
    "sealer",
    "patience",
    "seal",
    "reward",
    "transaction-writer",
    "merkle-root",
    "size",
    "coinbase",
    "transaction-chain",
    "transaction-signature",
    "transaction-data-size",
    "transaction-media-type",
    "transaction-amount",
    "transaction-coinbase",
    "transaction-duplicate",
    "transaction-overdraft",
];

fn reasons() -> Vec<LinkReason> {
    let mut all = vec![
        LinkReason::Unreachable,
        LinkReason::Lost,
        LinkReason::Silent,
        LinkReason::RelayStopping,
        LinkReason::Version,
        LinkReason::BrowserOffline,
        LinkReason::Disconnected,
        LinkReason::InvalidAddress,
    ];
    all.extend((0..=14).map(|code| LinkReason::Refused { code }));
    all
}

fn api_errors() -> Vec<ApiError> {
    let mut all = vec![
        ApiError::InvalidRoom,
        ApiError::AlreadyStarted,
        ApiError::NotStarted,
        ApiError::NoSlot,
        ApiError::NewerStore,
        ApiError::WrongSecret,
        ApiError::EmptyEntry,
        ApiError::EntryTooLarge { size: 40_000, limit: 32_768 },
        ApiError::InvalidMediaType,
        ApiError::InvalidAmount,
        ApiError::InsufficientBalance { balance: 3 },
        ApiError::MempoolFull,
        ApiError::NotAMember,
        ApiError::PassphraseLength,
        ApiError::KeyNotLocked,
        ApiError::TooManyKeys,
        ApiError::NotFound,
        ApiError::InvalidQuery,
        ApiError::Superseded,
        ApiError::Busy,
        ApiError::NotLab,
        ApiError::NeedsWork,
        ApiError::InvalidTampering,
        ApiError::Offline,
        ApiError::OnlyCopy,
        ApiError::Unreadable("x".into()),
    ];
    all.extend(STORAGE.map(ApiError::StorageFailed));
    all.extend(PROOF_FAULTS.map(ApiError::InvalidProof));
    all.extend(KEY_FILE.map(ApiError::KeyFile));
    all
}

fn failures() -> Vec<Failure> {
    let message = String::from("x");
    let mut all = vec![
        Failure::NoWorker { message: message.clone() },
        Failure::Load { message: message.clone() },
        Failure::Load { message: String::new() },
        Failure::BootTimeout,
        Failure::Version { page: 1, worker: 2 },
        Failure::Crashed { message: message.clone() },
        Failure::Crashed { message: String::new() },
        Failure::Unreadable { message },
        Failure::Stopped,
    ];
    all.extend(api_errors().into_iter().map(Failure::Start));
    all
}

fn places() -> [Place; 12] {
    [
        Place::Chain,
        Place::Block(BlockAt::Height(3)),
        Place::Block(BlockAt::Hash(Hash::ZERO)),
        Place::Entry(Hash::ZERO),
        Place::Author(PublicKey::from_bytes([3; 32])),
        Place::Search("x".into()),
        Place::NewRoom,
        Place::Network,
        Place::Log,
        Place::Lab,
        Place::Tour,
        Place::Nowhere,
    ]
}

fn entry_states() -> [EntryState; 4] {
    [
        EntryState::Stored,
        EntryState::Announced,
        EntryState::Returned,
        EntryState::InBlock { height: 3, block: Hash::ZERO },
    ]
}

/// As [`everything`], of what has to do with files, keys and coins.
fn of_files_and_the_wallet(words: &dyn Words) -> Vec<String> {
    let mut said = Vec::new();
    said.push(words.form_fault(FormFault::NoFile));
    said.extend([words.hashing("x", 1, 2), words.file_unreadable("x"), words.file_waits("x")]);
    said.push(words.file_known(3, "x", "y"));
    said.extend(KEY_FILE.map(|fault| words.key_file_fault(fault)));
    said.extend([words.import_warning("x", "y", 3), words.sendable(3), words.history_known(3)]);
    for fault in [
        TransferFault::NoReceiver,
        TransferFault::Key,
        TransferFault::Own,
        TransferFault::Amount,
        TransferFault::TooMuch { spendable: 0 },
        TransferFault::TooMuch { spendable: 1 },
    ] {
        said.push(words.transfer_fault(fault));
    }
    said.extend([words.transfer_accepted(1, "x"), words.sent(1, "x"), words.received(1, "x")]);
    said.extend([words.wrote("x"), words.wrote_file("x")]);
    said
}

fn of_members(words: &dyn Words) -> Vec<String> {
    let mut said = vec![words.members_here(1, 3)];
    for is in [true, false] {
        said.extend([words.members_rule(2_500, is), words.seal_fits("x", is)]);
        said.extend([true, false].map(|write| words.member_role(is, write).into()));
        said.push(words.double_seal("x", 3, is));
    }
    let texts = [
        words.members_title(),
        words.member_here(),
        words.member_away(),
        words.member_next(),
        words.no_member_here(),
        words.sealed_by_member(),
        words.double_seals_title(),
        words.about_weight(),
        words.about_sealer(),
    ];
    said.extend(texts.map(str::to_owned));
    said
}

fn of_branches_proofs_and_searches(words: &dyn Words) -> Vec<String> {
    let mut said = Vec::new();
    for length in 1..=2 {
        said.push(words.branch(&BranchView {
            fork_height: 3,
            blocks: Vec::new(),
            length,
            work: 5.0,
            chain_work: 6.0,
        }));
    }
    said.extend([words.proof_saved("x"), words.proof_reach(3, 2)]);
    for standing in [ProofStanding::InChain, ProofStanding::NotInChain, ProofStanding::OtherRoom] {
        said.push(words.proof_standing(standing));
    }
    said.extend(places().iter().filter_map(|place| words.place_title(place)));
    for n in 0..=2 {
        said.extend([words.search_progress(1, n), words.newer_blocks(n), words.show_more(n)]);
        said.extend([words.merkle_tree(n, "x"), words.merkle_cut(n, 4, 16)]);
        said.extend([words.place_in_block(n, 3), words.counted_to(n)]);
        said.extend([true, false].map(|all| words.found(n as usize, all)));
        said.push(words.hits_passed(n as usize));
        said.extend([true, false].map(|meets| words.difficulty_met(meets, n, 16.0)));
    }
    said.extend([words.search_title("x"), words.query_fault(256)]);
    said.extend([words.byte_range(0, 1), words.byte_range(5, 32)]);
    said
}

fn of_rooms(words: &dyn Words) -> Vec<String> {
    let mut said = Vec::new();
    for millis in [500, 1_000, 2_000, 60_000, 90_000, 600_000] {
        said.push(words.interval(millis));
    }
    for consensus in [
        ConsensusChoice::USUAL,
        ConsensusChoice::Open,
        ConsensusChoice::Authority { members: Vec::new(), patience: 1, members_write: true },
        ConsensusChoice::Authority { members: Vec::new(), patience: 1, members_write: false },
    ] {
        for (lab, private) in [(false, None), (true, Some(PrivateRoom::of(SECRET)))] {
            let room = RoomChoice { consensus: consensus.clone(), lab, private, ..lobby() };
            said.extend([words.room_summary(&room, 1), words.room_summary(&room, 2)]);
        }
    }
    for fault in [
        MemberFault::Nobody,
        MemberFault::TooMany { count: 33 },
        MemberFault::Unreadable { part: "x".into() },
    ] {
        said.push(words.member_fault(&fault));
    }
    said.extend([words.member_link(1), words.qr_code("x")]);
    said
}

const SECRET: RoomSecret = RoomSecret::from_bytes([4; 32]);

fn lobby() -> RoomChoice {
    RoomChoice::named("lobby".into())
}

fn happenings() -> Vec<Happening> {
    let who = Who { peer: PublicKey::from_bytes([3; 32]), author: None };
    let returned = chain_wasm::api::Returned::default();
    let block = |added, entries, from, own| Happening::Block {
        height: 3,
        hash: Hash::ZERO,
        added,
        entries,
        from,
        own,
    };
    let mut all = vec![
        Happening::Started { height: 3 },
        Happening::Failed,
        block(1, 1, None, true),
        block(1, 2, None, false),
        block(1, 0, Some(who), false),
        block(2, 0, Some(who), false),
        block(3, 0, Some(who), false),
        Happening::CaughtUp { height: 3, blocks: 2 },
        Happening::Reorganised(Reorganisation { abandoned: 1, adopted: 2, returned }),
        Happening::EntryRefused { id: Hash::ZERO, winner: None },
        Happening::EntryRefused { id: Hash::ZERO, winner: Some(Hash::ZERO) },
        Happening::Joined(who),
        Happening::Left(who),
        Happening::ManyJoined(2),
        Happening::ManyLeft(2),
        Happening::Connected,
        Happening::Storage(StorageView::Durable),
    ];
    all.extend(entry_states().map(|state| Happening::Entry { id: Hash::ZERO, state }));
    for rule in [None, Some("work"), Some("a-rule-of-tomorrow")] {
        let rule = rule.map(str::to_owned);
        all.push(Happening::Fault { who, fault: PeerFault::InvalidBlock, rule });
    }
    all.extend(reasons().into_iter().map(Happening::Disconnected));
    all.extend(reasons().into_iter().map(Happening::Offline));
    all.extend(STORAGE.map(|reason| Happening::Storage(StorageView::Memory { reason })));
    let modes = [MiningMode::OnDemand, MiningMode::Always, MiningMode::Never];
    all.extend(modes.map(Happening::Mining));
    all
}

/// As [`everything`], of the network and of what happened.
fn of_the_network(words: &dyn Words) -> Vec<String> {
    let mut said: Vec<String> =
        happenings().iter().map(|what| words.happening(what, &|_| "x".into())).collect();
    said.extend(Kind::ALL.map(|kind| words.kind(kind).to_owned()));
    for n in 0..=2 {
        said.extend([words.millis(n), words.messages(n.into(), 5)]);
        said.extend([words.group(3, n as usize), words.not_drawn(n as usize)]);
        said.extend([words.code_of(1, n as usize), words.proof_too_large(n as usize)]);
        said.extend([words.picture(n as usize + 1, 1), words.log_limit(9, n.into())]);
    }
    said
}

fn of_the_link(words: &dyn Words) -> Vec<String> {
    let mut said = Vec::new();
    for reason in reasons() {
        said.push(words.link_reason(reason));
        for link in
            [LinkView::Offline { reason }, LinkView::Waiting { reason, retry_in: 1, attempt: 1 }]
        {
            said.extend([words.link(&link), words.link_next(&link)]);
        }
    }
    for link in [
        LinkView::Connecting { attempt: 1 },
        LinkView::Connecting { attempt: 2 },
        LinkView::Online { clock_offset: 0, whole: true },
        LinkView::Online { clock_offset: 0, whole: false },
    ] {
        said.extend([words.link(&link), words.link_next(&link)]);
    }
    said
}

/// One of everything that words can be made of.
fn everything(words: &dyn Words) -> Vec<String> {
    let mut said = Vec::new();
    said.extend(of_the_link(words));
    said.extend(STORAGE.map(|reason| words.storage_reason(reason)));
    said.extend(STORAGE.map(|reason| words.memory_only(reason)));
    said.extend(api_errors().iter().map(|error| words.api_error(error)));
    for failure in failures() {
        said.extend([words.failure_title(&failure), words.failure_text(&failure)]);
        said.push(words.call_error(&CallError::Gone(failure)));
    }
    said.push(words.call_error(&CallError::NotSent("x".into())));
    for state in entry_states() {
        said.extend([words.entry_state(state, 5), words.last_entry(Some(state), 5)]);
    }
    said.push(words.last_entry(None, 5));
    for fault in [RouteFault::Form, RouteFault::Name, RouteFault::Consensus, RouteFault::Private] {
        said.push(words.route_fault(fault));
    }
    for (mode, text) in
        [(Mode::Text, ""), (Mode::Json, "x"), (Mode::Json, "["), (Mode::Text, "longer than 10")]
    {
        let fault = crate::model::form::check(mode, text, 10).expect_err("refused");
        said.push(words.form_fault(fault));
    }
    for sync in [
        SyncView::Idle,
        SyncView::Headers { height: 1, target: 2 },
        SyncView::Blocks { done: 1, total: 2, rate: 3 },
    ] {
        said.push(words.sync(sync));
    }
    for fault in [
        PeerFault::UnreadableMessage,
        PeerFault::UnreadableStatus,
        PeerFault::InvalidHeader,
        PeerFault::InvalidBlock,
        PeerFault::InvalidTransaction,
        PeerFault::Unasked,
    ] {
        said.extend([words.peer_fault(fault), words.fault_notice("x", fault)]);
    }
    for relation in [
        Relation::Same,
        Relation::Behind(1),
        Relation::Ahead(2),
        Relation::Branch,
        Relation::Unknown,
    ] {
        said.push(words.relation(relation));
    }
    for mode in [MiningMode::OnDemand, MiningMode::Always, MiningMode::Never] {
        said.push(words.mining_mode(mode));
        for consensus in [
            ConsensusChoice::USUAL,
            ConsensusChoice::Open,
            ConsensusChoice::Authority { members: Vec::new(), patience: 1, members_write: true },
        ] {
            said.push(words.mining_hint(mode, &consensus));
        }
    }
    for ago in
        [Ago::Now, Ago::Seconds(10), Ago::Minutes(1), Ago::Hours(1), Ago::Days(1), Ago::Days(2)]
    {
        said.push(words.ago(ago));
    }
    for consensus in [
        ConsensusChoice::USUAL,
        ConsensusChoice::Open,
        ConsensusChoice::Authority { members: Vec::new(), patience: 1, members_write: true },
    ] {
        said.push(words.consensus(&consensus));
    }
    said.extend(RULES.map(|code| words.block_fault(3, code)));
    said.push(words.block_fault(3, "a-rule-of-tomorrow"));
    for n in 0..=2 {
        said.extend([words.pending_count(n), words.and_more(n), words.block(n)]);
        said.extend([words.confirmations(n), words.entries(n), words.coins(n.into())]);
        said.extend([words.peer_count(n as usize), words.retry(n.into(), 1)]);
        said.extend([words.validation_progress(1, n), words.transfer(n.into(), "x")]);
    }
    said.extend([words.clock_offset(-3), words.clock_offset(3), words.typed(5, 32_768)]);
    said.extend(of_branches_proofs_and_searches(words));
    said.extend(of_members(words));
    said.extend(of_files_and_the_wallet(words));
    said.extend(of_rooms(words));
    said.extend(of_the_network(words));
    said.extend([words.entry_refused("x", None), words.entry_refused("x", Some("y"))]);
    said
}

fn all_texts(words: &dyn Words) -> Vec<(&'static str, &'static str)> {
    [words.texts().all(), words.network().all(), words.paper().all()].concat()
}

#[test]
fn no_text_is_empty_in_any_language() {
    for language in Language::ALL {
        let words = language.words();
        for (name, text) in all_texts(words) {
            assert!(!text.trim().is_empty(), "{}: {name}", language.tag());
        }
        for (name, text) in language.words().rooms().all() {
            assert!(!text.trim().is_empty(), "{}: {name}", language.tag());
        }
        for said in everything(language.words()) {
            assert!(!said.trim().is_empty(), "{}", language.tag());
        }
    }
}

#[test]
fn every_text_is_translated() {
    let [english, korean] = Language::ALL.map(Language::words);
    for ((name, en), (_, ko)) in all_texts(english).into_iter().zip(all_texts(korean)) {
        // Proper names and keys are the same everywhere.
        if !matches!(name, "as_json" | "shortcut") {
            assert_ne!(en, ko, "{name}");
        }
    }
    let rooms = [english, korean].map(|words| words.rooms().all());
    for ((name, en), (_, ko)) in rooms[0].iter().zip(&rooms[1]) {
        assert_ne!(en, ko, "{name}");
    }
    let hangul = |text: &str| text.chars().any(|c| ('가'..='힣').contains(&c));
    for (en, ko) in everything(english).into_iter().zip(everything(korean)) {
        assert!(!hangul(&en), "{en}");
        assert!(hangul(&ko) || ko == korean.typed(5, 32_768), "{ko}");
    }
}

#[test]
fn every_rule_has_words_and_an_unknown_one_shows_its_code() {
    for language in Language::ALL {
        let words = language.words();
        for code in RULES {
            let said = words.block_fault(7, code);
            assert!(said.contains(&format!("({code})")), "{said}");
        }
        assert!(words.block_fault(7, "a-rule-of-tomorrow").contains("a-rule-of-tomorrow"));
        assert!(words.link_reason(LinkReason::Refused { code: 99 }).contains("99"));
    }
}

#[test]
fn tells_what_a_reorganisation_did() {
    let returned = chain_wasm::api::Returned { waiting: 2, kept: 1, ..Default::default() };
    let what = Reorganisation { abandoned: 1, adopted: 3, returned };
    assert_eq!(
        Language::English.words().reorganisation(&what),
        "A branch with more work won: 1 block replaced by 3 blocks. Sent back to wait for a block: \
         2 entries. In the new branch too: 1 entry."
    );
    assert!(Language::Korean.words().reorganisation(&what).contains("블록 3개"));
}

#[test]
fn counts_have_their_plural() {
    let words = Language::English.words();
    assert_eq!(words.confirmations(1), "1 confirmation");
    assert_eq!(words.confirmations(1200), "1,200 confirmations");
    assert_eq!(words.peer_count(0), "no other tab");
}

#[test]
fn a_hash_rate_says_how_many_workers_made_it() {
    let [english, korean] = Language::ALL.map(Language::words);
    let rate = |workers| HashRateView { per_second: 36_240_000.0, workers };
    assert_eq!(english.hash_rate(rate(0)), "36.2 MH/s");
    assert_eq!(english.hash_rate(rate(1)), "36.2 MH/s, 1 worker");
    assert_eq!(english.hash_rate(rate(3)), "36.2 MH/s, 3 workers");
    assert_eq!(korean.hash_rate(rate(3)), "36.2 MH/s, 워커 3개");
}

#[test]
fn a_languages_tag_finds_it() {
    assert_eq!(Language::of_tag("ko-KR"), Some(Language::Korean));
    assert_eq!(Language::of_tag("EN"), Some(Language::English));
    assert_eq!(Language::of_tag("fr"), None);
}

#[test]
fn a_key_is_named_in_each_language() {
    let name = Name::of(&PublicKey::from_bytes([3; 32]));
    let [english, korean] = Language::ALL.map(|language| language.words().name(&name));
    assert_ne!(english, korean);
}
