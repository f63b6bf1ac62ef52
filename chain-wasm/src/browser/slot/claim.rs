//! Claiming a slot by messages, where the browser has no locks.
//!
//! Every tab of one chain hears the others' messages. A tab asks for a slot
//! ([`ClaimMessage::Claim`]) and waits [`OBJECTION`]; tabs that hold a slot answer
//! with it, so that one question finds all that are taken. Of two tabs that ask for
//! the same slot at once the one with the smaller random token gets it. If nobody
//! objects, the slot is the tab's; otherwise it asks for the lowest one that nobody
//! named.
//!
//! A tab whose worker is stopped or busy for longer than that cannot object. Then
//! two tabs hold one slot, and the store's owner record keeps the older of them from
//! writing (see [`storage`](super::super::storage)).

use std::collections::{BTreeSet, VecDeque};

use serde::{Deserialize, Serialize};

use crate::primitives::Instant;

/// How long others may take to object, in milliseconds. An idle tab answers within
/// a few; a claim takes this long, or twice as long where slot 0 is taken.
pub(super) const OBJECTION: u64 = 200;

/// What tabs tell each other about slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum ClaimMessage {
    /// The sender wants this slot.
    Claim {
        /// The slot.
        slot: u32,
        /// The sender's random number: the smaller one wins.
        token: u64,
    },
    /// The sender has this slot.
    Held {
        /// The slot.
        slot: u32,
    },
}

/// Where a claim stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ClaimState {
    /// Waiting for objections until then.
    Asking {
        /// The slot asked for.
        slot: u32,
        /// When nobody can object any more.
        until: Instant,
    },
    /// The slot is this tab's.
    Held {
        /// The slot.
        slot: u32,
    },
    /// Every slot is taken.
    Full,
}

/// One tab's claim, without the channel.
pub(super) struct Claim {
    token: u64,
    slots: u32,
    /// At most `slots` of them.
    taken: BTreeSet<u32>,
    state: ClaimState,
    outputs: VecDeque<ClaimMessage>,
}

impl Claim {
    /// Asks for the first of `slots` slots.
    pub(super) fn new(token: u64, slots: u32, now: Instant) -> Self {
        let mut claim = Self {
            token,
            slots,
            taken: BTreeSet::new(),
            state: ClaimState::Full,
            outputs: VecDeque::new(),
        };
        claim.ask(now);
        claim
    }

    /// Where the claim stands.
    pub(super) const fn state(&self) -> ClaimState {
        self.state
    }

    /// The next message to send to the other tabs.
    pub(super) fn poll_output(&mut self) -> Option<ClaimMessage> {
        self.outputs.pop_front()
    }

    /// Takes another tab's message.
    pub(super) fn message(&mut self, message: ClaimMessage) {
        match (message, self.state) {
            (ClaimMessage::Claim { .. }, ClaimState::Held { slot }) => {
                self.outputs.push_back(ClaimMessage::Held { slot });
            }
            (ClaimMessage::Claim { slot, token }, ClaimState::Asking { slot: wanted, .. })
                if slot == wanted && token > self.token =>
            {
                self.outputs.push_back(ClaimMessage::Claim { slot, token: self.token });
            }
            (
                ClaimMessage::Claim { slot, .. } | ClaimMessage::Held { slot },
                ClaimState::Asking { .. },
            ) if slot < self.slots => {
                self.taken.insert(slot);
            }
            _ => {}
        }
    }

    /// Decides, if nobody can object any more.
    pub(super) fn wakeup(&mut self, now: Instant) {
        if let ClaimState::Asking { slot, until } = self.state
            && now >= until
        {
            if self.taken.contains(&slot) {
                self.ask(now);
            } else {
                self.state = ClaimState::Held { slot };
            }
        }
    }

    fn ask(&mut self, now: Instant) {
        let free = (0..self.slots).find(|slot| !self.taken.contains(slot));
        self.state = match free {
            Some(slot) => {
                self.outputs.push_back(ClaimMessage::Claim { slot, token: self.token });
                ClaimState::Asking { slot, until: now.after(OBJECTION) }
            }
            None => ClaimState::Full,
        };
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SLOTS: u32 = 8;

    /// A tab that starts at some time and hears messages after some delay.
    struct Tab {
        start: u64,
        delay: u64,
        claim: Option<Claim>,
        inbox: Vec<(u64, ClaimMessage)>,
    }

    /// Plays tabs, given by start and delay in milliseconds, until all have decided.
    fn play(tabs: &[(u64, u64)]) -> Vec<ClaimState> {
        let mut tabs: Vec<_> = tabs
            .iter()
            .map(|(start, delay)| Tab {
                start: *start,
                delay: *delay,
                claim: None,
                inbox: Vec::new(),
            })
            .collect();
        for now in 0..20_000 {
            for at in 0..tabs.len() {
                let token = (at as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
                let tab = &mut tabs[at];
                if tab.start == now {
                    tab.claim = Some(Claim::new(token, SLOTS, Instant(now)));
                }
                let Some(claim) = &mut tab.claim else { continue };
                let due: Vec<_> = tab.inbox.extract_if(.., |(due, _)| *due <= now).collect();
                for (_, message) in due {
                    claim.message(message);
                }
                claim.wakeup(Instant(now));
                let messages: Vec<_> = std::iter::from_fn(|| claim.poll_output()).collect();
                for (other, tab) in tabs.iter_mut().enumerate() {
                    // A tab that has not started hears nothing.
                    if other != at && tab.start <= now {
                        let due = now + tab.delay;
                        tab.inbox.extend(messages.iter().map(|message| (due, *message)));
                    }
                }
            }
        }
        tabs.iter().map(|tab| tab.claim.as_ref().expect("started").state()).collect()
    }

    fn held(slot: u32) -> ClaimState {
        ClaimState::Held { slot }
    }

    #[test]
    fn a_lone_tab_gets_the_first_slot() {
        assert_eq!(play(&[(0, 1)]), [held(0)]);
    }

    #[test]
    fn tabs_opened_one_after_the_other_get_the_lowest_free_slots() {
        assert_eq!(play(&[(0, 1), (1_000, 1), (2_000, 1)]), [held(0), held(1), held(2)]);
    }

    #[test]
    fn two_tabs_that_ask_at_once_get_different_slots() {
        let states = play(&[(0, 1), (0, 1)]);
        assert!(states == [held(0), held(1)] || states == [held(1), held(0)], "{states:?}");
    }

    #[test]
    fn the_last_tab_is_told_that_every_slot_is_taken() {
        let starts: Vec<_> = (0..=u64::from(SLOTS)).map(|at| (at * 1_000, 1)).collect();
        let states = play(&starts);
        assert_eq!(states.last(), Some(&ClaimState::Full));
        assert_eq!(states[SLOTS as usize - 1], held(SLOTS - 1));
    }

    #[test]
    fn what_others_say_about_slots_that_do_not_exist_takes_no_room() {
        let mut claim = Claim::new(1, SLOTS, Instant(0));
        for slot in 0..10_000 {
            claim.message(ClaimMessage::Held { slot: SLOTS + slot });
            claim.message(ClaimMessage::Claim { slot: SLOTS + slot, token: 0 });
        }
        assert!(claim.taken.is_empty());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_two_tabs_get_one_slot(
            tabs in prop::collection::vec((0_u64..600, 0..OBJECTION / 2), 1..SLOTS as usize),
        ) {
            let mut slots = BTreeSet::new();
            for state in play(&tabs) {
                let ClaimState::Held { slot } = state else { panic!("{state:?} with {tabs:?}") };
                prop_assert!(slots.insert(slot), "slot {} twice with {:?}", slot, tabs);
            }
        }
    }
}
