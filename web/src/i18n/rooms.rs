//! What is said of rooms: making one, inviting into it, and what a private one hides.

use chain_wasm::api::RoomChoice;

use super::texts;
use crate::model::new_room::MemberFault;

texts! {
    /// What is said of rooms without parts.
    RoomTexts:
    new_room, new_room_title, new_room_hint, rule, rule_work, rule_work_hint, rule_authority,
    rule_authority_hint, rule_open, rule_open_hint, target, target_hint, patience,
    patience_hint, members, member_me, member_me_hint, member_keys, member_keys_hint,
    member_links, member_links_hint, writers, writers_anyone, writers_members, purpose,
    purpose_records, purpose_records_hint, purpose_lab, purpose_lab_hint, readers,
    readers_all, readers_all_hint, readers_members, readers_members_hint, summary, create,
    creating, no_randomness, created, created_hint, created_keys_hint, own_key_kept,
    own_key_not_kept, own_link, own_key_failed, own_key_failed_hint, own_key_only_here,
    enter, invite,
    invite_hint, invite_private_hint, link, select_and_copy, share, without_secret,
    without_secret_hint, loopback, bases, close, locked, secret_title, secret_hint, secret,
    secret_missing, secret_wrong, secret_open, invited_title, invited_hint, invited_take,
    invited_decline, private, readable, readable_sealed, readable_all, readable_unknown,
    not_sealed, unreadable, opened, opening, opening_hint, add_private_hint, writers_closed, transfers_visible,
}

/// What is said of rooms with parts.
pub(crate) trait RoomWords {
    /// What is said of rooms without parts.
    fn rooms(&self) -> &'static RoomTexts;
    /// A length of time, in milliseconds.
    fn interval(&self, millis: u32) -> String;
    /// What a room will be.
    fn room_summary(&self, room: &RoomChoice, members: usize) -> String;
    /// What is wrong with a new room's members.
    fn member_fault(&self, fault: &MemberFault) -> String;
    /// The link of the n-th invited member, from 1.
    fn member_link(&self, n: usize) -> String;
    /// What a QR code holds.
    fn qr_code(&self, room: &str) -> String;
}
