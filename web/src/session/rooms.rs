//! Making rooms, opening private ones, and keys that come with an invitation.

use chain_wasm::api::{Access, Command, Outcome, PrivateRoom, RoomChoice, StorageView};
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
    own: Option<OwnKey>,
}

/// The key of the tab that made a room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct OwnKey {
    seed: Seed,
    /// Whether the browser keeps it until the room's node does.
    kept: bool,
}

impl Created {
    /// Whether this tab is a member whose key is kept until the room is entered.
    pub(crate) fn is_own_kept(&self) -> bool {
        self.own.is_some_and(|own| own.kept)
    }

    /// The key of this tab where the browser does not keep it: the user has to.
    pub(crate) fn unkept(&self) -> Option<Seed> {
        self.own.filter(|own| !own.kept).map(|own| own.seed)
    }
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

    /// Makes the room that was entered: its secret and the keys of its members. This tab's
    /// own is kept before anybody can have the room's link.
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
        let room = draft.room(members, secret);
        let own = own.map(|seed| OwnKey { seed, kept: browser::own_key::keep(&room, seed) });
        Ok(Created { room, invited: keys, own })
    }

    async fn make_key(self) -> Result<(Seed, PublicKey), CallError> {
        match self.call(Command::MakeKey).await? {
            Outcome::NewKey { seed, author } => Ok((seed, author)),
            _ => Err(CallError::Gone(Failure::Stopped)),
        }
    }

    /// Enters a room that was made here.
    pub(crate) fn enter(self, created: Created) {
        let address = route::write(&created.room);
        self.own_key.set_value(created.unkept().map(|key| (created.room, key)));
        browser::set_fragment(&address);
    }

    /// Takes the key that the maker of this room is to have in it, if it was made in this
    /// browser and its node has not got it yet.
    pub(crate) fn take_own_key(self) {
        let here = self.model.with_untracked(|model| {
            let node = model.node.as_ref()?;
            Some((node.slot, node.storage == StorageView::Durable))
        });
        let (Ok(room), Some((slot, durable))) = (self.room.get_untracked(), here) else { return };
        let held = self.own_key.get_value().filter(|(made, _)| *made == room).map(|(_, key)| key);
        // One tab of the browser only, or two would seal in the name of one member.
        let kept = || browser::own_key::find(&room).filter(|_| slot == 0);
        let Some(key) = held.or_else(kept) else { return };
        self.own_key_fault.set(None);
        spawn_local(async move {
            match self.take_key(key).await {
                Ok(()) => {
                    self.own_key.set_value(None);
                    // A node that stores nothing has it only as long as the tab lives.
                    if durable {
                        browser::own_key::forget(&room);
                    }
                }
                Err(error) if self.is_here(&room) => self.own_key_fault.set(Some(error)),
                Err(_) => {}
            }
        });
    }

    /// Whether the browser keeps the key of this room's maker.
    pub(crate) fn keeps_own_key(self) -> bool {
        self.room
            .with(|room| room.as_ref().is_ok_and(|room| browser::own_key::find(room).is_some()))
    }

    fn is_here(self, room: &RoomChoice) -> bool {
        self.room.with_untracked(|here| here.as_ref() == Ok(room))
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
