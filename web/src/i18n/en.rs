//! English.

mod explorer;
mod lab;
mod members;
mod network;
mod paper;
mod rooms;
mod texts;

use chain_wasm::api::{
    ApiError, BranchView, ConsensusChoice, EntryState, HashRateView, LinkReason, LinkView,
    MAX_QUERY, MiningMode, PeerFault, ProofFault, ProofStanding, StorageReason, SyncView,
    ValidationReport,
};

use super::{ExplorerWords, Texts, Words};
use crate::model::Reorganisation;
use crate::model::confirmations;
use crate::model::file::percent;
use crate::model::form::FormFault;
use crate::model::format::{self, Ago, bytes, grouped};
use crate::model::name::Name;
use crate::model::peer::Relation;
use crate::model::route::RouteFault;
use crate::model::transfer::TransferFault;
use crate::node_link::{BOOT_TIMEOUT, CallError, Failure};
use chain_wasm::key_file::KeyFileFault;

/// English.
pub(super) struct English;

impl Words for English {
    fn texts(&self) -> &'static Texts {
        &texts::TEXTS
    }

    fn name(&self, name: &Name) -> String {
        name.english()
    }

    fn consensus(&self, consensus: &ConsensusChoice) -> String {
        match consensus {
            ConsensusChoice::Work { .. } => "Proof of work",
            ConsensusChoice::Open => "Without proof of work",
            ConsensusChoice::Authority { .. } => "Sealed by members",
        }
        .into()
    }

    fn route_fault(&self, fault: RouteFault) -> String {
        match fault {
            RouteFault::Form => "This address names no room: it should end in #/r/ and a name.",
            RouteFault::Name => {
                "This room's name cannot be used. A name has 1 to 64 bytes and no control characters."
            }
            RouteFault::Private => "The address of this private room is not whole.",
            RouteFault::Consensus => {
                "This address asks for a kind of room that this page does not know."
            }
        }
        .into()
    }

    fn form_fault(&self, fault: FormFault) -> String {
        match fault {
            FormFault::Empty => {
                "Type something first: an entry holds at least one character.".into()
            }
            FormFault::NoFile => "Choose a file that is not in the chain yet.".into(),
            FormFault::TooLarge { size, limit } => format!(
                "This has {} bytes; an entry may have {}. Shorten it by {}.",
                grouped(size as u64),
                grouped(limit as u64),
                grouped(size.saturating_sub(limit) as u64)
            ),
            FormFault::Json { line, column, ends_early: true } => {
                format!("This JSON ends too early, at line {line}, column {column}.")
            }
            FormFault::Json { line, column, ends_early: false } => {
                format!("This is not JSON: see line {line}, column {column}.")
            }
        }
    }

    fn typed(&self, size: usize, limit: usize) -> String {
        format!("{} of {}", bytes(size as u64), bytes(limit as u64))
    }

    fn link(&self, link: &LinkView) -> String {
        match link {
            LinkView::Connecting { attempt: 0 | 1 } => "Connecting…".into(),
            LinkView::Connecting { attempt } => format!("Connecting, try {attempt}…"),
            LinkView::Online { whole: true, .. } => "Connected".into(),
            LinkView::Online { whole: false, .. } => "Connected to a relay that is cut off".into(),
            LinkView::Waiting { .. } => "Not connected".into(),
            LinkView::Offline { reason: LinkReason::Disconnected } => "You left the network".into(),
            LinkView::Offline { .. } => "Offline".into(),
        }
    }

    fn link_reason(&self, reason: LinkReason) -> String {
        match reason {
            LinkReason::Unreachable => "The relay does not answer.".into(),
            LinkReason::Lost => "The connection broke.".into(),
            LinkReason::Silent => "The relay has been silent for too long.".into(),
            LinkReason::Refused { code } => refusal(code),
            LinkReason::RelayStopping => "The relay is restarting.".into(),
            LinkReason::Version => "The relay speaks another version.".into(),
            LinkReason::BrowserOffline => "This device has no network.".into(),
            LinkReason::Disconnected => "Nothing is sent or received.".into(),
            LinkReason::InvalidAddress => "The relay's address cannot be opened.".into(),
        }
    }

    fn link_next(&self, link: &LinkView) -> String {
        match link {
            LinkView::Connecting { .. } | LinkView::Waiting { .. } => {
                "You can go on: entries are kept and sent once connected."
            }
            LinkView::Online { whole: true, .. } => "Entries reach every tab of this room.",
            LinkView::Online { whole: false, .. } => "This relay does not reach the other relays just now, so you see only the tabs at this one. Nothing is lost: entries are kept here, and reach all others once it does.",
            LinkView::Offline { reason: LinkReason::Disconnected } => {
                "Your entries wait here until you rejoin."
            }
            LinkView::Offline { reason: LinkReason::BrowserOffline } => {
                "It reconnects by itself once the network is back. Entries are kept."
            }
            LinkView::Offline { reason: LinkReason::Version } => {
                "Reload the page to get the new one."
            }
            LinkView::Offline { reason: LinkReason::InvalidAddress } => {
                "Open the page from the address that the relay prints."
            }
            LinkView::Offline { .. } => "Rejoin to try again. Entries are kept.",
        }
        .into()
    }

    fn retry(&self, seconds: u64, attempt: u32) -> String {
        match seconds {
            0 => format!("Trying again now (try {attempt})."),
            _ => format!("Trying again in {} s (try {attempt}).", grouped(seconds)),
        }
    }

    fn clock_offset(&self, seconds: i64) -> String {
        let by = grouped(seconds.unsigned_abs());
        let side = if seconds > 0 { "behind" } else { "ahead" };
        format!("This device's clock is {by} s {side}; the relay's is used.")
    }

    fn sync(&self, sync: SyncView) -> String {
        match sync {
            SyncView::Idle => "Up to date".into(),
            SyncView::Headers { height, target } => format!(
                "Checking headers: {} of {}",
                grouped(height.into()),
                grouped(target.into())
            ),
            SyncView::Blocks { done, total, rate } => format!(
                "Checking blocks: {} of {} · {} a second",
                grouped(done.into()),
                grouped(total.into()),
                grouped(rate.into())
            ),
        }
    }

    fn memory_only(&self, reason: StorageReason) -> String {
        let why = self.storage_reason(reason);
        format!("{why} This tab runs in memory: what only it holds is gone when it closes.")
    }

    fn storage_reason(&self, reason: StorageReason) -> String {
        match reason {
            StorageReason::Refused => {
                "The browser gives no storage (a private window, or its settings)."
            }
            StorageReason::Full => "The browser's storage is full: free some space.",
            StorageReason::Lost => "The browser's storage was closed or deleted.",
            StorageReason::Failed => "The browser's storage failed.",
        }
        .into()
    }

    fn failure_title(&self, failure: &Failure) -> String {
        match failure {
            Failure::NoWorker { .. } | Failure::Load { .. } | Failure::BootTimeout => {
                "The node could not be loaded"
            }
            Failure::Version { .. } => "The page and its node are of different versions",
            Failure::Start(ApiError::NewerStore) => "The stored chain is newer than this page",
            Failure::Start(ApiError::NoSlot) => "Too many tabs of this room are open",
            Failure::Start(_) => "The node did not start",
            Failure::Crashed { .. } => "The node crashed",
            Failure::Unreadable { .. } => "The page and its node do not understand each other",
            Failure::Stopped => "The node was stopped",
        }
        .into()
    }

    fn failure_text(&self, failure: &Failure) -> String {
        match failure {
            Failure::NoWorker { message } => {
                format!("This browser does not start module workers. It says: {message}")
            }
            Failure::Load { message } if message.is_empty() => {
                "Its script did not arrive. Is the relay still running?".into()
            }
            Failure::Load { message } => format!("Its script failed: {message}"),
            Failure::BootTimeout => {
                format!("It gave no sign within {} seconds.", BOOT_TIMEOUT / 1000)
            }
            Failure::Version { page, worker } => format!(
                "The page speaks version {page}, the node version {worker}. Reload the page to get \
                 the same version of both."
            ),
            Failure::Start(error) => self.api_error(error),
            Failure::Crashed { message } if message.is_empty() => {
                "What was stored is safe. Restart it to go on.".into()
            }
            Failure::Crashed { message } => {
                format!("What was stored is safe. Restart it to go on. It said: {message}")
            }
            Failure::Unreadable { message } => {
                format!("A message could not be read; reload the page. ({message})")
            }
            Failure::Stopped => "Restart it to go on.".into(),
        }
    }

    fn api_error(&self, error: &ApiError) -> String {
        match error {
            ApiError::InvalidRoom => self.route_fault(RouteFault::Name),
            ApiError::AlreadyStarted => "The node has been started already.".into(),
            ApiError::NotStarted => "The node has not started yet. Try again in a moment.".into(),
            ApiError::NoSlot => "Close another tab of this room, then restart the node.".into(),
            ApiError::WrongSecret => "This is not the secret of this private room.".into(),
            ApiError::NewerStore => "It was written by a newer version. Reload the page.".into(),
            ApiError::EmptyEntry => self.form_fault(FormFault::Empty),
            ApiError::EntryTooLarge { size, limit } => self.form_fault(FormFault::TooLarge {
                size: usize::try_from(*size).unwrap_or(usize::MAX),
                limit: usize::try_from(*limit).unwrap_or(usize::MAX),
            }),
            ApiError::InvalidMediaType => "The entry's media type is not valid.".into(),
            ApiError::InvalidAmount => "At least 1 coin must be sent.".into(),
            ApiError::InsufficientBalance { balance } => {
                format!("Not enough coins: {} can be sent.", self.coins(*balance))
            }
            ApiError::NotAMember => {
                "Only the room's members may write here, and this tab is none. Import a member's key under Wallet to write as that member.".into()
            }
            ApiError::MempoolFull => {
                "Too many entries wait for a block. Try again once some are in.".into()
            }
            ApiError::StorageFailed(reason) => {
                format!(
                    "It was not accepted, because it could not be stored. {}",
                    self.storage_reason(*reason)
                )
            }
            ApiError::PassphraseLength => self.texts().passphrase_short.into(),
            ApiError::KeyNotLocked => {
                "The browser gives no memory or no random numbers to lock the key with. Close other tabs and try again.".into()
            }
            ApiError::KeyFile(fault) => self.key_file_fault(*fault),
            ApiError::TooManyKeys => {
                "This tab has had too many keys to take another one. Open a new tab for it.".into()
            }
            ApiError::NotFound => "This node does not have it any more.".into(),
            ApiError::InvalidQuery => self.query_fault(MAX_QUERY),
            ApiError::Superseded => "The search was ended.".into(),
            ApiError::InvalidProof(fault) => self.proof_fault(*fault),
            ApiError::Busy => "An earlier request of this kind is not done yet. Try again in a moment.".into(),
            ApiError::NotLab => "This room is for records: there are no experiments in it.".into(),
            ApiError::NeedsWork => "Nobody mines in this room, so there is nothing to mine.".into(),
            ApiError::InvalidTampering => "The field cannot have this value, or has it already.".into(),
            ApiError::Offline => "This tab is not connected: reconnect first.".into(),
            ApiError::OnlyCopy => "No other tab is known to have this block. Yours is the only copy, so it is left alone.".into(),
            ApiError::Unreadable(what) => format!("The node could not read the request: {what}"),
        }
    }

    fn call_error(&self, error: &CallError) -> String {
        match error {
            CallError::Refused(error) => self.api_error(error),
            CallError::NotSent(what) => format!("The request could not be sent: {what}"),
            CallError::Gone(_) => {
                "The node stopped before it answered. Look at the chain before you try again."
                    .into()
            }
        }
    }

    fn entry_state(&self, state: EntryState, tip: u32) -> String {
        match state {
            EntryState::Stored => "stored, not sent yet".into(),
            EntryState::Announced => "sent to the room".into(),
            EntryState::Returned => "waits again after a change of branch".into(),
            EntryState::InBlock { height, .. } => format!(
                "in block {} · {}",
                grouped(height.into()),
                self.confirmations(confirmations(tip, height))
            ),
        }
    }

    fn last_entry(&self, state: Option<EntryState>, tip: u32) -> String {
        match state {
            None => "Your entry can no longer be accepted: another transfer came first.".into(),
            Some(EntryState::Stored) => {
                "Your entry is stored here. It is sent once this tab is connected.".into()
            }
            Some(EntryState::Announced) => "Your entry is sent and waits for a block…".into(),
            Some(EntryState::Returned) => {
                "Another branch replaced your entry's block. It waits for the next one.".into()
            }
            Some(state) => format!("Your entry is {}.", self.entry_state(state, tip)),
        }
    }

    fn pending_count(&self, count: u32) -> String {
        match count {
            1 => "1 entry".into(),
            _ => format!("{} entries", grouped(count.into())),
        }
    }

    fn and_more(&self, count: u32) -> String {
        format!("and {} more", grouped(count.into()))
    }

    fn block(&self, height: u32) -> String {
        format!("Block {}", grouped(height.into()))
    }

    fn confirmations(&self, count: u32) -> String {
        match count {
            1 => "1 confirmation".into(),
            _ => format!("{} confirmations", grouped(count.into())),
        }
    }

    fn entries(&self, count: u32) -> String {
        self.pending_count(count)
    }

    fn ago(&self, ago: Ago) -> String {
        match ago {
            Ago::Now => "just now".into(),
            Ago::Seconds(n) => format!("{n} s ago"),
            Ago::Minutes(n) => format!("{n} min ago"),
            Ago::Hours(n) => format!("{n} h ago"),
            Ago::Days(1) => "1 day ago".into(),
            Ago::Days(n) => format!("{} days ago", grouped(n)),
        }
    }

    fn coins(&self, count: u64) -> String {
        match count {
            1 => "1 coin".into(),
            _ => format!("{} coins", grouped(count)),
        }
    }

    fn transfer(&self, amount: u64, to: &str) -> String {
        format!("sends {} to {to}", self.coins(amount))
    }

    fn reorganisation(&self, what: &Reorganisation) -> String {
        let Reorganisation { abandoned, adopted, returned } = what;
        let blocks = |n: u32| if n == 1 { "1 block".into() } else { format!("{n} blocks") };
        let mut said = vec![format!(
            "A branch with more work won: {} replaced by {}.",
            blocks(*abandoned),
            blocks(*adopted)
        )];
        let entries = [
            (returned.waiting, "Sent back to wait for a block"),
            (returned.kept, "In the new branch too"),
            (returned.refused, "Refused, because the coins were spent"),
        ];
        for (count, what) in entries.into_iter().filter(|(count, _)| *count > 0) {
            said.push(format!("{what}: {}.", self.entries(count)));
        }
        said.join(" ")
    }

    fn entry_refused(&self, id: &str, winner: Option<&str>) -> String {
        match winner {
            Some(winner) => {
                format!("Transfer {id} is refused: {winner} spent the same coins first.")
            }
            None => format!("Transfer {id} is refused: its coins were spent first."),
        }
    }

    fn peer_count(&self, count: usize) -> String {
        match count {
            0 => "no other tab".into(),
            1 => "1 other tab".into(),
            _ => format!("{} other tabs", grouped(count as u64)),
        }
    }

    fn relation(&self, relation: Relation) -> String {
        let blocks = |n: u32| {
            if n == 1 { "1 block".into() } else { format!("{} blocks", grouped(n.into())) }
        };
        match relation {
            Relation::Same => "same chain".into(),
            Relation::Behind(n) => format!("{} behind", blocks(n)),
            Relation::Ahead(n) => format!("{} ahead", blocks(n)),
            Relation::Branch => "another branch".into(),
            Relation::Unknown => "says nothing yet".into(),
        }
    }

    fn peer_fault(&self, fault: PeerFault) -> String {
        match fault {
            PeerFault::UnreadableMessage => "sent a message that cannot be read",
            PeerFault::UnreadableStatus => "has a status that cannot be read",
            PeerFault::InvalidHeader => "sent a header that breaks a rule",
            PeerFault::InvalidBlock => "sent a block that breaks a rule",
            PeerFault::InvalidTransaction => "sent an entry that breaks a rule",
            PeerFault::Unasked => "sent an answer that nobody asked for",
        }
        .into()
    }

    fn fault_notice(&self, peer: &str, fault: PeerFault) -> String {
        format!("{peer} {} and is ignored. Your chain is unharmed.", self.peer_fault(fault))
    }

    fn mining_mode(&self, mode: MiningMode) -> String {
        match mode {
            MiningMode::OnDemand => "On demand",
            MiningMode::Always => "Always",
            MiningMode::Never => "Never",
        }
        .into()
    }

    fn mining_hint(&self, mode: MiningMode, consensus: &ConsensusChoice) -> String {
        match (mode, consensus) {
            (MiningMode::Never, _) => "Other tabs put this tab's entries into blocks.",
            (MiningMode::Always, ConsensusChoice::Work { .. }) => {
                "Blocks without entries too, without a pause. This uses all cores but one, and battery."
            }
            (MiningMode::Always, ConsensusChoice::Open) => {
                "Blocks cost no work in this room, so this is the same as on demand."
            }
            (MiningMode::Always, ConsensusChoice::Authority { .. }) => {
                "Members seal blocks in this room, so this is the same as on demand."
            }
            (MiningMode::OnDemand, _) => "Only while entries wait for a block.",
        }
        .into()
    }

    fn hash_rate(&self, rate: HashRateView) -> String {
        let speed = format::hash_rate(rate.per_second);
        match rate.workers {
            0 => speed,
            1 => format!("{speed}, 1 worker"),
            workers => format!("{speed}, {workers} workers"),
        }
    }

    fn validation_progress(&self, checked: u32, total: u32) -> String {
        match total {
            0 => "Validating…".into(),
            _ => format!("{} of {} blocks", grouped(checked.into()), grouped(total.into())),
        }
    }

    fn validation(&self, report: &ValidationReport) -> String {
        format!(
            "Checked {} blocks, {} transactions, {} signatures and {} hashes in {} ms. Supply: {}.",
            grouped(report.blocks.into()),
            grouped(report.transactions.into()),
            grouped(report.signatures.into()),
            grouped(report.hashes.into()),
            grouped(report.millis.into()),
            self.coins(report.supply)
        )
    }

    fn rule(&self, code: &str) -> Option<&'static str> {
        Some(match code {
            "encoding" => "it cannot be read",
            "version" => "its version is not the rules'",
            "height" => "its height does not follow",
            "previous-hash" => "it does not name the block before it",
            "hash" => "its hash is not the one it is kept under",
            "history-root" => "its history root does not match the blocks before it",
            "timestamp" => "its time is not after that of the blocks before it",
            "difficulty" => "its difficulty is not what the rule gives",
            "work" => "its hash does not meet its difficulty",
            "sealer" => "it names no member as its sealer",
            "patience" => "it was sealed out of turn, too soon after the block before it",
            "seal" => "its seal is not that of the member it names",
            "merkle-root" => "its Merkle root does not match its transactions",
            "size" => "it is too large",
            "coinbase" => "its reward is not what the rules give",
            "reward" => "its reward does not go to who sealed it",
            "transaction-writer" => "an entry is by somebody who may not write here",
            "transaction-chain" => "a transaction belongs to another chain",
            "transaction-signature" => "a transaction's signature does not fit",
            "transaction-data-size" => "an entry is empty or too large",
            "transaction-media-type" => "an entry's media type is not valid",
            "transaction-amount" => "a transfer's amount is not valid",
            "transaction-coinbase" => "a reward stands where none may",
            "transaction-duplicate" => "a transaction is in the chain twice",
            "transaction-overdraft" => "a transfer exceeds its author's balance",
            _ => return None,
        })
    }

    fn block_fault(&self, height: u32, code: &str) -> String {
        let block = self.block(height);
        match self.rule(code) {
            Some(rule) => format!("{block} breaks a rule: {rule} ({code})."),
            None => format!("{block} breaks a rule: {code}."),
        }
    }

    fn branch(&self, branch: &BranchView) -> String {
        let blocks = match branch.length {
            1 => "1 block".into(),
            length => format!("{} blocks", grouped(length.into())),
        };
        format!(
            "A branch of {blocks} leaves the chain after block {}. Its work is {}, the chain's from there on {}.",
            grouped(branch.fork_height.into()),
            format::difficulty(branch.work),
            format::difficulty(branch.chain_work)
        )
    }

    fn proof_saved(&self, name: &str) -> String {
        format!("Saved as {name}.")
    }

    fn proof_standing(&self, standing: ProofStanding) -> String {
        match standing {
            ProofStanding::InChain => "Its block is part of the chain that this tab has checked.",
            ProofStanding::NotInChain => {
                "Its block is not part of this tab's chain: it belongs to a branch that was left, \
                 was made up, or is newer than what this tab has. Ask for a newer proof."
            }
            ProofStanding::OtherRoom => {
                "It is of another room. Compare the newest block's hash below with what a tab of \
                 that room shows: whoever makes a proof can also make up a chain."
            }
        }
        .into()
    }

    fn proof_reach(&self, height: u32, confirmations: u32) -> String {
        format!("{}, {}", self.block(height), self.confirmations(confirmations))
    }

    fn proof_fault(&self, fault: ProofFault) -> String {
        match fault {
            ProofFault::Form => "This is not a proof file.",
            ProofFault::Version => "This proof file is of another version.",
            ProofFault::Contradiction => {
                "What this file says in words is not what its bytes hold: somebody has altered it."
            }
            ProofFault::Entry => "Its author did not sign this very entry for this room.",
            ProofFault::Block => "The entry is not in the block that the file names.",
            ProofFault::History => "The block is not below the newest block that the file names.",
            ProofFault::Opening => "The key in it does not open the entry.",
            ProofFault::Work => "A block in it does not have the work that its room asks for.",
            ProofFault::Seal => "A block in it is not sealed by a member of its room.",
        }
        .into()
    }
    fn hashing(&self, name: &str, done: u64, size: u64) -> String {
        format!("Hashing {name}: {} of {} ({}%)", bytes(done), bytes(size), percent(done, size))
    }

    fn file_unreadable(&self, why: &str) -> String {
        format!("The file could not be read. A folder cannot be added. ({why})")
    }

    fn file_known(&self, height: u32, since: &str, author: &str) -> String {
        format!(
            "This file is in block {} since {since}, written by {author}.",
            grouped(height.into())
        )
    }

    fn file_waits(&self, author: &str) -> String {
        format!("This file waits for a block already, written by {author}.")
    }

    fn key_file_fault(&self, fault: KeyFileFault) -> String {
        match fault {
            KeyFileFault::Foreign => "This is not a key file.",
            KeyFileFault::Newer => {
                "A newer version of Tabchain wrote this key file. Reload the page and try again."
            }
            KeyFileFault::Damaged => {
                "This key file is damaged: something in it has changed since it was saved."
            }
            KeyFileFault::WrongPassphrase => "The passphrase does not fit this key file.",
        }
        .into()
    }

    fn import_warning(&self, old: &str, new: &str, balance: u64) -> String {
        format!(
            "{new} takes the place of {old}, which this tab forgets. Its {} can then be spent only \
             with a key file of it: save one first. Entries that {old} signed stay and are sent on.",
            self.coins(balance)
        )
    }

    fn sendable(&self, coins: u64) -> String {
        format!("{} can be sent.", self.coins(coins))
    }

    fn transfer_fault(&self, fault: TransferFault) -> String {
        match fault {
            TransferFault::NoReceiver => "Choose a receiver, or paste a public key.".into(),
            TransferFault::Key => "A public key has 64 hex digits.".into(),
            TransferFault::Own => "This is your own key.".into(),
            TransferFault::Amount => "Enter a whole number, 1 or more.".into(),
            TransferFault::TooMuch { spendable: 0 } => {
                "You have no coins to send. Blocks that this tab mines pay some.".into()
            }
            TransferFault::TooMuch { spendable } => {
                format!("You can send {} at most.", self.coins(spendable))
            }
        }
    }

    fn transfer_accepted(&self, amount: u64, to: &str) -> String {
        format!("Accepted: {} for {to}, once a block holds the transfer.", self.coins(amount))
    }

    fn history_known(&self, limit: usize) -> String {
        format!("The newest {limit} at most, of the blocks that this page has loaded.")
    }

    fn sent(&self, amount: u64, to: &str) -> String {
        format!("− {} to {to}", self.coins(amount))
    }

    fn received(&self, amount: u64, from: &str) -> String {
        format!("+ {} from {from}", self.coins(amount))
    }

    fn wrote(&self, id: &str) -> String {
        format!("Entry {id}")
    }

    fn wrote_file(&self, name: &str) -> String {
        format!("File {name}")
    }
}

fn refusal(code: u16) -> String {
    match code {
        0 => "The relay could not read what this tab sent.",
        1 => "This tab sent more at once than the relay takes.",
        2 => "The relay speaks another version. Reload the page.",
        3 => "The relay did not accept this tab's signature.",
        4 => "The relay saw a registration out of order.",
        5 => "This tab registered too late.",
        6 => "This room is full.",
        7 => "The relay has no place for another room.",
        8 => "The relay has no place for another connection.",
        9 => "This tab sent too much in a short time.",
        10 => "This tab read too slowly; it fetches what it missed.",
        11 => "A newer connection took this tab's place.",
        12 => "This tab did not answer the relay in time.",
        13 => "The relay is stopping.",
        other => return format!("The relay refused the connection (code {other})."),
    }
    .into()
}
