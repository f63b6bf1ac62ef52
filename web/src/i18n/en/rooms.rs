//! What is said of rooms, in English.

use chain_wasm::api::{ConsensusChoice, MAX_MEMBERS, RoomChoice};

use super::super::rooms::{RoomTexts, RoomWords};
use super::English;
use crate::model::new_room::MemberFault;

static TEXTS: RoomTexts = RoomTexts {
    new_room: "New room",
    new_room_title: "A new room",
    new_room_hint: "A room is a chain of its own. What you choose here becomes part of its first block, so nobody can change it later, and its link holds everything that others need to join.",
    rule: "How tabs agree on blocks",
    rule_work: "Proof of work",
    rule_work_hint: "Any tab may seal a block by searching for a rare hash. To change the past, somebody would have to do all the work again.",
    rule_authority: "Members",
    rule_authority_hint: "Only the members you name seal blocks, in turn, at once and without mining.",
    rule_open: "Without proof of work",
    rule_open_hint: "Blocks cost nothing, so anybody can make a longer chain at will. Good for a first look.",
    target: "Time between blocks",
    target_hint: "What the difficulty aims at while entries keep coming. A longer time means fewer forks.",
    patience: "Wait for an absent member",
    patience_hint: "After so long another member seals the block out of turn.",
    members: "Members",
    member_me: "This tab",
    member_me_hint: "It gets a new key when you enter the room.",
    member_keys: "Members by key",
    member_keys_hint: "Public keys, 64 hex digits each, or links to authors' pages. A key from another room works here once its owner has imported its key file.",
    member_links: "Members by invitation",
    member_links_hint: "For each of them a key is made here and put into a link of their own. You see these keys: invite only who may rely on you for it, or ask for their public key instead.",
    writers: "Who may write",
    writers_anyone: "Everybody in the room",
    writers_members: "Only members",
    purpose: "What it is for",
    purpose_records: "Records",
    purpose_records_hint: "Entries that are meant to stay.",
    purpose_lab: "A lab",
    purpose_lab_hint: "For experiments: here the page offers to tamper with a copy, cut a tab off and mine in secret.",
    readers: "Who can read",
    readers_all: "Everybody who knows the name",
    readers_all_hint: "Entries are public.",
    readers_members: "Private: whoever has the link",
    readers_members_hint: "Entries are encrypted in the tab; the relay sees ciphertext only. Who writes, when, how much, and transfers with keys and amounts stay visible to it. Whoever has the link can read everything, and it cannot be taken back.",
    summary: "The room",
    create: "Create the room",
    creating: "Creating…",
    no_randomness: "The browser gives no random numbers, so there can be no secret.",
    created: "The room is ready",
    created_hint: "This link is all that others need. It exists from the moment somebody opens it.",
    created_keys_hint: "One link for each invited member, with a key in it. Copy them now: they are not kept. Each is for one person, who becomes a member by opening it.",
    own_key_kept: "This tab's key is kept in this browser until you enter the room, from here or by its link.",
    own_key_not_kept: "This browser keeps nothing, and nobody else has this tab's key. Copy the link below before you close the tab: it holds the key.",
    own_link: "Link for you alone, with this tab's key",
    own_key_failed: "This tab is not a member yet",
    own_key_failed_hint: "You made this room with a key for this tab, and the node has not taken it. The key is not lost. Try again; if that does not help, reload the page.",
    own_key_only_here: "You made this room with a key for this tab, and the node has not taken it. Only this tab has the key: try again, and neither close nor reload it before.",
    enter: "Enter the room",
    invite: "Invite",
    invite_hint: "Whoever opens this link joins the room as another node.",
    invite_private_hint: "This link holds the room's secret: whoever has it can read everything. The secret stands behind the # and is never sent to the relay.",
    link: "Link",
    select_and_copy: "Selected: copy it by hand",
    share: "Share…",
    without_secret: "Copy without the secret",
    without_secret_hint: "For a notice or a bookmark on a shared device: the page then asks for the secret.",
    loopback: "Other devices cannot use this address, which means “this device”. Open the page at the address that the relay prints when it starts, and invite from there.",
    bases: "This page is open at an address that means “this device”. Others reach the relay at one of these; choose the network that they are in",
    close: "Close",
    locked: "Not connected: the room's secret is missing",
    secret_title: "This room is private",
    secret_hint: "Paste its secret or its whole link. It is checked here, in this tab, and goes nowhere.",
    secret: "Secret or link",
    secret_missing: "Paste the secret or the link first.",
    secret_wrong: "This is not the secret of this room. A part of the link may be missing.",
    secret_open: "Open the room",
    invited_title: "You are invited with a key of your own",
    invited_hint: "With it this tab signs as the member that you were invited as; it takes the place of the tab's present key. Whoever sent you the link has seen it and could sign as you.",
    invited_take: "Use this key",
    invited_decline: "Not now",
    private: "private",
    readable: "Readable by",
    readable_sealed: "Whoever has the room's secret: it is sealed in the chain.",
    readable_all: "Everybody, the relay too: it is not sealed, and its author need not know the room's secret.",
    readable_unknown: "Not this tab: it was sealed with another secret, or is damaged.",
    not_sealed: "not sealed",
    unreadable: "Sealed with another secret, or damaged: it cannot be read here.",
    opened: "It is sealed in the chain, and was opened to be shown here.",
    opening: "Let whoever has the proof read the entry",
    opening_hint: "Adds the key of this one entry; it opens no other. Without it the proof shows that there is an entry, not what it says.",
    add_private_hint: "It is encrypted before it is signed: only who has this room's secret can read it. That you wrote, when, and about how much is visible.",
    writers_closed: "In this room only members may write, and this tab is not one: what you add here is refused. Ask a member for an invitation with a key, or to write it for you.",
    transfers_visible: "Transfers are not encrypted: keys and amounts are visible to everybody who carries the chain.",
};

impl RoomWords for English {
    fn rooms(&self) -> &'static RoomTexts {
        &TEXTS
    }

    fn interval(&self, millis: u32) -> String {
        let (count, unit) = match millis {
            0..1_000 => return format!("{millis} ms"),
            60_000.. if millis.is_multiple_of(60_000) => (millis / 60_000, "minute"),
            _ => (millis / 1_000, "second"),
        };
        if count == 1 { format!("1 {unit}") } else { format!("{count} {unit}s") }
    }

    fn room_summary(&self, room: &RoomChoice, members: usize) -> String {
        let rule = match &room.consensus {
            ConsensusChoice::Work { target } => {
                format!("blocks by proof of work, about {} apart", self.interval(*target))
            }
            ConsensusChoice::Open => "blocks that cost nothing".into(),
            ConsensusChoice::Authority { members_write, .. } => {
                let who =
                    if members == 1 { "1 member".into() } else { format!("{members} members") };
                let writers = if *members_write { ", who alone may write" } else { "" };
                format!("blocks sealed by {who}{writers}")
            }
        };
        let kind = match (room.private.is_some(), room.lab) {
            (true, true) => "A private lab",
            (true, false) => "A private room for records",
            (false, true) => "A public lab",
            (false, false) => "A public room for records",
        };
        format!("{kind}, with {rule}.")
    }

    fn member_fault(&self, fault: &MemberFault) -> String {
        match fault {
            MemberFault::Nobody => {
                "Name at least one member: without one nobody could seal a block.".into()
            }
            MemberFault::TooMany { count } => {
                format!("These are {count} members; a room has {MAX_MEMBERS} at most.")
            }
            MemberFault::Unreadable { part } => {
                format!("“{part}” is neither a public key of 64 hex digits nor an author's link.")
            }
        }
    }

    fn member_link(&self, n: usize) -> String {
        format!("Link for invited member {n}")
    }

    fn qr_code(&self, room: &str) -> String {
        format!("QR code of the link to the room {room}")
    }
}
