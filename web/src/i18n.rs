//! Every word of the page, in every language.
//!
//! [`Texts`] are the sentences without parts, [`Words`] those with parts; those of the
//! explorer are in a file of their own. A
//! language that lacks one does not compile.

mod en;
mod explorer;
mod ko;
mod lab;
mod members;
mod rooms;

use chain_wasm::api::{
    ApiError, BranchView, ConsensusChoice, EntryState, HashRateView, LinkReason, LinkView,
    MiningMode, PeerFault, ProofFault, ProofStanding, StorageReason, SyncView, ValidationReport,
};
use chain_wasm::key_file::KeyFileFault;

use crate::model::Reorganisation;
use crate::model::form::FormFault;
use crate::model::format::Ago;
use crate::model::name::Name;
use crate::model::peer::Relation;
use crate::model::route::RouteFault;
use crate::model::transfer::TransferFault;
use crate::node_link::{CallError, Failure};
use explorer::ExplorerWords;
pub(crate) use lab::{LabTexts, LabWords};
use members::MembersWords;
pub(crate) use network::NetworkTexts;
use network::NetworkWords;
pub(crate) use paper::PaperTexts;
use paper::PaperWords;
pub(crate) use rooms::{RoomTexts, RoomWords};

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// English.
    English,
    /// Korean.
    Korean,
}

impl Language {
    /// Every language, in the order in which they are offered.
    pub(crate) const ALL: [Self; 2] = [Self::English, Self::Korean];

    /// Its BCP 47 tag.
    pub(crate) const fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Korean => "ko",
        }
    }

    /// Its name in itself.
    pub(crate) const fn own_name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Korean => "한국어",
        }
    }

    /// The language of a BCP 47 tag, if the page has it.
    pub(crate) fn of_tag(tag: &str) -> Option<Self> {
        let primary = tag.split('-').next().unwrap_or_default();
        Self::ALL.into_iter().find(|language| language.tag().eq_ignore_ascii_case(primary))
    }

    /// Its words.
    pub(crate) fn words(self) -> &'static dyn Words {
        match self {
            Self::English => &en::English,
            Self::Korean => &ko::Korean,
        }
    }
}

macro_rules! texts {
    ($(#[$about:meta])* $kind:ident: $($name:ident),* $(,)?) => {
        $(#[$about])*
        pub(crate) struct $kind {
            $(
                #[doc = concat!("The text `", stringify!($name), "`.")]
                pub(crate) $name: &'static str,
            )*
        }

        #[cfg(test)]
        impl $kind {
            pub(super) fn all(&self) -> Vec<(&'static str, &'static str)> {
                vec![$((stringify!($name), self.$name)),*]
            }
        }
    };
}

mod network;
mod paper;

use texts;

texts! {
    /// What is said without parts.
    Texts:
    tagline, language, copy_link, link_copied, room, other_room, room_name,
    room_name_hint, enter_room,
    add_title, add_hint, entry_label, entry_kind, as_text, as_json, placeholder_text,
    placeholder_json, add_block, adding, shortcut,
    pending_title, pending_none, mine,
    chain_title, chain_starting, genesis, genesis_miner, hash, previous, merkle_root,
    history_root, time, sealed_by, nonce, difficulty, size, reward, more_details, you,
    show_all, show_all_failed, whole_entry, part_missing, try_again, loading, binary_data, show_older, dismiss, no_entries, nothing_precedes,
    network_title, leave, rejoin,
    node_title, this_tab, tab_number, wallet, height, tip, sealing, work_done,
    peers_title, alone, alone_short, open_tab, hidden, peer_sealing, unnamed_peer, ignored,
    mining_title, mining_when, mining_active, mining_idle, mining_now, mining_rate, mining_rate_unknown,
    waits_for_others, waits_for_others_alone,
    check_title, check_hint, validate, validating, valid, invalid,
    starting, slow_start, restart, reload,
    balance, forks_title, forks_none, forks_hint, older_block,
    prove, prove_hint, save_proof, save_proof_json, proof_title, proof_hint, choose_proof,
    proof_checking, proof_fails, proof_holds, signed_by, proven_in, sealed_at, proven_up_to,
    search_label, search_placeholder, search_button, search_on, back_to_chain, nowhere_title,
    nowhere, block_absent, entry_absent, neighbours, status, header_title, version, about_hash,
    about_version, about_height, about_previous, about_merkle_root, about_history_root,
    about_time, about_difficulty, about_nonce, recompute_title, recompute_hint, recompute,
    bytes_caption, computed, hash_same, hash_differs, not_mined, merkle_title, merkle_hint,
    entries_title, entry_title, open_entry, author, about_author, about_entry_time, media_type,
    about_media_type, about_entry_size, entry_id, about_entry_id, public_key, about_key,
    entries_signed, transfers_received, blocks_sealed, author_entries, counting, count_again,
    show_newer, show_newest, skip_to_content,
    as_file, add_file, drop_file, choose_file, file_stays, file_hash, hashing, cancel,
    file_searching, file_new, wallet_name, wallet_key, storage_kept, storage_may_go,
    storage_refused, storage_unavailable, send_coins, receiver, another_key, receiver_key,
    amount, send, history, history_none, nicknames, nicknames_hint, no_nickname, key_file,
    export_key, export_hint, passphrase, passphrase_again, passphrase_short, passphrase_differs,
    locking, save_key, key_saved, key_not_saved, import_key, import_hint, choose_key_file,
    same_key, unlocking, replace_key, key_imported,
}

/// What is said with parts.
pub(crate) trait Words:
    ExplorerWords + LabWords + MembersWords + NetworkWords + PaperWords + RoomWords
{
    /// What is said without parts.
    fn texts(&self) -> &'static Texts;
    /// The name of a key.
    fn name(&self, name: &Name) -> String;
    /// How a room agrees on blocks.
    fn consensus(&self, consensus: &ConsensusChoice) -> String;
    /// Why an address names no room.
    fn route_fault(&self, fault: RouteFault) -> String;
    /// Why what was typed cannot be sent.
    fn form_fault(&self, fault: FormFault) -> String;
    /// How much has been typed, and how much may be, in bytes.
    fn typed(&self, size: usize, limit: usize) -> String;
    /// The state of the connection, in one short line.
    fn link(&self, link: &LinkView) -> String;
    /// Why there is no connection.
    fn link_reason(&self, reason: LinkReason) -> String;
    /// What happens next, or what can be done about it.
    fn link_next(&self, link: &LinkView) -> String;
    /// How long until the next try.
    fn retry(&self, seconds: u64, attempt: u32) -> String;
    /// How far this device's clock is off, in seconds; positive: it is behind.
    fn clock_offset(&self, seconds: i64) -> String;
    /// How far synchronisation is.
    fn sync(&self, sync: SyncView) -> String;
    /// Why nothing is stored, and what that means.
    fn memory_only(&self, reason: StorageReason) -> String;
    /// Why storing failed.
    fn storage_reason(&self, reason: StorageReason) -> String;
    /// What failed, in a few words.
    fn failure_title(&self, failure: &Failure) -> String;
    /// What that means and what can be done.
    fn failure_text(&self, failure: &Failure) -> String;
    /// Why the node refused.
    fn api_error(&self, error: &ApiError) -> String;
    /// Why a request came to nothing.
    fn call_error(&self, error: &CallError) -> String;
    /// Where an entry is, in a few words.
    fn entry_state(&self, state: EntryState, tip: u32) -> String;
    /// Where the entry that was added last is; `None` if it was refused after all.
    fn last_entry(&self, state: Option<EntryState>, tip: u32) -> String;
    /// How many entries wait for a block.
    fn pending_count(&self, count: u32) -> String;
    /// That more exist than are shown.
    fn and_more(&self, count: u32) -> String;
    /// The title of a block.
    fn block(&self, height: u32) -> String;
    /// How many confirmations a block has.
    fn confirmations(&self, count: u32) -> String;
    /// How many entries a block holds.
    fn entries(&self, count: u32) -> String;
    /// How long ago something was.
    fn ago(&self, ago: Ago) -> String;
    /// How many coins.
    fn coins(&self, count: u64) -> String;
    /// A transfer of coins to somebody.
    fn transfer(&self, amount: u64, to: &str) -> String;
    /// What a change of branch did.
    fn reorganisation(&self, what: &Reorganisation) -> String;
    /// That an entry can no longer be accepted, and which one won.
    fn entry_refused(&self, id: &str, winner: Option<&str>) -> String;
    /// How many other peers are in the room.
    fn peer_count(&self, count: usize) -> String;
    /// How a peer's chain stands to this tab's.
    fn relation(&self, relation: Relation) -> String;
    /// What a peer did wrong.
    fn peer_fault(&self, fault: PeerFault) -> String;
    /// That a peer did something wrong.
    fn fault_notice(&self, peer: &str, fault: PeerFault) -> String;
    /// When a tab mines, in a word or two.
    fn mining_mode(&self, mode: MiningMode) -> String;
    /// What that means in a room with such consensus.
    fn mining_hint(&self, mode: MiningMode, consensus: &ConsensusChoice) -> String;
    /// How quickly a tab mines.
    fn hash_rate(&self, rate: HashRateView) -> String;
    /// How far the full check is; a total of 0 is not known yet.
    fn validation_progress(&self, checked: u32, total: u32) -> String;
    /// What the full check did.
    fn validation(&self, report: &ValidationReport) -> String;
    /// Which rule is broken, by its code; `None` if the code is not known.
    fn rule(&self, code: &str) -> Option<&'static str>;
    /// Which rule a block breaks, by its code.
    fn block_fault(&self, height: u32, code: &str) -> String;
    /// A branch beside the chain.
    fn branch(&self, branch: &BranchView) -> String;
    /// Under which name a proof was saved.
    fn proof_saved(&self, name: &str) -> String;
    /// How what is proven stands to this tab's chain.
    fn proof_standing(&self, standing: ProofStanding) -> String;
    /// The newest block that a proof leads up to, and how many confirmations that makes.
    fn proof_reach(&self, height: u32, confirmations: u32) -> String;
    /// What of a proof does not hold.
    fn proof_fault(&self, fault: ProofFault) -> String;
    /// How much of a file has been hashed, in bytes.
    fn hashing(&self, name: &str, done: u64, size: u64) -> String;
    /// That a file could not be read, and what the browser says of it.
    fn file_unreadable(&self, why: &str) -> String;
    /// Where and since when the chain has a file, and by whom.
    fn file_known(&self, height: u32, since: &str, author: &str) -> String;
    /// That an entry about a file waits for a block, and whose.
    fn file_waits(&self, author: &str) -> String;
    /// Why a key file cannot be used.
    fn key_file_fault(&self, fault: KeyFileFault) -> String;
    /// What an import does: the name of the key that goes, of the one that comes, and the
    /// coins of the first.
    fn import_warning(&self, old: &str, new: &str, balance: u64) -> String;
    /// How many coins can be sent, waiting transfers counted.
    fn sendable(&self, coins: u64) -> String;
    /// Why coins cannot be sent.
    fn transfer_fault(&self, fault: TransferFault) -> String;
    /// That a transfer is accepted.
    fn transfer_accepted(&self, amount: u64, to: &str) -> String;
    /// What the history holds: at most so many entries.
    fn history_known(&self, limit: usize) -> String;
    /// Coins that were sent.
    fn sent(&self, amount: u64, to: &str) -> String;
    /// Coins that came.
    fn received(&self, amount: u64, from: &str) -> String;
    /// An entry that was written.
    fn wrote(&self, id: &str) -> String;
    /// A file that was noted down.
    fn wrote_file(&self, name: &str) -> String;
}

#[cfg(test)]
mod tests;
