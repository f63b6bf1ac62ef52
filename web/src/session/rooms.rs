//! Making rooms, opening private ones, and keys that come with an invitation.

use chain_wasm::api::{Access, Command, Outcome, PrivateRoom, RoomChoice};
use chain_wasm::primitives::{PublicKey, Seed};
use chain_wasm::private::RoomSecret;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::Session;
use crate::browser;
use crate::i18n::RoomTexts;
use crate::model::new_room::{Draft, DraftFaults};
use crate::model::route;
use crate::node_link::{CallError, Failure};

/// A room that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Created {
    /// The room, with its secret.
    pub(crate) room: RoomChoice,
    /// A key for each member who is to be invited.
    pub(crate) invited: Vec<Seed>,
    /// The key of this tab, if it is a member.
    own: Option<Seed>,
}

/// Why a room was not made.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum CreateFault {
    /// What was entered.
    Draft(DraftFaults),
    /// The browser gives no random numbers.
    Random,
    /// The node made no keys.
    Call(CallError),
}

/// Whether a room is private and its secret is not known.
pub(super) fn is_locked(room: &RoomChoice) -> bool {
    room.private.is_some_and(|room| !matches!(room.access(), Access::Granted(_)))
}

impl Session {
    /// One text about rooms in the current language; followed as it changes.
    pub(crate) fn room_text(
        self,
        text: fn(&'static RoomTexts) -> &'static str,
    ) -> impl Fn() -> &'static str + Copy + Send + Sync + 'static {
        move || text(self.words().rooms())
    }

    /// The private room of the address, if it is one; followed as it changes.
    pub(crate) fn private_room(self) -> Option<PrivateRoom> {
        self.room.with(|room| room.as_ref().ok().and_then(|room| room.private))
    }

    /// Whether this room is private and its secret is not known; followed as it changes.
    pub(crate) fn locked(self) -> bool {
        self.room.with(|room| room.as_ref().is_ok_and(is_locked))
    }

    /// The longest entry that the room takes, in bytes; followed as it changes.
    pub(crate) fn max_entry(self) -> usize {
        self.room
            .with(|room| room.as_ref().map_or(chain_wasm::api::MAX_ENTRY, RoomChoice::max_entry))
    }

    /// As [`Self::max_entry`], of this moment.
    pub(crate) fn max_entry_now(self) -> usize {
        untrack(|| self.max_entry())
    }

    /// Tries a secret. Gives whether it is the room's; then the room is entered.
    pub(crate) fn give_secret(self, secret: RoomSecret) -> bool {
        let Ok(room) = self.room.get_untracked() else { return false };
        let Some(private) = room.private else { return false };
        let private = PrivateRoom { secret: Some(secret), ..private };
        let fits = matches!(private.access(), Access::Granted(_));
        if fits {
            let room = RoomChoice { private: Some(private), ..room };
            let place = self.place.get_untracked();
            // The address that follows has no key any more.
            let invitation = self.invitation.get_untracked();
            browser::rooms::replace_fragment(&route::write_place(&room, &place));
            self.follow_address();
            self.invitation.set(invitation);
        }
        fits
    }

    /// Makes the room that was entered: its secret and the keys of its members.
    ///
    /// # Errors
    /// [`CreateFault`]
    pub(crate) async fn create(self, draft: Draft) -> Result<Created, CreateFault> {
        let mut members = draft.check().map_err(CreateFault::Draft)?;
        let secret = if draft.private {
            let bytes = browser::rooms::random().ok_or(CreateFault::Random)?;
            Some(RoomSecret::from_bytes(bytes))
        } else {
            None
        };
        let mut keys = Vec::new();
        for _ in 0..draft.made() {
            let (seed, author) = self.make_key().await.map_err(CreateFault::Call)?;
            keys.push(seed);
            members.insert(author);
        }
        let own = if keys.len() > draft.invited { keys.pop() } else { None };
        Ok(Created { room: draft.room(members, secret), invited: keys, own })
    }

    async fn make_key(self) -> Result<(Seed, PublicKey), CallError> {
        match self.call(Command::MakeKey).await? {
            Outcome::NewKey { seed, author } => Ok((seed, author)),
            _ => Err(CallError::Gone(Failure::Stopped)),
        }
    }

    /// Enters a room that was made here.
    pub(crate) fn enter(self, created: Created) {
        let Created { room, own, .. } = created;
        let address = route::write(&room);
        self.own_key.set_value(own.map(|key| (room, key)));
        browser::set_fragment(&address);
    }

    /// Takes the key that this tab is to have in a room that was made here.
    pub(super) fn take_own_key(self) {
        let Some((room, key)) = self.own_key.try_update_value(Option::take).flatten() else {
            return;
        };
        if self.room.with_untracked(|here| here.as_ref() == Ok(&room)) {
            spawn_local(async move {
                if let Err(error) = self.take_key(key).await {
                    browser::complain(&format!("{error:?}"));
                }
            });
        }
    }

    async fn take_key(self, seed: Seed) -> Result<(), CallError> {
        self.call(Command::TakeKey { seed }).await?;
        self.show_anew().await
    }

    /// Takes the key of the invitation in the place of this tab's.
    ///
    /// # Errors
    /// [`CallError`]
    pub(crate) async fn accept_invitation(self) -> Result<(), CallError> {
        let Some(seed) = self.invitation.get_untracked() else { return Ok(()) };
        self.take_key(seed).await?;
        self.forget_invitation();
        Ok(())
    }

    /// Answers an invitation: its key is in the address no longer, nor in the history.
    pub(crate) fn forget_invitation(self) {
        self.invitation.set(None);
        let place = self.place.get_untracked();
        browser::rooms::replace_fragment(&self.href(&place));
    }
}
