//! What the form for a new room takes, and the room that comes of it.

use std::collections::BTreeSet;

use chain_wasm::api::{ConsensusChoice, MAX_MEMBERS, PrivateRoom, RoomChoice, is_valid_room_name};
use chain_wasm::primitives::PublicKey;
use chain_wasm::private::RoomSecret;

/// The times between blocks that are offered, in milliseconds.
pub(crate) const TARGETS: [u32; 8] =
    [1_000, 2_000, 5_000, 10_000, 30_000, 60_000, 300_000, 600_000];

/// The waits for a member whose turn it is that are offered, in milliseconds.
pub(crate) const PATIENCES: [u32; 5] = [1_000, 2_000, 5_000, 15_000, 60_000];

/// How blocks are agreed on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Rule {
    /// By proof of work.
    #[default]
    Work,
    /// By members' signatures.
    Authority,
    /// By nothing.
    Open,
}

/// What has been entered.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "four boxes to be ticked")]
pub(crate) struct Draft {
    /// The name, as typed.
    pub(crate) name: String,
    /// How blocks are agreed on.
    pub(crate) rule: Rule,
    /// The time between blocks by proof of work, in milliseconds.
    pub(crate) target: u32,
    /// How long a member waits for another, in milliseconds.
    pub(crate) patience: u32,
    /// Members' keys, as pasted: digits or addresses of authors, with anything between.
    pub(crate) members: String,
    /// Whether this tab is a member.
    pub(crate) with_me: bool,
    /// How many members get their key with their link.
    pub(crate) invited: usize,
    /// Whether only members may write.
    pub(crate) members_write: bool,
    /// Whether it is a lab.
    pub(crate) lab: bool,
    /// Whether it is private.
    pub(crate) private: bool,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            name: String::new(),
            rule: Rule::Work,
            target: 1_000,
            patience: 2_000,
            members: String::new(),
            with_me: true,
            invited: 0,
            members_write: false,
            lab: false,
            private: false,
        }
    }
}

/// What is wrong with the members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum MemberFault {
    /// There are none.
    Nobody,
    /// There are more than a room has.
    TooMany {
        /// How many.
        count: usize,
    },
    /// A part of what was pasted is no key.
    Unreadable {
        /// Its beginning.
        part: String,
    },
}

/// What is wrong with what was entered, by its field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct DraftFaults {
    /// The name is none.
    pub(crate) name: bool,
    /// The members.
    pub(crate) members: Option<MemberFault>,
}

impl Draft {
    /// Checks it. Gives the members' keys that were pasted.
    ///
    /// # Errors
    /// [`DraftFaults`]
    pub(crate) fn check(&self) -> Result<BTreeSet<PublicKey>, DraftFaults> {
        let members = match self.rule {
            Rule::Authority => self.pasted().and_then(|pasted| self.count_of(pasted)),
            Rule::Work | Rule::Open => Ok(BTreeSet::new()),
        };
        let name = !is_valid_room_name(self.name.trim());
        match members {
            Ok(members) if !name => Ok(members),
            members => Err(DraftFaults { name, members: members.err() }),
        }
    }

    fn pasted(&self) -> Result<BTreeSet<PublicKey>, MemberFault> {
        let parts = self.members.split(|c: char| c.is_whitespace() || c == ',' || c == ';');
        let parts = parts.filter(|part| !part.is_empty());
        parts.map(|part| member(part).ok_or_else(|| unreadable(part))).collect()
    }

    fn count_of(&self, pasted: BTreeSet<PublicKey>) -> Result<BTreeSet<PublicKey>, MemberFault> {
        match pasted.len() + self.made() {
            0 => Err(MemberFault::Nobody),
            count if count > MAX_MEMBERS => Err(MemberFault::TooMany { count }),
            _ => Ok(pasted),
        }
    }

    /// How many members' keys are to be made.
    pub(crate) fn made(&self) -> usize {
        match self.rule {
            Rule::Authority => self.invited + usize::from(self.with_me),
            Rule::Work | Rule::Open => 0,
        }
    }

    /// The room, with these members and that secret.
    pub(crate) fn room(
        &self,
        members: BTreeSet<PublicKey>,
        secret: Option<RoomSecret>,
    ) -> RoomChoice {
        let consensus = match self.rule {
            Rule::Work => ConsensusChoice::Work { target: self.target },
            Rule::Open => ConsensusChoice::Open,
            Rule::Authority => ConsensusChoice::Authority {
                members: members.into_iter().collect(),
                patience: self.patience,
                members_write: self.members_write,
            },
        };
        let name = self.name.trim().to_owned();
        RoomChoice { name, consensus, lab: self.lab, private: secret.map(PrivateRoom::of) }
    }
}

/// A key, or the address of its author's page.
fn member(part: &str) -> Option<PublicKey> {
    let from_address = || {
        let (_, key) = part.split_once("/author/")?;
        PublicKey::parse(key.split(['?', '/']).next()?)
    };
    PublicKey::parse(part).or_else(from_address)
}

fn unreadable(part: &str) -> MemberFault {
    const SHOWN: usize = 20;
    let cut = part.chars().count() > SHOWN;
    let mut part: String = part.chars().take(SHOWN).collect();
    if cut {
        part.push('…');
    }
    MemberFault::Unreadable { part }
}

#[cfg(test)]
mod tests {
    use chain_wasm::api::MAX_ROOM_NAME;

    use super::*;

    fn key(n: u8) -> PublicKey {
        PublicKey::from_bytes([n; 32])
    }

    fn authority(members: &str) -> Draft {
        Draft {
            name: "a".into(),
            rule: Rule::Authority,
            members: members.into(),
            with_me: false,
            ..Draft::default()
        }
    }

    fn fault(draft: &Draft) -> Option<MemberFault> {
        draft.check().err().and_then(|faults| faults.members)
    }

    #[test]
    fn a_room_has_a_name_within_its_bounds() {
        let named = |name: &str| Draft { name: name.into(), ..Draft::default() }.check();
        assert!(named(" tea time ").is_ok());
        assert!(named(&"x".repeat(MAX_ROOM_NAME)).is_ok());
        for name in ["", "  ", "a\u{7}b", &"x".repeat(MAX_ROOM_NAME + 1)] {
            assert!(named(name).is_err_and(|faults| faults.name), "{name:?}");
        }
    }

    #[test]
    fn members_are_pasted_as_keys_or_addresses_with_anything_between() {
        let [a, b] = [key(1), key(2)];
        let text = format!("{a},\n http://host/#/r/x/author/{b}?lab=1 ; {a}");
        assert_eq!(authority(&text).check(), Ok([a, b].into()));
        for (text, part) in [("abc", "abc"), (&a.to_string()[1..], "10101010101010101010…")] {
            let part = part.replace("10101010101010101010", &text[..text.len().min(20)]);
            let expected = MemberFault::Unreadable { part };
            assert_eq!(fault(&authority(text)), Some(expected), "{text}");
        }
    }

    #[test]
    fn there_are_members_and_not_too_many() {
        assert_eq!(fault(&authority("")), Some(MemberFault::Nobody));
        assert_eq!(fault(&Draft { with_me: true, ..authority("") }), None);
        let most =
            Draft { with_me: true, invited: MAX_MEMBERS - 2, ..authority(&key(1).to_string()) };
        assert_eq!((fault(&most), most.made()), (None, MAX_MEMBERS - 1));
        let more = Draft { invited: MAX_MEMBERS - 1, ..most };
        assert_eq!(fault(&more), Some(MemberFault::TooMany { count: MAX_MEMBERS + 1 }));
        // What is typed there does not matter in another room.
        assert_eq!(Draft { rule: Rule::Open, members: "x".into(), ..more }.check(), Ok([].into()));
    }

    #[test]
    fn the_room_is_what_was_entered() {
        let secret = RoomSecret::from_bytes([4; 32]);
        let draft = Draft { members_write: true, lab: true, ..authority("") };
        let room = draft.room([key(2), key(1)].into(), Some(secret));
        let consensus = ConsensusChoice::Authority {
            members: vec![key(1), key(2)],
            patience: 2_000,
            members_write: true,
        };
        let private = Some(PrivateRoom::of(secret));
        assert_eq!(room, RoomChoice { name: "a".into(), consensus, lab: true, private });
        let usual = Draft { name: " b ".into(), ..Draft::default() };
        assert_eq!(usual.room(BTreeSet::new(), None), RoomChoice::named("b".into()));
        assert!(TARGETS.contains(&usual.target) && PATIENCES.contains(&usual.patience));
    }
}
