//! Private rooms: what the node signs is sealed first, and what it shows was opened. The
//! chain itself knows nothing of it, so a node without the secret keeps the same chain.

use std::borrow::Cow;

use super::Node;
use super::events::count;
use crate::api::{ApiError, EntryKind, Privacy};
use crate::chain::spec::Spec;
use crate::chain::transaction::{Body, Transaction};
use crate::private::{self, EntryKey, Place, Plain, RoomSecret};

/// What a data entry says, as far as this node can read it.
#[derive(Debug)]
pub(super) struct Data<'a> {
    pub(super) media_type: Cow<'a, str>,
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) privacy: Privacy,
}

/// A secret, if it is the room's.
pub(super) fn fitting(secret: Option<RoomSecret>, spec: &Spec) -> Option<RoomSecret> {
    secret.filter(|secret| spec.terms().private == Some(secret.commitment()))
}

impl Data<'_> {
    /// What of it is shown, its data cut after so many bytes.
    pub(super) fn kind(&self, most: usize) -> EntryKind {
        EntryKind::Data {
            media_type: self.media_type.to_string(),
            size: count(self.bytes.len()),
            bytes: self.bytes.iter().take(most).copied().collect(),
        }
    }
}

impl From<Plain> for Data<'_> {
    fn from(plain: Plain) -> Self {
        let Plain { media_type, bytes } = plain;
        Self { media_type: media_type.into(), bytes: bytes.into(), privacy: Privacy::Opened }
    }
}

impl Node {
    /// Whether the room is private.
    fn is_private(&self) -> bool {
        self.chain.spec().terms().private.is_some()
    }

    /// The longest data entry that the room takes, in bytes.
    pub(super) fn max_entry(&self) -> usize {
        if self.is_private() { crate::api::MAX_PRIVATE_ENTRY } else { crate::api::MAX_ENTRY }
    }

    /// What is signed of an entry: in a private room, what only its members can read.
    pub(super) fn data_body(
        &mut self,
        media_type: String,
        bytes: Vec<u8>,
    ) -> Result<Body, ApiError> {
        if !self.is_private() {
            return Ok(Body::Data { media_type, bytes });
        }
        let secret = self.secret.ok_or(ApiError::WrongSecret)?;
        let place = Place { chain: self.chain.id(), author: self.wallet.public() };
        let nonce = self.random_bytes();
        let sealed = secret.seal(nonce, &place, &Plain { media_type, bytes });
        let bytes = sealed.map_err(|_| ApiError::WrongSecret)?;
        Ok(Body::Data { media_type: private::MEDIA_TYPE.to_owned(), bytes })
    }

    /// What an entry says; `None` if it is no data.
    pub(super) fn data_of<'a>(&self, entry: &'a Transaction) -> Option<Data<'a>> {
        let Body::Data { media_type, bytes } = entry.body() else { return None };
        let as_it_is = |privacy| Data {
            media_type: media_type.as_str().into(),
            bytes: bytes.as_slice().into(),
            privacy,
        };
        let Some((place, sealed)) = entry.sealed().filter(|_| self.is_private()) else {
            return Some(as_it_is(Privacy::Public));
        };
        let opened = self.secret.and_then(|secret| secret.open(&place, sealed).ok());
        Some(opened.map_or_else(|| as_it_is(Privacy::Unreadable), Data::from))
    }

    /// What shows a sealed entry of this room to an outsider.
    pub(super) fn opening_of(&self, entry: &Transaction) -> Option<EntryKey> {
        let (place, sealed) = entry.sealed()?;
        self.secret?.key_of(&place, sealed).ok()
    }
}
